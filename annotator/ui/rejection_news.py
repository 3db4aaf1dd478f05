"""Says what goes with a rejection: the same name elsewhere, which is not suggested so any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from annotator.ui.chips import cut
from annotator.ui.span_layout import ShownSpan

if TYPE_CHECKING:
    from annotator.ui.main_window import MainWindow

_NAME = 40  # characters of a name in the status line


class RejectionNews(QObject):
    """Counts the open suggestions that a rejection takes along, here and in other articles."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._span: ShownSpan | None = None
        self._words = ""
        self._before = 0  # open suggestions of the same words and label in the article
        self._elsewhere: set[int] = set()
        window.labelling.rejected.connect(self._begin)
        window.follower.moved.connect(self._count)
        window.session.changed.connect(self._forget)  # comes before the rejection that it tells of
        window.session.closing.connect(self._forget)
        window.pane.view.text_shown.connect(self._forget)

    def _forget(self) -> None:
        self._span = None

    def _begin(self, span: ShownSpan) -> None:
        if span.layer == "entity":
            self._span = span
            self._words = self._window.labelling.text[span.start : span.end]
            self._before, self._elsewhere = self._open(), set()

    def _open(self) -> int:
        view, span = self._window.pane.view, self._span
        return sum(
            span is not None
            and shown.suggested
            and shown.label == span.label
            and view.text[shown.start : shown.end] == self._words
            for shown in view.spans()
        )

    def _count(self, articles: list[int]) -> None:
        if self._span is None:
            return
        self._elsewhere.update(set(articles) - {self._window.labelling.article})
        here, there = self._before - self._open(), len(self._elsewhere)
        places = [f"{here:,} more here"] if here else []
        places += [f"those in {there:,} other article{'' if there == 1 else 's'}"] if there else []
        if places:
            self._window.status.say(
                f"Rejected {self._span.label} for “{cut(self._words, _NAME)}”, and with it "
                + " and ".join(places)
                + self._window.actions_.words(". {undo} takes it back.")
            )
