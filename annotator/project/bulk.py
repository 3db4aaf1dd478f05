"""Deciding on the open suggestions of the whole project: one act, in steps."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from annotator.model import Change
from annotator.project.history import now

if TYPE_CHECKING:
    from annotator.project.store import Project

STEP_SECONDS = 0.010  # of work; the commit comes on top

_SUGGESTIONS = (
    's.article, s.layer, s.label, s."start", s."end" FROM suggestions s '
    "JOIN layers ON layers.id = s.layer JOIN labels ON labels.id = s.label "
    'WHERE s.article BETWEEN ? AND ? AND s."start" IS NOT NULL '
    'ORDER BY s.article, s."start", s."end", layers.name, labels.name, s.component, s.id'
)


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
        for stretches in _open(project, ids, "").values():
            suggestions += len(stretches)
            articles += 1
        done += len(ids)
        chunk.done()
        yield BulkProgress(min(done, total), total)
    return OpenSuggestions(suggestions, articles)


def accept_all_open(
    project: Project, *, step_seconds: float = STEP_SECONDS
) -> Generator[BulkProgress, None, Change]:
    """Accept every open suggestion of a span in the project, as one act; step until it returns the change.

    Labels of whole articles are left: each is a decision of its own. Of several suggestions on one stretch
    the first is taken, as in ``accept_all``. A step works for ``step_seconds`` and commits. Closing the
    generator takes everything back. Raises ``ProjectError`` where the project cannot be written.
    """
    act = project.long_act("accepting all suggestions in the project")
    accepted = done = 0
    total, chunk, finished = project.articles.count(), _Chunk(project, step_seconds), False
    try:
        while ids := chunk.next():
            with act.step():
                accepted += accept_open(project, ids)
                chunk.done()
            done += len(ids)
            yield BulkProgress(min(done, total), total)
        change = act.finish(f"accepted all {accepted:,} suggestions in the project")
        finished = True
    finally:
        if not finished:
            act.cancel()
    return change


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


def _open(project: Project, ids: list[int], columns: str) -> dict[int, dict[tuple[int, int, int], Any]]:
    """Return the open suggestions of ``ids`` (in order): by article, then by layer id, start and end.

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
            'SELECT article, layer, label, "start", "end" FROM rejections WHERE article BETWEEN ? AND ? '
            "AND annotator = ?",
            [*between, me],
        )
    )
    found: dict[int, dict[tuple[int, int, int], Any]] = {}
    for row in execute(f"SELECT {columns} {_SUGGESTIONS}", between):
        article, layer, label, start, end = row[-5:]
        if (article, layer, start, end) not in decided and (
            article,
            layer,
            label,
            start,
            end,
        ) not in rejected:
            found.setdefault(article, {}).setdefault((layer, start, end), row)
    return found


def accept_open(project: Project, ids: list[int]) -> int:
    """Accept the open span suggestions of the articles ``ids``, which follow one another; return how many.

    Within the act that is going on. Of several on one stretch the first is taken.
    """
    execute = project.db.execute
    found = _open(project, ids, "labels.name, layers.exclusive, s.component, s.reason,")
    if not found:
        return 0
    me, version, when = project.ensure_annotator(), project.codebook.version(), now()
    (last,) = execute("SELECT coalesce(max(id), 0) FROM annotations").fetchone()
    number = sum(len(stretches) for stretches in found.values())
    fresh = _uuids(number)
    rows = []
    for article, stretches in found.items():
        text = project.articles.text(article)
        for name, exclusive, component, reason, _, layer, label, start, end in stretches.values():
            last += 1
            quote = text[start:end]
            given = (article, last, fresh.pop(), me, layer, label, exclusive, start, end, quote)
            rows.append((*given, component, reason, name, version, when, when))
    project.db.conn.executemany(
        "INSERT INTO annotations(article, id, uuid, annotator, layer, label, exclusive, start, end, quote, "
        "component, reason, seen_suggestion, codebook_version, created_at, updated_at, origin) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'accepted')",
        rows,
    )
    execute(
        "INSERT INTO progress(article, annotator, status) SELECT value, ?, 'in_progress' FROM json_each(?) "
        "WHERE 1 ON CONFLICT (article, annotator) DO UPDATE SET status = 'in_progress' "
        "WHERE progress.status = 'todo'",
        [me, json.dumps(list(found))],
    )
    return number


def _uuids(number: int) -> list[str]:
    """Return UUIDs that begin with the time (version 7), the last one first.

    So their places in the index lie side by side: scattered, each of a million would cost a page.
    """
    millis = f"{time.time_ns() // 1_000_000:012x}"
    head = f"{millis[:8]}-{millis[8:]}-7"
    digits = os.urandom(8 * number).hex()
    parts = (digits[n : n + 16] for n in range(0, 16 * number, 16))
    uuids = [f"{head}{d[:3]}-{'89ab'[int(d[3], 16) & 3]}{d[1:4]}-{d[4:]}" for d in parts]
    return sorted(uuids, reverse=True)
