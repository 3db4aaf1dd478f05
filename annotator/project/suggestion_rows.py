"""Suggestions as the project file keeps them: a row each, and what of an answer is kept at all."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from annotator.model import Suggestion
from annotator.text import storable

COLUMNS = (
    'layers.name, labels.name, s."start", s."end", s.component, s.reason, s.score, s.scores, s.evidence, '
    "s.id, s.actor, s.holder, s.target, s.layer, s.label"
)
JOINED = "s JOIN layers ON layers.id = s.layer LEFT JOIN labels ON labels.id = s.label"
FROM = f"FROM suggestions {JOINED}"

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
        scores=json.loads(row[7]) if row[7] else None,
        evidence=tuple((start, end) for start, end in json.loads(row[8])) if row[8] != "[]" else (),
        id=row[9],
        actor=row[10],
        holder=row[11],
        target=row[12],
    )


def fitting(suggestions: Iterable[Suggestion], known: Ids, length: int) -> list[Suggestion]:
    """Return the suggestions that have a layer and label of the codebook and a stretch of the text."""
    # As in _fits: in a large import calling it is felt.
    return [
        s
        for s in suggestions
        if (s.layer, s.label) in known
        and (s.start is s.end if s.start is None or s.end is None else 0 <= s.start < s.end <= length)
    ]


def rows_of(
    article: int,
    suggestions: Iterable[Suggestion],
    known: Ids,
    length: int,
    last: int,
    clean: Clean,
) -> list[tuple[Any, ...]]:
    """Return rows for what fits, numbered after ``last``."""
    return [
        (
            article,
            number,
            *known[s.layer, s.label],
            s.start,
            s.end,
            clean[s.component],
            clean[s.reason],
            s.score,
            None if s.scores is None else json.dumps(dict(s.scores), ensure_ascii=False),
            _ranges(s.evidence, length) if s.evidence else "[]",
            clean[s.actor],
            clean[s.holder],
            clean[s.target],
        )
        for number, s in enumerate(suggestions, last + 1)
    ]
