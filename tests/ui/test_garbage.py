"""Objects of Qt that are garbage are destroyed in the window's thread, whoever makes the garbage."""

from __future__ import annotations

import gc
import threading

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from annotator.ui.garbage import GarbageCollection


class Garbage(QObject):
    """Holds itself, so that only a collection can destroy it."""

    def __init__(self) -> None:
        super().__init__()
        self.itself = self


def make_objects() -> None:
    kept: list[list[object]] = []
    for _ in range(300_000):
        kept.append([kept])


def test_objects_of_qt_are_destroyed_in_the_windows_thread(qtbot: QtBot) -> None:
    owner = QObject()
    GarbageCollection(owner).settle()
    threads: list[int] = []
    thing = Garbage()
    thing.destroyed.connect(lambda: threads.append(threading.get_ident()))
    del thing
    other = threading.Thread(target=make_objects)
    other.start()
    other.join()
    assert threads == []
    qtbot.waitUntil(lambda: threads == [threading.get_ident()])
    gc.unfreeze()
