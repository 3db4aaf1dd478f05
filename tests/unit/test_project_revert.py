"""Taking one act back from the middle of the history."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from annotator.model import (
    Actor,
    ArticleFilter,
    ArticleInput,
    PipelineInfo,
    ReadOnlyProjectError,
    RevertError,
    Suggestion,
)
from annotator.project import Project, open_project

from .conftest import finish

Rows = Callable[[Project], dict[str, list[tuple[Any, ...]]]]
Check = Callable[[Project], None]


def latest(project: Project) -> int:
    return project.acts.ids()[0]


def labels(project: Project, article: int = 1) -> list[str]:
    return [a.label for a in project.annotations.of(article)]


@pytest.fixture
def begun(suggested: Project) -> Project:
    """anna has flagged article 3: she is in the project, and in no act of the tests."""
    suggested.articles.set_flagged(3, True)
    suggested.articles.set_status(1, "in_progress")
    return suggested


def test_an_act_in_the_middle_is_taken_back_and_what_came_after_stays(begun: Project) -> None:
    begun.annotations.accept(1, 1)
    act = latest(begun)
    begun.annotations.add(1, "entity", "LOC", 2, 8)
    begun.articles.set_note(1, "mine")
    change = begun.revert(act)
    assert (change.text, change.article, change.tables) == (
        "reverted: accepted GPE for “Armenia”",
        1,
        {"annotations"},
    )
    assert labels(begun) == ["LOC"]
    assert begun.articles.progress(1).note == "mine"
    assert 1 in [s.id for s in begun.suggestions.open(1)]  # open again


def test_a_revert_is_an_act_that_can_be_undone_redone_and_reverted(begun: Project, human_rows: Rows) -> None:
    begun.annotations.accept(1, 1)
    act = latest(begun)
    begun.annotations.add(1, "entity", "LOC", 2, 8)
    before = human_rows(begun)
    begun.revert(act)
    after = human_rows(begun)
    begun.undo()
    assert human_rows(begun) == before
    begun.redo()
    assert human_rows(begun) == after
    begun.revert(latest(begun))
    assert human_rows(begun) == before
    assert begun.acts.get(latest(begun)).text.startswith("reverted: reverted: accepted GPE")  # type: ignore[union-attr]


def test_it_works_after_a_restart_and_another_run_of_suggestions(begun: Project) -> None:
    begun.annotations.accept(1, 1)
    act = latest(begun)
    begun.articles.set_note(1, "later")
    begun.close()
    with open_project(begun.path, annotator="anna") as project:
        project.suggestions.replace(
            PipelineInfo("other", "2"), [(1, [Suggestion("entity", "LOC", 21, 28, "ner")], None)]
        )
        project.revert(act)
        assert labels(project) == []
        assert [s.label for s in project.suggestions.open(1)] == ["LOC"]


def test_rows_that_were_changed_since_are_told_and_nothing_changes(begun: Project, human_rows: Rows) -> None:
    begun.annotations.accept_all(1)
    act = latest(begun)
    begun.annotations.relabel(begun.annotations.of(1)[0].id, "LOC")
    begun.undo()
    begun.redo()
    begun.articles.set_flagged(1, True)
    begun.undo()  # something to redo
    before = human_rows(begun)
    with pytest.raises(RevertError, match="1 of its 2 rows was changed since") as refused:
        begun.revert(act)
    assert refused.value.total == 1
    (row,) = refused.value.rows
    assert row.kind == "annotation"
    assert row.before is not None
    assert row.after is not None
    assert "GPE “Armenia” (21–28)" in row.before
    assert "LOC “Armenia” (21–28)" in row.after
    assert (row.article, row.title) == (1, "Rocket")
    assert human_rows(begun) == before
    assert begun.redo() is not None  # not even redo was lost


def test_a_row_that_was_removed_since_is_told(begun: Project) -> None:
    begun.annotations.accept(1, 1)
    act = latest(begun)
    begun.annotations.remove(begun.annotations.of(1)[0].id)
    with pytest.raises(RevertError) as refused:
        begun.revert(act)
    assert refused.value.rows[0].after is None


def test_a_row_that_was_changed_and_changed_back_is_no_obstacle(begun: Project) -> None:
    begun.articles.set_flagged(1, True)
    act = latest(begun)
    begun.articles.set_note(1, "x")
    begun.articles.set_note(1, "")
    begun.revert(act)
    assert not begun.articles.progress(1).flagged


def test_an_import_whose_articles_are_annotated_is_not_taken_back(begun: Project, human_rows: Rows) -> None:
    begun.annotations.accept(1, 1)
    begun.annotations.reject(1, 2)
    before = human_rows(begun)
    imported = begun.acts.ids()[-1]
    with pytest.raises(
        RevertError, match="2 progress entries and 1 annotation and 1 rejection of other acts"
    ):
        begun.revert(imported)
    assert human_rows(begun) == before


def test_an_import_is_taken_back_with_its_suggestions_and_search_index(
    begun: Project, search_index_is_right: Check
) -> None:
    with begun.act("imported 1 article"):
        begun.articles.add(ArticleInput("Later words", "Late"))
    act = latest(begun)
    begun.suggestions.replace(
        PipelineInfo("tiny", "1.0"), [(4, [Suggestion("zone", "quote", 0, 5, "z")], None)]
    )
    begun.annotations.add(1, "stance", "neutral")
    assert begun.articles.ids(ArticleFilter(search="later")) == [4]
    begun.revert(act)
    assert begun.articles.ids(ArticleFilter(search="later")) == []
    assert begun.db.execute("SELECT count(*) FROM suggestions WHERE article = 4").fetchone() == (0,)
    search_index_is_right(begun)
    begun.undo()
    assert begun.articles.ids(ArticleFilter(search="later")) == [4]
    search_index_is_right(begun)


def test_edited_metadata_is_found_under_the_old_words_again(
    begun: Project, search_index_is_right: Check
) -> None:
    begun.articles.edit_metadata(1, title="Missile")
    act = latest(begun)
    begun.annotations.add(1, "stance", "neutral")
    begun.revert(act)
    assert begun.articles.ids(ArticleFilter(search="missile")) == []
    assert begun.articles.get(1).title == "Rocket"
    search_index_is_right(begun)


def test_an_annotators_first_label_is_taken_back_and_they_stay_with_what_they_did_since(
    suggested: Project, human_rows: Rows
) -> None:
    suggested.annotations.accept(1, 1)
    first = latest(suggested)
    suggested.annotations.add(2, "stance", "neutral")
    before = human_rows(suggested)
    suggested.revert(first)
    assert suggested.annotators() == ["anna"]
    assert labels(suggested) == []
    assert suggested.articles.progress(1).status == "todo"
    assert labels(suggested, 2) == ["neutral"]
    suggested.undo()
    assert human_rows(suggested) == before
    suggested.undo()
    suggested.revert(first)  # nothing rests on it now
    assert suggested.annotators() == []


def test_an_article_stays_begun_where_it_was_labelled_since(suggested: Project) -> None:
    suggested.annotations.add(2, "entity", "ORG", 0, 3)
    first = latest(suggested)
    suggested.annotations.add(2, "stance", "neutral")
    suggested.annotations.add(1, "stance", "neutral")
    suggested.revert(first)
    assert labels(suggested, 2) == ["neutral"]
    assert suggested.articles.progress(2).status == "in_progress"
    suggested.undo()
    finish(suggested.revert_in_steps(first))
    assert labels(suggested, 2) == ["neutral"]
    assert suggested.articles.progress(2).status == "in_progress"


def test_a_status_that_a_person_gave_goes_though_the_article_was_labelled_since(suggested: Project) -> None:
    suggested.articles.set_status(2, "done")
    first = latest(suggested)
    suggested.annotations.add(2, "stance", "neutral")
    suggested.revert(first)
    assert suggested.articles.progress(2).status == "todo"
    assert suggested.annotators() == ["anna"]


def test_an_actor_stays_who_later_labels_mean_too(suggested: Project, human_rows: Rows) -> None:
    def name(article: int) -> None:
        with suggested.act(f"named {article}"):
            suggested.annotations.put(article, "entity", "PERSON", 0, 3)
            actor = suggested.actors.ensure(Actor("u1", "Somebody", "PERSON", None, ("Some", "Body")))
            found = suggested.annotations.of(article)[-1].id
            suggested.db.execute("UPDATE annotations SET actor = ? WHERE id = ?", [actor, found])

    name(1)
    first = latest(suggested)
    before_second = human_rows(suggested)
    name(2)
    both = human_rows(suggested)
    suggested.revert(first)
    after = human_rows(suggested)
    assert (after["actors"], after["aliases"]) == (both["actors"], both["aliases"])
    assert labels(suggested) == []
    assert suggested.annotations.of(2)[-1].actor == "Somebody"
    suggested.undo()
    suggested.undo()
    assert human_rows(suggested) == before_second
    suggested.revert(first)  # nobody else means that actor
    assert suggested.actors.named("Somebody") is None
    assert human_rows(suggested)["aliases"] == []


def test_an_actor_whom_an_act_is_about_is_not_taken_back_while_in_use(begun: Project) -> None:
    with begun.act("added an actor"):
        actor = begun.actors.called("Somebody")
    act = latest(begun)
    with begun.act("named"):
        begun.annotations.put(1, "entity", "PERSON", 0, 3)
        begun.db.execute("UPDATE annotations SET actor = ?", [actor])
    with pytest.raises(RevertError, match="of other acts rest"):
        begun.revert(act)


def test_a_label_in_use_is_not_taken_back(begun: Project) -> None:
    with begun.act("added a label"):
        begun.codebook.ensure("entity", "SHIP", whole_article=False)
    act = latest(begun)
    begun.annotations.add(1, "entity", "SHIP", 2, 8)
    with pytest.raises(RevertError, match="1 annotation of other acts rests on what it added"):
        begun.revert(act)


def test_a_decision_does_not_come_back_beside_a_newer_one(begun: Project, human_rows: Rows) -> None:
    begun.annotations.add(1, "stance", "neutral")
    begun.annotations.add(1, "entity", "LOC", 2, 8)
    begun.annotations.add(1, "entity", "GPE", 9, 10)
    begun.annotations.clear_article_label(1, "stance")
    cleared = latest(begun)
    begun.annotations.remove(next(a.id for a in begun.annotations.of(1) if a.label == "LOC"))
    removed = latest(begun)
    begun.annotations.add(1, "stance", "pro-West")
    begun.annotations.add(1, "entity", "ORG", 2, 8)
    before = human_rows(begun)
    with pytest.raises(RevertError, match="something else stands now where"):
        begun.revert(cleared)
    with pytest.raises(RevertError, match="newer decision about the same text"):
        begun.revert(removed)
    assert human_rows(begun) == before


def test_an_annotation_does_not_come_back_against_a_newer_rejection(begun: Project) -> None:
    begun.annotations.accept(1, 1)
    begun.annotations.remove(begun.annotations.of(1)[0].id)
    removed = latest(begun)
    begun.annotations.reject(1, 1)
    with pytest.raises(RevertError, match="newer decision"):
        begun.revert(removed)


def test_a_row_does_not_come_back_to_an_article_that_is_gone(begun: Project) -> None:
    with begun.act("imported"):
        begun.articles.add(ArticleInput("Later words", "Late"))
    imported = latest(begun)
    begun.articles.set_flagged(4, True)
    flagged = latest(begun)
    begun.revert(flagged)
    unflagged = latest(begun)
    begun.revert(imported)
    with pytest.raises(RevertError, match="the article of what it would put back is gone"):
        begun.revert(unflagged)


@pytest.mark.parametrize("state", ["undone", "dropped", "gone"])
def test_only_an_act_that_stands_can_be_reverted(begun: Project, state: str) -> None:
    begun.articles.set_note(1, "x")
    act = latest(begun) if state != "gone" else 99
    begun.undo()
    if state == "dropped":
        begun.articles.set_note(1, "y")
    with pytest.raises(
        RevertError, match="no longer in the history" if state == "gone" else "is undone already"
    ):
        begun.revert(act)


def test_a_project_open_for_reading_is_not_changed(begun: Project) -> None:
    act = latest(begun)
    begun.close()
    with open_project(begun.path, read_only=True) as project, pytest.raises(ReadOnlyProjectError):
        project.revert(act)


def bulk(project: Project, rows: int) -> None:
    """Annotate ``rows`` places as one act, many of them an article."""
    with project.act("accepted a lot"):
        me = project.ensure_annotator()
        project.db.conn.executemany(
            "INSERT INTO annotations(article, id, uuid, annotator, layer, label, exclusive, start, end, "
            "quote, origin, codebook_version, created_at, updated_at) "
            "VALUES (1, ?, ?, ?, 1, 1, 0, ?, ?, 'x', 'accepted', 1, '2026', '2026')",
            ((i + 100, f"u{i}", me, i, i + 1) for i in range(rows)),
        )


def test_a_bulk_act_is_taken_back_within_seconds(begun: Project) -> None:
    bulk(begun, 100_000)
    act = latest(begun)
    begun.annotations.add(2, "stance", "neutral")
    started = time.perf_counter()
    begun.revert(act)
    assert time.perf_counter() - started < 15  # some 2 seconds; a row at a time would take minutes
    assert labels(begun) == []
    assert labels(begun, 2) == ["neutral"]
    started = time.perf_counter()
    with pytest.raises(RevertError) as refused:
        begun.revert(act)
    assert time.perf_counter() - started < 15
    assert refused.value.total == 100_000
    assert len(refused.value.rows) == 100
