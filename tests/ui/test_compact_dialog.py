"""Tools > Compact."""

from __future__ import annotations

import time
from functools import partial
from typing import Any

import pytest
from PySide6.QtWidgets import QProgressDialog
from pytestqt.qtbot import QtBot

from annotator.model import StorageError
from annotator.ui.compact_dialog import CompactDialog
from annotator.ui.main_window import MainWindow
from annotator.ui.tasks import begin_step, wait_for_step

Hands = Any  # the class is in conftest.py


def test_it_says_what_goes_and_then_nothing_can_be_redone(
    hands: Hands, window: MainWindow, qtbot: QtBot
) -> None:
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
    qtbot.waitUntil(lambda: window.notice.text.startswith("news is compact: "))
    assert seen[0] == "1 act (3 rows kept for redo) can no longer be redone."
    assert seen[1].endswith(
        "1 act (8 rows) will leave the history and can no longer be undone; what they did stays."
    )
    assert not window.actions_["redo"].isEnabled()
    assert window.actions_["undo"].isEnabled()


def test_old_history_goes_when_asked(hands: Hands, window: MainWindow, qtbot: QtBot) -> None:
    def drop(dialog: Any) -> None:
        dialog.old.click()
        dialog.days.setValue(0)
        dialog.go.click()

    hands.in_dialog(drop)
    window.actions_["compact"].trigger()
    qtbot.waitUntil(lambda: window.notice.text.startswith("news is compact: "))
    assert hands.project.acts.ids() == []
    assert not window.actions_["undo"].isEnabled()
    assert hands.project.articles.count() == 4


def test_cancelling_changes_nothing(hands: Hands, window: MainWindow) -> None:
    hands.in_dialog(lambda dialog: dialog.reject())
    window.actions_["compact"].trigger()
    assert len(hands.project.acts.ids()) == 1


def test_compacting_can_be_cancelled_and_everything_is_as_it_was(
    hands: Hands, window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    from annotator.project import compact

    monkeypatch.setattr(compact, "INSTRUCTIONS", 1)
    monkeypatch.setattr(compact, "_pack", partial(_packing_for_ever, compact._pack))
    hands.in_dialog(lambda dialog: dialog.go.click())
    window.actions_["compact"].trigger()
    qtbot.waitUntil(lambda: any(d.isVisible() for d in window.findChildren(QProgressDialog)))
    assert hands.window.files._task is not None
    window.findChildren(QProgressDialog)[-1].cancel()
    qtbot.waitUntil(lambda: window.notice.text.startswith("Cancelled: the file was not packed."))
    assert hands.project.articles.count() == 4
    assert hands.project.undo() is not None


def _packing_for_ever(pack: Any, project: Any, stop: Any) -> None:
    while not stop():
        time.sleep(0.001)
    pack(project, stop)


def test_the_dialog_counts_once_the_step_beside_it_is_over(window: MainWindow) -> None:
    dialog = CompactDialog(window.session, window)
    over: list[bool] = []

    def step() -> None:
        time.sleep(0.1)
        over.append(True)

    begin_step(step)
    dialog.days.setValue(1)
    assert over
    dialog.deleteLater()


@pytest.mark.parametrize("ends", ["done", "cancelled", "refused"])
def test_a_list_that_is_being_read_gives_way_and_is_completed_afterwards(
    hands: Hands, window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    from annotator.project import article_pages, compact
    from annotator.ui import listing

    def refused(project: Any, stop: Any) -> None:
        raise StorageError("The disk is full.")

    if ends == "refused":
        monkeypatch.setattr(compact, "_pack", refused)
    elif ends == "cancelled":
        monkeypatch.setattr(compact, "INSTRUCTIONS", 1)
        monkeypatch.setattr(compact, "_pack", partial(_packing_for_ever, compact._pack))
    monkeypatch.setattr(article_pages, "PAGE", 1)
    monkeypatch.setattr(listing, "SLICE", 0.0)
    monkeypatch.setattr(listing, "PATIENCE", 0.0)
    ids = window.list.ids()
    ask = CompactDialog.exec

    def exec_(dialog: CompactDialog) -> int:
        answer = ask(dialog)
        window.listing.ask(at_once=True)
        wait_for_step()
        window.listing._look()  # the first page is there, and the statement goes on
        assert window.list.ids() == ids[:1]
        return answer

    monkeypatch.setattr(CompactDialog, "exec", exec_)
    hands.focus(window.pane.view)
    hands.press("W", "Ctrl+Z")
    hands.in_dialog(lambda dialog: dialog.go.click())
    window.actions_["compact"].trigger()
    assert window.listing.running, "it is due"
    assert window.listing._step is None
    if ends == "cancelled":
        qtbot.waitUntil(lambda: any(d.isVisible() for d in window.findChildren(QProgressDialog)))
        window.findChildren(QProgressDialog)[-1].cancel()
    words = {"done": "news is compact: ", "cancelled": "Cancelled: ", "refused": "The disk is full."}[ends]
    qtbot.waitUntil(lambda: window.notice.text.startswith(words))
    assert not window.actions_["redo"].isEnabled()
    qtbot.waitUntil(lambda: not window.listing.running)
    assert window.list.ids() == ids


def test_nothing_is_read_anew_for_what_changed_no_row(
    hands: Hands, window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window.labelling, "follow", lambda change: pytest.fail("the article was read anew"))
    monkeypatch.setattr(window.listing, "ask", lambda **_: pytest.fail("the list was made anew"))
    hands.in_dialog(lambda dialog: dialog.go.click())
    window.actions_["compact"].trigger()
    qtbot.waitUntil(lambda: window.notice.text.startswith("news is compact: "))
