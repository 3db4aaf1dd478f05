"""Rows that another program put into the file keep an act from being taken back: nothing is lost by that."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from annotator.formats import import_paths
from annotator.model import ArticleInput, Cancelled, ProjectError
from annotator.project import Project, create_project, open_project, swapping
from annotator.project.check import check
from annotator.project.salvage import salvage

from .conftest import finish

Rows = Callable[[Project], dict[str, list[tuple[Any, ...]]]]
WAYS = pytest.mark.parametrize(
    "undo", [lambda p: p.undo(), lambda p: finish(p.history.undo_in_steps())], ids=["at once", "in steps"]
)


def write(path: Path, statement: str, *values: object) -> None:
    """Write to the file as another program does."""
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("PRAGMA foreign_keys = ON")
        db.execute(statement, values)


def label(path: Path, article: int) -> None:
    """Put a label on an article as another program does."""
    write(
        path,
        "INSERT INTO annotations(article, id, uuid, annotator, layer, label, exclusive, start, end, quote, "
        "origin, codebook_version, created_at, updated_at) "
        "SELECT ?, 10000, 'theirs', annotators.id, layers.id, labels.id, 0, 0, 1, 'x', 'manual', 1, "
        "'2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z' "
        "FROM annotators, layers JOIN labels ON labels.layer = layers.id WHERE labels.name = 'GPE' LIMIT 1",
        article,
    )


def take_what_was_removed(project: Project, column: str) -> None:
    """Remove a label, and let another program give its ``column`` to one of its own."""
    project.annotations.add(1, "entity", "GPE", 0, 1)
    (mine,) = project.annotations.of(1)
    project.annotations.remove(mine.id)
    label(project.path, 2)
    values = {"id": mine.id, "uuid": mine.uuid}
    write(project.path, f"UPDATE annotations SET {column} = ? WHERE uuid = 'theirs'", values[column])


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    folder.mkdir()
    for number in range(60):
        (folder / f"{number}.txt").write_text(f"x is report {number}.", "utf-8")
    return folder


@pytest.fixture
def imported(project: Project, texts: Path) -> Project:
    project.ensure_annotator()
    finish(import_paths(project, [texts]))
    return project


@WAYS
def test_an_undo_that_they_are_in_the_way_of_is_refused_and_can_be_done_once_they_are_gone(
    imported: Project, undo: Callable[[Project], object], human_rows: Rows
) -> None:
    label(imported.path, 7)
    before = human_rows(imported)
    with pytest.raises(ProjectError, match="cannot be undone: rows that another program added"):
        undo(imported)
    assert human_rows(imported) == before
    assert imported.history.unfinished() is None
    imported.articles.set_flagged(7, True)  # work goes on
    imported.undo()
    imported.close()
    with open_project(imported.path, annotator="anna") as project:
        assert human_rows(project) == before
        assert check(project).problems == ()
        write(project.path, "DELETE FROM annotations WHERE uuid = 'theirs'")
        undo(project)
        assert project.articles.count() == 0
        finish(project.history.redo_in_steps())
        assert project.articles.count() == 60


@WAYS
def test_an_id_that_was_given_away_keeps_a_label_from_coming_back(
    imported: Project, undo: Callable[[Project], object], human_rows: Rows
) -> None:
    take_what_was_removed(imported, "uuid")
    before = human_rows(imported)
    with pytest.raises(ProjectError, match="cannot be undone"):
        undo(imported)
    assert human_rows(imported) == before
    imported.close()
    with open_project(imported.path, annotator="anna") as project:
        assert human_rows(project) == before


def half_an_import(tmp_path: Path, texts: Path) -> tuple[Project, Any]:
    project = create_project(tmp_path / "half.annot", annotator="anna")
    project.ensure_annotator()
    steps = import_paths(project, [texts], step_seconds=0)
    while project.articles.count() < 20:
        next(steps)
    return project, steps


def cancel(steps: Any) -> None:
    steps.throw(Cancelled())
    list(steps)


def test_an_import_that_was_cut_off_is_kept_as_far_as_it_went(tmp_path: Path, texts: Path) -> None:
    project, steps = half_an_import(tmp_path, texts)
    killed = tmp_path / "killed.annot"
    shutil.copyfile(project.path, killed)
    steps.close()
    project.close()
    label(killed, 7)
    with open_project(killed, annotator="anna") as project:
        act = project.interrupted
        assert act is not None
        assert (act.state, act.text.endswith("(cut off)")) == ("done", True)
        assert project.articles.count() >= 20
        assert check(project).problems == ()
        write(killed, "DELETE FROM annotations WHERE uuid = 'theirs'")
        project.undo()
        assert project.articles.count() == 0


@pytest.mark.parametrize("way", ["cancelled", "closed"])
def test_an_import_that_is_cancelled_is_kept_as_far_as_it_went(tmp_path: Path, texts: Path, way: str) -> None:
    project, steps = half_an_import(tmp_path, texts)
    label(project.path, 7)
    if way == "closed":
        steps.close()
    else:
        with pytest.raises(Cancelled):
            cancel(steps)
    assert project.history.unfinished() is None
    assert project.articles.count() >= 20
    assert check(project).problems == ()
    project.close()


# In the middle of an undo


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("_FIRST_STEP", 8), ("_LEAST_STEP", 4), ("STEP_SECONDS", 0)):
        monkeypatch.setattr(swapping, name, value)


def killed_in_an_undo(project: Project, table: str) -> Path:
    """Return the file as it is left by a kill in the middle of an undo, once ``table`` has lost rows."""
    steps, path = project.history.undo_in_steps(), project.path.with_name("killed.annot")
    (before,) = project.db.execute(f"SELECT count(*) FROM {table}").fetchone()
    while project.db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] > before - 30:
        next(steps)
    shutil.copyfile(project.path, path)
    finish(steps)
    return path


def test_an_undo_that_was_cut_off_is_taken_back_at_the_next_opening(
    imported: Project, human_rows: Rows, small_steps: None, tmp_path: Path
) -> None:
    before = human_rows(imported)
    killed = killed_in_an_undo(imported, "texts")
    label(killed, 60)
    salvage(killed, tmp_path / "rescued.annot")
    with open_project(tmp_path / "rescued.annot") as project:
        assert project.articles.count() == 60
        assert "theirs" in [row[2] for row in human_rows(project)["annotations"]]
    with open_project(killed, annotator="anna") as project:
        assert project.interrupted is not None
        assert (project.interrupted.state, project.history.unfinished()) == ("done", None)
        rows = human_rows(project)
        assert len(rows.pop("annotations")) == 1
        assert rows == {table: found for table, found in before.items() if table != "annotations"}
        assert check(project).problems == ()


def test_what_goes_neither_on_nor_back_is_said_and_heals_once_the_rows_are_gone(
    project: Project, texts: Path, human_rows: Rows, small_steps: None
) -> None:
    project.ensure_annotator()
    with project.act("imported and begun"):
        for path in sorted(texts.iterdir()):
            article, _ = project.articles.add(ArticleInput(path.read_text("utf-8"), path.stem))
            project.articles.begin_work(article, project.annotator_id())
    killed = killed_in_an_undo(project, "progress")
    with closing(sqlite3.connect(killed)) as db:
        free = "SELECT min(id) FROM articles WHERE id NOT IN (SELECT article FROM progress)"
        (article,) = db.execute(free).fetchone()
    write(killed, "INSERT INTO progress(id, article, annotator) VALUES (9999, ?, 1)", article)
    with pytest.raises(ProjectError, match="Take them out with that program"):
        open_project(killed, annotator="anna")
    with open_project(killed, read_only=True) as again:
        assert again.articles.count() > 0
    write(killed, "DELETE FROM progress WHERE id = 9999")
    with open_project(killed, annotator="anna") as again:
        assert again.articles.count() == 0
        assert check(again).problems == ()
        finish(again.history.redo_in_steps())
        assert again.articles.count() == 60


def test_a_label_that_has_the_number_of_one_that_went_is_not_overwritten(
    imported: Project, human_rows: Rows
) -> None:
    take_what_was_removed(imported, "id")
    before = human_rows(imported)
    with pytest.raises(ProjectError, match="cannot be undone"):
        imported.undo()
    assert human_rows(imported) == before


def test_what_was_undone_is_not_redone_over_an_act_that_was_kept(imported: Project, tmp_path: Path) -> None:
    imported.annotations.add(1, "entity", "GPE", 0, 1)
    imported.undo()
    more = tmp_path / "more"
    more.mkdir()
    for number in range(40):
        (more / f"{number}.txt").write_text(f"x is another report {number}.", "utf-8")
    steps = import_paths(imported, [more], step_seconds=0)
    while imported.articles.count() < 80:
        next(steps)
    label(imported.path, 70)
    steps.close()
    assert imported.history.next() is None
    assert imported.redo() is None
