"""The note: one change for what was typed, never lost, never moving the caret."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from annotator.ui.note_panel import NotePanel

# The offscreen platform says so of any window with a layout.
pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints", extend=True)


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    layout = QVBoxLayout(widget)
    layout.addWidget(NotePanel())
    layout.addWidget(QLineEdit())
    widget.resize(300, 300)
    widget.show()
    return widget


@pytest.fixture
def panel(qtbot: QtBot, window: QWidget) -> NotePanel:
    found = window.findChild(NotePanel)
    assert found is not None
    window.activateWindow()
    found.setFocus()
    qtbot.waitUntil(found.edit.hasFocus)
    return found


def changes(panel: NotePanel) -> list[str]:
    heard: list[str] = []
    panel.note_changed.connect(heard.append)
    return heard


def test_typing_is_one_change_after_a_pause(qtbot: QtBot, panel: NotePanel) -> None:
    heard = changes(panel)
    qtbot.keyClicks(panel.edit, "an escape")
    assert heard == []
    qtbot.waitUntil(lambda: bool(heard), timeout=3000)
    assert heard == ["an escape"]


def test_leaving_the_field_is_a_change_at_once(qtbot: QtBot, window: QWidget, panel: NotePanel) -> None:
    heard = changes(panel)
    qtbot.keyClicks(panel.edit, "why")
    other = window.findChild(QLineEdit)
    assert other is not None
    other.setFocus()
    assert heard == ["why"]
    qtbot.wait(700)
    assert heard == ["why"]


def test_flush_emits_only_what_is_waiting(qtbot: QtBot, panel: NotePanel) -> None:
    heard = changes(panel)
    panel.flush()
    qtbot.keyClicks(panel.edit, "why")
    panel.flush()
    panel.set_note("why")  # the owner has stored it
    panel.flush()
    assert heard == ["why"]


def test_what_could_not_be_stored_stays_and_is_offered_again(qtbot: QtBot, panel: NotePanel) -> None:
    heard = changes(panel)
    qtbot.keyClicks(panel.edit, "why")
    panel.flush()
    panel.set_note("")  # what the owner has: the change failed
    assert panel.note() == "why"
    assert panel.pending
    panel.flush()
    assert heard == ["why", "why"]


def test_a_note_is_shown_and_given_back_to_the_letter(panel: NotePanel) -> None:
    heard = changes(panel)
    for note in ("see p.\u00a012 and\u2028next", "one\ntwo", "one\r\ntwo", "e\u0301 🚀"):
        panel.set_note(note)
        panel.flush()
        assert not panel.pending
    assert heard == []


def test_typing_and_taking_back_is_no_change(qtbot: QtBot, panel: NotePanel) -> None:
    heard = changes(panel)
    qtbot.keyClicks(panel.edit, "x")
    qtbot.keyClick(panel.edit, Qt.Key.Key_Backspace)
    panel.flush()
    assert heard == []


def test_showing_a_note_gives_no_signal(qtbot: QtBot, panel: NotePanel) -> None:
    heard = changes(panel)
    panel.set_note("from the project")
    assert panel.note() == "from the project"
    qtbot.wait(700)
    panel.flush()
    assert heard == []


def test_showing_the_same_note_leaves_the_caret(qtbot: QtBot, panel: NotePanel) -> None:
    panel.set_note("from the project")
    cursor = panel.edit.textCursor()
    cursor.setPosition(4)
    panel.edit.setTextCursor(cursor)
    panel.set_note("from the project")
    assert panel.edit.textCursor().position() == 4


def test_a_refresh_does_not_take_away_what_is_being_typed(qtbot: QtBot, panel: NotePanel) -> None:
    heard = changes(panel)
    panel.set_note("old")
    panel.edit.moveCursor(panel.edit.textCursor().MoveOperation.End)
    qtbot.keyClicks(panel.edit, " new")
    panel.set_note("old")  # the project still has the old one
    assert panel.note() == "old new"
    panel.flush()
    assert heard == ["old new"]


def test_tab_leaves_the_field(qtbot: QtBot, window: QWidget, panel: NotePanel) -> None:
    qtbot.keyClick(panel.edit, Qt.Key.Key_Tab)
    assert panel.note() == ""
    assert not panel.edit.hasFocus()


def test_the_field_grows_to_four_lines(qtbot: QtBot, panel: NotePanel) -> None:
    heights = []
    for lines in (1, 2, 4, 9):
        panel.set_note("\n".join("word" for _ in range(lines)))
        heights.append(panel.edit.height())
    assert heights[0] < heights[1] < heights[2] == heights[3]
    panel.set_note("")
    assert panel.edit.height() == heights[0]


def test_html_is_plain_text(panel: NotePanel) -> None:
    panel.set_note("<b>bold</b>")
    assert panel.note() == "<b>bold</b>"


def test_a_project_open_for_reading_takes_no_note(qtbot: QtBot, panel: NotePanel) -> None:
    panel.set_enabled_editing(False)
    qtbot.keyClicks(panel.edit, "x")
    assert panel.note() == ""


def test_what_the_field_asks_is_painted_when_it_can_be_answered(qtbot: QtBot, panel: NotePanel) -> None:
    """Qt keeps the former words on the screen."""

    class Painted(QObject):
        whole = False

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
            if isinstance(event, QPaintEvent) and event.rect() == panel.edit.viewport().rect():
                self.whole = True
            return False

    panel.set_enabled_editing(False)
    panel.ask("Why?")
    qtbot.wait(50)
    painted = Painted()
    panel.edit.viewport().installEventFilter(painted)
    panel.set_enabled_editing(True)
    qtbot.waitUntil(lambda: painted.whole, timeout=1000)
