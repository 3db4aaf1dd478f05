"""Accepting everything at once, undoing large acts in steps: one act each, whole after any interruption."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from annotator.formats import export_jsonl, import_paths
from annotator.model import (
    ArticleInput,
    Cancelled,
    FinishedFirstError,
    PipelineInfo,
    ProjectError,
    RevertError,
    Suggestion,
)
from annotator.project import Project, create_project, history, open_project, swapping
from annotator.project.bulk import OpenSuggestions, accept_all_open, count_open

from .conftest import finish

ARTICLES = 60


@pytest.fixture
def large(project: Project) -> Project:
    """The project with 60 articles, each with two names and a stance suggested (Kyiv twice over)."""
    with project.act("imported"):
        for number in range(ARTICLES):
            project.articles.add(ArticleInput(f"🚀 Kyiv and Armenia, {number}.", f"Number {number}"))
    project.suggestions.replace(
        PipelineInfo("tiny", "1"),
        [
            (
                article,
                [
                    Suggestion("entity", "GPE", 2, 6, "ner", "a city"),
                    Suggestion("entity", "ORG", 2, 6, "zz", "another opinion"),
                    Suggestion("entity", "GPE", 11, 18, "ner", "a country"),
                    Suggestion("stance", "neutral", None, None, "stance", "no cues"),
                ],
                None,
            )
            for article in project.articles.ids()
        ],
    )
    return project


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that 60 articles take many steps."""
    monkeypatch.setattr(swapping, "_FIRST_STEP", 8)
    monkeypatch.setattr(swapping, "STEP_SECONDS", 0.0)


def test_accepting_all_in_the_project_does_what_accepting_all_in_each_article_does(
    large: Project, tmp_path: Path
) -> None:
    large.annotations.reject(1, 3)
    large.annotations.add(2, "entity", "ORG", 2, 6)
    assert finish(count_open(large)) == OpenSuggestions(2 * ARTICLES - 2, ARTICLES)
    change = finish(accept_all_open(large))
    assert change.text == f"accepted all {2 * ARTICLES - 2} suggestions in the project"
    assert change.tables == {"annotations", "progress"}
    in_bulk = [[_plain(a) for a in large.annotations.of(article)] for article in large.articles.ids()]
    large.undo()
    for article in large.articles.ids():
        large.annotations.accept_all(article)
    assert in_bulk == [[_plain(a) for a in large.annotations.of(article)] for article in large.articles.ids()]
    assert large.articles.progress(5).status == "in_progress"


def _plain(a: Any) -> tuple[Any, ...]:
    return (a.layer, a.label, a.start, a.end, a.quote, a.origin, a.component, a.reason, a.seen_suggestion)


def test_nothing_open_leaves_no_act(large: Project) -> None:
    finish(accept_all_open(large))
    acts = large.history.acts()
    assert finish(accept_all_open(large)).tables == frozenset()
    assert large.history.acts() == acts
    assert finish(count_open(large)) == OpenSuggestions(0, 0)


def test_another_annotators_decisions_leave_my_suggestions_open(large: Project) -> None:
    finish(accept_all_open(large))
    large.annotator = "ben"
    assert finish(count_open(large)).suggestions == 2 * ARTICLES


def test_cancelling_takes_back_what_was_accepted(
    large: Project, human_rows: Callable[[Project], Any]
) -> None:
    before = human_rows(large)
    steps = accept_all_open(large, step_seconds=0.0)
    next(steps)
    next(steps)
    assert human_rows(large) != before
    steps.close()
    assert human_rows(large) == before


def test_a_large_act_is_undone_and_redone_in_steps(
    large: Project, human_rows: Callable[[Project], Any], search_index_is_right: Callable[[Project], None]
) -> None:
    before = human_rows(large)
    done = finish(accept_all_open(large))
    after = human_rows(large)
    steps = large.history.undo_in_steps()
    assert sum(1 for _ in iter(lambda: next(steps, None), None)) > 10
    assert human_rows(large) == before
    assert large.history.next() is not None
    assert finish(large.history.redo_in_steps()) == done
    assert human_rows(large) == after
    assert finish(large.history.undo_in_steps()).tables == done.tables
    assert finish(large.history.undo_in_steps()).text == "imported"
    assert large.articles.count() == 0
    search_index_is_right(large)
    assert finish(large.history.redo_in_steps()).text == "imported"
    assert human_rows(large) == before
    search_index_is_right(large)
    assert finish(large.history.redo_in_steps()) == done
    assert human_rows(large) == after


@pytest.mark.parametrize("number", [1, 5, 12, 25])
def test_an_undo_that_was_cut_off_is_finished_at_the_next_opening(
    large: Project, number: int, human_rows: Callable[[Project], Any]
) -> None:
    before = human_rows(large)
    finish(accept_all_open(large))
    after = human_rows(large)
    steps = large.history.undo_in_steps()
    for _ in range(number):
        next(steps)
    assert large.history.half_done() == large.history.acts()[0]  # it is neither done nor undone
    large.close()
    with open_project(large.path, annotator="anna") as again:
        assert again.interrupted is None
        assert human_rows(again) == before
        again.redo()
        assert human_rows(again) == after


def test_an_act_meanwhile_finishes_the_undo_instead(
    large: Project, human_rows: Callable[[Project], Any]
) -> None:
    before = human_rows(large)
    finish(accept_all_open(large))
    after = human_rows(large)
    steps = large.history.undo_in_steps()
    for _ in range(7):
        next(steps)
    with pytest.raises(FinishedFirstError, match=r"The undo of “accepted all .*” was not complete") as caught:
        large.articles.set_flagged(1, True)
    assert caught.value.change.tables == {"annotators", "annotations", "progress"}
    assert human_rows(large) == before
    assert finish(steps).text.startswith("accepted all")  # it finds nothing left to do
    large.redo()  # nothing took the way back
    assert human_rows(large) == after
    large.articles.set_flagged(1, True)


def test_rows_in_each_others_way_are_put_back_all_at_once(
    project: Project, human_rows: Callable[[Project], Any]
) -> None:
    with project.act("imported"):
        for number in range(40):
            project.articles.add(ArticleInput(f"Text {number}", f"Number {number}", uuid=f"u{number}"))
    before = human_rows(project)
    with project.act("turned the uuids round"):
        project.db.execute("UPDATE articles SET uuid = 'x' || uuid")
        project.db.execute("UPDATE articles SET uuid = 'u' || (40 - id)")
    assert human_rows(project) != before
    finish(project.history.undo_in_steps())
    assert human_rows(project) == before


def test_a_reader_cannot_accept_or_undo(large: Project) -> None:
    large.close()
    with open_project(large.path, read_only=True) as reader:
        for steps in (accept_all_open(reader), reader.history.undo_in_steps()):
            with pytest.raises(ProjectError, match="reading only"):
                finish(steps)


def test_the_order_of_each_list_comes_from_an_index(tmp_path: Path) -> None:
    with create_project(tmp_path / "p", annotator="anna") as project:
        for column in ("title COLLATE NOCASE", "source COLLATE NOCASE", "published"):
            plan = project.db.execute(f"EXPLAIN QUERY PLAN SELECT id FROM articles ORDER BY {column}, id")
            assert "TEMP B-TREE" not in str(plan.fetchall())


def test_what_redo_cannot_reach_is_deleted_a_part_at_each_act(
    large: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "FORGOTTEN_AT_ONCE", 50)
    kept = "SELECT count(*) FROM act_rows JOIN acts ON acts.id = act_rows.act WHERE state = 'dropped'"

    def left() -> int:
        return int(large.db.execute(kept).fetchone()[0])

    finish(accept_all_open(large))
    rows = large.history.acts(1)[0].rows
    large.undo()
    large.articles.set_flagged(1, True)
    assert (large.history.next(), left()) == (None, rows - 50)
    large.articles.set_flagged(1, False)
    assert left() == rows - 100
    large.close()
    with open_project(large.path, annotator="anna") as again:
        for number in range(4):
            again.articles.set_flagged(2, number % 2 == 0)
        assert again.db.execute(kept).fetchone() == (0,)


def _cancel(steps: Generator[Any, None, Any]) -> int:
    """Throw ``Cancelled`` into ``steps`` and step them to their end; return how many steps that took."""
    number = 0
    try:
        steps.throw(Cancelled())
        while True:
            number += 1
            next(steps)
    except Cancelled:
        return number


def _crashed(project: Project) -> Project:
    """Open what the file is just now: what a crash would leave."""
    copy = project.path.with_name("crashed.annot")
    shutil.copyfile(project.path, copy)
    return open_project(copy, annotator="anna")


def _corpus(large: Project, tmp_path: Path) -> Path:
    finish(accept_all_open(large))
    finish(export_jsonl(large, tmp_path / "many.jsonl", with_suggestions=True))
    return tmp_path / "many.jsonl"


def _cancel_an_import(project: Project, lines: Path) -> Generator[Any, None, Any]:
    """Return an import that has put half of its articles in."""
    steps = import_paths(project, [lines], step_seconds=0.0)
    while project.articles.count() < ARTICLES // 2:
        next(steps)
    return steps


def test_a_cancelled_import_is_taken_back_in_steps_and_leaves_nothing(
    large: Project, tmp_path: Path, human_rows: Callable[..., Any], search_index_is_right: Callable[..., None]
) -> None:
    lines = _corpus(large, tmp_path)
    with create_project(tmp_path / "other.annot", annotator="anna") as project:
        before = human_rows(project)
        steps = _cancel_an_import(project, lines)
        assert _cancel(steps) > 10
        assert human_rows(project) == before
        for table in ("acts", "act_rows", "swaps", "swap_rows", "suggestions", "suggested"):
            assert project.db.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
        search_index_is_right(project)
        assert finish(import_paths(project, [lines])).new == ARTICLES


@pytest.mark.parametrize("number", [0, 2, 9])
@pytest.mark.parametrize("interruption", ["crash", "close", "act"])
def test_taking_an_import_back_is_completed_whatever_interrupts_it(
    large: Project, tmp_path: Path, human_rows: Callable[..., Any], number: int, interruption: str
) -> None:
    lines = _corpus(large, tmp_path)
    with create_project(tmp_path / "other.annot", annotator="anna") as project:
        before = human_rows(project)
        steps = _cancel_an_import(project, lines)
        steps.throw(Cancelled())
        for _ in range(number):
            next(steps)
        if interruption == "close":
            steps.close()
        elif interruption == "act":
            with project.act("changed nothing"):
                pass
            assert human_rows(project) == before
            steps.close()
        else:
            with _crashed(project) as again:
                assert human_rows(again) == before
                assert again.acts.ids() == []
            steps.close()
        assert human_rows(project) == before
        assert project.acts.ids() == []


def test_accepting_that_is_cancelled_goes_back_in_steps(
    large: Project, human_rows: Callable[..., Any]
) -> None:
    before, acts = human_rows(large), large.acts.ids()
    steps = accept_all_open(large, step_seconds=0.0)
    for _ in range(20):
        next(steps)
    assert human_rows(large) != before
    assert _cancel(steps) > 3
    assert human_rows(large) == before
    assert large.acts.ids() == acts


def test_a_large_act_is_reverted_from_the_middle_in_steps_as_at_once(
    large: Project, human_rows: Callable[..., Any]
) -> None:
    finish(accept_all_open(large))
    (act,) = large.acts.ids()[:1]
    large.articles.set_note(1, "later")
    large.undo()
    large.articles.set_flagged(7, True)
    large.undo()
    other = large.act("something else")
    with other:
        large.db.execute("UPDATE settings SET value = 'later' WHERE key = 'name'")
    before = human_rows(large)
    text = large.revert(act).text
    at_once = human_rows(large)
    assert at_once != before
    large.undo()
    assert human_rows(large) == before
    steps = large.revert_in_steps(act)
    assert sum(1 for _ in iter(lambda: next(steps, None), None)) > 10
    assert human_rows(large) == at_once
    assert (large.history.last().text, large.articles.count()) == (text, ARTICLES)  # type: ignore[union-attr]
    finish(large.history.undo_in_steps())
    assert human_rows(large) == before


def test_an_import_is_reverted_in_steps(
    large: Project, human_rows: Callable[..., Any], search_index_is_right: Callable[..., None]
) -> None:
    act = large.acts.ids()[-1]
    finish(large.revert_in_steps(act))
    assert large.articles.count() == 0
    search_index_is_right(large)
    large.undo()
    assert large.articles.count() == ARTICLES
    search_index_is_right(large)


def test_a_large_act_whose_rows_changed_since_is_not_reverted_and_nothing_changes(
    large: Project, human_rows: Callable[..., Any]
) -> None:
    finish(accept_all_open(large))
    act = large.acts.ids()[0]
    large.annotations.remove(large.annotations.of(3)[0].id)
    before, acts = human_rows(large), large.acts.ids()
    with pytest.raises(RevertError, match="changed since") as caught:
        finish(large.revert_in_steps(act))
    assert caught.value.total == 1
    assert human_rows(large) == before
    assert large.acts.ids() == acts


@pytest.mark.parametrize("number", [1, 3, 8])
@pytest.mark.parametrize("crash", [False, True])
def test_a_revert_that_is_cancelled_or_cut_off_leaves_all_as_it_was(
    large: Project, human_rows: Callable[..., Any], number: int, crash: bool
) -> None:
    finish(accept_all_open(large))
    before, acts = human_rows(large), large.acts.ids()
    steps = large.revert_in_steps(acts[0])
    for _ in range(number):
        next(steps)
    if crash:
        with _crashed(large) as again:
            assert human_rows(again) == before
            assert again.acts.ids() == acts
            assert again.db.execute("SELECT count(*) FROM swap_rows").fetchone() == (0,)
        steps.close()
    else:
        _cancel(steps)
        assert human_rows(large) == before
        assert large.acts.ids() == acts
        finish(large.history.undo_in_steps())
        assert large.annotations.of(1) == []


def test_undoing_to_an_act_undoes_the_large_ones_in_steps(
    large: Project, monkeypatch: pytest.MonkeyPatch, human_rows: Callable[..., Any]
) -> None:
    before = human_rows(large)
    finish(accept_all_open(large))
    act = large.acts.ids()[0]
    large.articles.set_flagged(1, True)
    monkeypatch.setattr(history, "LARGE_ACT", 10)
    steps = large.acts.undo_to(act)
    assert sum(1 for _ in iter(lambda: next(steps, None), None)) > 10
    assert human_rows(large) == before


def test_cancelling_in_the_middle_of_a_large_act_completes_its_undo_first(
    large: Project, monkeypatch: pytest.MonkeyPatch, human_rows: Callable[..., Any]
) -> None:
    before = human_rows(large)
    finish(accept_all_open(large))
    first = large.acts.ids()[-1]
    monkeypatch.setattr(history, "LARGE_ACT", 10)
    steps = large.acts.undo_to(first)
    for _ in range(5):
        next(steps)
    _cancel(steps)
    assert human_rows(large) == before
    assert large.history.unfinished() is None


def test_accepting_everything_leaves_no_reference_dangling_and_checks_them_again(suggested: Project) -> None:
    finish(accept_all_open(suggested))
    assert suggested.db.execute("PRAGMA foreign_key_check").fetchall() == []
    assert suggested.db.execute("PRAGMA foreign_keys").fetchone() == (1,)
