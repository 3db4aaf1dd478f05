"""A scripted session to be killed: ``crash_session.py PROJECT SEED FIRST`` prints each step that is done."""

from __future__ import annotations

import itertools
import random
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

from annotator.formats import export_jsonl, import_paths
from annotator.model import PipelineInfo, Suggestion
from annotator.project import create_project, open_project
from annotator.project.store import Project

IMPORTED = 25  # articles of one import
STEPS = ("label", "label", "undo", "import", "export", "suggest", "create")


def finish(steps: Generator[Any, None, Any]) -> None:
    for _ in steps:
        pass


def do(project: Project, step: int, what: str) -> None:
    folder = project.path.parent
    if what == "label":
        project.annotations.add(1, "entity", ("GPE", "ORG")[step % 2], step, step + 5)
    elif what == "undo":
        project.articles.set_note(2, f"undone {step}")
        project.undo()
    elif what == "import":
        files = folder / "in" / str(step)
        files.mkdir(parents=True)
        for number in range(IMPORTED):
            (files / f"{number}.txt").write_text(f"import {step}\n\nArticle {number} " + "word " * 500)
        # A transaction for each article: more moments to be killed at.
        finish(import_paths(project, [files], step_seconds=0.0))
    elif what == "export":
        finish(export_jsonl(project, folder / "out" / f"{step % 3}.jsonl"))
    elif what == "suggest":
        found = [Suggestion("entity", "GPE", start, start + 4, f"run {step}") for start in range(0, 200, 5)]
        project.suggestions.replace(PipelineInfo("run", "1"), [(1, found, None), (2, found, None)])
    else:
        create_project(folder / "made" / str(step)).close()


def main() -> None:
    path, seed, first = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    project = open_project(path, annotator="anna")
    print("ready", flush=True)
    steps = random.Random(seed)
    for step in itertools.count(first):
        what = steps.choice(STEPS)
        print("begin", step, what, flush=True)
        do(project, step, what)
        print("done", step, what, flush=True)


if __name__ == "__main__":
    main()
