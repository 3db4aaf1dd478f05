"""What became of the suggestions, counted over the whole project in steps. Reads only."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from annotator.evaluation import BlindFigures, Share, Verdict
from annotator.evaluation.answers import UNKNOWN, Outcome
from annotator.project.decisions import Decision, decision_pages
from annotator.project.suggestions import IS_OPEN

if TYPE_CHECKING:
    from annotator.project.store import Project

LAYERS = ("entity", "zone", "stance", "passage")

_HOUR = len("2026-02-24T09")
_STANCE = "stance"

# What its annotator has not answered on an article that they are done with.
_OPEN = f"""
SELECT layers.name, s."start" IS NULL, s.component, labels.name, count(*)
FROM progress p JOIN suggestions s ON s.article = p.article
JOIN layers ON layers.id = s.layer JOIN labels ON labels.id = s.label
WHERE p.article BETWEEN :first AND :last AND p.status = 'done' AND {IS_OPEN.replace(":me", "p.annotator")}
GROUP BY 1, 2, 3, 4
"""
# A run that has learnt labels may have learnt this article's, unless it began before that was given.
_BLIND = """
SELECT given.name, suggested_label.name, instr(runs.config, '+') > 0 AND runs.created_at >= (
    SELECT min(created_at) FROM annotations b WHERE b.article = a.article AND b.layer = a.layer
    AND b."start" IS NULL)
FROM annotations a JOIN layers ON layers.id = a.layer JOIN labels given ON given.id = a.label
LEFT JOIN suggested ON suggested.article = a.article LEFT JOIN runs ON runs.id = suggested.run
LEFT JOIN suggestions s ON s.article = a.article AND s.layer = a.layer AND s."start" IS NULL
LEFT JOIN labels suggested_label ON suggested_label.id = s.label
WHERE a.article BETWEEN :first AND :last AND a.blind = 1 AND a."start" IS NULL AND layers.name = 'stance'
"""


@dataclass(frozen=True, slots=True)
class CountProgress:
    """How far the counting is: ``done`` of ``total`` articles."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Counted:
    """How often each verdict was given, and how blind stances compare with those that were not."""

    verdicts: Counter[Verdict]
    blind: BlindFigures


def count_verdicts(project: Project) -> Generator[CountProgress, None, Counted]:
    """Count everybody's answers, some milliseconds' worth of articles at a time."""
    with project.plain_errors():
        verdicts: Counter[Verdict] = Counter()
        seen: Counter[bool] = Counter()
        blind: Counter[bool] = Counter()
        done = left_out = 0
        total = project.articles.count()
        for page in decision_pages(project):
            verdicts.update(verdicts_of(page.decisions))
            for d in page.decisions:
                if (d.layer, d.start) == (_STANCE, None) and d.origin and d.seen and not d.blind:
                    seen[d.label == d.seen] += 1
            part = {"first": page.first, "last": page.last}
            for layer, whole, component, label, number in project.db.execute(_OPEN, part):
                verdict = Verdict(_layer(layer, whole), component, label, "open", None, True, None)
                verdicts[verdict] += number
            for given, suggested, learnt in project.db.execute(_BLIND, part):
                if suggested is None or learnt:
                    left_out += 1
                else:
                    blind[given == suggested] += 1
            done += page.articles
            yield CountProgress(min(done, total), total)
    figures = BlindFigures(Share(seen[True], seen.total()), Share(blind[True], blind.total()), left_out)
    return Counted(verdicts, figures)


def verdicts_of(decisions: Iterable[Decision]) -> Counter[Verdict]:
    """Return what a few articles' decisions say about suggestions.

    Where a suggestion was taken with other edges, its own stretch was rejected: that is one answer, not two.
    """
    found: Counter[Verdict] = Counter()
    moved: defaultdict[tuple[int, str, str], list[Decision]] = defaultdict(list)
    refused = []
    for d in decisions:
        outcome = _outcome(d)
        if outcome == "rejected":
            refused.append(d)
        elif outcome is not None:
            found[_verdict(d, outcome)] += 1
            if d.origin == "corrected":
                moved[d.article, d.annotator, d.layer].append(d)
    for d in refused:
        if not any(_is_of(d, other) for other in moved[d.article, d.annotator, d.layer]):
            found[_verdict(d, "rejected")] += 1
    return found


def _outcome(d: Decision) -> Outcome | None:
    """Return what a decision says about a suggestion; None where it says nothing."""
    if d.origin is None:
        return "rejected"
    if d.origin == "manual":
        # A stance that was chosen blind was not missed, and where nothing was suggested nothing was.
        return "missed" if d.suggested and not d.blind else None
    if d.origin == "imported" or d.seen is None or d.blind:
        return None
    if d.in_bulk:
        return "bulk"
    if d.origin == "accepted":
        return "accepted"
    return "relabelled" if d.seen != d.label else "moved"


def _verdict(d: Decision, outcome: Outcome) -> Verdict:
    hour = d.created_at[:_HOUR] if d.created_at else None
    layer = _layer(d.layer, d.start is None)
    if outcome in ("rejected", "missed"):
        component = (d.component or UNKNOWN) if outcome == "rejected" else ""
        return Verdict(layer, component, d.label, outcome, None, d.done, hour)
    if outcome in ("accepted", "bulk") or d.seen is None:  # not what was seen: a label may have a new name
        return Verdict(layer, d.component or UNKNOWN, d.label, outcome, None, d.done, hour)
    return Verdict(layer, d.component or UNKNOWN, d.seen, outcome, d.label, d.done, hour)


def _is_of(rejection: Decision, taken: Decision) -> bool:
    """Tell whether a rejection only says that a suggestion was taken with other edges."""
    if rejection.start is None or rejection.end is None or taken.start is None or taken.end is None:
        return False
    overlaps = rejection.start < taken.end and taken.start < rejection.end
    same_stretch = (rejection.start, rejection.end) == (taken.start, taken.end)
    return taken.seen == rejection.label and overlaps and not same_stretch


def _layer(name: str, whole: bool) -> str:
    """Return the layer's name; the stances of passages are a kind of their own."""
    return "passage" if name == _STANCE and not whole else name
