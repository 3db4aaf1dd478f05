"""Large acts that move annotations between actors and labels, in steps, which may fail in their middle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from annotator.model import ArticleInput, FinishedFirstError, ProjectError, StorageError
from annotator.project import Project, compact, open_project, swapping
from annotator.project.schema import HUMAN_TABLES

from .conftest import finish

ARTICLES = 40
Rows = Callable[[Project], Any]


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that 40 articles take many steps."""
    monkeypatch.setattr(swapping, "_FIRST_STEP", 3)
    monkeypatch.setattr(swapping, "_LEAST_STEP", 3)
    monkeypatch.setattr(swapping, "STEP_SECONDS", 0.0)


@pytest.fixture
def mentions(project: Project) -> Project:
    """The project with 40 articles, in each of which Putin is labelled HUMAN and is Vladimir Putin."""
    with project.act("imported"):
        for number in range(ARTICLES):
            project.articles.add(ArticleInput(f"Putin spoke, {number}.", f"Number {number}"))
    project.codebook_editing.add_label("entity", "HUMAN", color="#112233")
    with project.act("labelled all"):
        for article in project.articles.ids():
            project.annotations.put(article, "entity", "HUMAN", 0, 5)
        project.db.execute("UPDATE annotations SET actor = ?", [project.actors.called("Vladimir Putin")])
    return project


def _merge_into_new(project: Project) -> None:
    project.actors.merge("Putin, V.", "Vladimir Putin")


def _merge_into_known(project: Project) -> None:
    with project.act("another actor"):
        project.actors.called("The president")
    project.actors.merge("The president", "Vladimir Putin")


def _split(project: Project) -> None:
    project.actors.split("Vladimir Putin", ["Putin"], "Someone")


def _assign_name(project: Project) -> None:
    project.actors.add_alias("Vladimir Putin", "Putin")
    project.actors.assign_name("Putin", "Other")


def _merge_labels(project: Project) -> None:
    finish(project.codebook.delete_label_in_steps("entity", "HUMAN", move_to="PERSON"))


def _move_and_change_places(project: Project) -> None:
    """Move the annotations to a new actor that takes the name of the old one, which takes another."""
    with project.act("changed places"):
        project.db.execute("UPDATE actors SET name = 'before' WHERE name = 'Vladimir Putin'")
        project.db.execute("UPDATE annotations SET actor = ?", [project.actors.called("Vladimir Putin")])


def _replace_articles(project: Project) -> None:
    """Add articles that say they replace one that comes earlier, or later, than they do."""
    with project.act("replaced"):
        for number in range(ARTICLES):
            project.articles.add(ArticleInput(f"Newer {number}", f"Newer {number}"))
        project.db.execute("UPDATE articles SET replaces = id - 1 WHERE id > 1 AND id % 5 > 0")
        project.db.execute("UPDATE articles SET replaces = id + 7 WHERE id % 5 = 0 AND id < 60")


MOVES = [
    _merge_into_new,
    _merge_into_known,
    _split,
    _assign_name,
    _merge_labels,
    _move_and_change_places,
    _replace_articles,
]


def _step(project: Project, steps: Any) -> Any:
    """Step to the end; after each step no reference leads nowhere. Return what the steps return."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value
        assert project.db.execute("PRAGMA foreign_key_check").fetchall() == []


@pytest.mark.parametrize("move", MOVES)
def test_what_moves_annotations_is_undone_redone_and_reverted_in_steps(
    mentions: Project, move: Callable[[Project], None], human_rows: Rows
) -> None:
    move(mentions)
    after = human_rows(mentions)
    mentions.undo()
    before = human_rows(mentions)
    mentions.redo()
    assert human_rows(mentions) == after != before
    for _ in range(2):
        assert _step(mentions, mentions.history.undo_in_steps()) is not None
        assert human_rows(mentions) == before
        assert _step(mentions, mentions.history.redo_in_steps()) is not None
        assert human_rows(mentions) == after
    act = mentions.acts.ids()[0]
    assert _step(mentions, mentions.revert_in_steps(act)).text.startswith("reverted: ")
    assert human_rows(mentions) == before
    _step(mentions, mentions.history.undo_in_steps())
    assert human_rows(mentions) == after


def test_what_rows_refer_to_goes_last(project: Project) -> None:
    parents = {
        row[2] for table in HUMAN_TABLES for row in project.db.execute(f"PRAGMA foreign_key_list({table})")
    }
    assert parents == set(swapping._PARENTS)
    assert list(swapping._PARENTS) == [table for table in HUMAN_TABLES if table in parents]


# Steps that fail in their middle: the disk is full when half of a step is written.


class Full:
    """Refuses the ``number``-th putting back of rows once these are written, and all that come after."""

    def __init__(self, patch: pytest.MonkeyPatch, number: int) -> None:
        self._left = number
        self._real = swapping.put_images_back
        patch.setattr(swapping, "put_images_back", self._put)

    def _put(self, project: Project, tables: frozenset[str]) -> None:
        self._real(project, tables)
        self._left -= 1
        if self._left <= 0:
            raise StorageError("The disk is full. Make room and do it again.")


def _fail(monkeypatch: pytest.MonkeyPatch, number: int, steps: Any) -> None:
    with monkeypatch.context() as patch:
        Full(patch, number)
        with pytest.raises(StorageError):
            finish(steps)


NUMBERS = pytest.mark.parametrize("number", [1, 2, 5, 14])


@NUMBERS
@pytest.mark.parametrize("in_steps", [False, True])
@pytest.mark.parametrize("move", [_merge_into_new, _merge_labels])
def test_after_a_step_that_failed_the_same_key_completes_what_it_began_and_no_more(
    mentions: Project,
    move: Callable[[Project], None],
    number: int,
    in_steps: bool,
    monkeypatch: pytest.MonkeyPatch,
    human_rows: Rows,
) -> None:
    history = mentions.history
    move(mentions)
    after = human_rows(mentions)
    mentions.undo()
    before = human_rows(mentions)
    mentions.redo()
    act = history.acts(1)[0]

    _fail(monkeypatch, number, history.undo_in_steps())
    assert history.half_done() == history.last() == history.next()
    assert history.last().id == act.id  # type: ignore[union-attr]
    change = finish(history.undo_in_steps()) if in_steps else mentions.undo()
    assert (change.text, change.act) == (act.text, act.id)
    assert human_rows(mentions) == before
    assert history.half_done() is None

    _fail(monkeypatch, number, history.redo_in_steps())
    again = finish(history.redo_in_steps()) if in_steps else mentions.redo()
    assert again == change
    assert human_rows(mentions) == after
    assert history.acts(1) == [act]


@NUMBERS
@pytest.mark.parametrize("in_steps", [False, True])
def test_after_a_step_that_failed_the_other_key_takes_it_back(
    mentions: Project, number: int, in_steps: bool, monkeypatch: pytest.MonkeyPatch, human_rows: Rows
) -> None:
    history = mentions.history
    _merge_into_new(mentions)
    after = human_rows(mentions)
    mentions.undo()
    before = human_rows(mentions)
    mentions.redo()
    _fail(monkeypatch, number, history.undo_in_steps())
    assert (finish(history.redo_in_steps()) if in_steps else mentions.redo()) is not None
    assert human_rows(mentions) == after
    mentions.undo()
    _fail(monkeypatch, number, history.redo_in_steps())
    assert (finish(history.undo_in_steps()) if in_steps else mentions.undo()) is not None
    assert human_rows(mentions) == before


@NUMBERS
def test_a_revert_whose_step_failed_leaves_all_as_it_was_and_works_later(
    mentions: Project, number: int, monkeypatch: pytest.MonkeyPatch, human_rows: Rows
) -> None:
    _merge_into_new(mentions)
    after, acts = human_rows(mentions), mentions.acts.ids()
    _fail(monkeypatch, number, mentions.revert_in_steps(acts[0]))  # nor is there room to take it back
    assert mentions.changed_outside() == (number > 1)  # what is left of it goes now: views must read anew
    assert human_rows(mentions) == after
    assert mentions.acts.ids() == acts
    _fail(monkeypatch, number, mentions.revert_in_steps(acts[0]))
    finish(mentions.revert_in_steps(acts[0]))  # that goes first too
    assert finish(mentions.history.undo_in_steps()) is not None
    assert human_rows(mentions) == after
    assert mentions.history.next() is not None


@pytest.mark.parametrize(
    "something_new",
    [
        lambda project: project.articles.set_flagged(1, True),
        lambda project: project.long_act("importing"),
        lambda project: project.revert(1),
        lambda project: finish(project.revert_in_steps(1)),
        lambda project: finish(project.acts.undo_to(1)),
        lambda project: project.history.begin_here(),
        lambda project: compact.compact(project, compact.plan(project)),
    ],
)
@pytest.mark.parametrize("direction", ["undo", "redo"])
def test_something_new_waits_until_the_person_has_seen_what_was_completed(
    mentions: Project,
    something_new: Callable[[Project], Any],
    direction: str,
    monkeypatch: pytest.MonkeyPatch,
    human_rows: Rows,
) -> None:
    history = mentions.history
    _merge_labels(mentions)
    states = [human_rows(mentions)]
    mentions.undo()
    states.insert(0, human_rows(mentions))
    if direction == "undo":
        mentions.redo()
    _fail(monkeypatch, 4, history.undo_in_steps() if direction == "undo" else history.redo_in_steps())
    half = history.half_done_change()
    with pytest.raises(FinishedFirstError, match=f"The {direction} of “deleted the label HUMAN") as caught:
        something_new(mentions)
    assert caught.value.change == half
    assert human_rows(mentions) == states[direction == "redo"]
    assert mentions.redo() if direction == "undo" else mentions.undo()
    assert human_rows(mentions) == states[direction == "undo"]


def test_while_it_cannot_be_completed_nothing_else_is_done(
    mentions: Project, monkeypatch: pytest.MonkeyPatch, human_rows: Rows
) -> None:
    _merge_labels(mentions)
    with monkeypatch.context() as patch:
        Full(patch, 3)
        with pytest.raises(StorageError):
            finish(mentions.history.undo_in_steps())
        half = human_rows(mentions)
        for act in (mentions.undo, mentions.redo, lambda: mentions.articles.set_flagged(1, True)):
            with pytest.raises(ProjectError, match="disk is full"):
                act()
        assert human_rows(mentions) == half
    mentions.close()
    with open_project(mentions.path, annotator="anna") as again:
        assert again.history.half_done() is None
        assert again.history.next().text.startswith("deleted the label")  # type: ignore[union-attr]
