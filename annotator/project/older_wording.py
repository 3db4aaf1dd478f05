"""Annotations that were made before the wording of their label was changed."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from annotator.model import Change, ProjectError
from annotator.project.codebook import LabelProgress
from annotator.project.history import now
from annotator.project.long_act import LongAct
from annotator.project.swapping import SwapProgress

if TYPE_CHECKING:
    from annotator.project.store import Project

SHOWN = 1000
_AT_ONCE = 250  # annotations in a step
_ARTICLES = 20  # that are looked at together


@dataclass(frozen=True, slots=True)
class Older:
    """An annotation of version ``then`` of the codebook, whose label is worded as of version ``since``."""

    annotation: int
    article: int
    title: str
    annotator: str
    layer: str
    label: str
    start: int | None
    end: int | None
    quote: str | None
    then: int
    since: int


def older(project: Project, limit: int = SHOWN) -> tuple[list[Older], int, int]:
    """Return the first of these annotations, by label and article, how many there are and how many by others.

    Others are all but the annotator at work.
    """
    steps = older_in_steps(project, limit)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: tuple[list[Older], int, int] = end.value
            return found


def older_in_steps(
    project: Project, limit: int = SHOWN
) -> Generator[LabelProgress, None, tuple[list[Older], int, int]]:
    """Do what :func:`older` does, some articles at a time: it looks at each annotation."""
    first: dict[int, list[int]] = {}  # by label, in the order of articles
    number = others = 0
    for progress, found in _pages(project):
        number += len(found)
        me = project.annotator_id()
        for label, annotation, annotator in found:
            others += annotator != me
            if len(chosen := first.setdefault(label, [])) < limit:
                chosen.append(annotation)
        yield progress
    rows = project.db.execute(
        "SELECT a.id, a.article, articles.title, annotators.name, layers.name, labels.name, "
        'a."start", a."end", a.quote, '
        "a.codebook_version, labels.wording FROM json_each(?) CROSS JOIN annotations a ON a.id = value "
        "CROSS JOIN articles ON articles.id = a.article CROSS JOIN annotators ON annotators.id = a.annotator "
        "CROSS JOIN labels ON labels.id = a.label CROSS JOIN layers ON layers.id = a.layer "
        'ORDER BY layers.position, labels.position, a.article, a."start", a.id LIMIT ?',
        [json.dumps(list(chain.from_iterable(first.values()))), limit],
    )
    return [Older(*row) for row in rows], number, others


def _pages(project: Project) -> Iterator[tuple[LabelProgress, list[tuple[int, int, int]]]]:
    """Yield how many articles were looked at, and what is older in the last of them.

    Each is the ids of label, annotation and annotator.
    """
    worded = project.db.execute("SELECT id, wording FROM labels WHERE wording IS NOT NULL").fetchall()
    if not worded:
        return
    # By article: an index of versions would cost every act, and that of labels leads to each row one by one.
    query = (
        "SELECT label, id, annotator FROM annotations WHERE article BETWEEN ? AND ? AND ("
        + " OR ".join(f"+label = {label} AND codebook_version < {since}" for label, since in worded)
        + ') ORDER BY article, "start", id'
    )
    (total,) = project.db.execute("SELECT count(*) FROM articles").fetchone()
    done = last = 0
    while articles := project.db.execute(
        "SELECT id FROM articles WHERE id > ? ORDER BY id LIMIT ?", [last, _ARTICLES]
    ).fetchall():
        (begin,), (last,) = articles[0], articles[-1]
        done += len(articles)
        yield LabelProgress(done, max(done, total)), project.db.execute(query, [begin, last]).fetchall()


def confirm(project: Project, annotations: Sequence[int]) -> Change:
    """Say that annotations are right under the present wording of their label, too.

    Only those of the annotator at work are: raises ``ProjectError`` where there is none among them.
    """
    mine = [
        row[0]
        for row in project.db.execute(
            "SELECT a.id FROM json_each(?) JOIN annotations a ON a.id = value WHERE a.annotator = ?",
            [json.dumps(annotations), project.annotator_id()],
        )
    ]
    if annotations and not mine:
        raise ProjectError(
            f"This is not labelled by {project.annotator}: only who labelled it can say so. "
            "Choose one of your own."
        )
    with project.act(_said(len(mine))) as act:
        _confirm(project, mine)
    return act.change


def confirm_all(project: Project) -> Generator[LabelProgress | SwapProgress, None, Change]:
    """Say so of all by the annotator at work that :func:`older` counts, as one act in steps.

    Closing the generator takes it back.
    """
    act = project.long_act("finding annotations right under the present wording")
    return (yield from act.run(_confirming(project, act)))


def _confirming(project: Project, act: LongAct) -> Generator[LabelProgress, None, str]:
    done = 0
    for progress, found in _pages(project):
        me = project.annotator_id()
        ids = [annotation for _, annotation, annotator in found if annotator == me]
        for chosen in (ids[n : n + _AT_ONCE] for n in range(0, len(ids), _AT_ONCE)):
            with act.step():
                _confirm(project, chosen)
            yield progress
        done += len(ids)
        yield progress
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
