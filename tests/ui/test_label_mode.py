"""The label mode: a label is chosen once, then clicks, drags and the selecting key give it."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from annotator.project import create_project
from annotator.ui import theme
from annotator.ui.main_window import MainWindow

Hands = Any  # the class is in conftest.py


def test_each_word_that_is_clicked_gets_the_label_until_esc(hands: Hands, window: MainWindow) -> None:
    hands.caret(0)
    hands.press("L", "9")
    assert window.label_mode.bar.isVisible()
    assert window.label_mode.bar.text.startswith("PRODUCT. Label mode. Click words")
    assert hands.labelled() == [], "a key chooses"
    hands.click("rocket")
    hands.click("flew")
    hands.press("Esc")
    assert not window.label_mode.bar.isVisible()
    hands.click("spoke")
    assert hands.labelled() == [("PRODUCT", "rocket", "manual"), ("PRODUCT", "flew", "manual")]
    hands.press("Ctrl+Z")
    assert hands.labelled() == [("PRODUCT", "rocket", "manual")], "each is a step of its own"


def test_another_labels_key_changes_the_label(hands: Hands) -> None:
    hands.caret(0)
    hands.press("L", "9", "6")
    hands.click("rocket")
    hands.press("W")
    hands.click("denied")
    assert hands.labelled() == [("EVENT", "rocket", "manual"), ("pro-West", "denied", "manual")]


def test_the_keyboard_labels_the_word_at_the_caret_and_what_is_selected(
    hands: Hands, window: MainWindow
) -> None:
    hands.caret(2)
    hands.press("L", "9", "V", "Ctrl+Right", "Ctrl+Right", "V")
    assert hands.labelled() == [("PRODUCT", "rocket", "manual"), ("PRODUCT", "over", "manual")]
    hands.caret(hands.text.index("denied"))
    hands.press("Ctrl+Shift+Right", "Ctrl+Shift+Right", "V")
    assert hands.labelled()[-1] == ("PRODUCT", "denied it", "manual")


def test_a_drag_labels_what_it_selected(hands: Hands, window: MainWindow) -> None:
    hands.caret(0)
    hands.press("L", "9")
    view = window.pane.view
    places = []
    for place in (hands.text.index("flew"), hands.text.index("over") + 3):
        cursor = view.textCursor()
        cursor.setPosition(place + 1)  # UTF-16: the emoji before them
        places.append(view.cursorRect(cursor).center())
    QTest.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=places[0])
    QTest.mouseMove(view.viewport(), places[1])
    QTest.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=places[1])
    assert hands.labelled() == [("PRODUCT", "flew over", "manual")]


@pytest.mark.parametrize("by", ["click", "key"])
def test_a_suggestion_of_the_layer_is_accepted_with_the_label(hands: Hands, by: str) -> None:
    hands.caret(0)
    hands.press("L", "2")
    if by == "click":
        hands.click("Pashinyan")
    else:
        hands.caret(hands.text.index("Pashinyan") + 2)
        hands.press("V")
    assert hands.labelled() == [("ORG", "Nikol Pashinyan", "corrected")]
    assert hands.active == ("ORG", "Nikol Pashinyan", False), "it does not run away to the next suggestion"


def test_what_has_the_label_stays_and_another_label_is_replaced(hands: Hands) -> None:
    hands.caret(0)
    hands.press("L", "9")
    hands.click("rocket")
    done = len(hands.project.history.acts())
    hands.click("rocket")
    assert len(hands.project.history.acts()) == done
    hands.press("6")
    hands.click("rocket")
    assert hands.labelled() == [("EVENT", "rocket", "manual")]


def test_it_begins_with_the_label_of_the_active_annotation(hands: Hands, window: MainWindow) -> None:
    hands.double_click("rocket")
    hands.press("9", "L")
    hands.click("flew")
    assert hands.labelled() == [("PRODUCT", "rocket", "manual"), ("PRODUCT", "flew", "manual")]
    hands.press("L")
    assert not window.label_mode.on, "the same key leaves"


def test_with_no_label_chosen_a_click_labels_nothing_and_the_bar_says_what_to_do(
    hands: Hands, window: MainWindow
) -> None:
    hands.caret(0)
    hands.press("L")
    assert window.label_mode.bar.text == "Label mode. Press the key of a label. Esc leaves."
    hands.click("rocket")
    assert hands.labelled() == []


def test_a_click_beside_the_words_labels_nothing(hands: Hands, window: MainWindow) -> None:
    hands.caret(0)
    hands.press("L", "9")
    viewport = window.pane.view.viewport()
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=viewport.rect().bottomRight() * 0.9)
    assert hands.labelled() == []


def test_walking_and_accepting_go_on_in_the_mode_and_it_stays_for_the_next_article(
    hands: Hands, window: MainWindow
) -> None:
    hands.caret(0)
    hands.press("L", "9", "Tab", "A")
    assert hands.labelled() == [("GPE", "Armenia", "accepted")]
    hands.press("Ctrl+Return")
    hands.click("mayor")
    assert ("PRODUCT", "mayor", "manual") in hands.labelled(2)


def test_it_ends_with_the_project(hands: Hands, window: MainWindow, tmp_path: Any) -> None:
    hands.caret(0)
    hands.press("L", "9")
    create_project(tmp_path / "other.annot", annotator="anna").close()
    assert window.open(tmp_path / "other.annot")
    assert not window.label_mode.on
    assert not window.label_mode.bar.isVisible()


@pytest.mark.parametrize("act", ["rename", "retire", "delete", "undo"])
def test_it_ends_in_words_where_its_label_is_no_longer_offered(
    hands: Hands, window: MainWindow, act: str
) -> None:
    perform = window.session.perform
    perform(lambda project: project.codebook_editing.add_label("entity", "SHIP", color="#336699", key="Y"))
    hands.caret(0)
    hands.press("L", "Y")
    assert window.label_mode.chosen == ("entity", "SHIP")
    if act == "rename":
        perform(lambda project: project.codebook_editing.edit_label("entity", "SHIP", name="BOAT"))
    elif act == "retire":
        perform(lambda project: project.codebook_editing.retire("entity", "SHIP"))
    elif act == "delete":
        perform(lambda project: project.codebook.delete_label("entity", "SHIP"))
    else:
        hands.press("Ctrl+Z")
    assert not window.label_mode.on
    assert window.notice.text == "Label mode ended: the codebook no longer offers SHIP."
    hands.click("rocket")
    assert hands.labelled() == []


def test_it_stays_where_another_label_changes(hands: Hands, window: MainWindow) -> None:
    hands.caret(0)
    hands.press("L", "9")
    window.session.perform(lambda project: project.codebook_editing.edit_label("entity", "ORG", name="Body"))
    assert window.label_mode.chosen == ("entity", "PRODUCT")


@pytest.mark.parametrize("name", ["Civil society organisation", "Organisation of civil society " * 2])
def test_its_bar_leaves_the_room_to_the_text_in_a_small_window_with_large_letters(
    hands: Hands, window: MainWindow, name: str
) -> None:
    usual = QApplication.font()
    larger = QFont(usual)
    larger.setPointSizeF(usual.pointSizeF() * 1.5)
    QApplication.setFont(larger)
    try:
        add = window.session.perform
        add(lambda project: project.codebook_editing.add_label("entity", name, color="#336699", key="Y"))
        window.resize(1024, 700)
        hands.caret(0)
        width = window.pane.width()
        hands.press("L", "Y")
        QApplication.processEvents()
        bar = window.label_mode.bar
        assert window.pane.width() == width, "a long name makes no pane wider"
        assert bar.words.width() > width * 0.8
        assert bar.height() <= 5 * bar.words.fontMetrics().lineSpacing() + 16
        assert name.strip() in bar.heading.toolTip()
    finally:
        QApplication.setFont(usual)


def test_its_bar_follows_the_theme(hands: Hands, window: MainWindow) -> None:
    hands.caret(0)
    hands.press("L", "9")
    before = window.label_mode.bar.heading.styleSheet()
    window.appearance.choose_theme("dark")
    assert theme.current().dark
    assert window.label_mode.bar.heading.styleSheet() != before


def test_done_waits_for_the_first_suggestion_of_an_article_that_has_none_yet(
    hands: Hands, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = hands.project.suggestions
    monkeypatch.setattr(type(waiting), "is_pending", lambda self, article: article == 2)
    kept = type(waiting).open
    monkeypatch.setattr(
        type(waiting), "open", lambda self, article, *a: [] if article == 2 else kept(self, article)
    )
    hands.caret(0)
    hands.press("Ctrl+Return")
    assert (window.labelling.article, hands.active) == (2, None)
    monkeypatch.undo()
    window.session.suggestions_changed.emit([2])
    assert hands.active == ("GPE", "Gyumri", True)
    hands.press("Esc")
    window.session.suggestions_changed.emit([2])
    assert hands.active is None, "once is enough"
