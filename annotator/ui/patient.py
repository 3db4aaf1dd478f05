"""What a small project answers at once and a large one takes its time for, without the window waiting."""

from __future__ import annotations

import time
from collections.abc import Generator
from concurrent.futures import Future, wait
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from annotator.model import AnnotatorError
from annotator.ui.tasks import LOOK, Returned, begin_step, go_on

PATIENCE = 0.010  # seconds after which the window goes on without the answer


class PatientWork(QObject):
    """A generator of short steps: done before :meth:`begin` returns where that is soon, else beside it.

    To be stopped before its project is closed.
    """

    finished = Signal(object)  # what it returned
    failed = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._work: Generator[Any, None, Any] | None = None
        self._step: Future[Returned | None] | None = None
        self._timer = QTimer(self, interval=LOOK)
        self._timer.timeout.connect(self._look)

    @property
    def running(self) -> bool:
        """Whether the answer is still to come."""
        return self._step is not None

    def begin(self, work: Generator[Any, None, Any]) -> None:
        """Do ``work``; whatever was begun before is dropped."""
        self.stop()
        self._work = work
        until = time.monotonic() + PATIENCE
        self._go_on()
        while self._step is not None and (left := until - time.monotonic()) > 0:
            wait([self._step], timeout=left)
            self._look()

    def stop(self) -> None:
        """Go no further, and tell nothing."""
        self._timer.stop()
        self._work = self._step = None

    def _go_on(self) -> None:
        assert self._work is not None
        self._step = begin_step(partial(go_on, self._work))
        self._timer.start()

    def _look(self) -> None:
        """Take what a step brought."""
        step = self._step
        if step is None or not step.done():
            return
        self._timer.stop()
        self._step = None
        try:
            end = step.result()
        except AnnotatorError as error:
            self.failed.emit(str(error))
            return
        if end is None:
            self._go_on()
        else:
            self.finished.emit(end.value)
