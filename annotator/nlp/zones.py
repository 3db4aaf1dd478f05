"""Zones of an article's text that are not its own prose: boilerplate, captions and the headline.

Pure functions on the text: line by line, with the phrases of :mod:`annotator.nlp.zone_rules` and what the
layout says (what repeats, what a list of links stands under). Imports neither spaCy nor Qt.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from annotator.model import Suggestion, ZoneDecisions
from annotator.nlp.credits import LONGEST_CAPTION, credit_start
from annotator.nlp.zone_rules import LineRule, Notice, Rules, key_of, load_rules, whole_key

LAYER = "zone"
COMPONENT = "zones"
BOILERPLATE = "boilerplate"
CAPTION = "caption"
HEADLINE = "headline"
SUGGESTED = (BOILERPLATE, CAPTION, HEADLINE)

_LONGEST_COMPARED = 5_000  # code points of a line that is looked for again further down
_LONGEST_LINK = 130
_LONGEST_HEAD = 60
_LONGEST_HEADLINE = 200
_LONGEST_MENU = 400
_LINKS = 15
_SUBHEADING = 4  # words: a line as short as that under a list of links heads the text that follows
_REPEATED_WORDS = 6
_ADDRESS_WORDS = 6  # words beside the address
_AROUND_REPEATS = " .:;,!…\"'«»()[]{}/|*•-–—"
_NAVIGATION = "a navigation line"

_SENTENCE_END = re.compile(r"[.…։:;,]['\"”’»)\]]*\Z")
_INITIALS = re.compile(r"(?:^|[\s(])(?:\w\.){2,}['\"”’»)\]]*\Z")
_PLACEHOLDER = re.compile(
    r"\[?(?:[\w-]*[-_](?:image|img|photo|picture|icon|logo|banner|avatar|thumb|thumbnail|placeholder)[\w-]*"
    r"|(?:image|img|photo|icon|logo|avatar|thumb)[-_][\w-]+|[\w-]+\.(?:jpe?g|png|gif|webp|svg))\]?\Z"
)
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+\Z")
_CONTACT = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\+\d[\d\s()/-]{6,20}"
)  # e-mail or telephone, and nothing else
_NO_WORD = re.compile(r"[\s,.:/|()–—-]+")
_NUMBERING = re.compile(r"\A(?:item \d+ of \d+|\d+/\d+\]?)\s*")  # of pictures
_PIECES = re.compile(r"\s*[|•·▪]\s*|\s+[>»/›]\s+|\s{2,}|\t")
_BETWEEN_PIECES = ("|", "•", "·", "▪", ">", "»", "/", "›", "\t", "  ")
_QUOTES = re.compile('["“”«»„]')


@dataclass(frozen=True, slots=True)
class Zone:
    """A stretch ``[start, end)``, in code points, of whole lines without the white space around them."""

    start: int
    end: int
    label: str
    reason: str


class _Line:
    """A line that is not blank. ``gap``: an empty line stands above it."""

    __slots__ = ("caption", "credit", "end", "gap", "key", "reason", "start", "text")

    def __init__(self, text: str, start: int, gap: bool) -> None:
        self.text = text
        self.start = start
        self.end = start + len(text)
        self.gap = gap
        self.key = key_of(text) if len(text) <= LONGEST_CAPTION else ""
        self.credit: int | None = None  # where the credit begins, in a caption
        self.reason: str | None = None  # why the line is boilerplate
        self.caption: str | None = None  # why it is a caption


def find_zones(text: str) -> tuple[Zone, ...]:
    """Return the zones of ``text`` in reading order; none overlaps another.

    ``text`` may have any length and any language. Raises :class:`annotator.model.PipelineError` where the
    rule files cannot be read.
    """
    rules = load_rules()
    lines = _lines(text)
    if not lines:
        return ()
    lowered = text.casefold()
    _mark_by_words(lines, rules, lowered)
    _mark_notices(lines, rules, lowered)
    _mark_lists(lines, rules)
    _mark_menus(lines, rules)
    _mark_beside(lines, rules)  # before a headline is looked for: "Our cookie policy" is none
    headline = _headline(lines, rules)
    _mark_repeats(lines, headline)
    _mark_beside(lines, rules)
    return tuple(_zones(lines, headline))


def settle(found: Iterable[Zone], decided: ZoneDecisions) -> tuple[Zone, ...]:
    """Return the zones that count, in reading order: what was found, after what a person decided.

    What was found counts no more where they rejected it, and where it overlaps a zone that they keep.
    """
    kept = [Zone(start, end, label, "decided by a person") for start, end, label in decided.kept]
    rejected = set(decided.rejected)
    free = [z for z in _beside(found, kept) if (z.start, z.end, z.label) not in rejected]
    return tuple(sorted([*free, *kept], key=lambda zone: (zone.start, zone.end)))


def zone_suggestions(found: Iterable[Zone], decided: ZoneDecisions) -> list[Suggestion]:
    """Return what was ``found`` as suggestions, in the same order.

    Also what a person has accepted or rejected already: it is open again when they take that back. Left
    out is what overlaps a zone that they keep without being on exactly its stretch.
    """
    stretches = {(start, end) for start, end, _ in decided.kept}
    kept = [Zone(start, end, label, "") for start, end, label in decided.kept]
    found = list(found)
    free = set(_beside(found, kept))
    return [
        Suggestion(layer=LAYER, label=z.label, start=z.start, end=z.end, component=COMPONENT, reason=z.reason)
        for z in found
        if z in free or (z.start, z.end) in stretches
    ]


def _beside(found: Iterable[Zone], kept: Sequence[Zone]) -> Iterator[Zone]:
    """Yield the zones that overlap none of those kept (a quote lies within others and takes nothing away)."""
    against = Stretches(zone for zone in kept if zone.label in SUGGESTED)
    return (zone for zone in found if not against.touch(zone.start, zone.end))


class Stretches:
    """The stretches of some zones, to look many others up in."""

    def __init__(self, zones: Iterable[Zone]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for zone in sorted(zones, key=lambda zone: zone.start):
            if self._ends and zone.start <= self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], zone.end)
            else:
                self._starts.append(zone.start)
                self._ends.append(zone.end)

    def touch(self, start: int, end: int) -> bool:
        """Tell whether ``[start, end)`` shares text with one of them."""
        place = bisect_right(self._ends, start)
        return place < len(self._starts) and self._starts[place] < end


def boilerplate(zones: Iterable[Zone]) -> Stretches:
    """Return where ``zones`` say that the text is boilerplate."""
    return Stretches(zone for zone in zones if zone.label == BOILERPLATE)


def _lines(text: str) -> list[_Line]:
    lines: list[_Line] = []
    start, gap = 0, False
    for raw in text.split("\n"):
        stripped = raw.strip()
        if stripped:
            lines.append(_Line(stripped, start + raw.index(stripped[0]), gap))
        gap = not stripped
        start += len(raw) + 1
    return lines


def _mark_by_words(lines: list[_Line], rules: Rules, lowered: str) -> None:
    holds = [(pattern, rule) for part, pattern, rule in rules.holds if part in lowered]
    for number, line in enumerate(lines):
        if not line.key:
            continue
        line.reason = _reason_in_words(line, number, rules, holds)
        if line.reason is None:
            line.credit = credit_start(line.text, rules)
            if line.credit is not None:
                line.caption = "a picture's caption or credit"


def _reason_in_words(
    line: _Line, number: int, rules: Rules, holds: Sequence[tuple[re.Pattern[str], LineRule]]
) -> str | None:
    key, length = line.key, len(line.text)
    for phrases, said in ((rules.whole, whole_key(key)), (rules.begins, key)):
        for rule in phrases.find(said):
            if rule.holds_for(key, length, number):
                return rule.reason
    for pattern, rule in holds:
        if rule.holds_for(key, length, number) and pattern.search(key):
            return rule.reason
    if _PLACEHOLDER.match(line.text):
        return "the name of a picture"
    if number and _ADDRESS.search(line.text) and line.text.count(" ") <= _ADDRESS_WORDS:
        return "a web address"
    if number and _CONTACT.fullmatch(line.text):
        return "an e-mail address or a telephone number"
    return None


def _mark_notices(lines: list[_Line], rules: Rules, lowered: str) -> None:
    for notice in rules.notices:
        if not any(word in lowered for word in notice.about):
            continue
        speaking = [_speaks(line, notice) for line in lines]
        about = [
            speaks and any(word in line.text.casefold() for word in notice.about)
            for line, speaks in zip(lines, speaking, strict=True)
        ]
        for number, line in enumerate(lines):
            # What it goes on with ("You can change your mind at any time") names no cookies.
            if about[number] or (speaking[number] and any(about[max(0, number - 1) : number + 2])):
                line.reason = line.reason or notice.reason


def _speaks(line: _Line, notice: Notice) -> bool:
    if len(line.text) > notice.longest or _QUOTES.search(line.text):
        return False
    lowered = line.text.casefold()
    return any(phrase in lowered for phrase in notice.speaks)


def _mark_lists(lines: list[_Line], rules: Rules) -> None:
    gaps = any(line.gap for line in lines)
    prose = False
    for number, line in enumerate(lines):
        prose = prose or (line.reason is None and _is_prose(line.text))
        if not _is_head(line, rules):
            continue
        if not prose:
            # Above the article such a line is a label ("Breaking news"), and below it stands the headline.
            line.reason = "a page's label"
            continue
        links = _links_below(lines, number, rules, gaps)
        line.reason = f"a list of links under “{line.text}”" if links else "the heading of a list of links"
        for link in links:
            link.reason = line.reason


def _is_head(line: _Line, rules: Rules) -> bool:
    return len(line.text) <= _LONGEST_HEAD and line.text[-1] != "." and rules.heads.fits(whole_key(line.key))


def _links_below(lines: list[_Line], head: int, rules: Rules, gaps: bool) -> list[_Line]:
    links: list[_Line] = []
    dense = gaps and head + 1 < len(lines) and not lines[head + 1].gap
    for line in lines[head + 1 : head + 1 + _LINKS]:
        if (dense and line.gap) or line.reason or line.caption or _is_head(line, rules):
            return links
        if not _is_link(line.text):
            if (
                links
                and not dense
                and _words(links[-1].text) <= _SUBHEADING < min(map(_length, links[:-1]), default=9)
            ):
                links.pop()  # what heads the text that goes on here
            return links
        links.append(line)
    return links


def _length(line: _Line) -> int:
    return _words(line.text)


def _mark_menus(lines: list[_Line], rules: Rules) -> None:
    run: list[_Line] = []
    for line in lines:
        key = whole_key(line.key) if len(line.text) <= _LONGEST_HEAD else ""
        if key and rules.menu.fits(key):
            run.append(line)
            if len(run) >= 3:
                for item in run:
                    item.reason = item.reason or _NAVIGATION
            continue
        run.clear()
        if line.reason is None and len(line.text) <= _LONGEST_MENU and _is_menu(line.text, rules):
            line.reason = _NAVIGATION
            line.caption = None


def _is_menu(text: str, rules: Rules) -> bool:
    if not any(mark in text for mark in _BETWEEN_PIECES):  # a tenth of the time
        return False
    pieces = [piece for piece in _PIECES.split(text) if piece]
    if len(pieces) < 2 or max(map(_words, pieces)) > 4:
        return False
    known = sum(_says_page(whole_key(key_of(piece)), rules) for piece in pieces)
    return known == len(pieces) or (len(pieces) >= 4 and known * 2 >= len(pieces))


def _says_page(key: str, rules: Rules) -> bool:
    return rules.menu.fits(key) or rules.beside.fits(key) or rules.whole.fits(key)


def _headline(lines: list[_Line], rules: Rules) -> int | None:
    """Return the number of the line that is the headline, or None where the text begins without one."""
    seen = 0
    for number, line in enumerate(lines[:-1]):
        if line.reason or line.caption or rules.bylines.fits(line.key) or _is_date(line.key, rules):
            continue
        seen += 1
        if seen > 2 or _is_prose(line.text):
            return None
        words = _words(line.text)
        if words >= 3 and any(_is_prose(other.text) for other in lines[number + 1 : number + 12]):
            return number
    return None


def _is_date(key: str, rules: Rules) -> bool:
    words = _NO_WORD.split(key)
    return any(word.isdigit() for word in words) and all(
        not word.isalpha() or word in rules.dates for word in words
    )


def _mark_repeats(lines: list[_Line], headline: int | None) -> None:
    seen: dict[str, _Line] = {}
    top = None if headline is None else lines[headline]
    if top is not None:
        for key in _headline_keys(top.text):
            seen.setdefault(key, top)
    for line in lines:
        if line.reason or line is top or len(line.text) > _LONGEST_COMPARED:
            continue
        key = _repeat_key(line)
        first = seen.setdefault(key, line)
        if first is line:
            if top is not None and line.key and line.start > top.start:
                first = next((top for key in _headline_keys(line.text) if seen.get(key) is top), line)
            if first is line:
                continue
        if first is top:
            line.reason = "repeats the headline"
            seen[key] = first
        elif line.credit and first.credit != 0 and key.count(" ") >= 2:
            line.reason = "repeats the caption above"
            first.caption = first.caption or "a picture's caption: below it stands again, with its credit"
        elif key.count(" ") + 1 >= _REPEATED_WORDS:
            line.reason = "repeats the caption above" if first.caption else "repeats a line above"
        if line.reason:
            line.caption = None


def _repeat_key(line: _Line) -> str:
    key = key_of(line.text[: line.credit]) if line.credit else line.key or line.text
    return _NUMBERING.sub("", key, count=1).strip(_AROUND_REPEATS)


def _headline_keys(text: str) -> Iterator[str]:
    """Yield the key of a headline, and the one without the name of the site that may follow."""
    yield key_of(text).strip(_AROUND_REPEATS)
    for separator in (" | ", " - ", " – ", " — "):
        head, found, site = text.rpartition(separator)
        if found and _words(head) >= _REPEATED_WORDS - 2 and _words(site) <= 4:
            yield key_of(head).strip(_AROUND_REPEATS)


def _mark_beside(lines: list[_Line], rules: Rules) -> None:
    """Mark what is boilerplate next to boilerplate only, such as the button under a cookie notice."""
    for order in (lines, lines[::-1]):
        for neighbour, line in pairwise(order):
            if neighbour.reason and not line.reason and len(line.text) <= _LONGEST_HEAD:
                pieces = [whole_key(key_of(piece)) for piece in _PIECES.split(line.text) if piece]
                if all(rules.beside.fits(piece) for piece in pieces):
                    line.reason = neighbour.reason
                    line.caption = None


def _zones(lines: list[_Line], headline: int | None) -> Iterator[Zone]:
    """Yield the zones; lines of boilerplate that follow each other are one, to be answered at once."""
    block: list[_Line] = []
    for number, line in enumerate(lines):
        if line.reason and number != headline:
            block.append(line)
            continue
        if block:
            yield _boilerplate(block)
            block = []
        if number == headline:
            yield Zone(line.start, line.end, HEADLINE, "the first line, short and without a full stop")
        elif line.caption:
            yield Zone(line.start, line.end, CAPTION, line.caption)
    if block:
        yield _boilerplate(block)


def _boilerplate(block: list[_Line]) -> Zone:
    reasons = list(dict.fromkeys(line.reason for line in block if line.reason))
    return Zone(block[0].start, block[-1].end, BOILERPLATE, "; ".join(reasons))


def _is_prose(text: str) -> bool:
    return len(text) > _LONGEST_HEADLINE or (_words(text) > 3 and _ends_sentence(text))


def _is_link(text: str) -> bool:
    return len(text) <= _LONGEST_LINK and not _ends_sentence(text)


def _ends_sentence(text: str) -> bool:
    return _SENTENCE_END.search(text) is not None and _INITIALS.search(text) is None


def _words(text: str) -> int:
    return len(text.split())
