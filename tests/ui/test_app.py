"""What the program does once its window is there."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from annotator.formats.registry import formats
from annotator.ui import app


def test_formats_are_imported_before_somebody_asks_for_them(qtbot: QtBot) -> None:
    formats.cache_clear()
    app.load_formats()
    qtbot.waitUntil(lambda: formats.cache_info().currsize == 1)
