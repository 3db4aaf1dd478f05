"""Rescuing what can be read of a damaged project into a new one. The damaged file is never written to."""

from __future__ import annotations

import os
import shutil
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from annotator.model import NotAProjectError, ProjectError
from annotator.project.backup import backup_files, newest_backup
from annotator.project.check import check
from annotator.project.copying import copy_errors, folder_to_disk, give_name, to_disk
from annotator.project.cut_off import FILL_SEARCH, finish, history_is_whole, keep_rows
from annotator.project.history import now
from annotator.project.left_over import LeftOver
from annotator.project.leftovers import refuse_old_journal, remove_leftovers, unfinished
from annotator.project.mending import REJECTED_WORDS, Mending
from annotator.project.remains import OlderRow, Remains, Table, Value, is_torn
from annotator.project.schema import HUMAN_TABLES
from annotator.project.torn_texts import GAP, LOST

HISTORY = ("acts", "act_rows", "swaps", "swap_rows")
WANTED = (*HUMAN_TABLES, *HISTORY)
# Without any of these nothing is made.
_WORTH = ("articles", "texts", "annotations", "rejections", "labels", "actors")
_NAMED = 20  # articles named in a report


@dataclass
class SalvageReport:
    """What :func:`salvage` rescued and lost: rows by table, and sentences about the rest."""

    path: Path
    rescued: dict[str, int] = field(default_factory=dict)
    lost: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    problems: tuple[str, ...] = ()
    left_over: Path | None = None  # rows that were read and fit nowhere, as JSON, a line each

    def summary(self) -> str:
        """Return the report, a line a table and a line a note."""
        lines = [f"{self.path} made from what could be read."]
        for table, number in self.rescued.items():
            if number or self.lost.get(table):
                lines.append(f"{table}: {number:,} rescued, {self.lost.get(table, 0):,} lost")
        lines += self.notes
        if self.left_over is not None:
            lines.append(f"Rows that were read and fit nowhere are in {self.left_over.name}, a line each.")
        if self.problems:
            lines += [*self.problems[:_NAMED], f"The new project has {len(self.problems)} problems still."]
        lines.append("Suggestions are not rescued: they are made anew when the project is opened.")
        return "\n".join(lines)


def salvage(broken: Path, new: Path) -> SalvageReport:
    """Rescue every readable row that people made from ``broken`` into the new project ``new``.

    Raises ``ProjectError`` where ``new`` exists, ``NotAProjectError`` where nothing of a project is found in
    ``broken``, ``StorageError`` where ``new`` cannot be written.
    """
    from annotator.project.store import SUFFIX, create_project, open_project

    if new.suffix != SUFFIX:
        new = new.with_name(new.name + SUFFIX)
    if os.path.lexists(new):
        raise ProjectError(f"{new.name} exists already. Choose another name.")
    refuse_old_journal(new)
    left_over = new.with_name(f"{new.stem}-left-over.jsonl")
    if os.path.lexists(left_over):
        raise ProjectError(f"{left_over.name} exists already. Choose another name than {new.name}.")
    folder = unfinished(new, "folder")
    report = SalvageReport(new)
    with copy_errors(broken, new):
        folder.mkdir(parents=True)
        remove_leftovers(new.parent)
        try:
            made = folder / new.name
            create_project(made).close()
            with (
                _remains(broken, folder) as remains,
                closing(sqlite3.connect(made)) as db,
                closing(LeftOver(folder / left_over.name)) as apart,
            ):
                db.execute("PRAGMA synchronous = OFF")
                _fill(db, remains, report, apart)
                whole = history_is_whole(db, remains, report.lost, bool(report.notes))
                whole = whole and finish(db, made, report.notes)
                if not whole:
                    keep_rows(db, report.notes, apart)
                if not any(_count(db, table) for table in (*_WORTH, *(("acts",) if whole else ()))):
                    raise NotAProjectError(
                        f"Nothing of an Annotator project can be read in {broken.name}. Go on with a backup."
                    )
                backups = list(backup_files(broken).values())
                mending = Mending(
                    db, remains, report.lost, report.notes, backups, apart, history_is_whole=whole
                )
                mending.mend()
                db.execute(FILL_SEARCH)
                db.commit()
            for table in WANTED:
                if table != "texts":  # some of which came back from backups
                    report.lost[table] = max(report.lost[table], remains.found[table].unreadable)
            with open_project(made) as project:
                for table in WANTED:
                    report.rescued[table] = _count(project.db.conn, table) - mending.made.get(table, 0)
                report.problems = check(project).problems
            to_disk(made)
            if apart.rows:
                to_disk(apart.path)
                give_name(apart.path, left_over)
                report.left_over = left_over
            give_name(made, new)
            folder_to_disk(new.parent)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    return report


def _count(db: sqlite3.Connection, table: str) -> int:
    return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def damage(path: Path) -> list[str]:
    """Say what can be read of a damaged file, and what to do; nothing of a file that is not ours."""
    try:
        with path.open("rb") as file:
            header = file.read(100)
        with _remains(path) as remains:
            for _ in remains.rows():
                pass
            expected = {table: _expected(remains, table) for table in WANTED}
    except OSError:
        return []
    found = remains.found
    another = header[:16] == b"SQLite format 3\0" and header[68:72] != b"Anno"
    if another or not found["articles"].read + found["texts"].read:
        return []
    lines = ["What can be read of it:"]
    for table in WANTED:
        lost = max(found[table].unreadable, expected[table] - found[table].read)
        if found[table].read or lost:
            part = f", {found[table].torn:,} of them in part" if found[table].torn else ""
            lines.append(f"  {table}: {found[table].read:,} rows{part}, {lost:,} that cannot be read")
    if remains.missing:
        lines.append(f"  {remains.missing:,} of {remains.pages + remains.missing:,} pages are missing.")
    torn = sum(page <= remains.pages for page in remains.torn_pages)
    torn += 0 if remains.missing else remains.torn_chains
    if torn:
        lines.append(f"  {torn:,} of {remains.pages:,} pages that are there are torn, or lead nowhere.")
    if words := newest_backup(path):
        lines.append(words)
    lines.append(f"Rescue what can be read: annotator salvage {path.name} NEW.annot")
    return lines


@contextmanager
def _remains(path: Path, folder: Path | None = None) -> Iterator[Remains]:
    if not path.is_file():
        raise NotAProjectError(f"There is no file {path}. Choose another one, or put it back.")
    journal = path.with_name(path.name + "-journal")
    if folder is not None and journal.exists():
        path = _finished(path, journal, folder)
    with closing(sqlite3.connect(":memory:")) as pattern:
        wanted, others = _tables(pattern)
    with closing(Remains(path, wanted, others)) as remains:
        yield remains


def _finished(path: Path, journal: Path, folder: Path) -> Path:
    """Return a copy in which SQLite took back what a killed writer had begun, if it still can."""
    copy = folder / "begun"
    shutil.copyfile(path, copy)
    shutil.copyfile(journal, copy.with_name("begun-journal"))
    try:
        with closing(sqlite3.connect(copy)) as db:
            db.execute("PRAGMA writable_schema = ON")  # or a file that is too short is refused
            db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.DatabaseError:
        return path
    return copy


def _tables(db: sqlite3.Connection) -> tuple[dict[str, Table], dict[str, Table]]:
    """Return what the rows of our tables look like: those to rescue, and the others."""
    from sqlite_utils import Database

    from annotator.project.schema import migrations

    migrations.apply(Database(db, execute_plugins=False))
    db.commit()
    tables = {}
    for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%STRICT%'"):
        info = db.execute(f"PRAGMA table_info({name})").fetchall()
        columns = tuple(row[1] for row in info)
        keys = [row[0] for row in sorted(info, key=lambda row: row[5]) if row[5]]
        (without,) = db.execute("SELECT wr FROM pragma_table_list WHERE name = ?", [name]).fetchone()
        unique = [
            tuple(row[1] for row in db.execute(f"PRAGMA index_info('{index[1]}')"))
            for index in db.execute(f"PRAGMA index_list({name})").fetchall()
            if index[2] and not index[4]
        ]
        tables[name] = Table(
            name,
            columns,
            types=tuple(row[2] for row in info),
            nullable=tuple(not row[3] for row in info),
            rowid=None if without else keys[0],
            stored=(*keys, *(n for n in range(len(info)) if n not in keys))
            if without
            else tuple(range(len(info))),
            unique=tuple(unique),
            defaults=tuple(
                db.execute(f"SELECT {row[4] if row[4] is not None else 'NULL'}").fetchone()[0] for row in info
            ),
        )
    wanted = {name: tables.pop(name) for name in WANTED}
    return wanted, tables


def _fill(db: sqlite3.Connection, remains: Remains, report: SalvageReport, apart: LeftOver) -> None:
    """Put all rows into the new file's tables, whose own first rows are kept in TEMP tables ``new_...``."""
    for table in ("settings", "layers", "labels"):
        db.execute(f"CREATE TEMP TABLE new_{table} AS SELECT * FROM main.{table}")
        db.execute(f"DELETE FROM {table}")
    report.rescued = dict.fromkeys(WANTED, 0)
    report.lost = dict.fromkeys(WANTED, 0)
    db.execute("CREATE TEMP TABLE torn_texts (id INTEGER PRIMARY KEY, raw BLOB NOT NULL)")
    db.execute("CREATE TEMP TABLE older_rejections (id INTEGER PRIMARY KEY)")
    columns = {table: [r[1] for r in db.execute(f"PRAGMA table_info({table})")] for table in WANTED}
    loose_rows = 0
    for table, row, loose in remains.rows():
        torn = any(map(is_torn, row))
        into, values = table, row
        if torn and table == "texts":
            into, values = "torn_texts", (row[0], str(row[1]).encode("utf-8", "surrogateescape"))
        elif torn:
            values = tuple(map(_plain, columns[table], row))
        try:
            db.execute(f"INSERT INTO {into} VALUES ({', '.join('?' * len(values))})", values)
        except sqlite3.IntegrityError:
            # On a loose page it may be an older state of a row that is there.
            if not loose:
                report.lost[table] += 1
                apart.add(table, columns[table], tuple(map(_plain, columns[table], row)), None)
            continue
        if table == "rejections" and isinstance(row, OlderRow):
            db.execute("INSERT INTO older_rejections VALUES (?)", [row[columns[table].index("id")]])
        report.rescued[table] += 1
        loose_rows += loose
    db.execute("DELETE FROM torn_texts WHERE id IN (SELECT id FROM texts)")
    db.execute(REJECTED_WORDS)
    torn_rows = sum(found.torn for table, found in remains.found.items() if table != "texts")
    if torn_rows:
        report.notes.append(
            f"{torn_rows:,} rows have characters that cannot be read any more: {LOST} stands for them."
        )
    if loose_rows:
        report.notes.append(
            f"{loose_rows:,} rows lay on pages that nothing leads to any more: some may be rows that "
            "somebody had removed."
        )
    for table in WANTED:
        report.lost[table] = max(report.lost[table], _expected(remains, table) - report.rescued[table])


def _plain(column: str, value: Value) -> Value:
    """Return a value that is no part of a text as it can be stored."""
    if not is_torn(value):
        return value
    if column == "uuid":
        return str(uuid.uuid4())
    return now() if column.endswith("_at") else GAP.sub(LOST, str(value))


def _expected(remains: Remains, table: str) -> int:
    return remains.expected("articles" if table == "texts" else table)  # texts have no index of their own
