"""Suggestions as the project file keeps them: a row each, and what of an answer is kept at all."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from annotator.model import Suggestion
from annotator.project.many_rows import insert_rows
from annotator.project.stored_values import stored_ranges, stored_scores
from annotator.project.suggested_labels import BLOCK
from annotator.text import storable

COLUMNS = (
    'layers.name, labels.name, s."start", s."end", s.component, s.reason, s.score, s.scores, s.evidence, '
    "s.id, s.actor, s.holder, s.target, s.layer, s.label"
)
JOINED = "s JOIN layers ON layers.id = s.layer LEFT JOIN labels ON labels.id = s.label"
FROM = f"FROM suggestions {JOINED}"

_PLAIN = ("article", "id", "layer", "label", "start", "end", "component", "reason", "evidence")
_WHOLE = (*_PLAIN, "score", "scores", "actor", "holder", "target")
_NOTHING = (None,) * 5

KEPT = 25_000
"""So many are kept in memory: those of an article with more than any has, and of some beside it."""

Ids = Mapping[tuple[str, str | None], tuple[int, int | None]]
"""Layer and label by their names: their ids. A layer's own has None for the label."""


class Clean(dict[str | None, str | None]):
    """Words as SQLite can keep them: the same ones come again and again."""

    def __missing__(self, words: str | None) -> str | None:
        self[words] = found = None if words is None else storable(words)
        return found


def _ranges(evidence: Iterable[tuple[int, int]], length: int) -> str:
    return json.dumps([(start, end) for start, end in evidence if _fits(start, end, length)])


def _fits(start: int | None, end: int | None, length: int) -> bool:
    if start is None or end is None:
        return start is end
    return 0 <= start < end <= length


@lru_cache(KEPT)
def suggestion_of(row: tuple[Any, ...]) -> Suggestion:
    """Return the suggestion in a row of ``COLUMNS``; the very object where the same row was read before.

    Those of an article are read again after each act, and making them takes several times as long as
    fetching the rows.
    """
    return Suggestion(
        layer=row[0],
        label=row[1],
        start=row[2],
        end=row[3],
        component=row[4],
        reason=row[5],
        score=row[6],
        scores=stored_scores(row[7]) if row[7] is not None else None,
        evidence=stored_ranges(row[8]) if row[8] != "[]" else (),
        id=row[9],
        actor=row[10],
        holder=row[11],
        target=row[12],
    )


def fitting(suggestions: Iterable[Suggestion], known: Ids, length: int) -> list[Suggestion]:
    """Return the suggestions that have a layer and label of the codebook and a stretch of the text."""
    return [s for s in suggestions if (s.layer, s.label) in known and _fits(s.start, s.end, length)]


class Rows:
    """Rows for a table of suggestions, gathered to be inserted together.

    Most have nothing in the last columns, and sqlite3 takes longer for None than for a number.
    """

    def __init__(self, known: Ids) -> None:
        self._known = known
        self._clean = Clean()
        self._plain: list[tuple[Any, ...]] = []
        self._whole: list[tuple[Any, ...]] = []
        self._places: set[tuple[int, int]] = set()

    def add(self, article: int, suggestions: Iterable[tuple[int, Suggestion]], length: int) -> None:
        """Add an article's suggestions, each with its number; those that do not fit are passed over."""
        known, clean = self._known.get, self._clean
        labels = set()
        for number, s in suggestions:
            ids, start, end = known((s.layer, s.label)), s.start, s.end
            # As in _fits: in a large import calling it is felt.
            if ids is None or not (
                start is end if start is None or end is None else 0 <= start < end <= length
            ):
                continue
            labels.add(ids)
            evidence = _ranges(s.evidence, length) if s.evidence else "[]"
            row = (article, number, ids[0], ids[1], start, end, clean[s.component], clean[s.reason], evidence)
            if (s.score, s.scores, s.actor, s.holder, s.target) == _NOTHING:
                self._plain.append(row)
            else:
                scores = None if s.scores is None else json.dumps(dict(s.scores), ensure_ascii=False)
                about = clean[s.actor], clean[s.holder], clean[s.target]
                self._whole.append((*row, s.score, scores, *about))
        block = article // BLOCK
        self._places.update((-layer if label is None else label, block) for layer, label in labels)

    def insert(self, connection: sqlite3.Connection, table: str) -> None:
        """Write the rows, and where their labels are, within the transaction that is going on."""
        insert_rows(connection, table, self._plain, _PLAIN)
        insert_rows(connection, table, self._whole, _WHOLE)
        connection.executemany("INSERT OR IGNORE INTO suggested_labels VALUES (?, ?)", sorted(self._places))
