"""The journal of a file that was moved aside is not written into a new file of its name."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from annotator.model import ArticleInput, ProjectError
from annotator.project import create_project, open_project
from annotator.project.backup import make_backup
from annotator.project.check import check
from annotator.project.copying import copy_project
from annotator.project.salvage import salvage

from .conftest import finish


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """news.annot as a killed writer leaves it, with a hot journal, and a copy of it from before."""
    path = tmp_path / "news.annot"
    with create_project(path, annotator="anna") as project, project.act("imported"):
        for n in range(40):
            project.articles.add(ArticleInput(f"Article {n}: Armenia spoke to Russia. " * 60, f"T{n}"))
    shutil.copyfile(path, tmp_path / "earlier.annot")
    journal = path.with_name("news.annot-journal")
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA cache_size = 1")
        db.execute("BEGIN")
        db.execute("UPDATE texts SET text = text || 'z'")
        db.execute("UPDATE articles SET title = title || 'z'")
        for file in (path, journal):
            shutil.copyfile(file, tmp_path / f"{file.name}.kept")
        db.execute("ROLLBACK")
    for file in (path, journal):
        (tmp_path / f"{file.name}.kept").replace(file)
    assert journal.read_bytes()[:8] == b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"
    return path


def copied(path: Path) -> None:
    finish(copy_project(path.with_name("earlier.annot"), path))


def copied_over(path: Path) -> None:
    finish(copy_project(path.with_name("earlier.annot"), path, replace=True))


def created(path: Path) -> None:
    create_project(path).close()


def rescued(path: Path) -> None:
    salvage(path.with_name("broken.annot"), path)


WAYS = [copied, copied_over, created, rescued]


@pytest.mark.parametrize("ending", ["-journal", "-wal"])
@pytest.mark.parametrize("make", WAYS)
def test_no_file_is_made_where_the_journal_of_another_lies(
    make: Callable[[Path], None], ending: str, killed: Path
) -> None:
    broken = killed.rename(killed.with_name("broken.annot"))
    journal = killed.with_name("news.annot-journal")
    journal = journal.rename(killed.with_name(f"news.annot{ending}"))
    before = journal.read_bytes()
    words = rf"news\.annot{ending} is left of another file.* Move it to where that file went"
    with pytest.raises(ProjectError, match=words):
        make(killed)
    assert journal.read_bytes() == before
    names = sorted(path.name for path in killed.parent.iterdir() if path.is_file())
    assert names == ["broken.annot", "earlier.annot", journal.name]
    journal.rename(broken.with_name("broken.annot-journal"))
    make(killed)
    with open_project(killed) as project:
        assert check(project).problems == ()
        assert project.articles.count() == (0 if make is created else 40)
        titles = project.db.execute("SELECT title FROM articles WHERE title LIKE '%z'").fetchall()
        assert titles == []


@pytest.mark.parametrize("make", [copied, rescued])
def test_nor_where_it_comes_to_lie_meanwhile(
    make: Callable[[Path], None], killed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed.rename(killed.with_name("broken.annot"))
    journal = killed.with_name("news.annot-journal")
    journal.rename(killed.with_name("broken.annot-journal"))
    from annotator.project import copying
    from annotator.project import salvage as salvaging

    def late(part: Path, target: Path) -> None:
        journal.write_bytes(b"\xd9")
        give_name(part, target)

    give_name = copying.give_name
    for module in (copying, salvaging):
        monkeypatch.setattr(module, "give_name", late)
    with pytest.raises(ProjectError, match="is left of another file"):
        make(killed)
    assert not killed.exists()


def test_a_file_that_a_killed_program_was_writing_to_is_not_copied_over(killed: Path) -> None:
    before = killed.read_bytes()
    with pytest.raises(ProjectError, match=r"Open news\.annot once, which finishes that"):
        copied_over(killed)
    assert killed.read_bytes() == before
    killed.with_name("news.annot-journal").write_bytes(bytes(512))  # nothing in it: SQLite passes it over
    copied_over(killed)
    with open_project(killed) as project:
        assert check(project).problems == ()


def test_opened_once_it_can_be_copied_over(killed: Path) -> None:
    with open_project(killed) as project:
        assert check(project).problems == ()
        make_backup(project.path)
    copied_over(killed)
