"""Quotation lists: every labelled span with its words and a reference that can be cited.

As CSV, as a workbook (XLSX) and as Markdown for a text of one's own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from annotator.formats.citation import reference, within
from annotator.formats.csv_files import Rows
from annotator.formats.item import QUOTATIONS
from annotator.formats.registry import Format
from annotator.model import Annotation, ArticleRecord, Codebook

HEADS = (
    "quotation", "reference", "layer", "label", "actor", "holder", "target", "certainty", "note",
    "annotator", "author", "title", "source", "published", "url", "start", "end", "article",
)  # fmt: skip
_WIDTHS = (60, 50, 10, 14, 20, 20, 20, 9, 30, 12, 16, 30, 16, 12, 30, 8, 8, 38)  # of the workbook's columns
_LONGEST = 32_767  # characters of a cell
_LARGEST = 1_048_576  # rows of a sheet
_MARKS = re.compile(r"([\\`*_\[\]<>#|~&$]|^\d*[-+=.)])")  # the latter make lists and headings of lines
_CANNOT = ("the articles' texts", "labels of whole articles", "progress, rejections and suggestions")
_SAID = ("actor", "holder", "target", "certainty", "note")


def _row(record: ArticleRecord, a: Annotation) -> tuple[Any, ...]:
    article = record.article
    return (
        a.quote, reference(article, a.start, a.end), a.layer, a.label, a.actor, a.holder, a.target,
        a.certainty, a.note, record.annotator, article.author, article.title, article.source,
        article.published, article.url, a.start, a.end, article.uuid,
    )  # fmt: skip


def _spans(record: ArticleRecord) -> list[Annotation]:
    return [a for a in record.annotations if a.start is not None]


class CsvList:
    """The list as CSV."""

    def __init__(self, path: Path, codebook: Codebook) -> None:
        self._rows = Rows(path, HEADS)

    def add(self, record: ArticleRecord) -> None:
        """Write a row for each span."""
        spans = _spans(record)
        if not spans:
            return
        cells, article = self._rows.cells, record.article
        whole = reference(article, None, None)
        before = cells.made_safe
        about = self._rows.line(
            [record.annotator, article.author, article.title, article.source, article.published, article.url]
        )
        uuid = self._rows.line([article.uuid])
        cells.made_safe += (cells.made_safe - before) * (len(spans) - 1)  # they are in each row
        self._rows.write_lines(
            [
                f"{cells[a.quote]},{cells.once(within(whole, a.start, a.end))},{cells[a.layer]},"
                f"{cells[a.label]},{cells[a.actor]},{cells[a.holder]},{cells[a.target]},{cells[a.certainty]},"
                f"{cells[a.note]},{about},{a.start},{a.end},{uuid}"
                for a in spans
            ]
        )

    def close(self) -> Sequence[str]:
        """Close the file."""
        return self._rows.close()


class Workbook:
    """The list as a workbook: a sheet, or several where one is full. Rows go to the disk at once."""

    def __init__(self, path: Path, codebook: Codebook) -> None:
        import openpyxl

        self._path = path
        self._book = openpyxl.Workbook(write_only=True)
        self._sheet: Any = None
        self._left = 0
        self._lost: Counter[str] = Counter()

    def add(self, record: ArticleRecord) -> None:
        """Write a row for each span."""
        for a in _spans(record):
            if not self._left:
                self._begin_sheet()
            self._sheet.append([self._cell(value) for value in _row(record, a)])
            self._left -= 1

    def _begin_sheet(self) -> None:
        from openpyxl.styles import Font

        self._sheet = self._book.create_sheet("Quotations")  # the second gets a number
        for number, width in enumerate(_WIDTHS):
            self._sheet.column_dimensions[chr(ord("A") + number)].width = width
        self._sheet.freeze_panes = "A2"
        heads = [self._cell(head) for head in HEADS]
        for cell in heads:
            cell.font = Font(bold=True)
        self._sheet.append(heads)
        self._left = _LARGEST - 1

    def _cell(self, value: Any) -> Any:
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

        if not isinstance(value, str):
            return value
        clean = ILLEGAL_CHARACTERS_RE.sub("\ufffd", value)
        self._lost["control character"] += clean != value
        if len(clean.encode("utf-16-le")) // 2 > _LONGEST:  # what a workbook counts
            clean = clean[: _LONGEST // 2 - 1] + "…"
            self._lost["end of a cell of more than 32,767 characters"] += 1
        cell = WriteOnlyCell(self._sheet, clean)
        cell.data_type = "s"  # words, also where they begin with =
        return cell

    def close(self) -> Sequence[str]:
        """Write the file."""
        if self._sheet is None:
            self._begin_sheet()
        self._book.save(self._path)
        self._book.close()
        return [f"Not in this file: {what}, {n} times." for what, n in self._lost.items() if n]


class MarkdownList:
    """The list as Markdown: a heading an article, a quotation a span."""

    def __init__(self, path: Path, codebook: Codebook) -> None:
        self._file = path.open("w", encoding="utf-8", newline="\n", buffering=1 << 20)
        self._file.write(QUOTATIONS)
        self._last: str | None = None

    def add(self, record: ArticleRecord) -> None:
        """Write the quotations of one annotator in an article."""
        spans, article = _spans(record), record.article
        if spans and article.uuid != self._last:
            self._last = article.uuid
            self._file.write(f"\n## {_marked(article.title) or 'Untitled'}\n")
        whole, who = _marked(reference(article, None, None)), _marked(record.annotator or "")
        for a in spans:
            quote = "\n> ".join(map(_marked, (a.quote or "").split("\n")))
            said = f"**{_marked(a.label)}** ({_marked(a.layer)})"
            for what in _SAID:
                if value := getattr(a, what):
                    said += f" · {what}: {_marked(str(value))}"
            self._file.write(f"\n> {quote}\n>\n> — {within(whole, a.start, a.end)}\n\n{said} · {who}\n")

    def close(self) -> Sequence[str]:
        """Close the file."""
        self._file.close()
        return []


@lru_cache(maxsize=1000)
def _marked(words: str) -> str:
    """Return words on one line in which nothing is a mark of Markdown or HTML."""
    return _MARKS.sub(lambda m: f"{m[0][:-1]}\\{m[0][-1]}", " ".join(words.split()))


FORMATS = (
    Format(
        "quotations-csv",
        "Quotation list, CSV",
        (".csv",),
        exports=True,
        writer=CsvList,
        cannot_hold=_CANNOT,
    ),
    Format(
        "quotations-xlsx",
        "Quotation list, workbook",
        (".xlsx",),
        exports=True,
        writer=Workbook,
        cannot_hold=_CANNOT,
    ),
    Format(
        "quotations-md",
        "Quotation list, Markdown",
        (".md",),
        exports=True,
        writer=MarkdownList,
        cannot_hold=_CANNOT,
    ),
)
