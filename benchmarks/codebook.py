"""No act on the codebook stops the window: at once it takes 50 ms, undo too; in steps each takes no more."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Generator
from typing import Any

from lists import decide, deciding
from shared import ms, place, row

TIMES, BOUND = 5, 50
LARGE, SMALL = "GPE", "LAW"  # a label in all articles, and one in none


def at_once(project: Any, name: str, act: Callable[[], Any]) -> None:
    """Print what an act takes, and beside it the slowest of its undo and redo (medians)."""
    taken: dict[str, list[float]] = {"act": [], "undo": [], "redo": [], "undo again": []}
    for _ in range(TIMES):
        for what, work in zip(taken, (act, project.undo, project.redo, project.undo), strict=True):
            began = time.perf_counter()
            work()
            taken[what].append(time.perf_counter() - began)
    own, *back = (statistics.median(found) for found in taken.values())
    row(f"{name}, ms", ms(own), f"back {ms(max(back))}", max(own, *back) * 1000, BOUND)


def in_steps(name: str, steps: Generator[Any, None, Any], stop_after: int | None = None) -> None:
    """Print the longest step with its commit, and what all take; cancelled after ``stop_after`` of them."""
    from annotator.model import Cancelled

    taken: list[float] = []
    began = last = time.perf_counter()
    try:
        while True:
            if len(taken) == stop_after:
                steps.throw(Cancelled())
            else:
                next(steps)
            now = time.perf_counter()
            taken.append(now - last)
            last = now
    except (StopIteration, Cancelled):
        taken.append(time.perf_counter() - last)
    row(f"{name}: longest step, ms", ms(max(taken)), f"all {ms(sum(taken))}", max(taken) * 1000, BOUND)
    assert time.perf_counter() - began < 3600


def small_acts(project: Any) -> None:
    """Measure what is done at once."""
    editing = project.codebook_editing
    acts: dict[str, Callable[[], Any]] = {
        "rename a label": lambda: editing.edit_label("entity", "ORG", name="Body"),
        "recolour a label": lambda: editing.edit_label("entity", LARGE, color="#123456"),
        "define a label": lambda: editing.edit_label("entity", LARGE, definition="Places.", rule="None."),
        "move a label": lambda: editing.move_label("entity", LARGE, 7),
        "add a label": lambda: editing.add_label("entity", "SHIP", color="#0072b2"),
        "add a layer": lambda: editing.add_layer("topic", "article", exclusive=True),
        "define a layer": lambda: editing.edit_layer("entity", definition="Names."),
        "move a layer": lambda: editing.move_layer("zone", 0),
        "retire a label without suggestions": lambda: editing.retire("entity", SMALL),
        "delete a label without suggestions": lambda: project.codebook.delete_label("entity", SMALL),
    }
    for name, act in acts.items():
        at_once(project, name, act)
    editing.add_layer("topic", "article")
    at_once(project, "delete a layer", lambda: editing.delete_layer("topic"))
    project.undo()
    for name, look in {
        "does it take steps": lambda: project.codebook.takes_steps("entity", LARGE),
        "how often is it used": lambda: editing.uses("entity", LARGE),
    }.items():
        taken = []
        for _ in range(TIMES):
            began = time.perf_counter()
            look()
            taken.append(time.perf_counter() - began)
        row(f"{name}, ms", ms(statistics.median(taken)), "", statistics.median(taken) * 1000, BOUND)


def large_acts(project: Any) -> None:
    """Measure what is done in steps, on labels that are everywhere."""
    from annotator.project.older_wording import confirm_all, older_in_steps

    editing, codebook, history = project.codebook_editing, project.codebook, project.history

    def again() -> Generator[Any, None, None]:
        yield from codebook.suggesting_again()

    editing.edit_label("entity", LARGE, rule="Only with a government.")
    in_steps("list what is older", older_in_steps(project))
    in_steps("confirm all of it", confirm_all(project))
    in_steps("  undo", history.undo_in_steps())
    in_steps("retire, cancelled", editing.retire_in_steps("entity", LARGE), stop_after=200)
    in_steps("  what is suggested again", again())
    in_steps("retire", editing.retire_in_steps("entity", LARGE))
    at_once_undo(project, "  undo")
    in_steps("  what is suggested again", again())
    in_steps("merge", codebook.delete_label_in_steps("entity", LARGE, move_to="LOC"))
    in_steps("  undo", history.undo_in_steps())
    in_steps("delete", codebook.delete_label_in_steps("entity", "PERSON"))
    in_steps("  undo", history.undo_in_steps())
    in_steps("  redo", history.redo_in_steps())


def at_once_undo(project: Any, name: str) -> None:
    """Print what taking the last act back takes, which is short."""
    last = project.history.last()
    assert not project.history.takes_steps(last)
    began = time.perf_counter()
    project.undo()
    taken = time.perf_counter() - began
    row(f"{name}, ms", ms(taken), "", taken * 1000, BOUND)


def main() -> None:
    """Print the figures."""
    from annotator.project import open_project

    here = place(__doc__)
    with open_project(deciding(here, here.project()), annotator="anna") as project:
        if not project.db.execute("SELECT 1 FROM annotations LIMIT 1").fetchone():
            decide(project)
        small_acts(project)
        large_acts(project)


if __name__ == "__main__":
    main()
