"""Counting for the overview beside the window, and loading what draws it meanwhile."""

from __future__ import annotations

import importlib
import time
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from annotator.model import AnnotatorError
from annotator.ui.tasks import LOOK, begin_step

if TYPE_CHECKING:
    from annotator.project.overview import Overview, OverviewProgress

SLICE = 0.005  # seconds of a step

_Step = tuple["OverviewProgress | None", "Overview | None"]


class OverviewCount(QObject):
    """Steps one count after another; a new one ends the one that is running.

    What draws is imported at the end of the first count: numpy meanwhile, in a thread; pyqtgraph, which makes
    objects of Qt while it is imported, only in the window's thread, which stops for a moment then (once).
    """

    progressed = Signal(int, int)
    finished = Signal(object)  # Overview; what draws it is loaded
    failed = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._steps: Generator[OverviewProgress, None, Overview] | None = None
        self._step: Future[_Step] | None = None
        self._found: Overview | None = None
        self._loading: Future[Any] | None = None
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
        if self._loading is None:
            loader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="charts")
            self._loading = loader.submit(importlib.import_module, "numpy")
            loader.shutdown(wait=False)
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
        assert self._loading is not None
        if not self._loading.done():
            return
        found, loading = self._found, self._loading
        self.took = time.monotonic() - self._began
        self.stop()
        loading.result()  # or say why it could not be loaded
        importlib.import_module("annotator.ui.chart_view")
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
