"""Getting articles in and annotations out through the window."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QMessageBox,
    QPlainTextEdit,
    QProgressDialog,
    QWidget,
)
from pytestqt.qtbot import QtBot

from annotator.formats import ImportProgress
from annotator.project import Project, create_project, open_project
from annotator.ui import files
from annotator.ui.dialogs import ExportDialog, PasteDialog
from annotator.ui.main_window import MainWindow

Hands = Any  # the class is in conftest.py


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two articles, a file that is no text, and one of another kind."""
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "a.txt").write_text("First article\n\nYerevan is warm.", encoding="utf-8")
    (folder / "b.txt").write_text("Second article\n\nKyiv is cold.", encoding="utf-8")
    (folder / "broken.txt").write_bytes(bytes(range(256)) * 40)
    (folder / "picture.png").write_bytes(b"\x89PNG")
    return folder


def drop(window: MainWindow, place: QWidget, *paths: Path) -> None:
    """Drop files where ``place`` is, as Qt would: on the first widget from there up that takes drops."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    target: QWidget | None = place
    while target is not None and not target.acceptDrops():
        target = target.parentWidget()
    assert target is window
    arguments = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    enter = QDragEnterEvent(QPoint(50, 50), *arguments)
    QApplication.sendEvent(target, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(target, QDropEvent(QPointF(50, 50), *arguments))


def test_a_dropped_folder_is_imported_and_what_failed_is_named(
    hands: Hands, window: MainWindow, folder: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(window.files.imported):
        drop(window, window.pane.view.viewport(), folder)
    assert window.list.ids() == [1, 2, 3, 4, 5, 6]
    assert window.notice.text.startswith("2 articles imported.")
    assert "1 file of other kinds passed over" in window.notice.text
    assert "broken.txt" in window.notice.text
    assert window.labelling.article == 1  # the work that was going on goes on
    hands.press("Ctrl+Z")
    assert window.list.ids() == [1, 2, 3, 4]


def test_files_can_be_dropped_on_every_part(window: MainWindow, folder: Path, qtbot: QtBot) -> None:
    places = [
        window.note.edit.viewport(),
        window.list.search_field,
        window.list.table.viewport(),
        window.spans.tree.viewport(),
        window.stance,
    ]
    for place in places:
        with qtbot.waitSignal(window.files.imported):
            drop(window, place, folder / "a.txt")
    assert window.note.note() == window.list.search_field.text() == ""
    assert window.list.ids() == [1, 2, 3, 4, 5]
    assert "1 known already" in window.notice.text


def test_text_that_is_dropped_is_no_file(window: MainWindow) -> None:
    data = QMimeData()
    data.setText("words")
    event = QDragEnterEvent(
        QPoint(5, 5),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    event.ignore()
    QApplication.sendEvent(window, event)
    assert not event.isAccepted()


def test_a_dropped_project_is_opened(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    create_project(tmp_path / "second.annot").close()
    drop(window, window.pane, tmp_path / "second.annot")
    qtbot.waitUntil(lambda: window.windowTitle() == "second – Annotator")
    assert window.list.ids() == []


def test_importing_a_folder_by_menu(
    window: MainWindow, folder: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    with qtbot.waitSignal(window.files.imported):
        window.actions_["import_folder"].trigger()
    assert len(window.list.ids()) == 6
    assert window.session.settings.text("folder") == str(folder)


def test_the_first_import_opens_its_first_article(
    new_window: Callable[..., MainWindow], tmp_path: Path, folder: Path, qtbot: QtBot, no_worker: None
) -> None:
    window = new_window()
    assert window.session.create(tmp_path / "fresh.annot")
    assert window.labelling.article == 0
    with qtbot.waitSignal(window.files.imported):
        window.files.import_paths([folder / "a.txt"])
    qtbot.waitUntil(lambda: window.pane.title.text() == "First article")
    assert window.pane.view.text == "First article\n\nYerevan is warm."


def test_a_cancelled_import_adds_nothing(
    hands: Hands, window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    many = tmp_path / "many"
    many.mkdir()
    for number in range(400):
        (many / f"{number}.txt").write_text(f"Article {number}\n\nSome words.", encoding="utf-8")
    window.files.import_paths([many])
    dialog = window.findChild(QProgressDialog)
    qtbot.waitUntil(lambda: dialog.value() > 0 and hands.project.articles.count() > 4, timeout=20000)
    dialog.cancel()
    qtbot.waitUntil(lambda: "cancelled" in window.notice.text)
    assert hands.project.articles.count() == 4
    assert window.list.ids() == [1, 2, 3, 4]
    assert hands.project.history.last().text == "imported 4 articles"
    hands.caret(0)
    hands.press("W")  # and the next act is possible
    assert hands.labelled() == [("pro-West", None, "accepted")]


def test_two_long_steps_at_once_are_refused(window: MainWindow, folder: Path, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.files.imported):
        window.files.import_paths([folder])
        window.files.import_paths([folder])
        assert "still running" in window.notice.text
    assert len(window.list.ids()) == 6


def test_pasting_keeps_what_qt_would_change(hands: Hands, window: MainWindow) -> None:
    QApplication.clipboard().setText("Title 🚀\n\nNo\u00a0break, soft\u00adhyphen, e\u0301.")
    hands.in_dialog(lambda dialog: dialog.accept())
    window.actions_["paste"].trigger()
    article = hands.project.articles.get(5)
    assert article.title == "Title 🚀"
    assert article.text == "Title 🚀\n\nNo\u00a0break, soft\u00adhyphen, e\u0301."
    assert window.list.ids() == [1, 2, 3, 4, 5]


def test_pasting_an_edited_text_keeps_no_break_spaces_too(hands: Hands, window: MainWindow) -> None:
    def edit(dialog: Any) -> None:
        assert isinstance(dialog, PasteDialog)
        dialog.title.setText("My own")
        dialog.text.appendPlainText("more")
        dialog.accept()

    QApplication.clipboard().setText("No\u00a0break 🚀")
    hands.in_dialog(edit)
    window.actions_["paste"].trigger()
    article = hands.project.articles.get(5)
    assert (article.title, article.text) == ("My own", "No\u00a0break 🚀\nmore")


def test_exporting_writes_the_file_and_says_what_was_written(
    hands: Hands, window: MainWindow, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def choose(dialog: Any) -> None:
        assert isinstance(dialog, ExportDialog)
        dialog._suggestions.setChecked(True)
        dialog.accept()

    monkeypatch.setattr("annotator.ui.files.ask_where_to_save", lambda *_: tmp_path / "out")
    hands.activate("Armenia")
    hands.press("A")
    hands.in_dialog(choose)
    window.actions_["export"].trigger()
    qtbot.waitUntil(lambda: "out.jsonl" in window.notice.text)
    assert window.notice.text.startswith("4 lines (4 articles) written to out.jsonl.")
    assert "1 of 1 spans verified" in window.notice.text
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    assert [span["text"] for span in lines[0]["spans"]] == ["Armenia"]
    assert len(lines[0]["suggestions"]) == 4
    assert window.session.settings.text("folder") == str(tmp_path)


def test_an_export_that_cannot_be_written_is_said(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    window.files.export_to(tmp_path / "nowhere" / "out.jsonl", {})
    qtbot.waitUntil(lambda: "there is no folder" in window.notice.text)


def test_a_long_message_is_cut_and_whole_behind_details(hands: Hands, window: MainWindow) -> None:
    texts = []

    def read(dialog: Any) -> None:
        texts.append(dialog.findChild(QPlainTextEdit).toPlainText())
        dialog.reject()

    message = "first\n" + "long " * 100
    window.warn(message)
    assert window.notice._words.text().endswith("…")
    hands.in_dialog(read)
    window.notice._more.click()
    assert texts == [message]
    window.notify("two\nlines")
    assert window.notice._words.text() == "two lines"
    assert window.notice._more.isHidden()


def test_an_error_of_ours_in_an_import_does_not_block_the_next_one(
    window: MainWindow, folder: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    import annotator.formats

    def broken(project: Project, paths: list[Path], **_: object) -> Generator[ImportProgress, None, None]:
        yield ImportProgress(0, 1, "x")
        raise MemoryError

    with monkeypatch.context() as patch, qtbot.captureExceptions() as errors:
        patch.setattr(annotator.formats, "import_paths", broken)
        window.files.import_paths([folder])
        qtbot.waitUntil(lambda: len(errors) == 1)
    with qtbot.waitSignal(window.files.imported):
        window.files.import_paths([folder])
    assert len(window.list.ids()) == 6


def test_files_dropped_with_no_project_open_are_not_passed_over_in_silence(
    new_window: Callable[..., MainWindow], folder: Path
) -> None:
    window = new_window()
    window.files.import_paths([folder])
    assert "No project is open" in window.notice.text


def test_a_note_typed_while_an_import_runs_is_kept_and_saved_later(
    hands: Hands, window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    many = tmp_path / "many"
    many.mkdir()
    for number in range(300):
        (many / f"{number}.txt").write_text(f"Article {number}\n\nSome words.", encoding="utf-8")
    article = window.labelling.article
    with qtbot.waitSignal(window.files.imported, timeout=20000):
        window.files.import_paths([many])
        qtbot.waitUntil(lambda: hands.project.articles.count() > 4)
        window.note.edit.setPlainText("typed meanwhile")
        window.note.flush()
        assert "still running" in window.notice.text
        window.walk.go(1)
        assert window.labelling.article == article, "leaving the article would lose the note"
    assert window.note.note() == "typed meanwhile"
    window.walk.go(1)
    assert window.labelling.article != article
    assert hands.project.articles.progress(article).note == "typed meanwhile"


MANY = 2_000  # files: an import that is still going on when the question comes


@pytest.fixture
def importing(hands: Hands, window: MainWindow, tmp_path: Path, qtbot: QtBot) -> Path:
    """An import is going on; another project, which this returns, could be opened."""
    many = tmp_path / "many"
    many.mkdir()
    for number in range(MANY):
        (many / f"{number}.txt").write_text(f"Article {number}\n\nSome words.", encoding="utf-8")
    create_project(tmp_path / "second.annot").close()
    window.files.import_paths([many])
    qtbot.waitUntil(lambda: hands.project.articles.count() > 4)
    return tmp_path / "second.annot"


def answer(words: list[str], button: str) -> None:
    """Answer the next question with a button, and keep what it said."""
    until = time.monotonic() + 5

    def look() -> None:
        box = QApplication.activeModalWidget()  # the one that gets the keys
        if isinstance(box, QMessageBox):
            words.append(box.text())
            next(b for b in box.buttons() if b.text().replace("&", "") == button).click()
        elif time.monotonic() < until:
            QTimer.singleShot(5, look)

    QTimer.singleShot(0, look)


def test_a_project_dropped_during_an_import_asks_before_that_is_stopped(
    hands: Hands, window: MainWindow, importing: Path, qtbot: QtBot
) -> None:
    words: list[str] = []
    with qtbot.waitSignal(window.files.imported, timeout=20_000):
        answer(words, "Go on with it")
        drop(window, window.pane, importing)
    assert words == ["Importing is not finished. Stop it and open second.annot?"]
    assert window.windowTitle() == "news – Annotator"
    assert hands.project.articles.count() == 4 + MANY


@pytest.mark.parametrize("way", ["drop", "open", "recent", "new"])
def test_an_import_is_stopped_for_another_project_if_the_person_says_so(
    hands: Hands,
    window: MainWindow,
    importing: Path,
    project_file: Path,
    way: str,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    words: list[str] = []
    answer(words, "Stop it")
    title = "second"
    if way == "drop":
        drop(window, window.pane, importing)
    elif way == "open":
        monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(importing), ""))
        window.actions_["open"].trigger()
    elif way == "recent":
        window._recent.chosen.emit(importing)
    else:
        title = "third"
        monkeypatch.setattr(files, "ask_where_to_save", lambda *_: importing.with_name("third.annot"))
        window.actions_["new"].trigger()
    qtbot.waitUntil(lambda: window.windowTitle() == f"{title} – Annotator")
    assert len(words) == 1
    with open_project(project_file) as project:
        assert project.interrupted is None
        assert project.articles.count() == 4


def test_closing_the_window_during_an_import_asks_too_and_takes_it_back(
    hands: Hands,
    window: MainWindow,
    importing: Path,
    project_file: Path,
    new_window: Callable[..., MainWindow],
) -> None:
    words: list[str] = []
    answer(words, "Go on with it")
    assert not window.close()
    assert window.isVisible()
    answer(words, "Stop it")
    assert window.close()
    assert words == ["Importing is not finished. Stop it and close the window?"] * 2
    again = new_window(project_file)
    assert again.list.ids() == [1, 2, 3, 4]
    assert again.notice.text == ""  # nothing was cut off
