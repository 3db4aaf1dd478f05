"""Rows of a damaged project that were read and fit nowhere: JSON, a line each, beside the new project."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from annotator.project.remains import Row


class LeftOver:
    """Writes the file once there is a first row; to be closed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows = 0
        self._file: TextIO | None = None

    def add(self, table: str, columns: Sequence[str], row: Row, article: dict[str, object] | None) -> None:
        """Write a row, and which article it is of."""
        if self._file is None:
            self._file = self.path.open("w", encoding="utf-8", newline="\n")
        values = {"table": table, "row": dict(zip(columns, row, strict=True))}
        json.dump(values | ({"article": article} if article else {}), self._file, ensure_ascii=False)
        self._file.write("\n")
        self.rows += 1

    def keep(self, db: sqlite3.Connection, table: str, condition: str) -> None:
        """Write the rows of ``table`` for which ``condition`` holds."""
        found = db.execute(f"SELECT * FROM {table} WHERE {condition}")
        columns = [column[0] for column in found.description]
        for row in found:
            article = None
            if "article" in columns and row[columns.index("article")] is not None:
                known = db.execute(
                    "SELECT uuid, title, coalesce(json_extract(meta, '$.salvaged_sha256'), sha256) "
                    "FROM articles WHERE id = ?",
                    [row[columns.index("article")]],
                ).fetchone()
                article = dict(zip(("uuid", "title", "sha256"), known, strict=True)) if known else None
            self.add(table, columns, row, article)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
