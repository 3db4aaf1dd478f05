"""From one possible name without a label to the next: what nobody suggested is found without the mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent

from annotator.text import capitalised

if TYPE_CHECKING:
    from annotator.ui.main_window import MainWindow


class NameWalk(QObject):
    """Selects capitalised words that no entity covers, outside boilerplate, in text order."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window

    def go(self, direction: int) -> None:
        """Select the next (1) or previous (-1) one after the caret or the active span."""
        view = self._window.pane.view
        taken = [(s.start, s.end) for s in view.spans() if s.layer == "entity" or s.boilerplate]
        places = capitalised(view.text, taken)
        start, end = view.raw_selection()
        if view.active is not None and start == end:
            start, end = view.active.start, view.active.end
        if direction > 0:
            found = next((place for place in places if place[0] >= end), None)
        else:
            found = next((place for place in reversed(places) if place[1] <= start), None)
        if found is None:
            way = "behind" if direction > 0 else "before"
            self._window.status.say(f"No capitalised words without a label {way} this place.")
            return
        view.show_place(*found)
        words = view.text[slice(*found)]
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(view, words))
