"""Rows made again what their images in the history say; what hangs on them follows."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from annotator.project.schema import HUMAN_TABLES

if TYPE_CHECKING:
    from annotator.project.store import Project

# SQLite counts all that refers to such a row when it goes and when it comes back: it stays and is changed.
_REFERRED_TO = frozenset({"layers", "labels"})


# Annotations that another program gave the number of one that comes back.
_OTHERS = (
    "SELECT 1 FROM images i CROSS JOIN annotations a ON a.id = i.id WHERE i.tbl = 'annotations' "
    "AND i.before IS NOT NULL AND a.uuid <> json_extract(i.before, '$.uuid') LIMIT 1"
)


def put_images_back(project: Project, tables: frozenset[str]) -> None:
    """Make the rows of ``tables`` what ``images`` says, and the search index and suggestions fit them.

    Foreign keys are looked at when the transaction ends. The images are left where they are.
    """
    execute = project.db.execute
    execute("PRAGMA defer_foreign_keys = ON")
    if "annotations" in tables and execute(_OTHERS).fetchone():
        raise sqlite3.IntegrityError("the number of an annotation was given to another one")
    touched = [row[0] for row in execute("SELECT DISTINCT id FROM images WHERE tbl IN ('articles', 'texts')")]
    if touched:
        project.articles.unindex(touched)
    # All rows go before any comes back: none can then be in the way of another's unique key.
    for table in reversed(HUMAN_TABLES):
        if table in tables:
            _clear(project, table)
    for table in HUMAN_TABLES:
        if table in tables:
            _put_back(project, table)
    # Images of older schemas do not tell what was rejected; a null in newer ones means this mention only.
    if "rejections" in tables:
        execute(
            'UPDATE rejections SET quote = (SELECT substr(text, "start" + 1, "end" - "start") FROM texts '
            'WHERE texts.id = rejections.article) WHERE quote IS NULL AND "start" IS NOT NULL '
            "AND id IN (SELECT id FROM images WHERE tbl = 'rejections' "
            "AND before IS NOT NULL AND json_type(before, '$.quote') IS NULL)"
        )
    if touched:
        project.articles.index(touched)
    if not tables.isdisjoint(("articles", "layers", "labels")):
        _forget_orphaned_suggestions(project)


def _clear(project: Project, table: str) -> None:
    """Take away the rows of ``table`` that come back otherwise or not at all."""
    rows = f"SELECT id FROM images WHERE tbl = '{table}'"
    if table in _REFERRED_TO:
        project.db.execute(
            f"UPDATE {table} SET name = hex(randomblob(16)) WHERE id IN ({rows} AND before IS NOT NULL)"
        )
        rows += " AND before IS NULL"
    project.db.execute(f"DELETE FROM {table} WHERE id IN ({rows})")


def _put_back(project: Project, table: str) -> None:
    columns = project.history.columns(table)
    names = ", ".join(f'"{c}"' for c in columns)
    values = ", ".join(f"json_extract(before, '$.{c}')" for c in columns)
    instead = ", ".join(f'"{c}" = excluded."{c}"' for c in columns if c != "id")
    project.db.execute(
        f"INSERT INTO {table} ({names}) SELECT {values} FROM images "
        f"WHERE tbl = '{table}' AND before IS NOT NULL"
        + (f" ON CONFLICT (id) DO UPDATE SET {instead}" if table in _REFERRED_TO else "")
    )


def _forget_orphaned_suggestions(project: Project) -> None:
    # Suggestions are a cache outside the history, but they may not outlive their article or label.
    labels = project.suggestions.labels
    articles = "SELECT id FROM images WHERE tbl = 'articles' AND before IS NULL"
    for table in ("suggestions", "suggested", "covered", "revealed"):
        project.db.execute(f"DELETE FROM {table} WHERE article IN ({articles})")
    labels.forget_articles(articles)
    project.near_duplicates.forget(articles)
    labels.withdraw(labels.offered_no_more("SELECT * FROM images"))
