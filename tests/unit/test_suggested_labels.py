"""Where a label was suggested is known: no act on the codebook goes through all suggestions."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotator.formats.importing import import_paths
from annotator.model import Answer, ArticleInput, Cancelled, PipelineInfo, Suggestion
from annotator.project import Project, codebook, create_project, open_project, suggested_labels
from annotator.project.codebook_file import export_codebook, read_codebook
from annotator.project.codebook_import import import_codebook_in_steps, takes_steps
from annotator.project.older_wording import older

from .conftest import instructions

PIPELINE = PipelineInfo("tiny", "1", "c")
TEXT = "A rocket flew over Armenia. Russia denied it."
MISSING = (
    "SELECT coalesce(label, -layer), article / 8 FROM suggestions UNION "
    "SELECT coalesce(label, -layer), article / 8 FROM covered "
    "EXCEPT SELECT label, block FROM suggested_labels"
)
NOT_OFFERED = (
    "SELECT 1 FROM suggestions s WHERE s.layer NOT IN (SELECT id FROM layers) "
    "OR s.label NOT NULL AND s.label NOT IN (SELECT id FROM labels WHERE retired = 0)"
)


def is_sound(project: Project) -> None:
    assert project.db.execute(MISSING).fetchall() == []
    assert project.db.execute(NOT_OFFERED).fetchall() == []


def finish(steps: Generator[Any, None, Any]) -> Any:
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def suggestions(*labels: str | None) -> tuple[Suggestion, ...]:
    found = [Suggestion("entity", label, 19, 26, "ner", label or "") for label in labels]
    return (*found, Suggestion("stance", "neutral", None, None, "stance"))


# What is known


LABELS = st.lists(st.sampled_from(["GPE", "ORG", "LOC", "PERSON", "SHIP"]), max_size=3)
KINDS = ["store", "stances", "copy", "import", "near", "accept", "reject", "undo", "redo", "add", "retire"]
KINDS += ["back", "delete"]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        st.integers(0, 30),
        LABELS,
    ),
    max_size=12,
)


def step(project: Project, kind: str, number: int, labels: list[str], folder: Path) -> None:
    ids = project.articles.ids()
    article, label = ids[number % len(ids)], (labels or ["GPE"])[0]
    offered = {item.name: item.retired for item in project.codebook.read().layer("entity").labels}
    found = suggestions(*labels, None)
    if kind == "store":
        project.suggestions.store([Answer(article, found, PIPELINE, None, "en")])
    elif kind == "stances":
        stance = Suggestion("stance", "pro-West", None, None, "stance")
        project.suggestions.store_stances([Answer(article, (stance,), PIPELINE, None, "en")])
    elif kind == "copy":
        project.suggestions.copy_equal(article, "c")
    elif kind == "import":
        file = folder / "in.jsonl"
        line = {
            "text": TEXT, "title": f"i{number}", "annotator": "ben",
            "suggestions": [
                {"layer": "topic", "label": label, "start": 0, "end": 1, "component": "x", "reason": ""},
                {"layer": "entity", "label": label, "start": 19, "end": 26, "component": "x", "reason": ""},
            ],
            "pipeline": {"name": "tiny", "version": "1"},
        }  # fmt: skip
        file.write_text(json.dumps(line) + "\n", encoding="utf-8")
        finish(import_paths(project, [file]))
    elif kind in ("accept", "reject"):
        if opened := [s for s in project.suggestions.open(article) if s.label is not None]:
            getattr(project.annotations, kind)(article, opened[number % len(opened)].id)
        if number % 2:
            project.memory.refresh(ids)
    elif kind == "undo":
        if len(project.articles.ids()) > 3 or project.history.last().text != "imported":  # type: ignore[union-attr]
            project.undo()
    elif kind == "redo":
        project.redo()
    elif kind == "add" and label not in offered:
        project.codebook_editing.add_label("entity", label, color="#123456")
    elif kind == "retire" and label in offered:
        project.codebook_editing.retire("entity", label)
    elif kind == "back" and label in offered:
        project.codebook_editing.retire("entity", label, retired=False)
    elif kind == "delete" and label in offered:
        into = "LOC" if number % 2 and label != "LOC" and "LOC" in offered else None
        project.codebook.delete_label("entity", label, move_to=into)
    elif kind == "near":
        finish_all(project.near_duplicates.compare())
        project.near_duplicates.refresh(ids)


def finish_all(steps: Any) -> None:
    for _ in steps:
        pass


@settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_however_suggestions_come_their_labels_are_known_and_offered(
    steps: list[tuple[str, int, list[str]]],
) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        with create_project(folder / "p", annotator="anna") as project:
            with project.act("imported"):
                for number in range(3):
                    project.articles.add(ArticleInput(TEXT, f"a{number}", language="en"))
            project.suggestions.store([Answer(1, suggestions("GPE", "ORG"), PIPELINE, None, "en")])
            for kind, number, labels in steps:
                step(project, kind, number, labels, folder)
                is_sound(project)
    finally:
        shutil.rmtree(folder)


def test_what_an_older_project_has_is_known_after_the_migration(suggested: Project) -> None:
    known = suggested.db.execute("SELECT * FROM suggested_labels").fetchall()
    assert known
    suggested.db.execute("DROP TABLE suggested_labels")
    suggested.db.execute("DELETE FROM _sqlite_migrations WHERE name >= '0010'")
    suggested.close()
    with open_project(suggested.path, annotator="anna") as project:
        assert project.db.execute("SELECT * FROM suggested_labels").fetchall() == known
        is_sound(project)


def test_articles_that_go_are_forgotten(project: Project) -> None:
    for number in range(2):
        with project.act("imported"):
            for each in range(10):
                project.articles.add(ArticleInput(TEXT, f"{number} {each}"))
        first = 10 * number + 1
        project.suggestions.store(
            [Answer(id_, suggestions("GPE"), PIPELINE, None, "en") for id_ in range(first, first + 10)]
        )
    blocks = {block for (block,) in project.db.execute("SELECT block FROM suggested_labels")}
    assert blocks == {0, 1, 2}
    project.undo()
    assert {block for (block,) in project.db.execute("SELECT block FROM suggested_labels")} == {0, 1}
    is_sound(project)


# Nothing goes through all of them


def grown(project: Project, articles: int) -> None:
    """Fill a project with articles that are labelled and suggested for: 10 spans each."""
    with project.act("imported"):
        project.articles.add_all([ArticleInput(TEXT, f"title {number}") for number in range(articles)])
    execute = project.db.execute
    numbers = "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 10) "
    execute(
        f"{numbers}INSERT INTO suggestions SELECT articles.id, n, 1, 3, n, n + 1, 'ner', '', NULL, NULL, "
        "'[]', NULL, NULL, NULL FROM articles, n"
    )
    execute(
        f"{numbers}INSERT INTO annotations(article, id, uuid, annotator, layer, label, exclusive, start, "
        "end, quote, origin, codebook_version, created_at, updated_at) "
        "SELECT articles.id, articles.id * 10 + n, hex(randomblob(16)), 1, 1, 3, 0, n, n + 1, 'x', 'manual', "
        "1, '', '' FROM articles, n"
    )
    execute("INSERT INTO suggested_labels SELECT DISTINCT 3, article / 8 FROM suggestions")
    project.db.conn.commit()


def cancelled_import(project: Project) -> None:
    """An import that brings a layer, a label and articles, taken back in steps."""
    act = project.long_act("importing")
    with act.step():
        project.codebook.ensure("topic", "war", whole_article=False)
        project.articles.add_all([ArticleInput(f"{TEXT} {number}", "new") for number in range(3)])
    finish(act.cancel_in_steps())


ACTS: dict[str, Callable[[Project], object]] = {
    "rename": lambda p: p.codebook_editing.edit_label("entity", "GPE", name="Place"),
    "colour": lambda p: p.codebook_editing.edit_label("entity", "GPE", color="#123456"),
    "define": lambda p: p.codebook_editing.edit_label("entity", "GPE", rule="No."),
    "move": lambda p: p.codebook_editing.move_label("entity", "GPE", 6),
    "add": lambda p: p.codebook_editing.add_label("entity", "SHIP", color="#0072b2"),
    "retire": lambda p: p.codebook_editing.retire("entity", "LAW"),
    "delete": lambda p: p.codebook.delete_label("entity", "LAW"),
    "merge": lambda p: p.codebook.delete_label("entity", "LAW", move_to="GPE"),
    "add layer": lambda p: p.codebook_editing.add_layer("topic", "both"),
    "delete layer": lambda p: p.codebook_editing.delete_layer("mine"),
    "define layer": lambda p: p.codebook_editing.edit_layer("entity", definition="Names."),
    "move layer": lambda p: p.codebook_editing.move_layer("entity", 2),
    "cancel an import": cancelled_import,
}


@pytest.mark.parametrize("name", ACTS)
def test_no_act_on_the_codebook_knows_how_many_suggestions_there_are(name: str, tmp_path: Path) -> None:
    needed: list[list[int]] = []
    for number in (20, 600):
        with create_project(tmp_path / f"{number}.annot", annotator="anna") as project:
            project.ensure_annotator("anna")
            project.codebook_editing.add_layer("mine", "both")
            grown(project, number)
            needed.append([instructions(project, lambda p=project: ACTS[name](p))])  # type: ignore[misc]
            if name != "cancel an import":
                needed[-1] += [
                    instructions(project, back) for back in (project.undo, project.redo, project.undo)
                ]
    for few, many in zip(*needed, strict=True):
        assert many <= few + 1_500  # all suggestions together are 6,000 rows


# Labels that are everywhere


@pytest.fixture
def everywhere(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project in which GPE is suggested in 40 articles, and steps delete them in one block each."""
    with project.act("imported"):
        project.articles.add_all([ArticleInput(TEXT, f"title {number}") for number in range(40)])
    answers = [Answer(id_, suggestions("GPE", "ORG"), PIPELINE, None, "en") for id_ in project.articles.ids()]
    project.suggestions.store(answers)
    monkeypatch.setattr(suggested_labels, "AT_ONCE", 2)
    monkeypatch.setattr(suggested_labels, "_STEP_SECONDS", 0)
    monkeypatch.setattr(suggested_labels, "_FIRST_STEP", 1)
    return project


def labels_suggested(project: Project) -> set[str]:
    query = "SELECT DISTINCT labels.name FROM suggestions JOIN labels ON labels.id = label"
    return {name for (name,) in project.db.execute(query)}


GOING: dict[str, Callable[[Project], Generator[Any, None, Any]]] = {
    "retire": lambda p: p.codebook_editing.retire_in_steps("entity", "GPE"),
    "delete": lambda p: p.codebook.delete_label_in_steps("entity", "GPE"),
    "merge": lambda p: p.codebook.delete_label_in_steps("entity", "GPE", move_to="LOC"),
}


@pytest.mark.parametrize("name", GOING)
def test_a_label_that_is_everywhere_goes_in_steps_and_comes_back(
    everywhere: Project, human_rows: Callable[[Project], Any], name: str
) -> None:
    project = everywhere
    assert project.codebook.takes_steps("entity", "GPE")
    assert not project.codebook.takes_steps("entity", "LAW")
    before, ids = human_rows(project), project.articles.ids()
    progress = list(GOING[name](project))
    assert len(progress) >= 5
    assert progress[-1].done == progress[-1].total >= 40
    assert labels_suggested(project) == {"ORG", "neutral"}
    after = human_rows(project)
    # What was merged is suggested again at once, under the other label.
    assert project.codebook.to_suggest_again() == (ids if name == "merge" else [])
    assert not project.history.takes_steps(project.history.last())  # type: ignore[arg-type]
    project.undo()
    assert human_rows(project) == before
    assert project.codebook.to_suggest_again() == ids
    assert project.suggestions.pending() == ids
    # Suggested again by then, it goes in steps once more.
    project.suggestions.store([Answer(id_, suggestions("GPE"), PIPELINE, None, "en") for id_ in ids])
    assert project.history.takes_steps(project.history.next())  # type: ignore[arg-type]
    finish(project.history.redo_in_steps())
    assert human_rows(project) == after
    assert labels_suggested(project) == {"neutral"}
    is_sound(project)


@pytest.mark.parametrize("name", GOING)
@pytest.mark.parametrize("steps", range(1, 6))
@pytest.mark.parametrize("how", ["cancel", "close", "crash"])
def test_cut_off_a_label_stays_and_what_was_deleted_is_suggested_again(
    everywhere: Project,
    human_rows: Callable[[Project], Any],
    tmp_path: Path,
    name: str,
    steps: int,
    how: str,
) -> None:
    before, ids = human_rows(everywhere), everywhere.articles.ids()
    going = GOING[name](everywhere)
    for _ in range(steps):
        next(going)
    if how == "cancel":
        going.throw(Cancelled())
        with pytest.raises(Cancelled):
            finish(going)
    elif how == "close":
        going.close()
    else:
        shutil.copyfile(everywhere.path, tmp_path / "killed.annot")  # between two transactions
        going.close()
    path = tmp_path / "killed.annot" if how == "crash" else everywhere.path
    everywhere.close()
    with open_project(path, annotator="anna") as project:
        assert human_rows(project) == before
        have = "SELECT DISTINCT article FROM suggestions WHERE label = 3"
        left = {article for (article,) in project.db.execute(have)}
        again = project.codebook.to_suggest_again()
        assert left | set(again) == set(ids)
        assert left.isdisjoint(again)
        assert again
        is_sound(project)


def test_undoing_a_new_label_with_suggestions_goes_in_steps_also_when_it_is_cut_off(
    everywhere: Project, human_rows: Callable[[Project], Any]
) -> None:
    project = everywhere
    before = human_rows(project)
    project.codebook_editing.add_label("entity", "SHIP", color="#123456")
    ids = project.articles.ids()
    project.suggestions.store([Answer(id_, suggestions("SHIP"), PIPELINE, None, "en") for id_ in ids])
    act = project.history.last()
    assert act is not None
    assert project.history.takes_steps(act)
    undoing = project.history.undo_in_steps()
    next(undoing)
    next(undoing)
    path = project.path
    project.close()  # an undo that began is completed
    with open_project(path, annotator="anna") as again:
        again.history.refuse_while_open()
        assert human_rows(again) == before
        assert labels_suggested(again) == {"neutral"}
        is_sound(again)
        again.redo()
        assert again.codebook.to_suggest_again() == ids


def test_a_codebook_that_retires_labels_is_imported_in_steps(everywhere: Project, tmp_path: Path) -> None:
    project, file = everywhere, tmp_path / "c.toml"
    export_codebook(project, file)
    assert not takes_steps(project, read_codebook(file))
    project.codebook_editing.retire("entity", "GPE")
    export_codebook(project, file)
    project.undo()
    project.suggestions.store(
        [Answer(id_, suggestions("GPE"), PIPELINE, None, "en") for id_ in project.articles.ids()]
    )
    found = read_codebook(file)
    assert takes_steps(project, found)
    steps = import_codebook_in_steps(project, found, "c")
    next(steps)
    steps.close()
    assert not project.codebook.read().label("entity", "GPE").retired
    change = finish(import_codebook_in_steps(project, found, "c"))
    assert change.text == "imported the codebook c"
    assert project.codebook.read().label("entity", "GPE").retired
    is_sound(project)


def test_merging_many_in_steps_takes_contradicted_rejections_back(
    everywhere: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = everywhere
    monkeypatch.setattr(codebook, "_AT_ONCE", 1)
    for article in (1, 2, 3):
        project.annotations.add(article, "entity", "GPE", 19, 26)
    for article, label in ((1, 5), (2, 3), (4, 5)):
        project.db.execute(
            "INSERT INTO rejections(article, id, annotator, layer, label, start, end) "
            "VALUES (?, ?, 1, 1, ?, 19, 26)",
            [article, article + 100, label],
        )
    finish(project.codebook.delete_label_in_steps("entity", "GPE", move_to="LOC"))
    assert project.db.execute("SELECT article, label FROM rejections").fetchall() == [(4, 5)]
    assert {label for (label,) in project.db.execute("SELECT label FROM annotations")} == {5}


def test_looking_for_older_wordings_goes_by_article(project: Project) -> None:
    project.ensure_annotator("anna")
    grown(project, 50)
    project.codebook_editing.edit_label("entity", "GPE", rule="No.")
    rows, number, _ = older(project, 30)
    assert number == 500
    assert [row.article for row in rows] == [article for article in (1, 2, 3) for _ in range(10)]
