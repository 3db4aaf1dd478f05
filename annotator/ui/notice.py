"""A line under the tool bar that says what happened; it never stops the work."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from annotator.ui import theme

SHORT = 220  # characters that fit in the line; what is longer opens in a dialog


class NoticeBar(QFrame):
    """Shows one message until it is closed or another one comes."""

    moves = Signal()  # what is below it is about to: it appears, or goes

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self._icon = QLabel()
        self._words = QLabel()
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._words.setWordWrap(True)
        self._more = QPushButton("Details…")
        self._more.clicked.connect(self._details)
        close = QToolButton()
        close.setObjectName("noticeClose")
        close.setAutoRaise(True)
        close.setToolTip("Close this message")
        close.setAccessibleName("Close this message")
        close.clicked.connect(self._go)
        self._close = close
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 6, 8, 6)
        layout.addWidget(self._icon)
        layout.addWidget(self._words, 1)
        layout.addWidget(self._more)
        layout.addWidget(close)
        self._text = ""
        self._warning = False
        self.hide()

    @property
    def text(self) -> str:
        """The whole message that is shown, "" when there is none."""
        return self._text if not self.isHidden() else ""

    def show_message(self, text: str, *, warning: bool = False) -> None:
        """Show ``text``; what does not fit in the line is behind Details."""
        self._text, self._warning = text, warning
        flat = " ".join(text.split())
        short = flat if len(flat) <= SHORT else flat[: SHORT - 1].rstrip() + "…"
        self._words.setText(short)
        self._words.setAccessibleName(short)
        self._more.setVisible(short != flat)
        self.apply_theme()
        if self.isHidden():
            self.moves.emit()
        self.show()
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, short))

    def drop_warning(self) -> bool:
        """Close a warning: it was seen, or what did not work has been got over. False: there is none."""
        if self.isHidden() or not self._warning:
            return False
        self._go()
        return True

    def _go(self) -> None:
        self.moves.emit()
        self.hide()

    def apply_theme(self) -> None:
        """Take the theme's colours."""
        colors = theme.current()
        line = colors.warning if self._warning else colors.accent
        self.setStyleSheet(
            f"#notice {{ background: {colors.soft}; border-left: 3px solid {line}; "
            f"border-bottom: 1px solid {colors.line}; }}"
        )
        self._icon.setPixmap(theme.icon("info", line).pixmap(18, 18))
        self._close.setIcon(theme.icon("close"))

    def _details(self) -> None:
        dialog = QDialog(self.window())
        dialog.setWindowTitle("Details")
        layout = QVBoxLayout(dialog)
        text = QPlainTextEdit(self._text)
        text.setReadOnly(True)
        text.setAccessibleName("The whole message")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(dialog.reject)
        layout.addWidget(text)
        layout.addWidget(buttons)
        dialog.resize(640, 360)
        dialog.exec()
        dialog.deleteLater()
