"""What an import would do, before it does it: what the files are, what comes in, what would be left out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
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
from annotator.ui.chips import as_it_stands, cut, level_labels

if TYPE_CHECKING:
    from annotator.formats import FilePreview, Format, Preview
    from annotator.ui.settings import Settings

_EITHER = "03/04/2024"
_LOOKED_AT = 1000  # dates of a file
_COLUMNS = ("File", "What it is", "Articles", "New", "Spans", "Note")
_NUMBERS = range(2, 5)  # the columns with them
_LABELS = 12  # that are named
_NONE = "(none)"
_SHORT = {"url": "URL", "id": "ID"}
_PAIRS = 3  # of a field and its column beside each other: one below the other they would leave no room


Header = tuple[str, ...]
"""The names of a file's columns, sorted: files with the same ones are read the same way."""
Choices = Mapping[Header, Mapping[str, str]]
"""The columns that a person chose for our fields ("": none), for each header; the others are found out."""


class ImportDialog(QDialog):
    """Shows a preview; another format or other fields are asked for by ``look_again``.

    The fields are those of the file that is current in the table, and of all others with its header.
    """

    look_again = Signal()  # with :meth:`format` and :meth:`choices`

    def __init__(
        self,
        preview: Preview,
        formats: Sequence[Format],
        settings: Settings,
        parent: QWidget,
        choices: Choices | None = None,
    ) -> None:
        """``choices`` are what the preview was made with."""
        super().__init__(parent)
        self.setWindowTitle("Import")
        self._settings = settings
        self._preview = preview
        self._fields: dict[str, QComboBox] = {}
        self._choices = {header: dict(chosen) for header, chosen in (choices or {}).items()}
        self._shown: tuple[str, Header] | None = None  # the format and header that the boxes are for
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
        for column in _NUMBERS:
            heading = self._table.horizontalHeaderItem(column)
            assert heading is not None
            heading.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._table.verticalHeader().hide()
        self._table.setShowGrid(False)
        self._table.setWordWrap(False)
        self._table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self._table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self._table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._table.setTabKeyNavigation(False)
        header = self._table.horizontalHeader()
        header.setHighlightSections(False)
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
        self._dates.currentIndexChanged.connect(self._choose)
        self._form = form = QFormLayout()
        form.addRow("&Read as", self._format)
        form.addRow(f"&Dates such as {_EITHER}", self._dates)
        level_labels(form)
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

    def choices(self) -> Choices:
        """Return which columns a person chose, for each header."""
        return self._choices

    def accept(self) -> None:
        """Remember what was chosen for each header."""
        for header, chosen in self._choices.items():
            self._settings.set(_key(header), json.dumps(chosen))
        super().accept()

    def show_preview(self, preview: Preview) -> None:
        """Show what was found."""
        self._preview = preview
        fit = [file for file in preview.files if file.failed is None]
        report = preview.report
        articles = sum(file.articles for file in fit)
        wrong = len(preview.files) - len(fit) + len(preview.failed)
        words = f"{report.imported:,} of {articles:,} articles are new"
        if report.same_text:
            words += f", {report.same_text:,} of them with the same text as another"
        if report.twice:
            words += f", {report.twice:,} are twice in the files"
        others = report.known_annotations + report.twice_annotations
        others += report.other_labels + report.other_ids
        if there := report.annotations + others:
            words += f"; {report.annotations:,} of {there:,} annotations are new"
        words += ". Nothing has been written yet."
        for line in report.kept():
            words += f" {line}"
        if report.codebook:
            words += f" {report.codebook}"
        if wrong:
            words += f" {wrong:,} of the files cannot be imported; the others can."
        if preview.passed_over:
            words += f" {preview.passed_over:,} files of other kinds are passed over."
        self._words.setText(words)
        self._button.setEnabled(bool(articles))
        row = self._table.currentRow()
        self._table.blockSignals(True)
        self._table.setRowCount(0)
        for file in preview.files:
            self._add_row(file.path.name, file.format.title, _numbers(file), _note(file))
        for path, reason in preview.failed:
            self._add_row(path, "", ("", "", ""), reason)
        self._table.blockSignals(False)
        if row < 0:  # at first what needs a choice
            with_fields = [n for n, file in enumerate(preview.files) if file.columns]
            row = min(with_fields, key=lambda n: preview.files[n].failed is None, default=0)
        row = min(row, self._table.rowCount() - 1)
        if row >= 0:
            self._table.setCurrentCell(row, 0)
        else:
            self._show_file()

    def _add_row(self, name: str, kind: str, numbers: tuple[str, str, str], note: str) -> None:
        row = self._table.rowCount()
        self._table.insertRow(row)
        for column, words in enumerate((cut(name, 60), kind, *numbers, note)):
            item = QTableWidgetItem(words)
            item.setToolTip(as_it_stands(words))
            if column in _NUMBERS:
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self._table.setItem(row, column, item)

    def _show_file(self, row: int = -1, *_: int) -> None:
        if not 0 <= row < len(self._preview.files):
            self._file.setText("")
            self._group.hide()
            self._form.setRowVisible(self._dates, False)
            return
        file = self._preview.files[row]
        self._show_fields(file)
        lines = [_note(file)] if file.failed is not None else []
        if file.labels:
            common = file.labels.most_common(_LABELS)
            labels = ", ".join(f"{layer}: {cut(name, 30)} ({n:,})" for (layer, name), n in common)
            more = len(file.labels) - len(common)
            lines.append(f"Labels: {labels}{f' and {more} more' if more > 0 else ''}")
        if file.titles:
            lines.append("Begins with: " + " · ".join(cut(title, 50) for title in file.titles[:3]))
        self._file.setText("\n".join(lines))

    def _show_fields(self, file: FilePreview) -> None:
        """Have a choice for each field that may have another name, where the file has columns."""
        self._group.setVisible(bool(file.columns))
        self._show_dates(file)
        if not file.columns:
            return
        alike = [each for each in self._preview.files if header_of(each.columns) == header_of(file.columns)]
        self._group.setTitle(_title(file, len(alike) - 1, len(self._preview.files)))
        shown = file.format.name, header_of(file.columns)
        if self._shown != shown:
            self._shown = shown
            self._make_boxes(file)
        for field, box in self._fields.items():
            box.blockSignals(True)
            box.setCurrentIndex(max(0, box.findData(file.mapping.get(field, ""))))
            box.blockSignals(False)

    def _show_dates(self, file: FilePreview) -> None:
        """Ask for the order of dates where files with this one's columns have some that may be two."""
        header = header_of(file.columns)
        order = self._choices.get(header, {}).get("dates", "")
        doubtful = any(
            either_date(day)
            for each in self._preview.files
            if each.columns and header_of(each.columns) == header
            for day in each.undated[:_LOOKED_AT]
        )
        self._form.setRowVisible(self._dates, bool(file.columns) and bool(doubtful or order))
        self._dates.blockSignals(True)
        self._dates.setCurrentIndex(max(0, self._dates.findData(order)))
        self._dates.blockSignals(False)

    def _make_boxes(self, file: FilePreview) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.setParent(None)
                widget.deleteLater()
        self._fields.clear()
        for number, field in enumerate(file.format.fields or ()):
            box = QComboBox()
            box.setAccessibleName(f"The column with the {field}")
            box.addItem(_NONE, "")
            for column in file.columns:
                box.addItem(cut(column, 60), column)
            box.currentIndexChanged.connect(self._choose)
            self._fields[field] = box
            label = QLabel(_SHORT.get(field, field.capitalize()))
            label.setBuddy(box)
            row, pair = divmod(number, _PAIRS)
            self._grid.addWidget(label, row, 2 * pair)
            self._grid.addWidget(box, row, 2 * pair + 1)
            self._grid.setColumnStretch(2 * pair + 1, 1)

    def _choose(self) -> None:
        """Keep what differs from what is found out by itself."""
        from annotator.formats import registry

        row = self._table.currentRow()
        if 0 <= row < len(self._preview.files):
            file = self._preview.files[row]
            found = registry.mapped(file.format, file.columns, {})
            chosen = {field: str(box.currentData()) for field, box in self._fields.items()}
            other = {field: column for field, column in chosen.items() if column != found.get(field, "")}
            order = self._dates.currentData()
            self._choices[header_of(file.columns)] = other | ({"dates": order} if order else {})
        self._ask()

    def _ask(self) -> None:
        self.look_again.emit()


def _numbers(file: FilePreview) -> tuple[str, str, str]:
    if file.failed is not None:
        return "", "", ""
    return f"{file.articles:,}", f"{file.articles - file.known - file.twice:,}", f"{file.spans:,}"


def _note(file: FilePreview) -> str:
    if file.failed is not None:
        return f"Cannot be imported: {file.failed}"
    notes = []
    if file.lost:
        from annotator.formats.left_out import counted

        lost = ", ".join(counted(number, what) for what, number in file.lost.most_common())
        notes.append(f"left out: {lost}")
    if file.repaired:
        notes.append(f"{file.repaired:,} offsets in other units, put right")
    if file.undated:
        dates = "1 date" if len(file.undated) == 1 else f"{len(file.undated):,} dates"
        notes.append(f"{dates} kept as written, of no certain day ({cut(file.undated[0], 40)})")
    if file.guessed:
        from annotator.formats.tally import unsure_encodings

        notes.append(f"not in UTF-8, {unsure_encodings(file.guessed)}: look whether letters came out right")
    return "; ".join(notes)


def _title(file: FilePreview, others: int, files: int) -> str:
    if files == 1:
        return "Which field is which"
    name = cut(file.path.name, 40).replace("&", "&&")
    if not others:
        return f"Which field is which in {name}"
    alike = "1 other" if others == 1 else f"{others:,} others"
    return f"Which field is which in {name} and {alike} with its columns"


def header_of(columns: Sequence[str]) -> Header:
    """Return the header of a file with these columns."""
    return tuple(sorted(columns))


def names_by(choices: Choices) -> Callable[[Sequence[str]], Mapping[str, str]]:
    """Return what gives an import the names of our fields by a file's columns."""
    chosen = {header: dict(fields) for header, fields in choices.items()}  # the dialog may change its own
    return lambda columns: chosen.get(header_of(columns), {})


def _key(header: Header) -> str:
    """Return the setting under which it is kept how files with this header were read."""
    digest = hashlib.sha256("\n".join(header).encode(errors="replace")).hexdigest()
    return f"fields/{digest[:16]}"


def remembered(settings: Settings, preview: Preview) -> Choices:
    """Return what was chosen last time for the headers of these files; empty where nothing ever was."""
    found = {}
    for header in {header_of(file.columns) for file in preview.files if file.columns}:
        with suppress(ValueError):
            kept = json.loads(settings.text(_key(header), "{}"))
            if not isinstance(kept, dict) or not kept:
                continue
            order = kept.get("dates")
            if all(column in ("", *header) or column == order for column in kept.values()):
                found[header] = kept
    return found
