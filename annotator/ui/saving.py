"""Is what is done saved? Looked at all the time, so that the status line says what is true."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from annotator.model import Change, StorageError
from annotator.ui.tasks import is_stepping

if TYPE_CHECKING:
    from annotator.project import Project
    from annotator.ui.session import Session
    from annotator.ui.status_line import StatusLine

EVERY = 2000  # milliseconds between two looks
SILENT = (
    "The drive with the project does not answer. What was done is saved; the next step waits until it does."
)


class Saving(QObject):
    """Looks at the project's file every two seconds, and hears of each step that could not be saved."""

    def __init__(self, session: Session, status: StatusLine) -> None:
        super().__init__(session)
        self._session = session
        self._status = status
        self._look: _Look | None = None
        self._found = ""  # why nothing can be saved, by the last look
        self._refused = ""  # why the last step was not saved
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY)
        self._timer.timeout.connect(self.look)
        session.opened.connect(self._begin)
        session.closing.connect(self._timer.stop)
        session.changed.connect(self._saved)
        session.refused.connect(self._not_saved)

    def _begin(self) -> None:
        self._look = None
        self._found = self._refused = ""
        if self._session.writable:
            self._timer.start()
        else:
            self._timer.stop()
        self._show()

    def look(self) -> None:
        """Take what the last look found and begin another, in a thread: a drive may not answer."""
        if is_stepping():
            return  # whoever asks for the project would wait for the step, and it shows what it is at
        look = self._look
        if look is not None and look.is_alive():
            self._found = SILENT
        else:
            if look is not None:
                if self._found and not look.found:
                    self._refused = ""  # the cause is gone
                self._found = look.found
            project = self._session.project
            if project is not None:
                self._look = _Look(project)
                self._look.start()
        self._show()

    def _saved(self, change: Change) -> None:
        if change.tables:
            self._refused = ""
            self._show()

    def _not_saved(self, error: StorageError) -> None:
        self._refused = str(error)
        self._show()

    def _show(self) -> None:
        if not self._session.writable:
            self._status.show_saving("read only" if self._session.is_open else "")
        elif why := self._found or self._refused:
            self._status.show_saving("cannot be saved" if self._found else "last step not saved", why)
        else:
            self._status.show_saving("saved")


class _Look(threading.Thread):
    """One look at the file; ``found`` is why it cannot be written to, "": it can."""

    def __init__(self, project: Project) -> None:
        super().__init__(name="looking at the file", daemon=True)
        self._blocked = project.blocked
        self.found = ""

    def run(self) -> None:
        error = self._blocked()
        self.found = str(error) if error is not None else ""
