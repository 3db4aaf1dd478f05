"""What people answered to suggestions, for judging how good these are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from annotator.model import Origin
from annotator.project.bulk import IN_BULK

if TYPE_CHECKING:
    from annotator.project.store import Project

_ARTICLES_AT_A_TIME = 5  # some milliseconds


@dataclass(frozen=True, slots=True)
class Decision:
    """An annotation with what it answered, or a rejection (``origin`` None; ``label`` is what was refused).

    ``component`` is who suggested it; of a rejection who does now, None where a later run replaced that.
    ``seen`` is the label that was suggested and shown, None where none was; ``blind`` where one may have
    been hidden; ``drawn`` says how the article came up for this annotator. ``created_at`` is None for a
    rejection that the history does not know any more. ``done``: the annotator is done with the article;
    ``suggested``: something was suggested for it at all; ``in_bulk``: accepted with all others in the
    project, unseen.
    """

    article: int
    annotator: str
    layer: str
    label: str
    start: int | None
    end: int | None
    origin: Origin | None
    component: str | None
    seen: str | None
    blind: bool
    drawn: str | None
    created_at: str | None
    done: bool
    suggested: bool
    in_bulk: bool


def decisions(project: Project, layer: str | None = None) -> Iterator[Decision]:
    """Yield everybody's annotations and rejections of a layer (None: of all), by article in import order.

    Nothing is held open between articles. What the machine says now, hidden or not, is
    ``project.suggestions.stored(article)``.
    """
    for page in decision_pages(project, layer):
        yield from page.decisions


@dataclass(frozen=True, slots=True)
class Page:
    """The decisions on the articles with ids from ``first`` to ``last``; ``articles`` are so many."""

    first: int
    last: int
    articles: int
    decisions: list[Decision]


def decision_pages(project: Project, layer: str | None = None) -> Iterator[Page]:
    """Yield what :func:`decisions` does, some milliseconds' worth at a time."""
    bulk = [row[0] for row in project.db.execute("SELECT id FROM acts WHERE text GLOB ?", [IN_BULK])]
    last = 0
    while rows := project.db.execute(
        "SELECT id FROM articles WHERE id > ? ORDER BY id LIMIT ?", [last, _ARTICLES_AT_A_TIME]
    ).fetchall():
        first, last = rows[0][0], rows[-1][0]
        values = {"first": first, "last": last, "layer": layer, "bulk": json.dumps(bulk)}
        found = [_decision(row) for row in project.db.execute(_DECISIONS, values)]
        yield Page(first, last, len(rows), found)


_FROM = (
    "{} d JOIN layers ON layers.id = d.layer JOIN labels ON labels.id = d.label "
    "JOIN annotators ON annotators.id = d.annotator "
    "LEFT JOIN progress ON progress.article = d.article AND progress.annotator = d.annotator "
    "WHERE d.article BETWEEN :first AND :last AND layers.name = coalesce(:layer, layers.name)"
)
_STATE = (
    "coalesce(progress.status = 'done', 0), "
    "EXISTS (SELECT 1 FROM suggested WHERE suggested.article = d.article)"
)
_WHO = (
    "SELECT component FROM {} s WHERE s.article = d.article AND s.layer = d.layer AND s.label = d.label "
    'AND s."start" IS d."start" AND s."end" IS d."end"'
)
_WHEN = (  # an act that is undone has the row's image, not its absence
    "SELECT max(acts.created_at) FROM act_rows JOIN acts ON acts.id = act_rows.act "
    "WHERE tbl = 'rejections' AND \"row\" = d.id AND before IS NULL"
)
_IN_BULK = (
    "EXISTS (SELECT 1 FROM act_rows WHERE tbl = 'annotations' AND \"row\" = d.id AND before IS NULL "
    "AND act IN (SELECT value FROM json_each(:bulk)))"
)
_DECISIONS = (
    'SELECT d.article, annotators.name, layers.name, labels.name, d."start", d."end", origin, component, '
    f"seen_suggestion, blind, drawn, created_at, {_STATE}, origin = 'accepted' AND {_IN_BULK} "
    f"FROM {_FROM.format('annotations')} UNION ALL "
    'SELECT d.article, annotators.name, layers.name, labels.name, d."start", d."end", NULL, '
    f"coalesce(({_WHO.format('suggestions')} LIMIT 1), ({_WHO.format('covered')} LIMIT 1)), NULL, "
    f"NULL, drawn, ({_WHEN}), {_STATE}, 0 FROM {_FROM.format('rejections')} ORDER BY 1, 2, 5, 6, 4"
)


def _decision(row: Any) -> Decision:
    flags = (bool(flag) for flag in row[12:])
    return Decision(*(*row[:9], bool(row[9]), *row[10:12], *flags))
