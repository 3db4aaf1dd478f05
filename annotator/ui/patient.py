"""What a small project answers at once and a large one takes its time for, without the window waiting."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any

from PySide6.QtCore import QObject, Signal

from annotator.ui.tasks import BackgroundWork

PATIENCE = 0.010  # seconds after which the window goes on without the answer


class PatientWork(QObject):
    """A generator of short steps: done before :meth:`begin` returns where that is soon, else beside it.

    To be stopped before its project is closed.
    """

    finished = Signal(object)  # what it returned
    failed = Signal(str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._work: BackgroundWork | None = None

    @property
    def running(self) -> bool:
        """Whether the answer is still to come."""
        return self._work is not None

    def begin(self, work: Generator[Any, None, Any]) -> None:
        """Do ``work``; whatever was begun before is dropped. It was given the project at this turn."""
        self.stop()
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                next(work)
            except StopIteration as end:
                self.finished.emit(end.value)
                return
        self._work = BackgroundWork(work, self)
        self._work.finished.connect(self._finish)
        self._work.failed.connect(self._fail)

    def stop(self) -> None:
        """Go no further, and tell nothing."""
        if self._work is not None:
            self._work.stop()
            self._work = None

    def _finish(self, found: object) -> None:
        self._work = None
        self.finished.emit(found)

    def _fail(self, why: str) -> None:
        self._work = None
        self.failed.emit(why)
