"""Where keys work: letters only in the article and the list, a few combinations everywhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from annotator.ui.main_window import MainWindow

Hands = Any  # the class is in conftest.py


def test_the_article_has_the_keyboard_from_the_start(hands: Hands, window: MainWindow) -> None:
    assert window.pane.view.hasFocus()
    hands.press("W")
    assert window.labelling.stance() == "pro-West"


def test_letters_work_in_the_list_too(hands: Hands, window: MainWindow) -> None:
    hands.focus(window.list.table)
    hands.press("J", "R")
    assert window.labelling.article == 2
    assert hands.labelled() == [("pro-Russia", None, "corrected")]


def test_letters_typed_into_search_and_note_label_nothing(hands: Hands, window: MainWindow) -> None:
    for field in (window.list.search_field, window.note.edit):
        hands.focus(field)
        hands.type("wnraxfbmjk 12.,")
        hands.press("Shift+A")
    assert window.list.search_field.text() == "wnraxfbmjk 12.,a"
    assert window.note.note() == "wnraxfbmjk 12.,a"
    assert window.labelling.article == 1
    assert hands.labelled() == []
    assert hands.project.history.last().text == "imported 4 articles"


def _button(window: MainWindow) -> QWidget:
    return window.stance.buttons[2]


def _tree(window: MainWindow) -> QWidget:
    return window.spans.tree


@pytest.mark.parametrize("place", [_button, _tree])
def test_space_on_another_widget_does_not_skip_the_article(
    hands: Hands, window: MainWindow, place: Callable[[MainWindow], QWidget]
) -> None:
    hands.focus(place(window))
    hands.press("Space", "J")
    assert window.labelling.article == 1
    assert hands.project.articles.progress(1).status != "skipped"


def test_keys_that_act_on_spans_work_in_the_list_of_entities(hands: Hands, window: MainWindow) -> None:
    hands.focus(window.spans.tree)
    first = window.pane.view.spans()[0]
    window.spans.span_activated.emit(first.key)
    hands.press("4")
    assert hands.labelled() == [("NORP", "Armenia", "corrected")]
    hands.press("A")
    assert len(hands.labelled()) == 2


def test_space_on_a_stance_button_presses_it(hands: Hands, window: MainWindow) -> None:
    hands.focus(_button(window))
    hands.press("Space")
    assert hands.labelled() == [("pro-Russia", None, "corrected")]
    hands.press("Space")
    assert hands.labelled() == []


def test_ctrl_enter_works_from_anywhere(hands: Hands, window: MainWindow) -> None:
    places = [window.list.search_field, window.note.edit, window.spans.tree, window.pane.view]
    for article, place in enumerate(places, start=1):
        hands.focus(place)
        hands.press("Ctrl+Return" if article % 2 else "Ctrl+Enter")
        assert hands.project.articles.progress(article).status == "done"
        if article < len(places):
            assert window.pane.view.hasFocus(), "the next key is for the article"


def test_ctrl_z_works_from_the_list_and_the_panels(hands: Hands, window: MainWindow) -> None:
    for place in (window.list.table, window.spans.tree, _button(window)):
        hands.caret(0)
        hands.press("W")
        hands.focus(place)
        hands.press("Ctrl+Z")
        assert hands.labelled() == []
        hands.press("Ctrl+Y")
        assert hands.labelled() == [("pro-West", None, "accepted")]
        hands.press("Ctrl+Z")


def test_ctrl_z_in_the_note_undoes_the_typing_only(hands: Hands, window: MainWindow) -> None:
    hands.caret(0)
    hands.press("W", "M")
    assert window.note.edit.hasFocus()
    hands.type("why")
    hands.press("Ctrl+Z")
    assert window.note.note() == ""
    assert hands.labelled() == [("pro-West", None, "accepted")]


def test_f6_walks_the_panes(hands: Hands, window: MainWindow) -> None:
    hands.caret(0)
    seen = []
    for _ in range(3):
        hands.press("F6")
        seen.append(QApplication.focusWidget())
    assert seen == [window.spans.tree, window.list.table, window.pane.view]


def test_esc_returns_to_the_article_from_anywhere(hands: Hands, window: MainWindow) -> None:
    for place in (window.list.search_field, window.list.table, window.note.edit, window.spans.tree):
        hands.focus(place)
        hands.press("Esc")
        assert window.pane.view.hasFocus()


def test_esc_in_the_article_lets_go_of_span_and_selection(hands: Hands, window: MainWindow) -> None:
    hands.caret(0)
    hands.press("Tab", "Esc")
    assert hands.active is None
    assert window.spans.tree.active is None
    hands.double_click("rocket")
    hands.press("Esc", "1")
    assert hands.labelled() == []


def test_keys_of_an_earlier_project_do_not_fire_twice(
    hands: Hands, window: MainWindow, project_file: Any
) -> None:
    assert window.open(project_file)
    hands.caret(0)
    hands.press("W")
    assert hands.labelled() == [("pro-West", None, "accepted")]


def test_the_buttons_that_take_the_keyboard_have_a_name(window: MainWindow) -> None:
    for button in window.findChildren(QPushButton):
        assert button.accessibleName() or button.text()


def test_esc_and_the_next_act_close_a_warning(hands: Hands, window: MainWindow) -> None:
    hands.caret(0)
    window.warn("It did not work.")
    hands.press("Esc")
    assert window.notice.text == ""
    window.warn("It did not work.")
    hands.press("W")
    assert window.notice.text == ""
    window.notify("Worth knowing.")
    hands.press("N")
    assert window.notice.text == "Worth knowing."
