"""Which stretches of text an act was about: what a view need read anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from annotator.model import Change

if TYPE_CHECKING:
    from annotator.project.store import Project

Stretch = tuple[int | None, int | None]
"""Start and end in code points; None and None for the whole article."""

FEW = 20  # stretches; of more than that, reading all is quicker
_ONLY = frozenset({"annotations", "rejections", "progress"})  # tables that say nothing of other stretches
_OLD = (
    "SELECT json_extract(before, '$.start'), json_extract(before, '$.end') FROM act_rows "
    "WHERE act = :act AND tbl IN ('annotations', 'rejections') AND before IS NOT NULL"
)
_NEW = (
    'SELECT "start", "end" FROM {0} WHERE id IN '
    "(SELECT \"row\" FROM act_rows WHERE act = :act AND tbl = '{0}')"
)


def touched_stretches(project: Project, change: Change) -> set[Stretch] | None:
    """Return where an act, or undoing it, changed annotations and rejections; None: look at everything."""
    if change.act is None or change.article is None or not change.tables <= _ONLY:
        return None
    rows = project.db.execute(
        f"{_OLD} UNION {_NEW.format('annotations')} UNION {_NEW.format('rejections')} LIMIT :most",
        {"act": change.act, "most": FEW + 1},
    ).fetchall()
    if len(rows) > FEW or ((None, None) in rows and project.drawing.blind_share):
        return None  # of the blind share, the article's stance uncovers what is suggested of passages
    return set(rows)
