"""Undo, redo, failed and interrupted acts."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from annotator.model import (
    ArticleFilter,
    ArticleInput,
    PipelineInfo,
    ProjectError,
    ReadOnlyProjectError,
    Suggestion,
)
from annotator.project import Project, create_project, open_project
from annotator.project.history import MANY
from annotator.project.schema import HUMAN_TABLES

Rows = Callable[[Project], dict[str, list[tuple[Any, ...]]]]
Check = Callable[[Project], None]


def notes(project: Project) -> list[str]:
    return [project.articles.progress(article).note for article in project.articles.ids()]


def states(project: Project) -> list[str]:
    return [act.state for act in project.history.acts()]


# The tables


@pytest.mark.parametrize("table", HUMAN_TABLES)
def test_every_human_table_is_watched(project: Project, table: str) -> None:
    triggers = {
        row[0]
        for row in project.db.execute(
            "SELECT name FROM temp.sqlite_master WHERE type = 'trigger' AND tbl_name = ?", [table]
        )
    }
    assert triggers == {f"history_{table}_{event}" for event in ("INSERT", "UPDATE", "DELETE")}


def insert_many(project: Project, first: int, number: int) -> None:
    rows = [(n, f"uuid {n}", f"name {n}") for n in range(first, first + number)]
    project.history.insert_many("annotators", rows, ("id", "uuid", "name"), first)


def insert_one(project: Project, number: int) -> None:
    project.db.execute("INSERT INTO annotators VALUES (?, ?, ?)", [number, f"one {number}", f"one {number}"])


@pytest.mark.parametrize("number", [2, MANY])
def test_rows_inserted_together_and_what_comes_after_them_are_taken_back(
    project: Project, human_rows: Rows, number: int
) -> None:
    empty = human_rows(project)
    with project.act("many"):
        insert_many(project, 10, number)
        insert_one(project, 5000)
    many = human_rows(project)
    with project.act("one"):
        insert_one(project, 5001)
    project.undo()
    assert human_rows(project) == many
    project.undo()
    assert human_rows(project) == empty
    project.redo()
    assert human_rows(project) == many


@pytest.mark.parametrize("number", [2, MANY])
def test_rows_inserted_together_that_fail_leave_the_history_at_work(
    project: Project, human_rows: Rows, number: int
) -> None:
    with project.act("one"):
        insert_one(project, 10 + number - 1)
    before = human_rows(project)
    with pytest.raises(sqlite3.IntegrityError), project.act("many"):
        insert_many(project, 10, number)
    assert human_rows(project) == before
    with project.act("another"):
        insert_one(project, 5001)
    project.undo()
    assert human_rows(project) == before


@pytest.mark.parametrize("number", [2, MANY])
def test_a_number_that_was_free_only_within_the_act_gets_its_first_row_back(
    project: Project, human_rows: Rows, number: int
) -> None:
    with project.act("one"):
        insert_one(project, 11)
    before = human_rows(project)
    with project.act("many"):
        project.db.execute("DELETE FROM annotators WHERE id = 11")
        insert_many(project, 10, number)
    project.undo()
    assert human_rows(project) == before


def test_not_even_a_replacing_statement_passes_the_history_by(project: Project, human_rows: Rows) -> None:
    with project.act("one"):
        insert_one(project, 11)
    before = human_rows(project)
    with project.act("replaced"):
        project.db.execute("INSERT OR REPLACE INTO annotators VALUES (12, 'one 11', 'another')")
    project.undo()
    assert human_rows(project) == before


@pytest.mark.parametrize("table", HUMAN_TABLES)
def test_every_human_table_can_be_kept_as_json(project: Project, table: str) -> None:
    columns = {row[1]: row[2] for row in project.db.execute(f"PRAGMA table_info({table})")}
    assert columns["id"] == "INTEGER"
    assert set(columns.values()) <= {"INTEGER", "TEXT"}
    unique = [
        [info[2] for info in project.db.execute(f"PRAGMA index_info({index[1]})")]
        for index in project.db.execute(f"PRAGMA index_list({table})")
        if index[2]
    ]
    primary = [row[1] for row in project.db.execute(f"PRAGMA table_info({table})") if row[5]]
    assert primary == ["id"] or ["id"] in unique


def test_all_tables_that_hold_peoples_work_are_human(project: Project) -> None:
    tables = {row[0] for row in project.db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    caches = {
        "runs",
        "suggested",
        "suggestions",
        "acts",
        "act_rows",
        "swaps",
        "swap_rows",
        "covered",
        "revealed",
        "near_duplicates",
        "near_duplicate_bands",
        "withdrawn",
        "suggested_labels",
        "_sqlite_migrations",
    }
    assert {t for t in tables if not t.startswith("articles_fts")} - caches == set(HUMAN_TABLES)


# Undo and redo


def test_undo_and_redo_go_step_by_step(with_articles: Project) -> None:
    with_articles.articles.set_note(1, "a")
    with_articles.articles.set_note(1, "b")
    undone = with_articles.undo()
    assert undone is not None
    assert (undone.text, undone.article) == ("changed the note", 1)
    assert undone.tables == {"progress"}
    assert notes(with_articles)[0] == "a"
    with_articles.undo()
    assert notes(with_articles)[0] == ""
    assert with_articles.annotators() == []
    redone = with_articles.redo()
    assert redone is not None
    assert redone.tables == {"progress", "annotators"}
    with_articles.redo()
    assert notes(with_articles)[0] == "b"
    assert with_articles.redo() is None


def test_undo_and_redo_work_after_a_restart(with_articles: Project) -> None:
    path = with_articles.path
    with_articles.annotations.add(1, "stance", "neutral")
    with_articles.close()
    with open_project(path, annotator="anna") as project:
        project.undo()
        assert project.annotations.of(1) == []
    with open_project(path, annotator="anna") as project:
        following = project.history.next()
        assert following is not None
        assert following.text == "set neutral"
        project.redo()
        assert [a.label for a in project.annotations.of(1)] == ["neutral"]


def test_the_acts_are_listed_newest_first_with_their_size(with_articles: Project) -> None:
    with_articles.articles.set_flagged(2, True)
    flagged, imported = with_articles.history.acts()
    assert (flagged.text, flagged.annotator, flagged.article, flagged.state, flagged.rows) == (
        "flagged",
        "anna",
        2,
        "done",
        2,
    )
    assert (imported.text, imported.rows) == ("imported 3 articles", 6)


def test_a_new_act_drops_what_was_undone(with_articles: Project) -> None:
    with_articles.articles.set_note(1, "a")
    with_articles.undo()
    with_articles.articles.set_note(1, "b")
    assert with_articles.redo() is None
    assert states(with_articles) == ["done", "dropped", "done"]
    dropped = "SELECT count(*) FROM act_rows WHERE act IN (SELECT id FROM acts WHERE state = 'dropped')"
    assert with_articles.db.execute(dropped).fetchone() == (0,)
    with_articles.undo()
    assert notes(with_articles)[0] == ""


def test_an_act_that_changed_nothing_leaves_no_step_and_keeps_redo(with_articles: Project) -> None:
    with_articles.articles.set_note(1, "a")
    with_articles.articles.set_flagged(1, True)
    with_articles.undo()
    change = with_articles.articles.set_note(1, "a")
    assert change.tables == frozenset()
    assert with_articles.redo() is not None
    assert with_articles.articles.progress(1).flagged


def test_a_row_may_be_touched_twice_in_one_act(with_articles: Project, human_rows: Rows) -> None:
    with_articles.articles.set_flagged(1, True)
    before = human_rows(with_articles)
    with with_articles.act("busy"):
        for status in ("done", "todo", "skipped"):
            with_articles.articles.write_progress(1, 1, status=status)
    with_articles.undo()
    assert human_rows(with_articles) == before


def test_rows_may_swap_what_must_be_unique(with_articles: Project, human_rows: Rows) -> None:
    before = human_rows(with_articles)
    with with_articles.act("swapped names"):
        for old, new in (("PERSON", "?"), ("ORG", "PERSON"), ("?", "ORG")):
            with_articles.db.execute("UPDATE labels SET name = ? WHERE name = ?", [new, old])
    after = human_rows(with_articles)
    assert after != before
    with_articles.undo()
    assert human_rows(with_articles) == before
    with_articles.redo()
    assert human_rows(with_articles) == after


def test_an_id_may_be_used_again_in_another_article(with_articles: Project, human_rows: Rows) -> None:
    with_articles.annotations.add(1, "entity", "GPE", 21, 28)
    before = human_rows(with_articles)
    with with_articles.act("moved to another article"):
        with_articles.db.execute("UPDATE annotations SET article = 2")
    with_articles.undo()
    assert human_rows(with_articles) == before


def test_not_even_replace_passes_the_history_by(with_articles: Project, human_rows: Rows) -> None:
    before = human_rows(with_articles)
    with with_articles.act("replaced"):
        with_articles.db.execute("REPLACE INTO settings(id, key, value) VALUES (99, 'name', 'other')")
    with_articles.undo()
    assert human_rows(with_articles) == before


@example("\x01\x1f\x7f\"'\\/\b\f\n\t")
@example("\ufeffinside \ufffe\uffff \U0010ffff \u2028")
@example('{"$.text": [null]}')
@given(st.text(st.characters(codec="utf-8")))
def test_any_text_comes_back_from_undo_and_redo(tmp_path_factory: Any, text: str) -> None:
    folder = tmp_path_factory.mktemp("text")
    with create_project(folder / "p", annotator="anna") as project:
        with project.act("imported"):
            article, _ = project.articles.add(ArticleInput(f"x{text}", f"x{text}", meta={"file": text}))
        stored = project.articles.get(article)
        project.articles.edit_metadata(article, title="other")
        project.undo()
        project.undo()
        project.redo()
        assert project.articles.get(article) == stored


# Failing acts


def test_a_failing_act_leaves_nothing_not_even_its_annotator(
    with_articles: Project, human_rows: Rows
) -> None:
    before = human_rows(with_articles)

    def half() -> None:
        with with_articles.act("half"):
            me = with_articles.ensure_annotator()
            with_articles.articles.write_progress(1, me, status="done")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    assert human_rows(with_articles) == before
    assert states(with_articles) == ["done"]
    with_articles.articles.set_note(1, "goes on")
    assert notes(with_articles)[0] == "goes on"


def test_an_act_inside_an_act_is_refused(with_articles: Project) -> None:
    with pytest.raises(ProjectError, match="still running"), with_articles.act("outer"):
        with_articles.articles.set_note(1, "inner")
    assert notes(with_articles)[0] == ""


def test_what_is_written_outside_an_act_is_not_taken_for_the_last_one(with_articles: Project) -> None:
    with_articles.articles.set_note(1, "a")
    rows = with_articles.db.execute("SELECT count(*) FROM act_rows").fetchone()
    with_articles.db.execute("UPDATE progress SET note = 'outside'")
    assert with_articles.db.execute("SELECT count(*) FROM act_rows").fetchone() == rows


# Long acts


def import_in_steps(project: Project, count: int) -> Any:
    work = project.long_act("importing")
    for i in range(count):
        with work.step():
            project.articles.add(ArticleInput(f"the unheard {i}", f"title {i}"))
    return work


def test_a_long_act_is_one_step(with_articles: Project, human_rows: Rows) -> None:
    before = human_rows(with_articles)
    change = import_in_steps(with_articles, 3).finish("imported 3 more")
    assert (change.text, change.article, change.tables) == ("imported 3 more", None, {"articles", "texts"})
    assert with_articles.articles.count() == 6
    with_articles.undo()
    assert human_rows(with_articles) == before


def test_a_cancelled_long_act_leaves_no_trace(
    with_articles: Project, human_rows: Rows, search_index_is_right: Check
) -> None:
    with_articles.articles.set_note(1, "a")
    with_articles.undo()
    before = human_rows(with_articles)
    work = import_in_steps(with_articles, 3)
    work.cancel()
    work.cancel()
    assert human_rows(with_articles) == before
    assert states(with_articles) == ["undone", "done"]
    assert with_articles.articles.ids(ArticleFilter(search="unheard")) == []
    search_index_is_right(with_articles)
    with_articles.redo()
    assert notes(with_articles)[0] == "a"


def test_a_failed_step_takes_back_only_itself(with_articles: Project) -> None:
    work = import_in_steps(with_articles, 2)

    def fail() -> None:
        with work.step():
            with_articles.articles.add(ArticleInput("not this", "x"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    work.finish("imported")
    assert with_articles.articles.count() == 5


def test_a_long_act_without_effect_leaves_no_step(with_articles: Project) -> None:
    before = with_articles.history.last()
    assert import_in_steps(with_articles, 0).finish("nothing").tables == frozenset()
    assert with_articles.history.last() == before


def test_while_a_long_act_runs_no_other_act_undo_or_redo_comes_between(with_articles: Project) -> None:
    with_articles.articles.set_note(1, "a")
    with_articles.articles.set_note(2, "b")
    with_articles.undo()
    work = import_in_steps(with_articles, 1)
    for act in (
        with_articles.undo,
        with_articles.redo,
        lambda: with_articles.long_act("another"),
        lambda: with_articles.articles.set_note(1, "c"),
    ):
        with pytest.raises(ProjectError, match="still running"):
            act()
    with work.step():
        with_articles.articles.add(ArticleInput("one more", "x"))
    work.finish("imported 2")
    assert with_articles.articles.count() == 5
    assert notes(with_articles)[:2] == ["a", ""]


def test_suggestions_may_come_in_while_a_long_act_runs(with_articles: Project) -> None:
    work = import_in_steps(with_articles, 1)
    with_articles.suggestions.replace(
        PipelineInfo("tiny", "1"), [(1, [Suggestion("entity", "GPE", 21, 28, "ner")], None)]
    )
    work.cancel()
    assert len(with_articles.suggestions.open(1)) == 1


def test_cancelling_a_finished_act_does_not_touch_the_next_one(with_articles: Project) -> None:
    first = import_in_steps(with_articles, 1)
    first.finish("imported 1")
    second = with_articles.long_act("second")
    with second.step():
        with_articles.articles.add(ArticleInput("second", "second"))
    first.cancel()
    second.finish("imported 1 more")
    assert with_articles.articles.count() == 5


def test_an_interrupted_act_is_taken_back_and_reported_on_opening(
    with_articles: Project, human_rows: Rows, search_index_is_right: Check
) -> None:
    before = human_rows(with_articles)
    import_in_steps(with_articles, 3)
    with_articles.close()
    with open_project(with_articles.path, read_only=True) as reader:
        assert reader.interrupted is not None, "a reader is told, and changes nothing"
        assert reader.articles.count() == 6
    with open_project(with_articles.path, annotator="anna") as project:
        assert project.interrupted is not None
        assert (project.interrupted.text, project.interrupted.state) == ("importing", "open")
        assert human_rows(project) == before
        search_index_is_right(project)
        project.articles.set_note(1, "goes on")
    with open_project(with_articles.path) as project:
        assert project.interrupted is None


# What stands beside the history


def test_undoing_an_import_forgets_suggestions_and_search_entries(
    suggested: Project, search_index_is_right: Check
) -> None:
    suggested.undo()
    assert suggested.articles.count() == 0
    for table in ("suggestions", "suggested", "articles_fts"):
        assert suggested.db.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
    search_index_is_right(suggested)
    suggested.redo()
    assert suggested.articles.ids(ArticleFilter(search="armenia")) == [1]
    assert suggested.suggestions.pending() == [1, 2, 3]
    search_index_is_right(suggested)


def test_undoing_a_new_label_forgets_the_suggestions_that_use_it(
    with_articles: Project, search_index_is_right: Check
) -> None:
    with with_articles.act("imported"):
        with_articles.codebook.ensure("topic", "war", whole_article=True)
    with_articles.suggestions.replace(
        PipelineInfo("tiny", "1"),
        [(1, [Suggestion("topic", "war", None, None, "t"), Suggestion("entity", "GPE", 21, 28, "n")], None)],
    )
    with_articles.undo()
    assert [s.label for s in with_articles.suggestions.open(1)] == ["GPE"]
    search_index_is_right(with_articles)


def test_editing_a_title_and_undoing_it_keep_the_search_index_right(
    with_articles: Project, search_index_is_right: Check
) -> None:
    def found(word: str) -> list[int]:
        search_index_is_right(with_articles)
        return with_articles.articles.ids(ArticleFilter(search=word))

    with_articles.articles.edit_metadata(1, title="Comet", source="c.example")
    assert (found("comet"), found("rocket"), found("armenia")) == ([1], [1], [1])  # rocket is in the text
    with_articles.articles.edit_metadata(2, title="Mayor's café")
    with_articles.undo()
    with_articles.undo()
    assert (found("comet"), found("rocket")) == ([], [1])
    with_articles.redo()
    assert found("comet") == [1]


def test_undoing_a_title_keeps_the_annotations_and_suggestions(suggested: Project) -> None:
    suggested.annotations.accept(1, 1)
    suggested.articles.edit_metadata(1, title="Comet")
    suggested.undo()
    assert [a.quote for a in suggested.annotations.of(1)] == ["Armenia"]
    assert [s.label for s in suggested.suggestions.open(1)] == ["pro-West", "ORG"]


def test_suggestions_are_no_steps(suggested: Project) -> None:
    before = suggested.history.acts()
    suggested.suggestions.forget_runs()
    assert suggested.history.acts() == before


def test_reading_only_cannot_undo(with_articles: Project) -> None:
    with_articles.close()
    with (
        open_project(with_articles.path, read_only=True) as project,
        pytest.raises(ReadOnlyProjectError),
    ):
        project.undo()


def test_the_number_of_an_article_that_went_is_not_given_to_another(project: Project) -> None:
    with project.act("imported A"):
        first = project.articles.add(ArticleInput("Kyiv", "A"))[0]
    project.annotations.add(first, "entity", "GPE", 0, 4)
    project.history.undo()
    project.history.undo()
    with project.act("imported B"):
        second = project.articles.add(ArticleInput("Lviv", "B"))[0]
    assert second != first
    assert [act.article for act in project.history.acts()] == [None, first, None]
