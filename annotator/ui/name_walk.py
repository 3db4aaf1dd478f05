"""From one possible name without a label to the next: what nobody suggested is found without the mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent

from annotator.text import capitalised

if TYPE_CHECKING:
    from annotator.ui.main_window import MainWindow


class NameWalk(QObject):
    """Selects capitalised words that no entity covers, outside boilerplate, in text order.

    A label given to them goes on to the next, as answering a suggestion does.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._came_to: tuple[int, int, int] | None = None  # start, end, and in which direction
        window.pane.view.text_shown.connect(self._leave)

    def _leave(self) -> None:
        self._came_to = None

    def label(self, layer: str, label: str) -> None:
        """Label as a label's key does, then go on if what the walk came to is selected, or part of it."""
        came_to, view = self._came_to, self._window.pane.view
        start, end = view.raw_selection()
        self._window.labelling.label(layer, label)
        if came_to is None or layer != "entity" or view.active is None or start == end:
            return  # it was not done, or not on a selection
        if start < came_to[1] and came_to[0] < end:
            self.go(came_to[2])

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
        self._came_to = (*found, direction)
        words = view.text[slice(*found)]
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(view, words))
