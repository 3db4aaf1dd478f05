"""A search field that shows its key, can be cleared by mouse, and leads down to what it searches."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from annotator.ui import theme
from annotator.ui.chips import SMALL, scaled


class SearchField(QLineEdit):
    """A line edit with a magnifier, ``hint`` (its key) at the right while empty, and a clear button."""

    cleared = Signal()
    """The clear button was pressed."""
    down_pressed = Signal()
    """The arrow down was pressed: on to the results."""

    def __init__(self, hint: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hint = hint
        self.setMaxLength(500)
        self.setAccessibleName("Search articles")
        self._magnifier = self.addAction(
            theme.icon("search", theme.current().muted), QLineEdit.ActionPosition.LeadingPosition
        )
        self._magnifier.setText("Search")
        self._magnifier.triggered.connect(self.setFocus)
        self._clear = self.addAction(
            theme.icon("close", theme.current().muted), QLineEdit.ActionPosition.TrailingPosition
        )
        self._clear.setText("Clear the search")
        self._clear.setToolTip("Clear the search")
        self._clear.triggered.connect(self._on_clear)
        self.textChanged.connect(self.show_clear)
        self.show_clear()

    def set_hint(self, hint: str) -> None:
        """Show another key at the right."""
        self._hint = hint
        self.update()

    def show_clear(self) -> None:
        """Offer the clear button where there is something to clear."""
        self._clear.setVisible(bool(self.text()))

    def apply_theme(self) -> None:
        """Take the colours of the current theme."""
        self._magnifier.setIcon(theme.icon("search", theme.current().muted))
        self._clear.setIcon(theme.icon("close", theme.current().muted))

    def _on_clear(self) -> None:
        self.clear()
        self.cleared.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go on to the results with the arrow down."""
        if event.key() == Qt.Key.Key_Down:
            self.down_pressed.emit()
            event.accept()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the hint where it does not touch the placeholder."""
        super().paintEvent(event)
        font = scaled(self.font(), SMALL)
        wide = QFontMetrics(font).horizontalAdvance(self._hint)
        taken = QFontMetrics(self.font()).horizontalAdvance(self.placeholderText()) + 40
        if self.text() or taken + wide + 20 > self.width():
            return
        painter = QPainter(self)
        painter.setFont(font)
        painter.setPen(QColor(theme.current().muted))
        right = self.rect().adjusted(0, 0, -10, 0)
        painter.drawText(right, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._hint)
        painter.end()
