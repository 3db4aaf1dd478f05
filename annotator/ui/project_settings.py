"""Tools > Project settings: the blind share, and the seed of everything that is drawn at random."""

from __future__ import annotations

import secrets

from PySide6.QtCore import QRegularExpression
from PySide6.QtGui import QRegularExpressionValidator
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from annotator.ui.chips import plain_label

RECOMMENDED = 20  # percent: a fifth
_WIDTH, _FIELD = 540, 150  # pixels
_SHARE = (
    "On this share of the articles the suggested stance is hidden until you have chosen one. No suggestion "
    "has led those choices: only they tell how good the suggestions are, and how much they lead. A fifth "
    "(20%) is recommended; 0% hides nothing. What is decided already stays as it is."
)
_SEED = (
    "The orders at random, and which articles are hidden, follow from this number: the same one gives the "
    "same articles on any computer. Another seed draws anew, so settle on one before the work begins."
)


class ProjectSettingsDialog(QDialog):
    """Asks for the blind share (percent) and the seed."""

    def __init__(self, share: int, seed: str, writable: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Project settings")
        self.share = QSpinBox()
        self.share.lineEdit().setTextMargins(10, 0, 0, 0)
        self.share.setRange(0, 100)
        self.share.setSuffix("%")
        self.share.setValue(share)
        self.share.setAccessibleName("Blind share in percent of the articles")
        self.fifth = QPushButton("A &fifth")
        self.fifth.setAutoDefault(False)
        self.fifth.setAccessibleName("Take the recommended share, a fifth")
        self.fifth.clicked.connect(lambda: self.share.setValue(RECOMMENDED))
        self.seed = QLineEdit(seed)
        self.seed.setValidator(QRegularExpressionValidator(QRegularExpression("[0-9]{1,18}"), self))
        self.seed.setAccessibleName("Seed, a whole number")
        self.new_seed = QPushButton("&Draw another")
        self.new_seed.setAutoDefault(False)
        self.new_seed.clicked.connect(lambda: self.seed.setText(str(secrets.randbelow(10**9))))
        self._buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        self.seed.textChanged.connect(self._check)
        self.writable = writable
        self.share.setMinimumHeight(self.seed.sizeHint().height())  # of one height in every style
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 18, 20, 16)
        layout.setSpacing(8)
        labels = [QLabel("&Blind share"), QLabel("&Seed")]
        width = max(label.sizeHint().width() for label in labels) + 12
        for label, field, button, explained in zip(
            labels, (self.share, self.seed), (self.fifth, self.new_seed), (_SHARE, _SEED), strict=True
        ):
            label.setBuddy(field)
            label.setFixedWidth(width)
            field.setFixedWidth(_FIELD)
            row = QHBoxLayout()
            for widget in (label, field, button):
                row.addWidget(widget)
            row.addStretch(1)
            layout.addLayout(row)
            layout.addWidget(plain_label(explained, muted=True))
            layout.addSpacing(10)
        for widget in (self.share, self.fifth, self.seed, self.new_seed):
            widget.setEnabled(writable)
        if not writable:
            layout.addWidget(plain_label("The project is open for reading only."))
        layout.addWidget(self._buttons)
        self.resize(_WIDTH, max(self.sizeHint().height(), layout.totalHeightForWidth(_WIDTH)))
        self._check()

    def _check(self) -> None:
        ok = self._buttons.button(QDialogButtonBox.StandardButton.Ok)
        ok.setEnabled(self.writable and self.seed.hasAcceptableInput())

    def values(self) -> tuple[int, str]:
        """Return the share in percent and the seed."""
        return self.share.value(), self.seed.text()
