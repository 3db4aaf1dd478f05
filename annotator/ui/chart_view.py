"""A chart as pyqtgraph draws it, on the screen and into a file.

pyqtgraph takes a third of a second to import: only whoever shows a chart imports this module. Names are drawn
by QPainter as they stand; pyqtgraph's own labels, legends and titles would read them as HTML.
"""

from __future__ import annotations

from typing import Literal

import pyqtgraph as pg
from PySide6.QtCore import QBuffer, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QPaintDevice,
    QPainter,
    QPen,
    QResizeEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QGraphicsSceneHoverEvent, QStyleOptionGraphicsItem, QWidget

from annotator.project.charts import Chart, Picture, Row
from annotator.text import printable
from annotator.ui import theme
from annotator.ui.chart_shapes import hatched, hatching, round_ticks
from annotator.ui.chips import SMALL, cut, elided, plain_tip, scaled
from annotator.ui.color_vision import PALETTE
from annotator.ui.theme import Theme

_ORDER = (4, 0, 6, 7, 2, 1, 5, 9)  # of the palette, for series that have no colour of their own
_THICK = 0.72  # of a bar's room
_PAD = 4.0  # pixels around a number
_FEWEST = 6  # bars for which there is room: fewer are not made thicker
_NAME = 0.35  # of the width at most is for the bars' names; longer ones are cut
_SAVED = QSize(1000, 620)
_SHARP = 2  # pixels of a saved PNG for each on the screen


def shown_name(row: Row, picture: Picture) -> str:
    """Return what stands beside a bar: its last name, and those before where that is not enough."""
    own = row.names[-1]
    if len(row.names) > 1 and sum(other.names[-1] == own for other in picture.rows) > 1:
        own = f"{own} ({', '.join(row.names[:-1])})"
    return printable(cut(own, 200))


def series_color(picture: Picture, place: int, row: Row | None = None) -> str:
    """Return the colour of a series, or of a bar that has its own."""
    color = (row.color if row is not None else None) or picture.series[place].color
    return color or PALETTE[_ORDER[place % len(_ORDER)]][1]


class ChartView(pg.GraphicsLayoutWidget):  # type: ignore[misc]
    """Draws one chart. ``shares``: each bar is as long as any other, and tells its parts in per cent."""

    def __init__(
        self, chart: Chart, colors: Theme, font: QFont, *, shares: bool = False, caption: bool = False
    ) -> None:
        super().__init__()
        self.chart = chart
        self.shares = shares and len(chart.picture.series) > 1
        self.setFont(font)
        self.setBackground(colors.base)
        self.setAntialiasing(True)
        self.setAccessibleName(f"Chart: {chart.title}")
        self.setAccessibleDescription(f"{chart.words} The table beside it has the same numbers.")
        for part in (self, self.viewport()):  # nothing in it answers a key; its table does
            part.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.ci.layout.setContentsMargins(4, 4, 10, 4)
        self._head = _Head(chart, colors, font, caption)
        self.addItem(self._head, row=0, col=0, colspan=2)
        # No PlotItem: its menus alone, which nobody opens here, take 20 ms to make.
        self._box = pg.ViewBox(enableMouse=False, enableMenu=False, defaultPadding=0)
        self._box.invertY(not chart.over_time)
        left, bottom = pg.AxisItem("left"), pg.AxisItem("bottom")
        self.addItem(left, row=1, col=0)
        self.addItem(self._box, row=1, col=1)
        self.addItem(bottom, row=2, col=1)
        left.linkToView(self._box)
        bottom.linkToView(self._box)
        self.ci.layout.setSpacing(0)
        self.bars = _Bars(chart, colors, font, self.shares)
        self._box.addItem(self.bars, ignoreBounds=True)
        self._names, self._numbers = (bottom, left) if chart.over_time else (left, bottom)
        for axis in (self._names, self._numbers):
            axis.setPen(QPen(QColor(colors.line)))
            axis.setTextPen(QPen(QColor(colors.text)))
            axis.setStyle(tickFont=scaled(font, 0.92), hideOverlappingLabels=False, tickLength=0)
        self._numbers.setTextPen(QPen(QColor(colors.muted)))
        self._numbers.setTickPen(QPen(QColor(colors.line)))
        self._numbers.setGrid(255)
        self._numbers.setZValue(-1000)  # its lines lie behind the bars
        self.setMinimumHeight(self.needed_height())
        self.fit()

    def needed_height(self) -> int:
        """Return the height in pixels below which bars would run into one another."""
        metrics = QFontMetricsF(self.font())
        rows = 8 if self.chart.over_time else max(3, len(self.chart.picture.rows))
        return round(self._head.fit(max(300, self.width())) + metrics.height() * (rows * 1.25 + 2) + 20)

    def fit(self) -> None:
        """Fit names, numbers and the room at the bars' ends to the size that there is."""
        self._head.fit(self.width())
        rows = self.chart.picture.rows
        metrics = QFontMetricsF(scaled(self.font(), 0.92))
        most = max(100.0, _NAME * self.width())
        names = [elided(shown_name(row, self.chart.picture), self.font(), most) for row in rows]
        count, longest = len(rows), self.bars.longest
        values = round_ticks(100 if self.shares else longest)
        ticks = [(value / 100 if self.shares else value, self._value(value)) for value in values]
        self._numbers.setTicks([ticks])
        box = self._box
        if self.chart.over_time:
            left = max((metrics.horizontalAdvance(words) for _, words in ticks), default=0) + 14
            self._numbers.setWidth(left)
            each = max(1.0, self.width() - left - 30) / max(_FEWEST, count)
            widest = max((metrics.horizontalAdvance(name) for name in names), default=0) + 18
            every = max(1, -(-int(widest) // max(1, int(each))))
            first = min(every // 2, (count - 1) // 2)  # of few dates at least one is named
            self._names.setTicks([[(n, names[n]) for n in range(max(0, first), count, every)]])
            box.setRange(xRange=(-0.5, max(_FEWEST, count) - 0.5), padding=0)
            room = max(60.0, self.height() - self._head.height_ - 60)
            over = (metrics.height() + _PAD) / room
            box.setRange(yRange=(0, self.bars.end * (1 + over)), padding=0)
        else:
            left = min(most, max((metrics.horizontalAdvance(name) for name in names), default=0)) + 14
            self._names.setWidth(left)
            self._names.setTicks([list(enumerate(names))])
            box.setRange(yRange=(-0.5, max(_FEWEST, count) - 0.5), padding=0)
            words = metrics.horizontalAdvance(f"{longest:,}") * 1.15 + 3 * _PAD
            over = words / max(60.0, self.width() - left - words - 20)
            box.setRange(xRange=(0, self.bars.end * (1 + over)), padding=0)

    def _value(self, value: int) -> str:
        return f"{value}%" if self.shares else f"{value:,}"

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit everything to the new size."""
        super().resizeEvent(event)
        if hasattr(self, "_names"):  # Qt asks while pyqtgraph is still building the view
            self.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page around it."""
        event.ignore()


class _Head(pg.GraphicsWidget):  # type: ignore[misc]
    """Above the bars: what the colours stand for; in a file also the title and what was counted."""

    def __init__(self, chart: Chart, colors: Theme, font: QFont, caption: bool) -> None:
        super().__init__()
        self._chart = chart
        self._colors = colors
        self._font = font
        self._caption = caption
        self.height_ = 0.0
        self._width = 0.0

    def fit(self, width: int) -> float:
        """Take the height in pixels that it needs at this width; return it."""
        self._width = max(60.0, width - 16.0)
        self.height_ = self._lay_out(None)
        self.setMinimumHeight(self.height_)
        self.setMaximumHeight(self.height_)
        return self.height_

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None) -> None:
        """Draw it."""
        self._lay_out(painter)

    def _lay_out(self, painter: QPainter | None) -> float:
        y = 0.0
        if self._caption:
            y = self._text(painter, y, self._chart.title, scaled(self._font, 1.25, bold=True), "text")
            words = f"{self._chart.words} {self._chart.picture.words}".strip()
            y = self._text(painter, y + 2, words, scaled(self._font, 0.92), "muted") + 8
        series = self._chart.picture.series
        if len(series) < 2:
            return y
        metrics = QFontMetricsF(self._font)
        size = metrics.height() * 0.8
        x = 0.0
        for place, one in enumerate(series):
            name = elided(printable(one.name), self._font, min(200.0, self._width - size - 24))
            width = size + 6 + metrics.horizontalAdvance(name) + 18
            if x and x + width > self._width:
                x, y = 0.0, y + metrics.height() + 4
            if painter is not None:
                mark = QRectF(x, y + (metrics.height() - size) / 2, size * 1.4, size)
                shade = theme.shades(series_color(self._chart.picture, place), self._colors)
                _fill(painter, mark, shade.line, QColor(self._colors.base), hatching(place))
                painter.setPen(QColor(self._colors.text))
                painter.setFont(self._font)
                painter.drawText(QPointF(x + size * 1.4 + 6, y + metrics.ascent()), name)
            x += width + size * 0.4
        return y + metrics.height() + 4

    def _text(self, painter: QPainter | None, y: float, words: str, font: QFont, color: str) -> float:
        wrap = Qt.TextFlag.TextWordWrap
        room = QRectF(0, y, self._width, 1000)
        taken = QFontMetricsF(font).boundingRect(room, wrap, words)
        if painter is not None:
            painter.setFont(font)
            painter.setPen(QColor(getattr(self._colors, color)))
            painter.drawText(room, wrap, words)
        return float(taken.bottom())


class _Bars(pg.GraphicsObject):  # type: ignore[misc]
    """Bars (or columns) of parts, each with its number where that fits, in pixels on pyqtgraph's scale."""

    def __init__(self, chart: Chart, colors: Theme, font: QFont, shares: bool) -> None:
        super().__init__()
        self._chart = chart
        self._colors = colors
        self._font = scaled(font, SMALL)
        self._shares = shares
        self.longest = max((row.total for row in chart.picture.rows), default=0)
        self.end = 1.0 if shares else max(1.0, float(self.longest))
        self.setAcceptHoverEvents(True)

    def boundingRect(self) -> QRectF:
        """Return everything that it may paint, in the scale's units."""
        count = max(1, len(self._chart.picture.rows))
        long = self.end * 2  # the numbers at the ends
        return QRectF(-0.5, 0, count, long) if self._chart.over_time else QRectF(0, -0.5, long, count)

    def parts(self) -> list[tuple[int, int, QRectF]]:
        """Return each part that is not 0: its row, its series and its place in the scale's units."""
        found = []
        for n, row in enumerate(self._chart.picture.rows):
            begin = 0.0
            for place, number in enumerate(row.counts):
                if number:
                    length = number / row.total if self._shares else float(number)
                    side = n - _THICK / 2
                    if self._chart.over_time:
                        rect = QRectF(side, begin, _THICK, length)
                    else:
                        rect = QRectF(begin, side, length, _THICK)
                    found.append((n, place, rect))
                    begin += length
        return found

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None) -> None:
        """Draw parts, their numbers, and each bar's total at its end."""
        scale = QTransform(painter.worldTransform())
        painter.save()
        painter.resetTransform()  # hatchings and letters are not to be stretched
        painter.setFont(self._font)
        metrics = QFontMetricsF(self._font)
        single = len(self._chart.picture.series) == 1
        ends: dict[int, QRectF] = {}
        for n, place, units in self.parts():
            rect = scale.mapRect(units)
            row = self._chart.picture.rows[n]
            shade = theme.shades(series_color(self._chart.picture, place, row), self._colors)
            _fill(painter, rect, shade.line, QColor(self._colors.base), hatching(place))
            ends[n] = rect
            if not single:
                number = row.counts[place]
                words = f"{number / row.total:.0%}" if self._shares else f"{number:,}"
                self._number_within(painter, metrics, rect, words, shade.line)
        painter.setPen(QColor(self._colors.text))
        for n, rect in ends.items():
            words = f"{self._chart.picture.rows[n].total:,}"
            width = metrics.horizontalAdvance(words)
            if not self._chart.over_time:
                at = QPointF(rect.right() + _PAD, rect.center().y() + metrics.ascent() / 2 - 1)
            elif width <= rect.width() / _THICK:
                at = QPointF(rect.center().x() - width / 2, rect.top() - metrics.descent() - 1)
            else:
                continue
            room = QRectF(at.x() - 2, at.y() - metrics.ascent() - 1, width + 4, metrics.height() + 1)
            painter.fillRect(room, QColor(self._colors.base))  # a line of the grid would run through it
            painter.drawText(at, words)
        painter.restore()

    @staticmethod
    def _number_within(
        painter: QPainter, metrics: QFontMetricsF, rect: QRectF, words: str, color: QColor
    ) -> None:
        width, height = metrics.horizontalAdvance(words) + 2 * _PAD, metrics.height()
        if width > rect.width() or height > rect.height() + 2:
            return
        ground = QRectF(0, 0, width, min(height, rect.height()))
        ground.moveCenter(rect.center())
        painter.fillRect(ground, color)
        inks = (QColor("#000000"), QColor("#ffffff"))
        painter.setPen(max(inks, key=lambda ink: theme.contrast(ink, color)))
        base = ground.center().y() + metrics.ascent() / 2 - 1
        painter.drawText(QPointF(ground.left() + _PAD, base), words)

    def hoverMoveEvent(self, event: QGraphicsSceneHoverEvent) -> None:
        """Tell in a tip what is under the mouse."""
        self.setToolTip(plain_tip(self.words_at(event.pos())))

    def words_at(self, spot: QPointF) -> str:
        """Return what the part at a place (in the scale's units) says, '' where there is none."""
        picture = self._chart.picture
        for n, place, rect in self.parts():
            if rect.contains(spot):
                row = picture.rows[n]
                share = f" ({row.counts[place] / row.total:.0%} of {row.total:,})"
                name = printable(", ".join(cut(name, 200) for name in row.names))
                series = printable(cut(picture.series[place].name, 200))
                many = len(picture.series) > 1
                return f"{name}\n{series}: {row.counts[place]:,}{share if many else ''}"
        return ""


def _fill(painter: QPainter, rect: QRectF, color: QColor, line: QColor, kind: str) -> None:
    painter.fillRect(rect, color)
    if kind:
        painter.setPen(QPen(line, 1.2))
        painter.drawLines(hatched(rect, kind))
    painter.setPen(QPen(line, 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(rect)


def picture_of(chart: Chart, kind: Literal["png", "svg"], font: QFont, *, shares: bool = False) -> bytes:
    """Return a chart as the bytes of a file: always dark on white, with its title and what was counted."""
    view = ChartView(chart, theme.LIGHT, font, shares=shares, caption=True)
    view.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    view.resize(_SAVED.width(), max(_SAVED.height(), view.needed_height()))
    view.show()  # or nothing would be laid out
    view.fit()
    view.ci.layout.activate()
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    if kind == "svg":
        generator = QSvgGenerator()
        generator.setOutputDevice(buffer)
        generator.setSize(view.size())
        generator.setViewBox(view.rect())
        generator.setResolution(view.logicalDpiX())
        generator.setTitle(chart.title)
        _render(view, generator)
    else:
        image = QImage(view.size() * _SHARP, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(_SHARP)
        _render(view, image)
        image.save(buffer, "PNG")  # type: ignore[call-overload]  # which wants no bytes, whatever its stub says
    view.hide()
    view.deleteLater()
    return bytes(buffer.data().data())


def _render(view: ChartView, device: QPaintDevice) -> None:
    painter = QPainter(device)
    view.render(painter, QRectF(view.rect()), view.rect())
    painter.end()
