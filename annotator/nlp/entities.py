"""From the names that a spaCy NER finds to entity suggestions with clean edges and honest reasons."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable
from typing import Protocol

from annotator.model import Suggestion
from annotator.text import trim

ENTITY_LABELS = ("PERSON", "ORG", "GPE", "NORP", "LOC", "EVENT", "FAC", "LAW", "PRODUCT")
"""The labels of the default codebook's ``entity`` layer, in its order."""

# What the labels of spaCy's other pipelines are called here. MISC and the like have no equal.
_MAPPED = {
    "PER": "PERSON", "PRS": "PERSON", "PS": "PERSON", "persName": "PERSON",
    "ORGANIZATION": "ORG", "OG": "ORG", "orgName": "ORG", "GPE_ORG": "GPE", "GPE_LOC": "GPE",
    "placeName": "GPE", "geogName": "LOC", "LC": "LOC", "NAT_REL_POL": "NORP", "FACILITY": "FAC",
    "EVN": "EVENT", "EVT": "EVENT", "PROD": "PRODUCT", "OBJ": "PRODUCT",
}  # fmt: skip

_MEANINGS = {
    "PERSON": "people",
    "ORG": "companies, agencies, parties, alliances",
    "GPE": "countries, cities, states",
    "NORP": "nationalities, religious or political groups",
    "LOC": "regions, mountains, waters without a government",
    "EVENT": "named wars, exercises, summits",
    "FAC": "buildings, bases, airports, roads",
    "LAW": "named treaties and laws",
    "PRODUCT": "weapons, vehicles, things that are made",
}

_THE = re.compile(r"the\s+(?=\S)", re.IGNORECASE)
# A name starts with a letter or digit, and ends with one, an accent of its own, or one of these (U.S., C++).
_ENDS = ".!?+"
_POSSESSIVE = ("'s", "’s", "'S", "’S")


class _Entity(Protocol):
    """The part of a spaCy ``Span`` that is used here; offsets in code points."""

    start_char: int
    end_char: int
    label_: str


def clean_edges(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Return ``[start, end)`` as a name by the codebook, or None where nothing sensible remains.

    Off come white space, everything from the first line break on, quotation marks, bullets, emoji and
    the like at the edges, a leading "the" and a possessive 's. Without a letter or digit, or without
    a capital in a script that has them, it is no name.
    """
    start, end = trim(text, start, end)
    line_break = text.find("\n", start, end)
    if line_break >= 0:
        end = line_break
    before: tuple[int, int] | None = None
    while (start, end) != before:
        before = start, end
        start, end = trim(text, start, end)
        while start < end and not text[start].isalnum():
            start += 1
        while end > start and not _may_end(text, start, end):
            end -= 1
        article = _THE.match(text, start, end)
        if article:
            start = article.end()
        if end - start > 2 and text[end - 2 : end] in _POSSESSIVE:
            end -= 2
    name = text[start:end]
    if not any(map(str.isalnum, name)) or _without_capital(name) or name.lower() == "the":
        return None
    return start, end


def _may_end(text: str, start: int, end: int) -> bool:
    last = text[end - 1]
    if last == ")":
        return "(" in text[start:end]
    # U+FE0F goes with an emoji, not with a letter.
    return last.isalnum() or last in _ENDS or (unicodedata.category(last)[0] == "M" and last != "\ufe0f")


def _without_capital(name: str) -> bool:
    """Tell whether ``name`` lacks a capital that its script would have given it."""
    georgian = any(
        "ა" <= letter <= "ჿ" for letter in name
    )  # Unicode calls them lower case: prose has no capitals
    return name.islower() and not georgian


def entity_suggestions(
    text: str, entities: Iterable[_Entity], model: str, labels: Collection[str]
) -> list[Suggestion]:
    """Return one suggestion a name in text order, only of ``labels``, none twice.

    ``model`` is the pipeline's name, for the reason. spaCy's NER gives no probability, so ``score``
    is None; the reason says instead how often it reads the same name alike.
    """
    spans: dict[tuple[int, int], tuple[str, str]] = {}
    for entity in entities:
        label = _MAPPED.get(entity.label_, entity.label_)
        span = clean_edges(text, entity.start_char, entity.end_char)
        if label in labels and span is not None:
            spans.setdefault(span, (label, entity.label_))
    names = Counter(_key(text, span) for span in spans)
    readings = Counter((_key(text, span), label) for span, (label, _) in spans.items())
    suggestions = []
    for span, (label, own_label) in sorted(spans.items()):
        name = _key(text, span)
        reason = f"{model} reads this as {own_label}"
        if label in _MEANINGS:
            reason += f": {_MEANINGS[label]}"
        reason += _how_often(readings[name, label], names[name])
        suggestions.append(Suggestion("entity", label, *span, component="ner", reason=reason))
    return suggestions


def _key(text: str, span: tuple[int, int]) -> str:
    return " ".join(text[slice(*span)].casefold().split())


def _how_often(alike: int, marked: int) -> str:
    if marked == 1:
        return "; it marks this name once in this article"
    if alike == marked:
        return f"; so all {marked} times it marks this name in this article"
    return f"; so {alike} of the {marked} times it marks this name in this article"
