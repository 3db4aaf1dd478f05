"""One kind of work, done again and again until it is killed: ``crash_work.py WORK PROJECT``.

Prints ``ready`` before the first, and a line whenever one is done.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

from annotator.formats import export_jsonl
from annotator.project import open_project, store
from annotator.project.backup import make_backup
from annotator.project.compact import compact, plan
from annotator.project.copying import copy_project
from annotator.project.salvage import salvage


def finish(steps: Generator[Any, None, Any]) -> None:
    for _ in steps:
        pass


def migrate(path: Path) -> None:
    """Open a project of an older schema, saying what is reached."""
    steps = store._migrate

    def said(db: Any) -> None:
        print("backed up", flush=True)
        steps(db)
        print("migrated", flush=True)

    store._migrate = said
    open_project(path, annotator="anna")
    print("opened", flush=True)


def work(what: str, path: Path, number: int) -> None:
    other = path.parent / "other"
    if what == "backup":
        with open_project(path, annotator="anna") as project:
            project.articles.set_note(1, f"note {number}")
            make_backup(path)
    elif what == "copy":
        finish(copy_project(path, other / f"{number % 2}.annot", replace=number > 1))
    elif what == "salvage":
        salvage(path, other / f"rescued {number}.annot")
    elif what == "compact":
        with open_project(path, annotator="anna") as project:
            for _ in range(200):
                project.articles.set_flagged(1, True)
                project.undo()
            compact(project, plan(project))
    elif what == "export":
        with open_project(path, annotator="anna") as project:
            finish(export_jsonl(project, other / "out.jsonl"))


def main() -> None:
    what, path = sys.argv[1], Path(sys.argv[2])
    print("ready", flush=True)
    if what == "migrate":
        migrate(path)
        return
    for number in itertools.count():
        work(what, path, number)
        print("done", number, flush=True)


if __name__ == "__main__":
    main()
