"""Paints one article of the list, and says the same in words for screen readers."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from annotator.model import ArticleRow, Status
from annotator.text import isolated, right_to_left
from annotator.ui import theme
from annotator.ui.chips import SMALL, chip_size, elided, one_line, paint_chip, paint_icon, scaled

ROW_ROLE = Qt.ItemDataRole.UserRole
"""The role under which the model gives a row's :class:`ArticleRow`, None where it is gone."""

_STATUS_WORDS: dict[Status, str] = {
    "todo": "to do",
    "in_progress": "in progress",
    "done": "done",
    "skipped": "skipped",
}
_LEFT, _RIGHT, _TOP, _GAP, _BOTTOM = 14, 12, 9, 5, 9
_NO_COLOR = "#6b7280"
_FLAG = "#e0801f"


def origin_of(row: ArticleRow) -> str:
    """Return the second line, to be painted: source, date and the mark of equal texts, as far as known."""
    parts = [isolated(part) for part in (row.source, row.published) if part]
    if row.same_text > 0:
        parts.append(f"same text ×{row.same_text + 1}")
    if row.alike > row.same_text:
        parts.append(f"alike ×{row.alike + 1}")
    return " · ".join(parts)


def row_in_words(row: ArticleRow) -> str:
    """Return what a row shows, as one plain sentence part for screen readers."""
    parts = [row.title, _STATUS_WORDS[row.status]]
    if row.flagged:
        parts.append("flagged")
    parts += [part for part in (row.source, row.published) if part]
    if row.stance:
        parts.append(f"suggested {row.stance}" if row.stance_suggested else row.stance)
    if row.same_text == 1:
        parts.append("another article has the same text")
    elif row.same_text:
        parts.append(f"{row.same_text} other articles have the same text")
    if row.alike > row.same_text:
        have = "another article has" if row.alike == 1 else f"{row.alike} other articles have"
        parts.append(f"{have} nearly the same text")
    return ", ".join(parts)


class ArticleDelegate(QStyledItemDelegate):
    """Paints status, title, source, date, flag and stance; reads the theme at each paint."""

    stance_colors: Mapping[str, str] = {}

    def row_height(self, font: QFont) -> int:
        """Return the height of a row in pixels (57 at the usual font)."""
        second = chip_size("", font).height()
        return _TOP + QFontMetrics(scaled(font, 1.0, bold=True)).height() + _GAP + second + _BOTTOM

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the size of a row, at a width that shows a usual title."""
        font: QFont = option.font
        return QSize(QFontMetrics(font).averageCharWidth() * 40, self.row_height(font))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint one row."""
        colors = theme.current()
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        font: QFont = option.font
        selected = bool(state & QStyle.StateFlag.State_Selected)
        ground = colors.selected if selected else colors.base
        if state & QStyle.StateFlag.State_MouseOver and not selected:
            ground = colors.soft
        painter.save()
        painter.fillRect(rect, QColor(ground))
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), QColor(colors.line))
        if selected:
            painter.fillRect(QRect(rect.left(), rect.top(), 3, rect.height()), QColor(colors.accent))
        row = index.data(ROW_ROLE)
        if isinstance(row, ArticleRow):
            self._paint_row(painter, rect, font, row, colors)
        if state & QStyle.StateFlag.State_HasFocus and selected:
            painter.setPen(QColor(colors.accent))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(rect.adjusted(0, 0, -1, -1))
        painter.restore()

    def _paint_row(
        self, painter: QPainter, rect: QRect, font: QFont, row: ArticleRow, colors: theme.Theme
    ) -> None:
        title_font = scaled(font, 1.0, bold=row.status not in ("done", "skipped"))
        small = scaled(font, SMALL)
        line = QFontMetrics(scaled(font, 1.0, bold=True)).height()
        icon = min(line, round(line * 0.9))
        origin_words = origin_of(row)
        # A title without anything below it stands in the middle.
        top = rect.top() + (_TOP if origin_words or row.stance else (rect.height() - line) // 2)
        text_left = rect.left() + _LEFT + icon + 6
        text_right = rect.right() - _RIGHT
        middle = Qt.AlignmentFlag.AlignVCenter

        status_color = colors.positive if row.status == "done" else colors.muted
        if row.status == "in_progress":
            status_color = colors.accent
        box = QRect(rect.left() + _LEFT, top + (line - icon) // 2, icon, icon)
        paint_icon(painter, row.status, status_color, box)

        title_right = text_right
        if row.flagged:
            title_right -= icon + 4
            orange = theme.shades(_FLAG, colors).line.name()
            paint_icon(painter, "flag_on", orange, QRect(text_right - icon + 1, box.top(), icon, icon))
        painter.setFont(title_font)
        painter.setPen(QColor(colors.text))
        title = QRect(text_left, top, title_right - text_left, line)
        # The line is as high as its letters: isolates, of another font, would move them down and cut them.
        if right_to_left(one_line(row.title)):
            painter.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute
        painter.drawText(title, left | middle, elided(row.title, title_font, title.width()))
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)

        chip = QSize(0, chip_size("", font).height())
        second = top + line + _GAP
        if row.stance:
            chip = chip_size(one_line(row.stance), font)
            chip.setWidth(min(chip.width(), (text_right - text_left) * 2 // 3))
            at = QRect(text_right - chip.width() + 1, second, chip.width(), chip.height())
            color = self.stance_colors.get(row.stance, _NO_COLOR)
            paint_chip(painter, at, row.stance, color, font, suggested=row.stance_suggested)
        painter.setFont(small)
        painter.setPen(QColor(colors.muted))
        origin = QRect(text_left, second, text_right - text_left - chip.width() - 8, chip.height())
        painter.drawText(
            origin, Qt.AlignmentFlag.AlignLeft | middle, elided(origin_words, small, origin.width())
        )
