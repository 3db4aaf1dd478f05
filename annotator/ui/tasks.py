"""Long work without a second thread: a generator stepped while the window stays alive."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any, Protocol

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QProgressDialog, QWidget

from annotator.model import AnnotatorError

SLICE = 0.010  # seconds of work between two looks at the event loop


class Progress(Protocol):
    """What a step yields."""

    @property
    def done(self) -> int: ...  # noqa: D102
    @property
    def total(self) -> int: ...  # noqa: D102


class SteppedTask(QObject):
    """Runs a generator by a zero timer, with a progress dialog after half a second and a cancel.

    Cancelling closes the generator, whose own clean-up takes everything back.
    """

    finished = Signal(object)  # what the generator returned
    failed = Signal(str)
    cancelled = Signal()
    ended = Signal()  # in whichever way, before the others

    def __init__(self, title: str, work: Generator[Progress, None, Any], parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent.window()
        self._work = work
        self._dialog = QProgressDialog(title, "Cancel", 0, 0, parent)
        self._dialog.setWindowTitle(title)
        self._dialog.setWindowModality(Qt.WindowModality.WindowModal)
        self._dialog.setMinimumDuration(500)
        self._dialog.setAutoReset(False)
        self._dialog.setAutoClose(False)
        self._dialog.setMinimumWidth(360)
        self._title = title
        self._can_cancel = True
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._step)
        self._timer.start(0)

    def _step(self) -> None:
        until = time.monotonic() + SLICE
        try:
            progress = next(self._work)  # at least one step, however slow the machine is
            while time.monotonic() < until:
                progress = next(self._work)
        except StopIteration as end:
            self._close()
            self.finished.emit(end.value)
            return
        except AnnotatorError as error:
            self._close()
            self.failed.emit(str(error))
            return
        except BaseException:
            self._close()
            raise
        self._dialog.setMaximum(max(progress.total, 1))
        self._dialog.setLabelText(f"{self._title}: {progress.done:,} of {progress.total:,}")
        self._dialog.setValue(progress.done)
        if self._dialog.wasCanceled() and self._can_cancel:
            self.cancel()

    def forbid_cancel(self) -> None:
        """Let the person wait: the work is to be completed."""
        self._can_cancel = False
        self._dialog.setCancelButton(None)

    def cancel(self) -> None:
        """Stop, and take everything back."""
        self._close()
        try:
            self._work.close()
        except AnnotatorError as error:  # the disk is full, say: the rest is taken back before the next act
            self.failed.emit(str(error))
        else:
            self.cancelled.emit()

    def _close(self) -> None:
        self._timer.stop()
        if self._dialog.isVisible():
            self._dialog.close()
            self._window.activateWindow()  # some platforms leave nothing active after a modal dialog
        self._dialog.deleteLater()
        self.deleteLater()
        self.ended.emit()
