"""Test, then train: what the stance would have said of each labelled article before it learnt from it.

The labelled articles are gone through in the order of their labels. Each is judged by what the program had
learnt when its label was given, that is from the labels before the last refit before it; only then is it
learnt from itself. So every judgement is of an article that the judge does not know (A. P. Dawid, Statistical
theory: the prequential approach, Journal of the Royal Statistical Society A 147 (1984), 278-292).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

DENSE = 300
"""Labels up to which the replay refits as often as the program does; a refit takes longer with more."""
GROWTH = 1.1
"""Above it a refit is left out where there are not so many times the labels of the one before."""


@dataclass(frozen=True, slots=True)
class Round:
    """One state of the learning: from the first ``learnt`` labels; ``articles`` are to be judged in it."""

    learnt: int
    articles: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Opinion:
    """What was said of an article: a label or None (not sure); probabilities or None (not read)."""

    label: str | None
    scores: Mapping[str, float] | None


@dataclass(frozen=True, slots=True)
class Judged:
    """A labelled article: what people say, what the rules alone say, and what would have been suggested.

    ``learnt`` is how many labels that had been learnt from, none of them of this text.
    """

    article: int
    label: str
    learnt: int
    rules: Opinion
    then: Opinion


def rounds(texts: Sequence[tuple[int, str]], refits: Sequence[int]) -> list[Round]:
    """Return what to do, in order: learn from so many labels, then judge these articles.

    ``texts`` are (article, SHA-256 of its text) in the order of their labels, ``refits`` the numbers of
    labels at which the program learns. The first round judges every article by the rules alone. An
    article with the text of an earlier one is learnt from but not judged: the text would be known.
    """
    known: set[str] = set()
    first: list[tuple[int, int]] = []  # place in the order, article
    for place, (article, sha256) in enumerate(texts):
        if sha256 not in known:
            first.append((place, article))
        known.add(sha256)
    plan = [Round(0, tuple(article for _, article in first))]
    points = _thinned([point for point in refits if 0 < point <= len(texts)])
    for begin, end in pairwise([*points, len(texts)]):
        part = slice(bisect_left(first, (begin,)), bisect_left(first, (end,)))
        here = tuple(article for _, article in first[part])
        if here:
            plan.append(Round(begin, here))
    return plan


def _thinned(points: Sequence[int]) -> list[int]:
    kept: list[int] = []
    for point in points:
        if point <= DENSE or not kept or point >= kept[-1] * GROWTH:
            kept.append(point)
    return kept


def judged(labels: Sequence[tuple[int, str]], said: Mapping[tuple[int, int], Opinion]) -> list[Judged]:
    """Put together what was said, by (labels learnt, article), with the labels (article, label) in order.

    Articles of which nothing was said are left out.
    """
    last: dict[int, int] = {}
    for learnt, article in said:
        last[article] = max(learnt, last.get(article, 0))
    return [
        Judged(article, label, last[article], said[0, article], said[last[article], article])
        for article, label in labels
        if (0, article) in said
    ]
