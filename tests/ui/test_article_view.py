"""The article view as its users meet it: text, selection, mouse, keys, scrolling."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence, QMouseEvent, QTextCursor, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from annotator.text import normalise
from annotator.ui.article_view import ArticleView
from annotator.ui.span_layout import ShownSpan

TEXT = "Armenian PM Nikol Pashinyan met U.S. envoys in Yerevan.\n\nMoscow's envoy 🚀 left Kyiv.\n"
LEFT = Qt.MouseButton.LeftButton
ALT = Qt.KeyboardModifier.AltModifier
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[ArticleView]:
    widget = ArticleView()
    qtbot.addWidget(widget)
    widget.resize(700, 400)
    widget.show_article(TEXT)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def span(
    number: int, quote: str, *, text: str = TEXT, suggested: bool = False, label: str = "GPE"
) -> ShownSpan:
    start = text.index(quote)
    kind = "suggestion" if suggested else "annotation"
    return ShownSpan((kind, number), start, start + len(quote), "entity", label, "#2f7ecb", suggested)


SPANS = [
    span(1, "Armenian", label="NORP"),
    span(2, "Nikol Pashinyan", suggested=True, label="PERSON"),
    span(3, "Yerevan", suggested=True),
    span(4, "Moscow"),
    span(5, "Kyiv", suggested=True),
]


def place_of(view: ArticleView, position: int) -> QPoint:
    """Return a point on the character at a code point of an ASCII stretch."""
    cursor = QTextCursor(view.document())
    cursor.setPosition(len(view.text[:position].encode("utf-16-le")) // 2)
    return view.cursorRect(cursor).center() + QPoint(3, 0)


def move_mouse(view: ArticleView, point: QPoint, modifiers: Qt.KeyboardModifier) -> None:
    port = view.viewport()
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(point),
        QPointF(port.mapToGlobal(point)),
        Qt.MouseButton.NoButton,
        LEFT,
        modifiers,
    )
    QApplication.sendEvent(port, event)


def drag(view: ArticleView, start: int, end: int, modifiers: Qt.KeyboardModifier | None = None) -> None:
    held = modifiers or Qt.KeyboardModifier.NoModifier
    first, last = place_of(view, start) - QPoint(3, 0), place_of(view, end) - QPoint(3, 0)
    QTest.mousePress(view.viewport(), LEFT, held, first)
    move_mouse(view, first + QPoint(15, 0), held)
    move_mouse(view, last, held)
    QTest.mouseRelease(view.viewport(), LEFT, held, last)


# Code points


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60).map(normalise), st.data())
def test_any_stretch_of_any_text_is_selected_and_read_back(
    view: ArticleView, text: str, data: st.DataObject
) -> None:
    view.show_article(text)
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(text))] * 2)))
    select_and_read_back(view, start, end)


def test_characters_that_mean_something_to_qt_are_selected_and_read_back(view: ArticleView) -> None:
    text = "a🚀 Kyiv e\u0301 القاهرة\u00a0x \ufdd0\ufdd1\ufffc\t\x0b\x0c\x1c\x85\n\n🇦🇲"
    view.show_article(text)
    for start in range(len(text)):
        for end in (start + 1, len(text)):
            select_and_read_back(view, start, end)


def select_and_read_back(view: ArticleView, start: int, end: int) -> None:
    view.select(start, end)
    assert view.raw_selection() == (start, end)
    assert view.createMimeDataFromSelection().text() == view.text[start:end]
    view.set_spans([ShownSpan(("annotation", 1), start, end, "entity", "GPE", "#2f7ecb", False)])
    view.grab()


@pytest.mark.parametrize("mark", ["\ufeff", "\ufffe"])
@pytest.mark.parametrize("before", ["", "a", "ab", "🚀"])
def test_a_byte_order_mark_moves_nothing(view: ArticleView, before: str, mark: str) -> None:
    text = f"{before}{mark}Kyiv {mark}"
    view.show_article(text)
    assert view.document().characterCount() - 1 == len(text.encode("utf-16-le")) // 2
    start = text.index("Kyiv")
    view.select(start, start + 4)
    assert view.raw_selection() == (start, start + 4)
    assert view.textCursor().selectedText() == "Kyiv"


def test_keys_select_across_an_astral_character(view: ArticleView) -> None:
    rocket = TEXT.index("🚀")
    view.select(rocket, rocket)
    QTest.keyClick(view, Qt.Key.Key_Right, SHIFT)
    assert view.raw_selection() == (rocket, rocket + 1)
    for _ in range(5):
        QTest.keyClick(view, Qt.Key.Key_Right, SHIFT)
    assert view.raw_selection() == (rocket, rocket + 6)
    assert view.selected_span() == (rocket, rocket + 6)  # "🚀 left"


def test_the_caret_never_rests_within_a_surrogate_pair(view: ArticleView) -> None:
    text = "🚀🇦🇲👍🏽 a🚀\nxx🚀🚀x"
    view.show_article(text)
    view.setFocus()
    boundaries = {len(text[:i].encode("utf-16-le")) // 2 for i in range(len(text) + 1)}
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Up):
        for _ in range(9):
            QTest.keyClick(view, key)
            assert view.textCursor().position() in boundaries


def test_ctrl_shift_arrow_selects_a_word(view: ArticleView) -> None:
    QTest.keyClick(view, Qt.Key.Key_Right, CTRL | SHIFT)
    assert view.selected_span() == (0, len("Armenian"))


def test_copying_gives_the_stored_text(view: ArticleView) -> None:
    view.show_article("a\u00a0b \u0301c\n\ufffcd")
    view.selectAll()
    view.copy()
    assert QGuiApplication.clipboard().text() == "a\u00a0b \u0301c\n\ufffcd"


def test_annotations_never_change_the_document(view: ArticleView) -> None:
    revision = view.document().revision()
    view.set_spans(SPANS)
    view.set_evidence([(0, 20)], focus=(0, 20))
    view.set_active(("annotation", 4))
    view.move_active(1, suggested_only=False)
    view.select(3, 9)
    view.apply_theme()
    view.grab()
    assert view.document().revision() == revision


# The selection


def test_a_drag_snaps_to_words_unless_alt_is_held(view: ArticleView) -> None:
    start = TEXT.index("Pashinyan")
    drag(view, start + 2, start + 5)
    assert view.selected_span() == (start, start + 9)
    assert view.selected_span(exact=True) == (start + 2, start + 5)
    drag(view, start + 2, start + 5, ALT)
    assert view.exact
    assert view.selected_span() == (start + 2, start + 5)
    drag(view, start + 2, start + 5)
    assert view.selected_span() == (start, start + 9)


def test_dragging_within_the_selection_selects_anew(view: ArticleView) -> None:
    view.select(0, 40)
    drag(view, 13, 16)
    assert view.raw_selection() == (13, 16)


@pytest.mark.parametrize(("within", "word"), [("ashin", "Pashinyan"), (".S", "U.S."), ("osc", "Moscow")])
def test_a_double_click_selects_the_word(view: ArticleView, within: str, word: str) -> None:
    start = TEXT.index(word)
    QTest.mouseDClick(
        view.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, place_of(view, TEXT.index(within))
    )
    assert view.selected_span() == (start, start + len(word))


def test_only_white_space_selected_is_no_span(view: ArticleView) -> None:
    view.select(8, 9)
    assert view.selected_span() is None


def test_a_click_on_a_span_makes_it_active_and_elsewhere_none(view: ArticleView, qtbot: QtBot) -> None:
    view.set_spans(SPANS)
    heard: list[object] = []
    view.active_changed.connect(heard.append)
    none = Qt.KeyboardModifier.NoModifier
    QTest.mouseClick(view.viewport(), LEFT, none, place_of(view, TEXT.index("Yerevan") + 2))
    assert view.active == SPANS[2]
    QTest.mouseClick(view.viewport(), LEFT, none, place_of(view, TEXT.index("envoys") + 2))
    assert view.active is None
    assert heard == [("suggestion", 3), None]


def test_a_click_beside_the_end_of_a_line_hits_no_span(view: ArticleView) -> None:
    view.set_spans([span(1, "Yerevan.")])
    end = place_of(view, TEXT.index("Yerevan.") + 8)
    assert view.span_at(end + QPoint(30, 0)) is None


def test_dragging_a_selection_leaves_no_span_active(view: ArticleView) -> None:
    view.set_spans(SPANS)
    view.set_active(("annotation", 4))
    drag(view, 13, 16)
    assert view.active is None


def test_moving_visits_suggestions_in_reading_order_and_stops_at_the_end(view: ArticleView) -> None:
    view.set_spans(list(reversed(SPANS)))
    visited = []
    while found := view.move_active(1, suggested_only=True):
        visited.append(found.key[1])
    assert visited == [2, 3, 5]
    assert view.active == SPANS[4]
    back = view.move_active(-1, suggested_only=False)
    assert back == SPANS[3]


def test_moving_goes_on_from_a_span_that_was_just_removed(view: ArticleView) -> None:
    view.set_spans(SPANS)
    view.set_active(("suggestion", 3))
    view.set_spans([s for s in SPANS if s.key != ("suggestion", 3)])
    assert view.active is None
    assert view.move_active(1, suggested_only=False) == SPANS[3]


def test_the_active_span_stays_when_spans_are_replaced(view: ArticleView) -> None:
    view.set_spans(SPANS)
    view.set_active(("annotation", 4))
    view.set_spans(SPANS[2:])
    assert view.active == SPANS[3]
    view.show_article("Other")
    assert view.active is None
    assert view.spans() == ()


def test_making_a_span_active_drops_the_selection(view: ArticleView) -> None:
    view.set_spans(SPANS)
    view.select(0, 5)
    view.set_active(("annotation", 4))
    assert view.selected_span() is None
    assert view.caret == SPANS[3].start


def test_a_tool_tip_shows_markup_in_the_text_as_it_stands(view: ArticleView) -> None:
    view.show_article("<b>Kyiv</b> & co")
    shown = ShownSpan(("suggestion", 1), 0, 11, "entity", "GPE", "#2f7ecb", True)
    tip = view.tooltip(shown)
    assert "GPE · suggested\n&lt;b&gt;Kyiv&lt;/b&gt;" in tip
    view.tooltip_for = lambda s: f"<i>{s.label}"
    assert "&lt;i&gt;GPE" in view.tooltip(shown)


# Keys belong to the window


@pytest.mark.parametrize(
    "keys",
    [
        "W",
        "1",
        "Tab",
        "Shift+Tab",
        "Space",
        "Del",
        ".",
        "Shift+A",
        "Alt+Right",
        "Alt+Shift+Left",
        "Ctrl+Z",
        "Ctrl+Return",
    ],
)
def test_the_windows_keys_reach_its_actions(qtbot: QtBot, keys: str) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    view = ArticleView(window)
    QLineEdit(window)  # where Tab would go to
    view.show_article(TEXT)
    action = QAction("act", view)
    action.setShortcut(QKeySequence(keys))
    action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    view.addAction(action)
    window.show()
    window.activateWindow()
    view.setFocus()
    qtbot.waitUntil(view.hasFocus)
    combination = QKeySequence(keys)[0]
    with qtbot.waitSignal(action.triggered, timeout=1000):
        QTest.keyClick(view, combination.key(), combination.keyboardModifiers())
    assert view.hasFocus()


# Looks and scrolling

LONG = "\n".join(f"Paragraph {i}. " + "The delegation met in Yerevan again. " * 6 for i in range(300))


def test_a_new_article_is_shown_from_its_top(view: ArticleView) -> None:
    view.show_article(LONG)
    view.set_scroll_position(LONG.index("Paragraph 200"))
    view.show_article(LONG)
    assert view.scroll_position() == 0
    assert view.caret == 0


@pytest.mark.parametrize("paragraph", [7, 150, 290])
def test_a_scroll_position_comes_back(view: ArticleView, paragraph: int) -> None:
    view.show_article(LONG)
    there = LONG.index(f"Paragraph {paragraph}.")
    view.set_scroll_position(there)
    assert view.scroll_position() == there
    QApplication.processEvents()
    assert view.scroll_position() == there


def test_resizing_and_zooming_keep_the_place(view: ArticleView) -> None:
    view.show_article(LONG)
    there = LONG.index("Paragraph 90.")
    view.set_scroll_position(there)
    view.resize(420, 400)
    assert view.scroll_position() == there
    view.set_reading_font(None, 15)
    assert view.scroll_position() == there


def test_an_active_span_far_away_is_scrolled_into_view_with_lines_around_it(view: ArticleView) -> None:
    start = LONG.index("Yerevan", LONG.index("Paragraph 250."))
    view.show_article(LONG)
    view.set_spans([ShownSpan(("annotation", 1), start, start + 7, "entity", "GPE", "#2f7ecb", False)])
    view.set_active(("annotation", 1), reveal=False)
    assert view.scroll_position() == 0
    view.set_active(("annotation", 1))
    assert 60 < view.cursorRect().top() < view.viewport().height() - 60


def test_focused_evidence_is_scrolled_into_view(view: ArticleView) -> None:
    start = LONG.index("Paragraph 120.")
    view.show_article(LONG)
    view.set_evidence([(0, 30), (start, start + 40)], focus=(start, start + 40))
    assert view.scroll_position() <= start < view.scroll_position() + 3000


def test_ctrl_and_the_wheel_change_the_size(view: ArticleView, qtbot: QtBot) -> None:
    view.set_reading_font(None, 12)
    event = QWheelEvent(
        QPointF(9, 9), QPointF(9, 9), QPoint(), QPoint(0, 240), Qt.MouseButton.NoButton, CTRL,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    with qtbot.waitSignal(view.zoom_changed) as heard:
        QApplication.sendEvent(view.viewport(), event)
    assert heard.args == [14]
    assert view.font().pointSize() == 14


def test_lines_stay_short_in_a_wide_window(view: ArticleView) -> None:
    view.show_article(LONG)
    view.resize(1900, 400)
    line = view.document().firstBlock().layout().lineAt(0)
    assert 60 < line.textLength() < 100


@pytest.mark.parametrize("text", ["", " ", "\n\n"])
def test_an_article_without_words_says_so(view: ArticleView, text: str) -> None:
    view.show_article(text)
    assert view.said_instead == "This article has no text."
    seen = view.viewport().grab().toImage()
    lines = [y for y in range(80) for x in range(200) if seen.pixelColor(x, y).lightness() < 200]
    assert max(lines) - min(lines) > 0.6 * view.fontMetrics().height()  # not cut off, as a low line is
    view.said_instead = ""
    left = view.viewport().grab().toImage()
    assert all(left.pixelColor(x, y).lightness() > 200 for y in range(80) for x in range(200))  # no caret
    view.show_article("Armenia")
    assert view.said_instead == ""
    assert view.cursorWidth() > 0


def test_nothing_can_be_chosen_in_an_empty_article(view: ArticleView) -> None:
    view.show_article("")
    view.set_evidence([(0, 0)])
    view.grab()
    assert view.selected_span() is None


def test_a_megabyte_without_a_space_is_shown(view: ArticleView) -> None:
    view.show_article("x" * 1_000_000)
    view.set_spans([ShownSpan(("annotation", 1), 10, 999_990, "entity", "GPE", "#2f7ecb", False)])
    view.grab()
    view.set_scroll_position(900_000)
    assert 0 <= 900_000 - view.scroll_position() < 200
