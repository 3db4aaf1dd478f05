"""Values that a project keeps as JSON or as words: as what they should be, or an error.

The error is SQLite's own for such values, so that it becomes the same sentence: see ``faults``.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from typing import Any

from annotator.project.schema import HUMAN_TABLES

_DIGITS = 15  # of the largest number that is taken


def _malformed() -> sqlite3.DatabaseError:
    return sqlite3.DatabaseError("malformed JSON")


def is_read_by(read: Callable[[str], object], value: str) -> bool:
    """Tell whether one of these functions takes a value."""
    try:
        read(value)
    except sqlite3.DatabaseError:
        return False
    return True


def stored_json(text: str) -> Any:
    """Return what JSON says; raises ``sqlite3.DatabaseError`` where it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise _malformed() from None


def stored_object(text: str) -> dict[str, Any]:
    """Return a JSON object; raises ``sqlite3.DatabaseError`` where it is none."""
    found = stored_json(text)
    if not isinstance(found, dict):
        raise _malformed()
    return found


def stored_names(text: str) -> list[str]:
    """Return a JSON list of strings; raises ``sqlite3.DatabaseError`` where it is none."""
    found = stored_json(text)
    if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
        raise _malformed()
    return found


def stored_scores(text: str) -> dict[str, float]:
    """Return a number for each label; raises ``sqlite3.DatabaseError`` for anything else."""
    found = stored_object(text)
    if not all(isinstance(score, int | float) for score in found.values()):
        raise _malformed()
    return found


def stored_ranges(text: str) -> tuple[tuple[int, int], ...]:
    """Return ranges of a text; raises ``sqlite3.DatabaseError`` for anything else."""
    found = stored_json(text)
    try:
        ranges = tuple((first, last) for first, last in found)
    except (TypeError, ValueError):
        raise _malformed() from None
    if not all(isinstance(first, int) and isinstance(last, int) for first, last in ranges):
        raise _malformed()
    return ranges


def stored_number(text: str) -> int:
    """Return a whole number that is not negative; raises ``sqlite3.DatabaseError`` for anything else."""
    if not (text.isascii() and text.isdecimal() and len(text) <= _DIGITS):
        raise _malformed()
    return int(text)


def readable_image(execute: Callable[[str], sqlite3.Cursor]) -> str:
    """Return the SQL for whether a row of ``act_rows``, or one alike, can be put back.

    Its image is an object with all that its table cannot be without, or says that there was no row.
    """
    whole = []
    for table in HUMAN_TABLES:
        columns = execute(f"PRAGMA table_info({table})").fetchall()
        needed = [name for _, name, _, not_null, _, key in columns if not_null or key]
        there = [f"json_extract(before, '$.{name}') IS NOT NULL" for name in needed]
        whole.append(f"WHEN '{table}' THEN {' AND '.join(there)}")
    is_object = "CASE WHEN json_valid(before) THEN json_type(before) = 'object' ELSE 0 END"
    return (
        f"CASE WHEN before IS NULL THEN tbl IN ({', '.join(repr(table) for table in HUMAN_TABLES)}) "
        f"WHEN {is_object} THEN CASE tbl {' '.join(whole)} ELSE 0 END ELSE 0 END"
    )
