"""Find many phrases in a doc at once, each with what it stands for."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Generic, TypeVar

from spacy.language import Language
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc

Meaning = TypeVar("Meaning", bound=Hashable)


class PhraseFinder(Generic[Meaning]):
    """Finds phrases word by word, in any case: "regime" is not in "regiment".

    With ``capital`` a phrase that has a capital at its beginning needs one in the text, and one in capitals
    alone ("US") needs them all. Both apostrophes are alike.
    """

    def __init__(
        self, nlp: Language, phrases: Iterable[tuple[Meaning, str]], *, capital: bool = False
    ) -> None:
        self._matcher = PhraseMatcher(nlp.vocab, attr="LOWER")
        self._meanings: dict[int, tuple[Meaning, str]] = {}
        self._capital = capital
        seen: set[str] = set()
        for number, (meaning, phrase) in enumerate(phrases):
            key = f"phrase-{number}"
            spellings = {phrase.replace("'", mark) for mark in "'’"} - seen
            if spellings:
                seen |= spellings
                self._meanings[nlp.vocab.strings.add(key)] = meaning, phrase
                self._matcher.add(key, [nlp.tokenizer(spelling) for spelling in sorted(spellings)])

    def __call__(self, doc: Doc) -> Iterator[tuple[Meaning, int, int]]:
        """Yield each phrase's meaning, first token and the token after its last, in text order.

        Of two that overlap the longer one is taken, of two alike the first.
        """
        matches = sorted(self._matcher(doc), key=lambda match: (match[1], -match[2]))
        taken = 0
        for n, (key, start, end) in enumerate(matches):
            if start < taken:
                continue
            meaning, phrase = self._meanings[key]
            if self._capital and not _fits(phrase, doc, start, end):
                continue
            # "Russia's invasion" gives way to "invasion of Ukraine's south", which is longer.
            if n + 1 < len(matches) and matches[n + 1][1] < end and _outdone(matches[n : n + 4]):
                continue
            taken = end
            yield meaning, start, end


def _outdone(matches: Sequence[tuple[int, int, int]]) -> bool:
    """Tell whether one of those after the first begins inside it and is longer."""
    _, start, end = matches[0]
    return any(m[1] < end and m[2] - m[1] > end - start for m in matches[1:])


def _fits(phrase: str, doc: Doc, start: int, end: int) -> bool:
    written = doc[start].text
    if phrase.isupper() or not phrase[0].isupper():
        return written.isupper() or not phrase[0].isupper()
    return written[0].isupper()
