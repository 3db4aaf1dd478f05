"""Finding a name by a few of its letters, in any alphabet that it is written in; without Qt."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

_ANYWHERE = 4  # the rank of a name that has the letters within its words
_ELSEWHERE = 2  # letters from which on names from elsewhere are offered: one would fit thousands
_BETWEEN = re.compile(r"\W+")


@dataclass(slots=True)
class NameChoice:
    """A name to choose, and what else can be typed for it.

    ``here``: it is in this article; ``ours``: in the project. ``kind`` is what it is, if anybody
    knows (a label of the entity layer).
    """

    name: str
    also: tuple[str, ...] = ()
    kind: str | None = None
    here: bool = True
    ours: bool = True
    _folded: tuple[str, ...] = field(default=(), repr=False, compare=False)
    _all: str = field(default="", repr=False, compare=False)

    def forms(self) -> tuple[str, ...]:
        """Return the names as they are compared, what it is called first."""
        if not self._folded:
            self._folded = tuple(fold(name) for name in (self.name, *self.also))
        return self._folded

    def letters(self) -> str:
        """Return all of them in one line: most choices lack what is typed, and that is seen at once here."""
        if not self._all:
            self._all = "\n".join(self.forms())
        return self._all


def fold(text: str) -> str:
    """Return ``text`` as it is compared: on one line, without capitals and accents."""
    line = " ".join(text.split())
    if not line.isascii():
        line = "".join(c for c in unicodedata.normalize("NFD", line) if not unicodedata.combining(c))
    return line.casefold()


def find(choices: Sequence[NameChoice], typed: str, limit: int) -> list[NameChoice]:
    """Return the choices that ``typed`` fits, the best first; with nothing typed, those in the article.

    What is in the article comes first: an exact name, one that begins so, one whose words do, one that has
    the letters anywhere (not enough for a name from elsewhere). Then the project's, then all others, in the
    same way. Else they stay in the order given.
    """
    wanted = fold(typed)
    if not wanted:
        return [choice for choice in choices if choice.here][:limit]
    words, all_choices = wanted.split(), len(wanted) >= _ELSEWHERE
    ranked = [
        (rank, number, choice)
        for number, choice in enumerate(choices)
        if (choice.here or all_choices)
        and words[0] in choice.letters()
        and (rank := _rank(choice.forms(), wanted, words)) is not None
        and (choice.here or rank < _ANYWHERE)
    ]
    ranked.sort(key=lambda found: (not found[2].here, not found[2].ours, found[0], found[1]))
    return [choice for _, _, choice in ranked[:limit]]


def is_known(choices: Iterable[NameChoice], typed: str) -> bool:
    """Tell whether one of the choices is called exactly so, or is known under that name."""
    wanted = fold(typed)
    return any(wanted in choice.forms() for choice in choices)


def _rank(forms: tuple[str, ...], wanted: str, words: Sequence[str]) -> int | None:
    """Return how well one choice fits, 0 best; None: not at all."""
    best: int | None = None
    for number, form in enumerate(forms):
        if not all(word in form for word in words):
            continue
        if form == wanted:
            return 0
        rank = _ANYWHERE
        if form.startswith(wanted):
            rank = 1 if number == 0 else 2
        elif all(f" {word}" in f" {_BETWEEN.sub(' ', form)}" for word in words):
            rank = 3
        best = rank if best is None else min(best, rank)
    return best
