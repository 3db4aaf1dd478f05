"""Long work in steps: the window stays alive, and cancelling or failing cleans up."""

from __future__ import annotations

import time
from collections.abc import Generator

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QProgressDialog, QWidget
from pytestqt.qtbot import QtBot

from annotator.formats import ImportProgress
from annotator.model import AnnotatorError
from annotator.ui import tasks
from annotator.ui.tasks import SteppedTask


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.show()
    return widget


class Work:
    """Counts to ``total`` and remembers how it ended."""

    def __init__(self, total: int, fail_at: int = -1) -> None:
        self.total, self.fail_at = total, fail_at
        self.done = 0
        self.closed = False

    def run(self) -> Generator[ImportProgress, None, str]:
        try:
            while self.done < self.total:
                if self.done == self.fail_at:
                    raise AnnotatorError("The disk is full.")
                self.done += 1
                time.sleep(0.001)
                yield ImportProgress(self.done, self.total, "x")
        finally:
            self.closed = True
        return "report"


def test_work_is_done_in_steps_between_which_the_window_lives(parent: QWidget, qtbot: QtBot) -> None:
    work = Work(100)
    ticks: list[int] = []
    timer = QTimer(parent)
    timer.timeout.connect(lambda: ticks.append(work.done))
    timer.start(0)
    task = SteppedTask("Importing", work.run(), parent)
    with qtbot.waitSignal(task.finished) as caught:
        pass
    timer.stop()
    assert caught.args == ["report"]
    assert len({n for n in ticks if 0 < n < 100}) >= 3


def test_the_dialog_says_how_far_it_is(parent: QWidget, qtbot: QtBot) -> None:
    work = Work(2000)
    task = SteppedTask("Importing", work.run(), parent)
    dialog = parent.findChild(QProgressDialog)
    qtbot.waitUntil(lambda: dialog.value() > 0)
    assert dialog.labelText() == f"Importing: {dialog.value():,} of 2,000"
    task.cancel()


def test_cancelling_closes_the_work_and_says_so_once(parent: QWidget, qtbot: QtBot) -> None:
    work = Work(100_000)
    task = SteppedTask("Importing", work.run(), parent)
    heard: list[str] = []
    task.finished.connect(lambda _: heard.append("finished"))
    task.cancelled.connect(lambda: heard.append("cancelled"))
    qtbot.waitUntil(lambda: work.done > 0)
    parent.findChild(QProgressDialog).cancel()
    qtbot.waitUntil(lambda: bool(heard))
    qtbot.wait(30)
    assert heard == ["cancelled"]
    assert work.closed


def test_a_failure_is_passed_on_in_its_own_words(parent: QWidget, qtbot: QtBot) -> None:
    work = Work(100, fail_at=5)
    task = SteppedTask("Importing", work.run(), parent)
    with qtbot.waitSignal(task.failed) as caught:
        pass
    assert caught.args == ["The disk is full."]
    assert work.closed


def test_a_machine_too_slow_for_the_slice_still_gets_on(
    parent: QWidget, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "SLICE", -1.0)
    task = SteppedTask("Importing", Work(5).run(), parent)
    with qtbot.waitSignal(task.finished) as caught:
        pass
    assert caught.args == ["report"]
