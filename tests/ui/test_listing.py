"""The list of a large project: the first page at once, the rest in steps, the same list in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from annotator.model import ArticleFilter, ArticleInput, Change
from annotator.project import article_pages, create_project
from annotator.ui import listing
from annotator.ui.main_window import MainWindow
from annotator.ui.tasks import APART, begin_step, is_stepping

MANY = 40
Hands = Any  # the class is in conftest.py


@pytest.fixture
def many(
    new_window: Callable[..., MainWindow], tmp_path: Path, no_worker: None, monkeypatch: pytest.MonkeyPatch
) -> MainWindow:
    """A window on 40 articles, of which it sees 4 at a time and waits for none."""
    with create_project(tmp_path / "many.annot", annotator="anna") as project, project.act("imported"):
        for number in range(MANY):
            project.articles.add(ArticleInput(f"Text {number}.", f"Title {number:02}", source="a.example"))
    monkeypatch.setattr(article_pages, "PAGE", 4)
    monkeypatch.setattr(listing, "SLICE", 0.0)
    monkeypatch.setattr(listing, "PATIENCE", 0.0)
    return new_window(tmp_path / "many.annot")


@pytest.fixture
def lengths(many: MainWindow, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How long the list was after each change of it."""
    seen: list[int] = []
    for name in ("set_articles", "add_articles"):
        method = getattr(many.list, name)

        def noting(ids: list[int], method: Callable[[list[int]], None] = method) -> None:
            method(ids)
            seen.append(len(many.list.ids()))

        monkeypatch.setattr(many.list, name, noting)
    return seen


def _whole(window: MainWindow, qtbot: QtBot) -> list[int]:
    qtbot.waitUntil(lambda: not window.listing.running)
    return window.list.ids()


@pytest.mark.parametrize(("soon", "waited_for"), [(MANY - 1, 4), (MANY, MANY)])
def test_of_a_large_project_only_the_first_page_is_waited_for(
    many: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, soon: int, waited_for: int
) -> None:
    _whole(many, qtbot)
    monkeypatch.setattr(listing, "PATIENCE", 10.0)
    monkeypatch.setattr(listing, "LISTED_SOON", soon)
    many.listing.ask(at_once=True)
    assert len(many.list.ids()) == waited_for
    assert _whole(many, qtbot) == many.session.project.articles.ids()


def test_the_first_page_of_a_search_is_there_before_the_rest(
    many: MainWindow, lengths: list[int], qtbot: QtBot
) -> None:
    _whole(many, qtbot)
    lengths.clear()
    many.list.search_field.setText("text")
    many.list._apply()
    assert many.listing.running
    qtbot.waitUntil(lambda: bool(lengths))
    assert lengths[0] == 4
    assert _whole(many, qtbot) == list(range(1, MANY + 1))
    assert lengths[:3] == [4, 8, 12]
    assert many.list._found.text() == f"{MANY} articles"


@pytest.mark.parametrize("sort", ["imported", "title", "source", "published"])
def test_in_pages_comes_what_comes_at_once(many: MainWindow, qtbot: QtBot, sort: Any) -> None:
    _whole(many, qtbot)
    project = many.session.project
    assert project is not None
    project.articles.edit_metadata(7, source="", title="aaa")
    wanted = ArticleFilter(sort=sort)
    many.list.set_filter(wanted)
    many.listing.ask(at_once=True)
    assert _whole(many, qtbot) == project.articles.ids(wanted)


def test_an_article_that_is_not_listed_yet_becomes_current_when_it_is(many: MainWindow, qtbot: QtBot) -> None:
    _whole(many, qtbot)
    many.show_article(30)
    many.list.search_field.setText("text")
    many.list._apply()
    qtbot.waitUntil(lambda: 0 < len(many.list.ids()) < 30)
    many.show_article(29)
    assert many.list.current() is None
    _whole(many, qtbot)
    assert many.list.current() == 29


def test_a_search_typed_while_another_goes_on_is_the_one_that_is_shown(
    many: MainWindow, qtbot: QtBot
) -> None:
    _whole(many, qtbot)
    many.list.search_field.setText("text")
    many.list._apply()
    many.list.search_field.setText("17")
    many.list._apply()
    assert _whole(many, qtbot) == [18]


def test_after_an_act_the_list_stands_until_the_new_one_is_whole(
    many: MainWindow, lengths: list[int], qtbot: QtBot
) -> None:
    _whole(many, qtbot)
    lengths.clear()
    many.session.changed.emit(Change("by another program", None, frozenset({"articles"})))
    _whole(many, qtbot)
    assert lengths == [MANY]


def test_the_list_of_a_large_project_is_made_after_the_other_views_have_heard_of_the_act(
    many: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "LISTED_SOON", 10)
    _whole(many, qtbot)
    ids = many.list.ids()
    many.listing.ask(at_once=False)
    assert many.listing.running
    assert not is_stepping()
    assert _whole(many, qtbot) == ids
    many.listing.ask(at_once=False)
    many.listing.ask(at_once=True)  # who asks for something does not wait
    assert not many.listing._soon.isActive()
    assert _whole(many, qtbot) == ids
    many.listing.ask(at_once=False)
    many.session.close()
    assert not many.listing.running


def test_the_list_after_an_act_does_not_wait_for_a_step_of_other_work(
    many: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "LISTED_SOON", 10)
    ids = _whole(many, qtbot)
    may_end = Event()
    step = begin_step(partial(may_end.wait, 10))
    many.listing.ask(at_once=False)
    qtbot.wait(3 * APART)
    assert not step.done()  # waiting for it, the window would be back after ten seconds
    assert many.listing.running
    may_end.set()
    assert _whole(many, qtbot) == ids


def test_an_article_that_is_gone_while_the_old_list_stands_is_not_opened(
    many: MainWindow, qtbot: QtBot
) -> None:
    _whole(many, qtbot)
    project = many.session.project
    assert project is not None
    project.undo()
    many.show_article(5)
    assert many.labelling.article != 5
    assert _whole(many, qtbot) == []


def test_done_and_next_knows_the_articles_that_are_not_listed_yet(many: MainWindow, qtbot: QtBot) -> None:
    _whole(many, qtbot)
    many.list.search_field.setText("text")
    many.list._apply()
    many.show_article(20)
    many.walk.done()
    qtbot.waitUntil(lambda: many.labelling.article == 21)


def test_walking_through_a_filter_lists_anew_only_after_an_act(
    many: MainWindow, lengths: list[int], qtbot: QtBot
) -> None:
    many.list._chips["todo"].click()
    _whole(many, qtbot)
    lengths.clear()
    many.show_article(3)
    many.show_article(4)
    assert not many.listing.running
    assert lengths == []
    project = many.session.project
    assert project is not None
    many.session.perform(lambda project: project.articles.set_status(4, "done"))
    many.show_article(5)
    assert 4 not in _whole(many, qtbot)


def _label(window: MainWindow, article: int) -> None:
    assert window.session.perform(lambda project: project.annotations.add(article, "entity", "GPE", 0, 4))


def _done(window: MainWindow, article: int) -> None:
    assert window.session.perform(lambda project: project.articles.set_status(article, "done"))


@pytest.mark.parametrize(("sort", "act"), [("status", _done), ("labels", _label), ("annotators", _done)])
def test_what_was_worked_on_goes_to_its_place_in_the_order_when_the_person_goes_on(
    many: MainWindow, qtbot: QtBot, sort: Any, act: Callable[[MainWindow, int], None]
) -> None:
    many.list.set_filter(ArticleFilter(sort=sort))
    many.listing.ask(at_once=True)
    before = _whole(many, qtbot)
    many.show_article(3)
    act(many, 3)
    assert _whole(many, qtbot) == before, "not under the person's hands"
    many.show_article(3)
    assert _whole(many, qtbot) == before, "nor where they stay"
    many.show_article(4)
    assert many.list.current() == 4
    project = many.session.project
    assert project is not None
    moved = [*before[:2], *before[3:], 3]
    assert _whole(many, qtbot) == project.articles.ids(many.list.filter()) == moved
    assert many.list.current() == 4
    assert many.list.neighbour(1) == 5


def test_an_article_that_is_worked_on_while_the_order_is_put_right_stays(
    many: MainWindow, lengths: list[int], qtbot: QtBot
) -> None:
    many.list.set_filter(ArticleFilter(sort="labels", descending=True))
    many.listing.ask(at_once=True)
    before = _whole(many, qtbot)
    many.show_article(3)
    _label(many, 3)
    many.show_article(4)
    assert many.listing.running
    _label(many, 4)
    lengths.clear()
    assert _whole(many, qtbot) == before
    assert lengths == []
    many.show_article(5)
    assert _whole(many, qtbot)[:2] == [3, 4]


def test_an_order_that_no_act_changes_is_not_listed_anew(
    many: MainWindow, lengths: list[int], qtbot: QtBot
) -> None:
    many.list.set_filter(ArticleFilter(sort="title"))
    many.listing.ask(at_once=True)
    _whole(many, qtbot)
    lengths.clear()
    many.show_article(3)
    _label(many, 3)
    many.show_article(4)
    assert not many.listing.running
    assert lengths == []


def test_closing_the_project_ends_the_listing(many: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    many.listing.ask(at_once=True)
    assert many.listing.running
    assert many.session.create(tmp_path / "other.annot")
    assert _whole(many, qtbot) == []


def test_a_reading_that_was_cut_off_begins_anew(
    many: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    _whole(many, qtbot)
    project = many.session.project
    assert project is not None
    pages, times = project.articles.pages, iter(range(100))

    def cut_off(wanted: ArticleFilter | None = None) -> Iterator[list[int]]:
        if next(times) == 0:
            yield [1, 2]
            raise article_pages.ProjectError("cut off")
        yield from pages(wanted)

    monkeypatch.setattr(project.articles, "pages", cut_off)
    many.listing.ask(at_once=True)
    assert _whole(many, qtbot) == list(range(1, MANY + 1))


def test_the_article_that_was_open_is_read_before_a_step_of_the_listing_begins(
    many: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "LISTED_SOON", 10)
    ids = _whole(many, qtbot)
    many.show_article(7)
    project, read = many.session.project, many.labelling.open
    assert project is not None
    listing_before: list[bool] = []

    def open_(article: int) -> None:
        listing_before.append(many.listing.running)
        read(article)

    monkeypatch.setattr(many.labelling, "open", open_)
    assert many.session.open(project.path)
    assert listing_before == [False]
    assert many.labelling.article == 7
    assert many.listing.running, "it is due"
    assert many.list.ids() == []
    many.walk.done()  # a key that was pressed meanwhile waits for the list
    assert many.labelling.article == 7
    qtbot.waitUntil(lambda: many.labelling.article == 8)
    assert not many.notice.isVisible()
    assert _whole(many, qtbot) == ids
    assert many.list.current() == 8


def test_what_was_touched_in_a_project_says_nothing_of_the_next(many: MainWindow, qtbot: QtBot) -> None:
    _whole(many, qtbot)
    many.listing.touch([3])
    many.show_article(2)
    many.note.edit.setPlainText("kept as the project is closed, which touches the article")
    many.session.close()
    assert not many.listing._touched
    assert not many.listing.running
