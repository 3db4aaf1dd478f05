"""Creating, opening, locking and closing the project file."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from sqlite_utils import Database

from annotator.cli import main
from annotator.model import (
    ArticleInput,
    Cancelled,
    DamagedProjectError,
    LockedProjectError,
    NewerProjectError,
    NotAProjectError,
    ProjectError,
    ReadOnlyProjectError,
    StorageError,
)
from annotator.project import Project, create_project, open_project, store
from annotator.project.backup import make_backup
from annotator.project.copying import copy_project
from annotator.project.lock import user_name
from annotator.project.schema import APPLICATION_ID, migrations


def pragma(project: Project, name: str) -> object:
    return project.db.execute(f"PRAGMA {name}").fetchone()[0]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@contextmanager
def untouched(path: Path) -> Iterator[None]:
    """The file and its folder are the same to the byte after the block."""
    before = (names(path.parent), path.read_bytes(), path.stat().st_mtime_ns)
    yield
    assert (names(path.parent), path.read_bytes(), path.stat().st_mtime_ns) == before


@contextmanager
def another_process_with(path: Path, read: str = "annotator='ben'") -> Iterator[subprocess.Popen[str]]:
    """A process that has the project open until the block ends."""
    code = (
        "import sys; from annotator.project import open_project\n"
        f"project = open_project(sys.argv[1], {read}); print('open', flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        yield process
        process.kill()


@pytest.fixture
def closed(tmp_path: Path) -> Path:
    """A closed project file."""
    with create_project(tmp_path / "news", annotator="anna") as project:
        return project.path


# Creating


def test_creating_adds_the_suffix_and_missing_folders(tmp_path: Path) -> None:
    with create_project(tmp_path / "a" / "b" / "news.v2") as project:
        assert project.path == tmp_path / "a" / "b" / "news.v2.annot"
        assert project.name == "news.v2"


def test_a_new_project_is_empty_and_has_nothing_to_undo(project: Project) -> None:
    assert project.articles.count() == 0
    assert project.annotators() == []
    assert project.history.last() is None
    assert project.undo() is None
    assert project.redo() is None
    assert project.interrupted is None


def test_creating_leaves_only_the_file_and_its_lock(tmp_path: Path) -> None:
    with create_project(tmp_path / "news"):
        assert names(tmp_path) == ["news.annot", "news.annot.lock"]
    assert names(tmp_path) == ["news.annot"]


def test_creating_refuses_a_file_that_exists(tmp_path: Path) -> None:
    path = tmp_path / "news.annot"
    path.write_text("precious")
    with untouched(path), pytest.raises(ProjectError, match="exists already"):
        create_project(path)


def test_creating_refuses_a_file_that_appears_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "news.annot"
    migrate = store._migrate

    def slow(db: Database) -> None:
        migrate(db)
        path.write_text("precious")

    monkeypatch.setattr(store, "_migrate", slow)
    with pytest.raises(ProjectError, match="exists already"):
        create_project(path)
    assert path.read_text() == "precious"
    assert names(tmp_path) == ["news.annot"]


def test_creating_leaves_no_half_file_when_it_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(db: Database) -> None:
        db.execute("CREATE TABLE half (id INTEGER)")
        raise RuntimeError("broken migration")

    monkeypatch.setattr(migrations, "_migrations", [*migrations._migrations])
    migrations(name="9999_broken")(fails)
    with pytest.raises(RuntimeError, match="broken migration"):
        create_project(tmp_path / "news")
    assert names(tmp_path) == []


def test_creating_where_a_file_is_in_the_way_of_the_folder_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="Choose another folder"):
        create_project(tmp_path / "file" / "news")


# What kind of file it is


def test_a_copy_of_the_one_file_is_whole(project: Project) -> None:
    assert pragma(project, "journal_mode") == "delete"
    assert pragma(project, "synchronous") == 2  # FULL
    assert pragma(project, "locking_mode") == "normal"


def test_a_file_that_another_program_left_in_wal_mode_becomes_one_file_again(closed: Path) -> None:
    with closing(sqlite3.connect(closed)) as db:
        db.execute("PRAGMA journal_mode = WAL")
    with open_project(closed) as project:
        assert pragma(project, "journal_mode") == "delete"


def test_the_file_is_marked_as_ours(project: Project) -> None:
    assert pragma(project, "application_id") == APPLICATION_ID
    assert project.path.read_bytes()[68:72] == b"Anno"


def test_the_connection_is_strict(project: Project) -> None:
    assert pragma(project, "foreign_keys") == 1
    assert pragma(project, "recursive_triggers") == 1
    assert pragma(project, "trusted_schema") == 0


def test_no_trigger_is_stored_in_the_file(project: Project) -> None:
    assert (
        project.db.execute("SELECT count(*) FROM main.sqlite_master WHERE type = 'trigger'").fetchone()[0]
        == 0
    )


def test_the_views_for_other_programs_can_be_read(suggested: Project) -> None:
    suggested.annotations.accept(1, 1)
    suggested.annotations.accept(1, 3)
    suggested_uuid = suggested.articles.get(1).uuid
    suggested.close()
    with closing(sqlite3.connect(suggested.path)) as db:
        assert db.execute("SELECT * FROM entity_spans").fetchall() == [
            ("Rocket", "anna", "GPE", "Armenia", 21, 28, None, "accepted", suggested_uuid)
        ]
        assert db.execute("SELECT article, stance FROM article_stance").fetchall() == [("Rocket", "pro-West")]
        assert db.execute("SELECT count(*) FROM label_counts").fetchone() == (2,)


# Opening


def test_what_was_done_is_there_after_reopening(with_articles: Project) -> None:
    with_articles.annotations.add(1, "entity", "GPE", 21, 28)
    with_articles.close()
    with open_project(with_articles.path, annotator="anna") as again:
        assert [a.quote for a in again.annotations.of(1)] == ["Armenia"]
        assert again.articles.text(1) == "A rocket 🚀 flew over Armenia. Russia denied it."


def test_opening_and_closing_does_not_change_the_file(closed: Path) -> None:
    with untouched(closed):
        open_project(closed).close()


def test_closing_twice_is_harmless(project: Project) -> None:
    project.close()
    project.close()


def test_without_a_name_the_annotator_is_who_is_logged_in(
    closed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "user_name", lambda: "login")
    with open_project(closed) as project:
        assert project.annotator == "login"


@pytest.mark.parametrize(
    "name",
    ["two words", "50%", "a#b", "what?", "Köln ü", "🚀", "a&mode=ro", "%41", "quote's", "-dash", "Հայաստան"],
)
def test_any_file_name_will_do(tmp_path: Path, name: str) -> None:
    with create_project(tmp_path / name, annotator="anna") as project, project.act("imported"):
        project.articles.add(ArticleInput("text", "title"))
    assert names(tmp_path) == [f"{name}.annot"]
    with open_project(tmp_path / f"{name}.annot", read_only=True) as project:
        assert project.articles.count() == 1
        assert project.name == name


@pytest.mark.skipif(sys.platform != "linux", reason="only there may file names be any bytes")
def test_a_file_name_that_is_no_text_will_do(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"na\xefve.annot")
    create_project(path).close()
    with open_project(path) as project:
        assert project.articles.count() == 0


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        (PureWindowsPath(r"C:\Users\a b\x.annot"), "file:///C:/Users/a%20b/x.annot?mode=rw"),
        (PureWindowsPath(r"\\server\share\x.annot"), "file:////server/share/x.annot?mode=rw"),
        (PurePosixPath("/home/a#?%/x.annot"), "file:///home/a%23%3F%25/x.annot?mode=rw"),
    ],
)
def test_uris_of_drives_and_network_shares(path: PureWindowsPath, uri: str) -> None:
    class Absolute:
        def absolute(self) -> object:
            return path

    assert store._uri(Absolute()) == uri  # type: ignore[arg-type]


# What is refused, and left as it is


@pytest.mark.parametrize(
    "content",
    [b"", b"just text", b"SQLite format 3\0" + bytes(84), b"SQLite format 3\0" + bytes(4000)],
    ids=["empty", "text", "short", "zeros"],
)
def test_what_is_not_ours_is_refused_untouched(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.annot"
    path.write_bytes(content)
    with (
        untouched(path),
        pytest.raises(NotAProjectError, match=r"other\.annot is (not an Annotator project|empty)"),
    ):
        open_project(path)


def test_another_programs_database_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "other.annot"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE articles (id INTEGER)")
    with untouched(path), pytest.raises(NotAProjectError):
        open_project(path)


@pytest.mark.parametrize("command", ["open", "check", "stats", "copy"])
@pytest.mark.parametrize("spoilt", ["zeroed", "emptied", "torn"])
def test_a_project_without_its_beginning_is_called_damaged_and_its_backup_named(
    closed: Path, spoilt: str, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    made = make_backup(closed)
    assert made is not None
    data = closed.read_bytes()
    closed.write_bytes(
        {"zeroed": bytes(len(data)), "emptied": b"", "torn": b"\xff" * 100 + data[100:]}[spoilt]
    )
    with untouched(closed):
        if command == "open":
            with pytest.raises(DamagedProjectError) as error:
                open_project(closed)
            said = str(error.value)
        else:
            new = [str(closed.with_name("new.annot"))] if command == "copy" else []
            assert main([command, str(closed), *new]) == 1
            output = capsys.readouterr()
            said = output.out + output.err
    assert "news.annot is damaged" in said
    assert f"Its newest backup is backups/{made.name}, made " in said
    assert f"File > Restore a backup, or: annotator copy {made} NEW.annot" in said
    assert "annotator salvage news.annot NEW.annot" in said
    assert main(["copy", str(made), str(closed.with_name("restored.annot"))]) == 0


def test_a_project_without_its_beginning_and_without_backups_is_not_taken_for_articles(closed: Path) -> None:
    closed.write_bytes(bytes(4096) + closed.read_bytes()[4096:])
    with pytest.raises(NotAProjectError, match=r"or its beginning is damaged.*annotator salvage news\.annot"):
        open_project(closed)


@pytest.mark.parametrize("read_only", [True, False])
def test_another_programs_database_with_our_mark_is_no_project(tmp_path: Path, read_only: bool) -> None:
    path = tmp_path / "other.annot"
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute("CREATE TABLE _sqlite_migrations (migration_set TEXT, name TEXT, applied_at TEXT)")
        db.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY)")
    with (
        untouched(path),
        pytest.raises(NotAProjectError, match=r"not a project that this Annotator knows.*choose another one"),
    ):
        open_project(path, read_only=read_only)
    with untouched(path), pytest.raises(DamagedProjectError, match="no copy was made"):
        for _ in copy_project(path, tmp_path / "copy.annot"):
            pass
    assert names(tmp_path) == ["other.annot"]


@pytest.mark.parametrize("read_only", [True, False])
def test_missing_files_and_folders_are_named(tmp_path: Path, read_only: bool) -> None:
    with pytest.raises(NotAProjectError, match="There is no file"):
        open_project(tmp_path / "gone.annot", read_only=read_only)
    with pytest.raises(NotAProjectError, match="is a folder"):
        open_project(tmp_path, read_only=read_only)
    assert names(tmp_path) == []


@pytest.mark.parametrize("read_only", [True, False])
@pytest.mark.parametrize("journal_mode", ["DELETE", "WAL"])
def test_a_newer_file_is_refused_untouched(closed: Path, journal_mode: str, read_only: bool) -> None:
    with closing(sqlite3.connect(closed)) as db:
        db.execute(
            "INSERT INTO _sqlite_migrations(migration_set, name, applied_at) "
            "VALUES ('annotator', '9999_new', '')"
        )
        db.commit()
        db.execute(f"PRAGMA journal_mode = {journal_mode}")
    with untouched(closed), pytest.raises(NewerProjectError, match="Update the program"):
        open_project(closed, read_only=read_only)


def test_a_damaged_file_is_called_damaged(closed: Path) -> None:
    content = bytearray(closed.read_bytes())
    content[100:4096] = bytes(3996)
    closed.write_bytes(content)
    with untouched(closed), pytest.raises(DamagedProjectError, match="damaged"):
        open_project(closed)


def test_a_write_protected_file_is_refused_for_writing_and_can_be_read(
    closed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Not by chmod: it does not bind the superuser, who may run the tests.
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with untouched(closed), pytest.raises(ReadOnlyProjectError, match="write-protected"):
        open_project(closed)
    with untouched(closed):
        open_project(closed, read_only=True).close()


def test_a_write_protected_folder_is_refused_for_writing(
    closed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with untouched(closed), pytest.raises(ReadOnlyProjectError, match="folder"):
        open_project(closed)


def test_a_full_disk_leaves_no_empty_lock(closed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object, **kwargs: object) -> object:
        os.close(int(str(args[0])))
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fdopen", full)
    with untouched(closed), pytest.raises(StorageError, match="No space left"):
        open_project(closed)


# Locks


def test_a_project_open_elsewhere_is_refused_and_its_holder_named(closed: Path) -> None:
    with another_process_with(closed) as process:
        with untouched(closed), pytest.raises(LockedProjectError, match="Close it there first") as error:
            open_project(closed)
        assert user_name() in error.value.holder
        assert str(process.pid) in str(error.value)


def test_a_project_open_elsewhere_can_be_read_meanwhile(closed: Path) -> None:
    with another_process_with(closed), open_project(closed, read_only=True) as project:
        assert project.read_only
        assert project.articles.count() == 0


def test_the_same_project_by_another_link_is_locked_too(closed: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere" / "link.annot"
    link.symlink_to(closed)
    with open_project(closed), pytest.raises(LockedProjectError):
        open_project(link)


def test_the_lock_of_a_process_that_died_is_taken_over(closed: Path) -> None:
    with another_process_with(closed) as process:
        process.kill()
        process.wait()
        lock = closed.with_name("news.annot.lock")
        assert lock.exists()
        with open_project(closed) as project:
            assert not project.read_only
            assert json.loads(lock.read_text())["pid"] == os.getpid()
    assert not lock.exists()


def test_a_lock_from_another_computer_is_believed(closed: Path) -> None:
    lock = closed.with_name("news.annot.lock")
    lock.write_text(json.dumps({"user": "ben", "host": "elsewhere", "pid": 1, "since": "2026-01-01"}))
    with pytest.raises(LockedProjectError, match="ben, on elsewhere"):
        open_project(closed)
    assert lock.exists()


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"user": 1}', "\udcff"])
def test_a_lock_that_cannot_be_read_is_believed_and_named(closed: Path, content: str) -> None:
    lock = closed.with_name("news.annot.lock")
    lock.write_text(content, errors="surrogateescape")
    with pytest.raises(LockedProjectError, match=r"delete news\.annot\.lock"):
        open_project(closed)


def test_a_failed_opening_gives_the_lock_back(closed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Project, "_prepare", lambda self, tell, stop: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            open_project(closed)
    open_project(closed).close()


def test_closing_does_not_take_away_anothers_lock(closed: Path) -> None:
    lock = closed.with_name("news.annot.lock")
    with open_project(closed):
        lock.write_text("somebody deleted ours and made this one")
    assert lock.exists()


# Reading only


def test_reading_only_refuses_every_act(suggested: Project) -> None:
    suggested.close()
    before = suggested.path.read_bytes()
    with open_project(suggested.path, annotator="anna", read_only=True) as project:
        for act in (
            lambda: project.annotations.add(1, "stance", "neutral"),
            lambda: project.annotations.accept(1, 1),
            lambda: project.articles.set_note(1, "x"),
            lambda: project.articles.edit_metadata(1, title="x"),
            lambda: project.long_act("import"),
            lambda: project.suggestions.forget_runs(),
            project.undo,
            project.redo,
        ):
            with pytest.raises(ReadOnlyProjectError, match="reading only"):
                act()
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            project.db.execute("DELETE FROM suggestions")
        assert len(project.suggestions.open(1)) == 3
    assert suggested.path.read_bytes() == before
    assert names(suggested.path.parent) == ["fresh.annot"]


# While it is open


def test_a_change_from_outside_is_noticed_once(project: Project) -> None:
    assert not project.changed_outside()
    with closing(sqlite3.connect(project.path)) as other:
        other.execute("INSERT INTO annotators(uuid, name) VALUES ('u', 'ben')")
        other.commit()
    assert project.changed_outside()
    assert not project.changed_outside()
    assert project.annotators() == ["ben"]


def test_own_changes_are_not_from_outside(with_articles: Project) -> None:
    with_articles.articles.set_note(1, "mine")
    assert not with_articles.changed_outside()


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        (sqlite3.SQLITE_FULL, StorageError, "disk"),
        (sqlite3.SQLITE_IOERR, StorageError, "drive"),
        (sqlite3.SQLITE_IOERR | 3 << 8, StorageError, "drive"),  # an extended code: a failed write
        (sqlite3.SQLITE_READONLY, StorageError, "write-protected"),
        (sqlite3.SQLITE_CANTOPEN, StorageError, "cannot be opened"),
        (sqlite3.SQLITE_BUSY, StorageError, "Another program"),
        (sqlite3.SQLITE_CORRUPT, DamagedProjectError, "backup"),
        (sqlite3.SQLITE_NOTADB, DamagedProjectError, "backup"),
    ],
)
def test_sqlites_errors_become_plain_sentences(
    project: Project, code: int, kind: type[ProjectError], words: str
) -> None:
    error = sqlite3.DatabaseError("raw")
    error.sqlite_errorcode = code
    with pytest.raises(kind, match=words) as plain, project.plain_errors():
        raise error
    assert "fresh.annot" in str(plain.value)


def test_bugs_stay_bugs(project: Project) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table"), project.plain_errors():
        project.db.execute("SELECT * FROM unheard_of")


def test_a_full_disk_loses_only_the_act_that_did_not_fit(with_articles: Project) -> None:
    pages = pragma(with_articles, "page_count")
    with_articles.db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StorageError, match="make room"):
        with_articles.articles.set_note(1, "x" * 1_000_000)
    assert with_articles.articles.progress(1).note == ""
    with_articles.db.execute("PRAGMA max_page_count = 1000000")
    with_articles.articles.set_note(1, "fits again")
    assert with_articles.articles.progress(1).note == "fits again"


@pytest.mark.parametrize("name", [".", "..", "/", ""])
def test_a_project_needs_a_name(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ProjectError, match="needs a name"):
        create_project(name)
    assert list(tmp_path.iterdir()) == []


def test_a_blank_annotator_is_the_login_name(tmp_path: Path) -> None:
    with create_project(tmp_path / "p", annotator="  ") as project:
        assert project.annotator == user_name()
        project.annotator = "an\0na "
        assert project.annotator == "anna"


def test_an_opening_that_is_called_off_is_done_anew_by_the_next(
    closed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("annotator.project.store.INSTRUCTIONS", 1)
    before = closed.read_bytes()
    with pytest.raises(Cancelled):
        open_project(closed, stop=lambda: True)
    assert closed.read_bytes() == before
    assert not closed.with_name("news.annot.lock").exists()
    with open_project(closed) as project:
        assert project.interrupted is None
