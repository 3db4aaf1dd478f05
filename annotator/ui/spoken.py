"""Tells a screen reader which span the caret is in: its label, whether it is only suggested, its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent

from annotator.ui.chips import cut
from annotator.ui.span_layout import Key, ShownSpan

if TYPE_CHECKING:
    from annotator.ui.main_window import MainWindow

_QUOTE = 80  # characters of a span's words; more is read in the text itself


class SpokenSpans(QObject):
    """Announces the active span, and what the caret enters and leaves on its way through the text."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._inside: dict[Key, ShownSpan] = {}
        self._another = False  # span is active than was said
        self._timer = QTimer(self)  # an act moves the caret and the active span: it is said once
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._say)
        view = window.pane.view
        view.cursorPositionChanged.connect(self._timer.start)
        view.active_changed.connect(self._activated)
        window.labelling.active_changed.connect(self._activated)
        view.text_shown.connect(self._forget)

    def _activated(self, _: object) -> None:
        self._another = True
        self._timer.start()

    def _forget(self) -> None:
        self._inside, self._another = {}, False

    def _say(self) -> None:
        view = self._window.pane.view
        caret = view.caret
        inside = {span.key: span for span in view.spans_at(caret)}
        left = [span for key, span in self._inside.items() if key not in inside]
        entered = [span for key, span in inside.items() if key not in self._inside]
        active = view.active if self._another else None  # as it is by now: an undo may have taken it
        self._inside, self._another = inside, False
        if active is not None:
            self._announce(self._window.labelling.explain(active).replace("\n", ", "))
        elif entered or left:
            parts = [f"{span_words(span)}: {self._quote(span)}" for span in entered]
            self._announce("; ".join([*(f"end of {span.label}" for span in left), *parts]))

    def _quote(self, span: ShownSpan) -> str:
        return cut(self._window.labelling.text[span.start : span.end], _QUOTE)

    def _announce(self, words: str) -> None:
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._window.pane.view, words))


def span_words(span: ShownSpan) -> str:
    """Return a span's label and state in words."""
    return f"{span.label}, {'suggested' if span.suggested else 'labelled'}"
