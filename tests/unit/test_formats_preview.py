"""A dry run says what the import then does: the same counts, the same refusals, and nothing is written."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from annotator.cli import main
from annotator.formats import ImportReport, export, import_paths, preview, registry
from annotator.model import ArticleInput
from annotator.project import Project, create_project, open_project

from .conftest import finish

TEXT = "A rocket \U0001f680 flew over Armenia. Ben met Anna."


def state(project: Project) -> str:
    return "\n".join(project.db.conn.iterdump())


def doccano(**line: Any) -> str:
    return json.dumps({"text": TEXT, **line}) + "\n"


def jsonl(project: Project, folder: Path) -> list[dict[str, Any]]:
    finish(export(project, folder / "whole", registry.named("jsonl")))
    lines = (folder / "whole").read_text("utf-8").splitlines()
    (folder / "whole").unlink()
    return [json.loads(line) for line in lines]


def write(path: Path, *lines: dict[str, Any]) -> None:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")


def make_files(folder: Path, project: Project) -> None:
    """Files that are right and wrong, known and new, twice there, and at odds with each other."""
    folder.mkdir()
    (folder / "a.txt").write_text(TEXT, "utf-8")
    (folder / "a copy.txt").write_text(TEXT, "utf-8")
    (folder / "legacy.txt").write_bytes("Ереван и Москва договорились о поставках газа".encode("cp1251"))
    (folder / "empty.txt").write_text("")
    (folder / "picture.png").write_text("")
    (folder / "b.txt").write_text(TEXT + "\nOf brat.", "utf-8")
    (folder / "b.ann").write_text("T1\tPERSON 30 33\tBen\nR1\tMeets Arg1:T1 Arg2:T1\n", "utf-8")
    (folder / "c.conll").write_text("Anna\tB-PER\nmet\tO\n\n-DOCSTART-\tO\n\nBen\tB-PER\n", "utf-8")
    (folder / "c again.conll").write_text("Anna\tB-PER\nmet\tB-ORG\n", "utf-8")
    (folder / "c wrong.conll").write_text("Anna\tB-PER\n\n-DOCSTART-\tO\n\nBen\tPER\n", "utf-8")
    (folder / "d.jsonl").write_text(
        doccano(label=[[2, 8, "ORG"], [2, 8, "ORG"], [27, 34, "GPE"]], id=1)
        + doccano(label=[], cats=["odd", "even"], id=2)
        + doccano(label=[[2, 8, "ORG"], [0, 1, "mood"]], id=1),
        "utf-8",
    )
    (folder / "d wrong.jsonl").write_text(doccano(label=[[0, 1, "A"]]) + doccano(label=[[2, 800, "ORG"]]))
    (folder / "e.csv").write_text("text,stance\nOne article.,neutral\nTwo.,pro-West\nOne article.,neutral\n")
    (folder / "f.csv").write_text("a,b\n1,2\n")
    lines = jsonl(project, folder)
    first = lines[0]
    span = first["spans"][0]
    write(folder / "g.jsonl", *lines, *lines[:1])
    other = {
        **first,
        "id": "another",
        "spans": [{**span, "start": span["start"] + 1, "end": span["end"] + 1}],
    }
    write(folder / "h in other units.jsonl", {**other, "annotator": "cyn"})
    write(folder / "i other text.jsonl", lines[1], {**lines[1], "id": first["id"]})
    two = {**first, "id": "two", "spans": [{**span, "id": "s1"}, {**span, "id": "s2", "label": "ORG"}]}
    write(
        folder / "j twice.jsonl",
        two,
        {**two, "annotator": "dan", "spans": [{**span, "id": "s1"}, {**span, "id": "s3"}]},
    )
    label = {**first["labels"]["stance"], "id": "x"}
    write(
        folder / "k another stance.jsonl",
        {**two, "spans": [], "labels": {"stance": {**label, "label": "odd"}}},
    )
    write(folder / "l no schema.jsonl", {"schema": "annotator/1"})
    changed = {"stance": {**label, "id": "y", "label": "changed"}}
    write(folder / "m first with another stance.jsonl", {**first, "labels": changed})


@pytest.fixture
def labelled(suggested: Project) -> Project:
    suggested.annotations.accept(1, 1)
    suggested.annotations.add(1, "stance", "pro-West")
    return suggested


def both(project: Project, paths: list[Path], **options: Any) -> tuple[ImportReport, ImportReport, Any]:
    before = state(project)
    seen = finish(preview(project, paths, **options))
    assert state(project) == before
    return seen.report, replace(finish(import_paths(project, paths, **options)), change=None), seen


def test_a_dry_run_reports_what_the_import_does(labelled: Project, tmp_path: Path) -> None:
    make_files(tmp_path / "in", labelled)
    rehearsed, done, seen = both(labelled, [tmp_path / "in"])
    assert rehearsed == done
    assert len(done.failed) == 6
    assert min(done.new, done.same_text, done.known, done.known_annotations, done.repaired) > 0
    assert done.other_labels > 0
    assert (done.passed_over, done.guessed) == (1, ("cp1251",))
    failed = [(str(file.path), file.failed) for file in seen.files if file.failed]
    assert failed == list(done.failed)
    assert sum(file.articles - file.known - file.twice for file in seen.files) == done.imported
    # and once more, when all of it is there
    rehearsed, done, _ = both(labelled, [tmp_path / "in"])
    assert rehearsed == done
    assert done.imported == done.annotations == 0


def test_a_label_of_the_article_that_another_tool_changed_is_not_called_known(
    labelled: Project, tmp_path: Path
) -> None:
    finish(export(labelled, tmp_path / "d.jsonl", registry.named("doccano")))
    lines = [json.loads(line) for line in (tmp_path / "d.jsonl").read_text("utf-8").splitlines()]
    assert lines[0]["cats"] == ["pro-West"]
    before = state(labelled)
    rehearsed, done, _ = both(labelled, [tmp_path / "d.jsonl"])
    assert (rehearsed.other_labels, done.other_labels) == (0, 0)
    lines[0]["cats"] = ["neutral"]
    write(tmp_path / "d.jsonl", *lines)
    rehearsed, done, seen = both(labelled, [tmp_path / "d.jsonl"])
    assert rehearsed == done
    assert (done.annotations, done.other_labels) == (0, 1)
    assert done.known_annotations == sum(len(line["label"]) for line in lines)
    said = "1 label of a whole article differs from the one in the project, which was kept."
    assert said in done.summary()
    assert said in seen.summary()
    assert state(labelled) == before


STATES = {
    "label": {"label": "ORG"},
    "offsets": {"start": 2, "end": 8, "text": "rocket"},
    "actor": {"actor": None},
    "certainty": {"certainty": 1},
    "note": {"note": "another"},
}


@pytest.mark.parametrize("change", STATES.values(), ids=STATES)
def test_another_state_of_a_label_under_its_id_is_left_out_and_counted(
    project: Project, tmp_path: Path, change: dict[str, Any]
) -> None:
    with project.act("came"):
        project.articles.add(ArticleInput(TEXT, "T"))
    for start, end in ((27, 34), (36, 39)):
        project.annotations.add(1, "entity", "PERSON", start, end)
    with project.act("whom it is about"):
        project.db.execute("UPDATE annotations SET actor = ? WHERE id = 1", [project.actors.called("Anna")])
    lines = jsonl(project, tmp_path)
    lines[0]["spans"][0] |= change
    write(tmp_path / "a.jsonl", *lines)
    before = state(project)
    rehearsed, done, seen = both(project, [tmp_path / "a.jsonl"])
    assert rehearsed == done
    assert (done.annotations, done.known_annotations, done.other_ids, done.own_ids) == (0, 1, 1, 0)
    for said in (done.summary(), seen.summary()):
        assert "1 label left out: the project has another state of it under its id." in said
    assert state(project) == before


def copies(line: dict[str, Any]) -> dict[str, tuple[dict[str, Any], ...]]:
    """Lines that bring the id of a label of anna's for another one as well."""
    span = line["spans"][0]
    elsewhere = {**span, "start": 2, "end": 8, "text": "rocket"}
    return {
        "on another article": (line, {**line, "id": "another"}),
        "by another annotator": (line, {**line, "annotator": "ben"}),
        "on another stretch": (line, {**line, "spans": [elsewhere]}),
        "another label there": (line, {**line, "spans": [{**span, "label": "ORG"}]}),
    }


@pytest.mark.parametrize("which", copies({"spans": [{}]}))
@pytest.mark.parametrize("size", [1, 32])
def test_a_label_that_came_with_the_id_of_another_one_gets_its_own(
    project: Project, tmp_path: Path, which: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("annotator.formats.importing._TOGETHER", size)
    monkeypatch.setattr(sys.modules["annotator.formats.preview"], "_TOGETHER", size)
    with create_project(tmp_path / "other", annotator="anna") as other:
        with other.act("came"):
            other.articles.add(ArticleInput(TEXT, "T"))
        other.annotations.add(1, "entity", "PERSON", 27, 34)
        (line,) = jsonl(other, tmp_path)
    write(tmp_path / "a.jsonl", *copies(line)[which])
    rehearsed, done, seen = both(project, [tmp_path / "a.jsonl"])
    assert rehearsed == done
    assert (done.annotations, done.known_annotations, done.other_ids, done.own_ids) == (2, 0, 0, 1)
    said = "1 label got an id of its own: another label has the one that it came with."
    assert said in done.summary()
    assert said in seen.summary()
    ids = [a.uuid for record in project.records.read() for a in record.annotations]
    assert len(set(ids)) == 2
    assert line["spans"][0]["id"] in ids
    before = state(project)
    rehearsed, done, _ = both(project, [tmp_path / "a.jsonl"])
    assert rehearsed == done
    assert (done.annotations, done.known_annotations + done.twice_annotations) == (0, 2)
    assert state(project) == before
    # and what went out comes back as it was
    write(tmp_path / "b.jsonl", *jsonl(project, tmp_path))
    rehearsed, done, _ = both(project, [tmp_path / "b.jsonl"])
    assert rehearsed == done
    assert (done.known_annotations, done.other_ids, done.own_ids) == (2, 0, 0)


def test_a_label_that_came_with_the_id_of_one_in_the_project_gets_its_own(
    labelled: Project, tmp_path: Path
) -> None:
    lines = jsonl(labelled, tmp_path)
    first = next(line for line in lines if line["spans"])
    write(tmp_path / "a.jsonl", {**first, "annotator": "ben", "labels": {}})
    rehearsed, done, _ = both(labelled, [tmp_path / "a.jsonl"])
    assert rehearsed == done
    number = len(first["spans"])
    assert (done.annotations, done.other_ids, done.own_ids) == (number, 0, number)
    rehearsed, done, _ = both(labelled, [tmp_path / "a.jsonl"])
    assert rehearsed == done
    assert (done.annotations, done.known_annotations) == (0, number)
    # its own id is a label's as any other: what became of that in the project stays
    labelled.annotator = "ben"
    labelled.annotations.relabel(labelled.annotations.of(1)[0].id, "ORG")
    rehearsed, done, _ = both(labelled, [tmp_path / "a.jsonl"])
    assert rehearsed == done
    assert (done.annotations, done.known_annotations, done.other_ids) == (0, number - 1, 1)


def test_what_is_twice_in_a_file_is_not_called_known(labelled: Project, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,stance\nNew.,neutral\nOther.,neutral\nNew.,neutral\n", "utf-8")
    rehearsed, done, seen = both(labelled, [tmp_path / "a.csv"])
    assert rehearsed == done
    assert done.summary() == (
        "2 articles imported, 1 twice in the files and skipped.\n"
        "2 annotations imported, 1 twice in the files."
    )
    assert "3 articles, 1 of them twice in the files" in seen.summary()
    rehearsed, done, _ = both(labelled, [tmp_path / "a.csv"])
    assert rehearsed == done
    assert (done.known, done.known_annotations, done.twice, done.twice_annotations) == (3, 3, 0, 0)


def test_a_label_that_one_article_has_twice_is_not_called_known(labelled: Project, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "New in Gyumri.", "label": [[7, 13, "GPE"], [7, 13, "GPE"]]}')
    rehearsed, done, _ = both(labelled, [tmp_path / "a.jsonl"])
    assert rehearsed == done
    assert (done.annotations, done.known_annotations, done.twice_annotations) == (1, 0, 1)


def test_each_file_by_itself_too(labelled: Project, tmp_path: Path) -> None:
    make_files(tmp_path / "in", labelled)
    for path in sorted((tmp_path / "in").iterdir()):
        rehearsed, done, _ = both(labelled, [path])
        assert rehearsed == done, path.name


def test_files_that_contradict_each_other_fail_alone(labelled: Project, tmp_path: Path) -> None:
    """The second has an id of the first for another text; layers that the first makes hold for the second."""
    (tmp_path / "in").mkdir()
    first, second = ({**line, "id": "the same"} for line in jsonl(labelled, tmp_path)[:2])
    write(tmp_path / "in" / "a.jsonl", {**first, "labels": {}, "spans": []})
    write(tmp_path / "in" / "b.jsonl", second)
    (tmp_path / "in" / "c.txt").write_text("Another text.", "utf-8")
    rehearsed, done, _ = both(labelled, [tmp_path / "in"])
    assert rehearsed == done
    assert done.imported == 2
    assert "the id the same belongs to an article with another text" in done.failed[0][1]


def test_the_dry_run_of_the_command_line_says_it(
    labelled: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_files(tmp_path / "in", labelled)
    project = str(labelled.path)
    labelled.close()
    assert main(["import", project, str(tmp_path / "in"), "--dry-run"]) == 1
    said = capsys.readouterr().out
    assert main(["import", project, str(tmp_path / "in"), "--no-backup"]) == 1
    done = capsys.readouterr().out
    wanted = done.replace(" imported", " to import").replace("to import:", "imported:").splitlines()
    wanted = [line for line in wanted if "near-duplicate" not in line]
    assert said.splitlines()[-len(wanted) - 1 :] == [*wanted, "Nothing was written."]


def test_a_project_that_others_write_can_be_asked(labelled: Project, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT, "utf-8")
    with open_project(labelled.path, read_only=True) as reading:
        assert finish(preview(reading, [tmp_path / "a.txt"])).report.new == 1
