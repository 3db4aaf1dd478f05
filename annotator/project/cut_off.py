"""The act that was going on when a damaged project was written last: an import, or an undo in steps.

Where the history is whole it is finished as the opening of the damaged file would have finished it. Where it
is not, nobody can: then all rows are kept that the act had taken out, or was still to put back.
"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from annotator.model import ProjectError
from annotator.project.left_over import LeftOver
from annotator.project.remains import Remains
from annotator.project.schema import HUMAN_TABLES
from annotator.project.stored_values import readable_image

FILL_SEARCH = "INSERT INTO articles_fts(articles_fts) VALUES ('rebuild')"


def history_is_whole(db: sqlite3.Connection, remains: Remains, lost: dict[str, int], loose: bool) -> bool:
    """Tell whether all of the history was read; ``loose``: whether rows were guessed, or are torn."""
    found = remains.found
    if loose or remains.torn_pages or any(table.unreadable for table in found.values()):
        return False
    if any(number for table, number in lost.items() if table != "texts"):  # what they lack is asked below
        return False
    if any(table.torn for name, table in found.items() if name != "texts"):
        return False
    image = f"NOT {readable_image(db.execute)}"
    (unfit,) = db.execute(
        "SELECT (SELECT count(*) FROM acts WHERE state IN ('done', 'undone') "
        'AND "rows" != (SELECT count(*) FROM act_rows WHERE act = acts.id)) + '
        f"(SELECT count(*) FROM act_rows WHERE act NOT IN (SELECT id FROM acts) OR {image}) + "
        f"(SELECT count(*) FROM swap_rows WHERE {image}) + "
        "max(0, (SELECT count(*) FROM acts WHERE state = 'open') - 1) + "
        "(SELECT count(*) FROM articles WHERE id NOT IN (SELECT id FROM texts) AND id NOT IN (SELECT id FROM "
        "torn_texts) AND id NOT IN (SELECT \"row\" FROM swap_rows WHERE tbl IN ('articles', 'texts'))) + "
        "(SELECT count(*) FROM swaps WHERE act NOT IN (SELECT id FROM acts WHERE state = 'open'))"
    ).fetchone()
    return not unfit and not _swap_lacks_rows(db)


def _swap_lacks_rows(db: sqlite3.Connection) -> bool:
    """Tell whether an undo or redo cannot be completed, or not be taken back later."""
    swap = db.execute('SELECT act, "rows" FROM swaps JOIN acts ON acts.id = act WHERE "rows" > 0').fetchone()
    if swap is None:  # an act that was cancelled is forgotten: its number of rows was never noted
        return False
    act, rows = swap
    # A torn text is not among the texts yet: what is noted of it now would say that there was none.
    (there, torn) = db.execute(
        "SELECT count(*), total(tbl IN ('articles', 'texts') AND \"row\" IN (SELECT id FROM torn_texts)) "
        'FROM (SELECT tbl, "row" FROM act_rows WHERE act = ? UNION ALL SELECT tbl, "row" FROM swap_rows)',
        [act],
    ).fetchone()
    return bool(there != rows or torn)


def finish(db: sqlite3.Connection, path: Path, notes: list[str]) -> bool:
    """Have the act finished by opening ``path``, ``db``'s file; tell whether it could be."""
    from annotator.project.store import open_project

    act = db.execute(
        "SELECT text, \"rows\" > 0 AND id IN (SELECT act FROM swaps) FROM acts WHERE state = 'open'"
    ).fetchone()
    if act is not None:
        text, is_swap = act
        db.execute(FILL_SEARCH)
        db.commit()
        try:
            with open_project(path) as project:
                interrupted = project.interrupted
        except (sqlite3.IntegrityError, ProjectError):
            return False
        is_kept = interrupted is not None and interrupted.state != "open"
        for condition in ("id NOT IN (SELECT id FROM articles)", "id IN (SELECT id FROM texts)"):
            db.execute(f"DELETE FROM torn_texts WHERE {condition}")
        notes.append(
            f"“{text}” was cut off when the program ended: rows of another program are in its way, so it is "
            "kept."
            if is_kept
            else f"“{text}” was being undone or redone when the program ended: that is completed, as opening "
            "the project would have done."
            if is_swap
            else f"“{text}” was going on when the program ended: it is taken back, as opening the project "
            "would have done."
        )
    db.execute("DELETE FROM swap_rows")  # of a reverting that was itself taken back
    return True


def keep_rows(db: sqlite3.Connection, notes: list[str], left_over: LeftOver) -> None:
    """Put in all rows that the act had taken out or was still to put back, and are nowhere else; say so."""
    acts = db.execute(
        "SELECT id, max(text) FROM (SELECT id, text FROM acts WHERE state = 'open' "
        "UNION ALL SELECT act, NULL FROM swaps) GROUP BY id"
    ).fetchall()
    (lost,) = db.execute(
        "SELECT EXISTS (SELECT 1 FROM act_rows WHERE act NOT IN (SELECT id FROM acts)) "
        "OR NOT EXISTS (SELECT 1 FROM acts)"
    ).fetchone()
    waiting = bool(acts) or lost  # or they are of an act that was taken back long ago
    ids = json.dumps([id_ for id_, _ in acts])
    kept = 0
    for table in HUMAN_TABLES:
        images = db.execute(
            'SELECT "row", before FROM (SELECT "row", before FROM swap_rows WHERE :waiting AND tbl = :table '
            'UNION ALL SELECT "row", before FROM act_rows WHERE tbl = :table '
            "AND act IN (SELECT value FROM json_each(:acts))) "
            f'WHERE before IS NOT NULL AND "row" NOT IN (SELECT id FROM {table})',
            {"waiting": waiting, "table": table, "acts": ids},
        )
        columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
        for id_, before in images:
            kept += _put_in(db, table, columns, id_, before, left_over)
    # Of an import that was being taken back: what it had brought to these articles went before them.
    half = (
        "id IN (SELECT \"row\" FROM swap_rows WHERE gone AND tbl = 'articles') "
        "AND id NOT IN (SELECT id FROM texts UNION ALL SELECT id FROM torn_texts UNION ALL "
        "SELECT article FROM annotations UNION ALL SELECT article FROM rejections UNION ALL "
        "SELECT article FROM progress)"
    )
    left_over.keep(db, "articles", half)
    db.execute(f"DELETE FROM articles WHERE {half}")
    (missing,) = db.execute(
        'SELECT max(0, coalesce(sum("rows"), 0) - (SELECT count(*) FROM swap_rows) - (SELECT count(*) '
        "FROM act_rows WHERE act IN (SELECT act FROM swaps))) FROM acts JOIN swaps ON act = acts.id"
    ).fetchone()
    if not acts and not kept:
        return
    names = " and ".join(f"“{text}”" for _, text in acts if text) or "An act whose name is lost"
    unread = f", and {missing:,} of its rows cannot be read" if missing else ""
    notes.append(
        f"{names} was going on when the program ended, and can neither be completed nor taken back{unread}. "
        f"What it had brought is in the project, and {kept:,} rows that it had taken out or was to put back "
        "are as well: look which of them you want."
    )


def _put_in(
    db: sqlite3.Connection, table: str, columns: list[str], id_: int, before: str, left_over: LeftOver
) -> bool:
    try:
        image = json.loads(before)
        row = tuple(image.get(column) for column in columns)
        db.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
    except (ValueError, AttributeError, RecursionError, sqlite3.Error) as error:
        if isinstance(error, sqlite3.OperationalError):  # no room
            raise
        left_over.add("act_rows", ["tbl", "row", "before"], (table, id_, before), None)
        return False
    if table == "rejections" and "quote" not in image:
        db.execute("INSERT OR IGNORE INTO older_rejections VALUES (?)", [id_])
    return True
