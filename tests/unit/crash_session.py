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
from annotator.project.bulk import accept_all_open
from annotator.project.compact import compact_in_steps, plan
from annotator.project.store import Project

IMPORTED = 25  # articles of one import
SPANS = range(0, 200, 5)  # where something is suggested
STEPS = (
    *("label", "label", "undo", "import", "export", "suggest", "create"),
    *("accept", "delete", "revert", "compact"),
)


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
        found = [Suggestion("entity", "GPE", start, start + 4, f"run {step}") for start in SPANS]
        project.suggestions.replace(PipelineInfo("run", "1"), [(1, found, None), (2, found, None)])
    elif what == "accept":
        finish(accept_all_open(project))
    elif what == "delete":
        label = f"L{step}"
        project.codebook_editing.add_label("entity", label, color="#0072b2")
        for start in range(1, 60, 6):
            project.annotations.add(2, "entity", label, start, start + 3)
        finish(project.codebook.delete_label_in_steps("entity", label))
    elif what == "revert":
        flagged = project.articles.set_flagged(2, True)
        project.articles.set_note(1, f"after {step}")
        assert flagged.act is not None
        finish(project.revert_in_steps(flagged.act))
    elif what == "compact":
        finish(compact_in_steps(project, plan(project)))
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
