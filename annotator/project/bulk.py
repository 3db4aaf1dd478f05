"""Deciding on the open suggestions of the whole project: one act, in steps."""

from __future__ import annotations

import json
import time
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from annotator.model import Change
from annotator.project.behind import name_of
from annotator.project.drawing import STANCE
from annotator.project.history import now
from annotator.project.many_rows import coming
from annotator.project.ordered_ids import ordered_ids
from annotator.project.swapping import STEP_SECONDS, SwapProgress

if TYPE_CHECKING:
    from annotator.project.long_act import LongAct
    from annotator.project.store import Project

IN_BULK = "accepted all * suggestions in the project"
"""What an act says (a pattern) that accepted what nobody had looked at."""

_SUGGESTIONS = (
    'SELECT article, layer, "start", "end", label, id, actor, holder, target FROM suggestions '
    'WHERE article BETWEEN ? AND ? AND "start" IS NOT NULL AND label IS NOT NULL ORDER BY article, id DESC'
)
_IN_TEXT_ORDER = itemgetter(0, 2, 3)
# What a suggestion says goes from table to table; c0 and c1 are its key, c2 to c5 its quote and its actors.
_ACCEPT = """
INSERT INTO annotations(article, id, uuid, annotator, layer, label, exclusive, "start", "end", quote,
    actor, holder, target, component, reason, seen_suggestion, origin,
    codebook_version, created_at, updated_at)
SELECT s.article, ? + coming.rowid, ? || printf('%012x', ? + coming.rowid), ?, s.layer, s.label,
    layers.exclusive, s."start", s."end", c2,
    c3, c4, c5, s.component, s.reason, labels.name, 'accepted', ?, ?, ?
FROM {} coming
CROSS JOIN suggestions s ON s.article = c0 AND s.id = c1
CROSS JOIN labels ON labels.id = s.label
CROSS JOIN layers ON layers.id = s.layer
ORDER BY coming.rowid
"""


@dataclass(frozen=True, slots=True)
class BulkProgress:
    """How far it is: ``done`` of ``total`` articles."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class OpenSuggestions:
    """How many suggestions of spans are open for the annotator at work, in how many articles."""

    suggestions: int
    articles: int


def count_open(project: Project) -> Generator[BulkProgress, None, OpenSuggestions]:
    """Count what :func:`accept_all_open` would accept; step the generator until it returns it."""
    suggestions = articles = 0
    total, done, chunk = project.articles.count(), 0, _Chunk(project, STEP_SECONDS)
    while ids := chunk.next():
        found = _open(project, ids)
        suggestions += len(found)
        articles += len({stretch[0] for stretch in found})
        done += len(ids)
        chunk.done()
        yield BulkProgress(min(done, total), total)
    return OpenSuggestions(suggestions, articles)


def accept_all_open(
    project: Project, *, step_seconds: float = STEP_SECONDS
) -> Generator[BulkProgress | SwapProgress, None, Change]:
    """Accept every open suggestion of a span in the project, as one act; step until it returns the change.

    Labels of whole articles are left: each is a decision of its own. Of several suggestions on one stretch
    the first is taken, as in ``accept_all``. A step works for ``step_seconds`` and commits. Closing the
    generator takes everything back; thrown ``Cancelled`` into it does so in steps. Raises ``ProjectError``
    where the project cannot be written.
    """
    act = project.long_act("accepting all suggestions in the project")
    return (yield from act.run(_accepting(project, act, _Chunk(project, step_seconds))))


def _accepting(project: Project, act: LongAct, chunk: _Chunk) -> Generator[BulkProgress, None, str]:
    accepted = done = 0
    total = project.articles.count()
    while ids := chunk.next():
        # Article, layer and label are joined, annotator and actors looked up or made: all are there.
        with act.step(checked=False):
            accepted += accept_open(project, ids)
            chunk.done()
        done += len(ids)
        yield BulkProgress(min(done, total), total)
    return IN_BULK.replace("*", f"{accepted:,}")


class _Chunk:
    """Goes through the articles, so many at a time that a step takes its time."""

    def __init__(self, project: Project, seconds: float) -> None:
        self._project = project
        self._seconds = seconds
        self._after = 0
        self._size = 2
        self._began = 0.0

    def next(self) -> list[int]:
        self._began = time.perf_counter()
        ids = [
            row[0]
            for row in self._project.db.execute(
                "SELECT id FROM articles WHERE id > ? ORDER BY id LIMIT ?", [self._after, self._size]
            )
        ]
        self._after = ids[-1] if ids else self._after
        return ids

    def done(self) -> None:
        elapsed = time.perf_counter() - self._began
        fits = int(self._size * self._seconds / max(elapsed, 1e-6))
        self._size = max(1, min(fits, 2 * self._size, 2000))


_Stretch = tuple[int, int, int, int]  # article, layer id, start, end


def _open(project: Project, ids: list[int]) -> dict[_Stretch, tuple[Any, ...]]:
    """Return the open suggestions of ``ids`` in order, the first of each stretch: rows of ``_SUGGESTIONS``.

    In Python: SQL would compare each suggestion with each annotation of its article.
    """
    execute = project.db.execute
    between, me = [ids[0], ids[-1]], project.annotator_id()
    decided = set(
        execute(
            'SELECT article, layer, "start", "end" FROM annotations WHERE article BETWEEN ? AND ? '
            "AND annotator = ?",
            [*between, me],
        )
    )
    rejected = set(
        execute(
            'SELECT article, layer, "start", "end", label FROM rejections WHERE article BETWEEN ? AND ? '
            "AND annotator = ?",
            [*between, me],
        )
    )
    hidden = project.drawing.hidden(ids)
    stance = execute("SELECT id FROM layers WHERE name = ?", [STANCE]).fetchone() if hidden else None
    # Sorted here, where they are in order nearly always. The first of one stretch comes last, and stays.
    rows = sorted(execute(_SUGGESTIONS, between), key=_IN_TEXT_ORDER)
    if hidden:
        rows = [row for row in rows if row[0] not in hidden or row[1:2] != stance]
    if rejected:
        rows = [row for row in rows if row[:5] not in rejected]
    found = {row[:4]: row for row in rows}
    if decided:
        for stretch in decided & found.keys():
            del found[stretch]
    return found


def accept_open(project: Project, ids: list[int], *, drawn: str | None = None) -> int:
    """Accept the open span suggestions of the articles ``ids``, which follow one another; return how many.

    Within the act that is going on. Of several on one stretch the first is taken. ``drawn`` says how those
    that are touched first came up.
    """
    found = _open(project, ids)
    if not found:
        return 0
    me, version, when = project.ensure_annotator(), project.codebook.version(), now()
    (last,) = project.db.execute("SELECT coalesce(max(id), 0) FROM annotations").fetchone()
    articles = {stretch[0]: "" for stretch in found}
    for article in articles:
        articles[article] = project.articles.text(article)
    quotes = [articles[article][start:end] for article, _, start, end in found]
    about = _About(project, found.values(), quotes)
    # One list and no generators: this is done for each of a million suggestions.
    rows = [
        (article, number, quote, *about[layer, label, quote, actor, holder, target])
        for quote, (article, layer, _, _, label, number, actor, holder, target) in zip(
            quotes, found.values(), strict=True
        )
    ]
    history, connection = project.history, project.db.conn
    with history.inserting("annotations", last + 1, len(rows)), coming(connection, rows) as accepted:
        connection.execute(_ACCEPT.format(accepted), (last, *ordered_ids(), me, version, when, when))
    project.db.execute(
        "INSERT INTO progress(article, annotator, status, drawn) "
        "SELECT value, ?, 'in_progress', ? FROM json_each(?) WHERE 1 "
        "ON CONFLICT (article, annotator) DO UPDATE SET status = 'in_progress' "
        "WHERE progress.status = 'todo'",
        [me, drawn, json.dumps(list(articles))],
    )
    return len(rows)


_Mention = tuple[int, int, str, str | None, str | None, str | None]
"""Of a suggestion: ids of layer and label, quote, and the names of actor, holder and target."""


class _About(dict[_Mention, tuple[int | None, int | None, int | None]]):
    """The ids of actor, holder and target by what the project says, made when first asked for.

    The same names come again and again: each is looked at once.
    """

    def __init__(
        self, project: Project, suggestions: Iterable[tuple[Any, ...]], quotes: Iterable[str]
    ) -> None:
        super().__init__()
        self._actors = project.actors
        self._ids: dict[str | None, int | None] = {None: None}
        (self._entity,) = project.db.execute("SELECT max(id) FROM layers WHERE name = 'entity'").fetchone()
        self._kinds = dict(project.db.execute("SELECT id, name FROM labels"))
        about = {name for row in suggestions for name in row[6:9] if name}
        self._behind = project.actors.behind(about.union(map(name_of, set(quotes))))

    def __missing__(self, mention: _Mention) -> tuple[int | None, int | None, int | None]:
        layer, label, quote, actor, holder, target = mention
        kind = None
        if layer == self._entity:
            kind = self._kinds[label]
            if self._behind:
                actor = self._behind.of_mention(quote, kind, actor)
        self[mention] = found = self._id(actor, kind), self._id(holder), self._id(target)
        return found

    def _id(self, name: str | None, kind: str | None = None) -> int | None:
        if name not in self._ids:
            assert name is not None
            self._ids[name] = self._actors.called(self._behind.actor(name) or name, kind)
        return self._ids[name]
