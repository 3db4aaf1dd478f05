"""Ctrl+K: found by a few letters, run by Enter, with the keyboard back where it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QDialog

from annotator.project import open_project
from annotator.ui.main_window import MainWindow
from annotator.ui.palette import Entry, Palette
from annotator.ui.palette_match import fit

Hands = Any  # the class is in conftest.py


def entries(palette: Palette) -> list[Entry]:
    items = [palette.list.item(row) for row in range(palette.list.count())]
    return [item.data(Qt.ItemDataRole.UserRole) for item in items]


def look_for(hands: Hands, words: str) -> list[Entry]:
    hands.press("Ctrl+K")
    hands.type(words)
    return entries(hands.window.palette_)


def test_it_has_every_command_with_its_key(hands: Hands, window: MainWindow) -> None:
    shown = look_for(hands, "")
    assert {entry.command for entry in shown} == set(window.actions_.commands) - {"palette"}
    keys = {entry.command: entry.key for entry in shown}
    assert keys["accept"] == "A"
    assert keys["done"].startswith("Ctrl+")
    assert keys["label/entity/PERSON"] == "1"
    assert keys["copy"] == ""


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        ("exp", "export"),
        ("accept all in", "accept_project"),
        ("aaitp", "accept_project"),
        ("dark", "theme/dark"),
        ("person", "label/entity/PERSON"),
        ("stance rus", "label/stance/pro-Russia"),
        ("hystory", "history"),
        ("metdata", "metadata"),
        ("ctrl+q", "quit"),
    ],
)
def test_a_few_letters_find_it(hands: Hands, typed: str, command: str) -> None:
    assert look_for(hands, typed)[0].command == command


def test_enter_does_it_where_the_keyboard_was(hands: Hands, window: MainWindow) -> None:
    hands.activate("Yerevan")
    look_for(hands, "reject")
    hands.press("Return")
    assert window.palette_.isHidden()
    assert "Yerevan" not in hands.open_suggestions()
    assert window.pane.view.hasFocus()
    hands.focus(window.spans.tree)
    window.spans.span_activated.emit(window.pane.view.spans()[0].key)
    look_for(hands, "norp")
    hands.press("Return")
    assert hands.labelled() == [("NORP", "Armenia", "corrected")]
    assert window.spans.tree.hasFocus()


def test_arrows_choose_and_esc_leaves_everything_as_it_was(hands: Hands, window: MainWindow) -> None:
    hands.activate("Armenia")
    look_for(hands, "theme")
    shown = look_for(hands, "")  # Ctrl+K closes it
    assert window.palette_.isHidden()
    shown = look_for(hands, "article")
    hands.press("Down", "Down", "Up")
    assert window.palette_.list.currentRow() == 1
    assert len(shown) > 2
    hands.press("Esc")
    assert window.palette_.isHidden()
    assert window.pane.view.hasFocus()
    assert hands.active == ("GPE", "Armenia", True), "Esc was the palette's"


def test_it_closes_when_the_keyboard_goes_elsewhere_and_tab_does_not_leave(
    hands: Hands, window: MainWindow
) -> None:
    look_for(hands, "")
    hands.press("Tab")
    assert window.palette_.isVisible()
    window.note.edit.setFocus()
    assert window.palette_.isHidden()
    assert window.note.edit.hasFocus()


def test_no_text_field_keeps_the_key_to_itself(hands: Hands, window: MainWindow) -> None:
    window.pane.find_bar.open()
    for field in (window.list.search_field, window.note.edit, window.pane.find_bar.field):
        hands.focus(field)
        event = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
        event.accept()  # as a field does on desktops where the key deletes to the line's end
        assert window.palette_.eventFilter(field, event)
        assert not event.isAccepted()
        hands.press("Ctrl+K")
        assert window.palette_.isVisible()
        hands.press("Esc")
        assert field.hasFocus()
        hands.type("k")
    assert window.list.search_field.text() == "k"


def test_what_was_used_comes_first_also_after_a_restart(
    hands: Hands, window: MainWindow, new_window: Any, project_file: Path
) -> None:
    for words in ("larger text", "flag"):
        look_for(hands, words)
        hands.press("Return")
    assert hands.project.articles.progress(1).flagged
    window.session.settings.sync()
    window.close()
    hands.window = new_window(project_file)
    assert [entry.command for entry in look_for(hands, "")[:2]] == ["flag", "larger"]


def test_what_cannot_be_done_says_what_it_needs_and_is_not_done(new_window: Any, project_file: Path) -> None:
    window = new_window()
    window.palette_.open()
    missing = {entry.command: entry.missing for entry in entries(window.palette_)}
    assert missing["accept"] == "needs an open project"
    assert missing["new"] == ""
    with open_project(project_file):
        assert window.open(project_file)
        assert not window.session.writable
        window.palette_.open()
        missing = {entry.command: entry.missing for entry in entries(window.palette_)}
        assert missing["accept"] == "the project is open for reading only"
        assert missing["find"] == ""
        window.palette_.field.setText("flag")
        window.palette_._take(window.palette_.list.currentItem())
        assert window.palette_.isVisible()
        assert not window.session.project.articles.progress(1).flagged


def test_nothing_to_undo_is_said(hands: Hands, window: MainWindow) -> None:
    hands.project.history.begin_here()
    window.enable()
    assert look_for(hands, "undo")[0].missing == "nothing to do at the moment"


def test_an_article_is_opened_by_words_of_its_title(hands: Hands, window: MainWindow) -> None:
    look_for(hands, "bruss")
    hands.qtbot.waitUntil(lambda: window.palette_.list.count() > 0)
    assert [(entry.name, entry.where) for entry in entries(window.palette_)] == [("Brussels", "Article")]
    hands.press("Return")
    assert window.labelling.article == 3
    assert window.pane.view.hasFocus()


def test_where_nothing_fits_it_says_what_to_type(hands: Hands, window: MainWindow) -> None:
    look_for(hands, "xyzzy")
    assert window.palette_.stack.currentIndex() == 1
    hands.press("Return")
    assert window.palette_.isVisible()


def test_titles_only_are_looked_at(hands: Hands) -> None:
    find = hands.project.articles.with_title
    assert find("rock", 5) == [(1, "Rocket")]
    assert find("rocket armenia", 5) == []
    assert find("Yerevan", 5) == []
    assert find('"()*: -', 5) == []
    assert find("title:rock", 5) == []


@pytest.mark.parametrize("typed", ["sort title", "order title", "order: ti"])
def test_the_lists_order_is_chosen_by_its_name(hands: Hands, window: MainWindow, typed: str) -> None:
    assert look_for(hands, typed)[0].name == "Order: Title"
    hands.press("Return")
    assert window.list.filter().sort == "title"
    assert window.pane.view.hasFocus()


def test_a_preset_of_keys_is_found_by_its_name(hands: Hands) -> None:
    assert look_for(hands, "prodigy")[0].name == "Keys as in Prodigy"
    titles: list[str] = []

    def look(dialog: QDialog) -> None:
        titles.append(dialog.windowTitle())
        dialog.reject()

    hands.in_dialog(look)
    hands.press("Return")
    assert titles == ["Keys"]


def test_the_palette_stays_within_a_small_window(hands: Hands, window: MainWindow) -> None:
    look_for(hands, "")
    window.resize(860, 560)
    QApplication.processEvents()
    assert window.rect().contains(window.palette_.geometry())


def test_better_fits_come_first() -> None:
    assert fit("accept", "Accept") > fit("accept", "Accept all") > fit("accept", "Reject") == 0
    assert fit("all", "Accept all") > fit("all", "Label it", "all")
    assert fit("", "Anything") > 0
    assert fit("zz", "Accept all") == 0


@pytest.mark.parametrize("typed", ["pro-west", "pro-w", "pro west", "west"])
def test_names_with_a_hyphen_are_found_as_they_are_written(typed: str) -> None:
    assert fit(typed, "Stance: pro-West") > 0
    assert fit("counter-example", "Take as a counter-example") > fit("counter-example", "Take as an example")
    assert fit("taace", "Take as a counter-example") > 0
    assert fit("-", "Take as an example") == 0


def test_only_the_row_that_is_current_is_spoken(hands: Hands, window: MainWindow, said: list[str]) -> None:
    hands.focus(window.pane.view)
    hands.press("Ctrl+K", "Down", "Down", "Down")
    said.clear()
    hands.type("a")
    hands.type("c")
    assert said == ["Accept, Annotate, A"] * 2
    hands.press("Down", "Down")
    said.clear()
    window.palette_.field.setText("zzzqqq")
    assert said == [], "nothing fits"
    window.palette_.field.setText("new project")
    assert said == ["New project, File, Ctrl+N"]
