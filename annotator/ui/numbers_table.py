"""The numbers of a chart as a table, for the keyboard, for screen readers and for looking closely."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from annotator.project.charts import Chart
from annotator.text import printable
from annotator.ui.chips import cut, plain_tip

_LONGEST = 60  # characters of a name; its tip has more
_WIDEST = 180  # pixels; a number is in sight beside it in the smallest window, too
_ROOT = QModelIndex()

_Index = QModelIndex | QPersistentModelIndex


class NumbersModel(QAbstractTableModel):
    """All rows of a chart, also those that the picture has no room for."""

    def __init__(self, chart: Chart, shares: bool) -> None:
        super().__init__()
        self._chart = chart
        self._shares = shares and len(chart.series) > 1
        self._columns = chart.columns()

    def rowCount(self, parent: _Index = _ROOT) -> int:
        """Return the number of rows."""
        return 0 if parent.isValid() else len(self._chart.rows)

    def columnCount(self, parent: _Index = _ROOT) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        if not index.isValid():
            return None
        row = self._chart.rows[index.row()]
        cell = self._chart.cells(row)[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            if isinstance(cell, str):
                return printable(cut(cell, _LONGEST))
            counted = index.column() < len(row.names) + len(row.counts)
            share = f"  {cell / row.total:.0%}" if self._shares and counted and row.total else ""
            return f"{cell:,}{share}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(printable(cell)) if isinstance(cell, str) else None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignLeft if isinstance(cell, str) else Qt.AlignmentFlag.AlignRight
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a column's head."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return printable(cut(self._columns[section], 30))
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(printable(self._columns[section]))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            names = section < len(self._chart.heads)
            side = Qt.AlignmentFlag.AlignLeft if names else Qt.AlignmentFlag.AlignRight
            return side | Qt.AlignmentFlag.AlignVCenter
        return None


class NumbersTable(QTableView):
    """Shows a chart's numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setResizeContentsPrecision(200)  # rows that are measured

    def show_chart(self, chart: Chart, shares: bool) -> None:
        """Show the numbers of another chart."""
        name = f"Numbers: {chart.title}"
        same = name == self.accessibleName()  # counted again: whoever reads stays where they are
        row, column, before = self.currentIndex().row(), self.currentIndex().column(), self.model()
        self.setModel(NumbersModel(chart, shares))
        if before is not None:
            before.deleteLater()
        self.setAccessibleName(name)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 8)
        self.resizeColumnsToContents()
        for head in range(len(chart.heads)):
            self.setColumnWidth(head, min(_WIDEST, self.columnWidth(head)))
        there = same and self.model().hasIndex(row, column)
        self.setCurrentIndex(self.model().index(row, column) if there else self.model().index(0, 0))
