"""Annotations that were made before the wording of their label was changed."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from annotator.model import Change
from annotator.project.codebook import LabelProgress
from annotator.project.history import LongAct, now
from annotator.project.swapping import SwapProgress

if TYPE_CHECKING:
    from annotator.project.store import Project

SHOWN = 1000
_AT_ONCE = 250  # annotations in a step
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


def confirm(project: Project, annotations: Sequence[int]) -> Change:
    """Say that annotations are right under the present wording of their label, too."""
    with project.act(_said(len(annotations))) as act:
        _confirm(project, annotations)
    return act.change


def confirm_all(project: Project) -> Generator[LabelProgress | SwapProgress, None, Change]:
    """Say so of all that :func:`older` counts, as one act in steps; closing the generator takes it back."""
    act = project.long_act("finding annotations right under the present wording")
    return (yield from act.run(_confirming(project, act)))


def _confirming(project: Project, act: LongAct) -> Generator[LabelProgress, None, str]:
    (total,) = project.db.execute(f"SELECT count(*) {_OLDER}").fetchone()
    done = 0
    while ids := [id_ for (id_,) in project.db.execute(f"SELECT a.id {_OLDER} LIMIT ?", [_AT_ONCE])]:
        with act.step():
            _confirm(project, ids)
        done += len(ids)
        yield LabelProgress(done, max(done, total))
    return _said(done)


def _confirm(project: Project, annotations: Sequence[int]) -> None:
    version, when = project.codebook.version(), now()
    project.db.conn.executemany(
        "UPDATE annotations SET codebook_version = ?, updated_at = ? WHERE id = ?",
        [(version, when, id_) for id_ in annotations],
    )


def _said(number: int) -> str:
    many = "an annotation" if number == 1 else f"{number:,} annotations"
    return f"found {many} right under the present wording"
