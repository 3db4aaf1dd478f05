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
    """Yield an article a row of the first sheet with a text; raises ``InputFileError`` with the row.

    Formulas give the value that was last shown. The other sheets are told as left out.
    """
    with _sheets(path) as sheets:
        names = [(sheet, _columns(sheet)) for sheet in sheets]
        names = [(sheet, header) for sheet, header in names if header]
        if not names:
            raise InputFileError(path, "is empty; leave it out")
        wanted = mapping or {}
        sheet, header = next(
            (each for each in names if "text" in registry.mapped(FORMAT, each[1], wanted)), names[0]
        )
        others = tuple(f"sheets ({each.title})" for each, _ in names if each is not sheet)
        refuse_spans(path, header)
        found = chosen(path, header, wanted, "column")
        for number, item in enumerate(articles(path, _rows(sheet, header), found, wanted)):
            yield item if number else replace(item, lost=(*item.lost, *others))


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


def _rows(sheet: Any, header: Sequence[str]) -> Iterator[Row]:
    rows = _filled(sheet)
    next(rows)  # the names
    for number, cells in rows:
        names = [*header, *(f"column {n}" for n in range(len(header) + 1, len(cells) + 1))]
        yield number, dict(zip(names, cells, strict=False))


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
    choices=CHOICES,
)
