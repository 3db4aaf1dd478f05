"""Acts on actors with very many mentions: stepped, with progress, a cancel and one undo; counted beside."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLineEdit, QProgressDialog
from pytestqt.qtbot import QtBot

from annotator.model import Actor, ArticleInput
from annotator.project import actors as actors_module
from annotator.project import create_project, history
from annotator.ui import actor_acts, patient, tasks
from annotator.ui.actors_dialog import ActorsDialog
from annotator.ui.actors_model import ARTICLES, MENTIONS, NAME
from annotator.ui.main_window import MainWindow

from .conftest import Hands

MANY = 60


@pytest.fixture
def project_file(tmp_path: Path) -> Path:
    """Two actors: one with sixty mentions in twelve articles, one with one."""
    path = tmp_path / "busy.annot"
    with create_project(path, annotator="anna") as project:
        with project.act("imported"):
            for number in range(MANY // 5):
                project.articles.add(
                    ArticleInput("Kyiv 🚀 Kiev Kyiv Kiev Kyiv Kyiv Odesa", f"Number {number}")
                )
            project.actors.ensure(Actor("u1", "Kyiv", "GPE", None, ("Kiev",)))
            project.actors.ensure(Actor("u2", "Odesa", "GPE", "West", ()))
        for article in project.articles.ids():
            for start in (0, 7, 12, 17, 22):
                annotation = project.annotations
                annotation.add(article, "entity", "GPE", start, start + 4)
        project.db.execute("UPDATE annotations SET actor = (SELECT id FROM actors WHERE name = 'Kyiv')")
        project.db.conn.commit()
        project.history.begin_here()
    return path


@pytest.fixture(autouse=True)
def _steps_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixty mentions are many, and each is a step."""
    monkeypatch.setattr(actors_module, "LARGE_ACT", 20)
    monkeypatch.setattr(history, "LARGE_ACT", 20)
    monkeypatch.setattr(actors_module, "_AT_ONCE", 1)
    monkeypatch.setattr(tasks, "SLICE", 0.0)


@pytest.fixture
def dialog(hands: Hands, window: MainWindow, qtbot: QtBot) -> ActorsDialog:
    hands.press("Ctrl+Shift+L")
    shown = window.actors._dialog
    assert shown is not None
    qtbot.waitUntil(shown.isVisible)
    return shown


def rows(dialog: ActorsDialog) -> list[tuple[str, str, str]]:
    cells = [(NAME, MENTIONS, ARTICLES)]
    model = dialog.model
    return [
        tuple(model.index(row, column).data() for column in columns)  # type: ignore[misc]
        for row in range(model.rowCount())
        for columns in cells
    ]


def type_in(hands: Hands, text: str) -> None:
    """Type over what stands in the next dialog's field, and press Enter."""

    def act(asked: QDialog) -> None:
        field = asked.findChild(QLineEdit)
        assert field is not None
        field.selectAll()
        QTest.keyClicks(field, text)
        QTest.keyClick(field, Qt.Key.Key_Return)

    hands.in_dialog(act)


def at_it(window: MainWindow, title: str) -> QProgressDialog:
    """Return the progress of the long step that goes on."""
    assert window.files._task is not None
    assert window.files._task.title == title
    return next(d for d in window.findChildren(QProgressDialog) if d.windowTitle() == title)


def over(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: window.files._task is None)


def test_merging_a_busy_actor_goes_on_beside_the_window_and_is_one_undo(
    dialog: ActorsDialog, hands: Hands, window: MainWindow, qtbot: QtBot
) -> None:
    before = rows(dialog)
    assert before == [("Kyiv", "60", "12"), ("Odesa", "0", "0")]
    type_in(hands, "odesa")
    QTest.mouseClick(dialog.merge_button, Qt.MouseButton.LeftButton)
    progress, seen = at_it(window, "Merging"), set()
    while window.files._task is not None:
        qtbot.wait(1)
        seen.add(progress.labelText() if window.files._task is not None else "")
    assert any(words.endswith(" of 60") for words in seen)
    qtbot.waitUntil(lambda: rows(dialog) == [("Odesa", "60", "12")])
    current = dialog.current()
    assert current is not None
    assert current.name == "Odesa"
    assert "takes it back" in dialog.words.text()
    assert window.statusBar().currentMessage().startswith("Merged the actor “Kyiv” into “Odesa”.")

    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    QTest.keyClick(dialog, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    over(window, qtbot)
    qtbot.waitUntil(lambda: rows(dialog) == before)
    assert hands.project.history.last() is None
    window.redo()
    over(window, qtbot)
    qtbot.waitUntil(lambda: rows(dialog) == [("Odesa", "60", "12")])


@pytest.mark.parametrize("button", ["merge_button", "split_button"])
def test_a_cancelled_act_leaves_the_actors_as_they_were(
    dialog: ActorsDialog, hands: Hands, window: MainWindow, qtbot: QtBot, button: str
) -> None:
    before = rows(dialog), hands.project.actors.all()
    type_in(hands, "odesa" if button == "merge_button" else "Kiev itself")
    QTest.mouseClick(getattr(dialog, button), Qt.MouseButton.LeftButton)
    progress = at_it(window, "Merging" if button == "merge_button" else "Splitting")
    qtbot.waitUntil(lambda: progress.value() > 3)
    progress.cancel()
    over(window, qtbot)
    assert (rows(dialog), hands.project.actors.all()) == before
    assert dialog.words.text() == "Cancelled: no actor was changed."
    assert window.notice.text == "Cancelled: no actor was changed."
    assert hands.project.history.last() is None
    # What comes next is chosen as ever.
    dialog.rename_button.setFocus()
    type_in(hands, "Kyjiw")
    QTest.mouseClick(dialog.rename_button, Qt.MouseButton.LeftButton)
    assert rows(dialog)[0] == ("Kyjiw", "60", "12")


def test_splitting_a_name_off_a_busy_actor(
    dialog: ActorsDialog, hands: Hands, window: MainWindow, qtbot: QtBot
) -> None:
    type_in(hands, "Kiev itself")
    QTest.mouseClick(dialog.split_button, Qt.MouseButton.LeftButton)
    at_it(window, "Splitting")
    over(window, qtbot)
    qtbot.waitUntil(
        lambda: rows(dialog) == [("Kiev itself", "24", "12"), ("Kyiv", "36", "12"), ("Odesa", "0", "0")]
    )
    window.undo()
    over(window, qtbot)
    qtbot.waitUntil(lambda: rows(dialog) == [("Kyiv", "60", "12"), ("Odesa", "0", "0")])
    assert hands.project.db.execute("PRAGMA foreign_key_check").fetchall() == []


def test_a_name_is_taken_from_a_busy_actor_in_steps(
    hands: Hands, window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actor_acts, "choose", lambda *_, **__: "Odesa")
    window.actors.assign_name("Kiev", "Odesa")
    at_it(window, "Assigning")
    over(window, qtbot)
    mentions = {row.actor.name: row.mentions for row in hands.project.actors.rows()}
    assert mentions == {"Kyiv": 36, "Odesa": 24}
    window.undo()
    over(window, qtbot)
    mentions = {row.actor.name: row.mentions for row in hands.project.actors.rows()}
    assert mentions == {"Kyiv": 60, "Odesa": 0}


def test_mentions_that_take_long_to_count_come_later(
    hands: Hands, window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patient, "PATIENCE", 0.0)
    hands.press("Ctrl+Shift+L")
    dialog = window.actors._dialog
    assert dialog is not None
    assert rows(dialog) == [("Kyiv", "…", "…"), ("Odesa", "…", "…")]
    assert dialog.counting.running
    qtbot.waitUntil(lambda: not dialog.counting.running)
    assert rows(dialog) == [("Kyiv", "60", "12"), ("Odesa", "0", "0")]
    # What was counted stands until it is counted again, and a name needs no counting at all.
    window.session.perform(lambda project: project.annotations.remove(1))
    assert rows(dialog)[0] == ("Kyiv", "60", "12")
    qtbot.waitUntil(lambda: rows(dialog)[0] == ("Kyiv", "59", "12"))
    window.session.perform(lambda project: project.actors.rename("Kyiv", "Kyjiw"))
    assert not dialog.counting.running
    assert rows(dialog)[0] == ("Kyjiw", "59", "12")
    window.session.perform(lambda project: project.annotations.remove(2))
    window.session.close()  # while it counts
    assert not dialog.counting.running


def test_the_history_is_listed_beside_the_window(
    hands: Hands, window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        window.session.perform(lambda project, n=number: project.articles.set_flagged(1 + n, True))
    monkeypatch.setattr(patient, "PATIENCE", 0.0)
    window.dialogs.show_history()
    history = window.dialogs._history
    assert history is not None
    assert history.listing.running
    qtbot.waitUntil(lambda: not history.listing.running)
    assert history.acts_model.rowCount() == 5
    history.acts.selectRow(3)
    chosen = history.current()
    history.refresh()
    history.refresh()  # as after two acts, one upon the other
    qtbot.waitUntil(lambda: not history.listing.running)
    assert history.current() == chosen
    history.search.setText("nothing like it")
    qtbot.waitUntil(lambda: history.acts_model.rowCount() == 0)
    history.refresh()
    window.session.close()  # while it is listed
    assert not history.listing.running
