"""Annotations written with all their columns as they are: by an import, and where one is made of another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from annotator.model import Annotation
from annotator.text import storable

if TYPE_CHECKING:
    from annotator.project.store import Project


def insert_annotations(
    project: Project,
    decided: Sequence[tuple[int, int, Annotation, tuple[int, int, bool]]],
    actors: Mapping[str, int],
) -> None:
    """Write annotations with all their columns (but ``id``), within the act that is going on.

    ``decided`` gives (article, annotator, annotation, ids of its layer and label and whether the layer
    is exclusive). ``quote`` must be the article's text there; ``actors`` has the ids of those named.
    """
    if not decided:
        return
    (last,) = project.db.execute("SELECT coalesce(max(id), 0) FROM annotations").fetchone()
    history = project.history
    history.insert_many(
        "annotations",
        [
            (
                article,
                number,
                storable(a.uuid),
                annotator,
                layer,
                label,
                int(exclusive),
                a.start,
                a.end,
                a.quote,
                *(None if name is None else actors[name] for name in (a.actor, a.holder, a.target)),
                a.certainty,
                storable(a.note),
                a.origin,
                a.component and storable(a.component),
                storable(a.reason),
                a.seen_suggestion and storable(a.seen_suggestion),
                a.codebook_version,
                storable(a.created_at),
                storable(a.updated_at),
                int(a.blind),
            )
            for number, (article, annotator, a, (layer, label, exclusive)) in enumerate(decided, last + 1)
        ],
        history.columns("annotations"),
        last + 1,
    )
