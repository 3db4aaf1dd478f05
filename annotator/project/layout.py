"""Is a file that says it is ours laid out as ours? Asked before anything in it is used or changed.

A project that somebody mailed may have been made to do harm. What is stored in it is never executed:
no trigger of the file's ever fires (a file with one is refused), extensions are not loaded, functions
in stored expressions are not trusted, and of its views the program reads only those with our own text.
"""

from __future__ import annotations

import re
import sqlite3
from functools import cache
from pathlib import Path

from sqlite_utils import Database

from annotator.model import DamagedProjectError, NotAProjectError
from annotator.project.faults import damaged
from annotator.project.schema import migrations

QUICK_CHECK_BYTES = 12_000_000
"""Up to this size SQLite looks the whole file over on opening: about 50 ms."""

_FROM_THE_FIRST = ("settings", "annotators", "articles", "texts", "layers", "labels", "annotations", "acts")
_READ_BY_US = ("article_contents", "articles_fts")  # what they select, the program believes


def require_willing(db: Database, name: str) -> None:
    """Raise ``NotAProjectError`` where the file ``name`` has something that would run by itself."""
    for kind, what in db.execute(
        "SELECT type, name FROM main.sqlite_master "
        "WHERE type = 'trigger' OR (name = '_sqlite_migrations' AND type != 'table')"
    ):
        raise NotAProjectError(
            f"{name} has the {kind} {str(what)[:60]!r} stored in it, which no project of Annotator has. "
            "Nothing of it was run and the file was not changed: ask whoever gave it to you for another copy."
        )


def require_known(db: Database, name: str) -> None:
    """Raise ``NotAProjectError`` where tables are missing that every project had from the first on."""
    there = {row[0] for row in db.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")}
    if missing := [table for table in _FROM_THE_FIRST if table not in there]:
        raise NotAProjectError(
            f"{name} is not a project that this Annotator knows, or is none any more: it has no table "
            f"{missing[0]!r}. The file was not changed: choose another one, or go on with a backup "
            "(File > Restore)."
        )


def require_our_layout(db: Database, name: str) -> None:
    """Raise ``DamagedProjectError`` where a table, column or view that the program reads is not ours."""
    there = _layout(db)
    for what, columns in _our_layout(tuple(step.name for step in migrations._migrations)).items():
        if there.get(what) is None or not columns <= there[what]:
            raise DamagedProjectError(
                f"{name} is damaged, or was changed by another program: its {what!r} is not as Annotator "
                "makes it. Go on with a backup (File > Restore)."
            )


def require_sound(db: Database, path: Path) -> None:
    """Raise ``DamagedProjectError`` where SQLite finds damage; large files are left to `annotator check`."""
    if path.stat().st_size <= QUICK_CHECK_BYTES:
        for (message,) in db.execute("PRAGMA main.quick_check(1)"):
            if message != "ok":
                raise damaged(path.name, str(message).splitlines()[-1][:120])


def _layout(db: Database) -> dict[str, frozenset[str]]:
    """Return the columns of each table, and what defines each of the views that we read."""
    found: dict[str, frozenset[str]] = {}
    for kind, name, sql in db.execute("SELECT type, name, sql FROM main.sqlite_master").fetchall():
        if name in _READ_BY_US:
            # Renaming a table lets SQLite write the text of a view anew, with its own quotes.
            found[name] = frozenset([kind, re.sub(r"[\s\"'\[\]`]+", "", sql or "").lower()])
        elif kind == "table":
            columns = db.execute("SELECT name FROM pragma_table_info(?)", [name])
            found[name] = frozenset(column for (column,) in columns)
    return found


@cache
def _our_layout(steps: tuple[str, ...]) -> dict[str, frozenset[str]]:
    """Return the layout that the migrations (whose names are ``steps``) lead to: 3 ms, once."""
    db = Database(sqlite3.connect(":memory:"), execute_plugins=False)
    try:
        with db.atomic():
            migrations.apply(db)
        return _layout(db)
    finally:
        db.close()
