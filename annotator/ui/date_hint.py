"""A line under the date of an article: what is wrong with it, and the dates that may be meant."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from annotator.dates import as_iso_date, either_date, is_iso_date


class DateHint(QWidget):
    """Hidden while ``edit`` holds a date; other words are kept, or corrected by a button.

    There are two buttons: 04/02/2024 is a day in February or one in April.
    """

    def __init__(self, edit: QLineEdit) -> None:
        super().__init__()
        self._edit = edit
        self._meant: tuple[str, ...] = ()
        self.words = QLabel()
        self.words.setProperty("muted", True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.words, 1)
        self.buttons = (QPushButton(), QPushButton())
        for number, button in enumerate(self.buttons):
            button.clicked.connect(partial(self._correct, number))
            layout.addWidget(button)
        edit.textChanged.connect(self._look)
        self._look(edit.text())

    def _look(self, text: str) -> None:
        text = text.strip()
        self.setVisible(bool(text) and not is_iso_date(text))
        one = as_iso_date(text)
        self._meant = (one,) if one is not None else either_date(text) or ()
        for number, button in enumerate(self.buttons):
            button.setVisible(number < len(self._meant))
            button.setText(f"Use {self._meant[number]}" if number < len(self._meant) else "")
        self.words.setText(
            (
                "Kept, but not sorted: a date is 2024-02-04, 2024-02 or 2024.",
                "Kept, but not sorted by date.",
                "Kept, not sorted. Which?",
            )[len(self._meant)]
        )
        self._edit.setAccessibleDescription("" if self.isHidden() else self.words.text())

    def _correct(self, number: int) -> None:
        self._edit.setText(self._meant[number])
        self._edit.setFocus()
