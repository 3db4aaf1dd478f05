"""Disks, drives and files that fail under an open project: nothing saved is harmed, work goes on after."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from annotator.formats import export_jsonl, import_paths
from annotator.model import ArticleInput, StorageError
from annotator.project import Project, create_project, history, open_project, store

from .conftest import finish

posix = pytest.mark.skipif(sys.platform == "win32", reason="there an open file cannot be moved away")


@pytest.fixture
def drive(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MB of its own."""
    folder = tmp_path / "drive"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m,mode=777", "none", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root can mount a disk here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Write a file until the disk is full."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(b"x" * 4096):
                pass
        except OSError:
            return ballast
    raise AssertionError


def sound(project: Project) -> None:
    assert project.db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert project.db.execute("SELECT count(*) FROM acts WHERE state = 'open'").fetchone() == (0,)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# A full disk


def test_on_a_full_disk_an_act_is_refused_and_work_goes_on_once_there_is_room(drive: Path) -> None:
    with create_project(drive / "p", annotator="anna") as project:
        with project.act("imported"):
            project.articles.add(ArticleInput("text", "title"))
        project.articles.set_note(1, "before")
        ballast = fill(drive)
        for _ in range(3):
            with pytest.raises(StorageError, match=r"p\.annot is full.*make room"):
                project.articles.set_note(1, "x" * 100_000)
        assert project.articles.progress(1).note == "before"
        ballast.unlink()
        project.articles.set_note(1, "after")
        sound(project)
        project.undo()
        assert project.articles.progress(1).note == "before"


def test_an_import_that_fills_the_disk_is_taken_back_whole(drive: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(40):
        (folder / f"{number}.txt").write_text(f"Title {number}\n\n" + f"word{number} " * 20_000)
    ballast = drive / "ballast"
    ballast.write_bytes(bytes(900_000))
    with create_project(drive / "p", annotator="anna") as project:
        with pytest.raises(StorageError, match="full"):
            for _ in import_paths(project, [folder]):
                pass
        ballast.unlink()  # taking it back needs room as well: it is done before the next act
        with project.act("imported"):
            project.articles.add(ArticleInput("text", "title"))
        assert project.articles.count() == 1
        sound(project)


def test_what_could_not_be_taken_back_for_want_of_room_is_before_the_next_act(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = project.long_act("importing")
    with work.step():
        project.articles.add(ArticleInput("half", "half"))

    def full(*args: object) -> None:
        raise StorageError("full")

    with monkeypatch.context() as patch:
        patch.setattr(history.History, "_swap", full)
        with pytest.raises(StorageError):
            work.cancel()
        with pytest.raises(StorageError):
            project.undo() or project.act("next").__enter__()
        with pytest.raises(StorageError):
            project.changed_outside()
        assert project.articles.count() == 1
    assert project.changed_outside()  # views must read anew
    assert not project.changed_outside()
    assert project.articles.count() == 0
    sound(project)
    with project.act("next"):
        project.articles.add(ArticleInput("text", "title"))


@pytest.mark.parametrize("in_steps", [False, True])
def test_an_undo_in_steps_that_fills_the_disk_is_completed_by_the_same_key(
    drive: Path, in_steps: bool
) -> None:
    with create_project(drive / "p", annotator="anna") as project:
        with project.act("imported"):
            for number in range(150):
                project.articles.add(ArticleInput(f"Text number {number} of Armenia. " * 30, f"T{number}"))
        project.annotations.add(1, "stance", "neutral")
        places = [(article, 0, 4) for article in project.articles.ids()]
        change = finish(project.annotations.label_many("entity", "GPE", places))
        ballast = fill(drive)
        os.truncate(ballast, ballast.stat().st_size - 40_000)  # some steps have room
        with pytest.raises(StorageError, match="full"):
            finish(project.history.undo_in_steps())
        assert project.history.half_done() is not None
        ballast.unlink()
        again = finish(project.history.undo_in_steps()) if in_steps else project.undo()
        assert again is not None
        assert again.act == change.act
        assert [a.label for a in project.annotations.of(1)] == ["neutral"]
        assert project.history.last().text.endswith("neutral")  # type: ignore[union-attr]
        sound(project)


def test_an_export_to_a_full_disk_says_so_and_leaves_the_older_file(drive: Path, tmp_path: Path) -> None:
    with create_project(tmp_path / "p", annotator="anna") as project:
        with project.act("imported"):
            project.articles.add(ArticleInput("word " * 10_000, "title"))
        target = drive / "out.jsonl"
        target.write_text("older\n")
        ballast = fill(drive)
        with pytest.raises(StorageError, match=r"out\.jsonl cannot be written: the disk is full"):
            list(export_jsonl(project, target))
        assert names(drive) == ["ballast", "out.jsonl"]
        assert target.read_text() == "older\n"
        ballast.unlink()
        for _ in export_jsonl(project, target):
            pass
        assert "annotator/1" in target.read_text()


def test_a_project_is_not_made_by_halves_on_a_full_disk(drive: Path) -> None:
    ballast = fill(drive)
    with pytest.raises(StorageError, match="cannot be created"):
        create_project(drive / "p")
    assert names(drive) == ["ballast"]
    ballast.unlink()
    create_project(drive / "p").close()


def test_a_project_on_a_full_disk_can_be_read(drive: Path) -> None:
    create_project(drive / "p", annotator="anna").close()
    fill(drive)
    with pytest.raises(StorageError, match="Make room"):
        open_project(drive / "p.annot")
    with open_project(drive / "p.annot", read_only=True) as project:
        assert project.articles.count() == 0


def test_a_write_that_the_drive_refuses_is_one_sentence_and_harms_nothing(with_articles: Project) -> None:
    """A limit on the size of files gives a real error of the drive, in the middle of a transaction."""
    with_articles.close()
    code = (
        "import os, resource, sys\n"
        "from annotator.model import StorageError\n"
        "from annotator.project import open_project\n"
        "project = open_project(sys.argv[1], annotator='anna')\n"
        "project.articles.set_note(1, 'before')\n"
        "size = os.path.getsize(sys.argv[1])\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))\n"
        "try:\n"
        "    project.articles.set_note(1, 'x' * 300_000)\n"
        "except StorageError as error:\n"
        "    print(error)\n"
        "assert project.articles.progress(1).note == 'before'\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))\n"
        "project.articles.set_note(1, 'after')\n"
        "project.close()\n"
    )
    if sys.platform == "win32":
        pytest.skip("there are no such limits")
    done = subprocess.run(
        [sys.executable, "-c", code, str(with_articles.path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "the drive reports an error" in done.stdout
    with open_project(with_articles.path, annotator="anna") as project:
        assert project.articles.progress(1).note == "after"
        sound(project)


# The file itself


@posix
@pytest.mark.parametrize("how", ["deleted", "moved", "folder moved"])
def test_an_act_into_a_file_that_is_gone_is_refused(tmp_path: Path, how: str) -> None:
    folder = tmp_path / "folder"
    with create_project(folder / "p", annotator="anna") as project:
        with project.act("imported"):
            project.articles.add(ArticleInput("text", "title"))
        elsewhere = tmp_path / "elsewhere"
        if how == "folder moved":
            folder.rename(elsewhere)
        elif how == "moved":
            project.path.rename(elsewhere)
        else:
            project.path.unlink()
        with pytest.raises(StorageError, match=r"not in its place any more.*Save a copy"):
            project.articles.set_note(1, "lost")
        assert "not in its place" in str(project.gone())
        # What was saved can be read, and so be rescued: this is what Save a copy does.
        assert project.articles.text(1) == "text"
        project.db.execute("VACUUM INTO ?", [str(tmp_path / "copy.annot")])
        if how != "deleted":  # put back
            if how == "moved":
                elsewhere.rename(project.path)
            else:
                elsewhere.rename(folder)
            assert project.gone() is None
            project.articles.set_note(1, "goes on")
            assert project.articles.progress(1).note == "goes on"
    with open_project(tmp_path / "copy.annot", annotator="anna") as copy:
        assert copy.articles.text(1) == "text"
        assert copy.articles.progress(1).note == ""


@posix
def test_an_act_is_not_written_over_a_file_that_took_our_place(project: Project, tmp_path: Path) -> None:
    with create_project(tmp_path / "theirs", annotator="ben") as theirs, theirs.act("imported"):
        theirs.articles.add(ArticleInput("theirs", "theirs"))
    (tmp_path / "theirs.annot").replace(project.path)  # as programs that synchronise folders do
    before = project.path.read_bytes()
    with pytest.raises(StorageError, match="replaced by another program"), project.act("imported"):
        project.articles.add(ArticleInput("mine", "mine"))
    assert "replaced" in str(project.gone())
    assert project.path.read_bytes() == before


@posix
def test_overwritten_in_its_place_the_new_content_is_read_and_nothing_of_the_old_is_written(
    project: Project, tmp_path: Path
) -> None:
    with create_project(tmp_path / "theirs", annotator="ben") as theirs, theirs.act("imported"):
        theirs.articles.add(ArticleInput("theirs", "theirs"))
    project.path.write_bytes((tmp_path / "theirs.annot").read_bytes())
    assert project.changed_outside()
    assert project.articles.text(1) == "theirs"
    project.articles.set_note(1, "mine")
    sound(project)


@posix
@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="no such rights there")
def test_made_write_protected_while_open_an_act_is_refused_until_it_is_undone(tmp_path: Path) -> None:
    folder = tmp_path / "p"
    with create_project(folder / "p", annotator="anna") as project:
        with project.act("imported"):
            project.articles.add(ArticleInput("text", "title"))
        folder.chmod(0o555)  # no journal can be made beside the file
        me = os.geteuid()
        # The superuser may write anywhere; the path leads through folders that only they may pass.
        passable = [p for p in folder.parents if me == 0 and not p.stat().st_mode & 0o001]
        modes = [p.stat().st_mode for p in passable]
        for p in passable:
            p.chmod(0o711)
        try:
            if me == 0:
                os.seteuid(65534)
            with pytest.raises(StorageError, match=r"p\.annot .*(protected|writable)"):
                project.articles.set_note(1, "x")
        finally:
            os.seteuid(me)
            folder.chmod(0o755)
            for p, mode in zip(passable, modes, strict=True):
                p.chmod(mode)
        assert project.articles.progress(1).note == ""
        project.articles.set_note(1, "goes on")
        sound(project)


def test_a_file_turned_to_garbage_is_called_damaged(project: Project) -> None:
    size = project.path.stat().st_size
    project.path.write_bytes(b"garbage " * (size // 8))
    with pytest.raises(store.AnnotatorError, match="damaged"):
        project.articles.set_note(1, "x")


# A clock that is set back


def test_with_the_clock_set_back_acts_keep_their_order(
    with_articles: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_articles.articles.set_note(1, "first")
    monkeypatch.setattr(history, "now", lambda: "1999-12-31T23:59:59.000Z")
    with_articles.articles.set_note(1, "second")
    assert with_articles.history.acts(1)[0].created_at.startswith("1999")
    with_articles.undo()
    assert with_articles.articles.progress(1).note == "first"
    with_articles.redo()
    assert with_articles.articles.progress(1).note == "second"


def test_an_act_waits_until_another_program_has_written(with_articles: Project) -> None:
    with closing(sqlite3.connect(with_articles.path, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("UPDATE progress SET note = 'theirs' WHERE article = 2")
        timer = threading.Timer(0.2, other.commit)
        timer.start()
        try:
            with_articles.articles.set_note(1, "mine")
        finally:
            timer.join()
    assert with_articles.articles.progress(1).note == "mine"
