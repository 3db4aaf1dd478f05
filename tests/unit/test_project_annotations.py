"""What each act on annotations and suggestions stores."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from annotator.model import Annotation, ArticleInput, PipelineInfo, ProjectError, Rejection, Suggestion
from annotator.project import Project, create_project, open_project

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
ARMENIA = (21, 28)
RUSSIA = (30, 36)


def spans(project: Project, article: int = 1) -> list[tuple[str, str | None, str]]:
    return [(a.label, a.quote, a.origin) for a in project.annotations.of(article)]


def only(project: Project, article: int = 1) -> Annotation:
    (annotation,) = project.annotations.of(article)
    return annotation


def open_labels(project: Project, article: int = 1) -> list[str | None]:
    return [s.label for s in project.suggestions.open(article)]


def suggest(project: Project, *suggestions: Suggestion, article: int = 1) -> None:
    project.suggestions.replace(PipelineInfo("tiny", "2.0"), [(article, suggestions, None)])


# Adding


def test_a_span_by_hand_is_stored_with_its_quote(with_articles: Project) -> None:
    change = with_articles.annotations.add(1, "entity", "GPE", *ARMENIA)
    a = only(with_articles)
    assert (a.layer, a.label, a.start, a.end, a.quote) == ("entity", "GPE", 21, 28, "Armenia")
    assert (a.annotator, a.article, a.origin, a.codebook_version) == ("anna", 1, "manual", 1)
    assert (a.component, a.reason, a.seen_suggestion) == (None, "", None)
    assert (a.actor, a.holder, a.target, a.certainty, a.note) == (None, None, None, None, "")
    assert TIME.fullmatch(a.created_at)
    assert a.updated_at == a.created_at
    assert change.article == 1
    assert change.tables == {"annotations", "annotators", "progress"}
    assert change.text == "labelled “Armenia” GPE"


def test_offsets_count_code_points(with_articles: Project) -> None:
    with_articles.annotations.add(1, "entity", "PRODUCT", 9, 10)
    assert only(with_articles).quote == "🚀"


def test_the_first_annotation_begins_work_and_later_ones_leave_the_status(with_articles: Project) -> None:
    assert with_articles.articles.progress(1).status == "todo"
    with_articles.annotations.add(1, "entity", "GPE", *ARMENIA)
    assert with_articles.articles.progress(1).status == "in_progress"
    with_articles.articles.set_status(1, "done")
    with_articles.annotations.add(1, "entity", "GPE", *RUSSIA)
    assert with_articles.articles.progress(1).status == "done"


def test_a_second_stance_replaces_the_first(with_articles: Project) -> None:
    with_articles.annotations.add(1, "stance", "pro-West")
    first = only(with_articles)
    with_articles.annotations.add(1, "stance", "neutral")
    second = only(with_articles)
    assert (second.label, second.start, second.end, second.quote) == ("neutral", None, None, None)
    assert (second.id, second.uuid, second.created_at) == (first.id, first.uuid, first.created_at)


def test_a_passage_may_have_another_stance_than_the_article(with_articles: Project) -> None:
    with_articles.annotations.add(1, "stance", "pro-West")
    with_articles.annotations.add(1, "stance", "pro-Russia", 0, 10)
    assert [a.label for a in with_articles.annotations.of(1)] == ["pro-West", "pro-Russia"]


def test_labels_of_a_layer_that_is_not_exclusive_stand_side_by_side(with_articles: Project) -> None:
    with with_articles.act("imported"):
        for label in ("economy", "war"):
            with_articles.codebook.ensure("topic", label, whole_article=False)
    with_articles.annotations.add(1, "topic", "economy")
    with_articles.annotations.add(1, "topic", "war")
    with_articles.annotations.add(1, "topic", "war")
    assert [a.label for a in with_articles.annotations.of(1)] == ["economy", "war"]


def test_the_same_stretch_is_relabelled_not_doubled(with_articles: Project) -> None:
    with_articles.annotations.add(1, "entity", "GPE", *ARMENIA)
    with_articles.annotations.add(1, "entity", "ORG", *ARMENIA)
    assert spans(with_articles) == [("ORG", "Armenia", "manual")]


def test_overlapping_spans_and_other_layers_stand_beside_each_other(with_articles: Project) -> None:
    with_articles.annotations.add(1, "entity", "GPE", *ARMENIA)
    with_articles.annotations.add(1, "entity", "EVENT", 16, 28)
    with_articles.annotations.add(1, "zone", "quote", *ARMENIA)
    assert [a.label for a in with_articles.annotations.of(1)] == ["EVENT", "GPE", "quote"]


def test_the_same_again_is_no_step(with_articles: Project) -> None:
    with_articles.annotations.add(1, "entity", "GPE", *ARMENIA)
    before = with_articles.history.last()
    change = with_articles.annotations.add(1, "entity", "GPE", *ARMENIA)
    assert change.tables == frozenset()
    assert with_articles.history.last() == before


@pytest.mark.parametrize(
    ("start", "end"), [(-1, 3), (3, 3), (5, 3), (0, 48), (99, 100), (0, None), (None, 4), (-5, -1)]
)
def test_a_span_outside_the_text_is_refused_and_nothing_stored(
    with_articles: Project, start: int | None, end: int | None
) -> None:
    before = with_articles.history.last()
    with pytest.raises(ProjectError, match="lies outside"):
        with_articles.annotations.add(1, "entity", "GPE", start, end)
    assert with_articles.annotations.of(1) == []
    assert with_articles.annotators() == []
    assert with_articles.history.last() == before


def test_unknown_articles_labels_and_annotations_are_key_errors(with_articles: Project) -> None:
    for act in (
        lambda: with_articles.annotations.add(99, "entity", "GPE", 0, 1),
        lambda: with_articles.annotations.add(1, "entity", "ANIMAL", 0, 1),
        lambda: with_articles.annotations.relabel(99, "GPE"),
        lambda: with_articles.annotations.move(99, 0, 1),
        lambda: with_articles.annotations.remove(99),
        lambda: with_articles.annotations.get(99),
    ):
        with pytest.raises(KeyError):
            act()
    assert with_articles.history.acts()[0].text == "imported 3 articles"


def test_labelling_by_hand_what_was_suggested_counts_as_accepted(suggested: Project) -> None:
    suggested.annotations.add(1, "entity", "GPE", *ARMENIA)
    a = only(suggested)
    assert (a.origin, a.component, a.reason, a.seen_suggestion) == ("accepted", "ner", "ner: GPE", "GPE")


def test_an_accepted_suggestion_brings_its_actor_holder_and_target(with_articles: Project) -> None:
    suggest(
        with_articles,
        Suggestion("entity", "GPE", *ARMENIA, "ner", actor="Republic of Armenia"),
        Suggestion("stance", "pro-Russia", *RUSSIA, "stance", holder="Moscow", target="the West"),
    )
    with_articles.annotations.accept(1, 1)
    with_articles.annotations.accept(1, 2)
    entity, stance = with_articles.annotations.of(1)
    assert (entity.actor, entity.holder, entity.target) == ("Republic of Armenia", None, None)
    assert (stance.actor, stance.holder, stance.target) == (None, "Moscow", "the West")
    with_articles.undo()
    with_articles.undo()
    assert with_articles.actors.named("Moscow") is None


def test_a_rejection_keeps_what_was_rejected(suggested: Project) -> None:
    suggested.annotations.reject(1, 2)
    suggested.annotations.reject(1, 3)
    assert suggested.db.execute("SELECT quote FROM rejections").fetchall() == [("Russia",), (None,)]


def test_labelling_by_hand_otherwise_than_suggested_is_a_correction(suggested: Project) -> None:
    suggested.annotations.add(1, "stance", "neutral")
    a = only(suggested)
    assert (a.origin, a.component, a.reason, a.seen_suggestion) == ("corrected", "stance", "", "pro-West")


# Accepting


def test_accepting_copies_component_and_reason(suggested: Project) -> None:
    suggested.annotations.accept(1, 1)
    a = only(suggested)
    assert (a.label, a.quote, a.origin) == ("GPE", "Armenia", "accepted")
    assert (a.component, a.reason, a.seen_suggestion) == ("ner", "ner: GPE", "GPE")
    assert open_labels(suggested) == ["pro-West", "ORG"]
    assert suggested.articles.progress(1).status == "in_progress"


def test_accepting_with_another_label_is_a_correction(suggested: Project) -> None:
    suggested.annotations.accept(1, 2, label="GPE")
    a = only(suggested)
    assert (a.label, a.quote, a.origin, a.seen_suggestion, a.reason) == (
        "GPE",
        "Russia",
        "corrected",
        "ORG",
        "",
    )
    assert open_labels(suggested) == ["pro-West", "GPE"]


def test_accepting_with_other_edges_leaves_no_suggestion_behind(suggested: Project) -> None:
    suggested.annotations.accept(1, 1, span=(16, 28))
    a = only(suggested)
    assert (a.quote, a.origin, a.component, a.seen_suggestion) == ("over Armenia", "corrected", "ner", "GPE")
    assert open_labels(suggested) == ["pro-West", "ORG"]
    suggested.undo()
    assert open_labels(suggested) == ["pro-West", "GPE", "ORG"]


def test_of_two_suggestions_on_a_stretch_the_one_that_was_accepted_counts(with_articles: Project) -> None:
    suggest(
        with_articles,
        Suggestion("entity", "ORG", *ARMENIA, "ner", "by ner"),
        Suggestion("entity", "GPE", *ARMENIA, "gazetteer", "by gazetteer"),
    )
    with_articles.annotations.accept(1, 2)
    a = only(with_articles)
    assert (a.origin, a.component, a.reason, a.seen_suggestion) == (
        "accepted",
        "gazetteer",
        "by gazetteer",
        "GPE",
    )
    assert open_labels(with_articles) == []
    with_articles.annotations.remove(a.id)
    with_articles.annotations.add(1, "entity", "GPE", *ARMENIA)
    assert only(with_articles).component == "gazetteer"


def test_an_unsure_suggestion_needs_a_label(with_articles: Project) -> None:
    suggest(with_articles, Suggestion("stance", None, None, None, "stance", "too close"))
    with pytest.raises(ProjectError, match="not sure"):
        with_articles.annotations.accept(1, 1)
    with pytest.raises(ProjectError, match="not sure"):
        with_articles.annotations.reject(1, 1)
    with_articles.annotations.accept(1, 1, label="neutral")
    assert spans(with_articles) == [("neutral", None, "manual")]
    assert open_labels(with_articles) == []


def test_an_unsure_suggestion_of_a_passage_can_be_redrawn(with_articles: Project) -> None:
    suggest(with_articles, Suggestion("stance", None, 0, 10, "stance", "too close"))
    with_articles.annotations.accept(1, 1, label="neutral", span=(0, 8))
    assert spans(with_articles) == [("neutral", "A rocket", "manual")]


def test_a_suggestion_that_is_gone_is_refused(suggested: Project) -> None:
    suggest(suggested, Suggestion("entity", "LOC", 2, 8, "ner", ""))
    for stale in (1, 2, 3):
        with pytest.raises(ProjectError, match="replaced by a newer run"):
            suggested.annotations.accept(1, stale)
        with pytest.raises(ProjectError, match="replaced by a newer run"):
            suggested.annotations.reject(1, stale)
    assert spans(suggested) == []


def test_accepting_all_is_one_act_and_leaves_the_stance(suggested: Project) -> None:
    change = suggested.annotations.accept_all(1)
    assert spans(suggested) == [("GPE", "Armenia", "accepted"), ("ORG", "Russia", "accepted")]
    assert open_labels(suggested) == ["pro-West"]
    assert change.text == "accepted all 2 suggestions"
    suggested.undo()
    assert spans(suggested) == []
    assert open_labels(suggested) == ["pro-West", "GPE", "ORG"]


def test_accepting_all_leaves_what_was_decided(suggested: Project) -> None:
    suggested.annotations.accept(1, 1, label="LOC")
    suggested.annotations.reject(1, 2)
    assert suggested.annotations.accept_all(1).tables == frozenset()
    assert spans(suggested) == [("LOC", "Armenia", "corrected")]


def test_accepting_all_takes_one_suggestion_a_stretch_and_no_unsure_one(with_articles: Project) -> None:
    suggest(
        with_articles,
        Suggestion("entity", "GPE", *ARMENIA, "gazetteer", "g"),
        Suggestion("entity", "ORG", *ARMENIA, "ner", "n"),
        Suggestion("stance", None, 0, 10, "stance", "too close"),
    )
    assert with_articles.annotations.accept_all(1).text == "accepted all 1 suggestions"
    assert spans(with_articles) == [("GPE", "Armenia", "accepted")]


# Rejecting


def test_what_was_rejected_stays_so_after_a_rerun(suggested: Project) -> None:
    suggested.annotations.reject(1, 2)
    assert open_labels(suggested) == ["pro-West", "GPE"]
    suggest(suggested, Suggestion("entity", "ORG", *RUSSIA, "ner", "again"))
    assert open_labels(suggested) == []
    assert suggested.annotations.rejections(1) == [Rejection("entity", "ORG", *RUSSIA)]
    assert suggested.articles.progress(1).status == "in_progress"


def test_another_label_for_a_rejected_stretch_is_a_new_suggestion(suggested: Project) -> None:
    suggested.annotations.reject(1, 2)
    suggest(suggested, Suggestion("entity", "GPE", *RUSSIA, "ner", "better"))
    assert open_labels(suggested) == ["GPE"]


def test_rejecting_twice_is_one_rejection(suggested: Project) -> None:
    suggested.annotations.reject(1, 2)
    assert suggested.annotations.reject(1, 2).tables == frozenset()
    assert len(suggested.annotations.rejections(1)) == 1


def test_a_stance_can_be_rejected(suggested: Project) -> None:
    suggested.annotations.reject(1, 3)
    assert suggested.annotations.rejections(1) == [Rejection("stance", "pro-West", None, None)]
    assert open_labels(suggested) == ["GPE", "ORG"]


def test_labelling_what_was_rejected_takes_the_rejection_back(suggested: Project) -> None:
    suggested.annotations.reject(1, 2)
    suggested.annotations.add(1, "entity", "ORG", *RUSSIA)
    assert suggested.annotations.rejections(1) == []
    suggested.undo()
    assert suggested.annotations.rejections(1) == [Rejection("entity", "ORG", *RUSSIA)]


# Relabelling, moving, removing


def test_relabelling_an_accepted_span_is_a_correction_and_back_again_accepted(suggested: Project) -> None:
    suggested.annotations.accept(1, 1)
    suggested.annotations.relabel(only(suggested).id, "LOC")
    a = only(suggested)
    assert (a.label, a.origin, a.component, a.seen_suggestion, a.reason) == (
        "LOC",
        "corrected",
        "ner",
        "GPE",
        "",
    )
    suggested.annotations.relabel(a.id, "GPE")
    assert (only(suggested).origin, only(suggested).reason) == ("accepted", "ner: GPE")


def test_relabelling_remembers_the_codebook_of_the_day(with_articles: Project) -> None:
    with_articles.annotations.add(1, "entity", "GPE", *ARMENIA)
    with with_articles.act("imported"):
        with_articles.codebook.ensure("entity", "ANIMAL", whole_article=False)
    with_articles.annotations.relabel(only(with_articles).id, "ANIMAL")
    assert only(with_articles).codebook_version == 2


def test_relabelling_changes_the_annotation_that_was_meant(with_articles: Project) -> None:
    with with_articles.act("imported"):
        for label in ("economy", "war", "law"):
            with_articles.codebook.ensure("topic", label, whole_article=False)
    with_articles.annotations.add(1, "topic", "economy")
    with_articles.annotations.add(1, "topic", "war")
    war = with_articles.annotations.of(1)[1]
    with_articles.annotations.relabel(war.id, "law")
    assert [a.label for a in with_articles.annotations.of(1)] == ["economy", "law"]
    with pytest.raises(ProjectError, match="economy is on exactly this text already"):
        with_articles.annotations.relabel(war.id, "economy")


def test_moving_an_accepted_span_is_a_correction_and_leaves_nothing_open(suggested: Project) -> None:
    suggested.annotations.accept(1, 1)
    suggested.annotations.move(only(suggested).id, 16, 28)
    a = only(suggested)
    assert (a.start, a.end, a.quote, a.origin, a.seen_suggestion) == (
        16,
        28,
        "over Armenia",
        "corrected",
        "GPE",
    )
    assert open_labels(suggested) == ["pro-West", "ORG"]
    suggested.undo()
    assert only(suggested).quote == "Armenia"
    assert suggested.annotations.rejections(1) == []


def test_moving_leaves_none_of_several_suggestions_open(with_articles: Project) -> None:
    suggest(
        with_articles,
        Suggestion("entity", "GPE", *ARMENIA, "gazetteer", "g"),
        Suggestion("entity", "ORG", *ARMENIA, "ner", "n"),
    )
    with_articles.annotations.accept(1, 1)
    with_articles.annotations.move(only(with_articles).id, 16, 28)
    assert open_labels(with_articles) == []


def test_moving_there_and_back_leaves_no_rejection_of_its_own_label(suggested: Project) -> None:
    suggested.annotations.accept(1, 1)
    suggested.annotations.move(only(suggested).id, 16, 28)
    suggested.annotations.move(only(suggested).id, *ARMENIA)
    assert suggested.annotations.rejections(1) == []


def test_moving_a_span_by_hand_stays_by_hand(with_articles: Project) -> None:
    with_articles.annotations.add(1, "entity", "GPE", *ARMENIA)
    with_articles.annotations.move(only(with_articles).id, 21, 24)
    assert spans(with_articles) == [("GPE", "Arm", "manual")]


def test_moving_nowhere_is_no_step(with_articles: Project) -> None:
    with_articles.annotations.add(1, "entity", "GPE", *ARMENIA)
    assert with_articles.annotations.move(only(with_articles).id, *ARMENIA).tables == frozenset()


def test_moving_onto_another_span_or_out_of_the_text_is_refused(with_articles: Project) -> None:
    with_articles.annotations.add(1, "entity", "GPE", *ARMENIA)
    first = only(with_articles).id
    with_articles.annotations.add(1, "entity", "GPE", *RUSSIA)
    with pytest.raises(ProjectError, match="another entity span"):
        with_articles.annotations.move(first, *RUSSIA)
    with pytest.raises(ProjectError, match="lies outside"):
        with_articles.annotations.move(first, 21, 99)
    assert with_articles.annotations.get(first).quote == "Armenia"


def test_a_label_of_the_whole_article_cannot_be_moved(suggested: Project) -> None:
    suggested.annotations.accept(1, 3)
    with pytest.raises(ProjectError, match="no edges"):
        suggested.annotations.move(only(suggested).id, 0, 5)


def test_removing_opens_the_suggestion_again(suggested: Project) -> None:
    suggested.annotations.accept(1, 1)
    suggested.annotations.remove(only(suggested).id)
    assert spans(suggested) == []
    assert open_labels(suggested) == ["pro-West", "GPE", "ORG"]


def test_clearing_the_stance_leaves_those_of_passages(suggested: Project) -> None:
    suggested.annotations.accept(1, 3)
    suggested.annotations.add(1, "stance", "pro-Russia", 0, 10)
    suggested.annotations.clear_article_label(1, "stance")
    assert [a.label for a in suggested.annotations.of(1)] == ["pro-Russia"]
    assert open_labels(suggested) == ["pro-West", "GPE", "ORG"]
    assert suggested.annotations.clear_article_label(1, "stance").tables == frozenset()


def test_annotations_come_in_reading_order_those_of_the_article_first(with_articles: Project) -> None:
    for layer, label, start, end in (
        ("entity", "GPE", 30, 36),
        ("zone", "quote", 2, 8),
        ("entity", "PRODUCT", 2, 8),
        ("entity", "EVENT", 2, 10),
        ("stance", "neutral", None, None),
    ):
        with_articles.annotations.add(1, layer, label, start, end)
    assert [a.label for a in with_articles.annotations.of(1)] == [
        "neutral",
        "PRODUCT",
        "quote",
        "EVENT",
        "GPE",
    ]


# Two annotators in one file


def test_each_annotator_sees_only_their_own(suggested: Project) -> None:
    suggested.annotations.accept(1, 1)
    suggested.annotations.reject(1, 2)
    suggested.close()
    with open_project(suggested.path, annotator="ben") as ben:
        assert spans(ben) == []
        assert ben.annotations.rejections(1) == []
        assert open_labels(ben) == ["pro-West", "GPE", "ORG"]
        assert ben.articles.progress(1).status == "todo"
        ben.annotations.add(1, "entity", "LOC", *ARMENIA)
        ben.annotations.add(1, "stance", "neutral")
        assert ben.annotators() == ["anna", "ben"]
    with open_project(suggested.path, annotator="anna") as anna:
        assert spans(anna) == [("GPE", "Armenia", "accepted")]
        assert open_labels(anna) == ["pro-West"]
        others = anna.annotations.of(1, annotator=2)
        assert [a.label for a in others] == ["neutral", "LOC"]
        for act in (
            lambda: anna.annotations.relabel(others[1].id, "ORG"),
            lambda: anna.annotations.move(others[1].id, 0, 3),
            lambda: anna.annotations.remove(others[1].id),
        ):
            with pytest.raises(ProjectError, match="annotation of ben"):
                act()


@pytest.mark.parametrize("name", ["O'Neil; DROP TABLE", "Անահիտ 🚀", "nu\0l", "\ud800"])
def test_any_annotators_name_will_do(tmp_path: Path, name: str) -> None:
    with create_project(tmp_path / "p", annotator=name) as project:
        with project.act("imported"):
            project.articles.add(ArticleInput("text", "title"))
        project.annotations.add(1, "stance", "neutral")
        project.undo()
        project.redo()
        assert project.annotators() == [project.annotator]
        assert only(project).annotator == project.annotator


def test_an_imported_annotation_that_a_person_changes_is_theirs(suggested: Project) -> None:
    suggested.annotations.add(1, "entity", "LAW", 0, 2)
    (a,) = suggested.annotations.of(1)
    suggested.db.execute("UPDATE annotations SET origin = 'imported' WHERE id = ?", [a.id])
    suggested.annotations.relabel(a.id, "EVENT")
    assert suggested.annotations.get(a.id).origin == "manual", "nothing was suggested here"
    suggested.db.execute("UPDATE annotations SET origin = 'imported' WHERE id = ?", [a.id])
    suggested.annotations.move(a.id, 0, 3)
    assert suggested.annotations.get(a.id).origin == "manual"
