"""What people answered to suggestions, counted by label, by component and over time.

A suggestion was stored before it was answered, and what stands beside an answer stays: so whatever the
component has learnt from it since, it had not then.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from annotator.evaluation.shares import Share

Outcome = Literal["accepted", "relabelled", "moved", "rejected", "missed", "open", "bulk"]
"""Of a suggestion: taken as it was, with another label, with other edges (or a passage's other holder or
target), refused, left without an answer on an article that is done, or accepted in the whole project at once,
unseen. ``missed``: a person's own, which nobody had suggested."""

ANSWERED: tuple[Outcome, ...] = ("accepted", "relabelled", "moved", "rejected")

PART = 100  # answers of which a part of the time has at least so many
MOST_PARTS = 12
MOST_CHANGES = 10
UNKNOWN = "not known any more"
"""The component of a rejected suggestion that a later run has replaced."""

_Key = TypeVar("_Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Verdict:
    """An outcome. ``layer`` is "entity", "zone", "stance" (the article's) or "passage".

    ``label`` is the suggested one, of what was missed the person's; ``became`` is the person's own where they
    gave one. ``done`` tells whether they are done with the article. ``hour`` is when (the beginning of an ISO
    time), None where that is not known any more.
    """

    layer: str
    component: str
    label: str
    outcome: Outcome
    became: str | None
    done: bool
    hour: str | None


@dataclass(frozen=True, slots=True)
class AnswerFigures:
    """The counts of one label, component or part of the time, or of all.

    ``accepted`` to ``bulk`` are counts, ``missed`` on articles that are done only. ``found`` (recall) is how
    much of what people have on articles that are done was suggested as it is: of a label what they gave
    that label, of a component its part of what they have with any.
    """

    name: str
    accepted: int
    relabelled: int
    moved: int
    rejected: int
    missed: int
    open: int
    bulk: int
    found: Share

    @property
    def answered(self) -> int:
        """How many suggestions have an answer."""
        return self.accepted + self.relabelled + self.moved + self.rejected

    @property
    def precision(self) -> Share:
        """Accepted as they were, of those that have an answer."""
        return Share(self.accepted, self.answered)

    @property
    def corrected(self) -> Share:
        """Given another label or other edges, of those that have an answer."""
        return Share(self.relabelled + self.moved, self.answered)

    @property
    def refused(self) -> Share:
        """Rejected, of those that have an answer."""
        return Share(self.rejected, self.answered)

    @property
    def miss_rate(self) -> Share:
        """Made by hand, of what people have on articles that are done."""
        return Share(self.missed, self.found.n)

    @property
    def f1(self) -> float | None:
        """The harmonic mean of precision and recall; None where either is not known."""
        p, r = self.precision.value, self.found.value
        return None if p is None or r is None else 2 * p * r / (p + r) if p + r else 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return the numbers as JSON knows them."""
        return {
            "name": self.name,
            "answered": self.answered,
            "accepted": self.accepted,
            "relabelled": self.relabelled,
            "moved": self.moved,
            "rejected": self.rejected,
            "missed": self.missed,
            "left_open": self.open,
            "accepted_unseen": self.bulk,
            "precision": self.precision.as_dict(),
            "correction_rate": self.corrected.as_dict(),
            "rejection_rate": self.refused.as_dict(),
            "recall": self.found.as_dict(),
            "miss_rate": self.miss_rate.as_dict(),
            "f1": self.f1,
        }


@dataclass(frozen=True, slots=True)
class LayerFigures:
    """All about the suggestions of a layer. ``changes`` gives (suggested, given, how often), most first.

    ``periods`` are parts of the time, in order, with about equally many answers; ``component_periods`` the
    same for each component alone. ``undated`` answers are in none of them.
    """

    layer: str
    total: AnswerFigures
    labels: tuple[AnswerFigures, ...]
    components: tuple[AnswerFigures, ...]
    label_periods: Mapping[str, tuple[AnswerFigures, ...]]
    component_periods: Mapping[str, tuple[AnswerFigures, ...]]
    periods: tuple[AnswerFigures, ...]
    changes: tuple[tuple[str, str, int], ...]
    undated: int

    def as_dict(self) -> dict[str, Any]:
        """Return the numbers as JSON knows them."""
        return {
            "layer": self.layer,
            "total": self.total.as_dict(),
            "labels": [figures.as_dict() for figures in self.labels],
            "components": [figures.as_dict() for figures in self.components],
            "periods": [figures.as_dict() for figures in self.periods],
            "label_periods": {
                name: [figures.as_dict() for figures in parts] for name, parts in self.label_periods.items()
            },
            "component_periods": {
                name: [figures.as_dict() for figures in parts]
                for name, parts in self.component_periods.items()
            },
            "undated": self.undated,
            "relabelled": [
                {"suggested": label, "given": became, "count": number}
                for label, became, number in self.changes
            ],
        }


def answer_figures(verdicts: Mapping[Verdict, int], layer: str) -> LayerFigures:
    """Return the figures of a layer from how often each verdict was given."""
    mine = {verdict: number for verdict, number in verdicts.items() if verdict.layer == layer}
    suggested = {verdict: n for verdict, n in mine.items() if verdict.outcome != "missed"}
    everything = _wanted(mine, lambda verdict: "")[""]
    changes: Counter[tuple[str, str]] = Counter()
    for verdict, number in suggested.items():
        if verdict.outcome == "relabelled" and verdict.became is not None:
            changes[verdict.label, verdict.became] += number
    by_label = _grouped(mine, lambda verdict: verdict.label)
    by_component = _grouped(suggested, lambda verdict: verdict.component)
    wanted = _wanted(mine, _own_label)
    labels = tuple(
        _figures(name, by_label.get(name, {}), wanted[name]) for name in sorted({*by_label, *wanted})
    )
    components = tuple(
        _figures(name, part, Share(_accepted_when_done(part), everything.n))
        for name, part in sorted(by_component.items())
    )
    return LayerFigures(
        layer,
        _figures("all", mine, everything),
        labels,
        components,
        {name: _periods(by_label.get(name, {})) for name in sorted(by_label)},
        {name: _periods(part) for name, part in sorted(by_component.items())},
        _periods(mine),
        tuple((*pair, number) for pair, number in changes.most_common(MOST_CHANGES)),
        sum(n for v, n in mine.items() if v.outcome in (*ANSWERED, "missed") and v.hour is None),
    )


def _own_label(verdict: Verdict) -> str:
    return verdict.became or verdict.label


def _wanted(verdicts: Mapping[Verdict, int], key: Callable[[Verdict], str]) -> defaultdict[str, Share]:
    """Return by ``key`` how much of what people have on articles that are done was suggested as it is."""
    shares: defaultdict[str, Share] = defaultdict(lambda: Share(0, 0))
    for verdict, number in verdicts.items():
        if verdict.done and verdict.outcome in ("accepted", "relabelled", "moved", "missed"):
            old = shares[key(verdict)]
            hit = number if verdict.outcome == "accepted" else 0
            shares[key(verdict)] = Share(old.hits + hit, old.n + number)
    return shares


def _accepted_when_done(verdicts: Mapping[Verdict, int]) -> int:
    return sum(n for verdict, n in verdicts.items() if verdict.done and verdict.outcome == "accepted")


def _grouped(
    verdicts: Mapping[Verdict, int], key: Callable[[Verdict], _Key]
) -> dict[_Key, dict[Verdict, int]]:
    groups: dict[_Key, dict[Verdict, int]] = {}
    for verdict, number in verdicts.items():
        groups.setdefault(key(verdict), {})[verdict] = number
    return groups


def _figures(name: str, verdicts: Mapping[Verdict, int], found: Share) -> AnswerFigures:
    counts: Counter[Outcome] = Counter()
    for verdict, number in verdicts.items():
        if verdict.outcome != "missed" or verdict.done:
            counts[verdict.outcome] += number
    return AnswerFigures(
        name,
        counts["accepted"],
        counts["relabelled"],
        counts["moved"],
        counts["rejected"],
        counts["missed"],
        counts["open"],
        counts["bulk"],
        found,
    )


def _periods(verdicts: Mapping[Verdict, int]) -> tuple[AnswerFigures, ...]:
    """Cut the time into parts of at least ``PART`` answers, at most ``MOST_PARTS`` of them."""
    hours: dict[str, dict[Verdict, int]] = {}
    for verdict, number in verdicts.items():
        if verdict.hour is not None and verdict.outcome in (*ANSWERED, "missed"):
            hours.setdefault(verdict.hour, {})[verdict] = number
    least = max(PART, -(-_answers(v for h in hours.values() for v in h.items()) // MOST_PARTS))
    parts: list[tuple[str, str, dict[Verdict, int]]] = []
    for hour in sorted(hours):
        if parts and _answers(parts[-1][2].items()) < least:
            first, _, part = parts.pop()
            parts.append((first, hour, {**part, **hours[hour]}))
        else:
            parts.append((hour, hour, dict(hours[hour])))
    if len(parts) > 1 and _answers(parts[-1][2].items()) < least / 2:  # a rest is no part of its own
        _, last, rest = parts.pop()
        first, _, part = parts.pop()
        parts.append((first, last, {**part, **rest}))
    return tuple(
        _figures(_span(first, last), part, _wanted(part, lambda verdict: "")[""])
        for first, last, part in parts
    )


def _answers(verdicts: Iterable[tuple[Verdict, int]]) -> int:
    return sum(number for verdict, number in verdicts if verdict.outcome in ANSWERED)


def _span(first: str, last: str) -> str:
    """Return the days from hour to hour; the hours where it is one day."""
    if first[:10] != last[:10]:
        return f"{first[:10]} to {last[:10]}"
    return first[:10] if first == last else f"{first[:10]}, {first[11:13]} to {last[11:13]} h"
