"""Suggestions: a cache that people's decisions stand apart from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from annotator.model import NO_MODEL, Answer, ArticleInput, PipelineInfo, Suggestion
from annotator.project import Project, open_project

TINY = PipelineInfo("tiny", "1.0", "hash")
GPE = Suggestion("entity", "GPE", 21, 28, "ner", "ner: GPE")


def put(project: Project, *suggestions: Suggestion, notice: str | None = None) -> None:
    project.suggestions.replace(TINY, [(1, suggestions, notice)])


def test_a_suggestion_comes_back_whole(with_articles: Project) -> None:
    stance = Suggestion(
        "stance",
        "neutral",
        None,
        None,
        "stance",
        "no cues",
        0.5,
        {"pro-West": 0.25, "neutral": 0.5, "pro-Russia": 0.25},
        ((0, 29), (30, 47)),
    )
    put(with_articles, stance)
    (found,) = with_articles.suggestions.open(1)
    assert found.id > 0
    assert found == Suggestion(**{f: getattr(stance, f) for f in Suggestion.__slots__} | {"id": found.id})
    assert with_articles.suggestions.get(1, found.id) == found
    assert with_articles.suggestions.pipeline(1) == TINY


def test_a_new_run_replaces_what_was_there(with_articles: Project) -> None:
    put(with_articles, GPE, notice="first")
    put(with_articles, Suggestion("entity", "ORG", 30, 36, "ner"))
    assert [s.label for s in with_articles.suggestions.open(1)] == ["ORG"]
    assert with_articles.suggestions.notice(1) is None


def test_the_numbers_of_a_run_are_not_those_of_the_one_before(with_articles: Project) -> None:
    put(with_articles, GPE)
    (old,) = with_articles.suggestions.open(1)
    put(with_articles, Suggestion("entity", "ORG", 30, 36, "ner"))
    assert with_articles.suggestions.get(1, old.id) is None


def test_what_does_not_fit_the_codebook_the_text_or_the_project_is_passed_over(
    with_articles: Project,
) -> None:
    length = len(with_articles.articles.text(1))
    done = with_articles.suggestions.replace(
        TINY,
        [
            (
                1,
                [
                    Suggestion("entity", "DATE", 0, 1, "ner"),
                    Suggestion("topic", None, None, None, "t"),
                    Suggestion("entity", "GPE", 40, length + 1, "ner"),
                    Suggestion("entity", "GPE", -1, 3, "ner"),
                    Suggestion("entity", "GPE", 3, 3, "ner"),
                    Suggestion("entity", "GPE", 3, None, "ner"),
                    Suggestion("stance", "neutral", None, None, "s", evidence=((0, 5), (40, length + 1))),
                    GPE,
                ],
                None,
            ),
            (99, [GPE], None),
        ],
    )
    assert done == [1]
    assert [(s.label, s.evidence) for s in with_articles.suggestions.open(1)] == [
        ("neutral", ((0, 5),)),
        ("GPE", ()),
    ]


def test_an_article_without_suggestions_is_done_all_the_same(with_articles: Project) -> None:
    assert with_articles.suggestions.pending() == [1, 2, 3]
    assert with_articles.suggestions.is_pending(1)
    put(with_articles, notice="Its language is not English.")
    assert with_articles.suggestions.pending() == [2, 3]
    assert not with_articles.suggestions.is_pending(1)
    assert with_articles.suggestions.notice(1) == "Its language is not English."
    assert with_articles.suggestions.open(1) == []
    assert with_articles.suggestions.pipeline(2) is None
    assert with_articles.suggestions.notice(2) is None


def test_forgetting_the_runs_keeps_what_they_suggested(with_articles: Project) -> None:
    put(with_articles, GPE)
    with_articles.suggestions.forget_runs()
    assert with_articles.suggestions.pending() == [1, 2, 3]
    assert len(with_articles.suggestions.open(1)) == 1


def test_a_pipeline_is_noted_once(with_articles: Project) -> None:
    put(with_articles, GPE)
    put(with_articles, GPE)
    assert with_articles.db.execute("SELECT count(*) FROM runs").fetchone() == (1,)


def test_a_batch_that_fails_leaves_what_was_there(with_articles: Project) -> None:
    put(with_articles, GPE)

    def batch() -> Iterator[tuple[int, list[Suggestion], None]]:
        yield 1, [], None
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        with_articles.suggestions.replace(TINY, batch())
    assert len(with_articles.suggestions.open(1)) == 1


def test_they_come_in_reading_order_those_of_the_article_first(with_articles: Project) -> None:
    put(
        with_articles,
        Suggestion("entity", "ORG", 30, 36, "ner"),
        Suggestion("entity", "PRODUCT", 2, 10, "ner"),
        Suggestion("entity", "EVENT", 2, 8, "ner"),
        Suggestion("stance", None, None, None, "stance"),
    )
    assert [s.label for s in with_articles.suggestions.open(1)] == [None, "EVENT", "PRODUCT", "ORG"]


def test_they_are_outside_the_history(with_articles: Project) -> None:
    before = with_articles.history.acts()
    put(with_articles, GPE)
    assert with_articles.history.acts() == before
    with_articles.annotations.accept(1, 1)
    put(with_articles)
    with_articles.undo()
    assert with_articles.annotations.of(1) == []
    assert with_articles.suggestions.open(1) == []


def test_a_rerun_does_not_open_what_was_decided(suggested: Project) -> None:
    suggested.annotations.accept(1, 1)
    put(suggested, GPE, Suggestion("entity", "ORG", 21, 28, "gazetteer"))
    assert suggested.suggestions.open(1) == []


def test_another_stretch_is_open_however_near(suggested: Project) -> None:
    suggested.annotations.accept(1, 1)
    put(suggested, Suggestion("entity", "GPE", 16, 28, "ner"))
    assert len(suggested.suggestions.open(1)) == 1


def test_they_are_open_for_each_annotator_apart(suggested: Project) -> None:
    suggested.annotations.accept_all(1)
    me = suggested.annotator_id()
    suggested.close()
    with open_project(suggested.path, annotator="ben") as ben:
        assert len(ben.suggestions.open(1)) == 3
        assert len(ben.suggestions.open(1, annotator=me)) == 1


def test_what_sqlite_cannot_keep_is_cleaned(with_articles: Project) -> None:
    with_articles.suggestions.replace(
        PipelineInfo("p\ud800", "1"), [(1, [Suggestion("entity", "GPE", 0, 1, "c\0", "r\ud800")], "n\ud800")]
    )
    (found,) = with_articles.suggestions.open(1)
    assert (found.component, found.reason, with_articles.suggestions.notice(1)) == ("c", "r\ufffd", "n\ufffd")


def test_what_was_suggested_without_a_model_is_made_anew_with_one(with_articles: Project) -> None:
    ids = with_articles.articles.ids()
    with_articles.suggestions.replace(PipelineInfo(NO_MODEL, "1"), [(ids[0], [], None)])
    assert with_articles.suggestions.pending() == ids
    assert not with_articles.suggestions.is_pending(ids[0])
    with_articles.suggestions.replace(PipelineInfo("en_core_web_md", "1"), [(ids[0], [], None)])
    assert with_articles.suggestions.pending() == ids[1:]


def test_the_same_text_gets_the_same_suggestions_without_an_analysis(project: Project) -> None:
    text = "A wire story about Armenia."
    story = Suggestion("entity", "GPE", 19, 26, "ner", "why", actor="Armenia", evidence=((0, 5),))
    with project.act("imported"):
        for number, (words, language) in enumerate(
            [(text, None), (text, None), (text, "ru"), (text + "!", None)]
        ):
            project.articles.add(ArticleInput(words, f"T{number}", language=language))
    project.suggestions.store([Answer(1, (story,), TINY, "a notice", "en")])
    assert project.suggestions.copy_equal(2, TINY.config)
    (copied,) = project.suggestions.open(2)
    assert replace(copied, id=0) == story
    assert project.suggestions.notice(2) == "a notice"
    assert project.suggestions.language(2) == "en"
    assert project.suggestions.pipeline(2) == TINY
    assert project.suggestions.pending() == [3, 4]
    assert not project.suggestions.copy_equal(3, TINY.config)  # another pipeline reads it
    assert not project.suggestions.copy_equal(4, TINY.config)
    assert project.suggestions.pending() == [3, 4]


def test_other_settings_or_decisions_on_zones_keep_equal_texts_apart(project: Project) -> None:
    with project.act("imported"):
        for number in range(3):
            project.articles.add(ArticleInput("Subscribe now! Armenia.", f"T{number}"))
    project.suggestions.store([Answer(1, (), TINY)])
    assert not project.suggestions.copy_equal(2, "other settings")
    project.annotations.add(3, "zone", "boilerplate", 0, 14)
    assert not project.suggestions.copy_equal(3, TINY.config)
    assert project.suggestions.copy_equal(2, TINY.config)
    project.annotations.add(1, "zone", "boilerplate", 0, 14)
    project.annotations.add(2, "zone", "boilerplate", 0, 14)
    project.undo()
    assert project.suggestions.copy_equal(2, TINY.config) is False  # its only source has decisions now


def test_numbers_of_a_copy_are_new_ones(project: Project) -> None:
    with project.act("imported"):
        for number in range(2):
            project.articles.add(ArticleInput("Armenia.", f"T{number}"))
    gpe = Suggestion("entity", "GPE", 0, 7, "ner")
    project.suggestions.store([Answer(1, (gpe,), TINY), Answer(2, (gpe,), PipelineInfo("old", "1"))])
    (old,) = project.suggestions.open(2)
    assert project.suggestions.copy_equal(2, TINY.config)
    assert project.suggestions.get(2, old.id) is None


def test_answers_of_several_pipelines_are_stored_each_under_its_own(with_articles: Project) -> None:
    russian = PipelineInfo("ru_core_news_sm", "1", "hash")
    stored = with_articles.suggestions.store(
        [
            Answer(1, (), TINY, None, "en"),
            Answer(2, (), russian),
            Answer(3, (), PipelineInfo("blank_hy", "3")),
        ]
    )
    assert stored == [1, 2, 3]
    assert with_articles.suggestions.pipeline(2) == russian
    assert with_articles.suggestions.language(1) == "en"
    assert with_articles.suggestions.language(2) is None
    assert with_articles.suggestions.unread() == {"hy": 1}
    assert with_articles.suggestions.pending() == []
    assert with_articles.suggestions.pending(["blank_hy"]) == [3]  # once there is a model for Armenian
    with_articles.suggestions.forget_runs(["ru_core_news_sm"])
    assert with_articles.suggestions.pending() == [2]


def test_the_projects_pipeline_for_a_language_is_an_act(project: Project) -> None:
    choices = project.model_choices
    change = choices.choose("ru", "ru_core_news_md")
    assert change.tables == {"settings"}
    choices.choose("ru", "ru_core_news_lg")
    choices.choose("de", "de_core_news_sm")
    assert choices.read() == {"de": "de_core_news_sm", "ru": "ru_core_news_lg"}
    project.undo()
    project.undo()
    assert choices.read() == {"ru": "ru_core_news_md"}
    choices.choose("ru", None)
    assert choices.read() == {}
    project.undo()
    assert choices.read() == {"ru": "ru_core_news_md"}


def test_what_a_file_has_for_languages_is_looked_at(project: Project) -> None:
    project.db.execute("INSERT INTO settings(key, value) VALUES ('model/../x', 'a'), ('model/uk', 'b')")
    assert project.model_choices.read() == {"uk": "b"}


def test_of_two_answers_for_an_article_the_later_one_counts(with_articles: Project) -> None:
    first = Suggestion("entity", "GPE", 21, 28, "ner")
    later = Suggestion("entity", "ORG", 21, 28, "ner")
    with_articles.suggestions.store([Answer(1, (first,), TINY), Answer(1, (later,), TINY)])
    assert [s.label for s in with_articles.suggestions.stored(1)] == ["ORG"]
