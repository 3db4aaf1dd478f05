"""The label mode: choose a label once, then each word that is clicked or selected gets it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent

from annotator.model import Codebook
from annotator.ui.chips import cut
from annotator.ui.span_layout import ShownSpan

if TYPE_CHECKING:
    from annotator.ui.main_window import MainWindow


class LabelMode(QObject):
    """Takes label keys as the choice of what clicks and selections are labelled with, while it is on.

    It stays on from article to article until it is left.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.on = False
        self.chosen: tuple[str, str] | None = None  # layer and label
        self.bar = window.pane.mode_bar
        view = window.pane.view
        view.word_clicked.connect(self._clicked)
        view.selected_by_mouse.connect(self._label_selection)
        window.session.opened.connect(self.leave)  # another project has other labels

    def toggle(self) -> None:
        """Begin, with the label of the active span where there is one, or leave."""
        if self.on:
            self.leave()
            return
        active = self._window.pane.view.active
        self.on = True
        self._window.pane.view.viewport().setCursor(Qt.CursorShape.PointingHandCursor)
        self._choose((active.layer, active.label) if active is not None and not active.suggested else None)

    def leave(self) -> bool:
        """End the mode; tell whether it was on."""
        if not self.on:
            return False
        self.on, self.chosen = False, None
        self.bar.hide()
        self._window.pane.view.viewport().setCursor(Qt.CursorShape.IBeamCursor)
        self._say("Label mode ended")
        return True

    def fit(self, codebook: Codebook) -> None:
        """Leave, and say why, where the chosen label is no longer among those in use."""
        if self.chosen is None:
            return
        offered = {
            (each.name, label.name) for each in codebook.layers for label in codebook.labels(each.name)
        }
        if self.chosen not in offered:
            words = f"Label mode ended: the codebook no longer offers {cut(self.chosen[1], 60)}."
            self.leave()
            self._window.notify(words)

    def label(self, layer: str, label: str) -> None:
        """Do what a label's key does: choose it while the mode is on, else label."""
        if self.on:
            self._choose((layer, label))
        else:
            self._window.names.label(layer, label)

    def select(self) -> None:
        """Do what the selecting key does: label what is selected or stands at the caret, else select more."""
        view = self._window.pane.view
        if self.chosen is None:
            view.widen_selection()
        elif len(set(view.raw_selection())) > 1:
            self._label_selection()
        else:
            spans = [span for span in view.spans_at_caret() if span.layer == self.chosen[0]]
            view.widen_selection()
            self._label_place(*view.raw_selection(), spans[0] if spans else None)

    def _choose(self, label: tuple[str, str] | None) -> None:
        self.chosen = label
        codebook = self._window.labelling.codebook
        self.bar.show_label(codebook.label(*label) if label is not None else None)
        self._say(self.bar.text)

    def _clicked(self, start: int, end: int) -> None:
        active = self._window.pane.view.active
        if self.chosen is not None:
            same = active if active is not None and active.layer == self.chosen[0] else None
            self._label_place(start, end, same)

    def _label_place(self, start: int, end: int, span: ShownSpan | None) -> None:
        """Give the label to a span of its layer, or where there is none to a word."""
        view, labelling = self._window.pane.view, self._window.labelling
        if self.chosen is None or not self._window.session.writable:
            return
        if span is None:
            view.select(start, end)
            labelling.label(*self.chosen)
        elif span.suggested or span.label != self.chosen[1]:
            labelling.relabel(span, self.chosen[1], go_on=False)

    def _label_selection(self) -> None:
        chosen = self.chosen
        if chosen and self._window.session.writable and self._window.pane.view.selected_span() is not None:
            self._window.labelling.label(*chosen)

    def _say(self, words: str) -> None:
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._window.pane.view, words))
