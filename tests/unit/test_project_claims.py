"""Holder, target, certainty and note of annotations, and the stance that passages say: one act each."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from annotator.formats import export_jsonl, import_paths
from annotator.model import ArticleInput, PipelineInfo, ProjectError, Suggestion
from annotator.project import Project, create_project

TEXT = "Peskov said the West lies. Armenia thanked Brussels. Nothing else happened."
FIRST, SECOND, THIRD = (0, 26), (27, 52), (53, 75)
PIPELINE = PipelineInfo("by_hand", "1")


@pytest.fixture
def passages(project: Project) -> Project:
    """An article with two suggested passages: the first with holder and target, the second with a target."""
    with project.act("imported"):
        project.articles.add(ArticleInput(TEXT, "Claims"))
    project.suggestions.replace(
        PIPELINE,
        [
            (
                1,
                [
                    Suggestion(
                        "stance", "pro-Russia", *FIRST, "stance", "r", holder="Dmitry Peskov", target="West"
                    ),
                    Suggestion("stance", "pro-West", *SECOND, "stance", "r", target="Brussels"),
                ],
                None,
            )
        ],
    )
    return project


def finish(steps: Generator[Any, None, Any]) -> None:
    for _ in steps:
        pass


def accepted(project: Project, number: int) -> int:
    """Accept a suggestion; return the annotation's id."""
    suggestion = project.suggestions.open(1)[number]
    project.annotations.accept(1, suggestion.id)
    return next(a.id for a in project.annotations.of(1) if a.start == suggestion.start)


def made(project: Project, label: str, span: tuple[int, int], certainty: int | None = None) -> int:
    project.annotations.add(1, "stance", label, *span)
    id_ = next(a.id for a in project.annotations.of(1) if (a.start, a.end) == span)
    if certainty is not None:
        project.claims.say(id_, "certainty", certainty)
    return id_


@pytest.mark.parametrize(
    ("aspect", "value", "words"),
    [
        ("holder", "Sergey Lavrov", "set the holder of “Nothing else happened.” to “Sergey Lavrov”"),
        ("target", "NATO", "set the target of “Nothing else happened.” to “NATO”"),
        ("certainty", 2, "set the certainty of “Nothing else happened.” to 2"),
        ("note", "why\nnot", "wrote the note on “Nothing else happened.”"),
    ],
)
def test_each_is_one_act_and_can_be_undone(
    passages: Project, aspect: Any, value: Any, words: str, human_rows: Any
) -> None:
    id_ = made(passages, "neutral", THIRD)
    before = human_rows(passages)
    change = passages.claims.say(id_, aspect, value)
    assert change.text == words
    assert getattr(passages.annotations.get(id_), aspect) == value
    assert passages.annotations.get(id_).origin == "manual"
    after = human_rows(passages)
    passages.undo()
    assert human_rows(passages) == before
    passages.redo()
    assert human_rows(passages) == after
    passages.claims.say(id_, aspect, None)
    assert getattr(passages.annotations.get(id_), aspect) == ("" if aspect == "note" else None)


def test_saying_the_same_again_is_no_act(passages: Project) -> None:
    id_ = made(passages, "neutral", THIRD)
    passages.claims.say(id_, "holder", "Sergey Lavrov")
    last = passages.history.last()
    assert passages.claims.say(id_, "holder", "  Sergey \n Lavrov ").tables == frozenset()
    assert passages.claims.say(id_, "target", "  ").tables == frozenset()
    assert passages.history.last() == last


def test_a_known_other_name_means_the_same_actor(passages: Project) -> None:
    passages.actors.confirm("Dmitry Peskov", ["Песков"], "PERSON")
    id_ = made(passages, "neutral", THIRD)
    passages.claims.say(id_, "holder", "Песков")
    assert passages.annotations.get(id_).holder == "Dmitry Peskov"
    assert [actor.name for actor in passages.actors.all()] == ["Dmitry Peskov"]


def test_a_new_name_is_an_actor_of_its_kind(passages: Project) -> None:
    id_ = made(passages, "neutral", THIRD)
    passages.claims.say(id_, "holder", "Hrant Nobody", kind="PERSON")
    actor = passages.actors.named("Hrant Nobody")
    assert actor is not None
    assert actor.kind == "PERSON"


def test_accepting_keeps_what_the_machine_named(passages: Project) -> None:
    a = passages.annotations.get(accepted(passages, 0))
    assert (a.holder, a.target, a.origin) == ("Dmitry Peskov", "West", "accepted")


def test_so_does_accepting_all(passages: Project) -> None:
    passages.annotations.accept_all(1)
    said = [(a.holder, a.target, a.origin) for a in passages.annotations.of(1)]
    assert said == [("Dmitry Peskov", "West", "accepted"), (None, "Brussels", "accepted")]


def test_so_does_accepting_with_other_edges(passages: Project) -> None:
    passages.annotations.accept(1, passages.suggestions.open(1)[0].id, span=(0, 20))
    (a,) = passages.annotations.of(1)
    assert (a.holder, a.target, a.origin) == ("Dmitry Peskov", "West", "corrected")


@pytest.mark.parametrize("value", ["Sergey Lavrov", None])
def test_another_holder_than_the_machines_is_a_correction(passages: Project, value: str | None) -> None:
    id_ = accepted(passages, 0)
    passages.claims.say(id_, "holder", value)
    a = passages.annotations.get(id_)
    assert (a.holder, a.target, a.origin, a.seen_suggestion) == (value, "West", "corrected", "pro-Russia")


def test_it_stays_a_correction_when_the_label_goes_there_and_back(passages: Project) -> None:
    id_ = accepted(passages, 0)
    passages.claims.say(id_, "holder", "Sergey Lavrov")
    passages.annotations.relabel(id_, "neutral")
    passages.annotations.relabel(id_, "pro-Russia")
    assert passages.annotations.get(id_).origin == "corrected"


def test_what_the_machine_left_open_can_be_filled_in(passages: Project) -> None:
    id_ = accepted(passages, 1)
    passages.claims.say(id_, "holder", "Armenia")
    passages.claims.say(id_, "holder", "Nikol Pashinyan")
    passages.claims.say(id_, "certainty", 3)
    passages.claims.say(id_, "note", "clear")
    assert passages.annotations.get(id_).origin == "accepted"


def test_a_suggestion_is_accepted_with_another_holder_in_one_act(passages: Project, human_rows: Any) -> None:
    before = human_rows(passages)
    suggestion = passages.suggestions.open(1)[0]
    passages.annotations.accept(1, suggestion.id, said=("holder", "Sergey Lavrov"))
    (a,) = passages.annotations.of(1)
    assert (a.holder, a.target, a.origin) == ("Sergey Lavrov", "West", "corrected")
    passages.undo()
    rows = human_rows(passages)
    assert rows["annotations"] == before["annotations"]
    assert rows["actors"] == before["actors"]


def test_certainty_and_note_go_with_any_annotation(passages: Project) -> None:
    passages.annotations.add(1, "entity", "PERSON", 0, 6)
    passages.annotations.add(1, "stance", "neutral")
    for a in passages.annotations.of(1):
        passages.claims.say(a.id, "certainty", 1)
        passages.claims.say(a.id, "note", "hm")
    assert [(a.certainty, a.note) for a in passages.annotations.of(1)] == [(1, "hm")] * 2


@pytest.mark.parametrize(
    ("layer", "label", "aspect", "value", "sentence"),
    [
        ("entity", "PERSON", "holder", "x", "Only a stance has a holder"),
        ("entity", "PERSON", "target", "x", "Only a stance has a target"),
        ("stance", "neutral", "certainty", 4, "from 1 to 3"),
        ("stance", "neutral", "certainty", 0, "from 1 to 3"),
        ("stance", "neutral", "certainty", "2", "from 1 to 3"),
    ],
)
def test_what_makes_no_sense_is_refused(
    passages: Project, layer: str, label: str, aspect: Any, value: Any, sentence: str
) -> None:
    passages.annotations.add(1, layer, label, *THIRD)
    id_ = passages.annotations.of(1)[0].id
    with pytest.raises(ProjectError, match=sentence):
        passages.claims.say(id_, aspect, value)


def test_nobody_changes_what_another_annotator_said(passages: Project) -> None:
    id_ = made(passages, "neutral", THIRD)
    passages.annotator = "ben"
    with pytest.raises(ProjectError, match="anna"):
        passages.claims.say(id_, "note", "mine now")


def test_the_stance_is_derived_from_the_annotators_own_passages(passages: Project, human_rows: Any) -> None:
    passages.annotator = "ben"
    for span in (FIRST, SECOND, THIRD):
        made(passages, "pro-Russia", span, 3)
    passages.annotator = "anna"
    made(passages, "pro-West", SECOND, 3)
    made(passages, "neutral", THIRD, 1)
    before = human_rows(passages)
    change = passages.claims.derive(1)
    assert change.text == "derived pro-West from 2 passages"
    stance = [a.label for a in passages.annotations.of(1) if a.start is None]
    assert stance == ["pro-West"]
    passages.undo()
    assert human_rows(passages) == before


@pytest.mark.parametrize(
    ("labels", "why"),
    [((), "no passage is labelled"), (("pro-West", "neutral"), "pro-West and neutral have 1 passage each")],
)
def test_without_an_answer_nothing_is_derived(passages: Project, labels: tuple[str, ...], why: str) -> None:
    for label, span in zip(labels, (FIRST, THIRD), strict=False):
        made(passages, label, span)
    last = passages.history.last()
    with pytest.raises(ProjectError, match=why):
        passages.claims.derive(1)
    assert passages.history.last() == last


def test_other_sides_than_ours_are_derived_too(passages: Project) -> None:
    passages.codebook_editing.add_label("stance", "pro-China", color="#2e9e4f")
    made(passages, "pro-China", THIRD)
    passages.claims.derive(1)
    assert passages.annotations.of(1)[0].label == "pro-China"


def test_all_of_it_is_exported_and_comes_back(passages: Project, tmp_path: Path) -> None:
    id_ = accepted(passages, 0)
    passages.claims.say(id_, "holder", "Sergey Lavrov")
    passages.claims.say(id_, "certainty", 2)
    passages.claims.say(id_, "note", "he laughed 🙂")
    passages.claims.derive(1)
    stance = next(a for a in passages.annotations.of(1) if a.start is None)
    passages.claims.say(stance.id, "certainty", 3)
    passages.claims.say(stance.id, "note", "as the passages")
    first, again = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    finish(export_jsonl(passages, first))
    line = json.loads(first.read_text(encoding="utf-8"))
    (span,) = line["spans"]
    assert (span["holder"], span["target"], span["certainty"]) == ("Sergey Lavrov", "West", 2)
    assert (span["note"], span["origin"]) == ("he laughed 🙂", "corrected")
    assert (line["labels"]["stance"]["certainty"], line["labels"]["stance"]["note"]) == (3, "as the passages")
    assert {"Sergey Lavrov", "West"} <= set(line["actors"])
    with create_project(tmp_path / "other.annot", annotator="anna") as other:
        finish(import_paths(other, [first]))
        finish(export_jsonl(other, again))
    assert again.read_bytes() == first.read_bytes()


@pytest.mark.parametrize("span", [(None, None), FIRST])
def test_another_stance_is_not_as_sure_as_the_one_before_but_keeps_its_note(
    passages: Project, span: tuple[int | None, int | None], human_rows: Callable[[Project], dict[str, Any]]
) -> None:
    annotations = passages.annotations
    annotations.add(1, "stance", "pro-Russia", *span)
    (before,) = annotations.of(1)
    passages.claims.say(before.id, "certainty", 3)
    passages.claims.say(before.id, "note", "why Russia")
    annotations.add(1, "stance", "pro-Russia", *span)  # the same again says nothing new
    (before,) = annotations.of(1)
    assert before.certainty == 3
    rows = human_rows(passages)
    annotations.add(1, "stance", "pro-West", *span)
    (after,) = annotations.of(1)
    assert (after.label, after.certainty, after.note) == ("pro-West", None, "why Russia")
    passages.undo()
    assert human_rows(passages) == rows
    annotations.relabel(before.id, "neutral")
    assert annotations.get(before.id).certainty is None
