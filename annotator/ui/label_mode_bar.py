"""The line above the text that says that the label mode is on, and with which label."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QFrame, QHBoxLayout

from annotator.model import Label
from annotator.ui import theme
from annotator.ui.article_view import MARGIN
from annotator.ui.chips import cut, plain_label, scaled

_CHOOSE = "press the key of a label. Esc leaves."
_GO_ON = (
    "label mode. Click words, drag, or press {widen} at the caret; another label's key changes it, "
    "Esc leaves."
)


class LabelModeBar(QFrame):
    """Says above the text that the mode is on, and with which label."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("label_mode")
        self.setAccessibleName("Label mode")
        self.label: Label | None = None
        self.with_keys: Callable[[str], str] = str
        """Puts the present keys of commands in braces into words."""
        self.heading = plain_label()
        self.heading.setWordWrap(False)
        self.heading.setFont(scaled(self.heading.font(), 1.0, bold=True))
        self.words = plain_label()
        row = QHBoxLayout(self)
        row.setContentsMargins(MARGIN, 6, 16, 6)
        row.setSpacing(12)
        row.addWidget(self.heading)
        row.addWidget(self.words, 1)
        self.apply_theme()
        self.hide()

    @property
    def text(self) -> str:
        """All that it says."""
        return f"{self.heading.text()}: {self.words.text()}"

    def show_label(self, label: Label | None) -> None:
        """Show the mode with a label; None: it is still to be chosen."""
        self.label = label
        self.heading.setText(cut(label.name, 60) if label is not None else "Label mode")
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
        self.heading.setStyleSheet(f"color: {name}")
