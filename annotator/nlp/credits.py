"""Where a picture's credit stands in a line: "... in Yerevan. /Anna Sargsyan/Reuters"."""

from __future__ import annotations

import re
from functools import lru_cache

from annotator.nlp.zone_rules import Rules, key_of

LONGEST_CAPTION = 450
"""Longest line, in code points, that can be a caption."""

_LONGEST_CREDIT = 120
_LONGEST_PART = 60
_SMALL = frozenset(
    ("of", "the", "for", "and", "via", "by", "de", "von", "van", "der", "da", "di", "al", "el", "la", "le")
)
_NOT_BEFORE_CREDIT = frozenset(
    (
        "by",
        "from",
        "to",
        "and",
        "told",
        "with",
        "of",
        "at",
        "the",
        "in",
        "for",
        "or",
        "от",
        "из",
        "для",
        "и",
        "в",
        "на",
    )
)
_BEFORE = " /|–—-,(["
_END = " .)]»\"”'"
# "... at the pier. Anna Sargsyan" before "/Reuters"
_NAME_AT_END = re.compile(r"[.!?][\"”')]*\s+((?:[^\W\d_][\w.'’-]*\s?){1,4})\Z")
_COPYRIGHT_TAIL = re.compile(r"©\s?[^\d\s©][^©]{1,80}\Z")


def credit_start(line: str, rules: Rules) -> int | None:
    """Return the index in ``line`` where a picture's credit begins; 0 where it is all caption or credit.

    None where the line is no caption. ``line`` has no white space around it.
    """
    if len(line) > LONGEST_CAPTION:
        return None
    if rules.credit_begins.fits(key_of(line)):
        return 0 if _labelled(line) else None
    credited = line
    for after in rules.after_credits:
        if line[-len(after) :].casefold() == after:
            credited = line[: -len(after)].rstrip(" ,")
    for find in (_slashes, _brackets, _words, _copyright):
        start = find(credited, rules)
        if start is not None:
            return len(line[:start].rstrip(_BEFORE))
    return None


def _labelled(line: str) -> bool:
    """Tell whether "Photo by ..." at a line's start goes on as a label would, and not as a sentence."""
    head, colon, _ = line.partition(":")
    if colon and len(head) < 40:
        return True
    return len(line) <= _LONGEST_CREDIT * 2 and (not line.endswith(".") or _names(line.split(" ", 1)[-1]))


def _slashes(line: str, rules: Rules) -> int | None:
    """Find ``/Name/Agency`` or ``AGENCY/Name`` at the end of the line."""
    if "/" not in line[-_LONGEST_CREDIT:]:
        return None
    parts = line.split("/")
    start = len(line)
    agency = False
    for number in range(len(parts) - 1, 0, -1):
        part = parts[number].strip(_END)
        if len(part) > _LONGEST_PART or not part or not _names(part):
            break
        agency = agency or _is_agency(part, rules)
        start -= len(parts[number]) + 1
    if start == len(line):
        return None
    before = line[:start]
    named = _agency_at_end(before, rules)
    if named is not None:
        agency, start = True, named
    if not agency:
        return None
    if named is None and (name := _NAME_AT_END.search(before[-2 * _LONGEST_PART :])) and _names(name[1]):
        start -= len(name[1])
    words = line[:start].rstrip(" /").split()
    return None if words and words[-1].casefold() in _NOT_BEFORE_CREDIT else start


def _brackets(line: str, rules: Rules) -> int | None:
    """Find ``[Name/Agency]``, ``(Photo by Name)``, ``(Agency Photo)`` at the end of the line."""
    bare = line.rstrip(" .")
    if not bare.endswith((")", "]")):
        return None
    start = max(bare.rfind("("), bare.rfind("["))
    inside = bare[start + 1 : -1].strip()
    if start < 0 or not inside or len(inside) > _LONGEST_CREDIT:
        return None
    key = key_of(inside)
    if rules.credit_begins.fits(key) or key.startswith(("file", "архив")):
        return start
    parts = [part.strip() for part in re.split(r"[/|,]| via ", inside)]
    if not any(_is_agency(part, rules) for part in parts):
        return None
    # A bare "(Reuters)" closes a wire story as well; "[Reuters]" and "(Name/Reuters)" stand under pictures.
    return start if bare.endswith("]") or len(parts) > 1 or "photo" in key else None


def _words(line: str, rules: Rules) -> int | None:
    """Find ``Photo: Name`` and ``via Agency`` at the end of the line."""
    tail_at = max(0, len(line) - _LONGEST_CREDIT)
    tail = line[tail_at:]
    lowered = tail.casefold()
    if not any(word in lowered for word in (*rules.credit_words, " via ")):
        return None
    for match in reversed(list(_credit_words(tuple(rules.credit_words)).finditer(tail))):
        names = tail[match.end() :].strip(" :©" + _END)
        if names and _names(names):
            return tail_at + match.start(1)
    via = tail.casefold().rfind(" via ")
    if via >= 0 and _is_agency(tail[via + 5 :].strip(_END), rules):
        return tail_at + via + 1
    return None


def _copyright(line: str, _rules: Rules) -> int | None:
    """Find ``© Name`` at the end of the line; a year after the sign makes it a copyright line."""
    match = _COPYRIGHT_TAIL.search(line) if "©" in line else None
    return match.start() if match and _names(match[0].strip(" ©" + _END)) else None


@lru_cache(maxsize=4)
def _credit_words(words: tuple[str, ...]) -> re.Pattern[str]:
    choice = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.compile(rf"(?:^|[\s(\[./|–—-])((?:{choice})(?!\w)\s*[:©]?)", re.IGNORECASE)


def _is_agency(part: str, rules: Rules) -> bool:
    key = key_of(part)
    return key in rules.agencies or key.removeprefix("via ").removesuffix(" photo") in rules.agencies


def _agency_at_end(before: str, rules: Rules) -> int | None:
    """Return where the agency begins that ``before`` ends with, or None."""
    words = list(re.finditer(r"\S+", before[-_LONGEST_PART:]))
    offset = max(0, len(before) - _LONGEST_PART)
    for first in words[-3:]:
        if _is_agency(before[offset + first.start() :].strip(" ([" + _END), rules):
            return offset + first.start()
    return None


def _names(text: str) -> bool:
    """Tell whether ``text`` may be names: each word with a capital, or small as "of" is."""
    words = [word for word in re.split(r"[\s/|,&:;()\[\]–—-]+", text) if word]
    return len(words) <= 14 and all(
        not word[0].isalpha() or word[0].isupper() or not word[0].islower() or word.casefold() in _SMALL
        or "." in word[1:-1] for word in words
    )  # fmt: skip
