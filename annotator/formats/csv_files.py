"""CSV for spreadsheets and R: one row an article, or one row a span.

In UTF-8 with a byte order mark, without which Excel takes it for something else, and safe against formulas:
a cell that begins like one gets an apostrophe before it (docs/adr/0030). Streamed, a row at a time.
"""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Generator, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from annotator.formats import article_rows
from annotator.formats.article_rows import ABOUT, HEADS, PROGRESS, joined
from annotator.formats.exporting import ExportProgress, feed
from annotator.formats.registry import Choice, Format, Written
from annotator.model import ArticleInput, ArticleRecord, Codebook
from annotator.text import MAYBE_FORMULA, safe_cell

if TYPE_CHECKING:
    from annotator.project.store import Project

SPAN = (
    "annotator", "status", "layer", "label", "start", "end", "quote", "actor", "actor kind", "actor bloc",
    "holder", "target", "certainty", "note", "origin", "component", "reason", "suggested", "blind",
    "codebook version", "created at", "updated at", "span",
)  # fmt: skip

_SHORT, _KEPT = 100, 5_000  # characters of a cell that is kept, and how many are


class Rows:
    """A CSV file that is being written."""

    def __init__(self, path: Path, heads: Iterable[Any]) -> None:
        self._file = path.open("wb", buffering=1 << 20)
        self._file.write(codecs.BOM_UTF8)
        self.cells = Cells()
        self.write(heads)

    def write(self, cells: Iterable[Any]) -> None:
        """Write a row; None is an empty cell."""
        self.write_lines([self.line(cells)])

    def line(self, cells: Iterable[Any]) -> str:
        """Return a row, or a part of one, as it stands in the file."""
        return ",".join(map(self.cells.__getitem__, cells))

    def write_lines(self, lines: Sequence[str]) -> None:
        """Write rows that are made of :meth:`line` and :attr:`cells`."""
        if lines:
            self._file.write("\n".join([*lines, ""]).encode())

    def close(self) -> Sequence[str]:
        """Close the file; say in how many cells an apostrophe was put."""
        self._file.close()
        made_safe = self.cells.made_safe
        if not made_safe:
            return []
        cells = "1 cell that begins" if made_safe == 1 else f"{made_safe} cells that begin"
        return [f"An apostrophe was put before {cells} like a formula."]


class Cells(dict[Any, str]):
    """Cells as they stand in the file. There are millions of them, and the same words come again and again.

    All words are quoted: where only some are, a lone carriage return would end the line.
    """

    def __init__(self) -> None:
        self.made_safe = 0
        """How many cells got an apostrophe: those are not kept, so that each is counted."""

    def __missing__(self, cell: Any) -> str:
        if cell.__class__ is not str:
            return '""' if cell is None else self.once(cell)
        written = self.once(cell)
        if len(cell) < _SHORT and cell[:1] not in MAYBE_FORMULA:
            if len(self) >= _KEPT:
                self.clear()
            self[cell] = written
        return written

    def once(self, cell: str | float) -> str:
        """Return a cell that hardly comes again."""
        if not isinstance(cell, str):
            return str(cell)
        if cell[:1] in MAYBE_FORMULA and (safe := str(safe_cell(cell))) != cell:
            self.made_safe += 1
            cell = safe
        return '"' + cell.replace('"', '""') + '"'


class ArticleRows:
    """Writes one row an article, with columns for each annotator and layer of whole articles."""

    def __init__(
        self, path: Path, codebook: Codebook, annotators: Sequence[str], *, with_texts: bool = True
    ) -> None:
        self._layers = [layer.name for layer in codebook.layers if layer.scope != "span"]
        self._annotators = annotators
        self._with_texts = with_texts
        heads = [*HEADS]
        for name in annotators:
            heads += [f"{name}: {what}" for what in PROGRESS]
            for layer in self._layers:
                heads += [f"{name}: {layer}", f"{name}: {layer} certainty", f"{name}: {layer} note"]
        self._rows = Rows(path, [*heads, *(("text",) if with_texts else ())])
        self._waiting: list[ArticleRecord] = []  # of one article
        self.left_out: Counter[str] = Counter()

    def add(self, record: ArticleRecord) -> None:
        """Take an annotator's record; the row is written with the article's last one."""
        if self._waiting and self._waiting[0].article.uuid != record.article.uuid:
            self._write()
        self._waiting.append(record)
        if spans := sum(a.start is not None for a in record.annotations):
            self.left_out["the table has their number alone"] += spans

    def _write(self) -> None:
        first, people = self._waiting[0], {record.annotator: record for record in self._waiting}
        self._waiting = []
        article = first.article
        file = article.meta.get("file")
        file = str(file) if isinstance(file, list | dict) else file  # whatever another tool says it is
        row = [article.uuid, *_about(article), file, first.sha256, len(article.text)]
        for name in self._annotators:
            row += self._of(people.get(name))
        self._rows.write([*row, *((article.text,) if self._with_texts else ())])

    def _of(self, record: ArticleRecord | None) -> list[Any]:
        if record is None:
            return [None] * (4 + 3 * len(self._layers))
        progress = record.progress
        spans = sum(a.start is not None for a in record.annotations)
        row: list[Any] = [progress.status, yes(progress.flagged), progress.note, spans]
        for layer in self._layers:
            whole = [a for a in record.annotations if a.start is None and a.layer == layer]
            sure = ["" if a.certainty is None else str(a.certainty) for a in whole]
            notes = [a.note for a in whole]
            row.append(joined([a.label for a in whole]))
            row += [
                cells[0] if len(cells) == 1 else joined(cells if any(cells) else [])
                for cells in (sure, notes)
            ]
        return row

    def close(self) -> Sequence[str]:
        """Write the last article's row."""
        try:
            if self._waiting:
                self._write()
        finally:
            lost = self._rows.close()
        return lost


class SpanRows:
    """Writes one row a span."""

    def __init__(self, path: Path, codebook: Codebook, *, with_texts: bool = True) -> None:
        self._with_texts = with_texts
        self._rows = Rows(path, ["article", *ABOUT, *SPAN])

    def add(self, record: ArticleRecord) -> None:
        """Write the rows of one annotator's spans."""
        spans = [a for a in record.annotations if a.start is not None]
        if not spans:
            return
        actors = {actor.name: actor for actor in record.actors}
        cells, once = self._rows.cells, self._rows.cells.once
        before = cells.made_safe
        article = record.article
        about = self._rows.line([article.uuid, *_about(article), record.annotator, record.progress.status])
        cells.made_safe += (cells.made_safe - before) * (len(spans) - 1)  # it begins each row
        empty, lines = cells[None], []
        for a in spans:
            actor = actors.get(a.actor or "")
            known = f"{cells[actor.kind]},{cells[actor.bloc]}" if actor is not None else f"{empty},{empty}"
            lines.append(
                f"{about},{cells[a.layer]},{cells[a.label]},{a.start},{a.end},"
                f"{cells[a.quote] if self._with_texts else empty},{cells[a.actor]},{known},{cells[a.holder]},"
                f"{cells[a.target]},{cells[a.certainty]},{cells[a.note]},"
                f"{cells[a.origin]},{cells[a.component]},{cells[a.reason]},{cells[a.seen_suggestion]},"
                f"{cells[yes(a.blind)]},{a.codebook_version},{cells[a.created_at]},{cells[a.updated_at]},"
                f"{once(a.uuid)}"
            )
        self._rows.write_lines(lines)

    def close(self) -> Sequence[str]:
        """Close the file."""
        return self._rows.close()


def yes(what: bool) -> str:
    """Return what a cell says of yes and no."""
    return "yes" if what else "no"


def _about(article: ArticleInput) -> list[Any]:
    return [getattr(article, name) for name in ABOUT]


def people_of(project: Project, choice: Choice) -> list[str]:
    """Return whose columns a table of articles has."""
    return project.annotators() if choice.annotator is None else [choice.annotator]


def _articles(project: Project, path: Path, choice: Choice) -> Generator[ExportProgress, None, Written]:
    rows = ArticleRows(path, project.codebook.read(), people_of(project, choice))
    return (yield from feed(project, rows, choice))


FORMATS = (
    Format(
        "csv-articles",
        "CSV, one row an article",
        (".csv",),
        article_rows.read,
        article_rows.recognises,
        exports=True,
        whole=_articles,
        cannot_hold=(
            "the spans themselves (their number alone)",
            "actor, holder and target of labels",
            "further metadata",
            "rejections",
            "who labelled when",
        ),
    ),
    Format(
        "csv-spans",
        "CSV, one row a span",
        (".csv",),
        exports=True,
        writer=SpanRows,
        cannot_hold=(
            "the articles' texts",
            "articles without a span",
            "labels of whole articles",
            "rejections",
        ),
    ),
)
