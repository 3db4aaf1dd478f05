"""Large acts taken back at the window, and what is said when the disk is full in the middle of that."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from annotator.model import ArticleInput, StorageError
from annotator.project import Project, history, swapping
from annotator.ui import history_panel
from annotator.ui.main_window import MainWindow

Hands = Any  # the class is in conftest.py

MORE = 30  # articles
FULL = "The disk with news.annot is full. Make room and do it again."


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that 30 articles take many steps."""
    monkeypatch.setattr(history, "LARGE_ACT", 10)
    monkeypatch.setattr(swapping, "_FIRST_STEP", 4)
    monkeypatch.setattr(swapping, "_LEAST_STEP", 4)
    monkeypatch.setattr(swapping, "STEP_SECONDS", 0.0)


@pytest.fixture
def mentions(hands: Hands, window: MainWindow) -> Project:
    """The project with 30 articles more; the first four letters of each are HUMAN, and one actor."""
    project: Project = hands.project
    with project.act("imported more"):
        for number in range(MORE):
            project.articles.add(ArticleInput(f"Putin spoke, {number}", f"Number {number}"))
    project.codebook_editing.add_label("entity", "HUMAN", color="#112233")
    with project.act("labelled all") as act:
        project.db.execute("DELETE FROM annotations WHERE start = 0")
        for article in project.articles.ids():
            project.annotations.put(article, "entity", "HUMAN", 0, 4)
        actor = project.actors.called("Vladimir Putin")
        project.db.execute("UPDATE annotations SET actor = ? WHERE start = 0", [actor])
    window.session.announce(act.change)
    return project


def _states(project: Project) -> list[str]:
    return [act.state for act in project.history.acts(2)]


def _press(hands: Hands, window: MainWindow, qtbot: QtBot, key: str) -> None:
    """Press a key in the article, and wait for the long step that it may have begun."""
    hands.focus(window.pane.view)
    hands.press(key)
    qtbot.waitUntil(lambda: window.files._task is None, timeout=20_000)


@pytest.mark.parametrize("kind", ["actor", "split", "label"])
def test_what_moves_many_annotations_is_undone_redone_and_reverted_at_the_window(
    hands: Hands, window: MainWindow, mentions: Project, qtbot: QtBot, kind: str
) -> None:
    def move(project: Project) -> Any:
        if kind == "actor":
            return project.actors.merge("Putin, V.", "Vladimir Putin")
        if kind == "split":
            return project.actors.split("Vladimir Putin", ["Puti"], "Someone")
        return project.codebook.delete_label("entity", "HUMAN", move_to="PERSON")

    def rows() -> Any:
        return mentions.db.execute(
            "SELECT a.id, labels.name, actors.name FROM annotations a JOIN labels ON labels.id = a.label "
            "LEFT JOIN actors ON actors.id = a.actor ORDER BY a.id"
        ).fetchall()

    before = rows()
    change = window.session.perform(move)
    assert change is not None
    after = rows()
    assert after != before
    said = window.notice.text
    _press(hands, window, qtbot, "Ctrl+Z")
    assert (rows(), _states(mentions)) == (before, ["undone", "done"])
    assert window.statusBar().currentMessage() == f"Undone: {change.text}"
    assert window.notice.text == said  # nothing went wrong
    _press(hands, window, qtbot, "Ctrl+Shift+Z")
    assert (rows(), _states(mentions)) == (after, ["done", "done"])
    panel = _history(window)
    panel.acts.selectRow(panel.acts_model.ids.index(change.act))
    panel.revert()
    qtbot.waitUntil(lambda: panel.words.text().startswith("Done: "), timeout=20_000)
    assert rows() == before


def _history(window: MainWindow) -> history_panel.HistoryDialog:
    window.dialogs.show_history()
    dialog = window.dialogs._history
    assert dialog is not None
    return dialog


@contextmanager
def _full_disk(monkeypatch: pytest.MonkeyPatch, after: int = 4) -> Iterator[None]:
    """No step can be saved after some; the one at hand fails once its rows are written."""
    real, done = swapping.put_images_back, [0]

    def full(project: Project, tables: frozenset[str]) -> None:
        real(project, tables)
        done[0] += 1
        if done[0] > after:
            raise StorageError(FULL)

    with monkeypatch.context() as patch:
        patch.setattr(swapping, "put_images_back", full)
        yield


def _labelled(project: Project) -> int:
    row = project.db.execute('SELECT count(*) FROM annotations WHERE start = 0 AND "end" = 4').fetchone()
    return int(row[0])


def _not_saved(window: MainWindow) -> bool:
    return "last step not saved" in window.status.text


@pytest.mark.parametrize("note", ["", "half typed"])
def test_an_undo_that_was_refused_midway_is_completed_by_the_same_key_and_takes_nothing_else(
    hands: Hands,
    window: MainWindow,
    mentions: Project,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    note: str,
) -> None:
    undo, redo = window.actions_["undo"], window.actions_["redo"]
    labelled = _labelled(mentions)
    with _full_disk(monkeypatch):
        _press(hands, window, qtbot, "Ctrl+Z")
    assert "is full" in window.notice.text
    assert _not_saved(window)
    left = _labelled(mentions)
    assert 0 < left < labelled
    assert len([s for s in window.pane.view.spans() if (s.start, s.end) == (0, 4)]) == len(
        [a for a in mentions.annotations.of(window.labelling.article) if (a.start, a.end) == (0, 4)]
    )  # what is shown is what is there
    assert "labelled all" in undo.text()
    assert "labelled all" in redo.text()
    with _full_disk(monkeypatch, after=0):
        _press(hands, window, qtbot, "Ctrl+Z")
    assert _not_saved(window)
    assert _labelled(mentions) == left
    if note:
        window.note.edit.setPlainText(note)
        window.note._timer.stop()
    _press(hands, window, qtbot, "Ctrl+Z")
    assert _states(mentions) == ["undone", "done"]
    assert _labelled(mentions) == 0
    assert not _not_saved(window)
    assert window.statusBar().currentMessage() == "Undone: labelled all"
    assert "added the label" in undo.text()
    if not note:
        _press(hands, window, qtbot, "Ctrl+Shift+Z")
        assert _labelled(mentions) == labelled


def test_an_act_after_an_undo_that_was_refused_midway_waits_until_that_is_seen(
    hands: Hands, window: MainWindow, mentions: Project, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    with _full_disk(monkeypatch):
        _press(hands, window, qtbot, "Ctrl+Z")
    hands.caret(0)
    hands.press("F")  # flags the article
    assert window.notice.text.startswith("The undo of “labelled all” was not complete. It is now")
    assert not _not_saved(window)
    assert _labelled(mentions) == 0
    assert not [s for s in window.pane.view.spans() if (s.start, s.end) == (0, 4)]
    assert not mentions.articles.progress(window.labelling.article).flagged
    assert "labelled all" in window.actions_["redo"].text()
    hands.press("F")
    assert mentions.articles.progress(window.labelling.article).flagged


def test_no_question_is_asked_twice_about_articles_that_are_half_gone(
    hands: Hands, window: MainWindow, mentions: Project, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def yes(box: QMessageBox) -> QMessageBox.StandardButton:
        asked.append(box.text())
        return QMessageBox.StandardButton.Yes

    monkeypatch.setattr(QMessageBox, "exec", yes)
    _press(hands, window, qtbot, "Ctrl+Z")
    _press(hands, window, qtbot, "Ctrl+Z")
    with _full_disk(monkeypatch):
        _press(hands, window, qtbot, "Ctrl+Z")
    assert "is full" in window.notice.text
    _press(hands, window, qtbot, "Ctrl+Z")
    assert asked == ["Undo “imported more”?"]
    assert mentions.articles.count() == 4
    assert window.list.ids() == [1, 2, 3, 4]


def test_undoing_to_an_act_says_what_was_not_saved_too(
    hands: Hands, window: MainWindow, mentions: Project, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = _history(window)
    with _full_disk(monkeypatch):
        panel.undo_to_here()
        qtbot.waitUntil(lambda: panel._task is None, timeout=20_000)
    assert _not_saved(window)
    assert "labelled all" in window.actions_["undo"].text()
