"""Reads the rows of a damaged project file page by page, without SQLite, which gives up at the first fault.

https://www.sqlite.org/fileformat.html is what is read here. A page that the tree of a table leads to
belongs to that table. Where the way there is lost (a torn inner page, a torn first page), a page is
known by its rows: the tables are STRICT, so the types of the values tell most of them apart.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

Value = int | float | str | bytes | None
Row = tuple[Value, ...]

_INDEX, _TABLE = 0x02, 0x05  # inner pages
_INDEX_LEAF, _TABLE_LEAF = 0x0A, 0x0D
_MOST = 1 << 30  # bytes: SQLite's own limit for one record
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class _Torn(Exception):  # noqa: N818
    """This page or cell cannot be read."""


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
    """How many rows of a table were read, and of how many cells it is known that they cannot be."""

    read: int = 0
    unreadable: int = 0


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
        self._seen = bytearray(self.pages + 1)  # 1: read, as part of a tree or a chain
        self.torn_pages: set[int] = set()  # of the wanted tables' trees, and of the first page
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
                yield name, row, loose

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
        if length > min(_MOST, self.pages * self.page_size):
            raise _Torn
        usable = self.page_size
        most = usable - 35 if type_ == _TABLE_LEAF else (usable - 12) * 64 // 255 - 23
        if length <= most:
            return rowid, _record(data[at : at + length], length)
        least = (usable - 12) * 32 // 255 - 23
        local = least + (length - least) % (usable - 4)
        local = local if local <= most else least
        payload = bytearray(data[at : at + local])
        following = _number(data, at + local)
        chain = []
        while len(payload) < length:
            if not 1 < following <= self.pages:
                raise _Torn
            chain.append(following)
            page = self._bytes(following)
            payload += page[4 : 4 + length - len(payload)]
            following = int.from_bytes(page[:4], "big")
        record = _record(bytes(payload), length)
        for number in chain:
            self._seen[number] = 1
        return rowid, record

    def _guess(self, page: _Page) -> str | None:
        """Return the wanted table that a loose page's rows belong to, None where no single one fits."""
        if not page.cells:
            return None
        fitting = []
        for name, table in self._all.items():
            rows = [row for row in (table.row(*cell) for cell in page.cells) if row is not None]
            if 2 * len(rows) > len(page.cells) and _plausible(table, rows):
                # A uuid says more than that the types fit.
                fitting.append((len(rows), "uuid" in table.columns, name))
        best = max(fitting, key=lambda fit: fit[:2], default=None)
        return best[2] if best is not None and best[2] in self._tables else None


def _plausible(table: Table, rows: list[Row]) -> bool:
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


def _record(data: bytes, length: int) -> Row:
    """Return the values of a record; raises ``_Torn`` unless it fills ``length`` bytes exactly."""
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
                raise _Torn from None
    if at != end or body != length:
        raise _Torn
    return tuple(values)
