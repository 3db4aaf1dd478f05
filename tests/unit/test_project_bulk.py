"""Acts on many annotations at once: each is one step of undo, whatever came between."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from annotator.model import PipelineInfo, ProjectError, Rejection, Suggestion
from annotator.project import Project, open_project

Rows = Callable[[Project], dict[str, list[tuple[Any, ...]]]]


def drain(steps: Any) -> Any:
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def rerun(project: Project) -> None:
    """Suggestions are run again, with another outcome."""
    project.suggestions.forget_runs()
    project.suggestions.replace(
        PipelineInfo("other", "2"),
        [(1, [Suggestion("entity", "LOC", 21, 28, "gazetteer")], None), (2, [], None)],
    )


def labelled(project: Project, article: int) -> list[tuple[str, str | None]]:
    return [(a.label, a.quote) for a in project.annotations.of(article)]


def label_many(project: Project) -> None:
    drain(project.annotations.label_many("entity", "GPE", [(1, 21, 28), (1, 30, 36), (2, 0, 6), (3, 20, 28)]))


def delete(project: Project) -> None:
    project.codebook.delete_label("entity", "GPE")


def merge(project: Project) -> None:
    project.codebook.delete_label("entity", "GPE", move_to="LOC")


def accept_all(project: Project) -> None:
    project.annotations.accept_all(1)


@pytest.mark.parametrize("act", [label_many, delete, merge, accept_all])
def test_a_bulk_act_is_one_step_also_after_a_restart_and_new_suggestions(
    suggested: Project, human_rows: Rows, act: Callable[[Project], None]
) -> None:
    suggested.annotations.add(1, "entity", "GPE", 2, 8)
    suggested.annotations.reject(1, 2)
    before = human_rows(suggested)
    act(suggested)
    after = human_rows(suggested)
    assert after != before
    rerun(suggested)
    suggested.close()
    with open_project(suggested.path, annotator="anna") as project:
        project.undo()
        assert human_rows(project) == before
        rerun(project)
        project.redo()
        assert human_rows(project) == after
        bulk = project.acts.ids()[0]
        project.articles.set_note(3, "in between")
        project.undo()
        project.revert(bulk)
        assert human_rows(project) == before
        assert project.db.execute("PRAGMA foreign_key_check").fetchall() == []


def test_many_places_are_labelled_and_their_number_is_told(suggested: Project) -> None:
    places = [(1, n, n + 1) for n in range(40)] + [(2, 0, 6)]
    steps = suggested.annotations.label_many("entity", "ORG", places)
    assert next(steps).done == 16
    change = drain(steps)
    assert change.text == "labelled 41 places ORG"
    assert len(labelled(suggested, 1)) == 40
    assert labelled(suggested, 2) == [("ORG", "Gyumri")]


def test_a_place_that_was_suggested_counts_as_accepted(suggested: Project) -> None:
    drain(suggested.annotations.label_many("entity", "GPE", [(1, 21, 28), (1, 30, 36)]))
    assert [a.origin for a in suggested.annotations.of(1)] == ["accepted", "corrected"]


def test_labelling_many_that_is_stopped_or_fails_leaves_nothing(suggested: Project, human_rows: Rows) -> None:
    before = human_rows(suggested)
    steps = suggested.annotations.label_many("entity", "ORG", [(1, n, n + 1) for n in range(40)])
    next(steps)
    steps.close()
    assert human_rows(suggested) == before
    with pytest.raises(ProjectError, match="outside the article"):
        drain(suggested.annotations.label_many("entity", "ORG", [(1, 0, 1)] * 20 + [(1, 5, 5000)]))
    assert human_rows(suggested) == before
    assert suggested.history.last().text == "imported 3 articles"  # type: ignore[union-attr]


def test_a_deleted_label_is_gone_with_its_annotations_rejections_and_suggestions(suggested: Project) -> None:
    suggested.annotations.add(1, "entity", "GPE", 2, 8)
    suggested.annotator = "ben"
    suggested.annotations.reject(1, 1)
    version = suggested.codebook.version()
    change = suggested.codebook.delete_label("entity", "GPE")
    assert change.text == "deleted the label GPE"
    assert {"labels", "annotations", "rejections", "settings"} <= change.tables
    assert "GPE" not in [label.name for label in suggested.codebook.read().labels("entity")]
    assert suggested.annotations.rejections(1) == []
    assert [s.label for s in suggested.suggestions.open(1)] == ["pro-West", "ORG"]
    assert suggested.codebook.version() == version + 1
    with pytest.raises(KeyError):
        suggested.codebook.delete_label("entity", "GPE")


def test_annotations_of_a_deleted_label_can_get_another_one(suggested: Project) -> None:
    suggested.annotations.add(1, "entity", "GPE", 2, 8)
    suggested.annotations.add(2, "entity", "GPE", 0, 6)
    with suggested.act("rejected LOC, for rocket and for flew"):
        for start, end in ((2, 8), (11, 15)):
            rejection = Rejection("entity", "LOC", start, end)
            suggested.annotations.insert_rejections(1, suggested.annotator_id(), [rejection])
    suggested.codebook.delete_label("entity", "GPE", move_to="LOC")
    assert [r.start for r in suggested.annotations.rejections(1)] == [11]
    assert (labelled(suggested, 1), labelled(suggested, 2)) == ([("LOC", "rocket")], [("LOC", "Gyumri")])
    with pytest.raises(ProjectError, match="to itself"):
        suggested.codebook.delete_label("entity", "LOC", move_to="LOC")
    with pytest.raises(KeyError):
        suggested.codebook.delete_label("entity", "LOC", move_to="pro-West")


def test_two_labels_on_one_article_become_one(with_articles: Project) -> None:
    with with_articles.act("made a layer"):
        with_articles.codebook.ensure("topic", "war", whole_article=False)
        with_articles.codebook.ensure("topic", "army", whole_article=False)
    with_articles.annotations.add(1, "topic", "war")
    with_articles.annotations.add(1, "topic", "army")
    assert len(labelled(with_articles, 1)) == 2
    with_articles.codebook.delete_label("topic", "army", move_to="war")
    assert labelled(with_articles, 1) == [("war", None)]
