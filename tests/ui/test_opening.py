"""A project that takes long to open: the window answers, says what is going on, and can call it off."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QPushButton

from annotator.project import create_project, open_project, store
from annotator.project.history import History
from annotator.ui import app, opening
from annotator.ui.main_window import MainWindow
from annotator.ui.opening import OpeningDialog

OLDER = Path(__file__).parents[1] / "data" / "schema-0003.annot"


class Gate:
    """Holds a function up in a thread other than the window's until it is let go."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.open = threading.Event()

    def hold(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            self.reached.set()
            assert self.open.wait(10)


@pytest.fixture
def gate() -> Iterator[Gate]:
    held = Gate()
    yield held
    held.open.set()


@pytest.fixture
def held_up(monkeypatch: pytest.MonkeyPatch, gate: Gate) -> Gate:
    """Migrations and the taking back after a crash wait for the gate."""
    migrate, roll_back = store._migrate, History.roll_back_open

    def slow_migrate(db: object) -> None:
        gate.hold()
        migrate(db)  # type: ignore[arg-type]

    def slow_roll_back(self: History, act: int | None = None) -> object:
        gate.hold()
        return roll_back(self, act)

    monkeypatch.setattr(store, "_migrate", slow_migrate)
    monkeypatch.setattr(History, "roll_back_open", slow_roll_back)
    return gate


@pytest.fixture
def older(tmp_path: Path) -> Path:
    shutil.copy(OLDER, tmp_path / "old.annot")
    return tmp_path / "old.annot"


@pytest.fixture
def cut_off(tmp_path: Path) -> Path:
    """A project whose program ended in the middle of an import."""
    with create_project(tmp_path / "cut off") as project, project.long_act("importing a folder").step():
        project.db.execute("UPDATE layers SET name = 'half done' WHERE name = 'zone'")
    return tmp_path / "cut off.annot"


def meanwhile(gate: Gate, act: Callable[[OpeningDialog], None], words: str = "") -> None:
    """Do ``act`` in the event loop once the gate holds the opening up and the dialog shows it (``words``)."""

    def look() -> None:
        shown = [w for w in QApplication.topLevelWidgets() if isinstance(w, OpeningDialog) and w.isVisible()]
        said = shown[0].labelText() if shown else "Opening"
        if gate.reached.is_set() and not said.startswith("Opening") and said.startswith(words):
            act(shown[0])
        else:
            QTimer.singleShot(2, look)

    QTimer.singleShot(0, look)


def press_cancel(dialog: OpeningDialog) -> None:
    button = dialog.findChild(QPushButton)
    assert isinstance(button, QPushButton)
    button.click()


@pytest.mark.parametrize(
    ("which", "words"),
    [
        ("older", "old.annot was made by an older Annotator: it is brought up to date."),
        ("cut_off", "The program ended while it was at “importing a folder”"),
    ],
)
def test_the_window_answers_while_a_project_is_opened_and_says_what_it_is_at(
    window: MainWindow, held_up: Gate, which: str, words: str, request: pytest.FixtureRequest
) -> None:
    path = request.getfixturevalue(which)
    seen: list[str] = []

    def look(dialog: OpeningDialog) -> None:
        seen.append(dialog.labelText())
        assert window.session.project is not None
        seen.append(window.session.project.path.name)  # the present one is there until then
        assert not window.open(path), "one at a time"
        held_up.open.set()

    meanwhile(held_up, look, words)
    assert window.open(path)
    assert seen[0].startswith(words)
    assert seen[1] == "news.annot"
    assert window.windowTitle() == f"{path.stem} – Annotator"
    assert QApplication.activeModalWidget() is None


@pytest.mark.parametrize("which", ["older", "cut_off"])
def test_an_opening_that_is_called_off_leaves_the_file_and_the_present_project_as_they_were(
    window: MainWindow, held_up: Gate, which: str, request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(store, "INSTRUCTIONS", 1)
    path = request.getfixturevalue(which)
    before = path.read_bytes()

    def cancel(dialog: OpeningDialog) -> None:
        press_cancel(dialog)
        held_up.open.set()

    meanwhile(held_up, cancel)
    assert not window.open(path)
    assert window.notice.text == f"Cancelled: {path.name} was not opened, and nothing in it was changed."
    assert window.windowTitle() == "news – Annotator"
    assert path.read_bytes() == before
    assert not Path(f"{path}.lock").exists()
    open_project(path).close()


def test_a_backup_before_a_migration_shows_how_far_it_is_and_can_be_called_off(
    window: MainWindow, older: Path, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_backup = store.make_backup

    def slow(path: Path, step: Callable[[int, int], None]) -> None:
        step(30, 100)
        gate.hold()
        make_backup(path, step)

    monkeypatch.setattr(store, "make_backup", slow)
    monkeypatch.setattr(store, "_migrate", lambda db: pytest.fail("it was called off before"))
    seen: list[tuple[str, int, int]] = []

    def cancel(dialog: OpeningDialog) -> None:
        seen.append((dialog.labelText(), dialog.value(), dialog.maximum()))
        press_cancel(dialog)
        gate.open.set()

    before = older.read_bytes()
    meanwhile(gate, cancel)
    assert not window.open(older)
    ((words, done, total),) = seen
    assert "is backed up before" in words
    assert (done, total) == (30, 100)
    assert older.read_bytes() == before
    assert list((older.parent / "backups").glob("old*")) == []


def test_closing_the_window_while_a_project_is_opened_lets_go_of_it(
    window: MainWindow, older: Path, held_up: Gate
) -> None:
    def close(dialog: OpeningDialog) -> None:
        threading.Timer(0.05, held_up.open.set).start()
        assert window.close()

    meanwhile(held_up, close)
    assert not window.open(older)
    assert window.session.project is None
    assert not Path(f"{older}.lock").exists()
    assert "old.annot" not in window.notice.text


def test_the_first_project_called_off_none_other_is_opened_instead(
    new_window: Callable[..., MainWindow], project_file: Path, cut_off: Path, held_up: Gate,
    monkeypatch: pytest.MonkeyPatch, no_worker: None,
) -> None:  # fmt: skip
    monkeypatch.setattr(store, "INSTRUCTIONS", 1)
    window = new_window()
    window.session.settings.remember(project_file, 1)
    window.session.settings.remember(cut_off, 1)

    def cancel(dialog: OpeningDialog) -> None:
        press_cancel(dialog)
        held_up.open.set()

    meanwhile(held_up, cancel)
    app.open_first(window, None)
    assert window.session.project is None
    assert window.notice.text.startswith("Cancelled: cut off.annot")


def test_nothing_is_shown_for_what_opens_quickly_but_the_event_loop_turns(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gate: Gate
) -> None:
    monkeypatch.setattr(opening, "APPEARS", 10.0)
    second = tmp_path / "second.annot"
    create_project(second).close()
    prepare = store.Project._prepare

    def slow(self: store.Project, *args: object) -> object:
        gate.hold()
        return prepare(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(store.Project, "_prepare", slow)
    ticks: list[int] = []

    def tick() -> None:
        ticks.append(1)
        if len(ticks) == 5:
            gate.open.set()
        else:
            QTimer.singleShot(1, tick)

    QTimer.singleShot(0, tick)
    shown: list[object] = []
    window.session.opening.connect(shown.append)
    assert window.open(second)
    assert len(ticks) == 5
    assert shown == []
