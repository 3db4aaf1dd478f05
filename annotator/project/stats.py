"""How far the work is: counting a project's articles, decisions and open suggestions. Reads only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from annotator.project.suggestions import IS_OPEN

if TYPE_CHECKING:
    from annotator.project.store import Project

_ARTICLES = 200  # a step: a few milliseconds, and so few rows that SQLite sorts them in memory

# A whole article is counted as it is where nobody has decided on anything: 12 times as quick.
_DECIDED = f"""
SELECT count(*) FROM suggestions s WHERE s.article IN (
    SELECT article FROM annotations WHERE article BETWEEN :first AND :last
    UNION SELECT article FROM rejections WHERE article BETWEEN :first AND :last
) AND NOT ({IS_OPEN})
"""
# Where some are hidden, that tells by itself nothing: then each is looked at.
_NOT_OPEN = f"""
SELECT count(*) FROM suggestions s WHERE s.article BETWEEN :first AND :last AND NOT ({IS_OPEN})
"""


@dataclass(frozen=True, slots=True)
class Stats:
    """How far the work is, for one annotator or (``annotator`` None) for all together.

    ``done`` and the like count articles that anybody has so; ``spans`` and ``stance`` (of whole
    articles) count annotations by label. ``suggestions_open`` are those that nobody (of the one or of
    all) has decided on. ``accepted`` to ``imported`` count annotations by origin, ``rejected`` rejections.
    """

    annotator: str | None
    articles: int
    done: int
    skipped: int
    in_progress: int
    flagged: int
    spans: dict[str, dict[str, int]]
    stance: dict[str, int]
    suggestions_open: int
    accepted: int
    corrected: int
    manual: int
    imported: int
    rejected: int

    def as_dict(self) -> dict[str, Any]:
        """Return the numbers as plain values that JSON knows."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class StatsProgress:
    """How far the counting is: ``done`` of ``total`` articles."""

    done: int
    total: int


def stats(project: Project, annotator: str | None = None) -> Stats:
    """Count articles and decisions of ``annotator`` (a name; default: of all together)."""
    steps = stats_steps(project, annotator)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            counted: Stats = end.value
            return counted


def stats_steps(project: Project, annotator: str | None = None) -> Generator[StatsProgress, None, Stats]:
    """Do what :func:`stats` does, in steps of some milliseconds, between which others may write."""
    with project.plain_errors():
        return (yield from _stats(project, annotator))


def _stats(project: Project, annotator: str | None) -> Generator[StatsProgress, None, Stats]:
    execute = project.db.execute
    # Of all together: whoever they are. Their ids, not "anybody": the index is by article and annotator.
    chosen = "IN (SELECT id FROM annotators WHERE :me IS NULL OR name = :me)"
    who = {"me": annotator}
    progress = execute(
        "SELECT (SELECT count(*) FROM articles), count(DISTINCT article) FILTER (WHERE status = 'done'), "
        "count(DISTINCT article) FILTER (WHERE status = 'skipped'), "
        "count(DISTINCT article) FILTER (WHERE status = 'in_progress'), "
        "count(DISTINCT article) FILTER (WHERE flagged = 1) "
        f"FROM progress WHERE annotator {chosen}",
        who,
    ).fetchone()
    labelled: Counter[tuple[int, bool]] = Counter()  # by label and whether it is the whole article's
    origins: Counter[str] = Counter()
    suggested = rejected = seen = last = 0
    not_open = _NOT_OPEN if project.drawing.blind_share else _DECIDED
    while ids := execute(
        "SELECT id FROM articles WHERE id > ? ORDER BY id LIMIT ?", [last, _ARTICLES]
    ).fetchall():
        first, last = ids[0][0], ids[-1][0]
        part = {**who, "first": first, "last": last}
        for label, whole, origin, number in execute(
            'SELECT label, "start" IS NULL, origin, count(*) FROM annotations '
            f"WHERE article BETWEEN :first AND :last AND annotator {chosen} GROUP BY 1, 2, 3",
            part,
        ):
            labelled[label, bool(whole)] += number
            origins[origin] += number
        for counted, decided, refused in execute(
            "SELECT (SELECT count(*) FROM suggestions WHERE article BETWEEN :first AND :last), "
            f"({not_open.replace('= :me', chosen)}), "
            "(SELECT count(*) FROM rejections "
            f"WHERE article BETWEEN :first AND :last AND annotator {chosen})",
            part,
        ):
            suggested += counted - decided
            rejected += refused
        seen += len(ids)
        yield StatsProgress(min(seen, progress[0]), progress[0])
    spans: dict[str, dict[str, int]] = {}
    stance: dict[str, int] = {}
    for layer, label, name in execute(
        "SELECT layers.name, labels.id, labels.name FROM labels JOIN layers ON layers.id = labels.layer "
        "ORDER BY layers.position, labels.position, layers.id, labels.id"
    ):
        if number := labelled[label, False]:
            spans.setdefault(layer, {})[name] = number
        if layer == "stance" and (number := labelled[label, True]):
            stance[name] = number
    return Stats(
        annotator,
        articles=progress[0],
        done=progress[1],
        skipped=progress[2],
        in_progress=progress[3],
        flagged=progress[4],
        spans=spans,
        stance=stance,
        suggestions_open=suggested,
        accepted=origins["accepted"],
        corrected=origins["corrected"],
        manual=origins["manual"],
        imported=origins["imported"],
        rejected=rejected,
    )
