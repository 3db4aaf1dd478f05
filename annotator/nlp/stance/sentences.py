"""The sentences of a doc as ranges of its text, and which of them are headline and lead."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from spacy.tokens import Doc

from annotator.text import count_words, trim

Role = Literal["headline", "lead", "other"]

LEAD_SENTENCES = 2
_PARAGRAPH = re.compile(r"[^\n]+")
_MARKS = re.compile('["“”„«»]')
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
    """A stretch ``[start, end)`` of the text in code points, without white space at its edges.

    ``quoted``: it is at least half inside quotation marks, which may open before it.
    """

    start: int
    end: int
    words: int
    role: Role = "other"
    quoted: bool = False


def split(doc: Doc, text: str) -> list[Sentence]:
    """Return the sentences of ``doc`` that hold a word, in text order; ``text`` is that of ``doc``.

    The headline is the first line that is no navigation, if it is short; the lead are the first two
    sentences of prose.
    """
    found = []
    skipped = _left_out(doc)
    inside = _quotations(text)
    first = 0
    for span in doc.sents:
        start, end = trim(text, span.start_char, span.end_char)
        words = count_words(text[start:end])
        if words and not any(a <= start and end <= b for a, b in skipped):
            while first < len(inside) and inside[first][1] <= start:
                first += 1
            quoted = 0
            for a, b in inside[first:]:
                if a >= end:
                    break
                quoted += min(end, b) - max(start, a)
            found.append(Sentence(start, end, words, quoted=2 * quoted >= end - start))
    return _with_roles(text, found)


def prose(text: str, sentences: Sequence[Sentence]) -> str:
    """Return the article's own words: ``sentences``, which leave out boilerplate and captions, one a line."""
    return "\n".join(text[sentence.start : sentence.end] for sentence in sentences)


def _left_out(doc: Doc) -> list[tuple[int, int]]:
    """Return the stretches that take no stance: boilerplate and captions."""
    if not Doc.has_extension("zones") or not doc._.zones:
        return []
    return [(zone.start, zone.end) for zone in doc._.zones if zone.label in ("boilerplate", "caption")]


def _quotations(text: str) -> list[tuple[int, int]]:
    """Return what stands in quotation marks; a mark that is never closed ends with its paragraph."""
    found = []
    for paragraph in _PARAGRAPH.finditer(text):
        opened: int | None = None
        for mark in _MARKS.finditer(text, paragraph.start(), paragraph.end()):
            if opened is None and mark[0] in '"“„«':
                opened = mark.start()
            elif opened is not None and mark[0] in '"”“»':
                found.append((opened, mark.end()))
                opened = None
        if opened is not None:
            found.append((opened, paragraph.end()))
    return found


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
