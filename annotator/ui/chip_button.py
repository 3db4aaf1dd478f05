"""A small round button, as those of filters; a ring around it says that it has the keyboard."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton

from annotator.ui import theme


class ChipButton(QPushButton):
    """Its own outline says whether it is checked, the ring around that only where the keyboard is."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.setProperty("chip", True)
        self.setAutoDefault(False)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the button, and the ring in the margin that the style leaves."""
        super().paintEvent(event)
        if self.hasFocus():
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.current().accent), 1.5))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.8, 0.8, -0.8, -0.8), 10, 10)
            painter.end()
