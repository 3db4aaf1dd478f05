"""Articles, their metadata, their progress, and the list of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from annotator.model import ArticleFilter, ArticleInput, ArticleRow, Progress, ProjectError
from annotator.project import Project
from annotator.project.articles import Added
from annotator.text import sha256


def add(project: Project, article: ArticleInput) -> tuple[int, Added]:
    with project.act("imported"):
        return project.articles.add(article)


def find(project: Project, words: str) -> list[int]:
    return project.articles.ids(ArticleFilter(search=words))


GAS = ArticleInput("Gas is cheap.", "Gas", source="a.example", language="en", meta={"file": "gas.txt"})


# Coming in


def test_an_article_is_stored_with_all_it_came_with(project: Project) -> None:
    whole = replace(GAS, url="https://a.example/1", author="A. Writer", published="2024-02-04")
    article, added = add(project, whole)
    stored = project.articles.get(article)
    assert added == "new"
    assert (stored.text, stored.title, stored.source, stored.url) == (
        "Gas is cheap.",
        "Gas",
        "a.example",
        "https://a.example/1",
    )
    assert (stored.author, stored.published, stored.language) == ("A. Writer", "2024-02-04", "en")
    assert stored.meta == {"file": "gas.txt"}
    assert stored.sha256 == sha256("Gas is cheap.")
    assert stored.same_text == 0
    assert len(stored.uuid) == 36


def test_the_text_is_normalised_once_on_its_way_in(project: Project) -> None:
    article, _ = add(project, ArticleInput("\ufeffone\r\ntwo\0 cafe\u0301\u00a0", "t"))
    assert project.articles.text(article) == "one\ntwo cafe\u0301\u00a0"


def test_the_same_article_again_is_known(project: Project) -> None:
    first = add(project, GAS)
    assert add(project, GAS) == (first[0], "known")
    assert add(project, replace(GAS, text="Gas is cheap.\0")) == (first[0], "known")
    assert project.articles.count() == 1


def test_it_is_known_even_after_its_metadata_was_edited(project: Project) -> None:
    article, _ = add(project, GAS)
    project.articles.edit_metadata(article, title="Gas!", source="b.example")
    assert add(project, GAS) == (article, "known")


@pytest.mark.parametrize("other", [{"title": "Oil"}, {"source": "b.example"}, {"meta": {"file": "b.txt"}}])
def test_equal_text_with_other_metadata_comes_in_and_is_marked(
    project: Project, other: dict[str, Any]
) -> None:
    first, _ = add(project, GAS)
    second, added = add(project, replace(GAS, **other))
    assert added == "same_text"
    assert project.articles.get(first).same_text == project.articles.get(second).same_text == 1
    assert [row.same_text for row in project.articles.rows([first, second])] == [1, 1]


def test_an_article_is_known_by_its_uuid(project: Project) -> None:
    first = add(project, replace(GAS, uuid="u-1"))
    assert first[1] == "new"
    assert add(project, replace(GAS, uuid="u-1", title="edited")) == (first[0], "known")
    assert add(project, replace(GAS, uuid="u-2"))[1] == "same_text"


def test_a_uuid_with_another_text_is_refused(project: Project) -> None:
    add(project, replace(GAS, uuid="u-1"))
    with pytest.raises(ProjectError, match="another text"):
        add(project, replace(GAS, uuid="u-1", text="Gas is dear."))
    assert project.articles.count() == 1


def test_what_sqlite_cannot_keep_is_cleaned_from_metadata(project: Project) -> None:
    bad = "a\0b\ud800"
    article, _ = add(
        project,
        ArticleInput("t\ud800", bad, bad, bad, bad, bad, bad, {"file": bad, "n": [1, None, bad]}, bad),
    )
    project.undo()
    project.redo()
    stored = project.articles.get(article)
    good = "ab\ufffd"
    assert [stored.title, stored.source, stored.url, stored.author, stored.published, stored.language] == [
        good
    ] * 6
    assert stored.uuid == good
    assert stored.text == "t\ufffd"
    assert stored.meta["file"].endswith("\ufffd")
    assert add(project, ArticleInput("t\ud800", bad, uuid=bad)) == (article, "known")


def test_an_article_that_is_gone_is_a_key_error(project: Project) -> None:
    for read in (
        project.articles.get,
        project.articles.text,
        lambda article: project.articles.edit_metadata(article, title="x"),
    ):
        with pytest.raises(KeyError):
            read(1)


# The list


def test_the_list_shows_each_article(suggested: Project) -> None:
    suggested.annotations.add(2, "stance", "neutral")
    suggested.articles.set_flagged(2, True)
    assert suggested.articles.rows([2, 1, 3]) == [
        ArticleRow(2, "gyumri", "A.example", "2023-01-01", "in_progress", True, "neutral", False, 0),
        ArticleRow(1, "Rocket", "b.example", "2024-02-04", "todo", False, "pro-West", True, 0),
        ArticleRow(3, "Brussels", None, None, "todo", False, None, False, 0),
    ]


def test_a_decided_or_rejected_stance_is_no_longer_suggested(suggested: Project) -> None:
    suggested.annotations.add(1, "stance", "neutral")
    (row,) = suggested.articles.rows([1])
    assert (row.stance, row.stance_suggested) == ("neutral", False)
    suggested.undo()
    suggested.annotations.reject(1, 3)
    (row,) = suggested.articles.rows([1])
    assert (row.stance, row.stance_suggested) == (None, False)


@pytest.mark.parametrize(
    ("sort", "ids"),
    [("imported", [1, 2, 3]), ("title", [3, 2, 1]), ("source", [2, 1, 3]), ("published", [2, 1, 3])],
)
def test_the_list_can_be_sorted_what_is_missing_last(
    with_articles: Project, sort: str, ids: list[int]
) -> None:
    assert with_articles.articles.ids(ArticleFilter(sort=sort)) == ids  # type: ignore[arg-type]


def test_the_list_can_be_filtered_and_the_counts_agree(with_articles: Project) -> None:
    articles = with_articles.articles
    articles.set_status(1, "done")
    articles.set_status(2, "skipped")
    articles.set_flagged(1, True)
    articles.set_flagged(3, True)
    articles.set_status(3, "in_progress")
    shown = {show: articles.ids(ArticleFilter(show=show)) for show in ("all", "todo", "done", "flagged")}
    assert shown == {"all": [1, 2, 3], "todo": [3], "done": [1], "flagged": [1, 3]}
    assert articles.counts() == {show: len(ids) for show, ids in shown.items()}


def test_counts_of_an_untouched_project(with_articles: Project) -> None:
    assert with_articles.articles.counts() == {"all": 3, "todo": 3, "done": 0, "flagged": 0}


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ("armenia", [1]),
        ("ARMEN", [1]),  # the beginning of a word is enough
        ("menia", []),
        ("cafe", [2]),  # diacritics do not count
        ("cafe\u0301 gyum", [2]),
        ("u.s.", [2]),
        ("Gyumri's", [2]),
        ("rus armenia", [1]),  # all words, anywhere
        ("armenia brussels", []),
        ("rocket", [1]),
        ("   ", [1, 2, 3]),
    ],
)
def test_search_finds_words_by_their_beginnings(with_articles: Project, words: str, ids: list[int]) -> None:
    assert find(with_articles, words) == ids


def test_words_of_one_or_two_letters_are_not_taken_for_beginnings(project: Project) -> None:
    with project.act("imported"):
        for title in ("The EU and Europe", "Europe alone", "北京的消息"):
            project.articles.add(ArticleInput("Nothing else.", title))
    assert project.articles.ids(ArticleFilter(search="eu")) == [1]
    assert project.articles.ids(ArticleFilter(search="eur")) == [1, 2]
    assert project.articles.ids(ArticleFilter(search="北京")) == [3]


def test_search_finds_words_with_a_hyphen_and_other_alphabets(project: Project) -> None:
    add(project, ArticleInput("In Nagorno-Karabakh, сказал Пашинян, Երևան.", "t"))
    for words in ("nagorno-kara", "Karabakh", "пашин", "երև"):
        assert find(project, words) == [1]
    assert find(project, "nagorno-arm") == []


@pytest.mark.parametrize(
    "words",
    [
        *('"', '""', '"armenia', "*", "armenia*", "NOT", "NOT armenia", "AND (", "(", "%", "a OR"),
        *("NEAR(a b)", "title:", "title: rocket", "^rocket", "-armenia", "{title}", "a+b"),
        *("\0", "armenia\0", "\ud800x", "\\"),
    ],
)
def test_search_operators_are_harmless(with_articles: Project, words: str) -> None:
    assert set(find(with_articles, words)) <= {1, 2, 3}


def test_search_takes_operators_for_words(with_articles: Project) -> None:
    add(with_articles, ArticleInput('He did not say "armenia".', "t"))
    assert find(with_articles, "NOT armenia") == [4]
    assert find(with_articles, '"armenia"') == [1, 4]


def test_search_and_filter_work_together(with_articles: Project) -> None:
    with_articles.articles.set_status(1, "done")
    assert with_articles.articles.ids(ArticleFilter(search="the", show="todo", sort="title")) == [2]


# Metadata


def test_metadata_can_be_edited(with_articles: Project) -> None:
    change = with_articles.articles.edit_metadata(1, title=" New\0 ", author="A", source="", language=None)
    stored = with_articles.articles.get(1)
    assert (stored.title, stored.author, stored.source, stored.language) == ("New", "A", None, None)
    assert stored.published == "2024-02-04"
    assert change.article == 1
    assert change.tables == {"articles"}


@pytest.mark.parametrize("title", ["", "  ", None, "\0"])
def test_an_empty_title_is_refused(with_articles: Project, title: str | None) -> None:
    with pytest.raises(ProjectError, match="needs a title"):
        with_articles.articles.edit_metadata(1, title=title, source="x")
    assert with_articles.articles.get(1).source == "b.example"


def test_the_text_is_no_metadata(with_articles: Project) -> None:
    with pytest.raises(TypeError, match="text"):
        with_articles.articles.edit_metadata(1, text="changed")


def test_editing_nothing_is_no_step(with_articles: Project) -> None:
    before = with_articles.history.last()
    with_articles.articles.edit_metadata(1, title="Rocket ", source="b.example")
    assert with_articles.history.last() == before


# Progress


def test_progress_is_todo_until_something_is_done(with_articles: Project) -> None:
    assert with_articles.articles.progress(1) == Progress("todo", False, "")


def test_status_flag_and_note_are_kept_apart(with_articles: Project) -> None:
    with_articles.articles.set_status(1, "done")
    with_articles.articles.set_flagged(1, True)
    with_articles.articles.set_note(1, "see\n🚀")
    assert with_articles.articles.progress(1) == Progress("done", True, "see\n🚀")
    with_articles.articles.set_flagged(1, False)
    assert with_articles.articles.progress(1) == Progress("done", False, "see\n🚀")
    assert with_articles.articles.progress(2) == Progress()


def test_a_note_is_cleaned_of_what_cannot_be_kept(with_articles: Project) -> None:
    with_articles.articles.set_note(1, "a\0b\ud800")
    with_articles.articles.set_note(1, "")
    with_articles.undo()
    assert with_articles.articles.progress(1).note == "ab\ufffd"


def test_a_note_does_not_begin_work_but_an_annotation_after_it_does(with_articles: Project) -> None:
    with_articles.articles.set_note(1, "x")
    assert with_articles.articles.progress(1).status == "todo"
    with_articles.annotations.add(1, "stance", "neutral")
    assert with_articles.articles.progress(1) == Progress("in_progress", False, "x")


def test_an_article_without_a_source_is_listed_with_its_file(project: Project) -> None:
    with project.act("imported"):
        project.articles.add(ArticleInput("one", "t", meta={"file": "017.txt"}))
        project.articles.add(ArticleInput("two", "t", source="tass.com", meta={"file": "018.txt"}))
    assert [row.source for row in project.articles.rows(project.articles.ids())] == ["017.txt", "tass.com"]
