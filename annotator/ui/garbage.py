"""Python's garbage is collected in the window's thread alone.

Python collects whenever enough objects were made, in whichever thread makes them. Among the garbage may be
objects of Qt, a dialog that was closed say, which must be destroyed in the thread that they belong to: in
the thread of steps (:mod:`annotator.ui.tasks`) that would crash the program, sooner or later.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication

from annotator.ui.tasks import is_stepping

EVERY = 20  # milliseconds between two looks at what was made since the last one
MIDDLE = 4  # looks after which what outlived one is looked at again


class GarbageCollection(QObject):
    """Collects in turns of the event loop.

    Not by Python's thresholds: they count what was made less what was freed, whenever that was made, so that
    many thousands of new objects may wait for one long collection. All of it, but what was there at the
    start, takes a third of a second in a large project: that is done when the person turns to another window.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self._looks = 0
        self._whole_is_due = False
        app = QGuiApplication.instance()
        assert isinstance(app, QGuiApplication)
        app.applicationStateChanged.connect(self._turned)
        timer = QTimer(self, interval=EVERY)
        timer.timeout.connect(self._look)
        timer.start()

    def settle(self) -> None:
        """Look no more at what is there now and stays: a whole collection would take a tenth of a second."""
        gc.collect()
        gc.freeze()

    def _turned(self, state: Qt.ApplicationState) -> None:
        self._whole_is_due = state != Qt.ApplicationState.ApplicationActive

    def _look(self) -> None:
        self._looks += 1
        if self._whole_is_due and not is_stepping():  # long work makes much that is soon gone
            self._whole_is_due = False
            gc.collect(2)
        else:
            gc.collect(0 if self._looks % MIDDLE else 1)
