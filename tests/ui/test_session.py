"""Opening, reopening, locking and closing projects in a window."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from annotator.model import StorageError
from annotator.project import Project, create_project, open_project, store
from annotator.ui.main_window import MainWindow
from annotator.ui.settings import Settings
from annotator.ui.tasks import begin_step, wait_for_step

Hands = Any  # the class is in conftest.py

OLDER = Path(__file__).parents[1] / "data" / "schema-0003.annot"
HOLD = """
import sys
from annotator.project import open_project
with open_project(sys.argv[1]):
    print("open", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def locked(project_file: Path) -> Iterator[Path]:
    """The project, open for writing in another process."""
    arguments = [sys.executable, "-c", HOLD, str(project_file)]
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(root)}
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"open"
        yield project_file
        process.stdin.close()


def test_a_project_that_is_open_elsewhere_is_opened_for_reading(
    new_window: Callable[..., MainWindow], locked: Path, no_worker: None
) -> None:
    window = new_window(locked)
    assert window.windowTitle() == "news (read only) – Annotator"
    assert window.notice.text.startswith("Open for reading only. news.annot is open in another Annotator")
    assert "process" in window.notice.text
    assert window.status.text.endswith("read only")
    assert window.note.edit.placeholderText() == "No note"
    window.key_words.show()
    assert window.note.edit.placeholderText() == "No note"
    assert window.pane.view.spans()
    for name in (
        "accept",
        "reject",
        "label/entity/PERSON",
        "label/stance/pro-West",
        "done",
        "flag",
        "import",
        "undo",
        "metadata",
        "suggest",
    ):
        assert not window.actions_[name].isEnabled(), name
    for name in ("next_suggestion", "next_article", "export", "search", "open"):
        assert window.actions_[name].isEnabled(), name
    assert not window.panels.done_button.isEnabled()
    assert not window.pane.edit.isEnabled()
    assert window.note.edit.isReadOnly()
    assert not any(button.isEnabled() for button in window.stance.buttons)


@pytest.mark.parametrize("key", ["1", "A", "X", "W", "Ц", "Space", "F", "Ctrl+Z", "Ctrl+Return"])
def test_a_key_that_would_change_a_project_open_for_reading_says_why_it_does_not(
    key: str, hands: Hands, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hands.project, "read_only", True)
    window.enable()
    said: list[str] = []
    monkeypatch.setattr(window.status, "say", said.append)
    before = hands.labelled()
    hands.activate("Armenia")
    hands.press(key)
    assert said == ["The project is open for reading only: nothing was changed."]
    assert hands.labelled() == before
    hands.press("Tab")
    assert len(said) == 1, "what only goes somewhere does it"


def test_a_letter_in_the_lists_of_a_project_open_for_reading_says_why_it_does_nothing(
    hands: Hands, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hands.project, "read_only", True)
    window.enable()
    for widget in (window.list.table, window.spans.tree):
        hands.focus(widget)
        window.status.say("")
        hands.press("A" if widget is window.spans.tree else "F")
        assert "open for reading only" in window.status.message
    hands.focus(window.list.search_field)
    window.status.say("")
    hands.type("af")
    assert window.list.search_field.text() == "af"
    assert window.status.message == ""


def test_a_project_that_may_be_changed_again_hears_its_keys(
    hands: Hands, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    for only_read in (True, False):
        monkeypatch.setattr(hands.project, "read_only", only_read)
        window.enable()
    hands.activate("Armenia")
    hands.press("A")
    assert ("GPE", "Armenia", "accepted") in hands.labelled()


def test_reading_only_nothing_is_written(
    new_window: Callable[..., MainWindow], locked: Path, no_worker: None
) -> None:
    before = locked.read_bytes()
    window = new_window(locked)
    window.show_article(2)
    window.session.perform(lambda project: project.annotations.add(2, "stance", "neutral"))
    assert "reading only" in window.notice.text
    window.files.import_paths([locked.parent])
    window.close()
    assert locked.read_bytes() == before


def test_a_project_that_is_free_again_can_be_opened_for_writing(
    new_window: Callable[..., MainWindow], locked: Path, no_worker: None
) -> None:
    window = new_window(locked)
    Path(f"{locked}.lock").unlink()  # as if the other one had been closed
    assert window.open(locked)
    assert window.windowTitle() == "news – Annotator"
    assert window.session.writable
    assert window.panels.done_button.isEnabled()


def test_opening_the_same_project_again_does_not_lock_itself_out(
    hands: Hands, window: MainWindow, project_file: Path
) -> None:
    window.show_article(2)
    assert window.open(project_file.parent / "." / project_file.name)
    assert window.session.writable
    assert window.labelling.article == 2
    assert window.notice.text == ""
    hands.caret(0)
    hands.press("W")
    assert hands.labelled() == [("pro-West", None, "corrected")]


def _newer(path: Path) -> None:
    with create_project(path) as project:
        project.db.execute(
            "INSERT INTO _sqlite_migrations(migration_set, name, applied_at) VALUES ('annotator', '9999', '')"
        )


def _foreign(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (a)")
    connection.close()


def _missing(path: Path) -> None:
    pass


def _folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize(
    ("make", "words"),
    [(_newer, "newer"), (_foreign, "not an Annotator project"), (_missing, "no file"), (_folder, "folder")],
)
def test_what_cannot_be_opened_gives_a_warning_and_the_present_project_stays(
    hands: Hands, window: MainWindow, tmp_path: Path, make: Callable[[Path], None], words: str
) -> None:
    make(tmp_path / "bad.annot")
    assert not window.open(tmp_path / "bad.annot")
    assert words in window.notice.text
    assert window.windowTitle() == "news – Annotator"
    hands.caret(0)
    hands.press("W")
    assert hands.labelled() == [("pro-West", None, "accepted")]


def test_the_open_project_replaced_by_something_else_leaves_an_empty_window(
    window: MainWindow, project_file: Path
) -> None:
    project_file.unlink()
    assert not window.open(project_file)
    assert "no file" in window.notice.text
    assert window.windowTitle() == "Annotator"
    assert window.list.ids() == []
    assert window.pane.view.text == ""
    assert window.status.text == ""
    assert "press" not in window.spans._empty.text()
    assert not window.actions_["export"].isEnabled()
    assert window.session.create(project_file.with_name("next.annot"))
    assert window.windowTitle() == "next – Annotator"


def test_creating_over_a_file_is_refused(window: MainWindow, project_file: Path) -> None:
    assert not window.session.create(project_file)
    assert "exists already" in window.notice.text
    assert window.list.ids() == [1, 2, 3, 4]


def test_the_window_stays_awake_while_closing_waits_for_a_long_step(window: MainWindow) -> None:
    go_on = threading.Event()
    begin_step(partial(go_on.wait, 10))
    QTimer.singleShot(20, go_on.set)  # would not come before the ten seconds are over
    window.session.close()
    assert go_on.is_set()
    assert not window.session.is_open


def test_the_window_stays_awake_while_a_file_is_closed(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on, close = threading.Event(), threading.Event(), Project.close

    def slowly(project: Project) -> None:
        begun.set()
        go_on.wait(10)
        close(project)

    monkeypatch.setattr(Project, "close", slowly)
    timer = QTimer(window, interval=5)  # it would not come before the ten seconds are over
    timer.timeout.connect(lambda: begun.is_set() and go_on.set())
    timer.start()
    window.session.close()
    assert go_on.is_set()
    assert not Path(f"{window.session._last}.lock").exists()


def test_a_file_that_is_being_closed_is_opened_for_writing_again(
    window: MainWindow, project_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, close, opened = threading.Event(), Project.close, []

    def slowly(project: Project) -> None:
        begun.set()
        time.sleep(0.1)
        close(project)

    def open_again() -> None:
        if begun.is_set() and not opened:
            opened.append(True)
            assert window.session.open(project_file)

    monkeypatch.setattr(Project, "close", slowly)
    timer = QTimer(window, interval=5)
    timer.timeout.connect(open_again)
    timer.start()
    window.session.close()
    timer.stop()
    assert opened
    assert window.session.writable


def test_a_failure_to_close_a_file_is_not_lost(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    project = window.session.project
    assert project is not None

    def fail(project: Project) -> None:
        raise OSError("The drive is gone.")

    with monkeypatch.context() as patch:
        patch.setattr(Project, "close", fail)
        with pytest.raises(OSError, match="The drive is gone"):
            window.session.close()
    assert not window.session.is_open
    project.close()


def test_a_project_opened_while_another_is_closed_for_a_third_is_closed_again(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    second, third = tmp_path / "second.annot", tmp_path / "third.annot"
    for path in (second, third):
        create_project(path).close()
    begun, close, opened = threading.Event(), Project.close, []

    def slowly(project: Project) -> None:
        begun.set()
        close(project)

    def drop() -> None:
        if begun.is_set() and not opened:
            opened.append(window.session.is_open)
            assert window.session.open(second)

    monkeypatch.setattr(Project, "close", slowly)
    monkeypatch.setattr("annotator.ui.session.begin_step", partial(_begun_with_a_turn, drop))
    assert window.session.open(third)
    assert opened == [False]
    assert window.session.project is not None
    assert window.session.project.path == third
    assert not Path(f"{second}.lock").exists()


def _begun_with_a_turn(drop: Callable[[], None], step: Callable[[], Any]) -> Any:
    future = begin_step(step)
    wait_for_step()
    drop()
    return future


def test_closing_gives_the_lock_back(window: MainWindow, project_file: Path) -> None:
    lock = Path(f"{project_file}.lock")
    assert json.loads(lock.read_text())["pid"] == os.getpid()
    window.close()
    assert not lock.exists()
    window.close()  # a second time does no harm


def test_an_act_that_a_crash_cut_off_is_rolled_back_and_said(
    new_window: Callable[..., MainWindow], project_file: Path, no_worker: None
) -> None:
    project = open_project(project_file, annotator="anna")
    long = project.long_act("imported a folder")
    with long.step():
        project.db.execute("UPDATE articles SET title = 'half done' WHERE id = 1")
    project.close()
    window = new_window()
    assert window.open(project_file)
    assert "imported a folder" in window.notice.text
    assert "rolled back" in window.notice.text
    assert window.pane.title.text() == "Rocket"


def test_what_somebody_else_is_at_is_not_said_to_be_rolled_back(
    new_window: Callable[..., MainWindow], project_file: Path, no_worker: None
) -> None:
    with open_project(project_file, annotator="ben") as project:
        long = project.long_act("importing articles")
        window = new_window(project_file)
        assert window.notice.text.startswith("Open for reading only. news.annot is open in another Annotator")
        assert "“importing articles” is still going on there, or was cut off" in window.notice.text
        assert "rolled back" not in window.notice.text
        long.cancel()


def test_a_full_disk_is_one_sentence_and_the_window_goes_on(hands: Hands, window: MainWindow) -> None:
    pages = hands.project.db.execute("PRAGMA page_count").fetchone()[0]
    hands.project.db.execute(f"PRAGMA max_page_count = {pages}")
    hands.caret(0)
    hands.focus(window.note.edit)
    hands.type("x" * 50)
    window.note.edit.setPlainText("long " * 50_000)
    window.note.flush()
    assert "full" in window.notice.text
    hands.project.db.execute("PRAGMA max_page_count = 1000000")
    hands.caret(0)
    hands.press("W")
    assert hands.labelled() == [("pro-West", None, "accepted")]


def test_annotating_under_another_name_shows_that_persons_labels(hands: Hands, window: MainWindow) -> None:
    hands.caret(0)
    hands.press("W")
    window.session.rename_annotator("ben")
    assert window.labelling.stance() is None
    hands.press("R")
    assert hands.labelled() == [("pro-Russia", None, "corrected")]
    window.session.rename_annotator("anna")
    assert window.labelling.stance() == "pro-West"


def test_the_windows_process_does_not_import_spacy(tmp_path: Path) -> None:
    code = (
        "import sys; from PySide6.QtWidgets import QApplication; app = QApplication([])\n"
        "from annotator.ui.main_window import MainWindow; from annotator.ui.session import Session\n"
        "from annotator.ui.settings import Settings; import annotator.ui.app\n"
        "window = MainWindow(Session(Settings())); window.show()\n"
        "assert 'sqlite_utils' not in sys.modules\n"
        f"window.session.create(__import__('pathlib').Path({str(tmp_path / 'p.annot')!r}))\n"
        "app.processEvents(); window.close()\n"
        "assert 'spacy' not in sys.modules\n"
    )
    root = Path(__file__).parents[2]
    environment = os.environ | {"PYTHONPATH": str(root)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr.decode()


def test_calls_into_qt_do_not_use_up_none(window: MainWindow) -> None:
    """PySide6 6.12.0 drops a reference to None at each void call, until Python aborts."""
    if sys.version_info >= (3, 12):
        pytest.skip("None is immortal here")
    view = window.pane.view
    before = sys.getrefcount(None)
    for number in range(5000):
        view.set_evidence([(0, 1 + number % 5)])
        view.viewport().update()
        window.status.say("")
    assert sys.getrefcount(None) > before - 1000


def test_a_person_new_to_a_project_is_told_whose_labels_are_there(
    new_window: Callable[..., MainWindow], project_file: Path, no_worker: None
) -> None:
    with open_project(project_file, annotator="ben") as project:
        project.annotations.add(1, "stance", "neutral")
    window = new_window(project_file)
    assert "You annotate as anna" in window.notice.text
    assert "ben" in window.notice.text
    window.session.perform(lambda project: project.annotations.add(1, "stance", "pro-West"))
    window.open(project_file)
    assert "You annotate as" not in window.notice.text


def test_going_on_under_another_name_shows_that_persons_labels(window: MainWindow) -> None:
    window.session.perform(lambda project: project.annotations.add(1, "stance", "pro-West"))
    window.session.rename_annotator("ben")
    assert window.labelling.stance() is None
    window.session.perform(lambda project: project.annotations.add(1, "stance", "neutral"))
    window.session.rename_annotator("anna")
    assert window.labelling.stance() == "pro-West"
    assert Settings().text("annotator") == "anna"


def test_an_older_project_that_cannot_be_written_to_says_why(
    new_window: Callable[..., MainWindow], tmp_path: Path, no_worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = tmp_path / "old.annot"
    shutil.copy(OLDER, older)
    window = new_window()

    def full(path: Path, step: object) -> None:
        raise StorageError("The disk is full.")

    monkeypatch.setattr(store, "make_backup", full)
    assert not window.open(older)
    assert window.notice.text == (
        "The disk is full. old.annot was made by an older Annotator. Open it in the window once, which "
        "brings it up to date."
    )


def test_articles_that_were_looked_for_in_a_project_that_is_closed_are_not_asked_for_in_the_next(
    new_window: Callable[..., MainWindow], project_file: Path, tmp_path: Path, no_worker: None, qtbot: QtBot
) -> None:
    window = new_window(project_file)
    scheduled: list[list[int]] = []
    window.session.suggester.schedule = scheduled.append  # type: ignore[method-assign, assignment]
    window.session._pending = iter([[1, 2]])
    window.session._look_for_pending(window.session._pending)
    assert window.session.create(tmp_path / "other.annot")
    qtbot.wait(50)
    assert scheduled == []
