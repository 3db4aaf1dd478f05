"""Counting for the overview beside the window, and loading what draws it meanwhile."""

from __future__ import annotations

import time
from collections.abc import Generator
from concurrent.futures import Future, wait
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from annotator.model import AnnotatorError
from annotator.ui.chart_loading import ChartLoading
from annotator.ui.tasks import LOOK, begin_step

if TYPE_CHECKING:
    from annotator.project.overview import Overview, OverviewProgress

SLICE = 0.005  # seconds of a step

_Step = tuple["OverviewProgress | None", "Overview | None"]


class OverviewCount(QObject):
    """Steps one count after another; a new one ends the one that is running.

    What draws is imported during the first count, which waits for it at its end.
    """

    progressed = Signal(int, int)
    finished = Signal(object)  # Overview; what draws it is loaded
    failed = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._steps: Generator[OverviewProgress, None, Overview] | None = None
        self._step: Future[_Step] | None = None
        self._found: Overview | None = None
        self._loading = ChartLoading(self)
        self._began = 0.0
        self.took = 0.0  # seconds that the last count took
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK)
        self._timer.timeout.connect(self._look)

    @property
    def running(self) -> bool:
        """Whether a count is going on."""
        return self._steps is not None

    def begin(self, steps: Generator[OverviewProgress, None, Overview]) -> None:
        """Count (anew)."""
        self.stop()
        self._loading.begin()
        self._steps = steps
        self._began = time.monotonic()
        self._go_on()

    def stop(self) -> None:
        """Let go of the project."""
        self._timer.stop()
        if self._step is not None:
            wait([self._step])
        self._step = self._steps = self._found = None

    def _go_on(self) -> None:
        assert self._steps is not None
        self._step = begin_step(partial(_advance, self._steps))
        self._timer.start()

    def _look(self) -> None:
        """Take what a step brought; at the end, wait for what draws."""
        if self._step is not None:
            if not self._step.done():
                return
            step, self._step = self._step, None
            try:
                progress, self._found = step.result()
            except AnnotatorError as error:
                self.stop()
                self.failed.emit(str(error))
                return
            if self._found is None:
                self._go_on()
                if progress is not None:
                    self.progressed.emit(progress.done, progress.total)
                return
        if not self._loading.loaded:
            return
        found = self._found
        self.took = time.monotonic() - self._began
        self.stop()
        self.finished.emit(found)


def _advance(steps: Generator[OverviewProgress, None, Overview]) -> _Step:
    """Count for a slice of time; return how far it came, and everything once it is all there."""
    until = time.monotonic() + SLICE
    try:
        progress = next(steps)
        while time.monotonic() < until:
            progress = next(steps)
    except StopIteration as end:
        return None, end.value
    return progress, None
