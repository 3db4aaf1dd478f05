"""Inserting many rows: with one statement, where ``executemany`` begins one for each.

To begin and end a statement takes longer than to enter a row into an index. So the rows go into a TEMP table,
where nothing is checked or kept in order, and from there with one statement. (One of a thousand VALUES is as
quick, but takes 10 ms to prepare, and again whenever a TEMP trigger was made.)
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

MANY = 200  # rows that are inserted together: fewer are not worth the trouble


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
    names = ", ".join(f'"{column}"' for column in columns)
    into = f"INSERT INTO {table}{names and f'({names})'}"
    if len(rows) < MANY:
        if rows:
            connection.executemany(f"{into} VALUES ({_marks(rows)})", rows)
        return
    with coming(connection, rows) as source:
        connection.execute(f"{into} SELECT * FROM {source} ORDER BY rowid")


@contextmanager
def coming(connection: sqlite3.Connection, rows: Sequence[tuple[Any, ...]]) -> Iterator[str]:
    """Give the name of a TEMP table with ``rows``: columns ``c0``, ``c1``..., and a ``rowid`` from 1 on."""
    name, width = f"coming_{len(rows[0])}", len(rows[0])
    columns = ", ".join(f"c{number}" for number in range(width))
    connection.execute(f"CREATE TEMP TABLE IF NOT EXISTS {name}({columns})")
    connection.execute(f"DELETE FROM temp.{name}")  # what an insertion left that failed
    connection.executemany(f"INSERT INTO temp.{name} VALUES ({_marks(rows)})", rows)
    yield f"temp.{name}"
    connection.execute(f"DELETE FROM temp.{name}")


def _marks(rows: Sequence[tuple[Any, ...]]) -> str:
    return ", ".join("?" * len(rows[0]))
