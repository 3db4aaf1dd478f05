"""Changing layers, labels and examples: each one act, each a version, and what it means for what is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from annotator.formats.exporting import export_jsonl
from annotator.formats.importing import import_paths
from annotator.model import PipelineInfo, ProjectError, Suggestion
from annotator.project import Project, codebook, create_project, open_project
from annotator.project.older_wording import confirm, confirm_all, older
from annotator.project.stance_labels import FIRST, labels_to_learn

PIPELINE = PipelineInfo("by_hand", "1")
ACTS: dict[str, Callable[[Project], object]] = {
    "rename": lambda p: p.codebook_editing.edit_label("entity", "ORG", name="Body"),
    "colour": lambda p: p.codebook_editing.edit_label("entity", "ORG", color="#0072B2"),
    "key": lambda p: p.codebook_editing.edit_label("entity", "ORG", key="O"),
    "definition": lambda p: p.codebook_editing.edit_label("entity", "ORG", definition="Bodies."),
    "rule": lambda p: p.codebook_editing.edit_label("entity", "ORG", rule="Not countries.\nNever."),
    "all": lambda p: p.codebook_editing.edit_label("entity", "ORG", name="Body", key="O", rule="x"),
    "add": lambda p: p.codebook_editing.add_label("entity", "SHIP", color="#0072b2", key="S", rule="Afloat."),
    "move": lambda p: p.codebook_editing.move_label("entity", "ORG", 7),
    "retire": lambda p: p.codebook_editing.retire("entity", "ORG"),
    "merge": lambda p: p.codebook_editing.merge("entity", "ORG", "GPE"),
    "delete": lambda p: p.codebook.delete_label("entity", "ORG"),
    "add layer": lambda p: p.codebook_editing.add_layer("topic", "article", exclusive=True),
    "edit layer": lambda p: p.codebook_editing.edit_layer("entity", definition="Names."),
    "move layer": lambda p: p.codebook_editing.move_layer("zone", 0),
    "example": lambda p: p.codebook_editing.add_example("entity", "ORG", 1, 30, 36, fits=False),
}


def names(project: Project, layer: str = "entity") -> list[str]:
    return [label.name for label in project.codebook.read().layer(layer).labels]


@pytest.mark.parametrize("name", ACTS)
def test_each_change_is_one_act_that_raises_the_version_and_can_be_undone_and_redone(
    with_articles: Project, human_rows: Callable[[Project], Any], name: str
) -> None:
    project = with_articles
    project.annotations.add(1, "entity", "ORG", 2, 8)
    project.codebook_editing.add_example("entity", "ORG", 1, 2, 8, fits=True)
    before, acts, version = human_rows(project), len(project.history.acts()), project.codebook.version()
    ACTS[name](project)
    after = human_rows(project)
    assert len(project.history.acts()) == acts + 1
    assert project.codebook.version() == version + 1
    assert after != before
    project.undo()
    assert human_rows(project) == before
    project.redo()
    assert human_rows(project) == after


@pytest.mark.parametrize(
    "same",
    [
        lambda p: p.codebook_editing.edit_label("entity", "ORG", name="ORG", key="2"),
        lambda p: p.codebook_editing.edit_layer("entity", name="entity"),
        lambda p: p.codebook_editing.move_label("entity", "ORG", 1),
        lambda p: p.codebook_editing.retire("entity", "ORG", retired=False),
        lambda p: p.codebook_editing.remove_example(99),
        lambda p: confirm(p, []),
    ],
)
def test_what_changes_nothing_is_no_act(project: Project, same: Callable[[Project], Any]) -> None:
    assert same(project).tables == frozenset()
    assert project.codebook.version() == 1
    assert project.history.last() is None


def test_annotations_stay_with_a_label_under_its_new_name(with_articles: Project) -> None:
    project = with_articles
    project.annotations.add(1, "entity", "ORG", 2, 8)
    project.codebook_editing.edit_label("entity", "ORG", name=" The  Body ")
    assert [(a.label, a.codebook_version) for a in project.annotations.of(1)] == [("The Body", 1)]
    project.annotations.add(1, "entity", "The Body", 30, 36)
    assert project.annotations.of(1)[1].codebook_version == 2


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda e: e.edit_label("entity", "ORG", name="GPE"), "There is a label GPE already"),
        (lambda e: e.edit_label("entity", "ORG", name=" \u200b"), "A name is missing"),
        (lambda e: e.edit_label("entity", "ORG", color="red"), "red is no colour"),
        (lambda e: e.edit_label("entity", "ORG", key="x" * 99), "one key"),
        (lambda e: e.edit_label("zone", "boilerplate", name="rest"), "boilerplate keeps its name"),
        (lambda e: e.edit_label("entity", "PERSON", name="Person"), "PERSON keeps its name"),
        (lambda e: e.add_label("entity", "ORG", color="#112233"), "There is a label ORG already"),
        (lambda e: e.edit_layer("stance", name="side"), "stance keeps its name"),
        (lambda e: e.add_layer("zone"), "There is a layer zone already"),
        (lambda e: e.delete_layer("zone"), "zone stays"),
        (lambda e: e.merge("entity", "ORG", "ORG"), "cannot be moved to itself"),
        (lambda e: e.add_example("entity", "ORG", 1, 5, 999, fits=True), "not in the article"),
    ],
)
def test_what_cannot_be_is_said_and_changes_nothing(
    with_articles: Project, act: Callable[[Any], object], words: str
) -> None:
    with pytest.raises(ProjectError, match=words):
        act(with_articles.codebook_editing)
    assert with_articles.codebook.version() == 1


def test_a_layer_with_labels_is_not_deleted(project: Project) -> None:
    project.codebook_editing.add_layer("topic")
    project.codebook_editing.add_label("topic", "war", color="#112233")
    with pytest.raises(ProjectError, match="Delete the labels of topic first"):
        project.codebook_editing.delete_layer("topic")
    project.codebook.delete_label("topic", "war")
    project.codebook_editing.delete_layer("topic")
    assert [layer.name for layer in project.codebook.read().layers] == ["entity", "stance", "zone"]


def test_labels_keep_the_order_they_are_given(project: Project) -> None:
    project.codebook_editing.move_label("entity", "LAW", 0)
    project.codebook_editing.move_label("entity", "PERSON", 99)
    assert names(project) == ["LAW", "ORG", "GPE", "NORP", "LOC", "EVENT", "FAC", "PRODUCT", "PERSON"]
    project.codebook_editing.move_layer("zone", 1)
    assert [layer.name for layer in project.codebook.read().layers] == ["entity", "zone", "stance"]


def test_how_often_a_label_is_used_is_counted(suggested: Project) -> None:
    suggested.annotations.add(1, "entity", "GPE", 2, 8)
    suggested.codebook_editing.add_example("entity", "GPE", 1, 2, 8, fits=True)
    uses = suggested.codebook_editing.uses("entity", "GPE")
    assert (uses.annotations, uses.rejections, uses.examples) == (1, 0, 1)


def test_a_label_goes_in_steps_as_it_does_at_once(
    with_articles: Project, human_rows: Callable[[Project], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    project = with_articles
    for start in range(0, 12, 2):
        project.annotations.add(1, "entity", "ORG", start, start + 1)
    project.annotations.add(1, "entity", "GPE", 0, 3)
    project.codebook_editing.edit_label("entity", "GPE", rule="x")
    monkeypatch.setattr(codebook, "_AT_ONCE", 2)

    def without_times(rows: Any) -> Any:
        columns = project.history.columns("annotations")
        keep = [n for n, name in enumerate(columns) if name != "updated_at"]
        return rows | {"annotations": [tuple(row[n] for n in keep) for row in rows["annotations"]]}

    for into in ("GPE", None):
        before = human_rows(project)
        project.codebook.delete_label("entity", "ORG", move_to=into)
        at_once = without_times(human_rows(project))
        project.undo()
        steps = project.codebook.delete_label_in_steps("entity", "ORG", move_to=into)
        assert [next(steps).done for _ in range(3)] == [2, 4, 6]
        steps.close()  # cancelled
        assert human_rows(project) == before
        list(project.codebook.delete_label_in_steps("entity", "ORG", move_to=into))
        assert without_times(human_rows(project)) == at_once
        project.undo()
        assert human_rows(project) == before


# Examples


def test_an_example_keeps_its_place_and_what_stands_around_it(with_articles: Project) -> None:
    editing = with_articles.codebook_editing
    editing.add_example("entity", "GPE", 1, 21, 28, fits=True)
    (example,) = editing.examples("entity", "GPE")
    assert (example.quote, example.fits, example.article) == ("Armenia", True, 1)
    assert example.context == "A rocket 🚀 flew over Armenia. Russia denied it."
    editing.add_example("entity", "GPE", 1, 21, 28, fits=False)
    (example,) = editing.examples("entity", "GPE")
    assert not example.fits
    editing.remove_example(example.id)
    assert editing.examples("entity", "GPE") == []


def test_merging_keeps_what_fits(with_articles: Project) -> None:
    editing = with_articles.codebook_editing
    editing.add_example("entity", "ORG", 1, 21, 28, fits=True)
    editing.add_example("entity", "ORG", 1, 2, 8, fits=False)
    editing.merge("entity", "ORG", "GPE")
    assert [e.quote for e in editing.examples("entity", "GPE")] == ["Armenia"]
    assert with_articles.db.execute("PRAGMA foreign_key_check").fetchall() == []


# Older wordings


def test_what_was_labelled_before_a_wording_is_listed_until_it_is_confirmed(with_articles: Project) -> None:
    project = with_articles
    project.annotations.add(1, "entity", "ORG", 2, 8)
    project.annotations.add(1, "entity", "GPE", 21, 28)
    project.annotations.add(2, "stance", "neutral")
    assert older(project) == ([], 0, 0)
    project.codebook_editing.edit_label("entity", "ORG", rule="Other.")
    project.codebook_editing.edit_label("stance", "neutral", definition="Other.")
    project.annotations.add(1, "entity", "ORG", 30, 36)  # after it
    rows, number, _ = older(project)
    assert [(row.label, row.quote, row.title, row.then, row.since) for row in rows] == [
        ("ORG", "rocket", "Rocket", 1, 2),
        ("neutral", None, "gyumri", 1, 3),
    ]
    assert number == 2
    assert len(older(project, limit=1)[0]) == 1
    confirm(project, [rows[0].annotation])
    assert [row.label for row in older(project)[0]] == ["neutral"]
    steps = confirm_all(project)
    assert next(steps).total == 3
    steps.close()  # cancelled
    assert older(project)[1] == 1
    list(confirm_all(project))
    assert older(project) == ([], 0, 0)
    project.undo()
    assert older(project)[1] == 1


def test_only_who_labelled_it_says_that_it_still_fits(with_articles: Project) -> None:
    project = with_articles
    project.annotations.add(1, "entity", "ORG", 2, 8)
    project.annotator = "ben"
    project.annotations.add(1, "entity", "ORG", 30, 36)
    project.codebook_editing.edit_label("entity", "ORG", rule="Other.")
    rows, number, others = older(project)
    assert (number, others) == (2, 1)
    (hers,) = [row for row in rows if row.annotator == "anna"]
    before = project.annotations.get(hers.annotation)
    with pytest.raises(ProjectError, match="not labelled by ben"):
        confirm(project, [hers.annotation])
    list(confirm_all(project))
    act = project.history.last()
    assert act is not None
    assert act.text == "found an annotation right under the present wording"
    assert project.annotations.get(hers.annotation) == before
    assert older(project)[1:] == (1, 1)
    project.undo()
    confirm(project, [row.annotation for row in rows])
    assert [row.annotator for row in older(project)[0]] == ["anna"]


@pytest.mark.parametrize("act", ["colour", "key", "move", "example", "retire"])
def test_what_is_no_wording_makes_nothing_older(with_articles: Project, act: str) -> None:
    with_articles.annotations.add(1, "entity", "ORG", 2, 8)
    ACTS[act](with_articles)
    assert older(with_articles) == ([], 0, 0)


def test_relabelling_is_done_under_the_present_wording(with_articles: Project) -> None:
    project = with_articles
    project.annotations.add(1, "entity", "GPE", 2, 8)
    project.codebook_editing.edit_label("entity", "ORG", rule="Other.")
    project.annotations.add(1, "entity", "ORG", 2, 8)
    assert older(project) == ([], 0, 0)


# Suggestions


def store(project: Project, *found: tuple[str, str, int | None, int | None]) -> list[tuple[str, str | None]]:
    suggestions = [Suggestion(*each, "ner", "why") for each in found]
    project.suggestions.replace(PIPELINE, [(1, suggestions, None)])
    return [(s.layer, s.label) for s in project.suggestions.open(1)]


def test_what_a_pipeline_calls_by_the_former_name_is_suggested_under_the_present_one(
    with_articles: Project,
) -> None:
    editing = with_articles.codebook_editing
    editing.edit_label("entity", "ORG", name="Body")
    editing.edit_label("entity", "Body", name="Institution")
    editing.edit_label("stance", "pro-West", name="Western")
    found = store(with_articles, ("entity", "ORG", 2, 8), ("entity", "GPE", 21, 28))
    assert found == [("entity", "Institution"), ("entity", "GPE")]
    stance = Suggestion(
        "stance", "pro-West", None, None, "stance", "cues", scores={"pro-West": 0.9, "neutral": 0.1}
    )
    with_articles.suggestions.replace(PIPELINE, [(1, [stance], None)])
    (kept,) = with_articles.suggestions.open(1)
    assert kept.label == "Western"
    assert kept.scores == {"Western": 0.9, "neutral": 0.1}


def test_a_former_name_that_another_label_has_now_is_that_labels(with_articles: Project) -> None:
    editing = with_articles.codebook_editing
    editing.edit_label("entity", "ORG", name="Body")
    editing.add_label("entity", "ORG", color="#112233")
    assert store(with_articles, ("entity", "ORG", 2, 8)) == [("entity", "ORG")]


def test_what_was_merged_is_suggested_under_the_other_label_and_once(with_articles: Project) -> None:
    with_articles.codebook_editing.edit_label("entity", "FAC", name="Building")
    with_articles.codebook_editing.merge("entity", "Building", "LOC")
    found = store(
        with_articles, ("entity", "FAC", 2, 8), ("entity", "LOC", 2, 8), ("entity", "Building", 21, 28)
    )
    assert found == [("entity", "LOC"), ("entity", "LOC")]
    assert with_articles.codebook.former("entity", "LOC") == ["Building", "FAC"]


def test_a_retired_label_is_not_suggested(with_articles: Project) -> None:
    store(with_articles, ("entity", "ORG", 2, 8), ("entity", "GPE", 21, 28))
    with_articles.codebook_editing.retire("entity", "ORG")
    assert [s.label for s in with_articles.suggestions.open(1)] == ["GPE"]
    assert store(with_articles, ("entity", "ORG", 2, 8)) == []
    with_articles.codebook_editing.retire("entity", "ORG", retired=False)
    assert store(with_articles, ("entity", "ORG", 2, 8)) == [("entity", "ORG")]


def test_a_renamed_stance_is_still_learnt_from(project: Project) -> None:
    from annotator.model import ArticleInput

    project.codebook_editing.edit_label("stance", "pro-West", name="Western")
    stances = ("Western", "neutral", "pro-Russia")
    with project.act("imported"):
        ids = [project.articles.add(ArticleInput(f"Text {n}.", str(n)))[0] for n in range(FIRST)]
    for number, id_ in enumerate(ids):
        project.annotations.add(id_, "stance", stances[number % 3])
    learnt = labels_to_learn(project)
    assert len(learnt) == FIRST
    assert {label.label for label in learnt} == {"pro-West", "neutral", "pro-Russia"}


def test_an_export_of_renamed_labels_is_the_same_after_it_was_imported(
    with_articles: Project, tmp_path: Any
) -> None:
    project = with_articles
    store(
        project,
        ("entity", "ORG", 2, 8),
        ("entity", "GPE", 2, 8),
        ("entity", "PERSON", 2, 8),
        ("stance", "neutral", 2, 8),
    )
    project.codebook_editing.edit_label("entity", "GPE", name="Z place")
    project.codebook_editing.edit_label("entity", "ORG", name="A body")
    project.annotations.add(1, "entity", "A body", 21, 28)
    first, second = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    list(export_jsonl(project, first, with_suggestions=True))
    with create_project(tmp_path / "other.annot", annotator="anna") as other:
        list(import_paths(other, [first]))
        list(export_jsonl(other, second, with_suggestions=True))
    assert first.read_bytes() == second.read_bytes()
    assert first.read_bytes().count(b"A body") == 2


@pytest.mark.parametrize("act", ["retire", "delete"])
def test_articles_of_a_label_that_comes_back_are_named_once(with_articles: Project, act: str) -> None:
    project = with_articles
    store(project, ("entity", "ORG", 2, 8), ("entity", "GPE", 21, 28))
    if act == "retire":
        project.codebook_editing.retire("entity", "ORG")
    else:
        project.codebook.delete_label("entity", "ORG")
    assert project.codebook.to_suggest_again() == []
    project.close()
    with open_project(project.path, annotator="anna") as again:
        assert 1 not in again.suggestions.pending()
        again.undo()
        assert again.codebook.to_suggest_again() == [1]
        assert again.codebook.to_suggest_again() == []
        assert 1 in again.suggestions.pending()  # also if the program ends before they are made
