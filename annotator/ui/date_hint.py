"""A line under the date of an article: what is wrong with it, and the date that was meant."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from annotator.dates import as_iso_date, is_iso_date


class DateHint(QWidget):
    """Hidden while ``edit`` holds a date; other words are kept, or corrected by a button."""

    def __init__(self, edit: QLineEdit) -> None:
        super().__init__()
        self._edit = edit
        self._meant: str | None = None
        self.words = QLabel()
        self.words.setProperty("muted", True)
        self.button = QPushButton()
        self.button.clicked.connect(self._correct)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.words, 1)
        layout.addWidget(self.button)
        edit.textChanged.connect(self._look)
        self._look(edit.text())

    def _look(self, text: str) -> None:
        text = text.strip()
        self.setVisible(bool(text) and not is_iso_date(text))
        self._meant = as_iso_date(text)
        self.button.setVisible(self._meant is not None)
        self.button.setText(f"Use {self._meant}")
        self.words.setText(
            "Kept, but not sorted by date."
            if self._meant
            else "Kept, but not sorted: a date is 2024-02-04, 2024-02 or 2024."
        )
        self._edit.setAccessibleDescription("" if self.isHidden() else self.words.text())

    def _correct(self) -> None:
        if self._meant is not None:
            self._edit.setText(self._meant)
            self._edit.setFocus()
