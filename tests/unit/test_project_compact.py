"""Compact: what goes, what stays, and that what stays can be undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from annotator.model import ProjectError, ReadOnlyProjectError
from annotator.project import Project, open_project
from annotator.project.compact import compact, plan

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
