"""How often each actor is mentioned: at once in small projects, counted beside the window in large ones."""

from __future__ import annotations

import time
from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal

from annotator.ui.session import Session
from annotator.ui.tasks import BackgroundWork

PATIENCE = 0.010  # seconds of counting before the window goes on without

Counts = Mapping[str, tuple[int, int]]
"""By an actor's uuid: mentions, and the articles that they are in."""


class ActorCounts(QObject):
    """Counts anew when it is asked to; what was counted before is there until then."""

    counted = Signal()  # later than when it was asked for
    failed = Signal(str)

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._work: BackgroundWork | None = None
        self.known: Counts | None = None

    @property
    def running(self) -> bool:
        """Whether what is known may be out of date."""
        return self._work is not None

    def ask(self) -> None:
        """Count; what is not known in a moment comes later."""
        self.stop()
        project = self._session.project
        if project is None:
            return
        steps, until = project.actors.counts(), time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                next(steps)
            except StopIteration as end:
                self.known = end.value
                return
        self._work = BackgroundWork(steps, self)
        self._work.finished.connect(self._finished)
        self._work.failed.connect(self._gave_up)

    def stop(self) -> None:
        """Let go of the project."""
        if self._work is not None:
            self._work.stop()
            self._work = None

    def forget(self) -> None:
        """Know nothing any more: another project is to be counted."""
        self.stop()
        self.known = None

    def _finished(self, counts: Counts) -> None:
        self._work = None
        self.known = counts
        self.counted.emit()

    def _gave_up(self, why: str) -> None:
        self._work = None
        self.failed.emit(why)
