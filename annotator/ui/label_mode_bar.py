"""The line above the text that says that the label mode is on, and with which label."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QVBoxLayout

from annotator.model import Label
from annotator.ui import theme
from annotator.ui.article_view import MARGIN
from annotator.ui.chips import cut, elided, plain_label, plain_tip

_CHOOSE = "Press the key of a label. Esc leaves."
_GO_ON = (
    "Label mode. Click words, drag, or press {widen} at the caret; another label's key changes it, "
    "Esc leaves."
)


class _Heading(QLabel):
    """One line that ends in an ellipsis where the pane is too narrow for it."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what there is room for."""
        painter = QPainter(self)
        painter.setFont(self.font())
        painter.setPen(self.palette().color(self.foregroundRole()))
        words = elided(self.text(), self.font(), self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, words)


class LabelModeBar(QFrame):
    """Says above the text that the mode is on, and with which label."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("label_mode")
        self.setAccessibleName("Label mode")
        self.label: Label | None = None
        self.with_keys: Callable[[str], str] = str
        """Puts the present keys of commands in braces into words."""
        self.heading = _Heading()
        self.words = plain_label()
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, 6, 16, 6)
        column.setSpacing(2)
        column.addWidget(self.heading)
        column.addWidget(self.words)
        self.apply_theme()
        self.hide()

    @property
    def text(self) -> str:
        """All that it says."""
        return f"{self.heading.text()}. {self.words.text()}"

    def show_label(self, label: Label | None) -> None:
        """Show the mode with a label; None: it is still to be chosen."""
        self.label = label
        self.heading.setText(cut(label.name, 60) if label is not None else "Label mode")
        self.heading.setToolTip(plain_tip(label.name) if label is not None else "")
        self.show_keys()
        self.apply_theme()
        self.show()

    def show_keys(self) -> None:
        """Name the keys that work now."""
        self.words.setText(self.with_keys(_GO_ON if self.label is not None else _CHOOSE))

    def apply_theme(self) -> None:
        """Take the theme's colours."""
        colors = theme.current()
        name = theme.shades(self.label.color, colors).text.name() if self.label is not None else colors.text
        self.setStyleSheet(
            f"#label_mode {{ background: {colors.soft}; border-top: 1px solid {colors.line}; "
            f"border-bottom: 1px solid {colors.line}; }} #label_mode QLabel {{ background: {colors.soft}; }}"
        )
        self.heading.setStyleSheet(f"color: {name}; font-weight: bold")
