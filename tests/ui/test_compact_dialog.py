"""Tools > Compact."""

from __future__ import annotations

from typing import Any

from annotator.ui.compact_dialog import CompactDialog
from annotator.ui.main_window import MainWindow

Hands = Any  # the class is in conftest.py


def test_it_says_what_goes_and_then_nothing_can_be_redone(hands: Hands, window: MainWindow) -> None:
    hands.focus(window.pane.view)
    hands.press("W", "Ctrl+Z")
    assert window.actions_["redo"].isEnabled()
    seen: list[str] = []

    def look(dialog: Any) -> None:
        assert isinstance(dialog, CompactDialog)
        seen.append(dialog.words.text())
        dialog.old.click()
        dialog.days.setValue(0)
        seen.append(dialog.words.text())
        dialog.old.click()
        dialog.go.click()

    hands.in_dialog(look)
    window.actions_["compact"].trigger()
    assert seen[0] == "1 act (3 rows kept for redo) can no longer be redone."
    assert seen[1].endswith(
        "1 act (8 rows) will leave the history and can no longer be undone; what they did stays."
    )
    assert not window.actions_["redo"].isEnabled()
    assert window.actions_["undo"].isEnabled()
    assert window.notice.text.startswith("news is compact: ")


def test_old_history_goes_when_asked(hands: Hands, window: MainWindow) -> None:
    def drop(dialog: Any) -> None:
        dialog.old.click()
        dialog.days.setValue(0)
        dialog.go.click()

    hands.in_dialog(drop)
    window.actions_["compact"].trigger()
    assert hands.project.acts.ids() == []
    assert not window.actions_["undo"].isEnabled()
    assert hands.project.articles.count() == 4


def test_cancelling_changes_nothing(hands: Hands, window: MainWindow) -> None:
    hands.in_dialog(lambda dialog: dialog.reject())
    window.actions_["compact"].trigger()
    assert len(hands.project.acts.ids()) == 1
