"""Tables, an article a row: CSV and TSV. Their encoding and delimiter are found out."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import TextIO

from annotator.formats.disguised import refuse_disguised
from annotator.formats.fields import CHOICES, FIELDS, Row, articles, chosen
from annotator.formats.item import AS_TEXT, Item, advised, unreadable, written_only
from annotator.formats.registry import HEAD, Format
from annotator.formats.txt import decode
from annotator.model import InputFileError

LONGEST_CELL = 20_000_000
"""Characters; a quotation mark that is never closed would make one cell of the whole file."""
_BLOCK = 1 << 20  # bytes
_SAMPLE = 200_000  # characters that are looked at for the delimiter
_DELIMITERS = ",;\t|"
SAID = re.compile(r"\A\ufeff?\"?sep=([,;\t|])\"?[,;\t|]*(?:\r\n?|\n)", re.IGNORECASE)
"""A first line that says what stands between cells: Excel understands it."""
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read(path: Path, mapping: Mapping[str, str] | None = None) -> Iterator[Item]:
    """Yield an article a row; raises ``InputFileError`` with the line."""
    shape = shape_of(path)
    refuse_spans(path, shape.columns)
    found = chosen(path, shape.columns, mapping or {}, "column")
    yield from articles(path, _rows(path, shape), found, mapping, shape.encoding.removesuffix("-sig"))


def columns(path: Path) -> Sequence[str]:
    """Return the names in the first row; raises ``InputFileError``."""
    return shape_of(path).columns


def refuse_spans(path: Path, columns: Sequence[str]) -> None:
    """Raise ``InputFileError`` where a table has a row for each span: ours are for people to read."""
    names = {column.casefold() for column in columns}
    if {"quotation", "reference", "start", "end"} <= names:
        raise InputFileError(path, written_only("quotation list"))
    if {"start", "end"} <= names:
        raise InputFileError(
            path,
            "has a row for each span, not for each article. Export as JSONL to bring annotations back",
        )


@dataclass(frozen=True, slots=True)
class Shape:
    """How a table is written, and the names in its first row; ``said``: before it stands the delimiter."""

    encoding: str
    delimiter: str
    columns: list[str]
    said: bool = False


def shape_of(path: Path) -> Shape:
    """Return how a table is written; raises ``InputFileError``."""
    try:
        with path.open("rb") as beginning:
            refuse_disguised(path, beginning.read(HEAD))
        encoding = _encoding(path)
        with _open(path, encoding) as file:
            sample = file.read(_SAMPLE)
    except OSError as error:
        raise InputFileError(path, unreadable(error)) from error
    except ValueError as error:  # no text in any encoding
        raise InputFileError(path, advised(error, AS_TEXT)) from error
    if not sample.strip():
        raise InputFileError(path, "is empty; leave it out")
    whole = len(sample) < _SAMPLE
    said = SAID.match(sample)
    if said:
        sample = sample[said.end() :]
        if not sample.strip():
            raise InputFileError(path, "is empty; leave it out")
    delimiter = said[1] if said else _delimiter(sample, whole, path.suffix.lower())
    csv.field_size_limit(LONGEST_CELL)
    header = next((row for row in _parse(sample, delimiter) if any(cell.strip() for cell in row)), None)
    return Shape(encoding, delimiter, unlike(header or []), said is not None)


def unlike(header: Sequence[str]) -> list[str]:
    """Return the names of columns, each given once: a second "date" is "date 2", one without "column 3"."""
    names: list[str] = []
    for number, cell in enumerate(header, 1):
        name = " ".join(cell.split()) or f"column {number}"
        again = 1
        while name in names:
            again += 1
            name = f"{' '.join(cell.split()) or 'column'} {again}"
        names.append(name)
    return names


def encoding_of(head: bytes) -> str:
    """Return a table's encoding by its mark, or by the zeros in the letters of its first row; else UTF-8."""
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding if encoding != "utf-8" else "utf-8-sig"
    even, odd = head[:20:2], head[1:20:2]
    if odd and all(even) and not any(odd):
        return "utf-16-le"
    return "utf-16-be" if odd and all(odd) and not any(even) else "utf-8"


def _encoding(path: Path) -> str:
    """Return a file's encoding: by its mark, else UTF-8 where all of it is, else by its letters."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    block = b""
    with path.open("rb") as file:
        if (encoding := encoding_of(file.read(32))) != "utf-8":
            return encoding
        file.seek(0)
        try:
            while block := file.read(_BLOCK):
                if b"\0" in block:
                    return decode(block)[1]  # UTF-16 without its mark, or no text
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            # The letters that are no UTF-8 tell; lines without them would not.
            telling = [line for line in block.splitlines(keepends=True) if not line.isascii()]
            return decode(b"".join(telling)[:_SAMPLE])[1]
    return "utf-8"


def _open(path: Path, encoding: str) -> TextIO:
    return path.open(encoding=encoding, newline="")


def _parse(sample: str, delimiter: str) -> Iterator[list[str]]:
    yield from csv.reader(StringIO(sample, newline=""), delimiter=delimiter)


def _delimiter(sample: str, whole: bool, suffix: str) -> str:
    """Return the delimiter under which the most rows have the same number of cells, more than one.

    (csv.Sniffer takes a letter for one where texts are long.) In case of a tie, of names that we know.
    """
    best, most = "\t" if suffix == ".tsv" else ",", (0.0, 0, 0)
    known = {name.casefold() for field, names in FIELDS.items() for name in (field, *names)}
    for delimiter in _DELIMITERS:
        try:
            rows = [row for row in islice(_parse(sample, delimiter), 1000) if row]
        except csv.Error:
            continue
        if not whole and len(rows) > 1:
            rows.pop()  # it may be cut off
        width = len(rows[0]) if rows else 0
        if width < 2:
            continue
        same = Counter(len(row) for row in rows)[width] / len(rows)
        names = sum(cell.strip().casefold() in known for cell in rows[0])
        score = (round(same, 1), names, width)
        if same >= 0.5 and score > most:
            best, most = delimiter, score
    return best


def _rows(path: Path, shape: Shape) -> Iterator[Row]:
    rows = cells_of(path, shape)
    next(rows, None)  # the names
    for line, cells in rows:
        yield line, dict(zip(shape.columns, cells, strict=True))


def cells_of(path: Path, shape: Shape) -> Iterator[tuple[int, list[str]]]:
    """Yield the line of each row and its cells, as many as there are names; the first row are these.

    Raises ``InputFileError`` with the line.
    """
    csv.field_size_limit(LONGEST_CELL)
    width = len(shape.columns)
    try:
        with _open(path, shape.encoding) as file:
            marks = _Marks(_lines(path, file))
            reader = csv.reader(marks, delimiter=shape.delimiter)
            begun = False
            if shape.said:
                next(reader, None)
            line = reader.line_num + 1
            for cells in reader:
                start, line = line, reader.line_num + 1
                if marks.odd() and line - start > 1:
                    raise InputFileError(
                        path, "has a quotation mark that is never closed. Close it, or take it away", start
                    )
                if not begun:
                    begun = any(cell.strip() for cell in cells)
                    if begun:
                        yield start, cells
                    continue
                if len(cells) > width and any(cell.strip() for cell in cells[width:]):
                    raise InputFileError(
                        path,
                        f"has {len(cells)} cells, and the first row names {width} columns. "
                        "A text with a delimiter in it needs quotation marks around it",
                        start,
                    )
                if len(cells) != width:
                    cells = [*cells, *[""] * (width - len(cells))][:width]
                yield start, cells
    except OSError as error:
        raise InputFileError(path, unreadable(error)) from error
    except csv.Error as error:
        raise InputFileError(
            path,
            f"is no table: {error}. Is a quotation mark not closed? Close it, or save it anew as CSV",
            line,
        ) from error
    except UnicodeError as error:
        raise InputFileError(path, f"is not all in {shape.encoding}. Save the file in UTF-8", line) from error


class _Marks:
    """Passes lines on and counts their quotation marks: an odd number in a row over lines is never closed."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._number = 0

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self._number += line.count('"')
            yield line

    def odd(self) -> bool:
        """Tell whether it is odd in the row that was just read, and begin another."""
        number, self._number = self._number, 0
        return number % 2 == 1


def _lines(path: Path, file: TextIO) -> Iterator[str]:
    number = 0
    while line := file.readline(LONGEST_CELL + 1):
        number += 1
        if len(line) > LONGEST_CELL:
            raise InputFileError(
                path,
                f"is longer than {LONGEST_CELL:,} characters. Is it a table? Save it anew as CSV",
                number,
            )
        yield line


FORMAT = Format(
    "table",
    "table, an article a row (CSV, TSV)",
    (".csv", ".tsv"),
    read,
    fields=FIELDS,
    columns=columns,
    choices=CHOICES,
)
