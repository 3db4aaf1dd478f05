"""Copying a span with its reference, and the publication bundle through the window."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QComboBox
from pytestqt.qtbot import QtBot

from annotator.formats import registry
from annotator.ui import files
from annotator.ui.dialogs import ExportDialog
from annotator.ui.keymap import Keymap
from annotator.ui.main_window import MainWindow

Hands = Any  # the class is in conftest.py


def copied() -> str:
    return QGuiApplication.clipboard().text()


def test_a_key_copies_the_active_span_with_its_reference(window: MainWindow, hands: Hands) -> None:
    hands.press("Tab", "Ctrl+Shift+C")  # Armenia, suggested, behind an emoji
    assert copied() == "“Armenia” (“Rocket”, b.example, 2024-02-04, characters 21–28)"
    assert window.labelling.text[21:28] == "Armenia"
    assert "Copied" in window.statusBar().currentMessage()


def test_a_decided_span_is_copied_too(window: MainWindow, hands: Hands) -> None:
    hands.activate("Yerevan")
    hands.press("3")
    hands.activate("Yerevan")
    hands.press("Ctrl+Shift+C")
    assert copied() == "“Yerevan” (“Rocket”, b.example, 2024-02-04, characters 73–80)"


def test_selected_words_are_copied_instead(window: MainWindow, hands: Hands) -> None:
    hands.caret(hands.text.index("Nikol"))
    hands.press(*["Shift+Right"] * 21, "Ctrl+Shift+C")
    assert copied() == "“Nikol Pashinyan spoke” (“Rocket”, b.example, 2024-02-04, characters 48–69)"


def test_without_a_span_the_clipboard_stays(window: MainWindow, hands: Hands) -> None:
    QGuiApplication.clipboard().setText("before")
    hands.press("Ctrl+Shift+C")
    assert copied() == "before"
    assert "No span is active. Go to one (Tab, or a click)" in window.statusBar().currentMessage()
    window.actions_.set_keymap(Keymap(changed={"next_suggestion": ("F9",)}))
    hands.press("Ctrl+Shift+C")
    assert "Go to one (F9, or a click)" in window.statusBar().currentMessage()


def test_what_was_copied_is_spoken_once(hands: Hands, said: list[str], qtbot: QtBot) -> None:
    hands.press("Tab")
    qtbot.wait(5)
    said.clear()
    hands.press("Ctrl+Shift+C")
    assert [words for words in said if "Copied" in words] == said[:1] == said


def test_the_bundle_is_written_from_the_menu(
    window: MainWindow, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def choose(dialog: ExportDialog) -> int:
        asked.append(dialog.format().name)
        next(box for box in dialog.findChildren(QCheckBox) if "texts" in box.text()).setChecked(False)
        return ExportDialog.DialogCode.Accepted

    monkeypatch.setattr(ExportDialog, "exec", choose)
    monkeypatch.setattr(files, "ask_where_to_save", lambda *_: tmp_path / "paper")
    with qtbot.waitSignal(window.session.notified):
        window.actions_["bundle"].trigger()
    assert asked == ["bundle"]
    assert "not** included" in (tmp_path / "paper" / "DATA_STATEMENT.md").read_text("utf-8")


def test_only_what_can_do_without_texts_offers_it(window: MainWindow, qtbot: QtBot) -> None:
    exported = [each for each in registry.formats() if each.exports]
    dialog = ExportDialog(["anna"], exported, window, "bundle-zip")
    qtbot.addWidget(dialog)
    box = next(box for box in dialog.findChildren(QCheckBox) if "texts" in box.text())
    assert box.isEnabled()
    box.setChecked(False)
    assert dialog.options()["with_texts"] is False
    dialog.findChildren(QComboBox)[0].setCurrentIndex(0)
    assert dialog.format().name == "jsonl"
    assert not box.isEnabled()
    assert dialog.options()["with_texts"] is True


def test_only_what_holds_suggestions_offers_them(window: MainWindow, qtbot: QtBot) -> None:
    exported = [each for each in registry.formats() if each.exports]
    dialog = ExportDialog(["anna"], exported, window, "jsonl")
    qtbot.addWidget(dialog)
    box = next(box for box in dialog.findChildren(QCheckBox) if "suggestions" in box.text())
    box.setChecked(True)
    assert (dialog.options()["with_suggestions"], box.toolTip()) == (True, "")
    formats = dialog.findChildren(QComboBox)[0]
    formats.setCurrentIndex(formats.findText("doccano", Qt.MatchFlag.MatchContains))
    assert not box.isEnabled()
    assert box.toolTip() == f"{dialog.format().title} cannot hold suggestions."
    assert dialog.options()["with_suggestions"] is False
    formats.setCurrentIndex(0)  # what was chosen is not forgotten
    assert dialog.options()["with_suggestions"] is True
