"""Accepting all in the project, and undoing it: counted, confirmed, in steps, one undo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtWidgets import QDialog, QMessageBox
from pytestqt.qtbot import QtBot

if TYPE_CHECKING:
    from annotator.project import Project
    from annotator.ui.main_window import MainWindow

Hands = Any  # the class is in conftest.py


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was asked; the answer is yes."""
    texts: list[str] = []

    def question(_parent: object, _title: str, text: str) -> QMessageBox.StandardButton:
        texts.append(text)
        return QMessageBox.StandardButton.Yes

    monkeypatch.setattr(QMessageBox, "question", question)
    return texts


def _project(window: MainWindow) -> Project:
    project = window.session.project
    assert project is not None
    return project


def _spans(window: MainWindow) -> int:
    row = _project(window).db.execute("SELECT count(*) FROM annotations WHERE start IS NOT NULL").fetchone()
    return int(row[0])


def test_all_suggestions_of_the_project_are_accepted_after_a_question_and_undone_at_once(
    window: MainWindow, qtbot: QtBot, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("annotator.project.history.LARGE_ACT", 0)
    before = _spans(window)
    suggested = window.labelling.open_count()
    assert suggested
    window.actions_["accept_project"].trigger()
    qtbot.waitUntil(lambda: _spans(window) >= before + suggested and window.files._task is None)
    assert asked[0].startswith("Accept ")
    assert "One undo takes all of it back." in asked[0]
    assert window.labelling.open_count() == 0
    assert "accepted all" in window.actions_["undo"].text()
    window.actions_["undo"].trigger()
    qtbot.waitUntil(lambda: _spans(window) == before and window.files._task is None)
    assert window.labelling.open_count() == suggested
    window.actions_["redo"].trigger()
    qtbot.waitUntil(lambda: _spans(window) >= before + suggested and window.files._task is None)
    assert window.labelling.open_count() == 0


def test_answering_no_accepts_nothing(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def question(*texts: object) -> QMessageBox.StandardButton:
        asked.append(str(texts[-1]))
        return QMessageBox.StandardButton.No

    monkeypatch.setattr(QMessageBox, "question", question)
    before = _spans(window)
    window.actions_["accept_project"].trigger()
    qtbot.waitUntil(lambda: bool(asked) and window.files._task is None)
    assert _spans(window) == before


def test_nothing_open_is_said_without_a_question(window: MainWindow, qtbot: QtBot, asked: list[str]) -> None:
    window.actions_["accept_project"].trigger()
    qtbot.waitUntil(lambda: bool(asked) and window.files._task is None)
    asked.clear()
    window.actions_["accept_project"].trigger()
    qtbot.waitUntil(lambda: window.notice.text == "No suggestion is open in this project.")
    assert asked == []


def test_one_undo_too_many_asks_before_the_articles_go(hands: Hands, window: MainWindow) -> None:
    hands.caret(0)
    hands.press("W", "Ctrl+Z")
    asked: list[str] = []

    def answer(box: QDialog) -> None:
        assert isinstance(box, QMessageBox)
        assert box.defaultButton() is box.button(QMessageBox.StandardButton.No)
        asked.append(box.informativeText())
        box.defaultButton().click()

    hands.in_dialog(answer)
    hands.press("Ctrl+Z")
    assert asked == ["This takes 4 articles out of the project again. Redo brings them back."]
    assert hands.project.articles.counts()["all"] == 4
