"""Says what goes with a rejection: the same name elsewhere, which is not suggested so any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from annotator.ui.chips import cut
from annotator.ui.span_layout import ShownSpan
from annotator.ui.tasks import is_stepping

if TYPE_CHECKING:
    from annotator.ui.main_window import MainWindow

_NAME = 40  # characters of a name in the status line
_LAYER = "entity"
_AGAIN = 30  # ms after which it is asked again where a step of long work is going on


class RejectionNews(QObject):
    """Counts the open suggestions that a rejection takes along: before it here, after it elsewhere too."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._span: ShownSpan | None = None
        self._words = ""
        self._before = 0  # open suggestions of the same words and label in the article
        self._elsewhere: set[int] = set()
        self._timer = QTimer(self, singleShot=True)  # an act moves the active span about
        self._timer.timeout.connect(self._show_before)
        view = window.pane.view
        for happened in (view.active_changed, window.labelling.active_changed, window.session.changed):
            happened.connect(self._ask)
        window.labelling.rejected.connect(self._begin)
        window.follower.moved.connect(self._count)
        window.follower.moved.connect(self._ask)
        window.session.changed.connect(self._forget)  # comes before the rejection that it tells of
        window.session.closing.connect(self._forget)
        view.text_shown.connect(self._forget)
        view.text_shown.connect(self._ask)

    def _ask(self) -> None:
        self._timer.start(0)

    def _show_before(self) -> None:
        """Say how many mentions the key would reject, while the active suggestion is one of several."""
        if is_stepping():
            self._timer.start(_AGAIN)
            return
        window, active, project = self._window, self._window.pane.view.active, self._window.session.project
        words = ""
        if project is not None and active is not None and active.suggested and active.layer == _LAYER:
            name = window.labelling.text[active.start : active.end]
            count = len(window.labelling.mentions(active))
            if count > 1:
                say = window.actions_.words
                words = say("{accept_mentions} accepts all ") + f"{count:,} “{cut(name, _NAME)}”"
                if project.memory.takes_along(name, active.label):
                    words += say(", {reject} rejects them, {reject_alone} this one only")
        window.status.show_about(words)

    def _forget(self) -> None:
        self._span = None

    def _begin(self, span: ShownSpan) -> None:
        if span.layer == _LAYER:
            self._span = span
            self._words = self._window.labelling.text[span.start : span.end]
            self._before, self._elsewhere = len(self._window.labelling.mentions(span)), set()

    def _count(self, articles: list[int]) -> None:
        if self._span is None:
            return
        self._elsewhere.update(set(articles) - {self._window.labelling.article})
        here, there = self._before - len(self._window.labelling.mentions(self._span)), len(self._elsewhere)
        places = [f"{here:,} more here"] if here else []
        places += [f"those in {there:,} other article{'' if there == 1 else 's'}"] if there else []
        if places:
            self._window.status.say(
                f"Rejected {self._span.label} for “{cut(self._words, _NAME)}”, and with it "
                + " and ".join(places)
                + self._window.actions_.words(". {undo} takes it back.")
            )
