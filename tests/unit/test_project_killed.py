"""Killed in a migration, a backup, a copy, a rescue, Compact or an export: nothing is lost, nothing left."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from annotator.formats import import_paths
from annotator.project import create_project, open_project
from annotator.project.backup import backup_files
from annotator.project.copying import connect, copy_project
from annotator.project.schema import migrations

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")

WORK = Path(__file__).with_name("crash_work.py")
ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data"
KILLS = int(os.environ.get("ANNOTATOR_KILLS", "8"))
LATEST = {migration.name for migration in migrations._migrations}
OLDER = [path for path in sorted(DATA.glob("schema-*.annot")) if path.stem[7:] != max(LATEST)[:4]]
ARTICLES, SPANS = 1000, 20  # of a blown-up project: 10 MB, which takes 0.1 s to migrate


def killed_at_work(what: str, path: Path, seconds: float, since: str = "ready") -> list[str]:
    """Begin a work in a process of its own, kill it after it said ``since``; return what it said."""
    arguments = [sys.executable, str(WORK), what, str(path)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        said = []
        while since not in said:
            said.append(process.stdout.readline().rstrip("\n"))
            assert said[-1] or process.poll() is None
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        return [*said[1:], *process.stdout.read().split("\n")[:-1]]


def hidden(folder: Path) -> list[str]:
    """Return what lies about in and below ``folder``: unfinished files, journals, locks."""
    names = [str(path.relative_to(folder)) for path in folder.rglob("*")]
    return [name for name in names if "/." in f"/{name}" or name.endswith(("-journal", ".part", ".lock"))]


def schema(path: Path) -> set[str]:
    """Return which migrations a file has; what a killed writer left is finished first."""
    with closing(connect(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return {name for (name,) in db.execute("SELECT name FROM _sqlite_migrations")}


def contents(path: Path, columns: dict[str, list[str]]) -> str:
    """Return a digest of all that stands in the columns of the older schema."""
    digest = sha256()
    with closing(connect(path)) as db:
        for table, names in columns.items():
            wanted = ", ".join(f'"{name}"' for name in names)
            old = "key != 'seed'" if table == "settings" else "1"  # a migration gives every project one
            for row in db.execute(f"SELECT {wanted} FROM {table} WHERE {old} ORDER BY {wanted}"):
                digest.update(repr((table, row)).encode())
    return digest.hexdigest()


@pytest.fixture(scope="module", params=OLDER, ids=lambda path: path.stem)
def older(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of an older schema, blown up."""
    path = tmp_path_factory.mktemp("older") / "old.annot"
    shutil.copyfile(request.param, path)
    with closing(sqlite3.connect(path)) as db, db:
        for table, number, changed in (
            ("articles", ARTICLES, {"uuid": "'a' || n", "sha256": "'s' || n"}),
            ("texts", ARTICLES, {"text": "text || hex(randomblob(1000))"}),
            ("annotations", ARTICLES * SPANS, {"uuid": "'b' || n", "article": f"1000 + n / {SPANS}"}),
            ("acts", ARTICLES, {}),
            ("act_rows", ARTICLES * SPANS, {"act": f"1000 + n / {SPANS}", '"row"': "1000 + n"}),
        ):
            names = [f'"{row[1]}"' for row in db.execute(f"PRAGMA table_info({table})")]
            values = [
                changed.get(name.strip('"')) or changed.get(name) or ("1000 + n" if name == '"id"' else name)
                for name in names
            ]
            db.execute(
                f"WITH RECURSIVE c(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM c WHERE n < {number - 1}) "
                f"INSERT INTO {table} SELECT {', '.join(values)} FROM c, "
                f"(SELECT * FROM {table} WHERE {'quote NOTNULL' if table == 'annotations' else 1} LIMIT 1)"
            )
        db.execute("INSERT INTO articles_fts(articles_fts) VALUES ('rebuild')")
    return path


def test_killed_at_any_moment_of_a_migration_a_project_has_one_schema_or_the_other(
    older: Path, tmp_path: Path
) -> None:
    before = schema(older)
    with closing(connect(older)) as db:
        tables = [n for (n,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        columns = {
            table: [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
            for table in tables
            # Near-duplicates follow from the texts, and a migration lets them be found anew.
            if table != "_sqlite_migrations"
            and not table.startswith(("articles_fts", "sqlite_", "near_duplicate"))
        }
    everything = contents(older, columns)
    began = time.monotonic()
    shutil.copyfile(older, tmp_path / "whole.annot")
    open_project(tmp_path / "whole.annot").close()
    took, moment, ends = time.monotonic() - began, random.Random(len(before)), Counter[str]()
    for kill in range(KILLS // 2):
        folder = tmp_path / str(kill)
        folder.mkdir()
        path = folder / "old.annot"
        shutil.copyfile(older, path)
        said = killed_at_work("migrate", path, moment.uniform(0, took), ("ready", "backed up")[kill % 2])
        ends[said[-1] if said else "backing up"] += 1
        # Before the first opening, as any SQLite program finds it: one schema or the other.
        assert schema(path) in (before, LATEST)
        assert contents(path, columns) == everything
        if "migrated" in said:
            assert schema(path) == LATEST
        if said or schema(path) == LATEST:
            backups = list(backup_files(path).values())
            assert [schema(backup) for backup in backups] == [before]
            assert contents(backups[0], columns) == everything
        with open_project(path, annotator="anna") as project:
            project.db.execute("INSERT INTO articles_fts(articles_fts, rank) VALUES ('integrity-check', 1)")
            assert project.interrupted is None
            project.articles.set_note(1, "the work goes on")
        assert schema(path) == LATEST
        assert {frozenset(schema(backup)) for backup in backup_files(path).values()} == {frozenset(before)}
        assert hidden(folder) == []
    print(f"{KILLS // 2} kills of a migration of {took:.2f} s: {dict(ends)}")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed project of 400 articles, 4 MB."""
    folder = tmp_path_factory.mktemp("large")
    words = random.Random(1)
    (folder / "in").mkdir()
    for number in range(400):
        text = " ".join(words.randbytes(4).hex() for _ in range(500))
        (folder / "in" / f"{number}.txt").write_text(f"Article {number}\n\n{text}")
    with create_project(folder / "p.annot", annotator="anna") as project:
        for _ in import_paths(project, [folder / "in"]):
            pass
        for article in range(1, 101):
            project.annotations.add(article, "entity", "GPE", 0, 7)
    shutil.rmtree(folder / "in")
    return folder / "p.annot"


@pytest.mark.parametrize("what", ["backup", "copy", "salvage", "compact", "export"])
def test_killed_at_any_moment_a_work_leaves_whole_files_and_nothing_that_lies_about(
    what: str, large: Path, tmp_path: Path
) -> None:
    path, other, moment = tmp_path / "p.annot", tmp_path / "other", random.Random(what)
    shutil.copyfile(large, path)
    other.mkdir()
    left = kills = 0
    while kills < max(3, KILLS // 3) or (not left and kills < 30):
        kills += 1
        killed_at_work(what, path, moment.uniform(0, 0.6))
        left += len(hidden(tmp_path))
        with open_project(path, annotator="anna") as project:
            assert project.articles.count() == 400
            assert project.db.execute("SELECT count(*) FROM annotations").fetchone() == (100,)
            assert project.db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            project.articles.set_flagged(
                2, True
            )  # SQLite takes a journal that it had only begun for its next
        for _ in copy_project(path, other / "again.annot", replace=True):
            pass  # whoever writes into that folder next, clears it
        assert hidden(tmp_path) == []
        for made in (*other.glob("*.annot"), *backup_files(path).values()):
            with closing(connect(made)) as db:
                assert db.execute("SELECT count(*) FROM articles").fetchone() == (400,)
                assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        for made in other.glob("*.jsonl"):
            lines = made.read_text(encoding="utf-8").split("\n")
            assert len(lines) == 401
            assert all(json.loads(line)["schema"] == "annotator/1" for line in lines[:-1])
        for made in other.glob("*"):
            made.unlink()
    assert left > 0, "no kill came in the middle of it: this shows nothing"
