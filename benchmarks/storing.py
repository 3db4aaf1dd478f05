"""Storing suggestions against executemany into a bare table.

    python3 benchmarks/storing.py [--articles N | --full]

Both take the same suggestions, 60 an article, with the same journal settings, in turn. At least 0.4 of the
floor: unlike it, storing looks each label up, holds each stretch against its text, cleans the words, writes
evidence as JSON and keeps the table clustered by article, with an index besides.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from functools import partial
from itertools import batched, islice
from typing import TYPE_CHECKING

from shared import Place, ms, place, row, seconds

if TYPE_CHECKING:
    from annotator.model import Suggestion

SIZES = (8, 200)  # articles a commit: as `annotator suggest` does, and so many that the disk hardly counts
MOST = 2_000  # articles: what is measured is a rate
COLUMNS = "article, layer, label, start, end, component, reason, score, scores, evidence"


def main() -> None:
    """Print the ratios."""
    from annotator.model import PipelineInfo, Suggestion
    from annotator.project import open_project

    here = place(__doc__)
    path = here.folder / "storing.annot"
    shutil.copyfile(here.project(), path)
    found = [[Suggestion(**values) for values in one] for one in suggestions(here)]
    pipeline = PipelineInfo("corpus", "1")
    bare = sqlite3.connect(here.folder / "bare.db", isolation_level=None)
    for pragma in ("journal_mode = DELETE", "synchronous = FULL", "cache_size = -32000"):
        bare.execute(f"PRAGMA {pragma}")
    with open_project(path, annotator="anna") as project:
        for size in SIZES:
            with project.history.transaction():
                project.db.execute("DELETE FROM suggestions")
            bare.execute("DROP TABLE IF EXISTS suggestions")
            bare.execute(f"CREATE TABLE suggestions ({COLUMNS})")
            ours = floor = 0.0
            for part in batched(enumerate(found, 1), size):
                batch = [(article, one, None) for article, one in part]
                ours += seconds(partial(project.suggestions.replace, pipeline, batch))
                floor += seconds(partial(write, bare, rows(batch)))
            claim = f"storing suggestions, {size} articles a commit: bare / ours"
            row(claim, ms(ours), ms(floor), floor / ours, 0.4, at_least=True)
    bare.close()
    (here.folder / "bare.db").unlink()
    path.unlink()


def rows(batch: list[tuple[int, list[Suggestion], None]]) -> list[tuple[object, ...]]:
    """Return some articles' suggestions as the bare table takes them."""
    return [
        (
            *(article, s.layer, s.label, s.start, s.end, s.component, s.reason, s.score),
            *(s.scores and json.dumps(s.scores), json.dumps(s.evidence)),
        )
        for article, found, _ in batch
        for s in found
    ]


def write(bare: sqlite3.Connection, given: list[tuple[object, ...]]) -> None:
    """Write them in one transaction."""
    bare.execute("BEGIN")
    bare.executemany("INSERT INTO suggestions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", given)
    bare.execute("COMMIT")


def suggestions(here: Place) -> list[list[dict[str, object]]]:
    """Return what is suggested for the first articles of the corpus."""
    with here.corpus().open(encoding="utf-8") as lines:
        found = [json.loads(line)["suggestions"] for line in islice(lines, MOST)]
    for one in found:
        for s in one:
            s["evidence"] = tuple(tuple(stretch) for stretch in s["evidence"])
    return found


if __name__ == "__main__":
    main()
