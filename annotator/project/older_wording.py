"""Annotations that were made before the wording of their label was changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from annotator.model import Change
from annotator.project.history import now

if TYPE_CHECKING:
    from annotator.project.store import Project

SHOWN = 1000
_OLDER = (
    "FROM labels JOIN annotations a ON a.label = labels.id "
    "WHERE labels.wording IS NOT NULL AND a.codebook_version < labels.wording"
)


@dataclass(frozen=True, slots=True)
class Older:
    """An annotation of version ``then`` of the codebook, whose label is worded as of version ``since``."""

    annotation: int
    article: int
    title: str
    annotator: str
    layer: str
    label: str
    quote: str | None
    then: int
    since: int


def older(project: Project, limit: int = SHOWN) -> tuple[list[Older], int]:
    """Return the first of these annotations, by label and article, and how many there are."""
    (number,) = project.db.execute(f"SELECT count(*) {_OLDER}").fetchone()
    rows = project.db.execute(
        "SELECT o.id, o.article, articles.title, annotators.name, layers.name, o.label_name, o.quote, "
        "o.codebook_version, o.wording FROM "
        "(SELECT a.*, labels.name AS label_name, labels.wording AS wording, "
        f'labels.position AS place {_OLDER} ORDER BY a.layer, labels.position, a.article, a."start", a.id '
        "LIMIT ?) o JOIN articles ON articles.id = o.article JOIN annotators ON annotators.id = o.annotator "
        'JOIN layers ON layers.id = o.layer ORDER BY layers.position, o.place, o.article, o."start", o.id',
        [limit],
    )
    return [Older(*row) for row in rows], number


def confirm(project: Project, annotations: Sequence[int] | None) -> Change:
    """Say that annotations (None: all that :func:`older` counts) are right under the present wording, too."""
    ids = annotations
    if ids is None:
        ids = [id_ for (id_,) in project.db.execute(f"SELECT a.id {_OLDER}").fetchall()]
    many = "an annotation" if len(ids) == 1 else f"{len(ids):,} annotations"
    with project.act(f"found {many} right under the present wording") as act:
        version, when = project.codebook.version(), now()
        project.db.conn.executemany(
            "UPDATE annotations SET codebook_version = ?, updated_at = ? WHERE id = ?",
            [(version, when, id_) for id_ in ids],
        )
    return act.change
