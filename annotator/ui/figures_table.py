"""A table of figures: each share with its interval and number, and as a bar."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
)

from annotator.evaluation import Share, Table
from annotator.evaluation.report import words_of
from annotator.ui import theme
from annotator.ui.chips import SMALL, cut, plain_tip, scaled

_SHARE = Qt.ItemDataRole.UserRole
_PAD = 8
_BAR = 5  # pixels, with the interval's whisker

_Index = QModelIndex | QPersistentModelIndex


class FiguresTable(QTableWidget):
    """Shows one table of a report, as high as it is: the report scrolls, not its tables."""

    def __init__(self, table: Table) -> None:
        super().__init__(len(table.rows), len(table.columns))
        self.setAccessibleName(f"{table.group}: {table.title}")
        self.verticalHeader().hide()
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setItemDelegate(_ShareDelegate(self))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        numbers = {
            column
            for column in range(1, len(table.columns))
            if not any(isinstance(cells[column], Share) for cells in table.rows)
        }
        for column, name in enumerate(table.columns):
            head = QTableWidgetItem(cut(name, 60))
            if column in numbers:
                head.setTextAlignment(right)
            self.setHorizontalHeaderItem(column, head)
        for row, cells in enumerate(table.rows):
            for column, cell in enumerate(cells):
                item = QTableWidgetItem(words_of(cell))
                item.setToolTip(plain_tip(words_of(cell)))
                if isinstance(cell, Share):
                    item.setData(_SHARE, cell)
                elif column in numbers:
                    item.setTextAlignment(right)
                self.setItem(row, column, item)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)

    def fit(self) -> None:
        """Take the height that all rows need."""
        self.resizeRowsToContents()
        rows = sum(self.rowHeight(row) for row in range(self.rowCount()))
        bar = self.horizontalScrollBar().sizeHint().height()  # there where the window is narrow
        wide = self.horizontalHeader().length() > self.viewport().width()
        frame = 2 * self.frameWidth() + 4
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + rows + frame + bar * wide)


class _ShareDelegate(QStyledItemDelegate):
    """Draws a share as its number, a bar with its interval, and both in small words below."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        share = index.data(_SHARE)
        if not isinstance(share, Share):
            super().paint(painter, option, index)
            return
        self.initStyleOption(option, index)
        words, option.text = option.text, ""
        style = option.widget.style() if option.widget is not None else QApplication.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, option.widget)
        colors = theme.current()
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        box = option.rect.adjusted(_PAD, 5, -_PAD, -5)
        ink = option.palette.color(
            option.palette.ColorRole.HighlightedText if chosen else option.palette.ColorRole.Text
        )
        if share.interval is None or share.value is None:
            # As far in as the shares above and below, and not next to the number before it.
            painter.save()
            painter.setFont(option.font)
            painter.setPen(ink if chosen else QColor(colors.muted))
            painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)
            painter.restore()
            return
        painter.save()
        painter.setPen(ink)
        painter.setFont(scaled(option.font, 1.0, bold=True))
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
        painter.drawText(box, left, f"{share.value:.0%}")
        painter.setFont(scaled(option.font, SMALL))
        painter.setPen(ink if chosen else QColor(colors.muted))
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, _small(share))
        self._bar(painter, QRect(box.left() + 44, box.top() + 4, box.width() - 44, 8), share, ink)
        painter.restore()

    @staticmethod
    def _bar(painter: QPainter, place: QRect, share: Share, ink: QColor) -> None:
        assert share.value is not None
        assert share.interval is not None
        colors = theme.current()
        low, high = (place.left() + end * place.width() for end in share.interval)
        middle = place.top() + place.height() / 2
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colors.line))
        top = middle - _BAR / 2
        painter.drawRoundedRect(QRectF(place.left(), top, place.width(), _BAR), 2, 2)
        painter.setBrush(QColor(colors.accent))
        painter.drawRoundedRect(QRectF(place.left(), top, share.value * place.width(), _BAR), 2, 2)
        painter.setPen(QPen(ink, 1.5))
        painter.drawLine(QPointF(low, middle), QPointF(high, middle))
        for end in (low, high):
            painter.drawLine(QPointF(end, middle - 3.5), QPointF(end, middle + 3.5))

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        size = super().sizeHint(option, index)
        share = index.data(_SHARE)
        if isinstance(share, Share) and share.interval is not None:
            metrics = option.fontMetrics
            width = max(110, round(metrics.horizontalAdvance(_small(share)) * SMALL) + 2 * _PAD + 6)
            return QSize(width, 2 * metrics.height() + 12)
        return QSize(size.width() + (2 * _PAD if isinstance(share, Share) else 6), size.height() + 6)


def _small(share: Share) -> str:
    assert share.interval is not None
    low, high = share.interval
    return f"{low * 100:.0f}–{high:.0%} of {share.n:,}"
