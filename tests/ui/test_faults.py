"""Files and disks that fail while the window is open: one sentence, the window stays, work goes on after."""

from __future__ import annotations

import logging
import os
import sqlite3
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from annotator.model import Change, PipelineInfo, RowsInTheWayError, StorageError, Suggestion
from annotator.project import create_project, open_project
from annotator.project.history import History
from annotator.ui import crash
from annotator.ui.main_window import MainWindow
from annotator.ui.models import AFTERWARDS
from annotator.ui.tasks import begin_step, wait_for_step

Hands = Any  # the class is in conftest.py

posix = pytest.mark.skipif(sys.platform == "win32", reason="there an open file cannot be moved away")


def activate(window: MainWindow) -> None:
    """Come back to the window from another program, when no step is going on."""
    wait_for_step()
    QApplication.sendEvent(window, QEvent(QEvent.Type.ActivationChange))


@posix
def test_a_deleted_project_is_said_and_no_act_is_lost_silently(
    hands: Hands, window: MainWindow, project_file: Path, tmp_path: Path
) -> None:
    aside = tmp_path / "aside"
    project_file.rename(aside)
    activate(window)
    assert "news.annot is not in its place any more" in window.notice.text
    window.notice.hide()
    hands.caret(0)
    hands.press("W")
    assert "news.annot is not in its place any more" in window.notice.text
    assert "Save a copy" in window.notice.text
    assert hands.labelled() == []
    assert window.pane.title.text() == "Rocket"  # the window stays, and what is there can be read
    window.show_article(2)
    assert window.pane.title.text() == "gyumri"
    aside.rename(project_file)
    hands.caret(0)
    hands.press("R")
    assert hands.labelled() == [("pro-Russia", None, "corrected")]


@posix
def test_coming_back_to_a_project_that_was_replaced_says_so_once(
    hands: Hands, window: MainWindow, project_file: Path, tmp_path: Path
) -> None:
    with create_project(tmp_path / "theirs", annotator="ben"):
        pass
    (tmp_path / "theirs.annot").replace(project_file)
    before = project_file.read_bytes()
    activate(window)
    assert "news.annot was replaced by another program" in window.notice.text
    window.notice.hide()
    activate(window)
    assert window.notice.text == ""
    hands.caret(0)
    hands.press("W")
    assert "was replaced by another program" in window.notice.text
    assert project_file.read_bytes() == before
    assert window.open(project_file)
    assert window.list.ids() == []
    assert window.session.writable


def test_a_drive_that_is_gone_is_one_sentence_wherever_it_is_met(
    hands: Hands, window: MainWindow, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    def gone(*args: object, **kwargs: object) -> None:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR_READ
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(hands.project.db, "execute", gone)
        hands.caret(0)
        hands.press("W")  # an act
        assert "the drive reports an error" in window.notice.text
        window.notice.hide()
        with qtbot.capture_exceptions() as caught:
            hands.press("J")  # a view that reads
        shown: list[str] = []
        patch.setattr(crash, "CrashDialog", lambda text: shown.append(text))
        patch.setattr(crash, "log", logging.getLogger)
        for kind, error, trace in caught:
            crash.show(window.session.explain, kind, error, trace)
        assert caught
        assert shown == []
        assert "the drive reports an error" in window.notice.text
        assert window.isVisible()
    window.notice.hide()
    hands.caret(0)
    hands.press("W")
    assert window.notice.text == ""
    assert hands.labelled() == [("pro-West", None, "accepted")]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (sqlite3.SQLITE_FULL, "is full"),
        (sqlite3.SQLITE_IOERR_WRITE, "the drive reports an error"),
        (sqlite3.SQLITE_READONLY, "has become write-protected"),
        (sqlite3.SQLITE_CANTOPEN, "its folder is gone or protected"),
        (sqlite3.SQLITE_CORRUPT, "is damaged"),
    ],
)
def test_whatever_an_act_meets_is_one_sentence_and_the_same_key_works_after(
    hands: Hands, window: MainWindow, monkeypatch: pytest.MonkeyPatch, code: int, words: str
) -> None:
    def fail(self: object, *_: object) -> None:
        error = sqlite3.OperationalError("raw words of SQLite's")
        error.sqlite_errorcode = code
        raise error

    hands.caret(0)
    with monkeypatch.context() as patch:
        patch.setattr(History, "refuse_while_open", fail)
        hands.press("W")
        assert words in window.notice.text
        assert "news.annot" in window.notice.text
        assert "raw words" not in window.notice.text
        hands.press("Ctrl+Z")
    assert hands.labelled() == []
    hands.press("W")
    assert hands.labelled() == [("pro-West", None, "accepted")]


def test_a_mistake_of_the_programs_is_still_shown_as_one(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []

    class Dialog:
        def __init__(self, text: str) -> None:
            shown.append(text)

        def exec(self) -> None:
            pass

    monkeypatch.setattr(crash, "CrashDialog", Dialog)
    monkeypatch.setattr(crash, "log", logging.getLogger)
    error = RuntimeError("a bug")
    crash.show(window.session.explain, RuntimeError, error, None)
    assert "a bug" in shown[0]
    assert "a bug" not in window.notice.text


def test_an_act_after_a_change_from_outside_works_on_what_is_there_now(
    hands: Hands, window: MainWindow, project_file: Path
) -> None:
    with closing(sqlite3.connect(project_file)) as other:
        other.execute("UPDATE articles SET title = 'Renamed outside' WHERE id = 1")
        other.execute("INSERT INTO annotators(uuid, name) VALUES ('u', 'ben')")
        other.execute('DELETE FROM suggestions WHERE article = 1 AND "start" IS NOT NULL')
        other.commit()
    hands.caret(0)
    hands.press("W")
    assert window.pane.title.text() == "Renamed outside"
    assert hands.open_suggestions() == []
    assert hands.labelled() == [("pro-West", None, "accepted")]
    hands.press("Ctrl+Z")
    assert window.pane.title.text() == "Renamed outside"
    assert hands.project.annotators()[0] == "ben"


def test_a_label_that_is_renamed_outside_just_before_an_act_is_one_sentence(
    hands: Hands, window: MainWindow, project_file: Path
) -> None:
    span = hands.activate("Armenia")
    assert span.label == "GPE"
    key = window.actions_.keys_of("label/entity/GPE")[0]
    with closing(sqlite3.connect(project_file)) as other:
        other.execute("UPDATE labels SET name = 'COUNTRY', former = '[\"GPE\"]' WHERE name = 'GPE'")
        other.commit()
    hands.press(key)
    assert "no label GPE in the layer entity any more: it was renamed" in window.notice.text
    assert hands.labelled() == []
    assert len(hands.open_suggestions()) > 1
    hands.press(key)
    assert hands.labelled() == [("COUNTRY", "Armenia", "accepted")]


def test_an_article_deleted_outside_leaves_a_sentence_or_another_article(
    hands: Hands, window: MainWindow, project_file: Path
) -> None:
    with closing(sqlite3.connect(project_file)) as other:
        for table in ("suggestions", "suggested", "progress", "annotations"):
            other.execute(f"DELETE FROM {table} WHERE article = 1")
        other.execute("DELETE FROM texts WHERE id = 1")
        other.execute("DELETE FROM articles WHERE id = 1")
        other.commit()
    activate(window)
    assert window.list.ids() == [2, 3, 4]
    assert window.pane.title.text() == "gyumri"
    hands.caret(0)
    hands.press("W")
    assert hands.labelled(2) == [("pro-West", None, "corrected")]


def test_another_program_that_writes_meanwhile_is_named(
    hands: Hands, window: MainWindow, project_file: Path
) -> None:
    hands.project.db.execute("PRAGMA busy_timeout = 10")
    with closing(sqlite3.connect(project_file)) as other:
        other.execute("BEGIN IMMEDIATE")
        hands.caret(0)
        hands.press("W")
        assert "Another program is writing to news.annot" in window.notice.text
        other.execute("ROLLBACK")
    hands.press("W")
    assert hands.labelled() == [("pro-West", None, "accepted")]


def test_an_import_that_cannot_be_taken_back_yet_is_as_soon_as_it_can(
    hands: Hands, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    from annotator.formats import importing

    monkeypatch.setattr(importing, "STEP_SECONDS", 0.0)
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(200):
        (folder / f"{number}.txt").write_text(f"Title {number}\n\ntext")

    def label() -> None:
        window.session.perform(lambda project: project.annotations.add(1, "stance", "pro-West"))

    window.files.import_paths([folder])
    qtbot.waitUntil(lambda: hands.project.articles.count() > 6)
    with monkeypatch.context() as patch:

        def full(*args: object) -> None:
            raise StorageError("The disk with news.annot is full.")

        patch.setattr(History, "_swap", full)
        window.files.stop()
        assert "is full" in window.notice.text
        label()
        assert hands.labelled(1) == []
    label()
    assert window.list.ids() == [1, 2, 3, 4]
    assert hands.project.articles.count() == 4
    assert hands.labelled(1) == [("pro-West", None, "accepted")]


def test_a_project_in_a_full_folder_is_opened_for_reading(
    new_window: Callable[..., MainWindow],
    project_file: Path,
    no_worker: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from annotator.project.lock import ProjectLock

    def full(self: ProjectLock) -> None:
        raise StorageError("The folder of news.annot cannot be written to: No space left on device.")

    monkeypatch.setattr(ProjectLock, "acquire", full)
    window = new_window(project_file)
    assert window.windowTitle() == "news (read only) – Annotator"
    assert "No space left" in window.notice.text
    assert window.pane.title.text() == "Rocket"


def test_a_project_with_a_trigger_in_it_is_refused_and_the_present_one_stays(
    window: MainWindow, tmp_path: Path
) -> None:
    with create_project(tmp_path / "evil") as made:
        made.db.execute("CREATE TRIGGER t AFTER INSERT ON acts BEGIN DELETE FROM annotations; END")
    assert not window.open(tmp_path / "evil.annot")
    assert "evil.annot has the trigger 't' stored in it" in window.notice.text
    assert window.windowTitle() == "news – Annotator"


def test_an_article_with_ten_thousand_spans_is_shown_and_labelled(
    hands: Hands, window: MainWindow, project_file: Path
) -> None:
    import time

    project = hands.project
    from annotator.model import ArticleInput

    text = "name " * 10_000
    with project.act("imported"):
        article, _ = project.articles.add(ArticleInput(text, "many"))
    found = [Suggestion("entity", "GPE", 5 * n, 5 * n + 4, "ner", "a name") for n in range(10_000)]
    project.suggestions.replace(PipelineInfo("by_hand", "1"), [(article, found, None)])
    window._relist()
    begin = time.thread_time()
    window.show_article(article)
    window.pane.view.viewport().grab()
    assert len(window.pane.view.spans()) == 10_000
    hands.press("Tab", "A")
    assert len(hands.labelled(article)) == 1
    assert time.thread_time() - begin < 4  # 0.8 on an idle machine


def test_only_what_an_act_touched_is_read_anew(
    hands: Hands, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    hands.press("Tab", "A")
    assert window.pane.view.active is not None
    project = hands.project
    (mine,) = [a for a in project.annotations.of(1) if a.start is not None]

    def whole(*_: object, **__: object) -> None:
        raise AssertionError("everything was read")

    monkeypatch.setattr(type(project.suggestions), "open", whole)
    hands.press("F")
    assert project.articles.progress(1).flagged
    shown = window.pane.view.spans()
    window.session.perform(lambda project: project.annotations.relabel(mine.id, "EVENT"))
    assert {s.label for s in window.pane.view.spans()} - {s.label for s in shown} == {"EVENT"}
    hands.press("Ctrl+Z")
    assert window.pane.view.spans() == shown
    window.session.perform(lambda project: project.annotations.remove(mine.id))
    again = next(s for s in window.pane.view.spans() if (s.start, s.end) == (mine.start, mine.end))
    assert again.suggested
    rows = window.labelling.panel_spans()
    assert [(r.key, r.start) for r in rows] == [(s.key, s.start) for s in window.pane.view.spans()]


def test_a_long_text_is_laid_out_as_far_as_it_is_seen(window: MainWindow, qtbot: QtBot) -> None:
    view = window.pane.view
    view.show_article("Ten words stand in each of the lines of it.\n" * 20_000)
    at_once = view.verticalScrollBar().maximum()  # asking the layout for its size would finish it
    qtbot.waitUntil(lambda: view.verticalScrollBar().maximum() > 2 * at_once)
    view.set_scroll_position(len(view.text) - 1)
    assert view.scroll_position() > len(view.text) - 5_000


def test_a_line_of_a_megabyte_is_shown(hands: Hands, window: MainWindow, project_file: Path) -> None:
    from annotator.model import ArticleInput

    with hands.project.act("imported"):
        article, _ = hands.project.articles.add(ArticleInput("wörd🚀 " * 170_000, "long"))
    window._relist()
    window.show_article(article)
    assert not window.pane.view.viewport().grab().isNull()
    hands.press("Ctrl+End")
    window.session.perform(lambda project: project.annotations.add(article, "entity", "GPE", 0, 5))
    assert hands.labelled(article) == [("GPE", "wörd🚀", "manual")]
    with open_project(project_file, read_only=True) as reader:
        assert reader.articles.count() == 5


@posix
def test_the_status_line_says_that_nothing_can_be_saved_until_the_file_is_back(
    hands: Hands, window: MainWindow, project_file: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    assert window.status.text == "0 of 4 done · saved"
    window.saving._timer.setInterval(10)  # the window is left alone: nobody comes back to it
    project_file.rename(tmp_path / "aside")
    qtbot.waitUntil(lambda: window.status.text == "0 of 4 done · cannot be saved")
    assert "not in its place any more" in window.status._saving.toolTip()
    hands.caret(0)
    hands.press("W")
    assert window.status.text.endswith("cannot be saved")
    (tmp_path / "aside").rename(project_file)
    qtbot.waitUntil(lambda: window.status.text == "0 of 4 done · saved")
    assert window.status._saving.toolTip() == ""
    create_project(tmp_path / "theirs").close()
    (tmp_path / "theirs.annot").replace(project_file)
    qtbot.waitUntil(lambda: window.status.text.endswith("cannot be saved"))
    assert "was replaced by another program" in window.status._saving.toolTip()
    assert window.open(project_file)
    assert window.status.text == "0 of 0 done · saved"


def test_the_status_line_says_that_the_folder_is_protected_or_the_drive_silent(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    window.saving._timer.setInterval(10)
    with monkeypatch.context() as patch:
        patch.setattr("annotator.project.faults.os.access", lambda *_: False)
        qtbot.waitUntil(lambda: "make the folder writable" in window.status._saving.toolTip())
        assert window.status.text.endswith("cannot be saved")
    qtbot.waitUntil(lambda: window.status.text.endswith("saved") and "cannot" not in window.status.text)
    answers = threading.Event()
    with monkeypatch.context() as patch:
        patch.setattr("annotator.project.store.gone", lambda *_: answers.wait(10) and None)
        qtbot.waitUntil(lambda: "does not answer" in window.status._saving.toolTip())
        answers.set()
    qtbot.waitUntil(lambda: window.status.text == "0 of 4 done · saved")


def test_a_step_that_was_not_saved_stays_in_the_status_line_until_one_is(
    hands: Hands, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: object, *_: object) -> None:
        error = sqlite3.OperationalError("disk full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error

    hands.caret(0)
    with monkeypatch.context() as patch:
        patch.setattr(History, "refuse_while_open", fail)
        hands.press("W")
    assert window.status.text == "0 of 4 done · last step not saved"
    assert "is full" in window.status._saving.toolTip()
    window.saving.look()
    assert window.status.text.endswith("last step not saved")
    hands.press("W")
    assert window.status.text == "0 of 4 done · saved"


def test_with_no_project_open_nothing_is_said_to_be_saved(window: MainWindow, project_file: Path) -> None:
    project_file.unlink()
    assert not window.open(project_file)
    assert window.status.text == ""


def test_looking_at_the_file_does_not_wait_for_a_step(window: MainWindow) -> None:
    over = threading.Event()
    step = begin_step(lambda: over.wait(10))
    began = time.monotonic()
    window.saving.look()
    waited = time.monotonic() - began
    over.set()
    step.result()
    wait_for_step()
    assert waited < 5


def test_a_step_into_a_file_that_was_overwritten_is_not_called_saved(
    hands: Hands, window: MainWindow, project_file: Path, qtbot: QtBot
) -> None:
    hands.caret(0)
    qtbot.wait(2 * AFTERWARDS)  # what an opening still looks for would meet it too
    project_file.write_bytes(os.urandom(project_file.stat().st_size))
    hands.press("W")
    assert "damaged" in window.notice.text
    assert "last step not saved" in window.status.text


def test_views_read_anew_what_an_undo_left_that_rows_of_another_program_were_in_the_way_of(
    hands: Hands, window: MainWindow, qtbot: QtBot
) -> None:
    change = Change("labelled", 1, frozenset({"annotations"}), 1)

    def refused(project: object) -> None:
        raise RowsInTheWayError("“labelled” cannot be undone.", change)

    told: list[Change] = []
    window.session.changed.connect(told.append)
    with qtbot.waitSignal(window.session.failed):
        assert window.session.perform(refused) is None
    assert told == [change]
