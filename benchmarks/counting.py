"""Statistics against the same answers by one plain query each.

    python3 benchmarks/counting.py [--articles N | --full]

Statistics step through the articles, so that whoever is at work is not kept waiting and there is progress
to show. That may cost nothing: at most 1.2 times the floor, where nobody has decided on anything and where
half of the suggestions are accepted.
"""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path

from exporting import accept_half
from shared import ms, place, row, seconds

RAW = (
    "SELECT count(*) FROM articles",
    "SELECT status, flagged, count(DISTINCT article) FROM progress GROUP BY status, flagged",
    'SELECT label, "start" IS NULL, origin, count(*) FROM annotations WHERE annotator {who} GROUP BY 1, 2, 3',
    "SELECT count(*) FROM rejections WHERE annotator {who}",
    """SELECT count(*) FROM suggestions s WHERE NOT EXISTS (
        SELECT 1 FROM annotations a WHERE a.article = s.article AND a.annotator {who}
        AND a.layer = s.layer AND a."start" IS s."start" AND a."end" IS s."end")
    AND NOT EXISTS (
        SELECT 1 FROM rejections r WHERE r.article = s.article AND r.annotator {who}
        AND r.layer = s.layer AND r.label IS s.label AND r."start" IS s."start" AND r."end" IS s."end")""",
)


def raw(path: Path, who: str) -> None:
    """Count by one query each."""
    with closing(sqlite3.connect(path)) as db:
        for query in RAW:
            db.execute(query.format(who=who)).fetchall()


def main() -> None:
    """Print the ratios."""
    from annotator.project import open_project
    from annotator.project.stats import stats

    here = place(__doc__)
    path = here.folder / "counting.annot"
    shutil.copyfile(here.project(), path)
    for what in ("undecided", "half decided"):
        if what != "undecided":
            accept_half(path)
        for who, ids in (("anna", "= 1"), (None, "IN (SELECT id FROM annotators)")):
            raw(path, ids)  # once, so that both find the file in the system's cache
            floor = seconds(partial(raw, path, ids))
            with open_project(path, read_only=True) as project:
                ours = seconds(partial(stats, project, who))
            row(f"statistics of {who or 'all'}, {what} / queries", ms(ours), ms(floor), ours / floor, 1.2)
    path.unlink()


if __name__ == "__main__":
    main()
