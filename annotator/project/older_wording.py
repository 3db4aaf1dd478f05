"""Annotations that were made before the wording of their label was changed."""

from __future__ import annotations

import json
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
_LOOKED_AT = 100  # articles in a step, where their annotations are only read
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
    steps = older_in_steps(project, limit)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: tuple[list[Older], int] = end.value
            return found


def older_in_steps(project: Project, limit: int = SHOWN) -> Generator[None, None, tuple[list[Older], int]]:
    """Do what :func:`older` does in steps: it looks at the annotations of all articles."""
    labels = [
        label
        for (label,) in project.db.execute(
            "SELECT labels.id FROM labels JOIN layers ON layers.id = labels.layer "
            "WHERE wording IS NOT NULL ORDER BY layers.position, layers.id, labels.position, labels.id"
        )
    ]
    found: dict[int, list[int]] = {label: [] for label in labels}
    number = 0
    (last,) = project.db.execute("SELECT coalesce(max(article), 0) FROM annotations").fetchone()
    for article in range(1, last + 1 if labels else 1, _LOOKED_AT):
        rows = project.db.execute(
            "SELECT a.label, a.id FROM annotations a CROSS JOIN labels ON labels.id = a.label "
            "WHERE a.article BETWEEN ? AND ? AND a.codebook_version < labels.wording "
            "ORDER BY a.article, a.id",
            [article, article + _LOOKED_AT - 1],
        ).fetchall()
        number += len(rows)
        for label, id_ in rows:
            if len(found[label]) < limit:
                found[label].append(id_)
        yield
    first = [id_ for label in labels for id_ in found[label]][:limit]
    shown = project.db.execute(
        "SELECT a.id, a.article, articles.title, annotators.name, layers.name, labels.name, a.quote, "
        "a.codebook_version, labels.wording FROM annotations a JOIN labels ON labels.id = a.label "
        "JOIN articles ON articles.id = a.article JOIN annotators ON annotators.id = a.annotator "
        "JOIN layers ON layers.id = a.layer WHERE a.id IN (SELECT value FROM json_each(?)) "
        'ORDER BY layers.position, labels.position, a.article, a."start", a.id',
        [json.dumps(first)],
    )
    return [Older(*row) for row in shown], number


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
