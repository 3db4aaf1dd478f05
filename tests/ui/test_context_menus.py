"""Context menus: the right ones, on what is meant, with the actions of the table."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QMenu, QPushButton

from annotator.ui import context_menus
from annotator.ui.commands import plain
from annotator.ui.context_menus import of_span
from annotator.ui.main_window import MainWindow
from annotator.ui.mnemonics import mnemonic
from annotator.ui.span_layout import ShownSpan
from annotator.ui.spans_model import NAME

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # pop-ups, on the offscreen platform
Hands = Any  # the class is in conftest.py


def right_click(area: QAbstractScrollArea, point: QPoint) -> None:
    viewport = area.viewport()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, point, viewport.mapToGlobal(point))
    QApplication.sendEvent(viewport, event)


def menu_key(area: QAbstractScrollArea) -> None:
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(1, 1), area.mapToGlobal(QPoint(1, 1)))
    QApplication.sendEvent(area, event)


def names(window: MainWindow) -> list[str]:
    """The ids of the actions in the open menu, and the titles of the menus within it."""
    menu = window.context.menu
    assert menu is not None
    assert menu.isVisible()
    entries = [action for action in menu.actions() if not action.isSeparator()]
    letters = [mnemonic(action.text()) for action in entries]
    assert len(set(letters) - {""}) == len(letters), letters
    for action in entries:
        if isinstance(action.menu(), QMenu):
            assert action.menu().actions()
        else:
            assert action is window.actions_[action.objectName()]
    found = [action.objectName() or plain(action.text()) for action in entries]
    menu.close()
    return found


def spot(window: MainWindow, quote: str) -> QPoint:
    view = window.pane.view
    cursor = view.textCursor()
    cursor.setPosition(view._map.to_utf16(view.text.index(quote) + 2))
    return view.cursorRect(cursor).center()


def test_a_right_click_on_a_span_is_about_that_span(hands: Hands, window: MainWindow) -> None:
    hands.activate("Armenia")
    right_click(window.pane.view, spot(window, "Yerevan"))
    assert hands.active == ("GPE", "Yerevan", True)
    found = names(window)
    assert {"accept", "reject", "Label", "Actor", "Span's edges", "reject_alone", "everywhere"} <= set(found)
    window.actions_["reject"].trigger()
    assert "Yerevan" not in hands.open_suggestions()


def test_the_menus_within_outlive_the_menu(hands: Hands, window: MainWindow) -> None:
    hands.activate("Armenia")
    menu_key(window.pane.view)
    assert "Label" in names(window)
    menu_key(window.list.table)  # which has none of them
    names(window)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    hands.project.codebook_editing.edit_label("entity", "GPE", key="0")
    assert window.fit_codebook(hands.project.codebook.read())  # makes the menus anew
    menu_key(window.pane.view)
    assert "Label" in names(window)


def test_what_cannot_be_done_with_a_span_is_not_offered(hands: Hands, window: MainWindow) -> None:
    answers = {"accept", "accept_mentions", "reject", "reject_alone", "remove"}

    def offered() -> set[str]:
        menu_key(window.pane.view)
        return set(names(window))

    hands.activate("Armenia")
    found = offered()
    assert found & answers == {"accept", "reject", "reject_alone"}  # the name stands there once
    assert not found & {"Stance of the passage", "holder"}
    assert {"Actor", "certainty", "span_note"} <= found
    hands.press("A")
    hands.activate("Armenia")
    assert offered() & answers == {"remove"}
    place = hands.text.index("Nikol Pashinyan spoke in Yerevan.")
    for layer, label, menus in (
        ("stance", "neutral", {"Stance of the passage"}),
        ("zone", "quote", {"everywhere_here", "everywhere"}),
    ):
        hands.project.annotations.add(1, layer, label, place, place + 33)
        window.labelling.reload()
        window.labelling.go_to(layer, place, place + 33)
        found = offered()
        assert found & {*answers, "Actor", "Stance of the passage", "everywhere_here", "everywhere"} == {
            "remove",
            *menus,
        }


def test_several_mentions_can_be_accepted_together() -> None:
    span = ShownSpan(("suggestion", 1), 0, 4, "zone", "quote", "#808080", True)
    assert of_span(span, 2)[:3] == ("accept", "accept_mentions", "reject")
    assert "accept_mentions" not in of_span(span, 1)
    assert "reject_alone" not in of_span(span, 2)


def test_a_right_click_on_plain_text_is_about_the_article(hands: Hands, window: MainWindow) -> None:
    hands.activate("Armenia")
    right_click(window.pane.view, spot(window, "spoke"))
    assert hands.active is None
    assert names(window) == [name for name in context_menus.TEXT if name]


def test_a_right_click_on_chosen_words_offers_labels(hands: Hands, window: MainWindow) -> None:
    hands.caret(0)
    start = hands.text.index("rocket")
    window.pane.view.select(start, start + 6)
    right_click(window.pane.view, spot(window, "rocket"))
    assert names(window) == ["Label", "find", "find_project"]
    window.actions_["label/entity/PRODUCT"].trigger()
    assert hands.labelled() == [("PRODUCT", "rocket", "manual")]


@pytest.mark.parametrize("by", ["Shift+F10", "menu key"])
def test_the_keyboard_opens_the_menu_of_the_active_span(hands: Hands, window: MainWindow, by: str) -> None:
    hands.activate("Armenia")
    hands.press(by) if by.startswith("Shift") else menu_key(window.pane.view)
    assert "accept" in names(window)
    assert hands.active == ("GPE", "Armenia", True)


def test_the_list_opens_the_article_that_is_clicked(hands: Hands, window: MainWindow) -> None:
    table = window.list.table
    right_click(table, table.visualRect(table.model().index(1, 0)).center())
    assert window.labelling.article == 2
    assert names(window) == [name for name in context_menus.ARTICLE if name]
    hands.focus(table)
    hands.press("Shift+F10")
    assert names(window)[0] == "done"


def test_a_mention_has_the_spans_menu_and_an_actor_the_acts_on_it(hands: Hands, window: MainWindow) -> None:
    tree = window.spans.tree
    group = tree.model().index(0, NAME)
    right_click(tree, tree.visualRect(group).center())
    found = names(window)
    assert {"confirm_actor", "rename_actor", "merge_actor", "next_bloc", "actors"} <= set(found)
    window.actions_["confirm_actor"].trigger()
    assert [actor.name for actor in hands.project.actors.all()] == ["Armenia"]
    group = tree.model().index(0, NAME)
    tree.expand(group)
    mention = tree.model().index(0, NAME, group)
    right_click(tree, tree.visualRect(mention).center())
    assert "accept" in names(window)
    assert hands.active == ("GPE", "Armenia", True)
    menu_key(tree)
    assert "accept" in names(window)


def test_without_an_article_it_says_how_to_get_one(new_window: Any, tmp_path: Any, no_worker: None) -> None:
    window = new_window()
    assert window.session.create(tmp_path / "empty.annot")
    right_click(window.pane.view, QPoint(50, 50))
    assert names(window)[0] == "import"


def test_actors_have_their_buttons_as_a_menu(hands: Hands, window: MainWindow) -> None:
    hands.activate("Armenia")
    hands.press("C")
    window.actors.show_all()
    dialog = window.actors._dialog
    assert dialog is not None
    right_click(dialog.table, dialog.table.visualRect(dialog.model.index(0, 0)).center())
    menu = dialog.menu.menu
    assert menu is not None
    words = [plain(action.text()) for action in menu.actions()]
    assert words == ["Rename", "Merge into", "Add a name", "Where its names stand"]
    menu.close()
    pressed: list[str] = []
    for button in dialog.findChildren(QPushButton):
        button.clicked.disconnect()
        button.clicked.connect(lambda *_, button=button: pressed.append(button.text()))
    menu.actions()[1].trigger()
    assert pressed == ["&Merge into…"]
    dialog.table.setFocus()
    menu_key(dialog.table)
    assert dialog.menu.menu.isVisible()
    dialog.menu.menu.close()
    dialog.close()
