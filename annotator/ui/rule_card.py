"""A label's definition, rule and examples, below the text while it is worked on."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QToolButton, QVBoxLayout, QWidget

from annotator.model import Example, Label
from annotator.ui import theme
from annotator.ui.chips import cut, plain_label, scaled

_NO_RULE = "No rule is written for this label yet. Tools > Codebook is where rules are written."
_SHARE = 0.5  # of the pane's height at most
_SHOWN = 5  # examples of each kind


class RuleCard(QFrame):
    """Stays until it is closed; the keyboard stays in the article."""

    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("rule")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName("Rule of the label")
        self.label: Label | None = None
        self._examples: Sequence[Example] = ()
        self.heading = plain_label()
        self.heading.setFont(scaled(self.heading.font(), 1.0, bold=True))
        self.words = plain_label()
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.words.setContentsMargins(0, 2, 4, 2)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self.words)
        self.more = plain_label(muted=True)
        self.more.setWordWrap(False)
        self.more_words = ""  # what shows more, where not all is in sight
        bar = self._scroll.verticalScrollBar()
        bar.valueChanged.connect(self._show_more)
        bar.rangeChanged.connect(self._show_more)
        self.close_button = QToolButton()
        self.close_button.setText("×")
        self.close_button.setAutoRaise(True)
        self.close_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.close_button.setAccessibleName("Close the rule")
        self.close_button.setToolTip("Close the rule (Esc)")
        self.close_button.clicked.connect(self.closed)
        head = QHBoxLayout()
        head.addWidget(self.heading, 1)
        head.addWidget(self.more)
        head.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(28, 8, 16, 10)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self._scroll, 1)
        self.apply_theme()
        self.hide()

    def show_label(self, label: Label, examples: Sequence[Example]) -> None:
        """Show the rule of a label, and have it read aloud."""
        again = self.isVisible() and (label, list(examples)) == (self.label, list(self._examples))
        self.label, self._examples = label, examples
        self.heading.setText(
            cut(f"{label.name} · {label.layer}" + (" · retired" if label.retired else ""), 120)
        )
        self.words.setText(rule_words(label, examples))
        self.apply_theme()
        self.show()
        self.updateGeometry()
        self._scroll.verticalScrollBar().setValue(0)
        if not again:
            spoken = f"Rule of {label.name}. {self.words.text()}"
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, spoken))

    def go_on(self) -> bool:
        """Show what stands below; False where the end is in sight."""
        bar = self._scroll.verticalScrollBar()
        if bar.value() >= bar.maximum():
            return False
        bar.setValue(bar.value() + bar.pageStep() - self.fontMetrics().lineSpacing())
        return True

    def _show_more(self, *_: int) -> None:
        bar = self._scroll.verticalScrollBar()
        self.more.setText(self.more_words if bar.value() < bar.maximum() else "")

    def hasHeightForWidth(self) -> bool:
        """Say no: a layout would ask the heading and the scroll area, not :meth:`sizeHint`."""
        return False

    def sizeHint(self) -> QSize:
        """Return the height of the words, as far as the pane has room for it."""
        pane = self.parentWidget()
        width = (pane.width() if pane is not None else self.width()) - 60
        wanted = self.words.heightForWidth(max(100, width)) + self.heading.sizeHint().height() + 40
        most = int(pane.height() * _SHARE) if pane is not None else wanted
        return QSize(200, max(80, min(wanted, most)))

    def minimumSizeHint(self) -> QSize:
        """Return the least that can be read."""
        return QSize(120, min(self.sizeHint().height(), 120))

    def apply_theme(self) -> None:
        """Take the theme's colours."""
        colors = theme.current()
        heading = (
            theme.shades(self.label.color, colors).text.name() if self.label is not None else colors.text
        )
        self.setStyleSheet(
            f"#rule {{ background: {colors.soft}; border-top: 1px solid {colors.line}; }}"
            f"#rule QLabel, #rule QScrollArea, #rule QScrollArea > QWidget {{ background: {colors.soft}; }}"
        )
        self.heading.setStyleSheet(f"color: {heading}")


def rule_words(label: Label, examples: Sequence[Example]) -> str:
    """Return what the codebook says of a label, as text."""
    parts = [label.definition] if label.definition else []
    parts.append(label.rule or _NO_RULE)
    for fits, sign, words in ((True, "✓", "Fits"), (False, "✗", "Does not fit")):
        chosen = [e for e in examples if e.fits == fits]
        if chosen:
            lines = [f"{sign} {example_words(e)}" for e in chosen[:_SHOWN]]
            if len(chosen) > _SHOWN:
                lines.append(f"and {len(chosen) - _SHOWN} more")
            parts.append("\n".join([f"{words}:", *lines]))
    return "\n\n".join(parts)


def example_words(example: Example) -> str:
    """Return an example on one line: its words, then what stands around them."""
    quote, context = cut(example.quote, 80), cut(example.context, 200)
    return f"{quote} — {context}" if context and context != quote else quote
