"""The list of what was labelled before a label was worded as it is now."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from annotator.project.older_wording import Older
from annotator.ui.chips import one_line, plain_label, plain_tip
from annotator.ui.history_model import HistoryTable
from annotator.ui.tasks import BackgroundWork

_HEADS = ("Label", "Words", "Article", "Annotator", "Version")
_NOTHING = (
    "Nothing was labelled under an older wording. When you change a definition or rule, "
    "what was labelled before is listed here to be looked at again."
)
_Index = QModelIndex | QPersistentModelIndex


class _Model(QAbstractTableModel):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows: list[Older] = []

    def set_rows(self, rows: list[Older]) -> None:
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(_HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _HEADS[section]
        return None

    def data(self, index: _Index, role: int = 0) -> Any:
        if not index.isValid() or role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        row = self.rows[index.row()]
        words = (
            row.label,
            row.quote if row.quote is not None else "the whole article",
            row.title,
            row.annotator,
            f"{row.then}, now {row.since}",
        )[index.column()]
        return plain_tip(words) if role == Qt.ItemDataRole.ToolTipRole else one_line(words)


class OlderTab(QWidget):
    """A table; Enter opens the article at the words, and a button says that they still fit."""

    opened = Signal(object)  # an Older
    confirmed = Signal(object)  # ids of annotations
    all_confirmed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._work: BackgroundWork | None = None
        self._me = ""  # who may say that something still fits
        self.model = _Model(self)
        self.table = HistoryTable("Labelled under an older wording", (1, 2))
        self.table.setModel(self.model)
        self.table.setWordWrap(False)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        self._empty = plain_label(_NOTHING, muted=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.table)
        self._stack.addWidget(self._empty)
        self.words = plain_label(muted=True)
        self.open_button = QPushButton("&Open the article")
        self.fits_button = QPushButton("It still &fits")
        self.all_button = QPushButton("All &still fit")
        row = QHBoxLayout()
        row.addWidget(self.words, 1)
        for button in (self.open_button, self.fits_button, self.all_button):
            button.setAutoDefault(False)
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.addWidget(self._stack, 1)
        column.addLayout(row)
        self.table.chosen.connect(lambda number: self.opened.emit(self.model.rows[number]))
        self.table.selectionModel().currentRowChanged.connect(self._follow)
        self.open_button.clicked.connect(self._open)
        self.fits_button.clicked.connect(self._confirm)
        self.all_button.clicked.connect(self.all_confirmed)

    def look(self, steps: Generator[Any, None, tuple[list[Older], int, int]], *, me: str) -> None:
        """Look for these annotations beside the window, and show them; what is shown stays until then.

        ``me`` is who is at work, "" where nobody can change anything.
        """
        self.stop()
        if not self.model.rows:
            self.words.setText("Looking through the articles…")
        self._work = BackgroundWork(steps, self)
        self._work.finished.connect(lambda found: self._found(*found, me=me))
        self._work.failed.connect(self._failed)

    def stop(self) -> None:
        """Look no further: the project is about to be closed."""
        if self._work is not None:
            self._work.stop()
            self._work = None

    def _found(self, rows: list[Older], number: int, others: int, *, me: str) -> None:
        self._work = None  # it deletes itself
        self.show_older(rows, number, others, me=me)

    def _failed(self, why: str) -> None:
        self._work = None
        self.words.setText(why)

    def show_older(self, rows: list[Older], number: int, others: int, *, me: str) -> None:
        """Show the first ``rows`` of ``number`` annotations, of which some are by others than ``me``."""
        place = self.table.currentIndex().row()
        self.model.set_rows(rows)
        self._stack.setCurrentWidget(self.table if rows else self._empty)
        more = f" These are the first {len(rows):,}." if number > len(rows) else ""
        if others:
            more += f" {others:,} {'is' if others == 1 else 'are'} by others: only they can say so."
        self.words.setText(f"{number:,} to look at again.{more}" if number else "")
        self._me = me
        self.all_button.setEnabled(bool(me) and others < number)
        self.open_button.setEnabled(bool(rows))
        if rows:
            self.table.selectRow(min(max(place, 0), len(rows) - 1))
        self._follow()

    def _follow(self) -> None:
        row = self._current()
        self.fits_button.setEnabled(bool(self._me) and row is not None and row.annotator == self._me)

    def _current(self) -> Older | None:
        number = self.table.currentIndex().row()
        return self.model.rows[number] if 0 <= number < len(self.model.rows) else None

    def _open(self) -> None:
        if (row := self._current()) is not None:
            self.opened.emit(row)

    def _confirm(self) -> None:
        if (row := self._current()) is not None:
            self.confirmed.emit([row.annotation])
