"""The sentences of a doc as ranges of its text, and which of them are headline and lead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from spacy.tokens import Doc

from annotator.text import count_words, trim

Role = Literal["headline", "lead", "other"]

LEAD_SENTENCES = 2
_HEADLINE_LENGTH = 200
_LEAST_WORDS = 3
_PROSE_WORDS = 8
_ENDS = (".", "!", "?", "…", "։", '"', "”", "»", ")")
# Words of cookie notices, menus and subscription lines: prose by their shape, never a lead.
_NAVIGATION = (
    "cookie", "privacy policy", "terms of use", "subscribe", "newsletter", "sign up", "log in", "sign in",
    "read more", "click here", "all rights reserved", "javascript", "advertisement", "your browser",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sentence:
    """A stretch ``[start, end)`` of the text in code points, without white space at its edges."""

    start: int
    end: int
    words: int
    role: Role = "other"


def split(doc: Doc) -> list[Sentence]:
    """Return the sentences of ``doc`` that hold a word, in text order, without boilerplate and captions.

    The headline is the first line that is no navigation, if it is short; the lead are the first two
    sentences of prose.
    """
    text = doc.text
    found = []
    skipped = _left_out(doc)
    for span in doc.sents:
        start, end = trim(text, span.start_char, span.end_char)
        words = count_words(text[start:end])
        if words and not any(a <= start and end <= b for a, b in skipped):
            found.append(Sentence(start, end, words))
    return _with_roles(text, found)


def _left_out(doc: Doc) -> list[tuple[int, int]]:
    """Return the stretches that take no stance: boilerplate and captions."""
    if not Doc.has_extension("zones") or not doc._.zones:
        return []
    return [(zone.start, zone.end) for zone in doc._.zones if zone.label in ("boilerplate", "caption")]


def _with_roles(text: str, sentences: Sequence[Sentence]) -> list[Sentence]:
    roled = []
    leads = 0
    body = False
    for sentence in sentences:
        wording = text[sentence.start : sentence.end]
        role: Role = "other"
        if leads < LEAD_SENTENCES and not _is_navigation(sentence, wording):
            if not body and sentence.end - sentence.start <= _HEADLINE_LENGTH and _is_line(text, sentence):
                role = "headline"
            elif sentence.words >= _PROSE_WORDS and wording.endswith(_ENDS):
                role = "lead"
                leads += 1
            body = True
        roled.append(sentence if role == "other" else replace(sentence, role=role))
    return roled


def _is_navigation(sentence: Sentence, wording: str) -> bool:
    lowered = wording.lower()
    if sentence.words < _LEAST_WORDS:  # "I agree", "Share", "World"
        return True
    return any(word in lowered for word in _NAVIGATION)


def _is_line(text: str, sentence: Sentence) -> bool:
    """Tell whether the sentence is a line of its own with more text below it."""
    line_start = text.rfind("\n", 0, sentence.start) + 1
    line_end = text.find("\n", sentence.end)
    return (
        line_end >= 0
        and not text[line_start : sentence.start].strip()
        and not text[sentence.end : line_end].strip()
    )
