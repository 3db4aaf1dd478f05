"""First-run hints, keys in words, and lists without rows: the window says what to do next."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtGui import QShortcut
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QTableWidget, QWidget

from annotator.model import ArticleInput
from annotator.ui import hints
from annotator.ui.backups import RestoreDialog
from annotator.ui.choose_dialog import ChooseDialog
from annotator.ui.empty_state import EmptyState
from annotator.ui.keymap import Keymap
from annotator.ui.main_window import MainWindow
from annotator.ui.settings import Settings

Hands = Any  # the class is in conftest.py


def hint(hands: Hands) -> str:
    """The hint on the screen, "" where there is none."""
    shown = hands.window.hints
    hands.qtbot.waitUntil(lambda: not shown._soon.isActive())
    assert shown.bar.isVisible() == (shown.shown is not None)
    return shown.bar.words.text() if shown.shown is not None else ""


def test_each_hint_is_shown_until_its_act_was_done(hands: Hands, window: MainWindow) -> None:
    hands.caret(0)
    assert hint(hands) == "Tab goes to the first suggestion."
    hands.press("Tab")
    assert hint(hands).startswith("A accepts the suggestion, X rejects it")
    hands.press("A")
    assert "accepts" not in hint(hands)
    hands.press("Shift+A")
    assert hint(hands) == "The article's stance: W N R. The same key again takes it away."
    hands.press("W")
    assert hint(hands).startswith("All is decided here: Ctrl+")
    hands.press("Ctrl+Return")
    assert hint(hands).startswith("Ctrl+K finds every command")
    hands.press("Ctrl+K", "Esc")
    assert hint(hands) == ""
    assert set(Settings().text("hints").split()) == {each.name for each in hints.HINTS}


def test_accepting_all_and_done_is_done_too(hands: Hands, window: MainWindow) -> None:
    hands.caret(0)
    hands.press("Ctrl+Shift+Return")
    assert "done" in Settings().text("hints").split()


def test_a_hint_can_be_closed_and_all_come_back(hands: Hands, window: MainWindow) -> None:
    hands.caret(0)
    first = hint(hands)
    window.hints.bar.close_button.click()
    assert hint(hands) != first
    window.actions_["hints"].trigger()
    assert hint(hands) == first


def test_hints_never_take_the_keyboard_and_stay_away_from_what_cannot_be_labelled(
    hands: Hands, window: MainWindow
) -> None:
    hands.caret(0)
    assert hint(hands)
    assert window.pane.view.hasFocus()
    window.show_article(0)
    assert hint(hands) == ""


def test_the_text_the_rule_and_the_hint_stand_one_upon_the_other_without_a_gap(
    hands: Hands, window: MainWindow
) -> None:
    hands.caret(0)
    hands.press("Tab", "F1")
    assert hint(hands)
    window.pane.layout().activate()
    view, rule, bar = (w.geometry() for w in (window.pane.view, window.pane.rule, window.hints.bar))
    assert (view.bottom() + 1, rule.bottom() + 1) == (rule.top(), bar.top())
    assert bar.bottom() + 1 == window.pane.height()


def test_hints_name_the_present_keys(hands: Hands, window: MainWindow) -> None:
    hands.caret(0)
    window.actions_.set_keymap(Keymap(changed={"next_suggestion": ("Q",)}))
    assert hint(hands) == "Q goes to the first suggestion."
    window.actions_.set_keymap(Keymap(changed={"next_suggestion": ()}))
    assert hint(hands) == "Annotate › Next suggestion goes to the first suggestion."


# Keys in words


def test_every_button_that_does_a_command_names_its_key(hands: Hands, window: MainWindow) -> None:
    for action in window.tool_bar.actions():
        key = window.actions_.shown(action.objectName())
        assert not key or key in action.toolTip(), action.objectName()
    find = window.pane.find_bar
    assert find.next.toolTip() == "Next hit (F3)"
    assert window.pane.edit.toolTip().endswith("(F2)")
    assert "Ctrl+" in window.panels.done_button.toolTip()
    assert window.list.search_field.toolTip() == "Search the articles (Ctrl+L)"
    for button in window.stance.buttons:
        assert f"Key: {button.label.key}" in button.toolTip()


def test_other_keys_are_named_at_once(hands: Hands, window: MainWindow) -> None:
    changed = {"find_next": ("F4",), "done": ("F9",), "undo": (), "note": ("Q",), "import": ("F8",)}
    hands.press("W")
    window.actions_.set_keymap(Keymap(changed=changed))
    assert window.pane.find_bar.next.toolTip() == "Next hit (F4)"
    assert window.panels.done_button.text().endswith("F9")
    assert window.note.edit.placeholderText() == "Why this label? (Q)"
    window.list.set_counts({"all": 0})
    window.list.set_articles([])
    assert window.list._empty_text.text() == "Drop a folder of articles here, or press F8"
    window.enable()
    assert "Ctrl+Z" not in window.actions_["undo"].toolTip()


def test_without_an_article_no_key_is_offered_for_its_words(window: MainWindow) -> None:
    window.show_article(4)
    window.spans.show_spans(())
    assert "press 1 to" in window.spans._empty.text()
    window.show_article(0)
    assert "press" not in window.spans._empty.text()


def test_the_codebooks_buttons_name_the_present_keys(hands: Hands, window: MainWindow) -> None:
    window.actions_.set_keymap(Keymap(changed={"example": ("Y",)}))
    window.codebook.show()
    dialog = window.codebook._dialog
    assert dialog is not None
    assert dialog.examples.fits_button.toolTip().endswith("(Y)")
    assert dialog.examples.not_button.toolTip().endswith("(Shift+E)")
    dialog.close()


def latin(shortcut: QShortcut) -> list[str]:
    """The keys of a shortcut on the Latin layout."""
    found = shortcut.keys
    return [key.toString() for key in found() if key.toString().isascii()]


CHANGED = Keymap(
    changed={"undo": ("Alt+Z",), "redo": ("Alt+Y",), "alone": ("F12",), "widen": ("Ctrl+I",)}
    | {"next_suggestion": ("Alt+N",), "menu_here": ("Shift+F11",)}
)


def test_what_the_window_says_names_the_present_keys(hands: Hands, window: MainWindow) -> None:
    hands.activate("Armenia")
    hands.press("A")
    hands.activate("Armenia")
    hands.press("L")
    assert "press V at the caret" in window.label_mode.bar.text
    window.appearance.panes.toggle_alone()
    window.actions_.set_keymap(CHANGED)
    assert "press Ctrl+I at the caret" in window.label_mode.bar.text
    assert window.appearance.panes.line.text().endswith("F12 or Esc: back to the window")
    window.appearance.panes.leave()
    window.pane.view.set_active(None)
    window.codebook.take(fits=True)
    assert "press Alt+N." in window.statusBar().currentMessage()


def test_dialogs_beside_the_window_have_its_present_keys(hands: Hands, window: MainWindow) -> None:
    window.actions_.set_keymap(CHANGED)
    window.actors.show_all()
    window.codebook.show()
    window.occurrences.search()
    for dialog in (window.actors._dialog, window.codebook._dialog, window.occurrences._dialog):
        assert dialog is not None
        assert latin(dialog.shortcuts["undo"]) == ["Alt+Z"]
        assert latin(dialog.shortcuts["redo"]) == ["Alt+Y"]
    window.actions_.set_keymap(Keymap())
    assert window.actors._dialog is not None
    shortcuts = window.actors._dialog.shortcuts
    assert latin(shortcuts["redo"]) == ["Ctrl+Shift+Z", "Ctrl+Y"]
    assert latin(shortcuts["menu_here"]) == ["Shift+F10"]


def test_the_passages_buttons_name_the_present_keys(hands: Hands, window: MainWindow) -> None:
    start = hands.text.index("Russia denied")
    window.pane.view.select(start, start + 17)
    hands.press("W")
    box = window.stance.passages
    assert box.why.text() == "Write why", "its key is about the active passage"
    hands.press("Esc")
    assert (box.derive.text(), box.why.text()) == ("Take pro-West   D", "Write why   Shift+N")
    window.actions_.set_keymap(Keymap(changed={"derive": ("Y",), "span_note": ()}))
    assert (box.derive.text(), box.why.text()) == ("Take pro-West   Y", "Write why")
    assert box.derive.toolTip().removesuffix("</qt>").endswith("(Y)")


def test_the_stance_buttons_show_no_key_that_does_not_work(hands: Hands, window: MainWindow) -> None:
    assert [button.label.key for button in window.stance.buttons] == ["W", "N", "R"]
    assert window.stance.keys.text() == "W accepts it"
    window.actions_.set_keymap(Keymap(letters=False))
    assert [button.label.key for button in window.stance.buttons] == ["", "", ""]
    assert window.stance.keys.text() == ""


# Empty lists


def test_lists_of_the_window_say_what_to_do_next(hands: Hands, window: MainWindow, tmp_path: Any) -> None:
    assert window.session.create(tmp_path / "empty.annot")
    assert window.list._empty_text.text() == "Drop a folder of articles here, or press Ctrl+I"
    assert window.list._empty_text.isVisible()
    with hands.project.act("imported"):
        article, _ = hands.project.articles.add(ArticleInput("Text.", "Title"))
    window.show_article(article)
    words = window.spans._empty.text()
    assert words.startswith("No entities yet. Select words and press 1 to 9")
    assert "Tools › Suggest" in words
    window.session.close()
    window._opened()
    assert (
        window.list._empty_text.text() == "No project is open. Make one with Ctrl+N, or open one with Ctrl+O"
    )


def words_over(view: QAbstractItemView) -> str:
    state = view.findChild(EmptyState)
    assert isinstance(state, EmptyState)
    return state.label.text() if state.label.isVisibleTo(view) else ""


def test_a_list_has_words_only_while_it_is_empty(qtbot: Any) -> None:
    view = QListWidget()
    qtbot.addWidget(view)
    EmptyState(view, "Nothing here. Add one.")
    view.resize(300, 200)
    view.show()
    assert words_over(view) == "Nothing here. Add one."
    assert view.accessibleDescription() == "Nothing here. Add one."
    view.addItem("one")
    assert words_over(view) == ""
    assert view.accessibleDescription() == ""
    view.clear()
    assert words_over(view) == "Nothing here. Add one."
    view.resize(500, 400)
    assert view.findChild(EmptyState).label.size() == view.viewport().size()


def dialogs(window: MainWindow, name: str) -> QWidget:
    if name == "history":
        window.dialogs.show_history()
        return window.dialogs._history  # type: ignore[return-value]
    if name == "actors":
        window.actors.show_all()
        return window.actors._dialog  # type: ignore[return-value]
    if name == "restore":
        return RestoreDialog(None, window)
    if name == "choose":
        return ChooseDialog("Merge", "into", [], window)
    if name == "evaluation":
        window.dialogs.show_evaluation()
        return window.dialogs._evaluation  # type: ignore[return-value]
    if name == "occurrences":
        window.occurrences.search()
        return window.occurrences._dialog  # type: ignore[return-value]
    assert name == "codebook"
    window.codebook.show()
    return window.codebook._dialog  # type: ignore[return-value]


NEXT = {
    "history": "Choose an act above",
    "actors": "C in the article confirms one",
    "restore": "Another project shows those of another file",
    "choose": "Nothing has these letters. Type others",
    "evaluation": "Let the machine suggest",
    "occurrences": "Type what to look for",
    "codebook": "Choose words in the article, then take them here",
}


@pytest.mark.parametrize("name", list(NEXT))
def test_lists_of_the_dialogs_say_what_to_do_next(hands: Hands, window: MainWindow, name: str) -> None:
    dialog = dialogs(window, name)
    dialog.show()

    def said() -> list[str]:
        words = [str(label.text()) for label in dialog.findChildren(QWidget) if hasattr(label, "text")]
        lists = dialog.findChildren(QListWidget)
        return words + [view.item(row).text() for view in lists for row in range(view.count())]

    hands.qtbot.waitUntil(lambda: any(NEXT[name] in words for words in said()))  # some count first
    dialog.close()


def test_pipelines_that_are_not_there_are_said(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(window.session.models), "read", lambda self: [])
    window.actions_["models"].trigger()
    tables = window.findChildren(QTableWidget)
    assert any("download one" in words_over(table) for table in tables if table.findChild(EmptyState))
