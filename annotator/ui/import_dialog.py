"""What an import would do, before it does it: what the files are, what comes in, what would be left out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QGridLayout,
    QGroupBox,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from annotator.dates import DAY_FIRST, MONTH_FIRST, either_date
from annotator.ui.chips import as_it_stands, cut

if TYPE_CHECKING:
    from annotator.formats import FilePreview, Format, Preview
    from annotator.ui.settings import Settings

_EITHER = "03/04/2024"
_LOOKED_AT = 1000  # dates of a file
_COLUMNS = ("File", "What it is", "Articles", "New", "Spans", "Note")
_LABELS = 12  # that are named
_NONE = "(none)"
_PAIRS = 3  # of a field and its column beside each other: one below the other they would leave no room


class ImportDialog(QDialog):
    """Shows a preview; another format or other fields are asked for by ``look_again``."""

    look_again = Signal()  # with :meth:`format` and :meth:`mapping`

    def __init__(
        self,
        preview: Preview,
        formats: Sequence[Format],
        settings: Settings,
        parent: QWidget,
        mapping: Mapping[str, str] | None = None,
    ) -> None:
        """``mapping`` is what the preview was made with."""
        super().__init__(parent)
        self.setWindowTitle("Import")
        self._settings = settings
        self._preview = preview
        self._fields: dict[str, QComboBox] = {}
        self._before = dict(mapping or {})
        self._found: dict[str, str] = {}  # by the names of the first file's columns
        self._words = QLabel()
        self._words.setWordWrap(True)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._format = QComboBox()
        self._format.setAccessibleName("What the files are")
        self._format.addItem("What they were recognised as", None)
        for each in formats:
            self._format.addItem(each.title, each)
        self._format.currentIndexChanged.connect(self._ask)
        self._table = QTableWidget(0, len(_COLUMNS))
        self._table.setAccessibleName("The files")
        self._table.setHorizontalHeaderLabels(list(_COLUMNS))
        self._table.verticalHeader().hide()
        self._table.setShowGrid(False)
        self._table.setWordWrap(False)
        self._table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self._table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._table.setTabKeyNavigation(False)
        header = self._table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column in range(len(_COLUMNS)):
            words = column in (0, 1)
            resize = QHeaderView.ResizeMode
            header.setSectionResizeMode(column, resize.Interactive if words else resize.ResizeToContents)
        header.setSectionResizeMode(len(_COLUMNS) - 1, QHeaderView.ResizeMode.Stretch)
        for column in (0, 1):
            header.resizeSection(column, 26 * self.fontMetrics().averageCharWidth())
        self._table.currentCellChanged.connect(self._show_file)
        self._file = QLabel()
        self._file.setWordWrap(True)
        self._file.setTextFormat(Qt.TextFormat.PlainText)
        self._file.setProperty("muted", True)
        self._group = QGroupBox("Which field is which")
        self._grid = QGridLayout(self._group)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self._button = buttons.button(QDialogButtonBox.StandardButton.Ok)
        self._button.setText("&Import")
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self._dates = QComboBox()
        for title, order in (
            ("Kept as written", ""),
            ("Day first", DAY_FIRST),
            ("Month first", MONTH_FIRST),
        ):
            self._dates.addItem(title, order)
        self._dates.setCurrentIndex(max(0, self._dates.findData(self._before.get("dates", ""))))
        self._dates.currentIndexChanged.connect(self._ask)
        self._form = form = QFormLayout()
        form.addRow("&Read as", self._format)
        form.addRow(f"&Dates such as {_EITHER}", self._dates)
        layout = QVBoxLayout(self)
        layout.addWidget(self._words)
        layout.addLayout(form)
        layout.addWidget(self._table, 1)
        layout.addWidget(self._file)
        layout.addWidget(self._group)
        layout.addWidget(buttons)
        self.resize(QSize(900, 500))
        self.show_preview(preview)
        self._button.setFocus()

    def format(self) -> Format | None:
        """Return the format that was chosen, None for what the files were recognised as."""
        chosen: Format | None = self._format.currentData()
        return chosen

    def mapping(self) -> dict[str, str]:
        """Return the file's names of the fields that a person chose ("": none); the others are found out."""
        chosen = {field: box.currentData() for field, box in self._fields.items()}
        found = {**self._before, **{f: c for f, c in chosen.items() if c != self._found.get(f, "")}}
        found.pop("dates", None)
        return found | ({"dates": self._dates.currentData()} if self._dates.currentData() else {})

    def accept(self) -> None:
        """Remember which fields these columns were read as."""
        file = next((file for file in self._preview.files if file.columns), None)
        if file is not None and self.mapping():
            self._settings.set(mapping_key(file.columns), json.dumps(self.mapping()))
        super().accept()

    def show_preview(self, preview: Preview) -> None:
        """Show what was found."""
        self._preview = preview
        fit = [file for file in preview.files if file.failed is None]
        new = sum(file.articles - file.known for file in fit)
        articles = sum(file.articles for file in fit)
        wrong = len(preview.files) - len(fit) + len(preview.failed)
        words = f"{new:,} of {articles:,} articles are new. Nothing has been written yet."
        if wrong:
            words += f" {wrong:,} of the files cannot be imported; the others can."
        if preview.passed_over:
            words += f" {preview.passed_over:,} files of other kinds are passed over."
        self._words.setText(words)
        self._button.setEnabled(bool(articles))
        self._table.setRowCount(0)
        for file in preview.files:
            self._add_row(file.path.name, file.format.title, _numbers(file), _note(file))
        for path, reason in preview.failed:
            self._add_row(path, "", ("", "", ""), reason)
        self._show_fields()
        if self._table.rowCount():
            self._table.setCurrentCell(0, 0)

    def _add_row(self, name: str, kind: str, numbers: tuple[str, str, str], note: str) -> None:
        row = self._table.rowCount()
        self._table.insertRow(row)
        for column, words in enumerate((cut(name, 60), kind, *numbers, note)):
            item = QTableWidgetItem(words)
            item.setToolTip(as_it_stands(words))
            if 2 <= column <= 4:
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self._table.setItem(row, column, item)

    def _show_file(self, row: int = -1, *_: int) -> None:
        if not 0 <= row < len(self._preview.files):
            self._file.setText("")
            return
        file = self._preview.files[row]
        lines = []
        if file.labels:
            common = file.labels.most_common(_LABELS)
            labels = ", ".join(f"{layer}: {cut(name, 30)} ({n:,})" for (layer, name), n in common)
            more = len(file.labels) - len(common)
            lines.append(f"Labels: {labels}{f' and {more} more' if more > 0 else ''}")
        if file.titles:
            lines.append("Begins with: " + " · ".join(cut(title, 50) for title in file.titles[:3]))
        self._file.setText("\n".join(lines))

    def _show_fields(self) -> None:
        """Have a choice for each field that may have another name, where a file has columns."""
        file = next((file for file in self._preview.files if file.columns), None)
        self._group.setVisible(file is not None)
        doubtful = any(either_date(day) for file in self._preview.files for day in file.undated[:_LOOKED_AT])
        self._form.setRowVisible(self._dates, bool(doubtful or self._dates.currentData()))
        if file is None:
            return
        fields = list(file.format.fields or ())
        if list(self._fields) != fields:
            while (item := self._grid.takeAt(0)) is not None:
                if (widget := item.widget()) is not None:
                    widget.deleteLater()
            self._fields.clear()
            self._found = dict(file.mapping)
            for field in fields:
                box = QComboBox()
                box.setAccessibleName(f"The column with the {field}")
                box.addItem(_NONE, "")
                for column in file.columns:
                    box.addItem(cut(column, 60), column)
                box.currentIndexChanged.connect(self._ask)
                self._fields[field] = box
                label = QLabel(field.capitalize())
                label.setBuddy(box)
                row, pair = divmod(len(self._fields) - 1, _PAIRS)
                self._grid.addWidget(label, row, 2 * pair)
                self._grid.addWidget(box, row, 2 * pair + 1)
                self._grid.setColumnStretch(2 * pair + 1, 1)
        for field, box in self._fields.items():
            box.blockSignals(True)
            box.setCurrentIndex(max(0, box.findData(file.mapping.get(field, ""))))
            box.blockSignals(False)

    def _ask(self) -> None:
        self.look_again.emit()


def _numbers(file: FilePreview) -> tuple[str, str, str]:
    if file.failed is not None:
        return "", "", ""
    return f"{file.articles:,}", f"{file.articles - file.known:,}", f"{file.spans:,}"


def _note(file: FilePreview) -> str:
    if file.failed is not None:
        return f"Cannot be imported: {file.failed}"
    notes = []
    if file.lost:
        lost = ", ".join(f"{number:,} {what}" for what, number in file.lost.most_common())
        notes.append(f"left out: {lost}")
    if file.repaired:
        notes.append(f"{file.repaired:,} offsets in other units, put right")
    if file.undated:
        dates = "1 date" if len(file.undated) == 1 else f"{len(file.undated):,} dates"
        notes.append(f"{dates} kept as written, of no certain day ({cut(file.undated[0], 40)})")
    return "; ".join(notes)


def mapping_key(columns: Sequence[str]) -> str:
    """Return the setting under which it is kept how a file with these columns was read."""
    digest = hashlib.sha256("\n".join(sorted(columns)).encode(errors="replace")).hexdigest()
    return f"fields/{digest[:16]}"


def remembered(settings: Settings, preview: Preview) -> Mapping[str, str]:
    """Return how the first file with columns was read last time; empty where it never was."""
    for file in preview.files:
        if file.columns:
            try:
                kept = json.loads(settings.text(mapping_key(file.columns), "{}"))
            except ValueError:
                return {}
            return {k: v for k, v in kept.items() if isinstance(v, str)} if isinstance(kept, dict) else {}
    return {}
