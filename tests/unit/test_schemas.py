"""Projects of every schema that there ever was can be opened, and no migration can lose one."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest
from sqlite_utils import Database

from annotator.formats import export, registry
from annotator.model import StorageError
from annotator.project import create_project, open_project, store
from annotator.project.backup import backup_files
from annotator.project.check import check
from annotator.project.copying import connect
from annotator.project.salvage import salvage
from annotator.project.schema import migrations

from .conftest import dump, finish

DATA = Path(__file__).parents[1] / "data"
FILES = sorted(DATA.glob("schema-*.annot"))


def test_there_is_a_project_of_each_schema() -> None:
    names = {migration.name.split("_")[0] for migration in migrations._migrations}
    assert {path.stem.removeprefix("schema-") for path in FILES} == names


@pytest.mark.parametrize("kept", FILES, ids=lambda path: path.stem)
def test_a_project_of_an_older_schema_opens_with_everything_in_it(kept: Path, tmp_path: Path) -> None:
    path = tmp_path / "old.annot"
    shutil.copyfile(kept, path)
    with open_project(path, annotator="anna") as project:
        assert check(project).problems == ()
        assert project.articles.text(1) == "A rocket 🚀 flew over Armenia. Russia denied it."
        found = [(a.layer, a.label, a.quote, a.origin) for a in project.annotations.of(1)]
        assert found == [
            ("stance", "neutral", None, "manual"),
            ("entity", "GPE", "Armenia", "accepted"),
        ]
        assert [r.label for r in project.annotations.rejections(1)] == ["ORG"]
        assert project.articles.progress(1).status == "done"
        assert (project.articles.progress(2).note, project.articles.progress(2).flagged) == ("a note", False)
        assert project.redo() is not None
        assert project.articles.progress(2).flagged
        while project.undo() is not None:
            pass
        assert project.articles.count() == 0


def test_rejections_of_an_older_schema_learn_what_they_are_about(tmp_path: Path) -> None:
    path = tmp_path / "old.annot"
    shutil.copyfile(DATA / "schema-0003.annot", path)
    with open_project(path, annotator="anna") as project:
        assert project.db.execute("SELECT quote FROM rejections").fetchall() == [("Russia",)]


@pytest.mark.parametrize("kept", FILES, ids=lambda path: path.stem)
def test_a_rescue_of_an_older_schema_means_what_a_migration_means(kept: Path, tmp_path: Path) -> None:
    for name in ("old.annot", "migrated.annot"):
        shutil.copyfile(kept, tmp_path / name)
    report = salvage(tmp_path / "old.annot", tmp_path / "rescued.annot")
    assert not any(report.lost.values())
    found = []
    for name in ("migrated", "rescued"):
        with open_project(tmp_path / f"{name}.annot", annotator="anna") as project:
            finish(export(project, tmp_path / f"{name}.jsonl", registry.named("jsonl")))
            quotes = project.db.execute("SELECT id, quote FROM rejections ORDER BY id").fetchall()
            acts = [(act.text, act.state, act.rows) for act in project.history.acts()]
            assert project.undo() is not None
            found.append(
                ((tmp_path / f"{name}.jsonl").read_bytes(), quotes, acts, dump(project)["rejections"])
            )
    assert found[0] == found[1]
    assert "Russia" in [quote for _, quote in found[1][1]]


def test_acts_of_an_older_schema_are_reverted_and_redone_as_those_of_this_one(tmp_path: Path) -> None:
    """Their images lack the columns that came later."""
    path = tmp_path / "old.annot"
    shutil.copyfile(DATA / "schema-0003.annot", path)
    with closing(connect(path)) as db, db:
        columns = [row[1] for row in db.execute("PRAGMA table_info(annotations)")]
        image = ", ".join(f"'{name}', \"{name}\"" for name in columns)
        db.execute("PRAGMA query_only = OFF")
        db.execute(
            "INSERT INTO acts(annotator, text, created_at, state) "
            "VALUES ('anna', 'there and back', '', 'done')"
        )
        db.execute(
            "INSERT INTO act_rows SELECT (SELECT max(id) FROM acts), 'annotations', id, "
            f'json_object({image}) FROM annotations WHERE "start" IS NULL'
        )
        db.execute("DELETE FROM acts WHERE state = 'undone'")
    with open_project(path, annotator="anna") as project:
        neutral = next(act for act in project.history.acts() if act.text == "set neutral")
        project.revert(neutral.id)
        assert [a.label for a in project.annotations.of(1)] == ["GPE"]
        rejected = next(act for act in project.history.acts() if act.text.startswith("rejected ORG"))
        project.revert(rejected.id)
        project.undo()
        assert project.db.execute("SELECT quote FROM rejections").fetchall() == [("Russia",)]
        while (last := project.history.last()) is not None and last.id >= rejected.id:
            project.undo()
        assert project.annotations.rejections(1) == []
        project.redo()
        assert project.db.execute("SELECT quote FROM rejections").fetchall() == [("Russia",)]


@pytest.fixture
def newer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A closed project, and a program with a migration more, which fails half-way."""
    path = tmp_path / "news.annot"
    with create_project(path, annotator="anna"):
        pass
    monkeypatch.setattr(migrations, "_migrations", [*migrations._migrations])

    @migrations(name="9998_second")
    def second(db: Database) -> None:
        db.execute("CREATE TABLE second (id INTEGER)")
        db.execute("UPDATE layers SET definition = 'changed'")

    @migrations(name="9999_third")
    def third(db: Database) -> None:
        db.execute("CREATE TABLE half (id INTEGER)")
        raise RuntimeError("broken migration")

    return path


def test_a_migration_that_fails_changes_nothing_and_leaves_a_backup(newer: Path) -> None:
    before = newer.read_bytes()
    with pytest.raises(RuntimeError, match="broken migration"):
        open_project(newer)
    assert newer.read_bytes() == before
    assert [
        path.name for path in newer.parent.iterdir() if "lock" in path.name or "journal" in path.name
    ] == []
    (backup,) = backup_files(newer).values()
    with closing(connect(backup)) as db:
        names = {name for (name,) in db.execute("SELECT name FROM sqlite_master")}
        assert db.execute("SELECT count(*) FROM layers WHERE definition = 'changed'").fetchone() == (0,)
    assert "layers" in names
    assert names.isdisjoint({"second", "half"})


def test_without_room_for_a_backup_nothing_is_migrated(newer: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = newer.read_bytes()
    (newer.parent / "backups").write_text("a file is in the way of the folder")
    monkeypatch.setattr(store, "_migrate", lambda db: pytest.fail("migrated without a backup"))
    with pytest.raises(StorageError, match="was not made"):
        open_project(newer)
    assert newer.read_bytes() == before
