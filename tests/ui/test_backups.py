"""Backups, copies and restoring through the window."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QFileDialog
from pytestqt.qtbot import QtBot

from annotator.project import backup as backup_module
from annotator.project import create_project, open_project
from annotator.project.backup import backup_files, make_backup
from annotator.ui import backups
from annotator.ui.backups import RestoreDialog
from annotator.ui.main_window import MainWindow
from annotator.ui.settings import Settings

Hands = Any  # the class is in conftest.py


def backed_up(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not window.backups.running, timeout=10_000)


def answer(monkeypatch: pytest.MonkeyPatch, path: Path | None) -> list[str]:
    """Let the next file dialogs answer ``path``; what they proposed is returned."""
    proposed: list[str] = []

    def ask(parent: object, title: str, proposal: str, *rest: object) -> tuple[str, str]:
        proposed.append(proposal)
        return (str(path) if path else "", "")

    monkeypatch.setattr(QFileDialog, "getSaveFileName", ask)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", ask)
    return proposed


def test_opening_a_project_backs_it_up_and_opening_it_again_does_not(
    window: MainWindow, project_file: Path, qtbot: QtBot
) -> None:
    backed_up(window, qtbot)
    (made,) = backup_files(project_file).values()
    assert window.open(project_file)
    backed_up(window, qtbot)
    assert list(backup_files(project_file).values()) == [made]
    assert window.notice.isHidden()


def test_it_can_be_switched_off_for_good(
    window: MainWindow, project_file: Path, qtbot: QtBot, new_window: Callable[..., MainWindow]
) -> None:
    backed_up(window, qtbot)
    action = window.actions_["backups"]
    assert action.isChecked()
    action.trigger()
    assert not action.isChecked()
    window.session.perform(lambda project: project.articles.set_note(1, "new"))
    window.close()
    another = new_window(project_file)
    assert not another.actions_["backups"].isChecked()
    assert not another.backups.running
    assert len(backup_files(project_file)) == 1
    another.actions_["backups"].trigger()
    backed_up(another, qtbot)
    assert len(backup_files(project_file)) == 2
    assert Settings().number("backups", 1) == 1


def test_a_project_open_for_reading_is_not_backed_up(
    new_window: Callable[..., MainWindow], project_file: Path, no_worker: None
) -> None:
    with open_project(project_file):
        window = new_window(project_file)
        assert not window.session.writable
        assert not window.backups.running
    assert not backup_files(project_file)


def test_a_backup_opened_as_a_project_is_only_read_and_the_window_says_how_to_go_on(
    new_window: Callable[..., MainWindow], project_file: Path, no_worker: None
) -> None:
    made = make_backup(project_file)
    assert made is not None
    window = new_window(made)
    assert not window.session.writable
    assert "is a backup, so it can only be read. Restore it into a new file" in window.notice.text


def test_a_backup_that_fails_is_said(
    new_window: Callable[..., MainWindow], project_file: Path, no_worker: None, qtbot: QtBot
) -> None:
    (project_file.parent / "backups").write_text("in the way")
    window = new_window(project_file)
    backed_up(window, qtbot)
    assert "There is no backup of the present state" in window.notice.text
    window.session.perform(lambda project: project.articles.set_note(1, "work goes on"))
    assert window.session.project is not None
    assert window.session.project.articles.progress(1).note == "work goes on"


def test_closing_the_window_ends_a_backup(window: MainWindow, project_file: Path) -> None:
    window.backups.start()
    window.close()
    assert not window.backups.running
    assert [p.name for p in project_file.parent.glob("backups/*.part")] == []


def test_a_copy_is_saved_while_work_goes_on(
    window: MainWindow, project_file: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = project_file.with_name("for ben.annot")
    proposed = answer(monkeypatch, target)
    with qtbot.waitSignal(window.session.notified, timeout=10_000):
        window.actions_["copy"].trigger()
        window.session.perform(lambda project: project.articles.set_note(1, "meanwhile"))
    assert proposed == [str(project_file.with_name("news copy.annot"))]
    assert f"Copied to {target}" in window.notice.text
    with open_project(target) as copy:
        assert copy.articles.count() == 4


def test_a_copy_replaces_a_file_that_the_dialog_asked_about(
    window: MainWindow, project_file: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = project_file.with_name("old.annot")
    target.write_text("old")
    answer(monkeypatch, target)
    with qtbot.waitSignal(window.session.notified, timeout=10_000):
        window.actions_["copy"].trigger()
    with open_project(target) as copy:
        assert copy.articles.count() == 4


def test_the_project_itself_is_refused_as_its_copy(
    window: MainWindow, project_file: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, project_file)
    with qtbot.waitSignal(window.session.failed, timeout=10_000):
        window.actions_["copy"].trigger()
    assert "the project itself" in window.notice.text


@pytest.fixture
def two_backups(window: MainWindow, project_file: Path, qtbot: QtBot) -> list[Path]:
    """The window's project with two backups: before and after a note; then more was done."""
    backed_up(window, qtbot)
    window.session.perform(lambda project: project.articles.set_note(1, "second"))
    make_backup(project_file)
    window.session.perform(lambda project: project.articles.set_note(1, "third"))
    newest, oldest = backup_files(project_file).values()
    return [newest, oldest]


def test_a_backup_is_chosen_by_keys_restored_into_a_new_file_and_opened(
    hands: Hands,
    window: MainWindow,
    project_file: Path,
    two_backups: list[Path],
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    target = project_file.with_name("again.annot")
    proposed = answer(monkeypatch, target)
    seen: list[list[str]] = []
    paths: list[Path | None] = []

    def choose(dialog: RestoreDialog) -> None:
        table = dialog.table
        for row in range(table.rowCount()):
            seen.append([table.item(row, column).text() for column in range(1, table.columnCount())])
        focus = dialog.focusWidget()
        QTest.keyClick(focus, Qt.Key.Key_Down)
        chosen = dialog.chosen()
        paths.append(chosen.path if chosen is not None else None)
        QTest.keyClick(focus, Qt.Key.Key_Return)
        if dialog.isVisible():
            dialog.reject()

    hands.in_dialog(choose)
    with qtbot.waitSignal(window.session.opened, timeout=10_000):
        window.actions_["restore"].trigger()
    assert paths == [two_backups[1]]
    assert [row[:3] for row in seen] == [["4", "0", "0"], ["4", "0", "0"]]
    assert "note" in seen[0][-1]
    assert seen[1][-1] == "imported 4 articles"
    assert "news restored 2" in proposed[0]
    assert window.session.project is not None
    assert window.session.project.path == target
    assert window.session.project.articles.progress(1).note == ""
    assert f"Restored into {target}" in window.notice.text
    with open_project(project_file, annotator="anna") as old:
        assert old.articles.progress(1).note == "third"


def test_without_backups_the_dialog_says_so_and_shows_those_of_another_project(
    window: MainWindow,
    project_file: Path,
    two_backups: list[Path],
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dialog = RestoreDialog(None, window)
    qtbot.addWidget(dialog)
    assert not dialog.restore_button.isEnabled()
    dialog.accept()
    assert dialog.result() == RestoreDialog.DialogCode.Rejected
    dialog.show_project(project_file.with_name("other.annot"))
    assert "no backups of other.annot" in dialog._words.text()
    answer(monkeypatch, project_file)
    dialog.other_button.click()
    assert dialog.table.rowCount() == 2
    assert dialog.restore_button.isEnabled()
    assert dialog.table.accessibleName() == "Backups"
    for column in range(dialog.table.columnCount()):  # a head stands as what is below it
        head, cell = dialog.table.horizontalHeaderItem(column), dialog.table.item(0, column)
        to_the_right = {bool(i.textAlignment() & Qt.AlignmentFlag.AlignRight) for i in (head, cell)}
        assert to_the_right == {1 <= column <= 4}


def test_a_damaged_projects_backups_can_be_restored(
    new_window: Callable[..., MainWindow], project_file: Path, no_worker: None, qtbot: QtBot
) -> None:
    make_backup(project_file)
    data = bytearray(project_file.read_bytes())
    data[100:4096] = bytes(3996)
    project_file.write_bytes(data)
    window = new_window()
    assert not window.open(project_file)
    assert window.actions_["restore"].isEnabled()
    dialog = RestoreDialog(project_file, window)
    qtbot.addWidget(dialog)
    assert dialog.table.rowCount() == 1
    assert dialog.chosen() is not None


def test_file_restore_shows_the_backups_of_the_project_that_could_not_be_opened(
    window: MainWindow, project_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.annot"
    create_project(other).close()
    make_backup(other)
    other.write_bytes(b"")
    shown: list[Path | None] = []

    def exec_(dialog: RestoreDialog) -> int:
        shown.append(dialog.project)
        return QDialog.DialogCode.Rejected

    monkeypatch.setattr(RestoreDialog, "exec", exec_)
    said: list[str] = []
    window.session.failed.connect(said.append)
    assert not window.open(other)
    assert "other.annot is damaged: it is empty. Its newest backup is backups/other-" in said[0]
    window.actions_["restore"].trigger()
    assert window.open(project_file)
    window.actions_["restore"].trigger()
    assert shown == [other, project_file]


def test_the_backups_are_read_beside_the_window(
    window: MainWindow,
    project_file: Path,
    two_backups: list[Path],
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    go_on = threading.Semaphore(0)
    read = backup_module.read_backup

    def waiting(made: Any, path: Path) -> Any:
        assert go_on.acquire(timeout=10)
        return read(made, path)

    monkeypatch.setattr(backup_module, "read_backup", waiting)
    monkeypatch.setattr(backups, "PATIENCE", 0.0)
    dialog = RestoreDialog(project_file, window)
    qtbot.addWidget(dialog)
    assert dialog.table.rowCount() == 0
    assert dialog._words.text() == "Reading the backups of news.annot…"
    assert not dialog.restore_button.isEnabled()
    go_on.release()
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 1)
    assert dialog._words.text().endswith("Read so far: 1 of 2.")
    assert dialog.restore_button.isEnabled()
    go_on.release()
    qtbot.waitUntil(lambda: dialog.table.rowCount() == 2)
    qtbot.waitUntil(lambda: dialog._words.text().endswith("the project stays as it is."))
