"""Figures of the suggested stances, all on articles that had not been learnt from when they were judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from annotator.evaluation.replay import Judged, Opinion
from annotator.evaluation.shares import LEAST, Share

STANCES = ("pro-West", "neutral", "pro-Russia")
SIDES = frozenset({"pro-West", "pro-Russia"})
NOT_SURE = "not sure"
POINT = 20
"""Articles of which a point of the learning curve has at least so many."""
_EDGES = (0.0, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)  # the likeliest of three is never under a third


@dataclass(frozen=True, slots=True)
class LabelScore:
    """How well one label is told: ``precision`` of what is said, ``recall`` of what people say."""

    label: str
    precision: Share
    recall: Share


@dataclass(frozen=True, slots=True)
class Bin:
    """Articles whose likeliest stance was given a probability from ``low`` to ``high``.

    ``stated`` is the mean of those probabilities, ``right`` how often it was so.
    """

    low: float
    high: float
    stated: float
    right: Share


@dataclass(frozen=True, slots=True)
class Point:
    """A stretch of the learning: articles judged after ``first`` to ``last`` labels were learnt from.

    ``right`` is how often the likeliest stance was right, ``by_rules`` the same of the rules alone, on the
    same articles; ``sure`` how often a label was said, ``right_when_sure`` how often that was right.
    """

    first: int
    last: int
    right: Share
    by_rules: Share
    sure: Share
    right_when_sure: Share


@dataclass(frozen=True, slots=True)
class StanceFigures:
    """All about the suggested stances of whole articles.

    ``confusion`` counts by (people's label, machine's label or "not sure"). ``opposite`` is pro-West said of
    pro-Russia or the reverse, of all articles; ``likeliest_opposite`` the same if the likeliest label
    is taken where the machine is not sure. ``unread`` articles are in a language without cue words.
    """

    confusion: Mapping[tuple[str, str], int]
    sure: Share
    right_when_sure: Share
    opposite: Share
    likeliest_right: Share
    likeliest_opposite: Share
    labels: tuple[LabelScore, ...]
    macro_f1: float | None
    likeliest_macro_f1: float | None
    bins: tuple[Bin, ...]
    calibration_error: float | None
    brier: float | None
    curve: tuple[Point, ...]
    unread: int

    @property
    def n(self) -> int:
        """How many articles were judged."""
        return self.sure.n

    def as_dict(self) -> dict[str, Any]:
        """Return the numbers as JSON knows them."""
        return {
            "articles": self.n,
            "unread": self.unread,
            "confusion": {
                label: {said: self.confusion.get((label, said), 0) for said in (*STANCES, NOT_SURE)}
                for label in STANCES
            },
            "sure": self.sure.as_dict(),
            "right_when_sure": self.right_when_sure.as_dict(),
            "opposite": self.opposite.as_dict(),
            "likeliest_right": self.likeliest_right.as_dict(),
            "likeliest_opposite": self.likeliest_opposite.as_dict(),
            "labels": {
                score.label: {"precision": score.precision.as_dict(), "recall": score.recall.as_dict()}
                for score in self.labels
            },
            "macro_f1": self.macro_f1,
            "likeliest_macro_f1": self.likeliest_macro_f1,
            "calibration": [
                {"from": b.low, "to": b.high, "stated": b.stated, "right": b.right.as_dict()}
                for b in self.bins
            ],
            "calibration_error": self.calibration_error,
            "brier": self.brier,
            "learning_curve": [
                {
                    "labels_from": point.first,
                    "labels_to": point.last,
                    "right": point.right.as_dict(),
                    "right_by_rules": point.by_rules.as_dict(),
                    "sure": point.sure.as_dict(),
                    "right_when_sure": point.right_when_sure.as_dict(),
                }
                for point in self.curve
            ],
        }


def stance_figures(judged: Sequence[Judged]) -> StanceFigures:
    """Return all figures; ``judged`` in the order of the labels."""
    read = [one for one in judged if one.then.scores is not None and one.rules.scores is not None]
    said = [(one.label, one.then.label) for one in read]
    forced = [(one.label, likeliest(one.then)) for one in read]
    confusion = Counter((label, answer or NOT_SURE) for label, answer in said)
    return StanceFigures(
        confusion,
        *_sure(said),
        _opposite(said),
        _right(forced),
        _opposite(forced),
        tuple(
            LabelScore(
                name,
                _right([pair for pair in said if pair[1] == name]),
                _right([pair for pair in said if pair[0] == name]),
            )
            for name in STANCES
        ),
        macro_f1(said) if len(read) >= LEAST else None,
        macro_f1(forced) if len(read) >= LEAST else None,
        tuple(_bins(read)),
        _calibration_error(read) if len(read) >= LEAST else None,
        _brier(read) if len(read) >= LEAST else None,
        tuple(_curve(read)),
        len(judged) - len(read),
    )


def likeliest(opinion: Opinion) -> str | None:
    """Return the stance with the highest probability, also where the machine is not sure."""
    scores = opinion.scores or {}
    return max(scores, key=lambda label: scores[label], default=None)


def macro_f1(pairs: Sequence[tuple[str, str | None]]) -> float:
    """Return the mean over the stances of 2 hits / (2 hits + wrongly said + not said), of (label, said).

    "Not sure" counts as not said. A stance that nobody gave and nobody said has no part in the mean.
    """
    scores = []
    for name in STANCES:
        hits = sum(label == name == answer for label, answer in pairs)
        wrong = sum((label == name) != (answer == name) for label, answer in pairs)
        if hits or wrong:
            scores.append(2 * hits / (2 * hits + wrong))
    return sum(scores) / len(scores) if scores else 0.0


def _sure(pairs: Sequence[tuple[str, str | None]]) -> tuple[Share, Share]:
    sure = [pair for pair in pairs if pair[1] is not None]
    return Share(len(sure), len(pairs)), _right(sure)


def _right(pairs: Sequence[tuple[str, str | None]]) -> Share:
    return Share(sum(label == answer for label, answer in pairs), len(pairs))


def _opposite(pairs: Sequence[tuple[str, str | None]]) -> Share:
    return Share(sum({label, answer} == SIDES for label, answer in pairs), len(pairs))


def _stated(one: Judged) -> float:
    return max((one.then.scores or {}).values(), default=0.0)


def _bins(read: Sequence[Judged]) -> list[Bin]:
    bins = []
    for low, high in zip(_EDGES, (*_EDGES[1:], 1.0), strict=True):
        here = [one for one in read if low <= _stated(one) < high or (high == 1.0 and _stated(one) >= 1.0)]
        if here:
            right = _right([(one.label, likeliest(one.then)) for one in here])
            bins.append(Bin(low, high, sum(map(_stated, here)) / len(here), right))
    return bins


def _calibration_error(read: Sequence[Judged]) -> float:
    """Return the expected calibration error: the bins' |stated - right|, weighed by their articles.

    C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger, On calibration of modern neural networks, Proceedings of
    the 34th International Conference on Machine Learning (2017), 1321-1330.
    """
    return sum(abs(b.stated * b.right.n - b.right.hits) for b in _bins(read)) / len(read)


def _brier(read: Sequence[Judged]) -> float:
    """Return the mean sum of squared errors of all probabilities, from 0 to 2; 0.67 says a third for each.

    G. W. Brier, Verification of forecasts expressed in terms of probability, Monthly Weather Review 78
    (1950), 1-3.
    """
    total = 0.0
    for one in read:
        scores = one.then.scores or {}
        total += sum((scores.get(name, 0.0) - (name == one.label)) ** 2 for name in STANCES)
    return total / len(read)


def _curve(read: Sequence[Judged]) -> list[Point]:
    """Gather what was judged by equally many labels, neighbours together until a point has enough."""
    groups: list[list[Judged]] = []
    ordered = sorted(read, key=lambda one: one.learnt)
    for learnt, group in groupby(ordered, key=lambda one: one.learnt):
        # What is learnt begins a point of its own: the rules alone do not learn.
        if groups and groups[-1][-1].learnt > 0 and len(groups[-1]) < POINT and learnt:
            groups[-1] += group
        else:
            groups.append(list(group))
    if len(groups) > 2 and len(groups[-1]) < POINT:
        rest = groups.pop()
        groups[-1] += rest
    points = []
    for here in groups:
        said = [(one.label, one.then.label) for one in here]
        points.append(
            Point(
                here[0].learnt,
                here[-1].learnt,
                _right([(one.label, likeliest(one.then)) for one in here]),
                _right([(one.label, likeliest(one.rules)) for one in here]),
                *_sure(said),
            )
        )
    return points
