"""Long work that leaves the window awake: a generator stepped in a thread of its own, one step at a time.

A step may take as long as the disk needs for its commit; the event loop goes on meanwhile. All threads share
the project's one connection, but never at the same time: whoever asks the session for the project waits for
the step at hand (:func:`wait_for_step`), and the next one begins only from the event loop. See docs/adr/0011.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from functools import partial
from typing import Any, Protocol

from PySide6.QtCore import QCoreApplication, QEventLoop, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QProgressDialog, QWidget
from shiboken6 import isValid

from annotator.model import AnnotatorError, Cancelled

SLICE = 0.010  # seconds of work after which a step ends, or after what the work itself does at once
SWITCH = 0.0001  # seconds after which the thread of steps hands Python to the window, painting most of all
LOOK = 1  # milliseconds between two looks at a step
TURN = 1  # milliseconds until the next turn of the event loop: what is due in none comes in this one
APART = 20  # milliseconds between what the window shows first and what next: together they would be felt
QUIET = 0.3  # seconds after the person's last act before work begins that can wait for a pause
APPEARS = 500  # milliseconds; work that is done by then shows no dialog

sys.setswitchinterval(SWITCH)
_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="steps")
_at_hand: set[Future[Any]] = set()
_long_works: set[SteppedTask] = set()
_is_ending = False  # what goes on: whoever comes next would wait for a step that began meanwhile
_is_turn_taken = False  # by one of those that wait for a turn of their own
_acted = -QUIET  # when the person last did
_explain: Callable[[BaseException], AnnotatorError | None] | None = None


def explain_with(explain: Callable[[BaseException], AnnotatorError | None]) -> None:
    """Let ``explain`` give the plain sentence for an error in a step, or None for a bug."""
    global _explain
    _explain = explain


def begin_step(step: Callable[[], Any]) -> Future[Any]:
    """Do ``step`` in the thread of steps, after those that were begun before."""
    future = _thread.submit(step)
    _at_hand.add(future)
    return future


def wait_for_step() -> None:
    """Return once no step is going on: the project's connection is the caller's until the event loop."""
    if _at_hand:
        wait(_at_hand)
        _at_hand.clear()


def let_step_end() -> None:
    """Let the event loop turn, without keys and clicks, until the step that goes on is over.

    One statement may be long. Not one of a :class:`SteppedTask`, which may be told to end early. Steps that
    begin meanwhile are waited for, too, where they follow each other for no more than ``QUIET``.
    """
    going_on = [] if is_at_long_work() else list(_at_hand)
    until = time.monotonic() + QUIET
    with _what_can_wait_waits():
        while going_on := [future for future in going_on if not future.done()]:
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents, LOOK)
            wait(going_on, timeout=LOOK / 1000)
            if time.monotonic() < until:
                going_on = list(_at_hand)


@contextmanager
def _what_can_wait_waits() -> Iterator[None]:
    """Have :func:`is_stepping` say so meanwhile, between two steps too."""
    global _is_ending
    before, _is_ending = _is_ending, True
    try:
        yield
    finally:
        _is_ending = before


def paint_later(widget: QWidget, *, after: int = APART) -> None:
    """Have a widget painted after all else that changes now, in a turn of its own: see :func:`in_turn`."""
    widget.setUpdatesEnabled(False)
    in_turn(widget, partial(widget.setUpdatesEnabled, True), after=after)


def in_turn(owner: QObject, what: Callable[[], object], *, after: int = APART) -> None:
    """Do ``what`` later, if ``owner`` is still there; of all that is asked for in this way, one thing a turn.

    ``after`` so many milliseconds; ``TURN``: as soon as what goes on now is over.
    """
    QTimer.singleShot(after, owner, partial(_take_turn, owner, what))


def _take_turn(owner: QObject, what: Callable[[], object]) -> None:
    global _is_turn_taken
    if _is_turn_taken:
        in_turn(owner, what, after=TURN)
        return
    _is_turn_taken = True
    QTimer.singleShot(TURN, _end_turn)
    what()


def _end_turn() -> None:
    global _is_turn_taken
    _is_turn_taken = False


def person_acts() -> None:
    """Hear that the person does something now, and is not to meet a commit of work that can wait."""
    global _acted
    _acted = time.monotonic()


def until_pause() -> float:
    """Return in how many seconds the person may be said to pause, 0 where that is so now."""
    return max(0.0, QUIET - (time.monotonic() - _acted))


def is_stepping() -> bool:
    """Tell whether a step is going on, or another one would be in the way: who can lets the project be."""
    return _is_ending or any(not future.done() for future in _at_hand)


def is_at_long_work() -> bool:
    """Tell whether a :class:`SteppedTask` is running, between two of its steps too."""
    return any(isValid(task) for task in _long_works)


class Progress(Protocol):
    """What a step yields. One that counts nothing a person knows has ``words`` to be shown instead."""

    @property
    def done(self) -> int: ...  # noqa: D102
    @property
    def total(self) -> int: ...  # noqa: D102


class SteppedTask(QObject):
    """Runs a generator step by step, with a progress dialog after half a second and a cancel.

    Cancelling throws ``Cancelled`` into the generator, which may go on yielding while it takes back what it
    did. Its own clean-up comes last, in whichever way it ends.
    """

    finished = Signal(object)  # what the generator returned
    failed = Signal(str)
    refused = Signal(object)  # before that: the error whose words ``failed`` says, with what else it knows
    cancelled = Signal()
    ended = Signal()  # in whichever way, before the others

    def __init__(
        self,
        title: str,
        work: Generator[Progress, None, Any],
        parent: QWidget,
        *,
        appears: int = APPEARS,
        interrupt: Callable[[], None] | None = None,
    ) -> None:
        """The dialog ``appears`` after so many milliseconds.

        ``interrupt`` is called on cancelling while a step goes on, so that a long one can end early.
        """
        super().__init__(parent)
        _long_works.add(self)
        self._window = parent.window()
        self._work = work
        self._dialog = QProgressDialog(title, "Cancel", 0, 0, parent)
        self._dialog.setWindowTitle(title)
        self._dialog.setWindowModality(Qt.WindowModality.WindowModal)
        self._dialog.setMinimumDuration(appears)
        self._dialog.setAutoReset(False)
        self._dialog.setAutoClose(False)
        self._dialog.setMinimumWidth(360)
        self._title = title
        self._interrupt = interrupt
        self._can_cancel = True
        self._cancelling = False
        self._closed = False
        self._dropped = False  # its project was closed since it ended: nobody is to hear of it
        self._step: Future[Progress] | None = None
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        self._timer.start(LOOK)

    def _look(self) -> None:
        """Take what a step brought, and begin the next one."""
        step = self._step
        if step is not None:
            if not step.done():
                if self._interrupt is not None and self._dialog.wasCanceled():
                    self._interrupt()
                return
            self._step = None
            _at_hand.discard(step)
            try:
                progress = step.result()
            except Returned as end:
                self._end(self.finished, end.value)
                return
            except Cancelled:
                self._end(self.cancelled)
                return
            except AnnotatorError as error:
                self._end(self.refused, error)
                if not self._dropped:
                    self.failed.emit(str(error))
                return
            except BaseException:
                self._close()
                self.ended.emit()
                raise
            self._show(progress)  # a modal dialog lets the event loop turn meanwhile
            if self._closed or self._step is not None:
                return
        cancelled = self._dialog.wasCanceled() and self._can_cancel and not self._cancelling
        if cancelled:
            self._begin_cancelling()
        self._step = begin_step(partial(_advance, self._work, cancelled=cancelled))

    def _show(self, progress: Progress) -> None:
        # None of none: nobody knows how long it takes, and the bar runs to and fro.
        counts = f": {progress.done:,} of {progress.total:,}" if progress.total else "…"
        words = f": {progress.words}" if hasattr(progress, "words") else counts
        self._dialog.setMaximum(progress.total)
        self._dialog.setLabelText(self._title + words)
        self._dialog.setValue(progress.done)

    def _begin_cancelling(self) -> None:
        self._cancelling = True
        self._title = "Taking back"
        self._dialog.reset()
        self._dialog.setCancelButton(None)
        self._dialog.setLabelText("Taking back…")
        self._dialog.show()

    @property
    def title(self) -> str:
        """What it is at."""
        return self._title

    @property
    def can_cancel(self) -> bool:
        """Whether stopping it takes back what it did; else the rest is done later."""
        return self._can_cancel and not self._cancelling and not self._closed

    def show(self) -> None:
        """Show the progress now: coming up later it would be over a question that is asked meanwhile."""
        self._dialog.show()

    def forbid_cancel(self) -> None:
        """Let the person wait: the work is to be completed."""
        self._can_cancel = False
        self._dialog.setCancelButton(None)

    def cancel(self) -> None:
        """Stop and take everything back at once: the project is about to be closed."""
        if self._closed:
            self._dropped = True
            return
        if self._interrupt is not None:
            self._interrupt()
        wait_for_step()
        self._close()
        self.ended.emit()
        wait_for_step()  # who saw the dialog go may have begun one
        try:
            self._work.close()
        except AnnotatorError as error:  # the disk is full, say: the rest is taken back before the next act
            self.failed.emit(str(error))
        else:
            self.cancelled.emit()

    def _end(self, signal: Any, *values: object) -> None:
        """Take the dialog away, let what it covered be painted in a turn of its own, and tell the end.

        Who hears of it shows much itself. No key comes in between, and what can wait begins no step.
        """
        covers = self._dialog.isVisible()
        self._close()
        if covers:
            with _what_can_wait_waits():
                QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
                let_step_end()  # what was painted may have asked for rows
        self.ended.emit()
        if not self._dropped:
            signal.emit(*values)

    def _close(self) -> None:
        self._closed = True
        _long_works.discard(self)
        self._timer.stop()
        if self._dialog.isVisible():
            self._dialog.close()
            self._window.activateWindow()  # some platforms leave nothing active after a modal dialog
        self._dialog.deleteLater()
        self.deleteLater()


class BackgroundStep(QObject):
    """One short piece of work on the project that the window need not wait for."""

    finished = Signal(object)  # what it returned
    failed = Signal(str)

    def __init__(self, step: Callable[[], Any], parent: QObject) -> None:
        super().__init__(parent)
        self._step = begin_step(step)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        self._timer.start(LOOK)

    def _look(self) -> None:
        if not self._step.done():
            return
        self._timer.stop()
        self.deleteLater()
        _at_hand.discard(self._step)
        try:
            result = self._step.result()
        except Exception as error:  # whoever waits for it hears of it, be it a bug
            plain = error if isinstance(error, AnnotatorError) else _explain and _explain(error)
            self.failed.emit(str(plain or error))
            if plain is None:
                raise
        else:
            self.finished.emit(result)


class BackgroundWork(QObject):
    """A generator that the window need not wait for: a :class:`SteppedTask` with nothing shown.

    To be stopped before its project is closed. ``in_pauses``: no step begins while the person is at work,
    who would wait for its commit at the next act.
    """

    finished = Signal(object)  # what it returned
    failed = Signal(str)

    def __init__(self, work: Generator[Any, None, Any], parent: QObject, *, in_pauses: bool = False) -> None:
        super().__init__(parent)
        self._work = work
        self._in_pauses = in_pauses
        self._stopped = False
        self._begin()

    def stop(self) -> None:
        """Go no further, and tell nothing."""
        self._stopped = True
        if isValid(self):  # one that failed is gone by itself
            self.deleteLater()

    def _begin(self) -> None:
        if self._stopped:
            return
        if self._in_pauses and (left := until_pause()):
            QTimer.singleShot(max(LOOK, round(left * 1000)), self, self._begin)
            return
        step = BackgroundStep(partial(go_on, self._work), self)
        step.finished.connect(self._stepped)
        step.failed.connect(self._fail)

    def _stepped(self, end: Returned | None) -> None:
        if self._stopped:
            return
        if end is None:
            self._begin()
        else:
            self.finished.emit(end.value)
            self.deleteLater()

    def _fail(self, why: str) -> None:
        if not self._stopped:
            self.failed.emit(why)
            self.deleteLater()


class Returned(Exception):  # noqa: N818  (StopIteration cannot pass through a future)
    """The work is done."""

    def __init__(self, value: object) -> None:
        self.value = value


def _advance(work: Generator[Progress, None, Any], *, cancelled: bool) -> Progress:
    """Go on with ``work`` for a slice of time, at least to its next yield, however slow the machine is."""
    until = time.monotonic() + SLICE
    try:
        progress = work.throw(Cancelled()) if cancelled else next(work)
        while time.monotonic() < until:
            progress = next(work)
    except StopIteration as end:
        raise Returned(end.value) from None
    return progress


def go_on(work: Generator[Any, None, Any]) -> Returned | None:
    """Go on with ``work`` for a slice of time; return its end, None before that."""
    try:
        _advance(work, cancelled=False)
    except Returned as end:
        return end
    return None
