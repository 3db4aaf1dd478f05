"""Python's garbage is collected in the window's thread alone.

Python collects whenever enough objects were made, in whichever thread makes them. Among the garbage may be
objects of Qt, a dialog that was closed say, which must be destroyed in the thread that they belong to: in
the thread of steps (:mod:`annotator.ui.tasks`) that would crash the program, sooner or later.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

from annotator.ui.tasks import is_stepping

EVERY = 50  # milliseconds between two looks at what was made since the last one
MIDDLE = 4  # looks after which what outlived one is looked at again
WHOLE = 1200  # looks after which everything is, but what was there at the start


class GarbageCollection(QObject):
    """Collects in turns of the event loop.

    Not by Python's thresholds: they count what was made less what was freed, whenever that was made, so that
    many thousands of new objects may wait for one long collection.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self._looks = 0
        timer = QTimer(self, interval=EVERY)
        timer.timeout.connect(self._look)
        timer.start()

    def settle(self) -> None:
        """Look no more at what is there now and stays: a whole collection would take a tenth of a second."""
        gc.collect()
        gc.freeze()

    def _look(self) -> None:
        self._looks += 1
        if self._looks >= WHOLE and not is_stepping():  # long work makes much that is soon gone
            self._looks = 0
            gc.collect(2)
        else:
            gc.collect(0 if self._looks % MIDDLE else 1)
