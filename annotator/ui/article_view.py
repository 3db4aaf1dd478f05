"""The article view: one text with its spans painted on it."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextBlock,
    QTextCursor,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QTextEdit, QToolTip, QWidget

from annotator.ui import theme
from annotator.ui.reading import Reading, reads_from_right, within
from annotator.ui.selection import CARET, SelectableText
from annotator.ui.span_layout import Key, ShownSpan, SpanIndex, hit_test, innermost_first, next_of
from annotator.ui.span_painter import Measurer, Page, SpanPainter, VisibleLine, text_height

MARGIN = 28
"""Pixels from the view's edge to the words; what stands above the article lines up with it."""
_WHEEL_NOTCH = 120


class ArticleView(SelectableText):
    """Shows one article read-only; annotations and suggestions are painted, never written into it.

    All offsets are code points, end exclusive. A span is made active by a click, by
    :meth:`move_active` (both emit ``active_changed``) or by :meth:`set_active` (which does not).
    """

    active_changed = Signal(object)  # the active span's key, or None
    text_shown = Signal()  # another article
    word_clicked = Signal(int, int)  # the word that a click hit, as code points
    selected_by_mouse = Signal()  # a drag has ended
    zoom_changed = Signal(int)  # the new size in points, by Ctrl+wheel
    column_moved = Signal(int)  # where the text's column begins now, in pixels from the view's left edge

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tooltip_for: Callable[[ShownSpan], str] | None = None
        """Gives the plain text of a span's tool-tip; None: label, whether suggested, quote."""
        self._index = SpanIndex()
        self._evidence = SpanIndex()
        self._hits = SpanIndex()
        self._focus: Key | None = None
        self._active: Key | None = None
        self._wheel = 0
        self._characters = Reading().characters
        self._side = 0  # pixels on either side of the column
        self.setObjectName("article")
        self.setAccessibleName(self.tr("Article text"))
        self.setFrameShape(QTextEdit.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setLineWrapMode(QTextEdit.LineWrapMode.FixedPixelWidth)
        self.document().setDocumentMargin(MARGIN)
        # Layout is lazy: lines that become known later must be painted on.
        self.document().documentLayout().documentSizeChanged.connect(self._repaint)
        self.set_reading_font(None, 11)
        self.said_instead = ""  # where no words are; Qt's own placeholder would be as low as a blank line

    # Content

    def show_article(self, text: str) -> None:
        """Show ``text`` (already normalised) from its beginning, without spans and evidence."""
        self._index, self._evidence, self._hits = SpanIndex(), SpanIndex(), SpanIndex()
        self._active = self._focus = None
        self.said_instead = "" if text.strip() else self.tr("This article has no text.")
        self.setCursorWidth(0 if self.said_instead else CARET)
        self.set_text(text)
        self.verticalScrollBar().setValue(0)
        self._repaint()
        self.text_shown.emit()

    def set_spans(self, spans: Sequence[ShownSpan]) -> None:
        """Show these spans instead of those before; the active one stays so while it is among them.

        A suggestion that was made anew has another key, and is the same to the person.
        """
        before = self.active
        self._index = SpanIndex(spans)
        if before is not None and self._index.get(before.key) is None:
            same = (s for s in self._index.spans if before.suggested and s.same_as(before))
            self._active = next((s.key for s in same), None)
        self._repaint()

    def spans(self) -> Sequence[ShownSpan]:
        """Return the spans in reading order."""
        return tuple(self._index.spans)

    def spans_at(self, position: int) -> list[ShownSpan]:
        """Return the spans that the code point at ``position`` belongs to, in reading order."""
        return [self._index.spans[place] for place in self._index.overlapping(position, position + 1)]

    def set_evidence(self, ranges: Sequence[tuple[int, int]], focus: tuple[int, int] | None = None) -> None:
        """Mark these stretches as evidence; ``focus``, one of them, stands out and is scrolled to."""
        marks = [
            ShownSpan(("evidence", i), start, end, "stance", "", "", False)
            for i, (start, end) in enumerate(sorted(set(ranges)))
        ]
        self._evidence = SpanIndex(marks)
        self._focus = next((m.key for m in marks if (m.start, m.end) == focus), None)
        if focus is not None:
            self._reveal(*focus)
        self._repaint()

    def set_hits(self, places: Sequence[tuple[int, int]]) -> None:
        """Mark what a search found; nothing where there is nothing."""
        self._hits = SpanIndex(
            ShownSpan(("hit", i), start, end, "", "", "", False) for i, (start, end) in enumerate(places)
        )
        self._repaint()

    def show_place(self, start: int, end: int) -> None:
        """Select ``[start, end)``, exactly, and scroll it into view; no span is active then."""
        self._choose(None)
        self.select(start, end, exact=True)
        self._reveal(start, end)

    # The active span

    @property
    def active(self) -> ShownSpan | None:
        """The span that keys act on."""
        return self._index.get(self._active)

    def set_active(self, key: Key | None, *, reveal: bool = True) -> None:
        """Make a span active (none where ``key`` is None or unknown).

        The caret moves to the span's start and the selection is dropped, so that keys act on the span;
        with ``reveal`` it is scrolled into view with some text around it.
        """
        span = self._index.get(key)
        self._active = span.key if span else None
        if span:
            scroll = self.verticalScrollBar().value()
            cursor = self.textCursor()
            cursor.setPosition(self._map.to_utf16(span.start))
            self.setTextCursor(cursor)
            self.verticalScrollBar().setValue(scroll)
            if reveal:
                self._reveal(span.start, span.end)
        self._repaint()

    def move_active(self, direction: int, *, suggested_only: bool, passed: str = "") -> ShownSpan | None:
        """Go to the next (1) or previous (-1) span in reading order; at the end nothing moves: None.

        ``passed`` is a layer whose spans are passed over.
        """
        span = self._index.neighbour(
            self.active, self.caret, direction, suggested_only=suggested_only, passed=passed
        )
        if span is not None:
            self.set_active(span.key)
            self.active_changed.emit(span.key)
        return span

    def _choose(self, span: ShownSpan | None) -> None:
        key = span.key if span else None
        if key != self._active:
            self._active = key
            self._repaint()
            self.active_changed.emit(key)

    def clicked_at(self, point: QPoint) -> None:
        """Make the span under the mouse active, or none; again, the next of those that lie there."""
        self._choose(next_of(self._spans_at(point), self.active))
        hit = (
            self.document()
            .documentLayout()
            .hitTest(
                QPointF(point)
                + QPointF(self.horizontalScrollBar().value(), self.verticalScrollBar().value()),
                Qt.HitTestAccuracy.ExactHit,
            )
        )
        word = self.word_under(point) if hit >= 0 else None
        if word is not None:
            self.word_clicked.emit(*word)

    def dragged(self) -> None:
        """A new selection is what keys act on: no span is active then."""
        self._choose(None)
        self.selected_by_mouse.emit()

    def spans_at_caret(self) -> list[ShownSpan]:
        """Return the spans at the caret, innermost first; those that only touch it where none covers it."""
        caret = self.caret
        covering = [self._index.spans[i] for i in self._index.overlapping(caret, caret + 1)]
        touching = self._index.overlapping(max(0, caret - 1), caret)
        return innermost_first(covering or (self._index.spans[i] for i in touching))

    def activate_at_caret(self) -> None:
        """Make the innermost span at the caret active; again, the next of those that lie there.

        The caret stays where it is, or the ones around would be gone from under it.
        """
        span = next_of(self.spans_at_caret(), self.active)
        if span is not None:
            self.clear_selection()
            self._choose(span)

    def moved_by_key(self) -> None:
        """Let go of the active span where the caret left it or something is selected."""
        span = self.active
        if span and (self.textCursor().hasSelection() or not span.start <= self.caret <= span.end):
            self._choose(None)

    def span_at(self, point: QPoint) -> ShownSpan | None:
        """Return the innermost span whose words or name lie at ``point`` (viewport coordinates)."""
        return next_of(self._spans_at(point), None)

    def _spans_at(self, point: QPoint) -> list[ShownSpan]:
        page = self._page(point.y(), point.y())
        return hit_test((*page.marks, *page.passages), page.names, point.x(), point.y())

    # Looks

    def set_reading(self, reading: Reading) -> None:
        """Set the text as it was chosen."""
        self._characters = reading.characters
        self.set_reading_font(reading.family, reading.size, reading.pitch)

    def set_reading_font(self, family: str | None, point_size: int, pitch: float | None = None) -> None:
        """Read in this font family (none: the application's) and size in points; ``pitch`` None stays."""
        font = QFont(family) if family else QFont(QApplication.font())
        font.setPointSize(within(point_size))
        with self._keeping_place():
            self.set_font(font, pitch)
            self._fit_column()

    def apply_theme(self) -> None:
        """Take the colours of the theme that is current now."""
        self._repaint()

    def _fit_column(self) -> None:
        """Keep lines at a length that reads well, in the middle of a wide pane."""
        letters = "abcdefghijklmnopqrstuvwxyz "
        letter = QFontMetricsF(self.font()).horizontalAdvance(letters) / len(letters)
        room = self.viewport().width() + 2 * self._side
        width = min(room, int(self._characters * letter) + 2 * MARGIN) if self._characters else room
        if width != self.lineWrapColumnOrWidth():
            self.setLineWrapColumnOrWidth(width)
        side = (room - width) // 2
        if side != self._side:
            self._side = side
            self.setViewportMargins(side, 0, side, 0)
            self.column_moved.emit(side)

    def _repaint(self) -> None:
        self.viewport().update()

    # Scrolling

    def scroll_position(self) -> int:
        """Return the code point that the topmost visible line begins with."""
        if self.verticalScrollBar().value() == 0:
            return 0
        # A line whose upper half is above the edge is read no more.
        half = QFontMetricsF(self.font()).height() / 2
        line = next((line for line in self._lines(0, 0) if line.top > -half), None)
        return line.start if line else 0

    def set_scroll_position(self, position: int) -> None:
        """Scroll so that the line with this code point is the topmost."""
        if position <= 0:
            self.verticalScrollBar().setValue(0)
        else:
            self._scroll_to(self._line_top(position) - self.line_gap())

    @contextmanager
    def _keeping_place(self) -> Iterator[None]:
        place = self.scroll_position()
        yield
        if place:
            self.set_scroll_position(place)

    def place_of(self, start: int, end: int) -> QRect:
        """Return where the lines of ``[start, end)`` that can be seen stand, in global coordinates."""
        seen, place = self.viewport().rect(), self.viewport().rect()
        for position, edge in ((start, "top"), (end, "bottom")):
            cursor = QTextCursor(self.document())
            cursor.setPosition(self._map.to_utf16(position))
            rect = self.cursorRect(cursor)
            if edge == "top":
                place.setTop(rect.top())
                place.setLeft(min(rect.left(), seen.center().x()))
            else:
                place.setBottom(rect.bottom())
        place = place.intersected(seen) if place.intersects(seen) else QRect(seen.topLeft(), seen.topLeft())
        return QRect(self.viewport().mapToGlobal(place.topLeft()), place.size())

    def _line_top(self, position: int) -> float:
        """Return the document's y of the line with this code point; lays out the text up to it."""
        place = self._map.to_utf16(position)
        block = self.document().findBlock(place)
        top = self.document().documentLayout().blockBoundingRect(block).top()
        line = block.layout().lineForTextPosition(place - block.position())
        return top + (line.y() if line.isValid() else 0)

    def _scroll_to(self, y: float) -> None:
        bar = self.verticalScrollBar()
        if y > bar.maximum():
            # The range grows only as the lazy layout goes on; the layout sets it right at its end.
            needed = self.document().size().height() - self.viewport().height()
            bar.setMaximum(max(bar.maximum(), min(int(y), int(needed))))
        bar.setValue(int(y))

    def _reveal(self, start: int, end: int) -> None:
        """Scroll ``[start, end)`` into view, with lines around it, if it is not well in view."""
        height, above = self.viewport().height(), self.verticalScrollBar().value()
        pitch = QFontMetricsF(self.font()).height() + self.line_gap()
        top, bottom = self._line_top(start), self._line_top(max(start, end - 1)) + pitch
        context = min(2 * pitch, height / 4)
        if top - context < above or bottom + context > above + height:
            # A third down; a long stretch begins at the top.
            room = max(context, min(height / 3, height - (bottom - top) - context))
            self._scroll_to(max(0, top - room))

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the spans of the lines that need painting, the text, and what lies over it."""
        area = event.rect()
        page = self._page(area.top(), area.bottom())
        painter = SpanPainter(theme.current(), self.font(), self._active, self._focus)
        below = QPainter(self.viewport())
        painter.below(below, page)
        if self.said_instead:
            below.setFont(self.font())
            below.setPen(QColor(theme.current().muted))
            room = self.viewport().rect().adjusted(MARGIN, MARGIN, -MARGIN, 0)
            below.drawText(room, Qt.TextFlag.TextWordWrap, self.said_instead)
        below.end()
        super().paintEvent(event)
        if page.passages or self._active is not None:
            above = QPainter(self.viewport())
            painter.above(above, page)
            above.end()

    def _page(self, top: float, bottom: float) -> Page:
        """Measure the spans on the lines between two heights of the viewport."""
        if not self._index and not self._evidence and not self._hits:
            return Page()
        stroke = theme.current().stroke
        measurer = Measurer(self._text, self._map, self.font(), self.viewport().width(), stroke)
        return measurer.page(list(self._lines(top, bottom)), self._index, self._evidence, self._hits)

    def _lines(self, top: float, bottom: float) -> Iterator[VisibleLine]:
        """Yield the lines that touch these heights of the viewport, and a neighbour on either side.

        The neighbours matter: names stand above their line and nested underlines hang below it.
        """
        layout = self.document().documentLayout()
        scroll = self.verticalScrollBar().value()
        left = -self.horizontalScrollBar().value()
        gap = self.line_gap()
        top, bottom = top + scroll - gap, bottom + scroll + 2 * gap
        ascent, descent = text_height(self.font())
        block = self._block_at(top)
        before: float | None = None
        while block.isValid():
            rect: QRectF = layout.blockBoundingRect(block)
            if rect.top() > bottom:
                return
            text = block.layout()
            number = _first_line(block, top - rect.top())
            if before is None:
                before = _line_before(block, number)
            while number < text.lineCount():
                line = text.lineAt(number)
                y = rect.top() + line.y() - scroll
                if y + scroll > bottom:
                    return
                begin = block.position() + line.textStart()
                baseline = y + line.ascent()
                yield VisibleLine(
                    line=line,
                    base=block.position(),
                    start=self._map.to_code_point(begin),
                    end=self._map.to_code_point(begin + line.textLength()),
                    left=rect.left() + left,
                    right=self.lineWrapColumnOrWidth() - MARGIN + left,
                    rtl=reads_from_right(block),
                    top=baseline - ascent,
                    bottom=baseline + descent,
                    slot_top=baseline - ascent if before is None else before - scroll + descent,
                )
                before = baseline + scroll
                number += 1
            block = block.next()

    def _block_at(self, y: float) -> QTextBlock:
        """Return the first block that ends below the document's ``y`` (the last where none does).

        Doubling before halving, because asking for a block's place lays out all text before it.
        """
        document, layout = self.document(), self.document().documentLayout()

        def ends_above(number: int) -> bool:
            return layout.blockBoundingRect(document.findBlockByNumber(number)).bottom() < y

        last = document.blockCount() - 1
        low, high = 0, 1
        while high < last and ends_above(high):
            low, high = high, high * 2
        high = min(high, last)
        while low < high:
            middle = (low + high) // 2
            if ends_above(middle):
                low = middle + 1
            else:
                high = middle
        return document.findBlockByNumber(low)

    # Events

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the lines anew; the text that was at the top stays there."""
        with self._keeping_place():
            super().resizeEvent(event)
            self._fit_column()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll; with Ctrl change the reading size by a point a notch."""
        if not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().wheelEvent(event)
            return
        event.accept()
        self._wheel += event.angleDelta().y()
        notches = int(self._wheel / _WHEEL_NOTCH)
        self._wheel -= notches * _WHEEL_NOTCH
        before = self.font().pointSize()
        if notches:
            self.set_reading_font(self.font().family(), before + notches)
        if self.font().pointSize() != before:
            self.zoom_changed.emit(self.font().pointSize())

    def event(self, event: QEvent) -> bool:
        """Let the wheel scroll beside the column, too."""
        if isinstance(event, QWheelEvent):
            self.wheelEvent(event)
            return True
        return super().event(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """Show a span's tool-tip."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            span = self.span_at(event.pos())
            if span is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), self.tooltip(span), self.viewport())
            return True
        return super().viewportEvent(event)

    def tooltip(self, span: ShownSpan) -> str:
        """Return the tool-tip of a span as HTML whose only markup is ours."""
        if self.tooltip_for is not None:
            text = self.tooltip_for(span)
        else:
            suggested = " · " + self.tr("suggested") if span.suggested else ""
            text = f"{span.label}{suggested}\n{self._text[span.start : span.end]}"
        return f'<p style="white-space:pre-wrap">{html.escape(text)}</p>'


def _line_before(block: QTextBlock, number: int) -> float | None:
    """Return the document's y of the baseline of the line before a block's line; None for the first."""
    if number == 0:
        block = block.previous()
        number = block.layout().lineCount() if block.isValid() else 0
    if number == 0:
        return None
    line = block.layout().lineAt(number - 1)
    top: float = block.document().documentLayout().blockBoundingRect(block).top()
    return top + line.y() + line.ascent()


def _first_line(block: QTextBlock, y: float) -> int:
    """Return the number of the block's first line that ends below ``y`` (from the block's top)."""
    layout = block.layout()
    low, high = 0, layout.lineCount()
    while low < high:
        middle = (low + high) // 2
        line = layout.lineAt(middle)
        if line.y() + line.height() < y:
            low = middle + 1
        else:
            high = middle
    return low
