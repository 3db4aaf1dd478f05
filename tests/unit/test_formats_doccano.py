"""doccano's JSONL."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from annotator.formats import export, import_paths, registry
from annotator.formats.doccano import FORMAT
from annotator.formats.item import Item
from annotator.model import InputFileError
from annotator.project import Project

from .conftest import finish

SAMPLES = Path(__file__).parents[3] / "shared" / "samples" / "doccano"
with_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples are not here")
TEXT = "A rocket 🚀 over Kyiv."


def write(folder: Path, *lines: dict[str, Any]) -> Path:
    path = folder / "lines.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def read(folder: Path, *lines: dict[str, Any]) -> list[Item]:
    path = write(folder, *lines)
    assert registry.recognise(path, path.read_bytes()[: registry.HEAD]) is FORMAT
    return list(FORMAT.read(path, {}))  # type: ignore[misc]


@pytest.mark.parametrize(
    "labels",
    [
        {"label": [[16, 20, "GPE"]]},
        {"labels": [[16, 20, "GPE"]]},
        {"entities": [{"id": 0, "start_offset": 16, "end_offset": 20, "label": "GPE"}]},
        {"annotations": [{"start_offset": 16, "end_offset": 20, "label": "GPE"}]},
    ],
)
def test_every_form_of_labels_is_read(tmp_path: Path, labels: dict[str, Any]) -> None:
    (item,) = read(tmp_path, {"id": 5, "text": TEXT, **labels, "source": "b.example", "Comments": ["sure?"]})
    (a,) = item.record.annotations
    assert (a.label, a.start, a.end, a.quote) == ("GPE", 16, 20, "Kyiv")
    assert item.record.progress.note == "sure?"
    assert item.record.article.source == "b.example"
    assert item.record.article.meta == {"doccano": {"id": 5}}


def test_relations_and_the_numbers_of_labels_are_named_as_lost(tmp_path: Path) -> None:
    entities = [{"id": 0, "start_offset": 0, "end_offset": 1, "label": 12}]
    (item,) = read(tmp_path, {"text": TEXT, "entities": entities, "relations": [{"from_id": 0}, {}]})
    assert item.lost == ("relations", "relations", "names of labels, of which the file has only the numbers")
    assert [a.label for a in item.record.annotations] == ["12"]


def test_each_user_is_an_annotator(tmp_path: Path, project: Project) -> None:
    marks = [{"start_offset": 0, "end_offset": 1, "label": "GPE", "user": user} for user in (1, 2, 2)]
    report = finish(import_paths(project, [write(tmp_path, {"text": TEXT, "annotations": marks})]))
    assert (report.new, report.known, report.failed) == (1, 0, ())
    assert [r.annotator for r in project.records.read()] == ["doccano user 1", "doccano user 2"]


def test_classes_speak_of_the_whole_article(tmp_path: Path, project: Project) -> None:
    finish(import_paths(project, [write(tmp_path, {"text": TEXT, "label": ["neutral"]})]))
    (record,) = project.records.read()
    assert [(a.layer, a.label, a.start) for a in record.annotations] == [("stance", "neutral", None)]


def test_several_classes_get_a_layer_that_takes_several(tmp_path: Path, project: Project) -> None:
    lines = [{"text": "One.", "label": ["war"]}, {"text": "Two.", "label": ["war", "trade"]}]
    assert finish(import_paths(project, [write(tmp_path, *lines)])).failed == ()
    found = {(a.layer, a.label) for record in project.records.read() for a in record.annotations}
    assert found == {("category", "war"), ("category", "trade")}


def test_what_somebody_wrote_is_no_label(tmp_path: Path) -> None:
    written = "The rocket came down over the city. " * 6
    other = {"label": written + "!", "user": 1}
    (item,) = read(tmp_path, {"id": 5, "text": TEXT, "label": [written, "neutral"], "annotations": [other]})
    assert [a.label for a in item.record.annotations] == ["neutral"]
    assert item.record.article.meta == {"doccano": {"id": 5, "texts": [written, written + "!"]}}
    assert item.lost == ("written texts, which are kept as metadata alone",) * 2


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ({"label": [[0, 1, "GPE"]]}, "has no text"),
        ({"text": TEXT, "label": [[0, 99, "GPE"]]}, "0 to 99 lies outside the text"),
        ({"text": TEXT, "label": [[0, "1", "GPE"]]}, "start or end in label is no whole number"),
        ({"text": TEXT, "label": [[0, 1, ""]]}, "a label has no name"),
        ({"text": TEXT, "label": [[0, 1]]}, r"no \[start, end, label\]"),
    ],
)
def test_a_wrong_line_is_refused(tmp_path: Path, line: dict[str, Any], reason: str) -> None:
    with pytest.raises(InputFileError, match=reason) as caught:
        read(tmp_path, {"text": TEXT, "label": []}, line)
    assert caught.value.line == 2


def by_doccanos_rules(line: dict[str, Any]) -> None:
    """What doccano's import asks of a sequence labelling line."""
    assert isinstance(line["text"], str)
    assert line["text"]
    for start, end, label in line["label"]:
        assert type(start) is int
        assert type(end) is int
        assert 0 <= start < end <= len(line["text"])
        assert isinstance(label, str)
        assert label


def test_an_export_is_what_doccano_imports(suggested: Project, tmp_path: Path) -> None:
    suggested.annotations.accept(1, 1)
    suggested.annotations.add(1, "entity", "LOC", 21, 36)
    suggested.annotations.reject(1, 2)
    suggested.annotations.add(1, "stance", "pro-West")
    suggested.articles.set_note(1, "sure?")
    path = tmp_path / "out.jsonl"
    report = finish(export(suggested, path, FORMAT))
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for line in lines:
        by_doccanos_rules(line)
    assert lines[0]["label"] == [[21, 28, "GPE"], [21, 36, "LOC"]]
    assert (lines[0]["cats"], lines[0]["Comments"]) == (["pro-West"], ["sure?"])
    assert report.lost == ("Not in this file: 1 rejection.",)


def test_what_doccano_made_of_an_export_comes_back(suggested: Project, tmp_path: Path) -> None:
    suggested.annotations.accept(1, 1)
    path = tmp_path / "out.jsonl"
    finish(export(suggested, path, FORMAT))
    line = json.loads(path.read_text(encoding="utf-8").splitlines()[0])
    line["label"].append([0, 8, "PRODUCT"])
    (item,) = read(
        tmp_path,
        {"id": 1, "text": line["text"], "label": line["label"], "meta": {"annotator": line["annotator"]}},
    )
    record = item.record
    assert (record.article.uuid, record.article.title) == (suggested.articles.get(1).uuid, "Rocket")
    assert {(a.layer, a.label) for a in record.annotations} == {("entity", "GPE"), ("", "PRODUCT")}
    assert (record.annotator, record.progress.status) == ("anna", "in_progress")


@with_samples
def test_the_samples_come_in_or_are_refused(project: Project) -> None:
    report = finish(import_paths(project, sorted(SAMPLES.glob("*.jsonl"))))
    assert (report.new, report.annotations, report.twice_annotations) == (4, 21, 1)
    assert dict(report.lost) == {
        "relations": 3,
        "names of labels, of which the file has only the numbers": 16,
    }
    ((path, reason),) = report.failed
    assert path.endswith("example.jsonl")
    assert reason.startswith("line 3: has no text")


def test_spans_with_a_start_and_an_end_are_spans(tmp_path: Path) -> None:
    """Many programs write doccano's entities with shorter names: they are no labels of the article."""
    entities = [{"start": 0, "end": 4, "label": "PERSON", "text": "Anna"}]
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": "Anna met Bob.", "entities": entities}) + "\n")
    (item,) = FORMAT.read(tmp_path / "a.jsonl", {})  # type: ignore[misc]
    assert [(a.label, a.quote) for a in item.record.annotations] == [("PERSON", "Anna")]


def test_several_labels_of_a_user_get_a_layer_of_their_own(project: Project, tmp_path: Path) -> None:
    span = {"label": "NEW", "start_offset": 0, "end_offset": 3, "user": 1}
    line = {"text": "One.", "annotations": [span, {"label": "war", "user": 1}, {"label": "trade", "user": 1}]}
    (tmp_path / "a.jsonl").write_text(json.dumps(line) + "\n")
    assert finish(import_paths(project, [tmp_path / "a.jsonl"])).annotations == 3
    found = [(a.layer, a.label) for record in project.records.read() for a in record.annotations]
    assert sorted(found) == [("category", "trade"), ("category", "war"), ("entity", "NEW")]
