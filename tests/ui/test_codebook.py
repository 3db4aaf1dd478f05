"""The codebook by real keys: its editor, a label's rule beside the text, examples, keys of labels."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QFileDialog, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from annotator.model import ArticleInput, Change, Label
from annotator.project import codebook, suggested_labels
from annotator.project.codebook_file import read_codebook
from annotator.ui import theme
from annotator.ui.choose_dialog import ChooseDialog
from annotator.ui.codebook_dialog import CodebookDialog, Place
from annotator.ui.color_vision import PALETTE, alike, first_apart
from annotator.ui.keys_dialog import KeysDialog
from annotator.ui.label_dialogs import CodebookImportDialog, DeleteLabelDialog, NewLayerDialog
from annotator.ui.main_window import MainWindow

from .conftest import Hands


@pytest.fixture
def dialog(hands: Hands, qtbot: QtBot) -> CodebookDialog:
    """The editor, opened by its key."""
    hands.focus(hands.window.pane.view)
    hands.press("Ctrl+Shift+K")
    dialog = hands.window.findChild(CodebookDialog)
    assert dialog is not None
    qtbot.waitUntil(dialog.isActiveWindow)
    return dialog


def go_to(dialog: CodebookDialog, place: Place) -> None:
    """Walk the tree by the arrows until a label, or a layer, is chosen."""
    dialog.tree.setFocus()
    QTest.keyClick(dialog.tree, Qt.Key.Key_Home)
    for _ in range(40):
        if dialog.place() == place:
            return
        QTest.keyClick(dialog.tree, Qt.Key.Key_Down)
    raise AssertionError(place)


def stored(hands: Hands, layer: str, name: str) -> Label:
    return hands.project.codebook.read().label(layer, name)


def names(hands: Hands, layer: str = "entity") -> list[str]:
    return [label.name for label in hands.project.codebook.read().layer(layer).labels]


def back_to(widget: QWidget, qtbot: QtBot) -> None:
    widget.activateWindow()
    qtbot.waitUntil(widget.isActiveWindow)


def type_over(hands: Hands, field: QWidget, text: str) -> None:
    hands.focus(field)
    hands.press("Ctrl+A")
    hands.type(text)


def alt(qtbot: QtBot, dialog: CodebookDialog, button: QPushButton) -> None:
    """Press a button's mnemonic; Qt clicks it a moment later."""
    letter = button.text().split("&")[1][0].upper()
    key = getattr(Qt.Key, f"Key_{letter}")
    with qtbot.waitSignal(button.clicked):
        QTest.keyClick(dialog.focusWidget() or dialog, key, Qt.KeyboardModifier.AltModifier)


# The editor


def test_the_editor_opens_at_the_active_spans_label(hands: Hands, qtbot: QtBot) -> None:
    hands.activate("Russia")
    hands.press("Ctrl+Shift+K")
    dialog = hands.window.findChild(CodebookDialog)
    assert dialog is not None
    qtbot.waitUntil(dialog.isVisible)
    assert dialog.place() == ("entity", "ORG")
    assert dialog.form.name.text() == "ORG"


def test_a_label_is_renamed_and_the_window_follows(hands: Hands, dialog: CodebookDialog) -> None:
    go_to(dialog, ("entity", "ORG"))
    type_over(hands, dialog.form.name, "Body")
    hands.press("Return")
    assert "Body" in names(hands)
    assert dialog.place() == ("entity", "Body")
    assert dialog.windowTitle() == "Codebook, version 2"
    shown = {hands.text[s.start : s.end]: s.label for s in hands.window.pane.view.spans()}
    assert shown["Russia"] == "Body"
    assert "label/entity/Body" in hands.window.actions_.commands
    assert "label/entity/ORG" not in hands.window.actions_.commands
    hands.press("Tab")
    dialog.tree.setFocus()
    hands.press("Ctrl+Z")
    assert "ORG" in names(hands)
    assert "label/entity/ORG" in hands.window.actions_.commands


def test_rule_and_definition_are_kept_when_their_field_is_left(hands: Hands, dialog: CodebookDialog) -> None:
    go_to(dialog, ("entity", "ORG"))
    type_over(hands, dialog.form.definition, "Bodies.")
    type_over(hands, dialog.form.rule, "Not a body: GPE.")
    hands.press("Tab")
    label = stored(hands, "entity", "ORG")
    assert (label.definition, label.rule) == ("Bodies.", "Not a body: GPE.")


def test_what_is_typed_is_kept_when_the_editor_is_closed(hands: Hands, dialog: CodebookDialog) -> None:
    go_to(dialog, ("entity", "ORG"))
    type_over(hands, dialog.form.rule, "Half a sentence")
    dialog.close_button.click()
    assert not dialog.isVisible()
    assert stored(hands, "entity", "ORG").rule == "Half a sentence"


@pytest.mark.parametrize("ended", ["an import", "another program", "another label"])
@pytest.mark.parametrize(
    ("place", "field"),
    [
        *((("entity", "ORG"), field) for field in ("name", "key", "definition", "rule")),
        (("entity", None), "definition"),
    ],
)
def test_what_is_typed_stays_when_something_ends_beside_it(
    hands: Hands, dialog: CodebookDialog, place: Place, field: str, ended: str
) -> None:
    go_to(dialog, place)
    widget = getattr(dialog.form, field)
    hands.focus(widget)
    hands.press("Y")

    def text() -> str:
        return str(widget.toPlainText() if hasattr(widget, "toPlainText") else widget.text())

    typed, session = text(), hands.window.session
    if ended == "an import":
        with hands.project.act("imported 1 article") as act:
            hands.project.articles.add(ArticleInput("More.", "More"))
        session.announce(act.change)
    elif ended == "another program":
        session.changed.emit(Change("changed by another program", None, frozenset({"articles"})))
    else:
        session.perform(lambda project: project.codebook_editing.edit_label("entity", "GPE", name="STATE"))
    assert text() == typed
    hands.press("Ctrl+Z")
    assert text() != typed, "it is undone where it was typed"
    hands.press("Ctrl+Shift+Z")
    dialog.tree.setFocus()
    layer = hands.project.codebook.read().layer("entity")
    kept = [layer] if place[1] is None else layer.labels
    assert typed in [getattr(each, field) for each in kept], "and stored when the field is left"


@pytest.mark.parametrize("field", ["name", "key", "definition", "rule"])
def test_esc_gives_up_what_is_typed_and_only_then_closes(
    hands: Hands, dialog: CodebookDialog, field: str
) -> None:
    go_to(dialog, ("entity", "ORG"))
    before, place = stored(hands, "entity", "ORG"), hands.project.history.last()
    widget = getattr(dialog.form, field)

    def text() -> str:
        return str(widget.toPlainText() if hasattr(widget, "toPlainText") else widget.text())

    was = text()
    hands.focus(widget)
    hands.press("Y")
    typed = text()
    assert typed != was
    hands.press("Esc")
    assert dialog.isVisible()
    assert text() == was
    hands.press("Ctrl+Z")  # not lost for a slip of the finger
    assert text() == typed
    hands.press("Esc", "Esc")
    assert not dialog.isVisible()
    assert stored(hands, "entity", "ORG") == before
    assert hands.project.history.last() == place


def test_what_is_said_to_be_taken_back_is_taken_back_where_one_stands(
    hands: Hands, dialog: CodebookDialog
) -> None:
    go_to(dialog, ("entity", "ORG"))
    was = stored(hands, "entity", "ORG").definition
    type_over(hands, dialog.form.definition, "Bodies.")
    hands.press("Tab")
    assert dialog.form.rule.hasFocus()
    assert "Ctrl+Z takes it back" in dialog.words.text()
    hands.press("Ctrl+Z")
    assert stored(hands, "entity", "ORG").definition == was == dialog.form.definition.toPlainText()
    hands.press("Ctrl+Shift+Z")
    assert stored(hands, "entity", "ORG").definition == "Bodies."


@pytest.mark.parametrize("field", ["name", "definition"])
def test_undo_where_a_field_was_saved_is_of_the_act(hands: Hands, dialog: CodebookDialog, field: str) -> None:
    go_to(dialog, ("entity", "ORG"))
    was, place = stored(hands, "entity", "ORG"), hands.project.history.last()
    widget = getattr(dialog.form, field)
    type_over(hands, widget, "Bodies")
    hands.press("Tab")
    hands.focus(widget)
    hands.press("Ctrl+Z")
    assert hands.project.history.last() == place
    assert stored(hands, "entity", "ORG") == was
    hands.press("Tab")
    assert hands.project.history.last() == place


def test_a_name_that_is_taken_or_missing_changes_nothing(hands: Hands, dialog: CodebookDialog) -> None:
    go_to(dialog, ("entity", "ORG"))
    for typed, words in (("GPE", "There is a label GPE already"), (" ", "A name is missing")):
        type_over(hands, dialog.form.name, typed)
        hands.press("Return")
        assert words in dialog.words.text()
        assert dialog.form.name.text() == "ORG"
    assert hands.project.codebook.version() == 1


def test_a_new_key_sets_the_label_at_once(hands: Hands, dialog: CodebookDialog, qtbot: QtBot) -> None:
    go_to(dialog, ("entity", "ORG"))
    hands.focus(dialog.form.key)
    hands.press("y")
    assert dialog.form.key.text() == "Y"
    assert not dialog.form.conflict.text()
    hands.press("Tab")
    assert stored(hands, "entity", "ORG").key == "Y"
    back_to(hands.window, qtbot)
    hands.double_click("rocket")
    hands.press("Y")
    assert ("ORG", "rocket", "manual") in hands.labelled()


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("3", "3 is the key of GPE, too. It sets ORG."),
        ("1", "It sets PERSON."),
    ],
)
def test_a_key_that_is_taken_is_said_and_stays_with_its_owner(
    hands: Hands, dialog: CodebookDialog, qtbot: QtBot, key: str, words: str
) -> None:
    go_to(dialog, ("entity", "ORG"))
    hands.focus(dialog.form.key)
    hands.press(key)
    assert words in dialog.form.conflict.text()
    assert dialog.form.conflict.isVisible()
    assert dialog.form.key.accessibleDescription() == dialog.form.conflict.text()
    hands.press("Tab")
    back_to(hands.window, qtbot)
    hands.double_click("rocket")
    hands.press(key.upper())
    owner = {"3": "ORG", "1": "PERSON"}[key]
    assert [label for label, quote, _ in hands.labelled() if quote == "rocket"] == [owner]


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("A", "A is the program's: Accept. Press another key."),
        ("Space", "Space is the program's: Skip. Press another key."),
        ("Shift+Space", "Shift+Space cannot be a label's key. Press a letter, a digit or a sign."),
    ],
)
def test_a_key_that_no_label_can_have_is_refused_at_its_field(
    hands: Hands, dialog: CodebookDialog, key: str, words: str
) -> None:
    go_to(dialog, ("entity", "ORG"))
    hands.focus(dialog.form.key)
    hands.press(key)
    assert dialog.form.key.text() == "2"
    assert dialog.form.conflict.text() == words
    assert dialog.form.conflict.isVisible()
    hands.press("Y")
    assert not dialog.form.conflict.isVisible()
    hands.press("Ctrl+V", "Ctrl+A", "Tab")
    assert stored(hands, "entity", "ORG").key == "Y"


@pytest.mark.parametrize("field", ["name", "key", "definition", "rule"])
def test_undo_in_a_field_is_of_what_was_typed_there(hands: Hands, dialog: CodebookDialog, field: str) -> None:
    go_to(dialog, ("entity", "ORG"))
    hands.press("Alt+Down")
    before, place = stored(hands, "entity", "ORG"), hands.project.history.last()
    widget = getattr(dialog.form, field)

    def text() -> str:
        return str(widget.toPlainText() if hasattr(widget, "toPlainText") else widget.text())

    was = text()
    hands.focus(widget)
    hands.press("Y")
    typed = text()
    assert typed != was
    for redo in ("Ctrl+Shift+Z", "Ctrl+Y"):
        hands.press("Ctrl+Z")
        assert text() == was
        hands.press(redo)
        assert text() == typed
    hands.press("Ctrl+Z", "Tab")
    assert hands.project.history.last() == place
    assert stored(hands, "entity", "ORG") == before


def test_a_russian_letter_is_the_key_of_its_place(hands: Hands, dialog: CodebookDialog) -> None:
    go_to(dialog, ("entity", "ORG"))
    hands.focus(dialog.form.key)
    hands.press("Н")
    assert dialog.form.key.text() == "Y"
    hands.press("Backspace")
    assert dialog.form.key.text() == ""


def test_a_colour_is_chosen_from_the_palette_and_its_contrast_told(
    hands: Hands, dialog: CodebookDialog
) -> None:
    go_to(dialog, ("entity", "ORG"))
    hands.focus(dialog.form.color)
    hands.press("Home", "Down")
    color = dialog.form.color.currentData()
    assert stored(hands, "entity", "ORG").color == color != "#009e73"
    assert dialog.form.contrast.text().startswith("Contrast ")
    assert next(s for s in hands.window.pane.view.spans() if s.label == "ORG").color == color


@pytest.mark.parametrize("shown", theme.THEMES, ids=lambda shown: shown.name)
def test_a_chosen_labels_colour_is_its_own(dialog: CodebookDialog, shown: theme.Theme) -> None:
    """Qt mixes the highlight into the icons of a chosen row where they have no picture for it."""
    theme.apply(shown.name)
    go_to(dialog, ("stance", "neutral"))
    item = dialog.tree.currentItem()
    picture = dialog.tree.viewport().grab().toImage()
    line = dialog.tree.visualItemRect(item).center().y()
    seen = {picture.pixelColor(x, line).name() for x in range(picture.width() // 4)}
    assert "#6b7280" in seen


def test_a_colour_that_looks_like_anothers_is_said(hands: Hands, dialog: CodebookDialog) -> None:
    hands.project.codebook_editing.edit_label("entity", "GPE", color="#0072b2")
    hands.project.codebook_editing.edit_label("entity", "ORG", color="#0072b4")
    dialog.refresh(("entity", "ORG"))
    assert "looks like GPE" in dialog.form.contrast.text()


def test_a_label_is_added_at_the_end_in_a_colour_of_its_own(
    hands: Hands, dialog: CodebookDialog, qtbot: QtBot
) -> None:
    go_to(dialog, ("stance", "neutral"))
    hands.in_dialog(lambda asked: _answer(asked, "pro-China"))
    alt(qtbot, dialog, dialog.add_button)
    assert names(hands, "stance") == ["pro-West", "neutral", "pro-Russia", "pro-China"]
    color = stored(hands, "stance", "pro-China").color
    assert not any(alike(color, stored(hands, "stance", n).color) for n in names(hands, "stance")[:3])
    # Another side is an ordinary label: the panel offers it.
    assert "pro-China" in [button.text() for button in hands.window.stance.findChildren(QPushButton)] or any(
        "pro-China" in (widget.accessibleName() or "") for widget in hands.window.stance.findChildren(QWidget)
    )


def _answer(asked: QDialog, text: str) -> None:
    field = asked.findChild(QLineEdit)
    assert field is not None
    field.setFocus()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def test_a_layer_is_added_and_deleted(hands: Hands, dialog: CodebookDialog, qtbot: QtBot) -> None:
    def fill(asked: QDialog) -> None:
        assert isinstance(asked, NewLayerDialog)
        _answer(asked, "topic")

    hands.in_dialog(fill)
    alt(qtbot, dialog, dialog.add_layer_button)
    assert [layer.name for layer in hands.project.codebook.read().layers][-1] == "topic"
    assert dialog.place() == ("topic", None)
    assert not dialog.form.rule.isVisible()
    back_to(dialog, qtbot)
    hands.focus(dialog.tree)
    hands.press("Del")
    assert [layer.name for layer in hands.project.codebook.read().layers][-1] == "zone"


def test_labels_are_reordered_by_keys(hands: Hands, dialog: CodebookDialog) -> None:
    go_to(dialog, ("entity", "ORG"))
    hands.press("Alt+Down", "Alt+Down")
    assert names(hands)[:4] == ["PERSON", "GPE", "NORP", "ORG"]
    hands.press("Alt+Up")
    assert names(hands)[:4] == ["PERSON", "GPE", "ORG", "NORP"]
    assert dialog.place() == ("entity", "ORG")


def test_a_label_is_merged_into_another(hands: Hands, dialog: CodebookDialog, qtbot: QtBot) -> None:
    hands.project.annotations.add(1, "entity", "ORG", 2, 8)
    go_to(dialog, ("entity", "ORG"))

    def choose(asked: QDialog) -> None:
        assert isinstance(asked, ChooseDialog)
        QTest.keyClicks(asked.field, "GPE")
        QTest.keyClick(asked.field, Qt.Key.Key_Return)

    hands.in_dialog(choose)
    alt(qtbot, dialog, dialog.merge_button)
    assert "ORG" not in names(hands)
    assert ("GPE", "rocket", "manual") in hands.labelled()
    assert dialog.place() == ("entity", "GPE")


def test_a_label_with_many_annotations_is_merged_beside_the_window(
    hands: Hands, dialog: CodebookDialog, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(codebook, "LARGE_ACT", 1)
    hands.project.annotations.add(1, "entity", "ORG", 2, 8)
    hands.project.annotations.add(2, "entity", "ORG", 0, 6)
    go_to(dialog, ("entity", "ORG"))

    def choose(asked: QDialog) -> None:
        assert isinstance(asked, ChooseDialog)
        QTest.keyClicks(asked.field, "GPE")
        QTest.keyClick(asked.field, Qt.Key.Key_Return)

    hands.in_dialog(choose)
    alt(qtbot, dialog, dialog.merge_button)
    qtbot.waitUntil(lambda: "ORG" not in names(hands))
    qtbot.waitUntil(lambda: dialog.place() == ("entity", "GPE"))
    assert dialog.words.text() == "Deleted the label ORG, its annotations are GPE now."
    assert ("GPE", "rocket", "manual") in hands.labelled(1)
    assert "label/entity/ORG" not in hands.window.actions_.commands


def test_a_label_is_retired_and_brought_back(hands: Hands, dialog: CodebookDialog, qtbot: QtBot) -> None:
    go_to(dialog, ("entity", "ORG"))
    alt(qtbot, dialog, dialog.retire_button)
    assert stored(hands, "entity", "ORG").retired
    assert dialog.tree.currentItem().text(0) == "ORG (retired)"
    assert "label/entity/ORG" not in hands.window.actions_.commands
    assert "Russia" not in hands.open_suggestions()
    alt(qtbot, dialog, dialog.retire_button)
    assert not stored(hands, "entity", "ORG").retired
    assert "label/entity/ORG" in hands.window.actions_.commands


def test_a_label_with_many_suggestions_is_retired_and_brought_back_beside_the_window(
    hands: Hands, dialog: CodebookDialog, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(hands.window.session.suggester, "schedule", asked.extend)
    monkeypatch.setattr(suggested_labels, "AT_ONCE", 0)
    go_to(dialog, ("entity", "ORG"))
    assert "Russia" in hands.open_suggestions()
    alt(qtbot, dialog, dialog.retire_button)
    qtbot.waitUntil(lambda: dialog.words.text() == "Retired the label ORG.")
    assert stored(hands, "entity", "ORG").retired
    assert dialog.place() == ("entity", "ORG")
    assert "Russia" not in hands.open_suggestions()
    assert asked == []
    hands.window.undo()
    assert not stored(hands, "entity", "ORG").retired
    qtbot.waitUntil(lambda: 1 in asked)


def test_undo_in_the_editor_stops_at_what_is_not_of_the_codebook(
    hands: Hands, dialog: CodebookDialog, qtbot: QtBot
) -> None:
    hands.project.annotations.add(1, "stance", "neutral")
    go_to(dialog, ("entity", "ORG"))
    alt(qtbot, dialog, dialog.retire_button)
    dialog.tree.setFocus()
    hands.press("Ctrl+Z")
    assert dialog.words.text() == "Undone: retired the label ORG."
    assert dialog.place() == ("entity", "ORG")
    hands.press("Ctrl+Z")
    assert dialog.words.text().startswith("Next is “set neutral”, which is not of the codebook")
    assert ("neutral", None) in [(label, quote) for label, quote, _ in hands.labelled(1)]


def test_undo_of_retiring_lets_the_label_be_suggested_again(
    hands: Hands, dialog: CodebookDialog, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(hands.window.session.suggester, "schedule", asked.extend)
    go_to(dialog, ("entity", "ORG"))
    alt(qtbot, dialog, dialog.retire_button)
    assert asked == []
    hands.window.undo()
    qtbot.waitUntil(lambda: 1 in asked)


@pytest.mark.parametrize("answer", ["move", "retire", "delete", "cancel"])
def test_deleting_a_label_asks_where_its_spans_go(hands: Hands, dialog: CodebookDialog, answer: str) -> None:
    hands.project.annotations.add(1, "entity", "ORG", 2, 8)
    version = hands.project.codebook.version()
    go_to(dialog, ("entity", "ORG"))

    def choose(asked: QDialog) -> None:
        assert isinstance(asked, DeleteLabelDialog)
        asked.target.setCurrentIndex(asked.target.findData("GPE"))
        button = getattr(asked, f"{answer}_button", None)
        if button is None:
            asked.reject()
            return
        button.click()
        asked.accept()

    hands.in_dialog(choose)
    hands.press("Del")
    labels = [label for label, quote, _ in hands.labelled(1) if quote == "rocket"]
    assert labels == {"move": ["GPE"], "retire": ["ORG"], "delete": [], "cancel": ["ORG"]}[answer]
    assert ("ORG" in names(hands)) == (answer in ("retire", "cancel"))
    assert hands.project.codebook.version() == version + (answer != "cancel")


def test_deleting_a_label_begins_with_the_safe_answer(hands: Hands, dialog: CodebookDialog) -> None:
    hands.project.annotations.add(1, "entity", "ORG", 2, 8)
    go_to(dialog, ("entity", "ORG"))
    begun: list[object] = []

    def enter(asked: QDialog) -> None:
        assert isinstance(asked, DeleteLabelDialog)
        begun.extend((asked.answer(), asked.target.isEnabled()))
        QTest.keyClick(asked, Qt.Key.Key_Return)

    hands.in_dialog(enter)
    hands.press("Del")
    assert begun == [("retire", None), False]
    assert stored(hands, "entity", "ORG").retired
    assert ("ORG", "rocket", "manual") in hands.labelled(1)


def test_a_label_without_annotations_is_deleted_without_a_question(
    hands: Hands, dialog: CodebookDialog
) -> None:
    go_to(dialog, ("entity", "LAW"))
    hands.press("Del")
    assert "LAW" not in names(hands)


def test_the_stance_of_the_open_article_is_renamed(hands: Hands, window: MainWindow) -> None:
    hands.caret(0)
    hands.press("W")
    window.session.perform(lambda p: p.codebook_editing.edit_label("stance", "pro-West", name="West"))
    assert window.labelling.stance() == "West"
    hands.project.codebook_editing.edit_label("stance", "West", name="Western")  # as another program does it
    window.session.changed.emit(Change("changed by another program", None, frozenset({"articles"})))
    assert window.labelling.stance() == "Western"
    hands.press("Ctrl+Z")
    assert window.labelling.stance() == "West"


def test_nothing_can_be_changed_in_a_project_that_is_read_only(
    hands: Hands, new_window: object, project_file: Path, dialog: CodebookDialog
) -> None:
    other = new_window(project_file)  # type: ignore[operator]
    assert not other.session.writable
    other.codebook.show()
    second = other.findChild(CodebookDialog)
    second.refresh(("entity", "ORG"))
    assert not second.form.isEnabled()
    for button in (second.add_button, second.merge_button, second.delete_button, second.import_button):
        assert not button.isEnabled()
    assert second.export_button.isEnabled()


def test_every_field_has_a_name_for_screen_readers(dialog: CodebookDialog) -> None:
    form = dialog.form
    for widget in (form.name, form.key, form.color, form.definition, form.rule, dialog.tree):
        assert widget.accessibleName()
    for widget in (dialog.examples.list, dialog.older.table, form.preview):
        assert widget.accessibleName()


# Examples


def test_words_of_the_article_become_examples_by_a_key(hands: Hands) -> None:
    hands.activate("Armenia")
    hands.press("E")
    hands.activate("Russia")
    hands.press("Shift+E")
    gpe = hands.project.codebook_editing.examples("entity", "GPE")
    org = hands.project.codebook_editing.examples("entity", "ORG")
    assert [(e.quote, e.fits, e.article) for e in gpe] == [("Armenia", True, 1)]
    assert [(e.quote, e.fits) for e in org] == [("Russia", False)]
    assert "rocket 🚀 flew over Armenia" in gpe[0].context
    assert hands.project.codebook.version() == 3


def test_selected_words_become_an_example_by_a_click_in_the_editor(
    hands: Hands, dialog: CodebookDialog
) -> None:
    go_to(dialog, ("entity", "PRODUCT"))
    view = hands.window.pane.view
    view.select(2, 8)
    dialog.examples.fits_button.click()
    assert dialog.examples.list.item(0).text().startswith("✓ fits: rocket")
    dialog.examples.list.setCurrentRow(0)
    hands.focus(dialog.examples.list)
    view.clear_selection()
    hands.press("Return")
    assert view.selected_span() == (2, 8)
    hands.focus(dialog.examples.list)
    hands.press("Del")
    assert hands.project.codebook_editing.examples("entity", "PRODUCT") == []


def test_without_words_it_says_what_to_do(hands: Hands, dialog: CodebookDialog) -> None:
    hands.window.pane.view.set_active(None)
    go_to(dialog, ("entity", "PRODUCT"))
    dialog.examples.not_button.click()
    assert dialog.words.text().startswith("Select words in the article first")


# The rule beside the text


def test_f1_shows_the_rule_of_the_active_span_and_follows_it(hands: Hands) -> None:
    hands.project.codebook_editing.edit_label("entity", "ORG", rule="Bodies, not countries.")
    hands.activate("Russia")
    hands.press("F1")
    card = hands.window.pane.rule
    assert card.isVisible()
    assert card.heading.text() == "ORG · entity"
    assert "Bodies, not countries." in card.words.text()
    assert hands.window.pane.view.hasFocus()
    hands.press("Tab")
    assert card.heading.text() == "PERSON · entity"
    assert "No rule is written" in card.words.text()
    hands.press("Esc")
    assert not card.isVisible()
    assert hands.active is not None  # the first Esc closes the rule and no more
    hands.press("F1", "F1")
    assert not card.isVisible()


def test_a_long_rule_is_read_to_its_end_and_the_span_stays_in_sight(hands: Hands) -> None:
    rule = "\n".join(f"{n}. Bodies, not countries." for n in range(40))
    hands.project.codebook_editing.edit_label("entity", "PERSON", rule=rule)
    hands.window.resize(1024, 700)
    hands.activate("Nikol Pashinyan")
    hands.press("F1")
    QTest.qWait(50)
    pane, card = hands.window.pane, hands.window.pane.rule
    area = card.words.parentWidget()
    assert pane.height() * 0.3 < card.height() <= pane.height() * 0.5
    assert card.more.text() == "F1 shows more"
    active = pane.view.active
    assert active is not None
    rect = pane.view.place_of(active.start, active.end)
    assert pane.view.viewport().rect().contains(pane.view.viewport().mapFromGlobal(rect.bottomLeft()))
    seen = 0
    while card.more.text():
        hands.press("F1")
        bottom = area.height() - card.words.y()
        assert bottom > seen
        seen = bottom
    assert seen >= card.words.height()
    hands.press("F1")
    assert not card.isVisible()


def test_f1_in_the_panel_shows_the_rule_of_its_row(hands: Hands) -> None:
    tree = hands.window.spans.tree
    hands.window.pane.view.set_active(None)
    hands.focus(tree)
    hands.press("Home", "Down")
    label = tree.model_.row(tree.currentIndex()).label  # type: ignore[union-attr]
    hands.press("F1")
    assert hands.window.pane.rule.heading.text() == f"{label} · entity"


def test_the_rule_changes_with_the_codebook(hands: Hands) -> None:
    hands.activate("Russia")
    hands.press("F1")
    hands.window.session.perform(lambda p: p.codebook_editing.edit_label("entity", "ORG", rule="New."))
    assert "New." in hands.window.pane.rule.words.text()
    hands.window.session.perform(lambda p: p.codebook.delete_label("entity", "ORG"))
    assert not hands.window.pane.rule.isVisible()


def test_f1_elsewhere_shows_the_keys(hands: Hands, qtbot: QtBot) -> None:
    for place in (hands.window.list.search_field, hands.window.pane.view):
        back_to(hands.window, qtbot)
        hands.focus(place)
        hands.window.pane.view.set_active(None)
        seen: list[QDialog] = []
        hands.in_dialog(lambda asked, seen=seen: (seen.append(asked), asked.reject()))  # type: ignore[misc]
        hands.press("F1")
        assert isinstance(seen[0], KeysDialog)


# Older wording


def test_what_was_labelled_under_an_older_wording_is_listed_and_opened(
    hands: Hands, dialog: CodebookDialog, qtbot: QtBot
) -> None:
    project = hands.project
    project.annotations.add(2, "entity", "ORG", 0, 6)
    project.codebook_editing.edit_label("entity", "ORG", rule="Other than before.")
    dialog.refresh()
    dialog.tabs.setCurrentWidget(dialog.older)
    qtbot.waitUntil(lambda: len(dialog.older.model.rows) == 1)
    row = dialog.older.model.rows[0]
    assert (row.label, row.quote, row.then, row.since) == ("ORG", "Gyumri", 1, 2)
    hands.focus(dialog.older.table)
    hands.press("Return")
    assert hands.window.labelling.article == 2
    assert hands.active == ("ORG", "Gyumri", False)
    dialog.older.fits_button.click()
    qtbot.waitUntil(lambda: dialog.older.model.rows == [])
    assert not dialog.older.table.isVisible()
    hands.project.undo()  # between two steps
    dialog.refresh()
    qtbot.waitUntil(lambda: len(dialog.older.model.rows) == 1)
    back_to(dialog, qtbot)
    alt(qtbot, dialog, dialog.older.all_button)
    qtbot.waitUntil(lambda: dialog.older.model.rows == [])
    assert dialog.words.text() == "Found an annotation right under the present wording."


def test_the_panes_follow_to_what_was_labelled_under_an_older_wording(hands: Hands, qtbot: QtBot) -> None:
    project, window = hands.project, hands.window
    project.annotations.add(2, "entity", "ORG", 0, 6)
    project.codebook_editing.edit_label("entity", "ORG", rule="Other than before.")
    hands.activate("Armenia")
    hands.press("F1", "Ctrl+Shift+K")
    assert window.pane.rule.heading.text() == "GPE · entity"
    dialog = window.findChild(CodebookDialog)
    assert dialog is not None
    qtbot.waitUntil(dialog.isActiveWindow)
    dialog.tabs.setCurrentWidget(dialog.older)
    qtbot.waitUntil(lambda: len(dialog.older.model.rows) == 1)
    hands.focus(dialog.older.table)
    hands.press("Return")
    assert hands.active == ("ORG", "Gyumri", False)
    view = window.pane.view
    assert view.active is not None
    assert window.spans.tree.active == view.active.key
    assert window.pane.rule.heading.text() == "ORG · entity"


def test_what_another_labelled_under_an_older_wording_is_shown_by_its_words(
    hands: Hands, dialog: CodebookDialog, qtbot: QtBot
) -> None:
    project = hands.project
    project.annotator = "ben"
    project.annotations.add(2, "entity", "ORG", 0, 6)
    project.annotator = "anna"
    project.codebook_editing.edit_label("entity", "ORG", rule="Other than before.")
    dialog.tabs.setCurrentWidget(dialog.older)
    qtbot.waitUntil(lambda: len(dialog.older.model.rows) == 1)
    hands.focus(dialog.older.table)
    hands.press("Return")
    assert hands.window.labelling.article == 2
    assert hands.active is None
    assert hands.window.pane.view.selected_span() == (0, 6)
    qtbot.waitUntil(hands.window.pane.view.hasFocus)


def test_what_others_labelled_under_an_older_wording_is_theirs_to_confirm(
    hands: Hands, dialog: CodebookDialog, qtbot: QtBot
) -> None:
    project, tab = hands.project, dialog.older
    project.annotator = "ben"
    project.annotations.add(2, "entity", "ORG", 0, 6)
    project.annotator = "anna"
    project.annotations.add(1, "entity", "ORG", 2, 8)
    project.codebook_editing.edit_label("entity", "ORG", rule="Other than before.")
    dialog.refresh()
    dialog.tabs.setCurrentWidget(tab)
    qtbot.waitUntil(lambda: len(tab.model.rows) == 2)
    assert tab.words.text() == "2 to look at again. 1 is by others: only they can say so."
    assert [row.annotator for row in tab.model.rows] == ["anna", "ben"]
    assert tab.fits_button.isEnabled()
    hands.focus(tab.table)
    hands.press("Down")
    assert not tab.fits_button.isEnabled()
    assert tab.all_button.isEnabled()
    alt(qtbot, dialog, tab.all_button)
    qtbot.waitUntil(lambda: len(tab.model.rows) == 1)
    assert not tab.fits_button.isEnabled()
    assert not tab.all_button.isEnabled()
    assert tab.open_button.isEnabled()


# Files


def test_a_codebook_goes_out_and_comes_back(
    hands: Hands, dialog: CodebookDialog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    file = tmp_path / "mine.toml"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(file), ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))
    alt(qtbot, dialog, dialog.export_button)
    assert [layer.name for layer in read_codebook(file).layers] == ["entity", "stance", "zone"]
    file.write_text(file.read_text("utf-8").replace("CSTO, State", "OPEC, State"), "utf-8")

    def look(asked: QDialog) -> None:
        assert isinstance(asked, CodebookImportDialog)
        assert "entity ORG: definition" in asked.text.toPlainText()
        assert "OPEC" not in stored(hands, "entity", "ORG").definition
        asked.accept()

    hands.in_dialog(look)
    alt(qtbot, dialog, dialog.import_button)
    assert "OPEC" in stored(hands, "entity", "ORG").definition
    file.write_text("layer = 3", "utf-8")
    back_to(dialog, qtbot)
    alt(qtbot, dialog, dialog.import_button)
    assert "layer in the file is not written as [[layer]]" in dialog.words.text().replace("…", "")


# Colours


def test_no_two_colours_of_the_palette_look_alike_to_any_eyes() -> None:
    assert [(a, b) for (a, x), (b, y) in combinations(PALETTE, 2) if alike(x, y)] == []
    assert alike("#c00000", "#8a5a00") or alike("#cc6677", "#7a7a7a")  # red and grey, without red


def test_the_labels_of_a_new_project_look_like_no_other_of_their_layer(hands: Hands) -> None:
    for layer in hands.project.codebook.read().layers:
        pairs = combinations(layer.labels, 2)
        assert [(a.name, b.name) for a, b in pairs if alike(a.color, b.color)] == []


@pytest.mark.parametrize(("name", "color"), PALETTE)
def test_every_colour_of_the_palette_can_be_read_in_every_theme(name: str, color: str) -> None:
    for each in theme.THEMES:
        shades = theme.shades(color, each)
        assert theme.contrast(shades.text, QColor(each.base)) >= each.text_contrast
        assert theme.contrast(shades.text, shades.tint) >= each.text_contrast
        assert theme.contrast(shades.line, QColor(each.base)) >= each.line_contrast


def test_the_next_colour_looks_like_none_before() -> None:
    used: list[str] = []
    for _ in PALETTE:
        used.append(first_apart(used))
    assert len(set(used)) == len(PALETTE)


def test_the_menu_has_the_codebook_and_its_key(window: MainWindow) -> None:
    assert window.actions_["codebook"].shortcut().toString() == "Ctrl+Shift+K"
