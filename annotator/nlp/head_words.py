"""Names that say themselves what they are, by a head word in capitals or by the word that stands after them.

"Patriotic Electoral Bloc", "Leningrad Military District", "Sanctioning Russia Act" need no model; of "Boxer
vehicles" and "the Akhali party" the model sees that there is a name, and the next word says of what kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from spacy.lang.en.stop_words import STOP_WORDS

from annotator.nlp.gazetteer import Match
from annotator.nlp.name_rules import Name, within
from annotator.nlp.words import Words, word_list

# The label, the list in words.toml, and what the reason says.
_HEADS = (
    ("ORG", "organisation_heads", "an organisation by its last word"),
    ("LAW", "law_heads", "a law or treaty by its last word"),
    ("FAC", "site_heads", "a site by its last word"),
)
_BEFORE = re.compile(r"(?<![\w-])(?:(?:[A-Z][\w’'&-]*\w|\d+(?:st|nd|rd|th))[ ]){1,4}\Z")
_LONGEST_BEFORE = 80
_LAW = re.compile(
    r"(?:[A-Z]\w+ )?(?:Convention|Covenant|Treaty|Protocol|Memorandum|Declaration|Law) "
    r"(?:on|of|for|against|to)\b"
)
_BATTLEGROUP = re.compile(r"\b(?:Battlegroup|Battlegroups) [A-Z]\w+")
_NEXT = re.compile(r"(?:-type|-class|-made)?\s([\w-]+)(?:\s(\w+))?")


@cache
def _pattern() -> re.Pattern[str]:
    groups = (
        f"(?P<{label}>{'|'.join(sorted(map(re.escape, word_list(name)), key=len, reverse=True))})"
        for label, name, _ in _HEADS
    )
    return re.compile(rf" (?=[A-Z])(?:{'|'.join(groups)})(?![\w-])(?! (?:of|for)\s+(?:the\s+)?[A-Z])")


def named_by_head(words: Words, known: Sequence[Match]) -> Iterator[Name]:
    """Yield the names that end with a head word and begin with one to four other words in capitals."""
    text = words.text
    for found in _pattern().finditer(text):  # it begins with the space, or it is slow
        label = found.lastgroup
        if label is None or words.in_headline(found.start(label)):
            continue
        start = _first_word(words, found.start(label), known)
        if start is not None:
            why = next(why for its, _, why in _HEADS if its == label)
            yield Name(start, found.end(), label, "rule", why)
    for found in _BATTLEGROUP.finditer(text):
        yield Name(*found.span(), "ORG", "rule", "a body of troops by its first word")


def _first_word(words: Words, end: int, known: Sequence[Match]) -> int | None:
    """Return where the name begins whose head word is at ``end``; None where nothing before belongs to it."""
    begin = max(0, end - _LONGEST_BEFORE)
    before = _BEFORE.search(words.text[begin:end])
    if before is None:
        return None
    start = begin + before.start()
    for word in before[0].split():
        bare = word.removesuffix("'s").removesuffix("’s")
        if (
            bare != word
            or bare.lower() in STOP_WORDS
            or bare in word_list("titles")
            or bare in word_list("not_before_heads")
        ):
            start = words.text.index(word, start) + len(word) + 1
    # What the gazetteer knows is not cut in two, and a person does not begin the name of a party.
    for match in within(known, start, end):
        if match.start < start or match.end > end or match.label == "PERSON":
            start = max(start, match.end + 1)
    return start if start < end else None


def said_by_next(
    words: Words, names: Iterable[Name], known: Sequence[Match], doubtful: Sequence[Match]
) -> Iterator[Name]:
    """Yield the model's ``names`` with the label that the name's first words or the word after it give them.

    Also those of the gazetteer's ``doubtful`` names that a word after them makes sure: "Patriot batteries".
    """
    for match in doubtful:
        if match.label == "PRODUCT" and _next(words.text, match.end, "weapons"):
            yield Name(match.start, match.end, "PRODUCT", "gazetteer", entry=match.entry)
    for name in names:
        if name.source != "ner" or words.in_headline(name.start):
            continue
        label = why = None
        if name.label in ("PERSON", "ORG", "FAC", "LOC", "GPE") and _next(words.text, name.end, "weapons"):
            label, why = "PRODUCT", "the word after it says that it is a weapon"
        elif name.label in ("NORP", "GPE", "LOC", "PRODUCT") and _next(words.text, name.end, "groupings"):
            label, why = "ORG", "the word after it says what it is"
        elif name.label in ("ORG", "EVENT", "FAC") and _LAW.match(words.text, name.start, name.end):
            label, why = "LAW", "a law or treaty by its first words"
        if label and why:
            # "Yerevan Bastion vehicles": what the gazetteer knows is a name of its own.
            start = max([name.start, *(m.end + 1 for m in within(known, name.start, name.end))])
            if start < name.end:
                yield Name(start, name.end, label, "rule", why)


def _next(text: str, end: int, words: str) -> bool:
    """Tell whether one of the next two words after ``end`` is in the list ``words``."""
    found = _NEXT.match(text, end)
    if found is None:
        return False
    listed = word_list(words)
    return found[1] in listed or (
        found[2] in listed and found[1] in word_list("before_weapons") and words == "weapons"
    )
