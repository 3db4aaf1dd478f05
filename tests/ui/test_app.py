"""What the program does once its window is there."""

from __future__ import annotations

import sys

import pytest
from pytestqt.qtbot import QtBot

from annotator.formats.registry import formats
from annotator.ui import app


def test_what_is_imported_late_is_there_before_somebody_asks_for_it(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    formats.cache_clear()
    monkeypatch.delitem(sys.modules, "rapidfuzz.fuzz", raising=False)
    app.load_late()
    qtbot.waitUntil(lambda: formats.cache_info().currsize == 1 and "rapidfuzz.fuzz" in sys.modules)
