"""Measures the lines on the screen and paints the spans on them.

What is measured is in viewport coordinates (logical pixels). Nothing here touches the document.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontInfo, QFontMetricsF, QPainter, QPen, QPixmap, QTextLine

from annotator.text import Utf16Map
from annotator.ui.chips import one_line
from annotator.ui.span_layout import (
    Box,
    Fragment,
    Key,
    Name,
    ShownSpan,
    SpanIndex,
    Wish,
    join_boxes,
    place_names,
    spread_over_lines,
)
from annotator.ui.theme import Theme, blend, contrast, shades

_LANE = 3.0  # from one underline to the next
_MOST_LANES = 3  # deeper nesting shares the last lane, or it would run into the next line's names
_RADIUS = 3.0
_BAR = 4.0
_NAME_GAP = 2.5
_DOT, _DOT_STEP = 1.5, 2.3  # pixels a dot is wide; from one dot to the next, in dots
_STRIP = 512  # pixels; dotted lines are kept in lengths of so many, twice and more
_SMALLEST_NAME = 8.0  # points
_NAME_SHARE = 0.7  # of the reading size


class VisibleLine(NamedTuple):
    """One line of the screen: code points ``[start, end)`` and where its text stands.

    ``top`` and ``bottom`` are the text's, ``slot_top`` is where the line above ends. ``base`` is the
    UTF-16 position in the document of the block that ``line`` belongs to, ``left`` and ``right`` the
    block's edges, ``rtl`` whether it reads from the right.
    A line is used only while the document stays as it is.
    """

    line: QTextLine
    base: int
    start: int
    end: int
    left: float
    top: float
    bottom: float
    slot_top: float
    right: float = 0.0
    rtl: bool = False


@dataclass(slots=True)
class Page:
    """All that is to be painted on the lines of the screen."""

    marks: list[Fragment] = field(default_factory=list)  # outer before inner
    passages: list[Fragment] = field(default_factory=list)
    evidence: list[Fragment] = field(default_factory=list)
    hits: list[Fragment] = field(default_factory=list)  # of a search
    names: list[Name] = field(default_factory=list)


def name_font(reading: QFont) -> QFont:
    """Return the small bold font for the names above the words."""
    font = QFont(reading)
    font.setBold(True)
    font.setPointSizeF(max(_SMALLEST_NAME, reading.pointSizeF() * _NAME_SHARE))
    return font


def text_height(reading: QFont) -> tuple[float, float]:
    """Return how far a line's letters reach above and below its baseline.

    Some fonts claim much more, for alphabets with stacked accents; a tint that high would stand in
    the way of the names.
    """
    metrics = QFontMetricsF(reading)
    em = QFontInfo(reading).pixelSize()
    return min(metrics.ascent(), metrics.capHeight() + 0.2 * em), min(metrics.descent(), 0.26 * em)


class Measurer:
    """Turns spans on visible lines into boxes."""

    def __init__(self, text: str, offsets: Utf16Map, font: QFont, width: float, stroke: float = 1.0) -> None:
        """``font`` is the reading font, ``width`` the viewport's, ``stroke`` the theme's."""
        self._text = text
        self._offsets = offsets
        self._names = QFontMetricsF(name_font(font))
        self._widths: dict[str, float] = {}
        self._right = width - 4
        self._lane = _LANE * stroke

    def page(
        self, lines: Sequence[VisibleLine], index: SpanIndex, evidence: SpanIndex, hits: SpanIndex
    ) -> Page:
        """Return what stands on ``lines``; only spans on these lines are looked at."""
        page = Page()
        if not lines:
            return page
        starts, end = [line.start for line in lines], lines[-1].end
        marked = spread_over_lines(index, starts, end)
        proof, sought = spread_over_lines(evidence, starts, end), spread_over_lines(hits, starts, end)
        for line, spans, shown, found in zip(lines, marked, proof, sought, strict=True):
            page.evidence += [self._fragment(line, span, lane) for span, lane in shown]
            page.hits += [self._fragment(line, span, 0) for span, _ in found]
            fragments = [self._fragment(line, span, lane) for span, lane in spans]
            page.passages += [f for f in fragments if f.span.passage]
            page.marks += sorted(
                (f for f in fragments if not f.span.passage), key=lambda f: (-f.lane, f.span.order)
            )
            page.names += self._line_names(line, fragments)
        return page

    def _fragment(self, line: VisibleLine, span: ShownSpan, lane: int) -> Fragment:
        start, end = max(span.start, line.start), min(span.end, line.end)
        first = span.start >= line.start
        while end > start and end < span.end and self._text[end - 1].isspace():
            end -= 1  # white space that hangs over the line's end
        depth = 0.0 if span.passage else min(lane, _MOST_LANES - 1) * self._lane
        boxes = tuple(
            Box(left, line.top, right, line.bottom + depth) for left, right in self._extents(line, start, end)
        )
        # Whole pixels, so that what is painted for one line joins what is painted for the next.
        above = round(line.top - self.name_height) if first else round(line.slot_top + 1)
        edge = line.right if line.rtl else line.left
        slot = Box(edge, above, edge, round(line.bottom + 1))
        return Fragment(span, lane, boxes, slot, first, span.end <= line.end, line.rtl)

    def _extents(self, line: VisibleLine, start: int, end: int) -> list[tuple[float, float]]:
        """Return the (left, right) of the glyphs of ``[start, end)``, more than one in mixed directions."""
        if start >= end:
            return []
        begin = self._offsets.to_utf16(start) - line.base
        length = self._offsets.to_utf16(end) - line.base - begin
        # Not from cursorToX: at the edge of a right-to-left word it gives a place in another word.
        runs = line.line.glyphRuns(begin, length)
        if len(runs) == 1 and (only := runs[0].boundingRect()).width() > 0:
            left = only.left() + line.left
            return [(left, left + only.width())]
        rects = [run.boundingRect().translated(line.left, 0) for run in runs]
        rects = [rect for rect in rects if rect.width() > 0]
        if not rects:  # a tab or something else without a glyph
            xs = [_caret_x(line.line, place) + line.left for place in (begin, begin + length)]
            return [(min(xs), max(max(xs), min(xs) + 2))]
        if not any(run.isRightToLeft() for run in runs):  # in one direction nothing foreign lies between
            return [(min(r.left() for r in rects), max(r.right() for r in rects))]
        return [(b.left, b.right) for b in join_boxes([Box(r.left(), 0, r.right(), 0) for r in rects])]

    @property
    def name_height(self) -> float:
        """The height of a name with the gap below it."""
        return self._names.capHeight() + _NAME_GAP + 2

    def _line_names(self, line: VisibleLine, fragments: Sequence[Fragment]) -> list[Name]:
        # Of those that begin at one place a name's label stands there, a passage's behind it: it has its bar.
        named = sorted(
            (f for f in fragments if f.first and f.boxes),
            key=lambda f: (round(f.left), f.span.passage, f.left, f.span.order),
        )
        if not named:
            return []
        wishes = [
            Wish(
                f.left,
                self._name_width(f.span.label),
                f.right,
                # "pro-..." could be either stance: such a name is never cut for another's sake.
                whole=f.span.layer == "stance",
                yields=f.span.layer == "zone",
            )
            for f in named
        ]
        bottom = line.top - _NAME_GAP
        top = bottom - self._names.capHeight() - 1
        return [
            Name(f.span, Box(place[0], top, place[0] + place[1], bottom), place[1] < wish.width - 0.5)
            for f, wish, place in zip(named, wishes, place_names(wishes, self._right), strict=True)
            if place is not None
        ]

    def _name_width(self, label: str) -> float:
        width = self._widths.get(label)
        if width is None:
            width = self._widths[label] = self._names.horizontalAdvance(one_line(label))
        return width


class SpanPainter:
    """Paints a page in one theme: ``below`` before the text is drawn, ``above`` after it."""

    def __init__(self, theme: Theme, font: QFont, active: Key | None, focus: Key | None) -> None:
        """``font`` is the reading font; ``active`` and ``focus`` the keys of the span and the evidence
        that are to stand out."""
        self._theme = theme
        self._font = name_font(font)
        self._metrics = QFontMetricsF(self._font)
        self._active = active
        self._focus = focus

    def below(self, painter: QPainter, page: Page) -> None:
        """Paint everything that lies behind the words, and the names above them."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for fragment in page.evidence:
            self._evidence(painter, fragment)
        for fragment in page.passages:
            self._passage(painter, fragment)
        for fragment in page.hits:
            self._hit(painter, fragment)
        painter.setPen(Qt.PenStyle.NoPen)
        for fragment in page.marks:
            self._tint(painter, fragment)
        for fragment in page.marks:
            self._underline(painter, fragment)
        painter.setFont(self._font)
        deep = [box for fragment in page.marks if fragment.lane for box in fragment.boxes]
        for name in page.names:
            self._name(painter, name, crossed=bool(deep) and any(_crosses(box, name.box) for box in deep))

    def above(self, painter: QPainter, page: Page) -> None:
        """Paint what lies over the words: the veil on boilerplate and the active span's outline."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = _veil(self._theme)
        for fragment in page.passages:
            if fragment.span.boilerplate:
                for box in fragment.boxes:
                    painter.fillRect(_rect(box).adjusted(-1, -1, 1, 1), veil)
        # The outline runs over the letters beside the span, an apostrophe in all its width: their ink stays.
        painter.setCompositionMode(_inked(self._theme))
        for fragment in (*page.passages, *page.marks):
            if fragment.span.key == self._active:
                painter.setPen(QPen(shades(fragment.span.color, self._theme).line, 2 * self._theme.stroke))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                for box in fragment.boxes:
                    painter.drawRoundedRect(_rect(box).adjusted(-1, 0, 1, 2), _RADIUS + 1, _RADIUS + 1)

    def _evidence(self, painter: QPainter, fragment: Fragment) -> None:
        theme, focused = self._theme, fragment.span.key == self._focus
        accent = QColor(theme.accent)
        ground = QColor(theme.evidence)
        for box in fragment.boxes:
            slot = QRectF(
                QPointF(box.left - 3, fragment.slot.top), QPointF(box.right + 3, fragment.slot.bottom)
            )
            painter.fillRect(slot, ground)
            # Below the underlines of spans, which must stay what they are: solid or dashed.
            _dot(painter, QPointF(box.left, box.bottom + 3.5), box.right - box.left, theme)
        color = accent if focused or self._focus is None else blend(QColor(theme.base), accent, 0.55)
        self._bar(painter, fragment, 12, color, dashed=False)

    def _hit(self, painter: QPainter, fragment: Fragment) -> None:
        """Paint a quiet frame around what a search found; a label's tint lies over its ground."""
        base, accent = QColor(self._theme.base), QColor(self._theme.accent)
        painter.setPen(QPen(blend(base, accent, 0.6), 1))
        painter.setBrush(QColor(self._theme.selected))
        for box in fragment.boxes:
            painter.drawRoundedRect(_rect(box).adjusted(-2.5, -1.5, 2.5, 2.5), _RADIUS, _RADIUS)

    def _passage(self, painter: QPainter, fragment: Fragment) -> None:
        span, base = fragment.span, QColor(self._theme.base)
        own = shades(span.color, self._theme)
        for box in fragment.boxes:
            rect = _rect(box).adjusted(-2, -1, 2, 1)
            if span.boilerplate:
                painter.fillRect(rect, QColor(self._theme.soft))
                painter.fillRect(rect, QBrush(QColor(self._theme.hatch), Qt.BrushStyle.BDiagPattern))
            else:
                painter.fillRect(rect, blend(base, own.tint, 0.4 if span.suggested else 0.65))
        self._bar(painter, fragment, 18 + 6 * fragment.lane, own.line, dashed=span.suggested)

    def _bar(
        self, painter: QPainter, fragment: Fragment, away: float, color: QColor, *, dashed: bool
    ) -> None:
        """Paint one line's piece of a bar in the margin where reading begins, ``away`` from the words.

        Pieces join up.
        """
        x = fragment.slot.right + away - _BAR if fragment.rtl else fragment.slot.left - away
        if dashed:
            pen = QPen(color, _BAR - 1, Qt.PenStyle.CustomDashLine, Qt.PenCapStyle.FlatCap)
            pen.setDashPattern([1.6, 1.2])
            # Dashes are counted from the top of the page, so that they go on over the lines.
            pen.setDashOffset((fragment.slot.top % (2.8 * (_BAR - 1))) / (_BAR - 1))
            painter.setPen(pen)
            middle = x + _BAR / 2
            painter.drawLine(QLineF(middle, fragment.slot.top, middle, fragment.slot.bottom))
            return
        rect = QRectF(QPointF(x, fragment.slot.top), QPointF(x + _BAR, fragment.slot.bottom))
        _block(painter, rect, color, round_top=fragment.first, round_bottom=fragment.last, radius=_BAR / 2)

    def _tint(self, painter: QPainter, fragment: Fragment) -> None:
        tint = _tint(fragment.span.color, self._theme, fragment.span.suggested)
        painter.setBrush(tint)
        for box in fragment.boxes:
            rect = QRectF(box.left - 1, box.top, box.right - box.left + 2, box.bottom - box.top + 1)
            painter.drawRoundedRect(rect, _RADIUS, _RADIUS)

    def _underline(self, painter: QPainter, fragment: Fragment) -> None:
        line = shades(fragment.span.color, self._theme).line
        for box in fragment.boxes:
            if fragment.span.suggested:
                painter.setPen(_dashes(fragment.span.color, self._theme))
                y = round(box.bottom) + 0.5
                painter.drawLine(QLineF(box.left, y, box.right, y))
            else:
                thick = 2 * self._theme.stroke
                rect = QRectF(box.left - 1, round(box.bottom) - 0.5, box.right - box.left + 2, thick)
                painter.fillRect(rect, line)

    def _name(self, painter: QPainter, name: Name, *, crossed: bool) -> None:
        color = shades(name.span.color, self._theme).text
        label = name.span.label
        if name.elided:
            room = name.box.right - name.box.left
            label = self._metrics.elidedText(one_line(label), Qt.TextElideMode.ElideRight, room)
        if crossed:  # the line above is so deeply nested that its underlines come down to here
            painter.fillRect(_rect(name.box).adjusted(-1, -1, 1, 1), QColor(self._theme.base))
        painter.setPen(color)
        painter.drawText(QPointF(name.box.left, name.box.bottom), label)


def _inked(theme: Theme) -> QPainter.CompositionMode:
    """Return how a line is painted over words that stay readable beneath it."""
    modes = QPainter.CompositionMode
    return modes.CompositionMode_Lighten if theme.dark else modes.CompositionMode_Darken


def _caret_x(line: QTextLine, place: int) -> float:
    x: Any = line.cursorToX(place)  # (x, the place it was taken for), whatever the stub says
    return float(x[0])


def _crosses(words: Box, name: Box) -> bool:
    """Tell whether the underline of ``words`` runs through a name of the line below."""
    return words.left < name.right and name.left < words.right and name.top - 2 < words.bottom < name.bottom


def _rect(box: Box) -> QRectF:
    return QRectF(box.left, box.top, box.right - box.left, box.bottom - box.top)


def _block(
    painter: QPainter, rect: QRectF, color: QColor, *, round_top: bool, round_bottom: bool, radius: float
) -> None:
    """Fill ``rect`` with rounded or straight ends."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawRoundedRect(rect, radius, radius)
    half = rect.height() / 2
    if not round_top:
        painter.fillRect(rect.adjusted(0, 0, 0, -half), color)
    if not round_bottom:
        painter.fillRect(rect.adjusted(0, half, 0, 0), color)


@cache
def _tint(color: str, theme: Theme, suggested: bool) -> QColor:
    """Return the ground behind a span's words: lighter while it is only suggested."""
    tint = QColor(shades(color, theme).tint)
    if suggested:
        tint.setAlphaF(0.4)
    return tint


@cache
def _dashes(color: str, theme: Theme) -> QPen:
    """Return the pen that underlines a suggestion."""
    pen = QPen(
        shades(color, theme).line, 1.3 * theme.stroke, Qt.PenStyle.CustomDashLine, Qt.PenCapStyle.FlatCap
    )
    pen.setDashPattern([3.4, 2.2])
    return pen


def _dot(painter: QPainter, begin: QPointF, length: float, theme: Theme) -> None:
    """Draw a dotted line: a piece of one that is kept, cut behind a whole dot and put on whole pixels."""
    ratio = painter.device().devicePixelRatioF()
    dots = _dots(theme, _STRIP * math.ceil((length + 4) / _STRIP), ratio)
    height = dots.deviceIndependentSize().height()
    place = QPointF(begin.x() - 2, begin.y() - height / 2) * ratio
    width = 4 + length - length % (_DOT_STEP * _DOT * theme.stroke)
    painter.drawPixmap(
        QPointF(round(place.x()), round(place.y())) / ratio,
        dots,
        QRectF(0, 0, round(width * ratio), dots.height()),
    )


@cache
def _dots(theme: Theme, length: int, ratio: float) -> QPixmap:
    """Return a dotted line that begins 2 pixels from its left edge.

    Each dot is a dash with round ends, and stroking a line of them takes a third of a millisecond.
    """
    thick = _DOT * theme.stroke
    height = 2 * math.ceil(thick / 2 + 1)
    dots = QPixmap(round(length * ratio), round(height * ratio))
    dots.setDevicePixelRatio(ratio)
    dots.fill(Qt.GlobalColor.transparent)
    pen = QPen(QColor(theme.accent), thick, Qt.PenStyle.CustomDashLine, Qt.PenCapStyle.RoundCap)
    pen.setDashPattern([0.1, _DOT_STEP - 0.1])
    painter = QPainter(dots)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(pen)
    painter.drawLine(QPointF(2, height / 2), QPointF(length, height / 2))
    painter.end()
    return dots


@cache
def _veil(theme: Theme) -> QColor:
    """Return the base colour, as opaque as leaves the dimmed words readable."""
    base, text = QColor(theme.base), QColor(theme.text)
    share = 0.6
    while share > 0 and contrast(blend(text, base, share), QColor(theme.soft)) < theme.text_contrast:
        share -= 0.02
    base.setAlphaF(max(0.0, share))
    return base
