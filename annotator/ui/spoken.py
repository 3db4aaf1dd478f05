"""Tells a screen reader which article was opened, and which span the caret is in.

Of a span: its label, whether it is only suggested, its reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent

from annotator.ui.chips import cut
from annotator.ui.span_layout import Key, ShownSpan

if TYPE_CHECKING:
    from annotator.ui.main_window import MainWindow

_QUOTE = 80  # characters of a span's words; more is read in the text itself
_TITLE = 200  # characters


class SpokenSpans(QObject):
    """Announces another article, the active span, and what the caret enters and leaves on its way."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._inside: dict[Key, ShownSpan] = {}
        self._another = False  # span is active than was said
        self._opened = False  # an article, and its title was not said
        self._timer = QTimer(self)  # an act moves the caret and the active span: it is said once
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._say)
        view = window.pane.view
        view.cursorPositionChanged.connect(self._timer.start)
        view.active_changed.connect(self._activated)
        window.labelling.active_changed.connect(self._activated)
        view.text_shown.connect(self._begin)

    def _activated(self, _: object) -> None:
        self._another = True
        self._timer.start()

    def _begin(self) -> None:
        self._inside, self._another = {}, False
        self._opened = not self._window.list.table.hasFocus()  # there Qt says the row
        if self._opened:
            self._timer.start()

    def _say(self) -> None:
        view = self._window.pane.view
        caret = view.caret
        inside = {span.key: span for span in view.spans_at(caret)}
        left = [span for key, span in self._inside.items() if key not in inside]
        entered = [span for key, span in inside.items() if key not in self._inside]
        active = view.active if self._another else None  # as it is by now: an undo may have taken it
        article = self._window.labelling.stored
        parts = [cut(article.title, _TITLE)] if self._opened and article is not None else []
        self._inside, self._another, self._opened = inside, False, False
        if active is not None:
            parts.append(self._window.labelling.explain(active).replace("\n", ", "))
        else:
            parts += [f"end of {span.label}" for span in left]
            parts += [f"{span_words(span)}: {self._quote(span)}" for span in entered]
        if parts:
            self._announce("; ".join(parts))

    def _quote(self, span: ShownSpan) -> str:
        return cut(self._window.labelling.text[span.start : span.end], _QUOTE)

    def _announce(self, words: str) -> None:
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._window.pane.view, words))


def span_words(span: ShownSpan) -> str:
    """Return a span's label and state in words."""
    return f"{span.label}, {'suggested' if span.suggested else 'labelled'}"
