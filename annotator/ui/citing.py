"""Copying a span with its reference, for a text of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from annotator.ui.chips import cut

if TYPE_CHECKING:
    from annotator.ui.main_window import MainWindow

_NO_SPAN = "No span is active. Go to one ({next_suggestion}, or a click), or select words, and copy again."


class Citing(QObject):
    """Puts the active span's words, or the selected ones, with their reference on the clipboard."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    def copy(self) -> None:
        """Copy what the docs call a quotation: “words” (author, “title”, source, date, characters)."""
        from annotator.formats.citation import quotation  # late: the window does not wait for the formats

        labelling, view = self._window.labelling, self._window.pane.view
        place = view.selected_span()
        if place is None and (active := view.active) is not None:
            place = active.start, active.end
        if labelling.stored is None or place is None:
            self._window.advise(_NO_SPAN)
            return
        words = quotation(labelling.text, labelling.stored, *place)
        QGuiApplication.clipboard().setText(words)
        self._window.status.say(f"Copied: {cut(words, 120)}")
