"""The buttons of the stance panel: one for a label, one for a sentence that speaks for it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QTextLayout,
)
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from annotator.model import Label
from annotator.text import Utf16Map, right_to_left
from annotator.ui import theme
from annotator.ui.chips import dashed_pen, elided, one_line, paint_icon, plain_tip, scaled

_QUOTE_LINES = 2
_QUOTE_MARKS = tuple('“”„«»"')


class _Button(QAbstractButton):
    """A painted button that Enter presses as Space does, with a ring where the keyboard is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys to the article
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press on Enter too."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            event.accept()
        else:
            super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show that it can be pressed."""
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Stop showing so."""
        super().leaveEvent(event)
        self.update()

    def paint_focus(self, painter: QPainter) -> None:
        """Paint the ring around the whole button if it has the focus."""
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.current().accent), 1.4))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.8, 0.8, -0.8, -0.8), 8, 8)


class StanceButton(_Button):
    """One label: chosen (tinted, solid border, check mark), suggested (dashed border), or neither.

    A retired one, which stands here only where it is chosen, says so.
    """

    def __init__(self, label: Label, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label = label
        self.words = f"{label.name} (retired)" if label.retired else label.name
        self.chosen = False
        self.suggested = False
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        key = f"Key: {label.key}" if label.key else ""
        self.setToolTip(plain_tip("\n".join(part for part in (label.definition, key) if part)))
        self.setAccessibleDescription(label.definition)
        self.show_state(chosen=False, suggested=False)

    def nextCheckState(self) -> None:
        """Keep the state: it shows what was decided, which the owner says."""

    def show_state(self, chosen: bool, suggested: bool) -> None:
        """Show whether the label is chosen, or only suggested."""
        self.chosen, self.suggested = chosen, suggested and not chosen
        self.setChecked(chosen)
        state = ", chosen" if self.chosen else ", suggested" if self.suggested else ""
        self.setAccessibleName(self.words + state)
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size that shows name, key and check mark in full."""
        metrics = QFontMetrics(scaled(self.font(), 1.0, bold=True))
        key = metrics.horizontalAdvance(self.label.key) + 8 if self.label.key else 0
        width = metrics.horizontalAdvance(one_line(self.words)) + key + 20
        return QSize(width + (metrics.height() + 2 if self.chosen else 0), metrics.height() + 19)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the button."""
        colors = theme.current()
        shades = theme.shades(self.label.color, colors)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(2.5, 2.5, -2.5, -2.5)
        painter.setBrush(
            QColor(colors.soft) if self.underMouse() and self.isEnabled() else QColor(colors.base)
        )
        painter.setPen(QPen(QColor(colors.line), colors.stroke))
        name_color = shades.text if self.isEnabled() else QColor(colors.muted)
        if not (self.isEnabled() or self.chosen or self.suggested):
            painter.setBrush(QColor(colors.soft))
            painter.setPen(Qt.PenStyle.NoPen)
            name_color = QColor(colors.disabled)
        if self.chosen:
            painter.setBrush(shades.tint)
            painter.setPen(QPen(shades.line, 1.6 * colors.stroke))
        elif self.suggested:
            painter.setPen(dashed_pen(shades.line, 1.8 * colors.stroke))
        painter.drawRoundedRect(box, 6, 6)
        self.paint_focus(painter)

        font = scaled(self.font(), 1.0, bold=True)
        metrics = QFontMetrics(font)
        left, right = 10, self.width() - 10
        if self.chosen:
            size = metrics.height() - 1
            square = self.rect().adjusted(left - 2, (self.height() - size) // 2, 0, 0)
            square.setSize(QSize(size, size))
            paint_icon(painter, "accept", name_color.name(), square)
            left += size + 1
        painter.setFont(font)
        painter.setPen(name_color)
        middle = Qt.AlignmentFlag.AlignVCenter
        if self.label.key:
            painter.drawText(
                self.rect().adjusted(0, 0, -10, 0), Qt.AlignmentFlag.AlignRight | middle, self.label.key
            )
            right -= metrics.horizontalAdvance(self.label.key) + 8
        room = self.rect().adjusted(left, 0, right - self.width(), 0)
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | middle, elided(self.words, font, room.width()))
        painter.end()


class QuoteButton(_Button):
    """A sentence of the article in at most three lines; a press asks to see it there."""

    def __init__(self, quote: str, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        words = " ".join(quote[:2000].split())
        self._text = words if _quoted(words) else f"“{words}”"
        self._runs_left = bool(right_to_left(words))
        self._lines: dict[tuple[int, str], list[str]] = {}  # by width and font
        self.setText(self._text.replace("&", "&&"))
        self.setToolTip(plain_tip(quote[:2000]))
        self.setAccessibleName(f"Evidence {number}: {quote[:2000]}")
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def lines(self, width: int) -> list[str]:
        """Return the lines that are shown at ``width`` pixels, the last one cut with an ellipsis."""
        asked = width, self.font().key()
        if asked not in self._lines:  # a layout asks for some widths, and for each again and again
            self._lines[asked] = self._laid_out(width)
        return self._lines[asked]

    def _laid_out(self, width: int) -> list[str]:
        units = Utf16Map(self._text)
        layout = QTextLayout(self._text, self.font())
        starts: list[int] = []
        layout.beginLayout()
        while (line := layout.createLine()).isValid():
            line.setLineWidth(max(20, width - 12))
            starts.append(units.to_code_point(line.textStart()))
            if len(starts) > _QUOTE_LINES:
                break
        layout.endLayout()
        shown = starts[:_QUOTE_LINES]
        ends = [*shown[1:], len(self._text)]
        lines = [self._text[start:end].rstrip() for start, end in zip(shown, ends, strict=True)]
        if len(starts) > _QUOTE_LINES:
            lines[-1] = elided(lines[-1], self.font(), width - 12)
        return lines

    def hasHeightForWidth(self) -> bool:
        """Return True: a narrower panel wraps the sentence."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height in pixels at ``width``."""
        return self._line_height() * len(self.lines(width)) + 8

    def sizeHint(self) -> QSize:
        """Return the size at a usual width."""
        return QSize(220, self.heightForWidth(max(self.width(), 120)))

    def minimumSizeHint(self) -> QSize:
        """Return the size of one line."""
        return QSize(60, self._line_height() + 8)

    def _line_height(self) -> int:
        return QFontMetrics(self.font()).height() + 3

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the lines, underlined as the evidence is in the article."""
        colors = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = QFontMetrics(self.font())
        hot = self.underMouse() and self.isEnabled()
        y = 4
        if self._runs_left:
            painter.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        for line in self.lines(self.width()):
            painter.setPen(QColor(colors.text))
            wide = metrics.horizontalAdvance(line)
            left = self.width() - 6 - wide if self._runs_left else 6
            painter.drawText(left, y + metrics.ascent(), line)
            painter.setPen(
                QPen(QColor(colors.accent), 1.2, Qt.PenStyle.SolidLine if hot else Qt.PenStyle.DotLine)
            )
            base = y + metrics.ascent() + 2.5
            painter.drawLine(left, round(base), left + wide, round(base))
            y += self._line_height()
        self.paint_focus(painter)
        painter.end()


def _quoted(words: str) -> bool:
    return words[:1] in _QUOTE_MARKS or words[-1:] in _QUOTE_MARKS
