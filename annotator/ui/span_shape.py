"""What the keys do to the active span's stretch: move its edges, split it, join it with the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject

from annotator.text import sentence_at, trim, word_edges
from annotator.ui.chips import sentence
from annotator.ui.span_layout import ShownSpan

if TYPE_CHECKING:
    from annotator.ui.main_window import MainWindow


class SpanShape(QObject):
    """Acts on the stretch of the active span; each is one step to undo."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._session, self._labelling, self._view = window.session, window.labelling, window.pane.view

    def _active(self) -> ShownSpan | None:
        active = self._view.active
        if active is None:
            self._labelling.advised.emit("Go to a span first: click it, or {next_suggestion} to it.")
        return active

    def move_edge(self, edge: str, direction: int, *, by: Literal["word", "character"] = "word") -> None:
        """Move the active span's ``start`` or ``end`` to the right (1) or left (-1), as the text is read.

        Moving the edge of a suggestion accepts it with the new edges. With text selected it is the
        selection's edge.
        """
        active, labelling = self._view.active, self._labelling
        before = self._view.raw_selection() if active is None else (active.start, active.end)
        if before[0] == before[1]:
            self._active()  # says what to do first
            return
        at = before[0] if edge == "start" else before[1]
        direction = self._view.onward(at, direction)
        start, end = before
        while (start, end) == before:
            if by == "character":
                moved = self._view.beside(at, direction)
            else:
                moved = self._moved(at, direction, 0 if edge == "start" else 1)
            if moved == at:
                return
            at = moved  # a blank alone would be trimmed off again: on to what stands behind it
            edges = (at, before[1]) if edge == "start" else (before[0], at)
            start, end = trim(labelling.text, *edges)
        if not start < end:
            return
        if active is None:
            self._view.select(start, end, exact=True)
            return
        if active.suggested:
            done = labelling.perform("accept", labelling.article, active.key[1], span=(start, end))
        else:
            done = labelling.perform("move", active.key[1], start, end)
        if done is not None:
            labelling.activate_at(active.layer, start, end)

    def _moved(self, position: int, direction: int, which: int) -> int:
        text = self._labelling.text
        edges = word_edges(text)[which]  # the starts of words for a start, the ends for an end
        if direction > 0:
            return next((edge for edge in edges if edge > position), len(text) if which else position)
        return next((edge for edge in reversed(edges) if edge < position), position if which else 0)

    def split(self) -> None:
        """Split the active span at the caret; its first part is active then."""
        from annotator.project.reshaping import split

        active, at, labelling = self._active(), self._view.caret, self._labelling
        item = labelling.item(active) if active is not None else None
        if active is None or item is None:
            return
        article = labelling.article
        if self._session.perform(lambda project: split(project, article, item, at)) is not None:
            labelling.activate_at(active.layer, *trim(labelling.text, active.start, at))

    def join(self) -> None:
        """Join the active span with the next one of its layer that goes on behind it; the label stays."""
        from annotator.project.reshaping import join

        active, labelling = self._active(), self._labelling
        if active is None:
            return
        behind = (s for s in self._view.spans() if s.layer == active.layer and s.order > active.order)
        following = next((s for s in behind if s.end > active.end), None)
        if following is None:
            labelling.told.emit("There is no span behind this one to join it with.")
            return
        if not self._near(active, following):
            reach = "paragraph" if active.passage else "sentence of this paragraph"
            labelling.told.emit(
                f"The next span of the layer is too far away to join: not in this or the next {reach}."
            )
            return
        first, second, article = labelling.item(active), labelling.item(following), labelling.article
        if first is None or second is None:
            return
        change = self._session.perform(lambda project: join(project, article, first, second))
        if change is not None:
            labelling.activate_at(active.layer, active.start, following.end)
            labelling.told.emit(sentence(change.text))

    def _near(self, first: ShownSpan, second: ShownSpan) -> bool:
        """Tell whether nothing that could be meant otherwise lies between two spans."""
        text = self._labelling.text
        between = text[first.end : second.start] if second.start > first.end else ""
        if first.passage:
            return len([line for line in between.split("\n") if line.strip()]) <= 1
        if "\n" in between:
            return False
        begun = sentence_at(text, max(first.start, first.end - 1))
        return begun is None or second.start <= begun[1] or not text[begun[1] : second.start].strip()
