"""Importing what draws charts, a little at a time: the window has its turns in between.

numpy is imported in a thread. pyqtgraph makes objects of Qt while it is imported, so that only the window's
thread may do it: a third of a second, in three hundred modules, none of which takes long by itself.
"""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from threading import get_ident
from types import ModuleType

from PySide6 import QtCore, QtGui, QtWidgets
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

SLICE = 0.005  # seconds without a turn of the window's


class ChartLoading(QObject):
    """Loads ``annotator.ui.chart_view``, once."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.loaded = False
        self._numpy: Future[ModuleType] | None = None
        self._classes = _classes_of_qt()
        self._timer = QTimer(self, interval=1)
        self._timer.timeout.connect(self._turn)

    def begin(self) -> None:
        """Begin, unless it has begun already."""
        if self._numpy is None:
            loader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="charts")
            self._numpy = loader.submit(importlib.import_module, "numpy")
            loader.shutdown(wait=False)
            self._timer.start()

    def _turn(self) -> None:
        assert self._numpy is not None
        if not self._numpy.done():
            return
        until = time.perf_counter() + SLICE
        for _ in self._classes:
            if time.perf_counter() > until:
                return
        self._timer.stop()  # before what follows lets it come again
        self._numpy.result()  # or say why it could not be loaded
        with _turns_between_modules():
            importlib.import_module("annotator.ui.chart_view")
        self.loaded = True


def _classes_of_qt() -> Iterator[None]:
    """Touch each class of Qt: PySide makes them when they are first asked for, and pyqtgraph asks for all."""
    for module in (QtCore, QtGui, QtWidgets):
        for name in dir(module):
            getattr(module, name)
            yield


class _Turns(MetaPathFinder):
    """Is asked before each module that is imported; finds none, but gives the window its turn."""

    def __init__(self) -> None:
        self._thread = get_ident()
        self._last = time.perf_counter()
        self._in_turn = False

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        due = time.perf_counter() - self._last > SLICE
        if due and not self._in_turn and get_ident() == self._thread:  # other threads import, too
            self._in_turn = True
            try:
                QApplication.processEvents()
            finally:
                self._in_turn = False
                self._last = time.perf_counter()
        return None


@contextmanager
def _turns_between_modules() -> Iterator[None]:
    turns = _Turns()
    sys.meta_path.insert(0, turns)
    try:
        yield
    finally:
        sys.meta_path.remove(turns)
