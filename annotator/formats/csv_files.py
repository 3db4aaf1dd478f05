"""CSV for spreadsheets and R: one row an article, or one row a span.

In UTF-8 with a byte order mark, without which Excel takes it for something else, and safe against formulas:
a cell that begins like one gets an apostrophe before it (docs/adr/0030). Streamed, a row at a time.
"""

from __future__ import annotations

import csv
from collections.abc import Generator, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from annotator.formats.exporting import ExportProgress, feed
from annotator.formats.registry import Choice, Format, Written
from annotator.model import Annotation, ArticleInput, ArticleRecord, Codebook
from annotator.text import FORMULA, safe_cell

if TYPE_CHECKING:
    from annotator.project.store import Project

ABOUT = ("title", "source", "url", "published", "author", "language")
SPAN = (
    "annotator", "status", "layer", "label", "start", "end", "quote", "actor", "actor kind", "actor bloc",
    "holder", "target", "certainty", "note", "origin", "component", "reason", "suggested", "blind",
    "codebook version", "created at", "updated at", "span",
)  # fmt: skip


class Rows:
    """A CSV file that is being written."""

    def __init__(self, path: Path, heads: Iterable[str]) -> None:
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        # All words are quoted: where only some are, csv leaves a lone carriage return to end the line.
        self._writer = csv.writer(self._file, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
        self._made_safe = 0
        self.write(heads)

    def write(self, cells: Iterable[Any]) -> None:
        """Write a row; None is an empty cell."""
        row = [*cells]
        for place, cell in enumerate(row):  # there are millions of them, and few are anything
            if cell and cell.__class__ is str and cell[0] in FORMULA:
                row[place] = safe_cell(cell)
                self._made_safe += 1
        self._writer.writerow(row)

    def close(self) -> Sequence[str]:
        """Close the file; say in how many cells an apostrophe was put."""
        self._file.close()
        if not self._made_safe:
            return []
        cells = "1 cell that begins" if self._made_safe == 1 else f"{self._made_safe} cells that begin"
        return [f"An apostrophe was put before {cells} like a formula."]


class ArticleRows:
    """Writes one row an article, with columns for each annotator and layer of whole articles."""

    def __init__(
        self, path: Path, codebook: Codebook, annotators: Sequence[str], *, with_texts: bool = True
    ) -> None:
        self._layers = [layer.name for layer in codebook.layers if layer.scope != "span"]
        self._annotators = annotators
        self._with_texts = with_texts
        heads = ["article", *ABOUT, "file", "sha256", "characters"]
        for name in annotators:
            heads += [f"{name}: {what}" for what in ("status", "flagged", "note", "spans")]
            for layer in self._layers:
                heads += [f"{name}: {layer}", f"{name}: {layer} certainty", f"{name}: {layer} note"]
        self._rows = Rows(path, [*heads, *(("text",) if with_texts else ())])
        self._waiting: list[ArticleRecord] = []  # of one article

    def add(self, record: ArticleRecord) -> None:
        """Take an annotator's record; the row is written with the article's last one."""
        if self._waiting and self._waiting[0].article.uuid != record.article.uuid:
            self._write()
        self._waiting.append(record)

    def _write(self) -> None:
        first, people = self._waiting[0], {record.annotator: record for record in self._waiting}
        self._waiting = []
        article = first.article
        row = [article.uuid, *_about(article), article.meta.get("file"), first.sha256, len(article.text)]
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
            certainty = "; ".join(str(a.certainty) for a in whole if a.certainty is not None)
            row += ["; ".join(a.label for a in whole), certainty]
            row.append("; ".join(a.note for a in whole if a.note))
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
        about = [record.article.uuid, *_about(record.article)]
        actors = {actor.name: actor for actor in record.actors}
        for a in record.annotations:
            if a.start is not None:
                actor = actors.get(a.actor or "")
                known = (actor.kind, actor.bloc) if actor is not None else (None, None)
                self._rows.write([*about, record.annotator, record.progress.status, *self._cells(a, known)])

    def _cells(self, a: Annotation, known: tuple[str | None, str | None]) -> list[Any]:
        quote = a.quote if self._with_texts else None
        return [
            a.layer, a.label, a.start, a.end, quote, a.actor, *known, a.holder, a.target, a.certainty, a.note,
            a.origin, a.component, a.reason, a.seen_suggestion, yes(a.blind), a.codebook_version,
            a.created_at, a.updated_at, a.uuid,
        ]  # fmt: skip

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
        exports=True,
        whole=_articles,
        cannot_hold=("the spans themselves (their number alone)", "rejections", "who labelled when"),
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
