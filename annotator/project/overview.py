"""How far the work is and what came of it, as charts: counted over the project in steps. Reads only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from annotator.dates import is_iso_date
from annotator.project.charts import Chart, Row, Series, largest, through_time, written
from annotator.project.outcomes import Key, outcomes, unseen_acts

if TYPE_CHECKING:
    from annotator.project.store import Project

_ARTICLES = 20  # a step: a few milliseconds, with sixty suggestions each
_STANCE = "stance"
NO_SOURCE = "(no source)"
NO_DATE = "(no date)"
NO_STANCE = "no stance"
_LAYERS = ("entity", "zone", "stance", "passage")  # those that every project has, in this order
OUTCOMES = ("accepted", "corrected", "rejected", "left open", "accepted unseen")

_WHO = "IN (SELECT id FROM annotators WHERE :who IS NULL OR name = :who)"
# The day of the last act that made an article done and still holds. One that came done from a file was done
# elsewhere, and of what Compact dropped nobody knows the day: then the day of its annotator's last label.
_DONE = f"""
SELECT annotators.name, date(coalesce((
    SELECT iif(acts.text GLOB 'imported *', NULL, acts.created_at)
    FROM act_rows r JOIN acts ON acts.id = r.act
    WHERE r.tbl = 'progress' AND r."row" = p.id AND acts.state = 'done' AND (r.before IS NULL
        OR iif(json_valid(r.before), json_extract(r.before, '$.status'), NULL) IS NOT 'done')
    ORDER BY r.act DESC LIMIT 1
), (
    SELECT max(a.created_at) FROM annotations a WHERE a.article = p.article AND a.annotator = p.annotator
)), 'localtime'), count(*)
FROM progress p JOIN annotators ON annotators.id = p.annotator
WHERE p.article BETWEEN :first AND :last AND p.status = 'done' AND p.annotator {_WHO} GROUP BY 1, 2
"""
_ANY_DONE = f"""
SELECT count(DISTINCT article) FROM progress
WHERE article BETWEEN :first AND :last AND status = 'done' AND annotator {_WHO}
"""
_STANCES = f"""
SELECT articles.source, articles.published, a.label, count(*)
FROM annotations a JOIN articles ON articles.id = a.article
WHERE a.article BETWEEN :first AND :last AND a."start" IS NULL AND a.layer = :stance AND a.annotator {_WHO}
GROUP BY 1, 2, 3
"""
_LABELS = f"""
SELECT label, "start" IS NULL, count(*) FROM annotations
WHERE article BETWEEN :first AND :last AND annotator {_WHO} GROUP BY 1, 2
"""
# A mention, with the stance that the same annotator gave the article, if it is one.
_MENTIONS = f"""
SELECT a.actor, (
    SELECT iif(count(*) = 1, min(w.label), NULL) FROM annotations w
    WHERE w.article = a.article AND w.annotator = a.annotator AND w.layer = :stance AND w."start" IS NULL
), count(*)
FROM annotations a
WHERE a.article BETWEEN :first AND :last AND a.actor IS NOT NULL AND a.annotator {_WHO} GROUP BY 1, 2
"""
_PASSAGES = f"""
SELECT holder, target, label, count(*) FROM annotations
WHERE article BETWEEN :first AND :last AND layer = :stance AND "start" IS NOT NULL
AND (holder IS NOT NULL OR target IS NOT NULL) AND annotator {_WHO} GROUP BY 1, 2, 3
"""


@dataclass(frozen=True, slots=True)
class OverviewProgress:
    """How far the counting is: ``done`` of ``total`` articles."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Overview:
    """All charts, for one annotator or (``annotator`` None) for all together.

    ``done`` of ``articles`` are done, by anybody of them. ``annotators`` are all who ever worked on it.
    """

    annotator: str | None
    annotators: tuple[str, ...]
    articles: int
    done: int
    charts: tuple[Chart, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return all numbers as JSON knows them."""
        return {
            "annotator": self.annotator,
            "annotators": list(self.annotators),
            "articles": self.articles,
            "done": self.done,
            "charts": [chart.as_dict() for chart in self.charts],
        }

    def csv(self) -> str:
        """Return all numbers as one CSV: a line for each number that is not 0."""
        return written([("chart", "name", "part", "series", "number"), *self._lines()])

    def _lines(self) -> Iterator[tuple[str | int, ...]]:
        for chart in self.charts:
            for row in chart.rows:
                part = row.names[1] if len(row.names) > 1 else ""
                for series, number in zip(chart.series, row.counts, strict=True):
                    if number:
                        yield chart.key, row.names[0], part, series.name, number


@dataclass(slots=True)
class _Counts:
    """What is counted on the way; numbers stand for labels and actors until the end."""

    done: int = 0
    days: Counter[tuple[str, str | None]] = field(default_factory=Counter)  # annotator, day
    sources: Counter[tuple[str | None, int]] = field(default_factory=Counter)  # source, label
    dates: Counter[tuple[str | None, int]] = field(default_factory=Counter)  # month or year, label
    labels: Counter[tuple[int, bool]] = field(default_factory=Counter)  # label, of the whole article
    mentions: Counter[tuple[int, int | None]] = field(default_factory=Counter)  # actor, the article's stance
    holders: Counter[tuple[int, int]] = field(default_factory=Counter)  # actor, the passage's stance
    targets: Counter[tuple[int, int]] = field(default_factory=Counter)
    outcomes: Counter[Key] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class _Label:
    layer: str
    name: str
    color: str


def overview_steps(
    project: Project, annotator: str | None = None
) -> Generator[OverviewProgress, None, Overview]:
    """Count everything of ``annotator`` (a name; None: of all), in steps of some milliseconds."""
    with project.plain_errors():
        return (yield from _overview(project, annotator))


def _overview(project: Project, annotator: str | None) -> Generator[OverviewProgress, None, Overview]:
    execute = project.db.execute
    total = project.articles.count()
    counts = _Counts()
    for seen in _count(project, annotator, counts):
        yield OverviewProgress(min(seen, total), total)
    labels = {
        id_: _Label(layer, name, color)
        for id_, layer, name, color in execute(
            "SELECT labels.id, layers.name, labels.name, labels.color FROM labels "
            "JOIN layers ON layers.id = labels.layer "
            "ORDER BY layers.position, layers.id, labels.position, labels.id"
        )
    }
    actors: dict[int, str] = dict(execute("SELECT id, name FROM actors").fetchall())
    charts = (
        done_per_day(counts.days),
        stance_by_source(counts.sources, labels),
        stance_over_time(counts.dates, labels),
        labels_by_count(counts.labels, labels),
        actors_by_mentions(counts.mentions, labels, actors),
        actors_in_passages(counts.holders, labels, actors, "holder"),
        actors_in_passages(counts.targets, labels, actors, "target"),
        answers_by(counts.outcomes, "component"),
        answers_by(counts.outcomes, "label"),
    )
    return Overview(annotator, tuple(project.annotators()), total, counts.done, charts)


def _count(project: Project, annotator: str | None, counts: _Counts) -> Iterator[int]:
    """Count a few articles at a time; yield how many were seen."""
    execute = project.db.execute
    stance = execute("SELECT id FROM layers WHERE name = ?", [_STANCE]).fetchone()
    unseen: list[int] = []
    for acts in unseen_acts(project):
        unseen += acts
        yield 0
    seen = last = 0
    while ids := execute(
        "SELECT id FROM articles WHERE id > ? ORDER BY id LIMIT ?", [last, _ARTICLES]
    ).fetchall():
        first, last = ids[0][0], ids[-1][0]
        part = {"who": annotator, "stance": stance[0] if stance else None, "first": first, "last": last}
        counts.done += execute(_ANY_DONE, part).fetchone()[0]
        for name, day, number in execute(_DONE, part):
            counts.days[name, day] += number
        for source, published, label, number in execute(_STANCES, part):
            counts.sources[source, label] += number
            counts.dates[_month(published), label] += number
        for label, whole, number in execute(_LABELS, part):
            counts.labels[label, bool(whole)] += number
        for actor, label, number in execute(_MENTIONS, part):
            counts.mentions[actor, label] += number
        for holder, target, label, number in execute(_PASSAGES, part):
            if holder is not None:
                counts.holders[holder, label] += number
            if target is not None:
                counts.targets[target, label] += number
        counts.outcomes.update(outcomes(project, first, last, annotator, unseen))
        seen += len(ids)
        yield seen


def _month(published: str | None) -> str | None:
    """Return the month of an ISO date, its year where it says no more, None where it is no date."""
    return published[:7] if published is not None and is_iso_date(published) else None


# The charts


def done_per_day(days: Counter[tuple[str, str | None]]) -> Chart:
    """Return how many articles each annotator was done with on each day, in the zone of this machine."""
    names = sorted({name for name, _ in days})
    rows = [
        Row((day or NO_DATE,), tuple(days[name, day] for name in names))
        for day in sorted({day for _, day in days}, key=lambda day: (day is None, day))
    ]
    series = [Series(name) for name in names]
    return Chart(
        "done",
        "Done per day",
        "Articles by the day on which their annotator was done with them; where the history does not tell "
        "(imported, or compacted), by the day of the last label. Two annotators of an article count twice.",
        "articles",
        ("day",),
        tuple(series),
        tuple(rows),
        through_time(series, rows),
        "Nobody is done with an article yet. Label one, mark it done, and come back.",
        over_time=True,
    )


def stance_by_source(sources: Counter[tuple[str | None, int]], labels: dict[int, _Label]) -> Chart:
    """Return the stances of articles, by where they were published."""
    series, columns = _stances(labels, {label for _, label in sources})
    rows = _by_size(
        Row((source or NO_SOURCE,), tuple(sources[source, column] for column in columns))
        for source in {source for source, _ in sources}
    )
    return Chart(
        "stance_by_source",
        "Stance by source",
        "Stances that people gave whole articles, by the articles' source. Each annotator's counts.",
        "articles",
        ("source",),
        series,
        rows,
        largest(series, rows),
        _NO_STANCES,
    )


def stance_over_time(dates: Counter[tuple[str | None, int]], labels: dict[int, _Label]) -> Chart:
    """Return the stances of articles, by the month (or, where no more is known, year) of publication."""
    series, columns = _stances(labels, {label for _, label in dates})
    rows = tuple(
        Row((month or NO_DATE,), tuple(dates[month, column] for column in columns))
        for month in sorted({month for month, _ in dates}, key=lambda month: (month is None, month))
    )
    return Chart(
        "stance_over_time",
        "Stance over time",
        "Stances that people gave whole articles, by when these were published. Each annotator's counts.",
        "articles",
        ("published",),
        series,
        rows,
        through_time(series, rows, ("month", "year")),
        _NO_STANCES,
        over_time=True,
    )


def labels_by_count(numbers: Counter[tuple[int, bool]], labels: dict[int, _Label]) -> Chart:
    """Return how often each label was given, in the order of the codebook."""
    rows = []
    for id_, label in labels.items():
        for whole in (True, False):
            if number := numbers[id_, whole]:
                layer = label.layer if whole or label.layer != _STANCE else "passage"
                rows.append(Row((layer, label.name), (number,), label.color))
    series = (Series("given"),)
    return Chart(
        "labels",
        "Labels by count",
        "Annotations by their label, in the codebook's order. Each annotator's count.",
        "annotations",
        ("layer", "label"),
        series,
        tuple(rows),
        largest(series, rows),
        "Nothing is labelled yet. Accept a suggestion, or select a name and press a label's key.",
    )


def actors_by_mentions(
    mentions: Counter[tuple[int, int | None]], labels: dict[int, _Label], actors: dict[int, str]
) -> Chart:
    """Return how often each actor is mentioned, by the stance of the article."""
    series, columns = _stances(labels, {label for _, label in mentions if label is not None})
    wanted: tuple[int | None, ...] = columns
    if any(label is None for _, label in mentions):
        series, wanted = (*series, Series(NO_STANCE)), (*columns, None)
    rows = _by_size(
        Row((actors.get(actor, "?"),), tuple(mentions[actor, column] for column in wanted))
        for actor in {actor for actor, _ in mentions}
    )
    return Chart(
        "actors",
        "Actors by mentions",
        "Annotations that speak of an actor, by the stance that the same annotator gave the article "
        f"({NO_STANCE}: none, or several).",
        "mentions",
        ("actor",),
        series,
        rows,
        largest(series, rows),
        "No actor is mentioned yet. Accept names of entities; whom they speak of comes with them.",
    )


def actors_in_passages(
    numbers: Counter[tuple[int, int]], labels: dict[int, _Label], actors: dict[int, str], role: str
) -> Chart:
    """Return in how many passages of each stance an actor is the holder, or the target."""
    series, columns = _stances(labels, {label for _, label in numbers})
    rows = _by_size(
        Row((actors.get(actor, "?"),), tuple(numbers[actor, column] for column in columns))
        for actor in {actor for actor, _ in numbers}
    )
    title, what = {
        "holder": ("Who takes a stance", "Stances of passages, by the actor who holds them."),
        "target": ("About whom", "Stances of passages, by the actor whom they are about."),
    }[role]
    return Chart(
        f"{role}s",
        title,
        what,
        "passages",
        (role,),
        series,
        rows,
        largest(series, rows),
        f"No passage has a {role} yet. Accept stances of passages, which name whom they are from and about.",
    )


def answers_by(numbers: Counter[Key], what: Literal["component", "label"]) -> Chart:
    """Return what became of suggestions, by the component that made them or by the suggested label."""
    found: Counter[tuple[str, str, str]] = Counter()
    for (layer, component, label, outcome), number in numbers.items():
        found[layer, component if what == "component" else label, outcome] += number
    used = [name for name in OUTCOMES if name != "accepted unseen" or any(o == name for *_, o in found)]
    rows = [
        row
        for layer in dict.fromkeys([*_LAYERS, *sorted({layer for layer, *_ in found})])
        for row in _by_size(
            Row((layer, name), tuple(found[layer, name, column] for column in used))
            for name in {name for other, name, _ in found if other == layer}
        )
    ]
    series = tuple(map(Series, used))
    return Chart(
        f"suggestions_by_{what}",
        f"Suggestions by {what}",
        f"What people answered, by the suggestion's layer and {what}; left open: without an answer in "
        "articles that they are done with. Tools > How good are the suggestions? tells more.",
        "suggestions",
        ("layer", what),
        series,
        tuple(rows),
        largest(series, rows),
        "Nobody has answered a suggestion yet. Accept and reject some, and come back.",
    )


_NO_STANCES = "No article has a stance yet. Give one in the panel on the right or by its key."


def _stances(labels: dict[int, _Label], used: set[int]) -> tuple[tuple[Series, ...], tuple[int, ...]]:
    """Return the stance labels that were given, in the codebook's order, and their numbers."""
    ids = tuple(id_ for id_ in labels if id_ in used)
    return tuple(Series(labels[id_].name, labels[id_].color) for id_ in ids), ids


def _by_size(rows: Iterable[Row]) -> tuple[Row, ...]:
    return tuple(sorted(rows, key=lambda row: (-row.total, row.names)))
