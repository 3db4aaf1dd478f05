"""How the text is set, which panes are seen, what is read aloud, and what one hand can reach."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import (
    QAction,
    QColor,
    QKeySequence,
    QWheelEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QSpinBox,
    QStyleOptionViewItem,
    QWidget,
)
from pytestqt.qtbot import QtBot

from annotator.ui import reading, spoken, theme
from annotator.ui.article_view import MARGIN, ArticleView
from annotator.ui.main_window import MainWindow
from annotator.ui.palette import Entry, Palette
from annotator.ui.reading import Reading
from annotator.ui.reading_dialog import ReadingDialog
from annotator.ui.settings import Settings

from .conftest import PaintedWords, as_seen

Hands = Any  # the class is in conftest.py
NewWindow = Callable[..., MainWindow]


def wheel(view: ArticleView, notches: int, place: QPoint, held: Qt.KeyboardModifier) -> None:
    """Turn the wheel over a place of the view (its own coordinates)."""
    target = view.childAt(place) or view
    spot = QPointF(target.mapFrom(view, place))
    event = QWheelEvent(
        spot, QPointF(view.mapToGlobal(place)), QPoint(), QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton, held, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(target, event)


# How the text is set


def test_keys_and_wheel_change_the_text_size_which_is_remembered(
    hands: Hands, window: MainWindow, new_window: NewWindow, project_file: Path
) -> None:
    view = window.pane.view
    hands.focus(view)
    hands.press("Ctrl++", "Ctrl++", "Ctrl+-")
    assert view.font().pointSize() == 14
    wheel(view, 2, view.rect().center(), Qt.KeyboardModifier.ControlModifier)
    assert view.font().pointSize() == 16
    window.close()
    assert new_window(project_file).pane.view.font().pointSize() == 16


def test_font_and_lines_are_chosen_in_a_dialog_and_remembered(
    hands: Hands, window: MainWindow, new_window: NewWindow, project_file: Path
) -> None:
    view = window.pane.view
    gap, width = view.line_gap(), view.lineWrapColumnOrWidth()

    def choose(dialog: QDialog) -> None:
        assert isinstance(dialog, ReadingDialog)
        assert dialog.family.count() > 1
        dialog.family.setCurrentIndex(1)
        dialog.column.setCurrentIndex(dialog.column.findData("narrow"))
        dialog.spacing.setCurrentIndex(dialog.spacing.findData("airy"))
        assert view.font().family() == dialog.family.itemData(1), "the article shows it at once"
        dialog.accept()

    hands.in_dialog(choose)
    window.actions_["text"].trigger()
    assert view.line_gap() > gap
    assert view.lineWrapColumnOrWidth() < width
    chosen = view.font().family(), view.line_gap()
    window.close()
    again = new_window(project_file).pane.view
    assert (again.font().family(), again.line_gap()) == chosen


def test_cancelling_the_dialog_sets_the_text_as_before(hands: Hands, window: MainWindow) -> None:
    before = window.appearance.reading

    def look(dialog: QDialog) -> None:
        assert isinstance(dialog, ReadingDialog)
        dialog.size_.setValue(30)
        assert window.pane.view.font().pointSize() == 30
        dialog.reject()

    hands.in_dialog(look)
    window.actions_["text"].trigger()
    assert window.pane.view.font().pointSize() == before.size
    assert window.appearance.reading == before


def test_the_usual_text_comes_back_by_a_button(hands: Hands, window: MainWindow) -> None:
    reading.keep(window.session.settings, Reading("Nimbus Roman", 20, "full", "close"))

    def usual(dialog: QDialog) -> None:
        button = next(b for b in dialog.findChildren(QPushButton) if b.text() == "&Usual")
        button.click()
        dialog.accept()

    hands.in_dialog(usual)
    window.actions_["text"].trigger()
    assert window.appearance.reading == Reading()


def test_settings_that_make_no_sense_give_the_usual_text() -> None:
    settings = Settings()
    for key, value in (("text_size", "900"), ("reading/column", "12"), ("reading/spacing", "none")):
        settings.set(key, value)
    assert reading.read(settings) == Reading(size=reading.LARGEST_SIZE)


def test_the_column_stands_in_the_middle_and_the_title_above_it(window: MainWindow, qtbot: QtBot) -> None:
    view = window.pane.view
    window.appearance.panes.toggle("list")
    window.appearance.panes.toggle("panels")
    window.appearance._set(Reading(column="narrow"))
    qtbot.waitUntil(lambda: view.viewport().width() < view.width() - 100)

    def in_the_middle() -> bool:
        left = view.viewport().x()
        right = view.width() - view.viewport().geometry().right() - 1
        title = window.pane.title.mapTo(window.pane, QPoint())
        return abs(left - right) <= view.verticalScrollBar().width() + 2 and title.x() == left + MARGIN

    qtbot.waitUntil(in_the_middle)
    window.appearance._set(Reading(column="full"))
    assert view.viewport().width() > view.width() - 40


def test_the_wheel_scrolls_beside_the_column_too(window: MainWindow, qtbot: QtBot) -> None:
    view = window.pane.view
    view.show_article("\n".join(f"This is line {number}." for number in range(300)))
    window.appearance._set(Reading(column="narrow", size=8))
    qtbot.waitUntil(lambda: view.viewport().x() > 20)
    wheel(view, -3, QPoint(5, 100), Qt.KeyboardModifier.NoModifier)
    assert view.verticalScrollBar().value() > 0


# Panes


def test_panes_are_hidden_by_keys_and_stay_hidden(
    hands: Hands, window: MainWindow, new_window: NewWindow, project_file: Path
) -> None:
    width = window.pane.width()
    hands.focus(window.list.table)
    hands.press("F8")
    assert window.list.isHidden()
    assert window.pane.view.hasFocus(), "the keyboard is somewhere"
    hands.press("F9")
    assert window.panels.isHidden()
    assert not window.actions_["pane/list"].isChecked()
    window.close()
    again = new_window(project_file)
    assert (again.list.isHidden(), again.panels.isHidden()) == (True, True)
    again.resize(1440, 860)  # the offscreen platform's screen is smaller
    again.actions_["pane/list"].trigger()
    again.actions_["pane/panels"].trigger()
    assert (again.list.isVisible(), again.panels.isVisible()) == (True, True)
    assert again.list.width() >= 300
    assert abs(again.pane.width() - width) < 60


def test_a_hidden_pane_comes_back_when_the_keyboard_goes_there(hands: Hands, window: MainWindow) -> None:
    hands.focus(window.pane.view)
    hands.press("F8", "F9", "Ctrl+L")
    assert window.list.search_field.hasFocus()
    hands.press("Esc", "M")
    assert window.note.edit.hasFocus()


def test_the_walk_through_the_panes_leaves_out_hidden_ones(hands: Hands, window: MainWindow) -> None:
    hands.focus(window.pane.view)
    hands.press("F9", "F6")
    assert window.list.table.hasFocus()
    hands.press("F6")
    assert window.pane.view.hasFocus()


@pytest.mark.parametrize("key", ["F11", "Esc"])
def test_the_text_alone_can_be_labelled_and_left(hands: Hands, window: MainWindow, key: str) -> None:
    hands.activate("Armenia")
    hands.press("F11")
    around = (
        window.list,
        window.panels,
        window.menuBar(),
        window.tool_bar,
        window.statusBar(),
        window.pane.head,
    )
    assert not any(part.isVisible() for part in around)
    assert window.pane.view.hasFocus()
    assert "4 suggestions left" in window.appearance.panes.line.text()
    hands.press("A")
    assert ("GPE", "Armenia", "accepted") in hands.labelled()
    hands.press("W")
    assert "pro-West" in window.appearance.panes.line.text(), "what the panel would show is said below"
    assert "3 suggestions left" in window.appearance.panes.line.text()
    hands.press(key)
    assert all(part.isVisible() for part in around)
    assert not window.appearance.panes.line.isVisible()


def test_the_text_alone_says_what_a_key_did_and_what_is_not_saved(
    hands: Hands, window: MainWindow, qtbot: QtBot
) -> None:
    line, width = window.appearance.panes.line, window.minimumSizeHint().width()
    hands.activate("Armenia")
    hands.press("F11", "G")
    assert line.text().startswith(said := window.statusBar().currentMessage())
    assert said
    hands.press("Esc", "F11")
    window.advise("No suggestion is active. Press {next_suggestion}.")
    assert line.text().startswith("No suggestion is active. Press Tab.   ·   ")
    window.status.show_saving("cannot be saved", "The drive is full.")
    assert line.text().startswith("cannot be saved   ·   No suggestion is active.")
    assert theme.current().warning in line.styleSheet()
    window.status.say("word " * 1000)
    assert window.minimumSizeHint().width() == width, "long words widen no window"
    assert line.fontMetrics().horizontalAdvance(line.text()) <= line.width()
    window.statusBar().showMessage("soon gone", 1)
    qtbot.waitUntil(lambda: not window.status.message)
    assert line.text().startswith("cannot be saved   ·   ")
    assert line.text().endswith("F11 or Esc: back to the window")
    window.status.show_saving("saved")
    assert "saved" not in line.text()
    assert line.styleSheet() == ""


def test_the_text_alone_is_not_how_the_window_opens_next_time(
    hands: Hands, window: MainWindow, new_window: NewWindow, project_file: Path
) -> None:
    hands.focus(window.pane.view)
    hands.press("F8", "F11")
    window.close()
    again = new_window(project_file)
    assert again.menuBar().isVisible()
    assert (again.list.isHidden(), again.panels.isVisible()) == (True, True)


# What is read aloud


def test_the_active_span_is_spoken_with_label_state_and_reason(
    hands: Hands, window: MainWindow, said: list[str], qtbot: QtBot
) -> None:
    hands.caret(0)
    qtbot.wait(5)
    said.clear()
    hands.press("Tab")
    qtbot.waitUntil(lambda: bool(said))
    spoken_of_it = [words for words in said if "GPE" in words]
    assert len(spoken_of_it) == 1, said
    assert all(words in spoken_of_it[0] for words in ("suggested", "Armenia is a name")), said


def test_what_the_caret_enters_and_leaves_is_spoken(
    hands: Hands, window: MainWindow, said: list[str], qtbot: QtBot
) -> None:
    start = hands.text.index("Armenia")
    hands.caret(start - 1)
    qtbot.wait(5)
    said.clear()
    hands.press("Right")
    qtbot.waitUntil(lambda: bool(said))
    assert said == ["GPE, suggested: Armenia"]
    hands.press("Right")
    qtbot.wait(5)
    assert len(said) == 1, "within the span nothing more is said"
    for _ in "rmenia":
        hands.press("Right")
    qtbot.waitUntil(lambda: len(said) == 2)
    assert said[1] == "end of GPE"


def test_another_article_is_spoken_by_its_title(
    hands: Hands, window: MainWindow, said: list[str], qtbot: QtBot
) -> None:
    hands.focus(window.pane.view)
    qtbot.wait(5)
    for keys, title in (("J", "gyumri"), ("K", "Rocket"), ("Ctrl+Return", "gyumri")):
        said.clear()
        hands.press(keys)
        qtbot.waitUntil(lambda title=title: any(words.startswith(title) for words in said))
    assert any(words.startswith("gyumri; GPE") and "suggested" in words for words in said), said


def test_an_article_that_is_walked_to_in_the_list_is_spoken_by_the_list(
    hands: Hands, window: MainWindow, said: list[str], qtbot: QtBot
) -> None:
    hands.focus(window.list.table)
    qtbot.wait(5)
    said.clear()
    hands.press("Down")
    assert window.labelling.article == 2
    qtbot.waitUntil(lambda: bool(said))
    assert not any(words.startswith("gyumri") for words in said), said


def test_a_label_and_a_suggestion_are_told_apart_in_words(hands: Hands) -> None:
    span = hands.activate("Yerevan")
    assert spoken.span_words(span) == "GPE, suggested"
    hands.press("A")
    assert spoken.span_words(hands.activate("Yerevan")) == "GPE, labelled"


# Right to left


def test_the_margin_bar_of_a_right_to_left_line_stands_at_its_right(window: MainWindow) -> None:
    view = window.pane.view
    view.show_article("Reuters כתבה על הפגישה בירושלים.\nAn English line follows it.")
    view.set_evidence([(0, 60)])
    found = view._page(0, 300).evidence
    assert [fragment.rtl for fragment in found] == [True, False]
    assert found[0].slot.left > view.viewport().width() / 2
    assert found[1].slot.left == MARGIN
    assert found[0].right > view.lineWrapColumnOrWidth() - MARGIN - 2, "the line begins at the right"


def test_an_empty_line_reads_as_the_line_before_it(window: MainWindow) -> None:
    view = window.pane.view
    view.show_article("שלום לכולם.\n\n\nעוד פסקה כאן.\n\nEnglish.\n\nAgain.")
    view.set_evidence([(0, len(view.text))])
    found = view._page(0, 600).evidence
    assert [fragment.rtl for fragment in found] == [True] * 5 + [False] * 3


def test_what_is_said_of_a_right_to_left_title_stands_below_its_beginning(
    window: MainWindow,
) -> None:
    """In the order in which it is said, also where the source runs from right to left, too."""
    project = window.session.project
    assert project is not None
    project.articles.edit_metadata(1, title="פגישה בירושלים", source="הד 3", published="2024-02-04")
    article = project.articles.get(1)
    pane = window.pane
    pane.show_head(article, 6, pending=False)
    assert as_seen(pane.meta.text()).startswith("3 דה · 2024-02-04 · 15 words · 6 suggestions left")
    picture = pane.meta.grab().toImage()
    ground = picture.pixelColor(0, 0)
    inked = [
        x
        for x in range(picture.width())
        if any(picture.pixelColor(x, y) != ground for y in range(picture.height()))
    ]
    assert min(inked) > picture.width() - 1 - max(inked), "at the right"


def test_a_right_to_left_title_stands_above_its_texts_right_edge(window: MainWindow) -> None:
    """The pen is at the other end of the line, as it is with other titles."""
    project = window.session.project
    assert project is not None
    pane = window.pane

    def edges() -> tuple[int, int, int]:
        pane.show_head(project.articles.get(1), 6, pending=False)
        QApplication.sendPostedEvents()
        pane.layout().activate()
        pane.head.layout().activate()
        title = pane.title.geometry()
        return title.left(), pane.head.width() - 1 - title.right(), pane.edit.geometry().center().x()

    left, _, pen = edges()
    assert (left, pen > pane.head.width() / 2) == (MARGIN, True)
    project.articles.edit_metadata(1, title="פגישה בירושלים")
    _, right, pen = edges()
    assert (right, pen > pane.head.width() / 2) == (MARGIN, False)
    project.articles.edit_metadata(1, title="A meeting")
    left, _, pen = edges()
    assert (left, pen > pane.head.width() / 2) == (MARGIN, True)


@pytest.mark.parametrize("which", ["palette", "filters"])
def test_what_is_chosen_from_a_list_runs_in_its_own_direction(window: MainWindow, which: str) -> None:
    words = "שלום (EU)?"
    if which == "palette":
        palette = Palette(window)
        palette._add(Entry(words, "Article", "", "", lambda: None))
        shown = palette.list
    else:
        shown = window.list.chooser.list
        shown.addItem(words)
    index = shown.model().index(shown.count() - 1, 0)
    painter, option = PaintedWords(), QStyleOptionViewItem()
    option.font, option.rect, option.widget = shown.font(), QRect(0, 0, 400, 24), shown
    shown.itemDelegate().paint(painter, option, index)
    painter.end()
    assert "?)EU( םולש" in painter.words
    assert index.data() == words


# Nothing by colour alone, nothing out of one hand's reach


@pytest.mark.parametrize("shown", theme.THEMES, ids=lambda shown: shown.name)
def test_a_field_for_numbers_is_as_high_as_the_fields_beside_it(qtbot: QtBot, shown: theme.Theme) -> None:
    fields: list[QWidget] = [QSpinBox(), QLineEdit(), QComboBox()]
    try:
        theme.apply(shown.name)
        for field in fields:
            qtbot.addWidget(field)
        assert len({field.sizeHint().height() for field in fields}) == 1
    finally:
        theme.apply("light")


def test_the_checked_filter_has_an_outline_of_its_own(window: MainWindow) -> None:
    for each in theme.THEMES:
        window.appearance.choose_theme(each.name)
        chip = window.list._chips["all"]
        assert chip.isChecked()
        edge = chip.grab().toImage().pixelColor(chip.width() // 2, 2)
        assert theme.contrast(edge, QColor(each.base)) >= each.line_contrast


def test_the_keyboard_is_at_a_chip_by_a_ring_around_it(hands: Hands, window: MainWindow) -> None:
    """What the chip itself says, in force or not, stays as it is."""
    for each in theme.THEMES:
        window.appearance.choose_theme(each.name)
        for chip in (window.list._chips["all"], window.list.filter_button):
            hands.focus(window.pane.view)
            spots = ((chip.width() // 2, 0), (chip.width() // 2, 2), (4, chip.height() // 2))
            before = [chip.grab().toImage().pixelColor(*spot) for spot in spots]
            hands.focus(chip)
            ring, *own = [chip.grab().toImage().pixelColor(*spot) for spot in spots]
            assert own == before[1:]
            assert theme.contrast(ring, QColor(each.base)) >= 3


def test_every_command_is_in_reach_of_one_hand(window: MainWindow) -> None:
    """By a key with one Ctrl or Shift at most, or in the menu bar, which the Alt key alone opens.

    There by letters: every menu on the way has one that is underlined, and so has the command.
    """

    def one_hand(key: str) -> bool:
        held = QKeySequence(key)[0].keyboardModifiers()
        return held in (
            Qt.KeyboardModifier.NoModifier,
            Qt.KeyboardModifier.ShiftModifier,
            Qt.KeyboardModifier.ControlModifier,
        )

    def in_menus(actions: list[QAction]) -> Iterator[QAction]:
        for action in actions:
            if action.isVisible() and re.search("&[^& ]", action.text()):
                yield action
                menu = action.menu()
                if isinstance(menu, QMenu):
                    yield from in_menus(menu.actions())

    reached = set(in_menus(window.menuBar().actions()))
    by_menu = [
        name
        for name, command in window.actions_.commands.items()
        if not any(one_hand(key) for key in command.keys)
    ]
    assert {"codebook", "cite"} <= set(by_menu), by_menu
    assert [name for name in by_menu if window.actions_[name] not in reached] == []


def test_the_alt_key_alone_opens_the_menus(hands: Hands, window: MainWindow) -> None:
    hands.focus(window.pane.view)
    QTest.keyPress(window.pane.view, Qt.Key.Key_Alt, Qt.KeyboardModifier.AltModifier)
    QTest.keyRelease(window.pane.view, Qt.Key.Key_Alt)
    assert window.menuBar().activeAction() is not None
    assert window.menuBar().hasFocus()
    window.menuBar().setActiveAction(None)


def test_the_tab_key_walks_the_panes_from_left_to_right(window: MainWindow, qtbot: QtBot) -> None:
    panes = (window.list, window.pane, window.panels)
    first = window.list.search_field
    order, widget = [], first
    while True:
        if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            order += [n for n, pane in enumerate(panes) if pane.isAncestorOf(widget)]
        widget = widget.nextInFocusChain()
        if widget is first:
            break
    assert set(order) == {0, 1, 2}
    assert order == sorted(order)


def test_panes_come_back_as_wide_as_they_were(hands: Hands) -> None:
    """What is hidden gives its room to the article, and takes it from there again."""
    splitter = hands.window.splitter
    splitter.setSizes([330, 700, 408])
    before = splitter.sizes()
    for keys in (
        ("F8", "F8"),
        ("F9", "F9"),
        ("F8", "F9", "F8", "F9"),
        ("F11", "F11"),
        ("F8", "F11", "F11", "F8"),
    ):
        for _ in range(3):
            hands.press(*keys)
            assert splitter.sizes() == before, keys
    hands.press("F8")
    assert splitter.sizes()[2] == before[2]


def test_a_message_stands_alone_also_when_the_theme_changes(hands: Hands, window: MainWindow) -> None:
    bar = window.statusBar()
    left = [label for label in bar.findChildren(QLabel) if label.isVisible() and label.text()]
    window.status.say("Rejected ORG for “Russia”. Ctrl+Z takes it back.")
    for choice in ("dark", "contrast", "light", "contrast"):
        window.appearance.choose_theme(choice)
        window.status.show_saving("not saved", "The drive is full.")
        QApplication.processEvents()
        assert bar.currentMessage()
        assert not any(label.isVisible() for label in left)
        window.status.show_saving("saved")
        QApplication.processEvents()
        assert not any(label.isVisible() for label in left)
    bar.clearMessage()
    assert all(label.isVisible() for label in left)
