"""Splitting a span in two and joining two: what is stored, and that one undo takes it back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from annotator.model import Actor, Annotation, PipelineInfo, ProjectError, Rejection, Suggestion
from annotator.project import Project
from annotator.project.reshaping import join, split

# 'A rocket 🚀 flew over Armenia. Russia denied it.'
ROCKET, FLEW, ARMENIA, RUSSIA = (2, 8), (11, 15), (21, 28), (30, 36)
HumanRows = Callable[[Project], dict[str, Any]]


def spans(project: Project) -> list[tuple[str, str | None, str]]:
    return [(a.label, a.quote, a.origin) for a in project.annotations.of(1)]


def suggest(project: Project, *suggestions: Suggestion) -> list[Suggestion]:
    project.suggestions.replace(PipelineInfo("tiny", "2.0"), [(1, suggestions, None)])
    return project.suggestions.open(1)


def by_hand(project: Project, label: str, *stretch: int, layer: str = "entity") -> Annotation:
    project.annotations.add(1, layer, label, *stretch)
    return next(a for a in project.annotations.of(1) if (a.start, a.end) == stretch)


def named(quote_at: tuple[int, int], label: str = "GPE", layer: str = "entity", **more: Any) -> Suggestion:
    return Suggestion(layer, label, *quote_at, "ner", reason="a name", **more)


def test_an_annotation_is_split_without_blanks_and_undone_in_one_step(
    with_articles: Project, human_rows: HumanRows
) -> None:
    whole = by_hand(with_articles, "EVENT", ROCKET[0], FLEW[1])
    before = human_rows(with_articles)
    change = split(with_articles, 1, whole, 10)  # between the emoji and its blank
    assert spans(with_articles) == [("EVENT", "rocket 🚀", "manual"), ("EVENT", "flew", "manual")]
    first, second = with_articles.annotations.of(1)
    assert first.uuid == whole.uuid != second.uuid
    assert change.text == "split “rocket 🚀 flew”"
    with_articles.undo()
    assert human_rows(with_articles) == before
    with_articles.redo()
    assert [quote for _, quote, _ in spans(with_articles)] == ["rocket 🚀", "flew"]


@pytest.mark.parametrize("at", [0, 2, 8, 40])
def test_a_split_that_leaves_nothing_on_a_side_is_refused(with_articles: Project, at: int) -> None:
    word = by_hand(with_articles, "ORG", *ROCKET)
    with pytest.raises(ProjectError, match="Put the caret between"):
        split(with_articles, 1, word, at)
    assert spans(with_articles) == [("ORG", "rocket", "manual")]


def test_a_split_suggestion_becomes_two_corrections_and_stays_away(with_articles: Project) -> None:
    (suggestion,) = suggest(with_articles, named((ARMENIA[0], RUSSIA[1]), actor="Armenia. Russia"))
    split(with_articles, 1, suggestion, 29)
    assert spans(with_articles) == [("GPE", "Armenia.", "corrected"), ("GPE", "Russia", "corrected")]
    assert [a.seen_suggestion for a in with_articles.annotations.of(1)] == ["GPE", "GPE"]
    assert [a.actor for a in with_articles.annotations.of(1)] == [None, None]
    assert with_articles.suggestions.open(1) == []
    assert with_articles.annotations.rejections(1) == [Rejection("entity", "GPE", ARMENIA[0], RUSSIA[1])]
    with_articles.undo()
    assert spans(with_articles) == []
    assert len(with_articles.suggestions.open(1)) == 1


def test_either_part_of_an_entity_is_about_whom_its_own_words_name(with_articles: Project) -> None:
    with with_articles.act("actors"):
        for name in ("Armenia", "Russia", "Armenia. Russia"):
            with_articles.actors.ensure(Actor(f"{name}-uuid", name, "GPE", None, ()))
    whole = by_hand(with_articles, "GPE", ARMENIA[0], RUSSIA[1])
    assert whole.actor == "Armenia. Russia"
    split(with_articles, 1, whole, 30)
    assert [(a.quote, a.actor) for a in with_articles.annotations.of(1)] == [
        ("Armenia.", None),
        ("Russia", "Russia"),
    ]
    first, second = with_articles.annotations.of(1)
    join(with_articles, 1, first, second)
    assert [(a.quote, a.actor) for a in with_articles.annotations.of(1)] == [
        ("Armenia. Russia", "Armenia. Russia")
    ]


def test_both_parts_of_a_passage_keep_whose_stance_it_is(with_articles: Project) -> None:
    passage = named((0, 47), "pro-Russia", "stance", holder="Kremlin", target="Armenia")
    (suggestion,) = suggest(with_articles, passage)
    split(with_articles, 1, suggestion, 29)
    first, second = with_articles.annotations.of(1)
    assert (first.holder, first.target) == (second.holder, second.target) == ("Kremlin", "Armenia")
    split(with_articles, 1, second, 37)  # also one that is an annotation already
    assert [a.holder for a in with_articles.annotations.of(1)] == ["Kremlin"] * 3


def test_a_part_that_another_span_has_already_is_refused(with_articles: Project) -> None:
    whole = by_hand(with_articles, "EVENT", ARMENIA[0], RUSSIA[1])
    by_hand(with_articles, "GPE", *RUSSIA)
    with pytest.raises(ProjectError, match="exactly this text"):
        split(with_articles, 1, whole, 30)
    assert len(spans(with_articles)) == 2


def test_joining_keeps_the_first_ones_label_and_says_so(
    with_articles: Project, human_rows: HumanRows
) -> None:
    first, second = by_hand(with_articles, "ORG", *ROCKET), by_hand(with_articles, "EVENT", *FLEW)
    before = human_rows(with_articles)
    change = join(with_articles, 1, first, second)
    assert spans(with_articles) == [("ORG", "rocket 🚀 flew", "manual")]
    assert change.text == "joined “rocket 🚀 flew”: ORG, also what was EVENT"
    with_articles.undo()
    assert human_rows(with_articles) == before


def test_suggestions_that_are_joined_are_one_correction_and_stay_away(with_articles: Project) -> None:
    first, second = suggest(with_articles, named(ARMENIA), named(RUSSIA, "ORG"))
    join(with_articles, 1, first, second)
    assert spans(with_articles) == [("GPE", "Armenia. Russia", "corrected")]
    assert with_articles.suggestions.open(1) == []
    with_articles.undo()
    assert len(with_articles.suggestions.open(1)) == 2


def test_an_annotation_takes_a_suggestion_in(with_articles: Project) -> None:
    (suggestion,) = suggest(with_articles, named(RUSSIA, "ORG"))
    join(with_articles, 1, by_hand(with_articles, "GPE", *ARMENIA), suggestion)
    assert spans(with_articles) == [("GPE", "Armenia. Russia", "manual")]
    assert with_articles.suggestions.open(1) == []


def said(project: Project, span: tuple[int, int], label: str = "pro-Russia", **values: Any) -> Annotation:
    """A passage of which something is said."""
    id_ = by_hand(project, label, *span, layer="stance").id
    for aspect in ("holder", "target", "certainty", "note"):
        if aspect in values:
            project.claims.say(id_, aspect, values[aspect])
    return project.annotations.get(id_)


def claims(project: Project) -> list[tuple[str | None, str | None, int | None, str]]:
    return [(a.holder, a.target, a.certainty, a.note) for a in project.annotations.of(1)]


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        ({}, ("Kremlin", "West", 3, "second")),
        ({"note": "first"}, ("Kremlin", "West", 3, "first\nsecond")),
        ({"holder": "Baku", "certainty": 1}, ("Baku", "West", 1, "second")),
    ],
)
def test_what_was_said_of_the_second_alone_is_said_of_both_joined(
    with_articles: Project, human_rows: HumanRows, first: dict[str, Any], expected: object
) -> None:
    one = said(with_articles, ARMENIA, **first)
    two = said(with_articles, RUSSIA, holder="Kremlin", target="West", certainty=3, note="second")
    before = human_rows(with_articles)
    join(with_articles, 1, one, two)
    assert claims(with_articles) == [expected]
    with_articles.undo()
    assert human_rows(with_articles) == before


def test_how_sure_one_was_of_another_label_is_not_said_of_both_joined(with_articles: Project) -> None:
    one, two = said(with_articles, ARMENIA), said(with_articles, RUSSIA, "neutral", certainty=3, note="why")
    join(with_articles, 1, one, two)
    assert claims(with_articles) == [(None, None, None, "why")]


def test_a_suggestion_is_joined_with_what_was_said_and_what_was_suggested(with_articles: Project) -> None:
    passages = [named(place, "pro-Russia", "stance") for place in (ARMENIA, FLEW)]
    one, _ = suggest(with_articles, passages[0], replace(passages[1], holder="Kremlin"))[::-1]
    join(with_articles, 1, one, said(with_articles, RUSSIA, note="second"))
    (joined,) = with_articles.annotations.of(1)
    suggested = with_articles.suggestions.open(1)[0]
    join(with_articles, 1, joined, suggested)
    assert claims(with_articles) == [("Kremlin", None, None, "second")]


def test_a_join_onto_another_span_is_refused(with_articles: Project) -> None:
    by_hand(with_articles, "EVENT", ARMENIA[0], RUSSIA[1])
    first, second = suggest(with_articles, named(ARMENIA), named(RUSSIA))
    with pytest.raises(ProjectError, match="exactly this text"):
        join(with_articles, 1, first, second)
    assert len(with_articles.suggestions.open(1)) == 2


def test_what_is_gone_or_another_persons_is_neither_split_nor_joined(with_articles: Project) -> None:
    (suggestion,) = suggest(with_articles, named((ARMENIA[0], RUSSIA[1])))
    suggest(with_articles)
    with pytest.raises(ProjectError, match="replaced by a newer run"):
        split(with_articles, 1, suggestion, 29)
    hers = by_hand(with_articles, "EVENT", ARMENIA[0], RUSSIA[1])
    with_articles.annotator = "ben"
    with pytest.raises(ProjectError, match="annotation of anna"):
        split(with_articles, 1, hers, 29)
