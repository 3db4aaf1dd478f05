"""Reads the rows of a damaged project file page by page, without SQLite, which gives up at the first fault.

https://www.sqlite.org/fileformat.html is what is read here. A page that the tree of a table leads to
belongs to that table. Where the way there is lost (a torn inner page, a torn first page), a page is
known by its rows: the tables are STRICT, so the types of the values tell most of them apart. A row of
which a part is lost is kept as a part: see :class:`TornText`.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from annotator.text import LARGEST_TEXT

Value = int | float | str | bytes | None
Row = tuple[Value, ...]


class OlderRow(tuple[Value, ...]):
    """A row that was stored before its table had all of its columns; the later ones have their defaults."""

    __slots__ = ()


_INDEX, _TABLE = 0x02, 0x05  # inner pages
_INDEX_LEAF, _TABLE_LEAF = 0x0A, 0x0D
_MOST = 1 << 30  # bytes: SQLite's own limit for one record
_MOST_LOST = LARGEST_TEXT * 4  # bytes; a length that claims more is itself damage
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class _Torn(Exception):  # noqa: N818
    """This page or cell cannot be read."""


class TornText(str):
    """A text in which bytes are wrong or lost: each is one character from U+DC80 to U+DCFF.

    That is Python's ``surrogateescape``, which gives the bytes back. A lost byte is 0xFF, which no text has.
    """

    __slots__ = ()


def is_torn(value: Value) -> bool:
    """Tell whether a part of a text is lost; none of ours has a NUL, so that is what a drive left there."""
    return isinstance(value, TornText) or (isinstance(value, str) and "\0" in value)


@dataclass(frozen=True, slots=True)
class Table:
    """What a table's rows look like: columns with types ("INTEGER", "TEXT", "REAL"), which may be NULL.

    ``rowid`` is the place of the INTEGER PRIMARY KEY, None in a WITHOUT ROWID table, whose ``stored``
    names the places of the columns in the order in which they are stored (key first). ``unique`` are
    the places of columns that together are unique.
    """

    name: str
    columns: tuple[str, ...]
    types: tuple[str, ...]
    nullable: tuple[bool, ...]
    rowid: int | None
    stored: tuple[int, ...]
    unique: tuple[tuple[int, ...], ...]
    defaults: Row

    def row(self, rowid: int | None, record: Row) -> Row | None:
        """Return the record as a row of this table, or None where it cannot be one."""
        if (rowid is None) != (self.rowid is None) or len(record) != len(self.columns):
            return None
        values: list[Value] = [None] * len(record)
        for place, value in zip(self.stored, record, strict=True):
            values[place] = value
        if self.rowid is not None:
            if values[self.rowid] is not None:
                return None
            values[self.rowid] = rowid
        for value, type_, nullable in zip(values, self.types, self.nullable, strict=True):
            if value is None:
                if not nullable:
                    return None
            elif type_ == "REAL":
                if not isinstance(value, int | float):
                    return None
            elif not isinstance(value, int if type_ == "INTEGER" else str):
                return None
        return tuple(values)


@dataclass
class Found:
    """How many rows of a table were read, and of how many cells it is known that they cannot be.

    ``torn`` of those that were read are not whole.
    """

    read: int = 0
    unreadable: int = 0
    torn: int = 0


@dataclass
class _Page:
    number: int
    kind: int
    cells: list[tuple[int | None, Row]] = field(default_factory=list)
    children: list[int] = field(default_factory=list)
    torn: int = 0


class Remains:
    """What is left in a file; to be closed. ``tables`` are those whose rows are wanted, by name.

    ``others`` are tables of ours whose rows are not wanted, but must not be taken for others.
    """

    def __init__(self, path: Path, tables: dict[str, Table], others: dict[str, Table]) -> None:
        self._tables = tables
        self._all = {**tables, **others}
        self._file: BinaryIO = path.open("rb")
        header = self._file.read(100)
        size = int.from_bytes(header[16:18], "big")
        size = 65536 if size == 1 else size
        self.page_size = size if 512 <= size <= 65536 and size & (size - 1) == 0 else 4096
        length = self._file.seek(0, 2)
        self.pages = length // self.page_size
        said = int.from_bytes(header[28:32], "big") if header[24:28] == header[92:96] else 0
        self.missing = max(0, said - self.pages)
        """How many pages the file had that are cut off, as far as it says so itself."""
        self._seen = bytearray(self.pages + 1)  # 1: read, as part of a tree or a chain
        self.torn_pages: set[int] = set()  # of the wanted tables' trees, and of the first page
        self.torn_chains = 0  # pages of long rows that are torn or missing
        self.found = {name: Found() for name in tables}
        self._roots = self._schema()
        self._skip_free(header)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def rows(self) -> Iterator[tuple[str, Row, bool]]:
        """Yield (table, row, loose): first what the trees lead to, then what is found on loose pages."""
        for name, root in self._roots:
            if name in self._tables:
                for page in self._tree(root, _TABLE if self._all[name].rowid is not None else _INDEX):
                    yield from self._rows_of(name, page, False)
            else:
                torn = set(self.torn_pages)
                for _ in self._tree(root, None, cells=False):
                    pass
                self.torn_pages = torn
        for number in range(1, self.pages + 1):
            if not self._seen[number]:
                self._seen[number] = 1
                found = self._read(number, None)
                if found is not None and (guess := self._guess(found)) is not None:
                    yield from self._rows_of(guess, found, True)

    def indexes(self, table: str) -> Iterator[tuple[str, list[Row]]]:
        """Yield the table's indexes, each with its records as far as they can be read."""
        for name, owner, root in self._indexes:
            if owner == table:
                kept = self._seen, self.torn_pages
                self._seen, self.torn_pages = bytearray(self.pages + 1), set()
                records = [record for page in self._tree(root, _INDEX) for _, record in page.cells]
                self._seen, self.torn_pages = kept
                yield name, records

    def expected(self, table: str) -> int:
        """Return how many rows the table's indexes say that it had, 0 where none can be read."""
        return max((len(records) for _, records in self.indexes(table)), default=0)

    def _rows_of(self, name: str, page: _Page, loose: bool) -> Iterator[tuple[str, Row, bool]]:
        table, found = self._all[name], self.found[name]
        found.unreadable += page.torn
        for rowid, record in page.cells:
            # A row that was stored before a column was added is shorter.
            missing = [table.defaults[place] for place in table.stored[len(record) :]]
            row = table.row(rowid, (*record, *missing))
            if row is None:
                found.unreadable += 1
            else:
                found.read += 1
                found.torn += any(map(is_torn, row))
                yield name, OlderRow(row) if missing else row, loose

    # What the file says about itself

    def _schema(self) -> list[tuple[str, int]]:
        roots, self._indexes = list[tuple[str, int]](), list[tuple[str, str, int]]()
        for page in self._tree(1, _TABLE):
            for _, record in page.cells:
                if len(record) == 5 and isinstance(record[1], str) and isinstance(record[3], int):
                    if record[0] == "table" and record[3]:
                        roots.append((record[1], record[3]))
                    elif record[0] == "index" and isinstance(record[2], str):
                        self._indexes.append((record[1], record[2], record[3]))
        roots.sort(key=lambda root: root[0] not in self._tables)
        roots += [("", root) for _, _, root in self._indexes]
        return roots

    def _skip_free(self, header: bytes) -> None:
        """Pass the free pages over: what they hold was removed."""
        trunk = int.from_bytes(header[32:36], "big")
        while 1 < trunk <= self.pages and not self._seen[trunk]:
            data = self._bytes(trunk)
            self._seen[trunk] = 1
            following, count = struct.unpack_from(">II", data)
            if count > self.page_size // 4 - 2:
                return
            for number in struct.unpack_from(f">{count}I", data, 8):
                if 1 < number <= self.pages:
                    self._seen[number] = 1
            trunk = following

    # Pages

    def _bytes(self, number: int) -> bytes:
        self._file.seek((number - 1) * self.page_size)
        try:
            return self._file.read(self.page_size)
        except OSError:  # the drive cannot read this place
            return bytes(self.page_size)

    def _tree(self, root: int, kind: int | None, cells: bool = True) -> Iterator[_Page]:
        """Yield the readable pages under ``root``; ``kind`` is the kind of its inner pages, None any."""
        waiting = [root]
        while waiting:
            number = waiting.pop()
            if not 1 <= number <= self.pages:
                self.torn_pages.add(number)
                continue
            if self._seen[number]:
                continue
            page = self._read(number, kind, cells)
            if page is None:
                self.torn_pages.add(number)
                continue  # not marked as seen: it may be another tree's, whose number stands here by damage
            self._seen[number] = 1
            kind = page.kind if page.kind in (_INDEX, _TABLE) else page.kind - 8
            waiting += reversed(page.children)
            yield page

    def _read(self, number: int, kind: int | None, cells: bool = True) -> _Page | None:
        """Return a page with all its readable cells, or None where it is no page of a tree."""
        data = self._bytes(number)
        at = 100 if number == 1 else 0
        type_ = data[at]
        if type_ not in (_INDEX, _TABLE, _INDEX_LEAF, _TABLE_LEAF) or kind not in (None, type_, type_ - 8):
            return None
        inner = type_ in (_INDEX, _TABLE)
        count = int.from_bytes(data[at + 3 : at + 5], "big")
        first = at + (12 if inner else 8)
        if first + 2 * count > self.page_size:
            return None
        page = _Page(number, type_)
        for place in struct.unpack_from(f">{count}H", data, first):
            try:
                if inner:
                    page.children.append(_number(data, place))
                if type_ != _TABLE and cells:
                    page.cells.append(self._cell(data, place + (4 if inner else 0), type_))
            except _Torn:
                page.torn += 1
        if inner:
            page.children.append(int.from_bytes(data[at + 8 : at + 12], "big"))
        return page

    def _cell(self, data: bytes, at: int, type_: int) -> tuple[int | None, Row]:
        length, at = _varint(data, at)
        rowid = None
        if type_ == _TABLE_LEAF:
            rowid, at = _varint(data, at)
            rowid -= (rowid >> 63) << 64
        if length > min(_MOST, (self.pages + self.missing) * self.page_size):
            raise _Torn
        usable = self.page_size
        most = usable - 35 if type_ == _TABLE_LEAF else (usable - 12) * 64 // 255 - 23
        if length <= most:
            return rowid, _record(data[at : at + length], length)
        least = (usable - 12) * 32 // 255 - 23
        local = least + (length - least) % (usable - 4)
        local = local if local <= most else least
        payload = bytearray(data[at : at + local])
        chain = self._chain(_number(data, at + local), -(-(length - local) // (usable - 4)))
        if chain.count(0) * usable > _MOST_LOST:
            raise _Torn
        lost = list[tuple[int, int]]()
        for number in chain:
            first = len(payload)
            payload += self._bytes(number)[4:] if number else b"\xff" * (usable - 4)
            if not number:
                lost.append((first, len(payload)))
        record = _record(bytes(payload[:length]), length, lost)
        self.torn_chains += len(lost)
        for number in chain:
            self._seen[number] = 1
        return rowid, record

    def _chain(self, number: int, count: int) -> list[int]:
        """Return the ``count`` overflow pages that begin with ``number``; 0 stands for each that is lost.

        A torn page does not say which one follows. SQLite puts the pages of a long row one after another
        where none is free, so the next ones are tried: a run that ends as it must is the right one.
        """
        chain = self._run(number, count)
        while chain and len(chain) < count:
            torn = next(page for page in reversed(chain) if page)
            place = len(chain) - 1
            if chain[place] and not _is_text(self._bytes(torn)[4:]):
                chain[place] = 0
            for skip in range(count - len(chain)):
                left = count - len(chain) - skip
                run = self._run(torn + 1 + skip, left)
                if not run or any(self._seen[page] for page in run):
                    continue
                last = self._bytes(run[-1])
                following = _number(last, 0)
                torn_again = following > self.pages or not (following or _is_text(last[4:]))
                if (len(run) == left and not following) or (len(run) > 1 and torn_again):
                    chain += [0] * skip + run
                    break
            else:
                break
        return chain + [0] * (count - len(chain))

    def _run(self, number: int, most: int) -> list[int]:
        """Return up to ``most`` pages of a chain: as far as its numbers lead to pages."""
        run = list[int]()
        while len(run) < most and 1 < number <= self.pages:
            run.append(number)
            number = _number(self._bytes(number), 0)
        return run

    def _guess(self, page: _Page) -> str | None:
        """Return the wanted table that a loose page's rows belong to, None where no single one fits."""
        if not page.cells:
            return None
        fitting = []
        for name, table in self._all.items():
            rows = [row for row in (table.row(*cell) for cell in page.cells) if row is not None]
            rows = [row for row in rows if not any(map(is_torn, row))]  # those say little of what they are
            if 2 * len(rows) > len(page.cells) and _plausible(table, rows):
                # A uuid says more than that the types fit.
                fitting.append((len(rows), "uuid" in table.columns, name))
        best = max(fitting, key=lambda fit: fit[:2], default=None)
        return best[2] if best is not None and best[2] in self._tables else None


def _plausible(table: Table, rows: list[Row]) -> bool:
    # Acts are numbered from 1: those are rows of swap_rows, to be put back.
    if table.name == "act_rows" and any(row[0] == 0 for row in rows):
        return False
    for places in table.unique:
        keys = [tuple(row[place] for place in places) for row in rows]
        if len(set(keys)) < len(keys):
            return False
    if "uuid" in table.columns:
        place = table.columns.index("uuid")
        fitting = sum(1 for row in rows if _UUID.fullmatch(str(row[place])))
        return 2 * fitting > len(rows)
    return True


def _number(data: bytes, at: int) -> int:
    if at + 4 > len(data):
        raise _Torn
    return int.from_bytes(data[at : at + 4], "big")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place in range(9):
        if at + place >= len(data):
            raise _Torn
        byte = data[at + place]
        if place == 8:
            return value << 8 | byte, at + 9
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + place + 1
    raise AssertionError  # the ninth byte always ends it


def _is_text(page: bytes) -> bool:
    """Tell whether a page of a long row holds text still, or most of it is what no text has."""
    wrong = sum(map(page.decode("utf-8", "replace").count, ("\ufffd", "\0")))
    return wrong * 16 < len(page)


def _record(data: bytes, length: int, lost: Sequence[tuple[int, int]] = ()) -> Row:
    """Return the values of a record; raises ``_Torn`` unless it fills ``length`` bytes exactly.

    Nor may one of the stretches ``lost`` be of anything but a text.
    """
    if len(data) < length:
        raise _Torn
    end, at = _varint(data, 0)
    if not at <= end <= length:
        raise _Torn
    body, values = end, list[Value]()
    while at < end:
        serial, at = _varint(data, at)
        if serial >= 12:
            size = (serial - 12) // 2
        elif serial in (10, 11):
            raise _Torn
        else:
            size = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0)[serial]
        chunk = data[body : body + size]
        if len(chunk) < size:
            raise _Torn
        if (serial < 13 or serial % 2 == 0) and any(
            first < body + size and body < last for first, last in lost
        ):
            raise _Torn
        body += size
        if serial == 0:
            values.append(None)
        elif serial <= 6:
            values.append(int.from_bytes(chunk, "big", signed=True))
        elif serial == 7:
            values.append(float(struct.unpack(">d", chunk)[0]))
        elif serial in (8, 9):
            values.append(serial - 8)
        elif serial % 2 == 0:
            values.append(chunk)
        else:
            try:
                values.append(chunk.decode("utf-8"))
            except UnicodeDecodeError:
                values.append(TornText(chunk.decode("utf-8", "surrogateescape")))
    if at != end or body != length:
        raise _Torn
    return tuple(values)
