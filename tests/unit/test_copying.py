"""Copies of projects, open or not: whole, or not there at all."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from annotator.model import ArticleInput, NotAProjectError, ProjectError, StorageError
from annotator.project import Project, copying, open_project
from annotator.project.check import check
from annotator.project.copying import copy_project


def run(source: Path, target: Path, *, replace: bool = False) -> Path:
    steps = copy_project(source, target, replace=replace)
    while True:
        try:
            step = next(steps)
            assert 0 <= step.done <= step.total
        except StopIteration as end:
            made: Path = end.value
            return made


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_copy_of_an_open_project_is_whole_and_free(suggested: Project, tmp_path: Path) -> None:
    suggested.annotations.accept(1, 1)
    made = run(suggested.path, tmp_path / "copy")
    assert made == tmp_path / "copy.annot"
    assert names(tmp_path) == ["copy.annot", "fresh.annot", "fresh.annot.lock"]
    with open_project(made, annotator="anna") as copy:
        assert check(copy).problems == ()
        assert [a.quote for a in copy.annotations.of(1)] == ["Armenia"]
        assert copy.undo() is not None


def test_a_copy_has_no_room_for_what_was_removed(project: Project, tmp_path: Path) -> None:
    with project.act("imported"):
        project.articles.add(ArticleInput("secret " * 100_000, "title"))
    project.undo()
    project.db.execute("DELETE FROM act_rows")
    project.db.execute("DELETE FROM acts")
    made = run(project.path, tmp_path / "copy.annot")
    assert made.stat().st_size < project.path.stat().st_size
    assert b"secret secret" not in made.read_bytes()


def test_a_file_that_exists_is_only_replaced_where_that_was_said(project: Project, tmp_path: Path) -> None:
    target = tmp_path / "copy.annot"
    target.write_text("precious")
    with pytest.raises(ProjectError, match="exists already"):
        run(project.path, target)
    assert target.read_text() == "precious"
    assert run(project.path, target, replace=True) == target
    with open_project(target, read_only=True) as copy:
        assert copy.articles.count() == 0


def test_a_project_is_not_replaced_by_its_own_copy_nor_one_that_is_open(
    project: Project, tmp_path: Path
) -> None:
    with pytest.raises(ProjectError, match="the project itself"):
        run(project.path, project.path, replace=True)
    made = run(project.path, tmp_path / "copy.annot")
    with open_project(made), pytest.raises(ProjectError, match="is open in an Annotator"):
        run(project.path, made, replace=True)


def test_a_file_that_appears_meanwhile_is_not_replaced(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "copy.annot"
    monkeypatch.setattr(copying, "folder_to_disk", lambda folder: None)
    steps = copy_project(project.path, target)
    next(steps)
    target.write_text("precious")
    with pytest.raises(ProjectError, match="exists already"):
        for _ in steps:
            pass
    assert target.read_text() == "precious"
    assert names(tmp_path) == ["copy.annot", "fresh.annot", "fresh.annot.lock"]


def test_calling_it_off_leaves_nothing(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "PAGES", 1)
    with project.act("imported"):
        project.articles.add(ArticleInput(random.Random(1).randbytes(2_000_000).hex(), "title"))
    steps = copy_project(project.path, tmp_path / "copy.annot")
    next(steps)
    steps.close()
    assert names(tmp_path) == ["fresh.annot", "fresh.annot.lock"]


def test_what_is_no_project_is_not_copied(tmp_path: Path) -> None:
    (tmp_path / "text.annot").write_text("just text")
    for name in ("text.annot", "gone.annot"):
        with pytest.raises(NotAProjectError):
            run(tmp_path / name, tmp_path / "copy.annot")
    assert names(tmp_path) == ["text.annot"]


def test_a_folder_that_is_not_there_is_named(project: Project, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"copy\.annot was not made"):
        run(project.path, tmp_path / "gone" / "copy.annot")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_what_a_killed_copying_left_goes_with_the_next_of_any_name(project: Project, tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from annotator.project import copying\n"
        "copying.to_disk = lambda path: os.kill(os.getpid(), 9)\n"
        "list(copying.copy_project(Path(sys.argv[1]), Path(sys.argv[2])))"
    )
    target = tmp_path / "copy.annot"
    process = subprocess.run([sys.executable, "-c", code, project.path, target], check=False)
    assert process.returncode == -9
    left, *rest = names(tmp_path)
    assert (left.startswith(".annotator-"), rest) == (True, ["fresh.annot", "fresh.annot.lock"])
    run(project.path, tmp_path / "another.annot")
    assert names(tmp_path) == ["another.annot", "fresh.annot", "fresh.annot.lock"]


def test_how_far_a_copy_is_is_said_in_words_that_a_person_knows(suggested: Project, tmp_path: Path) -> None:
    words = [step.words for step in copy_project(suggested.path, tmp_path / "copy.annot")]
    assert all(word.endswith("%") or word == "looking the copy over" for word in words)
    assert copying.CopyProgress(1234, 4000).words == "31%"
    assert copying.CopyProgress(4000, 4000).words == "looking the copy over"
