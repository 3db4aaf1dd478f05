"""Excel workbooks (.xlsx), an article a row, through openpyxl's reader of rows one by one."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from annotator.formats import packages, registry
from annotator.formats.fields import CHOICES, FIELDS, Row, articles, chosen
from annotator.formats.item import Item
from annotator.formats.registry import Format
from annotator.formats.tables import refuse_spans, unlike
from annotator.model import InputFileError

_RETURN = re.compile("_x000D_\n?", re.IGNORECASE)  # so Excel writes the \r of a line end in a cell


def read(path: Path, mapping: Mapping[str, str] | None = None) -> Iterator[Item]:
    """Yield an article a row of the first sheet with a text, and of all that have the same columns.

    Where they are several, each article's ``meta`` has its ``sheet``. Formulas give the value that was last
    shown. The other sheets are told as left out. Raises ``InputFileError`` with the row.
    """
    with _sheets(path) as sheets:
        wanted = mapping or {}
        names, header = _chosen(sheets, wanted)
        if not header:
            raise InputFileError(path, "is empty; leave it out")
        read = [each for each in names if set(each[1]) == set(header)]
        others = tuple(f"sheets ({each.title})" for each, own in names if set(own) != set(header))
        refuse_spans(path, header)
        found = chosen(path, header, wanted, "column")
        is_told = len(read) > 1 and "sheet" not in header
        rows = (row for sheet, own in read for row in _rows(sheet, own, told=is_told))
        for number, item in enumerate(articles(path, rows, found, wanted)):
            yield item if number else replace(item, lost=(*item.lost, *others))


def _chosen(
    sheets: Sequence[Any], mapping: Mapping[str, str]
) -> tuple[list[tuple[Any, list[str]]], list[str]]:
    """Return (the sheets that have a row, each with its columns; the columns of the first with a text)."""
    names = [(sheet, header) for sheet in sheets if (header := _columns(sheet))]
    headers = [header for _, header in names]
    text = mapping.get("text")
    with_text = (
        each
        for each in headers
        if (text in each if text else "text" in registry.mapped(FORMAT, each, mapping))
    )
    return names, next(with_text, headers[0] if headers else [])


def read_columns(path: Path, mapping: Mapping[str, str]) -> Sequence[str]:
    """Return the columns of the sheets that are read; raises ``InputFileError``."""
    with _sheets(path) as sheets:
        return _chosen(sheets, mapping)[1]


def columns(path: Path) -> Sequence[str]:
    """Return the names in the first row of each sheet; raises ``InputFileError``."""
    with _sheets(path) as sheets:
        return list(dict.fromkeys(name for sheet in sheets for name in _columns(sheet)))


@contextmanager
def _sheets(path: Path) -> Iterator[list[Any]]:
    packages.opened(path).close()
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles that it does not know
            book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
            try:
                for sheet in book.worksheets:
                    sheet.reset_dimensions()  # which some programs write wrong
                yield list(book.worksheets)
            finally:
                book.close()
    except InputFileError:
        raise
    except MemoryError:
        raise InputFileError(path, "is too large to be read. Save it as CSV") from None
    except Exception as error:  # openpyxl raises whatever a wrong part leads it to
        raise InputFileError(
            path, f"cannot be read as a workbook ({error or type(error).__name__}). Save it anew, or as CSV"
        ) from error


def _columns(sheet: Any) -> list[str]:
    for _, cells in _filled(sheet):
        return unlike([str(value) if value is not None else "" for value in cells])
    return []


def _filled(sheet: Any) -> Iterator[tuple[int, list[Any]]]:
    for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
        cells = [_value(cell) for cell in row]
        while cells and cells[-1] in (None, ""):
            cells.pop()
        if cells:
            yield number, cells


def _rows(sheet: Any, header: Sequence[str], *, told: bool) -> Iterator[Row]:
    rows = _filled(sheet)
    next(rows)  # the names
    for number, cells in rows:
        names = [*header, *(f"column {n}" for n in range(len(header) + 1, len(cells) + 1))]
        row = dict(zip(names, cells, strict=False))
        yield number, {**row, "sheet": sheet.title} if told else row


def _value(cell: Any) -> Any:
    """Return a cell's value as JSON has it; dates as ISO 8601, without a time where it is midnight."""
    if isinstance(cell, str):
        return _RETURN.sub("\n", cell)
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    if isinstance(cell, datetime):
        return (cell.date() if cell.time() == time() else cell).isoformat()
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell) if isinstance(cell, timedelta) else cell


FORMAT = Format(
    "workbook",
    "Excel workbook, an article a row",
    (".xlsx", ".xlsm"),
    read,
    fields=FIELDS,
    columns=columns,
    read_columns=read_columns,
    choices=CHOICES,
)
