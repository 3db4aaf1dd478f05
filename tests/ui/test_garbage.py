"""Objects of Qt that are garbage are destroyed in the window's thread, whoever makes the garbage."""

from __future__ import annotations

import gc
import threading

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from annotator.ui import garbage
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


def test_all_of_it_is_looked_at_when_the_person_turns_away_and_not_before(
    qtbot: QtBot, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    generations: list[int] = []
    monkeypatch.setattr(gc, "collect", lambda generation=2: generations.append(generation))
    monkeypatch.setattr(garbage, "EVERY", 1)
    owner = QObject()
    GarbageCollection(owner)
    qtbot.waitUntil(lambda: len(generations) > 50)
    assert set(generations) == {0, 1}
    qapp.applicationStateChanged.emit(Qt.ApplicationState.ApplicationInactive)
    qtbot.waitUntil(lambda: 2 in generations)
    qtbot.waitUntil(lambda: len(generations) > 100)
    assert generations.count(2) == 1
    qapp.applicationStateChanged.emit(Qt.ApplicationState.ApplicationActive)
    qtbot.wait(50)
    assert generations.count(2) == 1
