"""Chooses how the article's text is set; the article itself shows it at once."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from annotator.ui.chips import cut, level_labels, plain_label
from annotator.ui.reading import COLUMNS, LARGEST_SIZE, PITCHES, SMALLEST_SIZE, Reading

_OWN = "As in the rest of the window"
_COLUMN_WORDS = {"full": "As wide as the pane"}


class ReadingDialog(QDialog):
    """Family, size, length and height of lines; ``changed`` at every choice, also when cancelled."""

    changed = Signal(object)  # a Reading

    def __init__(self, reading: Reading, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Text")
        self._before = self._reading = reading
        self.family = QComboBox()
        self.family.addItem(_OWN, "")
        for family in QFontDatabase.families():
            if not QFontDatabase.isPrivateFamily(family):
                self.family.addItem(cut(family, 60), family)
        self.size_ = QSpinBox(minimum=SMALLEST_SIZE, maximum=LARGEST_SIZE, suffix=" points")
        self.size_.lineEdit().setTextMargins(8, 0, 0, 0)
        self.column, self.spacing = QComboBox(), QComboBox()
        for name, characters in COLUMNS.items():
            words = f"{name.capitalize()}: {characters} characters"
            self.column.addItem(_COLUMN_WORDS.get(name, words), name)
        for name in PITCHES:
            self.spacing.addItem(name.capitalize(), name)
        form = QFormLayout()
        form.addRow("&Font:", self.family)
        form.addRow("&Size:", self.size_)
        form.addRow("&Length of lines:", self.column)
        form.addRow("&Distance of lines:", self.spacing)
        level_labels(form)
        buttons = QDialogButtonBox()
        buttons.addButton(QDialogButtonBox.StandardButton.Ok)
        buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        usual = buttons.addButton(QDialogButtonBox.StandardButton.RestoreDefaults)
        usual.setText("&Usual")
        usual.clicked.connect(self._usual)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(plain_label("The article shows at once what you choose.", muted=True))
        layout.addLayout(form)
        layout.addWidget(buttons)
        self._show(reading)
        for box in (self.family, self.column, self.spacing):
            box.currentIndexChanged.connect(self._changed)
        self.size_.valueChanged.connect(self._changed)

    def _show(self, reading: Reading) -> None:
        self.family.setCurrentIndex(max(0, self.family.findData(reading.family)))
        self.size_.setValue(reading.size)
        self.column.setCurrentIndex(self.column.findData(reading.column))
        self.spacing.setCurrentIndex(self.spacing.findData(reading.spacing))

    def _changed(self) -> None:
        self._take(
            Reading(
                self.family.currentData(),
                self.size_.value(),
                self.column.currentData(),
                self.spacing.currentData(),
            )
        )

    def _take(self, reading: Reading) -> None:
        if reading != self._reading:
            self._reading = reading
            self.changed.emit(reading)

    def _usual(self) -> None:
        self._show(replace(Reading()))

    def reject(self) -> None:
        """Close; the text is set as before."""
        self._take(self._before)
        super().reject()
