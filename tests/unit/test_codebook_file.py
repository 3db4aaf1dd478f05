"""Codebooks as readable files: what goes out comes back, and what an import changes is said before."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from annotator.cli import main
from annotator.model import InputFileError, StorageError
from annotator.project import Project, create_project, open_project
from annotator.project.codebook_file import codebook_of, export_codebook, read_codebook, to_toml
from annotator.project.codebook_import import import_codebook, preview
from annotator.project.older_wording import older
from annotator.resources import resource

HOSTILE = 'Say "it", \\n and \\\\,\ttabs;\n"""three""" quotes\x7f 🚀 «и»\\'


@pytest.fixture
def edited(with_articles: Project) -> Project:
    """A project whose codebook has all that a file can have."""
    editing = with_articles.codebook_editing
    editing.edit_label("entity", "ORG", name="Body", rule=HOSTILE, definition='one "line"')
    editing.add_example("entity", "Body", 1, 21, 28, fits=True)
    editing.add_example("entity", "GPE", 2, 0, 6, fits=False)
    editing.retire("entity", "LAW")
    editing.move_label("entity", "GPE", 0)
    editing.add_layer("topic", "article", exclusive=True, definition="About what.")
    editing.add_label("topic", "war & peace", color="#0072b2", key="T")
    return with_articles


def test_a_file_of_the_codebook_says_all_of_it(edited: Project, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    export_codebook(edited, file)
    assert read_codebook(file) == codebook_of(edited)
    assert not preview(edited, read_codebook(file))
    found = tomllib.loads(file.read_text("utf-8"))
    (body,) = [label for label in found["layer"][0]["label"] if label["name"] == "Body"]
    assert body["rule"] == HOSTILE
    assert body["former"] == ["ORG"]
    assert body["example"][0]["quote"] == "Armenia"
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith(".annotator")) == []


def test_the_default_codebook_can_be_imported_and_is_what_a_new_project_has(project: Project) -> None:
    default = read_codebook(Path(str(resource("codebook.toml"))))
    assert default == codebook_of(project)


def test_another_project_takes_it_over_as_one_act(
    edited: Project, tmp_path: Path, human_rows: Callable[[Project], Any]
) -> None:
    file = tmp_path / "mine.toml"
    export_codebook(edited, file)
    with create_project(tmp_path / "other.annot", annotator="ben") as other:
        before = human_rows(other)
        found = read_codebook(file)
        changes = preview(other, found)
        assert human_rows(other) == before
        assert changes.added == (
            "entity GPE: 1 example",
            "entity Body: 1 example",
            "layer topic",
            "topic war & peace",
        )
        assert changes.changed == (
            "entity ORG: is called Body",
            "entity Body: definition, rule",
            "entity LAW: retired",
            "the order of the labels of entity",
        )
        import_codebook(other, found, "mine.toml")
        assert len(other.history.acts()) == 1
        assert other.codebook.version() == 2
        mine, theirs = edited.codebook.read(), other.codebook.read()
        assert theirs.layers == mine.layers
        assert [e.quote for e in other.codebook_editing.examples("entity", "Body")] == ["Armenia"]
        assert other.codebook_editing.examples("entity", "Body")[0].article is None  # it has no such article
        assert not preview(other, found)
        other.undo()
        assert human_rows(other) == before


def test_what_the_file_lacks_stays_and_is_said(edited: Project, tmp_path: Path) -> None:
    file = tmp_path / "small.toml"
    file.write_text(
        '[[layer]]\nname = "entity"\n[[layer.label]]\nname = "SHIP"\ncolor = "#112233"\n', "utf-8"
    )
    changes = preview(edited, read_codebook(file))
    assert changes.added == ("entity SHIP",)
    assert "entity GPE" in changes.missing
    assert "layer stance" in changes.missing
    assert "Not in the file, stays as it is:\n" in changes.summary()
    before = {label.name for label in edited.codebook.read().layer("entity").labels}
    import_codebook(edited, read_codebook(file))
    labels = edited.codebook.read().layer("entity").labels
    assert {label.name for label in labels} == before | {"SHIP"}
    assert labels[0].name == "SHIP"
    assert [layer.name for layer in edited.codebook.read().layers] == ["entity", "stance", "zone", "topic"]


def test_an_imported_wording_makes_annotations_older(with_articles: Project, tmp_path: Path) -> None:
    project = with_articles
    project.annotations.add(1, "entity", "ORG", 2, 8)
    file = tmp_path / "c.toml"
    text = to_toml(codebook_of(project), 1)
    file.write_text(text.replace("Organisations, companies", "Companies"), "utf-8")
    import_codebook(project, read_codebook(file))
    assert [(row.label, row.then, row.since) for row in older(project)[0]] == [("ORG", 1, 2)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("layer = [", "is no TOML file"),
        ("x = 1", r"it has no \[\[layer\]\]"),
        ("layer = 3", "not written as"),
        ("[[layer]]", "a layer has no name"),
        ('[[layer]]\nname = ""', "A name is missing"),
        ('[[layer]]\nname = "a"\nscope = "word"', "scope"),
        ('[[layer]]\nname = "a"\n[[layer]]\nname = "a"', "there twice"),
        ('[[layer]]\nname = "a"\nexclusive = 1', "true or false"),
        ('[[layer]]\nname = "a"\n[[layer.label]]\nname = "b"\ncolor = "red"', "red is no colour"),
        ('[[layer]]\nname = "a"\n[[layer.label]]\nname = "b"\nrule = 3', "words in quotes"),
        ('[[layer]]\nname = "a"\n[[layer.label]]\nname = "b"\nformer = [1]', "list of names"),
        (
            '[[layer]]\nname = "a"\n[[layer.label]]\nname = "b"\n[[layer.label.example]]\nquote = "c"',
            "no fits",
        ),
        ("blocs = 3", "blocs"),
    ],
)
def test_a_file_that_is_no_codebook_says_what_is_wrong(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "bad.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(InputFileError, match=words):
        read_codebook(file)


def test_files_that_cannot_be_used_are_said(project: Project, tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="cannot be read"):
        read_codebook(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b'name = "\xe9"')
    with pytest.raises(InputFileError, match="not UTF-8"):
        read_codebook(tmp_path / "latin.toml")
    with pytest.raises(StorageError, match="the project itself"):
        export_codebook(project, project.path)
    with pytest.raises(StorageError, match="cannot be written"):
        export_codebook(project, tmp_path / "nowhere" / "c.toml")


def test_the_command_line_exports_shows_what_changes_and_imports(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a, b, file = tmp_path / "a.annot", tmp_path / "b.annot", tmp_path / "c.toml"
    for path in (a, b):
        create_project(path, annotator="anna").close()
    with open_project(a, annotator="anna") as project:
        project.codebook_editing.edit_label("entity", "ORG", rule="Only bodies.")
    assert main(["codebook", str(a), "--export", str(file)]) == 0
    assert main(["codebook", str(b), "--import", str(file)]) == 1  # nobody to ask
    out, err = capsys.readouterr()
    assert "entity ORG: rule" in out
    assert "--yes" in err
    assert main(["codebook", str(b), "--import", str(file), "--yes"]) == 0
    with open_project(b, annotator="anna", read_only=True) as project:
        assert project.codebook.read().label("entity", "ORG").rule == "Only bodies."
    assert main(["codebook", str(b), "--import", str(file)]) == 0
    assert "Nothing changes" in capsys.readouterr().out
    assert main(["codebook", str(b)]) == 0
    assert tomllib.loads(capsys.readouterr().out)["version"] == 2
    assert main(["codebook", str(b), "--import", str(file), "--export", str(file)]) == 1
