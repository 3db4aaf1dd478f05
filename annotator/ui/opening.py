"""A project is opened beside the window: in a thread of its own, while the event loop goes on."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEventLoop, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QLabel, QProgressDialog, QWidget

from annotator.model import (
    AnnotatorError,
    LockedProjectError,
    ProjectError,
    ReadOnlyProjectError,
    StorageError,
)
from annotator.ui.tasks import LOOK

if TYPE_CHECKING:
    from annotator.project import Project

APPEARS = 0.5  # seconds until it is shown, unless it is known before that it takes long


class Opening(QObject):
    """The opening of one project file, for writing or else for reading; ``path`` is the file's.

    It is not in the thread of steps: that belongs to the project which is open now.
    """

    slow = Signal()  # it takes its time: to be shown, with a cancel
    told = Signal(str, object)  # what is going on; how much of it is done, None: nobody knows
    ended = Signal()

    def __init__(self, path: Path, annotator: str, parent: QObject) -> None:
        super().__init__(parent)
        self.path = path
        self.abandoned = False  # nobody wants to hear of it any more: the program ends
        self._annotator = annotator
        self._stopped = threading.Event()
        self._project: Project | None = None
        self._warning = ""
        self._error: BaseException | None = None
        self._told: tuple[str, float | None] = ("", None)
        self._thread = threading.Thread(target=self._open, name=f"opening {path.name}", daemon=True)

    def run(self) -> tuple[Project, str]:
        """Return the open project, and why it can only be read ("": it can be written to).

        The event loop turns meanwhile. Raises what :func:`annotator.project.open_project` does, and
        ``Cancelled`` after :meth:`cancel`.
        """
        # Imported late: sqlite-utils takes longer than Qt, and the window does not wait for it. But not in
        # the thread: two that import at once may each wait for the other.
        import annotator.project  # noqa: F401

        self._thread.start()
        self._wait_in_event_loop()
        self._thread.join()
        self.ended.emit()
        # The dialog goes in a turn of its own, what it covered is painted, and then comes the other project.
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
        self.deleteLater()
        if self._error is not None:
            raise self._error
        assert self._project is not None
        return self._project, self._warning

    def _wait_in_event_loop(self) -> None:
        """Let the event loop turn; keys and clicks come through once something says that they must wait."""
        appears = time.monotonic() + APPEARS
        loop = QEventLoop()
        timer = QTimer()
        timer.timeout.connect(lambda: self._look(loop, shown=False, appears=appears))
        timer.start(LOOK)
        loop.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
        if self._thread.is_alive():
            self.slow.emit()
            timer.timeout.disconnect()
            timer.timeout.connect(lambda: self._look(loop, shown=True, appears=appears))
            loop.exec()

    def _look(self, loop: QEventLoop, *, shown: bool, appears: float) -> None:
        if not self._thread.is_alive():
            loop.quit()
        elif not shown:
            if self._told[0] or time.monotonic() > appears:
                loop.quit()
        else:
            self.told.emit(*self._told)

    def cancel(self) -> None:
        """Call it off: the file stays, or becomes again, what it was."""
        self._stopped.set()

    def abandon(self) -> None:
        """Call it off and return once the file is let go of: the program ends."""
        self.abandoned = True
        self.cancel()
        self._thread.join()

    def _open(self) -> None:
        from annotator.project import open_project

        who, tell, stop = self._annotator, self._tell, self._stopped.is_set
        try:
            try:
                self._project = open_project(self.path, annotator=who, tell=tell, stop=stop)
            except (LockedProjectError, ReadOnlyProjectError, StorageError) as error:
                self._warning = str(error)
                self._project = open_project(self.path, annotator=who, read_only=True, stop=stop)
        except AnnotatorError as error:
            # Why it cannot be written to comes first: an older one cannot be read either, until it can.
            words = dict.fromkeys(filter(None, (self._warning, str(error))))
            self._error = ProjectError(" ".join(words)) if self._warning else error
        except BaseException as error:  # raised again by the thread that waits
            self._error = error

    def _tell(self, words: str, done: float | None) -> None:
        self._told = (words, done)


class OpeningDialog(QProgressDialog):
    """Says what the opening of a project is at, over the whole program, and can call it off."""

    def __init__(self, opening: Opening, parent: QWidget) -> None:
        super().__init__(f"Opening {opening.path.name}…", "Cancel", 0, 0, parent)
        self.setWindowTitle("Opening")
        self.setWindowModality(Qt.WindowModality.ApplicationModal)
        self.setMinimumDuration(0)
        self.setAutoReset(False)
        self.setAutoClose(False)
        self.setFixedWidth(460)
        label = QLabel(self.labelText())
        label.setTextFormat(Qt.TextFormat.PlainText)  # a file may have any name
        label.setWordWrap(True)
        self.setLabel(label)
        self.canceled.connect(opening.cancel)
        opening.told.connect(self._show)
        opening.ended.connect(self._end)
        self.show()

    def _show(self, words: str, done: float | None) -> None:
        if self.wasCanceled():
            return
        if words and words != self.labelText():
            self.setLabelText(words)
        self.setMaximum(0 if done is None else 100)
        self.setValue(0 if done is None else min(99, int(100 * done)))

    def _end(self) -> None:
        self.close()
        self.deleteLater()
