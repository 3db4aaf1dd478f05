"""Long work in steps: the window stays alive, and cancelling or failing cleans up."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from functools import partial

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QProgressDialog, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from annotator.formats import ImportProgress
from annotator.model import AnnotatorError, Cancelled
from annotator.ui import tasks
from annotator.ui.tasks import (
    BackgroundStep,
    BackgroundWork,
    SteppedTask,
    begin_step,
    is_stepping,
    person_acts,
    wait_for_step,
)


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


@pytest.mark.parametrize("is_left", [False, True])
def test_the_dialog_goes_in_a_turn_of_its_own_before_the_end_is_told(
    parent: QWidget, qtbot: QtBot, is_left: bool
) -> None:
    heard: list[object] = []
    work = Work(300)
    task = SteppedTask("Importing", work.run(), parent, appears=0)
    task.ended.connect(lambda: heard.append("ended"))
    task.finished.connect(heard.append)
    dialog = parent.findChild(QProgressDialog)
    qtbot.waitUntil(dialog.isVisible)
    timer = QTimer(parent)

    def turn() -> None:
        if not heard and work.closed and not dialog.isVisible():
            heard.append(("a turn", is_stepping()))  # so that nothing that can wait begins a step
            if is_left:
                task.cancel()  # its project is closed

    timer.timeout.connect(turn)
    timer.start(0)
    qtbot.waitUntil(lambda: "ended" in heard)
    qtbot.wait(20)
    timer.stop()
    assert heard == [("a turn", True), "ended", *([] if is_left else ["report"])]
    assert not is_stepping()


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


def test_the_window_lives_while_a_single_step_takes_its_time(parent: QWidget, qtbot: QtBot) -> None:
    go_on = threading.Event()

    def work() -> Generator[ImportProgress, None, str]:
        assert go_on.wait(10)
        yield ImportProgress(1, 1, "x")
        return "report"

    task = SteppedTask("Importing", work(), parent)
    qtbot.waitUntil(is_stepping)
    ticks: list[None] = []
    timer = QTimer(parent)
    timer.timeout.connect(lambda: ticks.append(None))
    timer.start(0)
    qtbot.waitUntil(lambda: len(ticks) > 20)
    assert is_stepping()
    with qtbot.waitSignal(task.finished):
        go_on.set()


def test_whoever_wants_the_project_waits_for_the_step_at_hand(qtbot: QtBot) -> None:
    done: list[int] = []

    def step() -> None:
        time.sleep(0.05)
        done.append(1)

    begin_step(step)
    begin_step(step)
    wait_for_step()
    assert done == [1, 1]
    assert not is_stepping()


def test_steps_never_go_on_side_by_side(parent: QWidget, qtbot: QtBot) -> None:
    inside: list[int] = []
    most: list[int] = []

    def work() -> Generator[ImportProgress, None, str]:
        for number in range(20):
            inside.append(number)
            time.sleep(0.001)
            most.append(len(inside))
            inside.pop()
            yield ImportProgress(number, 20, "x")
        return "report"

    tasks_ = [SteppedTask("Importing", work(), parent) for _ in range(3)]
    with qtbot.waitSignals([task.finished for task in tasks_]):
        pass
    assert set(most) == {1}
    assert len(most) == 60


def test_work_that_takes_back_in_steps_goes_on_after_a_cancel_and_says_so(
    parent: QWidget, qtbot: QtBot
) -> None:
    taken: list[int] = []
    go_on = threading.Event()

    def work() -> Generator[ImportProgress, None, str]:
        try:
            while True:
                time.sleep(0.001)
                yield ImportProgress(1, 9, "x")
        except Cancelled:
            for number in range(20):
                taken.append(number)
                assert go_on.wait(10) or number < 3
                time.sleep(0.001)
                yield ImportProgress(number, 20, "x")
            raise

    task = SteppedTask("Importing", work(), parent)
    dialog = parent.findChild(QProgressDialog)
    qtbot.waitUntil(lambda: dialog.maximum() == 9)
    dialog.cancel()
    qtbot.waitUntil(lambda: dialog.labelText().startswith("Taking back"))
    assert dialog.isVisible()
    with qtbot.waitSignal(task.cancelled):
        go_on.set()
    assert taken == list(range(20))


def test_a_long_step_is_interrupted_by_a_cancel(parent: QWidget, qtbot: QtBot) -> None:
    stop = threading.Event()

    def work() -> Generator[ImportProgress, None, str]:
        yield ImportProgress(0, 0, "x")
        assert stop.wait(10)
        raise Cancelled

    task = SteppedTask("Packing", work(), parent, appears=0, interrupt=stop.set)
    dialog = parent.findChild(QProgressDialog)
    qtbot.waitUntil(dialog.isVisible)
    with qtbot.waitSignal(task.cancelled):
        dialog.cancel()


def test_a_background_step_tells_its_result_or_failure(parent: QWidget, qtbot: QtBot) -> None:
    def fail() -> None:
        raise AnnotatorError("The disk is full.")

    with qtbot.waitSignal(BackgroundStep(lambda: 42, parent).finished) as caught:
        pass
    assert caught.args == [42]
    with qtbot.waitSignal(BackgroundStep(fail, parent).failed) as caught:
        pass
    assert caught.args == ["The disk is full."]


def test_a_step_that_takes_its_time_ends_while_the_event_loop_turns(parent: QWidget) -> None:
    go_on = threading.Event()
    seen: list[bool] = []
    step = begin_step(partial(go_on.wait, 10))
    QTimer.singleShot(20, lambda: seen.append(step.done()))
    QTimer.singleShot(20, lambda: seen.append(is_stepping()))
    QTimer.singleShot(20, go_on.set)
    tasks.let_step_end()
    assert seen == [False, True]
    assert step.done()
    assert not is_stepping()


def test_long_work_is_told_to_end_and_not_waited_for(parent: QWidget, qtbot: QtBot) -> None:
    stop = threading.Event()

    def packing() -> Generator[ImportProgress, None, None]:
        stop.wait(10)
        yield ImportProgress(0, 0, "")

    task = SteppedTask("Packing", packing(), parent, interrupt=stop.set)
    qtbot.waitUntil(is_stepping)
    tasks.let_step_end()
    assert is_stepping()
    task.cancel()
    assert not is_stepping()


def test_work_that_can_wait_goes_on_only_in_pauses(
    parent: QWidget, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "QUIET", 0.05)
    waits, goes_on = Work(10_000), Work(10_000)
    person_acts()
    works = [
        BackgroundWork(waits.run(), parent, in_pauses=True),
        BackgroundWork(goes_on.run(), parent),
    ]
    until = time.monotonic() + 0.2
    while time.monotonic() < until:
        person_acts()
        qtbot.wait(5)
    assert waits.done == 0
    assert goes_on.done > 0
    qtbot.waitUntil(lambda: waits.done > 0)
    for work in works:
        work.stop()
    wait_for_step()


def test_work_that_failed_can_still_be_stopped(parent: QWidget, qtbot: QtBot) -> None:
    work = BackgroundWork(Work(5, fail_at=2).run(), parent)
    with qtbot.waitSignal(work.failed):
        pass
    qtbot.waitUntil(lambda: not isValid(work))
    work.stop()
