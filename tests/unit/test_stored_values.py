"""Values of a project file that are not the JSON or the number that they should be."""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Callable
from contextlib import closing
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from annotator.cli import main
from annotator.formats import export, registry
from annotator.model import DamagedProjectError, ProjectError
from annotator.project import Project, open_project
from annotator.project.check import check
from annotator.project.salvage import salvage

from .conftest import finish


def list_articles(project: Project) -> None:
    project.articles.rows(project.articles.ids())


def undo(project: Project) -> None:
    while project.undo() is not None:
        pass


def undo_in_steps(project: Project) -> None:
    while project.history.last() is not None:
        deque(project.history.undo_in_steps(), maxlen=0)


def exported(name: str) -> Callable[[Project], None]:
    def work(project: Project) -> None:
        kind = registry.named(name)
        out = project.path.with_name(f"out {name}{kind.suffixes[0] if kind.suffixes else ''}")
        finish(export(project, out, kind, with_suggestions=kind.holds_suggestions))

    return work


# the statement; what check says of it; what meets it
CASES: dict[str, tuple[str, str, tuple[Callable[[Project], Any], ...]]] = {
    "metadata": (
        "UPDATE articles SET meta = ? WHERE id = 1",
        "article “Rocket” (UUID): its further metadata cannot be read",
        (lambda p: p.articles.get(1), exported("jsonl"), exported("report"), exported("csv-spans")),
    ),
    "former names": (
        "UPDATE labels SET former = ? WHERE name = 'GPE'",
        "the label “GPE”: its former names cannot be read",
        (lambda p: p.codebook.former_names(), exported("bundle")),
    ),
    "version": (
        "UPDATE settings SET value = ? WHERE key = 'codebook_version'",
        "settings: codebook_version cannot be read",
        (lambda p: p.codebook.read(), lambda p: p.annotations.add(2, "entity", "GPE", 0, 7)),
    ),
    "blocs": (
        "UPDATE settings SET value = ? WHERE key = 'blocs'",
        "settings: blocs cannot be read",
        (lambda p: p.codebook.blocs(),),
    ),
    "scores": (
        "UPDATE suggestions SET scores = ? WHERE id = 3",
        "article “Rocket” (UUID): suggestions: the evidence or the scores of one cannot be read",
        (lambda p: p.suggestions.open(1), exported("report")),
    ),
    "evidence": (
        "UPDATE suggestions SET evidence = ? WHERE id = 3",
        "article “Rocket” (UUID): suggestions: the evidence or the scores of one cannot be read",
        (lambda p: p.suggestions.open(1), exported("report")),
    ),
    "images": (
        "UPDATE act_rows SET before = ? WHERE before IS NOT NULL",
        "cannot be undone: 1 of the rows that it keeps cannot be read",
        (undo, undo_in_steps),
    ),
}
PROGRESS = '{"id": 1, "article": 1, "annotator": 1, "status": %s, "flagged": 0, "note": ""}'
LACKING = ("{}", '{"id": 1}', PROGRESS % "null")
WRONG = ("{", "", "[1", '"/>', '["x", 1]', "9" * 400, "[[0, 99], 3]", "[" * 100_000)


@pytest.fixture
def closed(suggested: Project) -> Path:
    suggested.articles.set_note(1, "first")
    suggested.articles.set_note(1, "second")
    suggested.close()
    return suggested.path


@pytest.mark.parametrize(
    ("what", "value"),
    [*product(CASES, WRONG), *product(["images"], LACKING)],
    ids=[
        f"{what} {n}"
        for what, wrong in [*((w, WRONG) for w in CASES), ("lacking", LACKING)]
        for n in range(len(wrong))
    ],
)
def test_a_value_that_is_not_what_it_should_be_is_damage_that_check_names_and_salvage_mends(
    closed: Path, what: str, value: str
) -> None:
    statement, said, meets = CASES[what]
    with closing(sqlite3.connect(closed)) as db, db:
        assert db.execute(statement, [value]).rowcount == 1
        (uuid,) = db.execute("SELECT uuid FROM articles WHERE id = 1").fetchone()
    with open_project(closed, read_only=True) as project:
        (problem,) = check(project).problems
        assert problem.endswith(said.replace("UUID", uuid))
    for meet in meets:
        with pytest.raises(DamagedProjectError, match="annotator salvage"), open_project(closed) as project:
            meet(project)
    with open_project(closed, read_only=True) as project:
        assert project.history.unfinished() is None, "nothing began"
    if what not in ("scores", "evidence"):  # no suggestions are rescued
        salvage(closed, closed.with_name("new.annot"))
        with open_project(closed.with_name("new.annot")) as project:
            assert check(project).problems == ()


def test_malformed_metadata_are_one_sentence_on_the_command_line(
    closed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(sqlite3.connect(closed)) as db, db:
        db.execute("UPDATE articles SET meta = '{'")
    for command in (["articles"], ["export", str(closed.with_name("out.jsonl"))]):
        assert main([command[0], str(closed), *command[1:]]) == 1
        (line,) = capsys.readouterr().err.splitlines()
        assert "fresh.annot is damaged" in line
    assert main(["check", str(closed)]) == 1
    assert "its further metadata cannot be read" in capsys.readouterr().out


@pytest.mark.parametrize("take_back", [undo, undo_in_steps])
def test_an_image_with_a_value_that_its_table_does_not_take_is_refused_and_nothing_is_changed(
    closed: Path, human_rows: Callable[[Project], object], take_back: Callable[[Project], object]
) -> None:
    with closing(sqlite3.connect(closed)) as db, db:
        db.execute("UPDATE act_rows SET before = ? WHERE before IS NOT NULL", [PROGRESS % '"nonsense"'])
    with open_project(closed) as project:
        before = human_rows(project)
        with pytest.raises(ProjectError, match="cannot be undone: rows that another program"):
            take_back(project)
    with open_project(closed) as project:
        assert human_rows(project) == before
        assert project.history.last() is not None
