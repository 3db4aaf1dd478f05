"""Looking for every occurrence beside the window: one step at a time, in the thread of steps."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, wait
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from annotator.model import AnnotatorError
from annotator.ui.tasks import LOOK, begin_step

if TYPE_CHECKING:
    from annotator.project.occurrences import Found, Occurrence

SLICE = 0.005  # seconds of a step


class OccurrenceSearch(QObject):
    """Steps one search after another; a new one ends the one that is running."""

    found = Signal(object, int, int)  # list of Occurrence; the last article looked at; the last there is
    ended = Signal()
    failed = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._steps: Iterator[Found] | None = None
        self._step: Future[tuple[list[Occurrence], int, int, bool]] | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK)
        self._timer.timeout.connect(self._look)

    @property
    def running(self) -> bool:
        """Whether there is more to be found."""
        return self._steps is not None

    def begin(self, steps: Iterator[Found]) -> None:
        """Look for something (else)."""
        self.stop()
        self._steps = steps
        self._go_on()

    def stop(self) -> None:
        """Let go of the project."""
        self._timer.stop()
        if self._step is not None:
            wait([self._step])
        self._step = self._steps = None

    def _go_on(self) -> None:
        assert self._steps is not None
        self._step = begin_step(partial(_next_places, self._steps))
        self._timer.start()

    def _look(self) -> None:
        """Take what a step found."""
        step = self._step
        if step is None or not step.done():
            return
        self._timer.stop()
        self._step = None
        try:
            places, done, total, more = step.result()
        except AnnotatorError as error:
            self._steps = None
            self.failed.emit(str(error))
            return
        steps = self._steps
        if total:
            self.found.emit(places, done, total)
        if steps is not self._steps or self._step is not None:
            return  # whoever heard of it had enough, or looks for something else
        if more:
            self._go_on()
        else:
            self._steps = None
            self.ended.emit()


def _next_places(steps: Iterator[Found]) -> tuple[list[Occurrence], int, int, bool]:
    """Return what a slice of time finds, how far it came, and whether there is more."""
    until = time.monotonic() + SLICE
    places: list[Occurrence] = []
    done = total = 0
    for found in steps:
        places += found.places
        done, total = found.done, found.total
        if time.monotonic() >= until:
            return places, done, total, True
    return places, done, total, False
