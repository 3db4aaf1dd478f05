"""Reading our own table of articles back: ids, metadata, progress and the labels of whole articles.

That is what :class:`annotator.formats.csv_files.ArticleRows` writes, also after a spreadsheet has saved it
anew (another delimiter, columns in another order or added). The apostrophes before cells are taken away.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path
from typing import Any, cast

from annotator.formats.foreign import Label, foreign_record
from annotator.formats.item import AdvisedError, Item, advised
from annotator.formats.tables import SAID, cells_of, encoding_of, shape_of
from annotator.formats.txt import guess_title
from annotator.model import STATUSES, InputFileError, Progress
from annotator.text import LARGEST_TEXT, normalise, raw_cell, sha256, too_long

ABOUT = ("title", "source", "url", "published", "author", "language")
HEADS = ("article", *ABOUT, "file", "sha256", "characters")
PROGRESS = ("status", "flagged", "note", "spans")
"""What an annotator has a column for, under "NAME: status", beside those of each layer."""

_OURS = {"article", "title", "sha256", "characters"}
_PART = re.compile(r"(?:[^\\;]|\\.|;(?! ))*", re.DOTALL)
_LOST = "spans, of which the table has only the number"


def joined(words: Sequence[str]) -> str:
    """Return several labels or notes as one cell; :func:`parted` gives them back."""
    return "; ".join(re.sub(r"[\\;]", r"\\\g<0>", each) for each in words)


def parted(cell: str) -> list[str]:
    """Return what was :func:`joined`, nothing for an empty cell."""
    parts, at = [], 0
    while cell and at <= len(cell):
        match = cast("re.Match[str]", _PART.match(cell, at))
        parts.append(re.sub(r"\\(.)", r"\1", match[0], flags=re.DOTALL))
        at = match.end() + 2
    return parts


def recognises(path: Path, head: bytes) -> bool:
    """Tell our table by the names in its first row."""
    text = SAID.sub("", head.decode(encoding_of(head), "replace").removeprefix("\ufeff"), count=1)
    for delimiter in ",;\t":
        try:
            cells = next(csv.reader(StringIO(text, newline=""), delimiter=delimiter), [])
        except csv.Error:
            continue
        if set(cells) >= _OURS:
            return True
    return False


def read(path: Path, mapping: Mapping[str, str] | None = None) -> Iterator[Item]:
    """Yield a record for each article and annotator; raises ``InputFileError`` with the line."""
    rows = cells_of(path, shape_of(path))
    _, header = next(rows)
    columns = [raw_cell(cell) for cell in header]
    if "text" not in columns:
        raise InputFileError(path, "has no texts. Import the JSONL of the same export instead")
    people, used = _people(columns)
    used |= {*HEADS, "text"}
    for line, cells in rows:
        row = dict(zip(columns, map(raw_cell, cells), strict=True))
        if any(row.values()):
            try:
                yield from _items(row, people, used, line)
            except ValueError as error:
                raise InputFileError(path, advised(error), line) from error


@dataclass
class _Person:
    name: str
    layers: list[str]


def _people(columns: Sequence[str]) -> tuple[list[_Person], set[str]]:
    """Return the annotators with their layers, and the columns that are theirs."""
    names = [c.removesuffix(": status") for c in columns if c.endswith(": status")]
    used: set[str] = set()
    found: dict[str, _Person] = {}
    for name in sorted(names, key=len, reverse=True):  # of "a" and "a: b" the columns of the latter
        used |= {f"{name}: {what}" for what in PROGRESS}
        mine = [c for c in columns if c.startswith(f"{name}: ") and c not in used]
        layers = [c for c in mine if {f"{c} certainty", f"{c} note"} <= set(mine)]
        used |= {f"{c}{what}" for c in layers for what in ("", " certainty", " note")}
        found[name] = _Person(name, [c.removeprefix(f"{name}: ") for c in layers])
    return [found[name] for name in names], used


def _items(row: Mapping[str, str], people: Sequence[_Person], used: set[str], line: int) -> Iterator[Item]:
    text = normalise(row["text"])
    if not text.strip():
        raise AdvisedError("has no text. Take the row out")
    if len(text) > LARGEST_TEXT:
        raise AdvisedError(too_long(len(text)))
    uuid = row["article"] or None
    if (uuid or row["sha256"]) and sha256(text) != row["sha256"]:
        raise AdvisedError(
            "has another text than was exported; spreadsheets cut texts of more than 32,767 characters. "
            "Export again, or empty the cells article and sha256 to import the row as another article"
        )
    about: dict[str, Any] = {name: row.get(name) or None for name in ABOUT if name != "title"}
    meta = {name: value for name, value in row.items() if name not in used and value}
    if row.get("file"):
        meta["file"] = row["file"]
    title, some = row["title"] or guess_title(text, ""), False
    for person in people:
        if (status := row[f"{person.name}: status"]) == "":
            continue
        if status not in STATUSES:
            raise AdvisedError(f"has the status {status[:40]!r}. Those that there are: {', '.join(STATUSES)}")
        note = row.get(f"{person.name}: note", "")
        progress = Progress(status, row.get(f"{person.name}: flagged") == "yes", note)
        labels = [
            label for layer in person.layers for label in _labels(row, f"{person.name}: {layer}", layer)
        ]
        record = foreign_record(text, labels, title=title, uuid=uuid, meta=meta, **about)
        spans = row.get(f"{person.name}: spans", "")
        lost = (_LOST,) * int(spans) if re.fullmatch(r"[0-9]{1,6}", spans) else ()
        some = True
        yield Item(replace(record, annotator=person.name, progress=progress), line, lost)
    if not some:
        yield Item(foreign_record(text, [], title=title, uuid=uuid, meta=meta, **about), line)


def _labels(row: Mapping[str, str], column: str, layer: str) -> Iterator[Label]:
    names = parted(row[column])
    cells = row[f"{column} certainty"], row[f"{column} note"]
    one = len(names) == 1
    sure, notes = ([cell] if one else parted(cell) for cell in cells)
    for place, name in enumerate(names):
        certainty = sure[place] if place < len(sure) else ""
        if certainty not in ("", "1", "2", "3"):
            raise AdvisedError(f"has the certainty {certainty[:40]!r}. Write 1, 2 or 3, or nothing")
        if not name:
            raise AdvisedError(f"has a label without a name under {column!r}. Take it out")
        note = notes[place] if place < len(notes) else ""
        yield Label(name, layer=layer, certainty=int(certainty) if certainty else None, note=note)
