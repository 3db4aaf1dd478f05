"""Quotation lists: every labelled span with its words and a reference that can be cited.

As CSV, as a workbook (XLSX) and as Markdown for a text of one's own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from annotator.formats.citation import reference, within
from annotator.formats.csv_files import Rows
from annotator.formats.item import QUOTATIONS
from annotator.formats.left_out import not_held
from annotator.formats.registry import Format
from annotator.formats.sheets import Workbook
from annotator.model import Annotation, ArticleRecord, Codebook

HEADS = (
    "quotation", "reference", "layer", "label", "actor", "holder", "target", "certainty", "note",
    "annotator", "author", "title", "source", "published", "url", "start", "end", "article",
)  # fmt: skip
_WIDTHS = (60, 50, 10, 14, 20, 20, 20, 9, 30, 12, 16, 30, 16, 12, 30, 8, 8, 38)  # of the workbook's columns
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


class WorkbookList:
    """The list as a workbook: a sheet, or several where one is full."""

    def __init__(self, path: Path, codebook: Codebook) -> None:
        self._book = Workbook(path, "Quotations", HEADS, _WIDTHS)

    def add(self, record: ArticleRecord) -> None:
        """Write a row for each span."""
        for a in _spans(record):
            self._book.append(_row(record, a))

    def close(self) -> Sequence[str]:
        """Complete the file."""
        self._book.close()
        return not_held("this file", self._book.lost)


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
        writer=WorkbookList,
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
