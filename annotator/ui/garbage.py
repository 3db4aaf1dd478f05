"""Python's garbage is collected in the window's thread alone.

Python collects whenever enough objects were made, in whichever thread makes them. Among the garbage may be
objects of Qt, a dialog that was closed say, which must be destroyed in the thread that they belong to: in
the thread of steps (:mod:`annotator.ui.tasks`) that would crash the program, sooner or later.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

EVERY = 200  # milliseconds between two looks


class GarbageCollection(QObject):
    """Collects by Python's own thresholds, in turns of the event loop."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        timer = QTimer(self, interval=EVERY)
        timer.timeout.connect(self._look)
        timer.start()

    def settle(self) -> None:
        """Look no more at what is there now and stays: a whole collection would take a tenth of a second."""
        gc.collect()
        gc.freeze()

    def _look(self) -> None:
        for generation in (2, 1, 0):
            if gc.get_count()[generation] > gc.get_threshold()[generation]:
                gc.collect(generation)
                return
