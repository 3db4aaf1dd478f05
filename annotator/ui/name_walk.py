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
        self._direction = 0  # of the walk, while what it came to is selected; 0: somebody went elsewhere
        window.pane.view.cursorPositionChanged.connect(self._moved)
        window.pane.view.text_shown.connect(self._leave)

    def _moved(self) -> None:
        start, end = self._window.pane.view.raw_selection()
        if start == end:
            self._leave()

    def _leave(self) -> None:
        self._direction = 0

    def label(self, layer: str, label: str) -> None:
        """Label as a label's key does, then go on if the walk had come to what is labelled."""
        direction, view = self._direction, self._window.pane.view
        self._window.labelling.label(layer, label)
        if direction and layer == "entity" and view.active is not None:  # it was done
            self.go(direction)

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
        self._direction = direction
        words = view.text[slice(*found)]
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(view, words))
