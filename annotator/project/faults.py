"""What SQLite and the system report, as one plain sentence that says what to do."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from annotator.model import AnnotatorError, DamagedProjectError, StorageError

_RESCUE = "what was saved before can still be kept with File > Save a copy"


def explain(error: BaseException, path: Path) -> AnnotatorError | None:
    """Return the sentence for an error of SQLite's about the project at ``path``, or None for a bug."""
    full_code = getattr(error, "sqlite_errorcode", 0)
    if not isinstance(error, sqlite3.DatabaseError) or not isinstance(full_code, int):
        return None
    name = path.name
    if str(error).startswith("malformed JSON"):  # SQLite's words, and ours: see stored_values
        return damaged(name, "a value in it is not what it should be; annotator check says which")
    if (full_code == 0 and str(error).startswith("Could not decode to UTF-8")) or (
        "unsupported file format" in str(error)
    ):
        # Python's own, when it reads a text that is none; SQLite's about a torn header, which bears no code.
        full_code = sqlite3.SQLITE_CORRUPT
    if full_code == sqlite3.SQLITE_READONLY_DBMOVED:
        return gone(path) or StorageError(_replaced(name))
    known: dict[int, AnnotatorError] = {
        sqlite3.SQLITE_FULL: StorageError(
            f"The disk with {name} is full. Nothing was lost, but this step was not saved: "
            "make room and do it again."
        ),
        sqlite3.SQLITE_IOERR: StorageError(
            f"{name} could not be read or written: the drive reports an error. Check that it is connected "
            "and has room, then do this step again."
        ),
        sqlite3.SQLITE_READONLY: StorageError(
            f"{name} has become write-protected. This step was not saved: make it writable and do it again."
        ),
        sqlite3.SQLITE_CANTOPEN: _no_journal(name),
        sqlite3.SQLITE_BUSY: StorageError(
            f"Another program is writing to {name}. This step was not saved: do it again in a moment."
        ),
        sqlite3.SQLITE_CORRUPT: damaged(name),
        sqlite3.SQLITE_NOTADB: damaged(name, "SQLite does not recognise it"),
    }
    return known.get(full_code & 0xFF)


def damaged(name: str, why: str = "") -> DamagedProjectError:
    """Return what to say of a damaged project: how to go on, and how to rescue what is in no backup."""
    return DamagedProjectError(
        f"{name} is damaged{f' ({why})' if why else ''}. Go on with a backup (File > Restore), or rescue "
        f"what can be read of it: annotator salvage {name} NEW.annot"
    )


def gone(path: Path, inode: int | None = None) -> StorageError | None:
    """Return what to say when there is no file at ``path``, or another one than ``inode``; else None."""
    try:
        there = path.stat().st_ino
    except OSError:
        return StorageError(
            f"{path.name} is not in its place any more: it was deleted or moved, or its drive is gone. "
            f"Nothing more can be saved until it is back there; {_RESCUE}."
        )
    return StorageError(_replaced(path.name)) if inode not in (None, there) else None


def unwritable(path: Path) -> StorageError | None:
    """Return what to say when SQLite cannot put its journal beside the file at ``path``; else None.

    Not when the file itself is write-protected: whoever has it open goes on writing to it.
    """
    if os.access(path.absolute().parent, os.W_OK):
        return None
    return _no_journal(path.name)


def _no_journal(name: str) -> StorageError:
    return StorageError(
        f"{name} cannot be opened for this step: it or its folder is gone or protected. Put it back or "
        "make the folder writable, then do the step again."
    )


def _replaced(name: str) -> str:
    return (
        f"{name} was replaced by another program while it was open here. Nothing more can be saved to it: "
        f"{_RESCUE}; then open {name} again to see what it holds now."
    )
