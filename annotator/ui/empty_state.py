"""Words over a list that has no rows: what to do next."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QColor, QFocusEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractItemView, QWidget
from shiboken6 import isValid

from annotator.ui import theme
from annotator.ui.chips import plain_label


class EmptyState(QObject):
    """Shows ``words`` in the middle of a list while it is empty; "" shows nothing."""

    def __init__(self, view: QAbstractItemView, words: str) -> None:
        super().__init__(view)
        self._view = view
        self.label = plain_label(words, muted=True)
        self.label.setParent(view.viewport())
        self.label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.label.setMargin(16)
        self.label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        view.viewport().installEventFilter(self)
        model = view.model()
        for changed in (model.rowsInserted, model.rowsRemoved, model.modelReset):
            changed.connect(self.fit)
        self.fit()

    def say(self, words: str) -> None:
        """Say something else."""
        self.label.setText(words)
        self.fit()

    def fit(self, *_: object) -> None:
        """Show or hide the words, as large as the list."""
        if not isValid(self._view):
            return  # a list that is being deleted loses its rows last
        self.label.setGeometry(self._view.viewport().rect())
        empty = self._view.model().rowCount() == 0 and bool(self.label.text())
        self.label.setVisible(empty)
        self._view.setAccessibleDescription(self.label.text() if empty else "")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the list's size."""
        if event.type() == QEvent.Type.Resize:
            self.fit()
        return False


class EmptyPage(QWidget):
    """What stands where a list would be, and has the keyboard in its stead: a line around it shows that."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the line."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the line away."""
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the line."""
        if self.hasFocus():
            painter = QPainter(self)
            painter.setPen(QPen(QColor(theme.current().accent), 1.4))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(8, 4, -8, -8), 8, 8)
            painter.end()
