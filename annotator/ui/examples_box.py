"""The examples of one label: words that it fits and words that it does not fit."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from annotator.model import Example
from annotator.ui.chips import one_line
from annotator.ui.empty_state import EmptyState
from annotator.ui.rule_card import example_words

_HINT = "Choose words in the article, then take them here."


class ExamplesBox(QWidget):
    """A list, and buttons that take the words chosen in the article."""

    wanted = Signal(bool)  # the chosen words are to be an example that fits, or one that does not
    removed = Signal(int)  # an example's id
    opened = Signal(int, int, int)  # article, start, end

    def __init__(self) -> None:
        super().__init__()
        self._examples: Sequence[Example] = ()
        self.list = QListWidget()
        self.list.setAccessibleName("Examples")
        self.list.setToolTip(_HINT)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        EmptyState(self.list, f"No examples yet. {_HINT}")
        self.list.setMinimumHeight(self.fontMetrics().lineSpacing() * 4)
        self.fits_button = QPushButton("It fi&ts the chosen words")
        self.not_button = QPushButton("It &does not fit them")
        self.remove_button = QPushButton("Remo&ve")
        heading = QLabel("Exa&mples")
        heading.setBuddy(self.list)
        row = QHBoxLayout()
        for button in (self.fits_button, self.not_button, self.remove_button):
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(heading)
        column.addWidget(self.list, 1)
        column.addLayout(row)
        self.fits_button.clicked.connect(lambda: self.wanted.emit(True))
        self.not_button.clicked.connect(lambda: self.wanted.emit(False))
        self.remove_button.clicked.connect(self._remove)
        self.list.itemActivated.connect(self._open)
        self.list.currentRowChanged.connect(self._enable)
        remove = QShortcut(QKeySequence("Del"), self.list)
        remove.setContext(Qt.ShortcutContext.WidgetShortcut)
        remove.activated.connect(self._remove)
        self._writable = False

    def show_examples(self, examples: Sequence[Example], *, writable: bool) -> None:
        """Show a label's examples."""
        number = self.list.currentRow()
        self._examples, self._writable = examples, writable
        self.list.clear()
        for example in examples:
            sign = "✓ fits:" if example.fits else "✗ does not fit:"
            self.list.addItem(QListWidgetItem(one_line(f"{sign} {example_words(example)}")))
        if examples and number >= 0:
            self.list.setCurrentRow(min(number, len(examples) - 1))
        self._enable()

    def _current(self) -> Example | None:
        number = self.list.currentRow()
        return self._examples[number] if 0 <= number < len(self._examples) else None

    def _enable(self) -> None:
        self.fits_button.setEnabled(self._writable)
        self.not_button.setEnabled(self._writable)
        self.remove_button.setEnabled(self._writable and self._current() is not None)

    def _remove(self) -> None:
        example = self._current()
        if example is not None and self._writable:
            self.removed.emit(example.id)

    def _open(self) -> None:
        example = self._current()
        if example is not None and example.article is not None:
            self.opened.emit(example.article, example.start, example.end)
