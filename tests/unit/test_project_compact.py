"""Compact: what goes, what stays, and that what stays can be undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from annotator.model import Cancelled, ProjectError, ReadOnlyProjectError
from annotator.project import Project, open_project
from annotator.project import compact as module
from annotator.project.compact import compact, compact_in_steps, plan

Rows = Callable[[Project], dict[str, list[tuple[Any, ...]]]]
Check = Callable[[Project], None]


def test_what_could_be_redone_goes_and_everything_else_can_still_be_undone(
    suggested: Project, human_rows: Rows, search_index_is_right: Check
) -> None:
    empty = human_rows(suggested)
    suggested.annotations.accept_all(1)
    suggested.articles.set_note(1, "n" * 2_000_000)
    suggested.undo()
    suggested.annotations.add(2, "stance", "neutral")
    suggested.undo()
    present = human_rows(suggested)
    wanted = plan(suggested)
    assert (wanted.redo_acts, wanted.old_acts) == (1, 0)
    assert wanted.summary().startswith("1 act (2 rows kept for redo) can no longer be redone.")
    before, after = compact(suggested, wanted)
    assert after < before
    assert human_rows(suggested) == present
    search_index_is_right(suggested)
    assert suggested.redo() is None
    suggested.undo()
    assert human_rows(suggested) == empty
    suggested.redo()
    assert human_rows(suggested) == present


def test_old_history_goes_only_when_asked_and_what_it_did_stays(suggested: Project, human_rows: Rows) -> None:
    suggested.articles.set_flagged(1, True)
    suggested.articles.set_flagged(2, True)
    suggested.articles.set_flagged(3, True)
    with suggested.history.transaction():
        # Acts 1 and 2 are old; 3 is new; 4 was made after the clock was set back: it stays, too.
        suggested.db.execute("UPDATE acts SET created_at = '2020-01-01T00:00:00.000Z' WHERE id IN (1, 2, 4)")
    present = human_rows(suggested)
    assert plan(suggested).old_acts == 0
    wanted = plan(suggested, older_than=365)
    assert (wanted.old_acts, wanted.old_rows, wanted.until) == (2, 8, 2)
    assert "2 acts (8 rows) will leave the history" in wanted.summary()
    compact(suggested, wanted)
    assert human_rows(suggested) == present
    assert suggested.acts.ids() == [4, 3]
    assert suggested.undo() is not None
    assert suggested.undo() is not None
    assert suggested.undo() is None
    assert [suggested.articles.progress(n).flagged for n in (1, 2, 3)] == [True, False, False]


def test_all_of_the_history_may_be_dropped(suggested: Project) -> None:
    suggested.articles.set_flagged(1, True)
    wanted = plan(suggested, older_than=0)
    compact(suggested, wanted)
    assert suggested.acts.ids() == []
    assert suggested.articles.progress(1).flagged
    assert plan(suggested, older_than=0).summary() == "The history keeps all of its acts."
    suggested.articles.set_flagged(1, False)
    assert suggested.undo() is not None


def test_nothing_is_dropped_during_a_long_act_or_while_reading(suggested: Project) -> None:
    long = suggested.long_act("importing")
    with pytest.raises(ProjectError, match="still running"):
        compact(suggested, plan(suggested))
    long.cancel()
    suggested.close()
    with open_project(suggested.path, read_only=True) as project, pytest.raises(ReadOnlyProjectError):
        compact(project, plan(project))


def test_compacting_goes_in_steps_and_may_stop_between_any_two(
    suggested: Project, monkeypatch: pytest.MonkeyPatch, human_rows: Rows
) -> None:
    monkeypatch.setattr(module, "STEP_SECONDS", 0.0)
    monkeypatch.setattr(module, "AT_A_TIME", 2)
    suggested.annotations.accept_all(1)
    suggested.articles.set_flagged(1, True)
    suggested.articles.set_flagged(2, True)
    suggested.undo()
    present, acts = human_rows(suggested), suggested.acts.ids()
    wanted = plan(suggested, older_than=0)
    steps = compact_in_steps(suggested, wanted)
    for _ in range(3):
        next(steps)
    with pytest.raises(Cancelled):
        steps.throw(Cancelled())
    assert human_rows(suggested) == present
    assert 0 < len(suggested.acts.ids()) < len(acts)
    while suggested.undo() is not None:  # whatever is left of the history is whole
        pass
    while suggested.redo() is not None:
        pass
    assert human_rows(suggested) == present
    more = compact_in_steps(suggested, plan(suggested, older_than=0))
    assert sum(1 for _ in more) > 1
    assert suggested.acts.ids() == []
    assert human_rows(suggested) == present


def test_packing_can_be_cancelled_and_the_history_goes_on(
    suggested: Project, human_rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "INSTRUCTIONS", 10)
    suggested.articles.set_note(1, "n" * 2_000_000)
    suggested.undo()
    present = human_rows(suggested)
    with pytest.raises(Cancelled):
        for _ in compact_in_steps(suggested, plan(suggested), stop=lambda: True):
            pass
    assert human_rows(suggested) == present
    before, after = compact(suggested, plan(suggested))
    assert after < before
    # Packing drops all temporary triggers: those of the history are there again.
    suggested.articles.set_flagged(1, True)
    assert human_rows(suggested) != present
    assert suggested.undo() is not None
    assert human_rows(suggested) == present
