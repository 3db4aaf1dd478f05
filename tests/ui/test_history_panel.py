"""Edit > History: the list of acts, their rows, and taking acts back."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from annotator.project import open_project
from annotator.project.acts import ActLog
from annotator.ui import patient
from annotator.ui.history_model import STATE, WHAT, WHEN, WHERE, WHO
from annotator.ui.history_panel import HistoryDialog
from annotator.ui.main_window import MainWindow

Hands = Any  # the class is in conftest.py


@pytest.fixture
def worked(hands: Hands) -> Hands:
    """Acts: 1 import, 2 accepted all in Rocket, 3 flagged gyumri, 4 neutral on Brussels."""
    hands.project.annotations.accept_all(1)
    hands.project.articles.set_flagged(2, True)
    hands.project.annotations.add(3, "stance", "neutral")
    return hands


@pytest.fixture
def history(worked: Hands, window: MainWindow, qtbot: QtBot) -> HistoryDialog:
    """The history, opened by its key."""
    worked.focus(window.pane.view)
    worked.press("Ctrl+H")
    dialog = window.findChild(HistoryDialog)
    assert dialog is not None
    qtbot.waitUntil(dialog.isActiveWindow)
    qtbot.waitUntil(dialog.acts.hasFocus)
    return dialog


def column(dialog: HistoryDialog, number: int) -> list[str]:
    model = dialog.acts_model
    return [model.index(row, number).data() for row in range(model.rowCount())]


def rows(dialog: HistoryDialog) -> list[tuple[str, ...]]:
    model = dialog.rows_model
    return [tuple(model.index(row, c).data() for c in range(4)) for row in range(model.rowCount())]


def choose(dialog: HistoryDialog, act: int) -> None:
    dialog.acts.selectRow(dialog.acts_model.ids.index(act))


def press(widget: Any, key: Qt.Key) -> None:
    QTest.keyClick(widget, key)


def test_the_key_lists_all_acts_and_shows_the_rows_of_the_newest(history: HistoryDialog) -> None:
    assert column(history, WHAT) == [
        "set neutral",
        "flagged",
        "accepted all 4 suggestions",
        "imported 4 articles",
    ]
    assert column(history, WHO) == ["anna"] * 4
    assert column(history, WHERE) == ["Brussels", "gyumri", "Rocket", ""]
    assert all(len(when) == len("2026-02-24 09:05:00") for when in column(history, WHEN))
    assert ("annotation", "Brussels", "not there", "stance neutral, whole article, anna") in rows(history)


def test_arrows_walk_the_acts_and_f6_the_parts(history: HistoryDialog) -> None:
    press(history.acts, Qt.Key.Key_Down)
    assert rows(history) == [("progress entry", "gyumri", "not there", "todo, flagged (anna)")]
    press(history.acts, Qt.Key.Key_End)
    assert {row[0] for row in rows(history)} == {"article"}
    press(history.acts, Qt.Key.Key_F6)
    assert history.rows.hasFocus()
    press(history.rows, Qt.Key.Key_F6)
    assert history.search.hasFocus()


def test_a_search_and_an_article_narrow_the_list(history: HistoryDialog, window: MainWindow) -> None:
    history.search.setText("FLAG")
    press(history.search, Qt.Key.Key_Return)
    assert column(history, WHAT) == ["flagged"]
    assert history.acts.hasFocus()
    history.search.setText("nothing like it")
    press(history.search, Qt.Key.Key_Return)
    assert history._empty.isVisible()
    assert history._empty.text() == "No act fits. Clear the search or the filters."
    assert rows(history) == []
    assert not history.revert_button.isEnabled()
    history.search.clear()
    history.here.setChecked(True)
    assert column(history, WHAT) == ["accepted all 4 suggestions", "imported 4 articles"]
    window.show_article(2)
    history.refresh()
    assert column(history, WHAT) == ["flagged", "imported 4 articles"]


def test_the_list_can_be_narrowed_to_one_annotator(history: HistoryDialog, worked: Hands) -> None:
    worked.window.session.rename_annotator("ben")
    worked.window.session.perform(lambda project: project.articles.set_flagged(4, True))
    assert [history.who.itemText(n) for n in range(history.who.count())] == ["All annotators", "anna", "ben"]
    history.who.setCurrentIndex(2)
    history.who.activated.emit(2)
    assert column(history, WHO) == ["ben"]


def test_reverting_an_act_takes_it_back_and_the_window_shows_it(
    history: HistoryDialog, worked: Hands
) -> None:
    choose(history, 3)
    history.revert_button.click()
    assert not worked.project.articles.progress(2).flagged
    assert column(history, WHAT)[0] == "reverted: flagged"
    assert history.current().id == 5  # type: ignore[union-attr]
    assert history.words.text().startswith("Done: reverted: flagged.")
    assert "reverted: flagged" in worked.window.actions_["undo"].text()


def test_what_is_in_the_way_of_a_revert_is_shown_and_nothing_changes(
    history: HistoryDialog, worked: Hands, window: MainWindow
) -> None:
    worked.project.articles.set_note(2, "<b>later</b>")
    history.refresh()
    choose(history, 3)
    history.revert_button.click()
    assert "its row was changed since" in history.words.text()
    assert history.rows_model.headerData(2, Qt.Orientation.Horizontal) == "As this act left it"
    assert rows(history) == [
        (
            "progress entry",
            "gyumri",
            "todo, flagged (anna)",
            "todo, flagged, note “<b>later</b>” (anna)",
        )
    ]
    assert worked.project.articles.progress(2).note == "<b>later</b>"
    choose(history, 2)
    assert history.rows_model.headerData(2, Qt.Orientation.Horizontal) == "Before"


def test_a_refusal_without_rows_is_said_in_words(history: HistoryDialog, worked: Hands) -> None:
    choose(history, 1)
    history.revert_button.click()
    assert "of other acts rest on what it added" in history.words.text()
    assert worked.project.articles.count() == 4


def test_undo_to_here_asks_once_and_can_be_redone(
    history: HistoryDialog, worked: Hands, qtbot: QtBot
) -> None:
    asked: list[str] = []

    def answer(dialog: Any) -> None:
        assert isinstance(dialog, QMessageBox)
        asked.append(dialog.text())
        assert dialog.icon() == QMessageBox.Icon.Question
        dialog.defaultButton().click()

    choose(history, 2)
    worked.in_dialog(answer)
    history.undo_button.click()
    qtbot.waitUntil(lambda: column(history, STATE) == ["undone", "undone", "undone", ""])
    assert asked == ["Undo 3 acts, back to before “accepted all 4 suggestions”?"]
    assert worked.project.annotations.of(1) == []
    assert not history.undo_button.isEnabled()
    assert history.words.text() == "Undone: 3 acts. Redo in the window does them again."
    grey = history.acts_model.index(0, WHAT).data(Qt.ItemDataRole.ForegroundRole)
    assert grey is not None
    assert history.acts_model.index(3, WHAT).data(Qt.ItemDataRole.ForegroundRole) is None
    for _ in range(3):
        worked.project.redo()
    assert len(worked.project.annotations.of(1)) == 4


def test_undo_to_here_can_be_declined(history: HistoryDialog, worked: Hands) -> None:
    choose(history, 2)
    worked.in_dialog(lambda dialog: dialog.reject())
    history.undo_button.click()
    assert column(history, STATE) == [""] * 4


def test_enter_opens_the_article_of_an_act_and_of_a_row(
    history: HistoryDialog, window: MainWindow, qtbot: QtBot
) -> None:
    choose(history, 4)
    press(history.acts, Qt.Key.Key_Return)
    assert window.labelling.article == 3
    qtbot.waitUntil(window.isActiveWindow)
    choose(history, 1)
    history.rows.selectRow(1)
    press(history.rows, Qt.Key.Key_Return)
    assert window.labelling.article == 2


def test_an_act_about_no_article_that_is_there_says_so(history: HistoryDialog, worked: Hands) -> None:
    with worked.project.act("imported more"):
        worked.project.codebook.ensure("entity", "SHIP", whole_article=False)
    history.refresh()
    history.acts.selectRow(0)
    press(history.acts, Qt.Key.Key_Return)
    assert history.words.text() == "This is about no article that is in the project now."


def test_esc_closes_it_and_another_act_is_listed_when_it_opens_again(
    history: HistoryDialog, worked: Hands, window: MainWindow, qtbot: QtBot
) -> None:
    press(history.acts, Qt.Key.Key_Escape)
    assert not history.isVisible()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    worked.focus(window.pane.view)
    worked.press("F")
    assert column(history, WHAT)[0] == "set neutral"  # nobody looks: nothing is read
    worked.press("Ctrl+H")
    assert column(history, WHAT)[0] == "flagged"


def test_an_act_in_the_window_appears_in_the_open_history(history: HistoryDialog, worked: Hands) -> None:
    worked.window.session.perform(lambda project: project.articles.set_flagged(4, True))
    assert column(history, WHERE)[0] == "Kyiv"
    assert history.current().id == 4  # type: ignore[union-attr]


def test_a_note_that_is_being_typed_is_an_act_before_anything_is_taken_back(
    history: HistoryDialog, window: MainWindow, worked: Hands
) -> None:
    window.note.edit.setPlainText("half a")
    choose(history, 3)
    history.revert_button.click()
    assert column(history, WHAT)[:2] == ["reverted: flagged", "changed the note"]


def test_a_project_open_for_reading_has_a_history_but_no_way_back(
    worked: Hands, window: MainWindow, qtbot: QtBot
) -> None:
    path = worked.project.path
    window.session.close()
    with open_project(path, annotator="ben"):
        assert window.open(path)
        assert not window.session.writable
        window.dialogs.show_history()
        dialog = window.findChild(HistoryDialog)
        assert dialog is not None
        assert len(column(dialog, WHAT)) == 4
        assert rows(dialog)
        assert not dialog.revert_button.isEnabled()
        assert not dialog.undo_button.isEnabled()
        assert dialog.go_button.isEnabled()


def test_another_project_closes_the_history_of_this_one(
    history: HistoryDialog, window: MainWindow, tmp_path: Any
) -> None:
    assert window.session.create(tmp_path / "other.annot")
    assert not history.isVisible()
    window.dialogs.show_history()
    assert history._empty.text().startswith("Nothing has been done in this project yet.")
    assert history._empty.isVisible()
    QApplication.processEvents()


def test_only_rows_in_sight_are_fetched(history: HistoryDialog, worked: Hands, monkeypatch: Any) -> None:
    project = worked.project
    with project.history.transaction():
        project.db.conn.executemany(
            "INSERT INTO acts VALUES (?, 'anna', 'flagged', 1, '2026-01-01T00:00:00.000Z', 'done', 1)",
            ((n,) for n in range(10, 20_010)),
        )
    asked: list[int] = []
    real = history._entries
    monkeypatch.setattr(history.acts_model, "_entries_for", lambda ids: asked.append(len(ids)) or real(ids))
    history.refresh()
    history.grab()
    press(history.acts, Qt.Key.Key_End)
    history.grab()
    assert history.current().id == 1  # type: ignore[union-attr]
    assert sum(asked) <= 64 * 6


def test_a_project_that_is_closed_while_acts_are_undone_keeps_each_of_them_whole(
    history: HistoryDialog, window: MainWindow, worked: Hands, qtbot: QtBot, tmp_path: Any
) -> None:
    path = worked.project.path
    for number in range(60):
        worked.project.articles.set_note(1, f"note {number}")
    history.refresh()
    choose(history, 2)
    worked.in_dialog(lambda dialog: dialog.defaultButton().click())
    history.undo_button.click()
    assert history._task is not None
    qtbot.waitUntil(lambda: worked.project.history.next() is not None)
    assert window.session.create(tmp_path / "other.annot")
    assert history._task is None
    with open_project(path, annotator="anna") as project:
        last, following = project.history.last(), project.history.next()
        assert last is not None
        assert following is not None
        assert following.id == last.id + 1


def test_after_a_large_revert_the_history_is_read_once_and_in_a_turn_of_its_own(
    hands: Hands, window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("annotator.project.history.LARGE_ACT", 0)
    hands.caret(0)
    hands.press("W")
    window.dialogs.show_history()
    dialog = window.dialogs._history
    assert dialog is not None
    turns: list[str] = []
    refresh = dialog._refresh
    window.session.changed.connect(lambda _: (turns.append("window"), QTimer.singleShot(0, turn)))

    def turn() -> None:
        turns.append("turn")

    def counted(before: object) -> None:
        turns.append("history")
        refresh(before)  # type: ignore[arg-type]

    monkeypatch.setattr(dialog, "_refresh", counted)
    dialog.revert()
    qtbot.waitUntil(lambda: dialog.words.text().startswith("Done: "))
    assert turns.count("history") == 1
    assert turns.index("window") < turns.index("turn") < turns.index("history")
    assert hands.labelled() == []


def test_rows_that_take_their_time_come_later_and_leave_what_was_answered_meanwhile(
    history: HistoryDialog, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, changes = threading.Event(), ActLog.changes

    def read_from_a_slow_disk(self: ActLog, *args: Any, **named: Any) -> Any:
        slow.wait(10)
        return changes(self, *args, **named)

    monkeypatch.setattr(ActLog, "changes", read_from_a_slow_disk)
    monkeypatch.setattr(patient, "PATIENCE", 0.01)
    choose(history, 2)
    assert rows(history) == []  # those of the act before would be taken for its own
    history._say("Done.")
    slow.set()
    qtbot.waitUntil(lambda: len(rows(history)) > 3)
    assert history.words.text() == "Done."
    choose(history, 3)
    qtbot.waitUntil(lambda: len(rows(history)) == 1)
    assert history.words.text() == "What it changed:"
