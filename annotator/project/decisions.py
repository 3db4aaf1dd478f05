"""What people answered to suggestions, for judging how good these are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from annotator.model import Origin

if TYPE_CHECKING:
    from annotator.project.store import Project

_ARTICLES_AT_A_TIME = 200


@dataclass(frozen=True, slots=True)
class Decision:
    """An annotation with what it answered, or a rejection (``origin`` None; ``label`` is what was refused).

    ``seen`` is the label that was suggested and shown, None where none was; ``blind`` where one may have
    been hidden; ``drawn`` says how the article came up for this annotator. ``created_at`` is None for a
    rejection.
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


def decisions(project: Project, layer: str) -> Iterator[Decision]:
    """Yield everybody's annotations and rejections of a layer, by article in import order.

    Nothing is held open between articles. What the machine says now, hidden or not, is
    ``project.suggestions.stored(article)``.
    """
    last = 0
    while True:
        rows = project.db.execute(
            "SELECT id FROM articles WHERE id > ? ORDER BY id LIMIT ?", [last, _ARTICLES_AT_A_TIME]
        ).fetchall()
        if not rows:
            return
        values = {"first": last + 1, "last": rows[-1][0], "layer": layer}
        for row in project.db.execute(_DECISIONS, values).fetchall():
            *decided, blind, drawn, when = row
            article, annotator, of, label, start, end, origin, component, seen = decided
            yield Decision(
                article, annotator, of, label, start, end, origin, component, seen, bool(blind), drawn, when
            )
        last = rows[-1][0]


_FROM = (
    "{} d JOIN layers ON layers.id = d.layer JOIN labels ON labels.id = d.label "
    "JOIN annotators ON annotators.id = d.annotator "
    "LEFT JOIN progress ON progress.article = d.article AND progress.annotator = d.annotator "
    "WHERE d.article BETWEEN :first AND :last AND layers.name = :layer"
)
_DECISIONS = (
    'SELECT d.article, annotators.name, layers.name, labels.name, d."start", d."end", origin, component, '
    f"seen_suggestion, blind, drawn, created_at FROM {_FROM.format('annotations')} UNION ALL "
    'SELECT d.article, annotators.name, layers.name, labels.name, d."start", d."end", NULL, NULL, NULL, '
    f"NULL, drawn, NULL FROM {_FROM.format('rejections')} ORDER BY 1, 2, 5, 6, 4"
)
