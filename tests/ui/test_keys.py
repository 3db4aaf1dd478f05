"""The key sheet and changing keys: what is pressed afterwards does the new thing and not the old one."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QFileDialog, QMessageBox

from annotator.model import InputFileError
from annotator.ui import keymap, keys_dialog
from annotator.ui.keymap import Keymap, normal, resolve
from annotator.ui.keys_dialog import KeysDialog
from annotator.ui.main_window import MainWindow
from annotator.ui.new_key_dialog import NewKeyDialog
from annotator.ui.settings import Settings

Hands = Any  # the class is in conftest.py


@pytest.fixture
def sheet(hands: Hands, window: MainWindow) -> KeysDialog:
    hands.caret(0)
    return KeysDialog(window.actions_, window.session.settings.remember_keymap, window)


def shown(sheet: KeysDialog) -> dict[str, str]:
    return {row.text(0): row.text(1) for row in sheet._shown()}


def go_to(sheet: KeysDialog, command: str) -> None:
    for _, rows in sheet._groups:
        for row in rows:
            if row.data(0, Qt.ItemDataRole.UserRole) == command:
                sheet.tree.setCurrentItem(row)
    assert sheet.command() == command


def change(hands: Hands, sheet: KeysDialog, command: str, *keys: str) -> list[str]:
    """Press these keys for a command, then Enter; return what was said of each."""
    said = []

    def act(dialog: QDialog) -> None:
        assert isinstance(dialog, NewKeyDialog)
        hands.focus(dialog.field)
        try:
            for key in keys:
                hands.press(key)
                said.append(dialog.said.text())
            hands.press("Return" if dialog.ok.isEnabled() else "Esc")
        finally:
            if dialog.isVisible():
                dialog.reject()  # or the test would wait for ever

    go_to(sheet, command)
    hands.in_dialog(act)
    sheet.change()
    back(hands)
    return said


def back(hands: Hands) -> None:
    """Return to the window from a dialog."""
    hands.window.activateWindow()
    hands.qtbot.waitUntil(hands.window.isActiveWindow)


# The sheet


def test_f1_shows_all_commands_with_their_keys_by_menu(hands: Hands, window: MainWindow) -> None:
    seen: dict[str, Any] = {}

    def look(dialog: QDialog) -> None:
        assert isinstance(dialog, KeysDialog)
        seen["rows"], seen["groups"] = shown(dialog), [group.text(0) for group, _ in dialog._groups]
        seen["ids"] = {
            row.data(0, Qt.ItemDataRole.UserRole) for _, rows in dialog._groups[:-1] for row in rows
        }
        dialog.search.setText("boiler")
        seen["found"] = list(shown(dialog))
        dialog.search.setText("ctrl+f ")
        seen["by key"] = list(shown(dialog))
        dialog.search.setText("no such thing")
        seen["empty"] = dialog.stack.currentIndex()
        dialog.reject()

    hands.caret(0)
    hands.in_dialog(look)
    hands.press("F1")
    assert seen["rows"]["Stance: pro-West"] == "W"
    assert seen["rows"]["Done, next article"] == "Ctrl+Enter  or  Ctrl+Return"
    assert seen["rows"]["Select text"] == "Shift+arrows"
    assert seen["ids"] == set(window.actions_.commands)
    assert seen["groups"][0] == "File"
    assert "Annotate › Label" in seen["groups"]
    assert seen["found"] == ["Zone: boilerplate"]
    assert "Find in the article" in seen["by key"]
    assert seen["empty"] == 1


def test_the_sheet_is_walked_by_keys_from_the_search(hands: Hands, sheet: KeysDialog) -> None:
    sheet.show()
    sheet.search.setFocus()
    sheet.search.setText("reject")
    QTest.keyClick(sheet.search, Qt.Key.Key_Down)
    assert sheet.command() == "reject"
    sheet.close()


# Changing a key


def test_a_new_key_works_and_the_old_one_does_not(
    hands: Hands, window: MainWindow, sheet: KeysDialog
) -> None:
    assert change(hands, sheet, "flag", "Y") == ["The key is free."]
    hands.caret(0)
    hands.press("F")
    assert not hands.project.articles.progress(1).flagged
    hands.press("Y")
    assert hands.project.articles.progress(1).flagged
    hands.press("Н")  # the same key on the Russian layout
    assert not hands.project.articles.progress(1).flagged
    assert window.actions_["flag"].toolTip() == "Flag (Y)"
    assert Settings().keymap() == Keymap(changed={"flag": ("Y",)})


def test_the_russian_letter_pressed_for_a_key_is_the_same_key(hands: Hands, sheet: KeysDialog) -> None:
    change(hands, sheet, "flag", "Н")
    assert sheet._actions.keys_of("flag") == ("Y", "Н")


def test_a_key_is_taken_from_whoever_has_it_only_when_said_so(
    hands: Hands, window: MainWindow, sheet: KeysDialog
) -> None:
    said = change(hands, sheet, "flag", "X")
    assert said == ["It is the key of “Reject”, which would lose it. Or press another key."]
    assert window.actions_.keys_of("reject") == ()
    assert window.actions_.keys_of("flag") == ("X", "Ч")
    hands.caret(0)
    hands.press("Tab", "X")
    assert hands.project.articles.progress(1).flagged
    assert "Armenia" in hands.open_suggestions()


def test_esc_leaves_a_key_as_it_is(hands: Hands, window: MainWindow, sheet: KeysDialog) -> None:
    def act(dialog: QDialog) -> None:
        assert isinstance(dialog, NewKeyDialog)
        hands.focus(dialog.field)
        hands.press("X", "Esc")

    go_to(sheet, "flag")
    hands.in_dialog(act)
    sheet.change()
    back(hands)
    assert window.actions_.keymap == Keymap()


def test_a_labels_key_that_a_command_takes_is_shown_as_lost(
    hands: Hands, window: MainWindow, sheet: KeysDialog
) -> None:
    said = change(hands, sheet, "flag", "1")
    assert "the label “PERSON”" in said[0]
    assert window.actions_.keys_of("label/entity/PERSON") == ()
    assert shown(sheet)["PERSON"] == "1 is with “Flag”"
    go_to(sheet, "flag")
    sheet.reset()
    assert window.actions_.keys_of("label/entity/PERSON") == ("1",)


@pytest.mark.parametrize("key", ["Backspace", "Left", "Shift+Right", "Ctrl+C", "Home"])
def test_keys_that_texts_need_are_refused_with_the_reason(
    hands: Hands, window: MainWindow, sheet: KeysDialog, key: str
) -> None:
    said = change(hands, sheet, "flag", key)
    assert "stays as it is" in said[0]
    assert window.actions_.keys_of("flag") == ("F", "А")


def test_tab_and_space_can_be_pressed_for_a_key(hands: Hands, window: MainWindow, sheet: KeysDialog) -> None:
    change(hands, sheet, "next_article", "Space")
    assert window.actions_.keys_of("next_article") == ("Space",)
    assert window.actions_.keys_of("skip") == ()
    change(hands, sheet, "next_article", "Tab")
    assert window.actions_.keys_of("next_suggestion") == (".",)


def test_the_present_keys_can_be_kept_or_all_taken_away(
    hands: Hands, window: MainWindow, sheet: KeysDialog
) -> None:
    def beside(dialog: QDialog) -> None:
        assert isinstance(dialog, NewKeyDialog)
        dialog.beside.setChecked(True)
        hands.focus(dialog.field)
        hands.press("Ctrl+Alt+Z", "Return")

    go_to(sheet, "undo")
    hands.in_dialog(beside)
    sheet.change()
    assert window.actions_.keys_of("undo") == ("Ctrl+Z", "Ctrl+Alt+Z")
    hands.in_dialog(lambda dialog: dialog.no_key.click())
    sheet.change()
    assert window.actions_.keys_of("undo") == ()
    assert shown(sheet)["Undo"] == ""
    sheet.reset()
    assert window.actions_.keys_of("undo") == ("Ctrl+Z",)


def test_a_letter_for_what_works_everywhere_is_no_key_while_typing(
    hands: Hands, window: MainWindow, sheet: KeysDialog
) -> None:
    change(hands, sheet, "history", "Y")
    hands.focus(window.list.search_field)
    hands.type("y")
    assert window.list.search_field.text() == "y"
    assert window.dialogs._history is None
    hands.focus(window.stance.buttons[0])
    hands.press("Y")
    assert window.dialogs._history is None
    hands.caret(0)
    hands.press("Y")
    assert window.dialogs._history is not None
    window.dialogs._history.close()


def test_a_russian_key_is_found_though_the_sheet_names_only_the_other(
    sheet: KeysDialog,
) -> None:
    sheet.search.setText("З")
    assert shown(sheet)["Filter articles"] == "P"
    sheet.search.setText("russian")
    assert list(shown(sheet).values()) == ["the same keys, by their place"]


def test_prodigys_del_takes_back_in_the_list_of_entities_too(hands: Hands, window: MainWindow) -> None:
    window.actions_.set_keymap(Keymap(preset="Prodigy"))
    for widget in (window.pane.view, window.list.table, window.spans.tree):
        hands.activate("Armenia")
        hands.press("A")
        assert hands.labelled()
        hands.focus(widget)
        hands.press("Del")
        assert hands.labelled() == [], widget


def test_where_a_key_works_is_said_as_it_is(window: MainWindow, sheet: KeysDialog) -> None:
    window.actions_.set_keymap(Keymap(changed={"done": ("Ctrl+D",), "undo": ("Del",)}))
    sheet._fill()
    where = {row.text(0): row.text(2) for row in sheet._shown()}
    assert where["Done, next article"] == "everywhere"
    assert where["Undo"] == "article, lists"


def test_own_keys_are_not_reset_without_asking(hands: Hands, window: MainWindow, sheet: KeysDialog) -> None:
    change(hands, sheet, "flag", "Y")

    def answer(button: QMessageBox.StandardButton) -> None:
        def act(dialog: QDialog) -> None:
            assert isinstance(dialog, QMessageBox)
            assert "1 command." in dialog.text()
            assert dialog.defaultButton() is dialog.button(QMessageBox.StandardButton.No)
            dialog.button(button).click()

        hands.in_dialog(act)
        sheet.reset_all_button.click()

    answer(QMessageBox.StandardButton.No)
    assert window.actions_.shown("flag") == "Y"
    answer(QMessageBox.StandardButton.Yes)
    assert window.actions_.shown("flag") == "F"


def test_letters_can_be_switched_off_as_a_whole(hands: Hands, window: MainWindow, sheet: KeysDialog) -> None:
    sheet.letters.click()
    hands.caret(0)
    hands.press("W", "Tab", "A", "1", "Space", "Shift+A", "Ц", ".")
    assert hands.labelled() == []
    assert hands.active == ("GPE", "Armenia", True)
    assert window.labelling.article == 1
    assert not Settings().keymap().letters
    hands.press("Ctrl+Return")
    assert window.labelling.article == 2
    sheet.reset_all()
    hands.press("W")
    assert window.labelling.stance() == "pro-West"


def test_the_keys_are_remembered(
    hands: Hands, window: MainWindow, sheet: KeysDialog, new_window: Any, project_file: Path
) -> None:
    change(hands, sheet, "flag", "Y")
    window.session.settings.sync()
    window.close()
    again = new_window(project_file)
    hands.window = again
    hands.caret(0)
    hands.press("Y")
    assert hands.project.articles.progress(1).flagged


def test_labels_of_another_codebook_yield_to_a_changed_key_too(
    hands: Hands, window: MainWindow, sheet: KeysDialog
) -> None:
    change(hands, sheet, "flag", "Y")
    hands.project.codebook_editing.add_label("entity", "Zed", color="#336699", key="Y")
    window.fit_codebook(hands.project.codebook.read())
    assert window.actions_.keys_of("label/entity/Zed") == ()
    assert window.actions_.keys_of("flag") == ("Y", "Н")
    assert window.actions_.keys()["Y"] == "Flag", "the codebook's editor names the conflict"


# Presets


def test_prodigys_preset_undoes_by_del_and_helps_by_h(
    hands: Hands, window: MainWindow, sheet: KeysDialog
) -> None:
    sheet.preset.setCurrentText("Prodigy")
    sheet.preset.activated.emit(1)
    hands.caret(0)
    hands.press("Tab", "A")
    assert hands.labelled() == [("GPE", "Armenia", "accepted")]
    hands.press("Backspace")
    assert hands.labelled() == [("GPE", "Armenia", "accepted")]
    hands.press("Del")
    assert hands.labelled() == []
    hands.activate("Armenia")
    hands.press("H")
    assert window.pane.rule.isVisible()
    hands.press("Ctrl+Del")
    assert "Armenia" not in hands.open_suggestions()
    hands.press("Space")
    assert hands.project.articles.progress(1).status == "skipped"
    assert Settings().keymap().preset == "Prodigy"


@pytest.mark.parametrize("preset", list(keymap.PRESETS))
def test_no_preset_has_a_key_twice_or_changes_something_by_backspace(window: MainWindow, preset: str) -> None:
    commands = window.actions_.commands
    assert set(keymap.PRESETS[preset]) <= set(commands)
    asked = [normal(key) for name, c in commands.items() for key in Keymap(preset).of(name, c.keys)]
    assert len(asked) == len(set(asked))
    assert not any("Backspace" in key for key in asked)


# Files


def test_keys_go_to_a_file_and_come_back(
    hands: Hands, window: MainWindow, sheet: KeysDialog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "keys.toml"
    monkeypatch.setattr(keys_dialog, "ask_where_to_save", lambda *_: file)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))
    change(hands, sheet, "flag", "X")
    sheet.letters.click()
    before = window.actions_.keymap
    sheet.export_keys()
    text = file.read_text(encoding="utf-8")
    assert 'flag = ["X"]  # Flag' in text
    assert "reject = []" in text
    assert tomllib.loads(text)["letters"] is False
    assert set(tomllib.loads(text)["keys"]) == {n for n in window.actions_.commands if "label/" not in n}
    sheet.reset_all()
    sheet.import_keys()
    assert window.actions_.keymap == before
    assert Settings().keymap() == before


def test_a_file_with_keys_written_by_hand_is_read(
    window: MainWindow, sheet: KeysDialog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "keys.toml"
    file.write_text('[keys]\nflag = ["shift+я", "Ctrl+Alt+F"]\nfly = ["Q"]\n', encoding="utf-8")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))
    sheet.import_keys()
    assert window.actions_.keys_of("flag") == ("Shift+Z", "Shift+Я", "Ctrl+Alt+F")
    assert sheet.words.text().endswith("Not known here, and left out: fly.")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[keys]\nflag = ["Foo"]', "'Foo' of flag is no key"),
        ('[keys]\nflag = ["Q"]\nskip = ["q"]', "Q stands there for flag and for skip"),
        ('[keys]\nflag = ["Backspace"]', "Backspace cannot be a key of flag"),
        ('[keys]\nflag = "Q"', "the keys of flag are no list of words"),
        ('preset = "Vim"', "the preset is none of Annotator, Prodigy"),
        ("letters = 1", "letters is neither true nor false"),
        ("keys = 3", "[keys] is no table"),
        ("no toml", "is no TOML file"),
        ("\x00\xff", "is no TOML file"),
    ],
)
def test_a_file_with_faults_is_refused_in_words_and_changes_nothing(
    window: MainWindow,
    sheet: KeysDialog,
    text: str,
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = tmp_path / "keys.toml"
    file.write_text(text, encoding="utf-8")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))
    sheet.import_keys()
    assert words in sheet.words.text()
    assert window.actions_.keymap == Keymap()


def test_files_that_cannot_be_read_or_written_are_said(tmp_path: Path) -> None:
    with pytest.raises(InputFileError):
        keymap.read(tmp_path / "gone.toml", {})
    (tmp_path / "large.toml").write_bytes(b"#" * (keymap.LARGEST + 1))
    with pytest.raises(InputFileError, match="no file with keys"):
        keymap.read(tmp_path / "large.toml", {})


@pytest.mark.parametrize(
    "kept", ["", "[]", "no json", '{"preset": "Vim"}', '{"keys": {"flag": ["Foo"]}}', "3"]
)
def test_settings_that_cannot_be_read_are_the_default(kept: str) -> None:
    settings = Settings()
    settings.set("keys", kept)
    assert settings.keymap() == Keymap()


# Names of keys


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("w", "W"),
        ("ц", "W"),
        ("shift+ф", "Shift+A"),
        ("Ctrl++", "Ctrl++"),
        ("+", "+"),
        ("Backtab", "Shift+Tab"),
    ],
)
def test_keys_have_one_name(key: str, name: str) -> None:
    assert normal(key) == name


@pytest.mark.parametrize("key", ["", "Foo", "Ctrl", "Ctrl+Shift", "Ctrl+K, Ctrl+L", "Ctrl+Foo"])
def test_what_is_no_key_has_no_name(key: str) -> None:
    assert normal(key) == ""


def test_of_two_that_want_a_key_the_chosen_one_gets_it() -> None:
    table = {"label/entity/A": ("F", "А"), "flag": ("F", "А"), "skip": ("Space",)}
    assert resolve(table, Keymap()) == {"label/entity/A": (), "flag": ("F", "А"), "skip": ("Space",)}
    chosen = Keymap(changed={"skip": ("F",)})
    assert resolve(table, chosen) == {"label/entity/A": (), "flag": (), "skip": ("F", "А")}
