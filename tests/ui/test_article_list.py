"""The article list: what it fetches, what it says, how keys and filters move it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from functools import partial

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtWidgets import QApplication, QStyleOptionViewItem, QWidget
from pytestqt.qtbot import QtBot

from annotator.model import ArticleFilter, ArticleRow, StorageError
from annotator.ui import article_table, patient, theme
from annotator.ui.article_delegate import ROW_ROLE
from annotator.ui.article_list import ArticleList
from annotator.ui.article_table import PAGE
from annotator.ui.tasks import begin_step, wait_for_step

from .conftest import PaintedWords

# The offscreen platform says so of any window with a layout.
pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints", extend=True)

ROLES = Qt.ItemDataRole


class Painted(QObject):
    """Counts how often a widget is painted."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.number = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        self.number += event.type() == QEvent.Type.Paint
        return False


class Rows:
    """Gives rows and remembers what was asked for."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []
        self.changes: dict[int, dict[str, object]] = {}

    def __call__(self, ids: Sequence[int]) -> list[ArticleRow]:
        self.calls.append(list(ids))
        return [self.row(i) for i in reversed(ids)]

    def row(self, i: int) -> ArticleRow:
        values: dict[str, object] = {
            "title": f"Article {i}",
            "source": "tass.com",
            "published": "2024-02-04",
            "status": "todo",
            "flagged": False,
            "stance": None,
            "stance_suggested": False,
            "same_text": 0,
        }
        return ArticleRow(id=i, **{**values, **self.changes.get(i, {})})  # type: ignore[arg-type]


@pytest.fixture
def rows() -> Rows:
    return Rows()


@pytest.fixture
def articles(qtbot: QtBot, rows: Rows) -> ArticleList:
    widget = ArticleList(rows)
    qtbot.addWidget(widget)
    widget.resize(320, 700)
    widget.show()
    widget.set_counts({"all": 312, "todo": 275, "done": 34, "flagged": 3})
    return widget


def selected(widget: ArticleList) -> list[int]:
    heard: list[int] = []
    widget.article_selected.connect(heard.append)
    return heard


def test_a_hundred_thousand_articles_fetch_only_the_pages_that_are_painted(
    qtbot: QtBot, articles: ArticleList, rows: Rows
) -> None:
    begun = time.perf_counter()
    articles.set_articles(range(100_000))
    articles.grab()
    assert time.perf_counter() - begun < 1.0
    assert 1 <= len(rows.calls) <= 2
    assert all(len(call) <= PAGE for call in rows.calls)
    articles.table.scrollToBottom()
    articles.grab()
    assert len(rows.calls) <= 4
    assert 99_999 in rows.calls[-1]


def test_rows_are_painted_once_a_long_step_ends_and_the_window_does_not_wait_for_it(
    qtbot: QtBot, articles: ArticleList, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    articles.set_articles(range(1000))
    articles.grab()
    rows.calls.clear()
    held = threading.Event()
    long = begin_step(partial(held.wait, 10))
    monkeypatch.setattr(patient, "PATIENCE", 0.25)
    articles.table.scrollToBottom()
    begun = time.perf_counter()
    articles.grab()
    assert 0.2 < time.perf_counter() - begun < 1.5  # it waits once, for a dozen rows
    assert not long.done()
    assert rows.calls == []
    painted = Painted(articles.table.viewport())
    monkeypatch.setattr(patient, "PATIENCE", 0.0)
    held.set()
    # Two pages are in sight: the second is asked for by who paints the first.
    qtbot.waitUntil(lambda: any(999 in call for call in rows.calls))
    assert len(rows.calls) == 2
    qtbot.waitUntil(lambda: painted.number >= 2)


def test_rows_that_take_their_time_are_painted_when_they_come_wherever_the_list_was_scrolled_meanwhile(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, slow = Rows(), threading.Event()

    def read_from_a_slow_disk(ids: Sequence[int]) -> list[ArticleRow]:
        slow.wait(10)
        return rows(ids)

    monkeypatch.setattr(patient, "PATIENCE", 0.01)
    widget = ArticleList(read_from_a_slow_disk)
    qtbot.addWidget(widget)
    widget.resize(320, 700)
    widget.show()
    qtbot.waitExposed(widget)
    widget.set_articles(range(1000))
    qtbot.wait(50)
    widget.table.scrollToBottom()
    qtbot.wait(50)
    assert rows.calls == []
    painted = Painted(widget.table.viewport())
    slow.set()
    qtbot.waitUntil(lambda: any(999 in call for call in rows.calls))
    assert painted.number


def test_a_row_that_changes_while_rows_are_read_is_read_again_and_the_others_stay(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, slow = Rows(), threading.Event()
    slow.set()

    def read_from_a_slow_disk(ids: Sequence[int]) -> list[ArticleRow]:
        found = rows(ids)
        slow.wait(10)
        return found

    widget = ArticleList(read_from_a_slow_disk)
    qtbot.addWidget(widget)
    widget.resize(320, 700)
    widget.set_articles(range(1000))
    widget.grab()
    monkeypatch.setattr(patient, "PATIENCE", 0.01)
    slow.clear()
    widget.table.scrollToBottom()
    widget.grab()  # asks for rows that do not come
    qtbot.waitUntil(lambda: len(rows.calls) > 1)
    rows.changes[rows.calls[-1][0]] = {"title": "Another"}  # once it was read
    changed = rows.calls[-1][0]
    rows.calls.clear()
    slow.set()
    widget.refresh(5)
    assert [5] in rows.calls
    index = widget.table.model().index(changed, 0)
    qtbot.waitUntil(lambda: widget.grab() is not None and index.data(ROW_ROLE) is not None)
    assert index.data(ROW_ROLE).title == "Another"
    assert not any(1 in call for call in rows.calls)


def test_rows_of_a_project_that_was_closed_meanwhile_are_not_shown(
    qtbot: QtBot, articles: ArticleList, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patient, "PATIENCE", 0.01)
    held = threading.Event()
    begin_step(partial(held.wait, 10))
    articles.hide()  # else it would be painted, and ask, again
    articles.set_articles(range(5))
    articles.grab()  # asks for the rows, behind that step
    articles.stop()
    held.set()
    wait_for_step()
    qtbot.wait(20)
    assert not articles.table.model()._pages  # type: ignore[attr-defined]


def test_why_rows_could_not_be_read_is_told_once_and_they_come_when_the_cause_is_gone(
    qtbot: QtBot, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, tries = [True], []

    def from_a_drive(ids: Sequence[int]) -> list[ArticleRow]:
        tries.append(1)
        if gone:
            raise StorageError("The drive is gone.")
        return rows(ids)

    monkeypatch.setattr(article_table, "AGAIN", 10)
    widget = ArticleList(from_a_drive)
    qtbot.addWidget(widget)
    told: list[str] = []
    widget.failed.connect(told.append)
    widget.resize(320, 700)
    widget.show()
    qtbot.waitExposed(widget)
    widget.set_articles(range(5))
    qtbot.waitUntil(lambda: len(tries) > 2)
    gone.clear()
    qtbot.waitUntil(lambda: bool(rows.calls))
    assert told == ["The drive is gone."]


def test_painting_again_fetches_nothing(articles: ArticleList, rows: Rows) -> None:
    articles.set_articles(range(500))
    articles.grab()
    before = len(rows.calls)
    articles.grab()
    assert len(rows.calls) == before


def test_typing_letters_in_the_list_does_not_search_all_rows(
    qtbot: QtBot, articles: ArticleList, rows: Rows
) -> None:
    articles.set_articles(range(100_000))
    articles.table.setFocus()
    articles.grab()
    before = len(rows.calls)
    qtbot.keyClicks(articles.table, "zz")
    assert len(rows.calls) == before


def test_refresh_fetches_one_row_and_shows_it(articles: ArticleList, rows: Rows) -> None:
    articles.set_articles([7, 8, 9])
    articles.grab()
    rows.calls.clear()
    rows.changes[8] = {"title": "Changed"}
    articles.refresh(8)
    assert rows.calls == [[8]]
    assert articles.table.model().index(1, 0).data() == "Changed"
    articles.refresh(12345)
    assert rows.calls == [[8]]


def test_refreshing_all_fetches_again_what_is_shown(articles: ArticleList, rows: Rows) -> None:
    articles.set_articles([7, 8, 9])
    articles.grab()
    rows.changes[7] = {"title": "Changed"}
    articles.refresh(None)
    assert articles.table.model().index(0, 0).data() == "Changed"


def test_an_article_that_is_gone_leaves_an_empty_row(qtbot: QtBot) -> None:
    widget = ArticleList(lambda ids: [])
    qtbot.addWidget(widget)
    widget.set_articles([1, 2])
    widget.grab()
    assert widget.table.model().index(0, 0).data() is None


def test_keys_move_by_article(qtbot: QtBot, articles: ArticleList) -> None:
    articles.set_articles(range(10, 110))
    articles.select(10)
    articles.table.setFocus()
    heard = selected(articles)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_End, Qt.Key.Key_Home):
        qtbot.keyClick(articles.table, key)
    assert heard == [11, 12, 11, 109, 10]
    qtbot.keyClick(articles.table, Qt.Key.Key_PageDown)
    assert 15 < (articles.current() or 0) < 25
    qtbot.keyClick(articles.table, Qt.Key.Key_PageUp)
    assert articles.current() == 10


def test_enter_and_double_click_open_the_article(qtbot: QtBot, articles: ArticleList) -> None:
    articles.set_articles([4, 5, 6])
    opened: list[int] = []
    articles.opened.connect(opened.append)
    articles.select(5)
    qtbot.keyClick(articles.table, Qt.Key.Key_Return)
    viewport = articles.table.viewport()
    qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=QPoint(80, 20))
    qtbot.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=QPoint(80, 20))
    assert opened == [5, 4]


def test_a_click_selects(qtbot: QtBot, articles: ArticleList) -> None:
    articles.set_articles([4, 5, 6])
    heard = selected(articles)
    height = articles.table.rowHeight(0)
    qtbot.mouseClick(
        articles.table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(80, height + height // 2)
    )
    assert heard == [5]


def test_selecting_by_program_gives_no_signal(articles: ArticleList) -> None:
    articles.set_articles([4, 5, 6])
    heard = selected(articles)
    articles.select(6)
    assert articles.current() == 6
    articles.select(99)
    assert articles.current() is None
    articles.select(None)
    assert heard == []


def test_taking_the_focus_opens_no_article(qtbot: QtBot, articles: ArticleList) -> None:
    articles.set_articles([4, 5, 6])
    heard = selected(articles)
    articles.table.setFocus()
    assert heard == []
    assert articles.current() is None
    qtbot.keyClick(articles.table, Qt.Key.Key_Down)
    assert heard == [4]


def test_the_current_article_stays_when_the_list_changes(articles: ArticleList) -> None:
    articles.set_articles([4, 5, 6])
    articles.select(6)
    heard = selected(articles)
    articles.set_articles([9, 6, 8])
    assert articles.current() == 6
    assert articles.ids() == [9, 6, 8]
    assert heard == []


def test_neighbours_of_the_current_article(articles: ArticleList) -> None:
    articles.set_articles([4, 5, 6])
    articles.select(5)
    assert (articles.neighbour(-1), articles.neighbour(1)) == (4, 6)
    articles.select(6)
    assert articles.neighbour(1) is None


def test_an_article_that_left_the_list_still_has_neighbours(articles: ArticleList) -> None:
    articles.set_articles([4, 5, 6])
    articles.select(5)
    articles.set_articles([4, 6])
    assert articles.current() is None
    assert (articles.neighbour(-1), articles.neighbour(1)) == (4, 6)


def test_typing_a_search_asks_once_after_a_pause(qtbot: QtBot, articles: ArticleList) -> None:
    heard: list[ArticleFilter] = []
    articles.filter_changed.connect(lambda: heard.append(articles.filter()))
    qtbot.keyClicks(articles.search_field, "gas")
    assert heard == []
    qtbot.waitUntil(lambda: bool(heard), timeout=2000)
    qtbot.wait(250)
    assert heard == [ArticleFilter(search="gas")]


def test_return_searches_at_once_and_not_again(qtbot: QtBot, articles: ArticleList) -> None:
    heard: list[str] = []
    articles.filter_changed.connect(lambda: heard.append(articles.filter().search))
    qtbot.keyClicks(articles.search_field, "gas")
    qtbot.keyClick(articles.search_field, Qt.Key.Key_Return)
    assert heard == ["gas"]
    qtbot.wait(250)
    assert heard == ["gas"]


def test_arrow_down_goes_from_the_search_to_the_list(qtbot: QtBot, articles: ArticleList) -> None:
    articles.set_articles([4, 5])
    articles.search_field.setFocus()
    qtbot.keyClick(articles.search_field, Qt.Key.Key_Down)
    assert articles.focusWidget() is articles.table


def test_the_clear_button_is_there_only_while_there_is_a_search(qtbot: QtBot, articles: ArticleList) -> None:
    clear = next(a for a in articles.search_field.actions() if a.text() == "Clear the search")
    assert not clear.isVisible()
    articles.search_field.setText("gas")
    assert clear.isVisible()
    clear.trigger()
    assert articles.search_field.text() == ""
    assert articles.filter().search == ""


def test_chips_show_counts_and_filter(qtbot: QtBot, articles: ArticleList) -> None:
    chips = articles._chips
    assert [chip.text() for chip in chips.values()] == ["All 312", "To do 275", "Done 34", "Flagged 3"]
    with qtbot.waitSignal(articles.filter_changed):
        qtbot.mouseClick(chips["todo"], Qt.MouseButton.LeftButton)
    assert articles.filter() == ArticleFilter(show="todo")
    assert not chips["all"].isChecked()


def test_the_order_is_chosen_from_a_menu(qtbot: QtBot, articles: ArticleList) -> None:
    actions = {action.text(): action for action in articles.sort_button.menu().actions()}
    assert [text for text in actions if text] == [
        "Import order",
        "Title",
        "Source",
        "Date",
        "Language",
        "Status",
        "Flagged first",
        "Stance",
        "Suggested stance",
        "Sureness of the suggestion",
        "Number of labels",
        "Number of actors",
        "Open suggestions",
        "Number of annotators",
        "At random",
        "At random, sources in turn",
        "At random, months in turn",
        "Least sure stance first",
        "Descending",
        "Seed and blind share…",
    ]
    with qtbot.waitSignal(articles.filter_changed):
        actions["Date"].trigger()
    assert articles.filter() == ArticleFilter(sort="published")
    with qtbot.waitSignal(articles.filter_changed):
        actions["Descending"].trigger()
    assert articles.filter() == ArticleFilter(sort="published", descending=True)
    assert articles.sort_button.accessibleName() == "Sort articles by: Date, descending"
    actions["At random"].trigger()
    assert articles.filter() == ArticleFilter(sort="random")
    assert not actions["Descending"].isEnabled()


def test_setting_a_filter_gives_no_signal(qtbot: QtBot, articles: ArticleList) -> None:
    heard: list[None] = []
    articles.filter_changed.connect(lambda: heard.append(None))
    wanted = ArticleFilter(search="gas", show="flagged", sort="source")
    articles.set_filter(wanted)
    qtbot.wait(200)
    assert heard == []
    assert articles.filter() == wanted
    assert articles.search_field.text() == "gas"


def test_an_empty_project_says_how_to_begin(articles: ArticleList) -> None:
    articles.set_counts({"all": 0, "todo": 0, "done": 0, "flagged": 0})
    articles.set_articles([])
    assert articles._empty_text.isVisible()
    assert articles._empty_text.text() == "Drop a folder of articles here, or press {import}"
    assert not articles._show_all.isVisible()


def test_where_nothing_matches_all_can_be_shown_again(qtbot: QtBot, articles: ArticleList) -> None:
    articles.set_filter(ArticleFilter(search="nothing", show="done", sort="title"))
    articles.set_articles([])
    assert articles._empty_text.text() == "No article fits. {escape} shows all articles"
    with qtbot.waitSignal(articles.filter_changed):
        qtbot.mouseClick(articles._show_all, Qt.MouseButton.LeftButton)
    assert articles.filter() == ArticleFilter(sort="title")
    articles.set_articles([1])
    assert articles.table.isVisible()


def test_a_row_says_in_words_what_it_shows(articles: ArticleList, rows: Rows) -> None:
    rows.changes[1] = {
        "title": "Ties deepen",
        "flagged": True,
        "status": "in_progress",
        "stance": "pro-West",
        "stance_suggested": True,
        "same_text": 2,
    }
    articles.set_articles([1])
    words = articles.table.model().index(0, 0).data(ROLES.AccessibleTextRole)
    assert words == (
        "Ties deepen, in progress, flagged, tass.com, 2024-02-04, suggested pro-West, "
        "2 other articles have the same text"
    )


def test_html_in_a_title_is_not_interpreted(articles: ArticleList, rows: Rows) -> None:
    rows.changes[1] = {"title": "<b>Bold</b> & <img src=x>", "source": "<i>s</i>"}
    articles.set_articles([1])
    index = articles.table.model().index(0, 0)
    assert index.data() == "<b>Bold</b> & <img src=x>"
    tip = index.data(ROLES.ToolTipRole)
    assert "&lt;b&gt;Bold&lt;/b&gt; &amp; &lt;img" in tip
    assert "<b>" not in tip
    assert "<img" not in tip


@pytest.fixture
def app(qapp: QApplication) -> Iterator[QApplication]:
    """The application, which gets its font, colours and style sheet back."""
    font, palette, sheet = qapp.font(), qapp.palette(), qapp.styleSheet()
    chosen = qapp.property("annotatorTheme")
    yield qapp
    qapp.setFont(font)
    qapp.setPalette(palette)
    qapp.setStyleSheet(sheet)
    qapp.setProperty("annotatorTheme", chosen)


@pytest.mark.parametrize("choice", ["light", "dark"])
def test_suggested_and_decided_stances_look_different(
    app: QApplication, articles: ArticleList, rows: Rows, choice: str
) -> None:
    theme.apply(choice)
    articles.apply_theme()
    articles.stance_colors = {"neutral": "#808080"}
    rows.changes[1] = {"stance": "neutral", "stance_suggested": True}
    articles.set_articles([1])
    suggested = articles.table.viewport().grab().toImage()
    rows.changes[1] = {"stance": "neutral", "stance_suggested": False}
    articles.refresh(1)
    assert articles.table.viewport().grab().toImage() != suggested


@pytest.mark.parametrize("width", [220, 400])
def test_with_large_text_rows_are_higher_and_still_fit_the_width(
    qtbot: QtBot, app: QApplication, rows: Rows, width: int
) -> None:
    heights = []
    for scale in (1.0, 1.5):
        font = app.font()
        font.setPointSizeF(font.pointSizeF() * scale)
        app.setFont(font)
        articles = ArticleList(rows)
        qtbot.addWidget(articles)
        articles.resize(width, 700)
        articles.set_articles(range(5))
        articles.grab()
        assert articles.minimumSizeHint().width() <= width
        heights.append(articles.table.rowHeight(0))
    assert heights[1] > heights[0] * 1.2


def test_a_title_and_source_from_right_to_left_have_their_ends_where_they_should(
    articles: ArticleList, rows: Rows
) -> None:
    rows.changes[1] = {"title": "שלום (EU) ב-2024?", "source": "הד 3"}
    articles.set_articles([1])
    index = articles.table.model().index(0, 0)
    delegate = articles.table.itemDelegate()
    for width in (400, 130):
        painter, option = PaintedWords(), QStyleOptionViewItem()
        option.font, option.rect = QApplication.font(), QRect(0, 0, width, 57)
        delegate.paint(painter, option, index)
        painter.end()
        if width == 400:
            assert painter.words == ["?2024-ב )EU( םולש", "3 דה · 2024-02-04"]
    assert painter.words[0][0] == "…"
    assert index.data(ROLES.AccessibleTextRole) == "שלום (EU) ב-2024?, to do, הד 3, 2024-02-04"
