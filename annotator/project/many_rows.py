"""Inserting many rows: some with each statement, where ``executemany`` begins one for each.

To begin and end a statement, and to open the indexes that it writes to, takes longer than to write a row. A
statement with more rows is hardly quicker, but takes long to prepare, and again whenever a TEMP trigger was
made.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Any

MANY = 200  # rows for which a trigger is worth being left out
_TOGETHER = 20  # rows a statement; SQLite takes 999 values in each at least


def insert_rows(
    connection: sqlite3.Connection,
    table: str,
    rows: Sequence[tuple[Any, ...]],
    columns: Sequence[str] = (),
) -> None:
    """Insert ``rows`` into ``table``, within the transaction that is going on.

    Each row has a value for each of ``columns``, in their order, or for every column of the table where none
    are named. Raises ``sqlite3.Error`` as a single insertion does; rows before the one at fault may be there
    then.
    """
    if not rows:
        return
    names = ", ".join(f'"{column}"' for column in columns)
    row = f"({', '.join('?' * len(rows[0]))})"
    into = f"INSERT INTO {table}{names and f'({names})'} VALUES {row}"
    whole = len(rows) - len(rows) % _TOGETHER
    connection.executemany(
        into + f", {row}" * (_TOGETHER - 1),
        [tuple(chain.from_iterable(rows[at : at + _TOGETHER])) for at in range(0, whole, _TOGETHER)],
    )
    connection.executemany(into, rows[whole:])


@contextmanager
def coming(connection: sqlite3.Connection, rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    """Give the name of a TEMP table with ``rows``: columns ``c0``, ``c1``..., and a ``rowid`` from 1 on."""
    name, width = f"coming_{len(rows[0])}", len(rows[0])
    columns = ", ".join(f"c{number}" for number in range(width))
    connection.execute(f"CREATE TEMP TABLE IF NOT EXISTS {name}({columns})")
    connection.execute(f"DELETE FROM temp.{name}")  # what an insertion left that failed
    insert_rows(connection, f"temp.{name}", rows)
    yield f"temp.{name}"
    connection.execute(f"DELETE FROM temp.{name}")
