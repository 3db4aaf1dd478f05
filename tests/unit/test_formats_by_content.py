"""Files are known by what they hold, not by what their suffix says."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from annotator.formats import ImportReport, export, import_paths, registry
from annotator.formats.importing import format_of
from annotator.project import Project

from .conftest import finish

PLAIN = [{"text": "One.", "title": "a"}, {"text": "Two."}]
PRODIGY = [
    {"text": "Nothing.", "spans": []},
    {"text": "Kyiv.", "spans": [{"start": 0, "end": 4, "label": "GPE"}]},
]
DOCCANO = [{"id": 1, "text": "Kyiv.", "label": [[0, 4, "GPE"]]}, {"id": 2, "text": "Not.", "label": []}]
OLD_DOCCANO = [
    {
        "id": 1,
        "text": "Kyiv.",
        "annotations": [{"label": "GPE", "start_offset": 0, "end_offset": 4, "user": 1}],
    }
]
RESULT = {"type": "labels", "value": {"start": 0, "end": 4, "text": "Kyiv", "labels": ["GPE"]}}
TASKS = [{"id": 1, "data": {"text": "Kyiv."}, "annotations": [{"result": [RESULT]}]}]
MIN = [{"id": 1, "text": "Kyiv.", "label": [], "annotator": 1, "annotation_id": 2}]


def take(project: Project, path: Path, format: str | None = None) -> ImportReport:
    named = registry.named(format) if format else None
    report: ImportReport = finish(import_paths(project, [path], format=named))
    return report


def lines(objects: list[dict[str, Any]]) -> str:
    return "\ufeff\n" + "".join(json.dumps(each) + "\n" for each in objects)


@pytest.mark.parametrize("suffix", [".json", ".jsonl", ".ndjson"])
@pytest.mark.parametrize("write", [json.dumps, lines, lambda objects: json.dumps(objects, indent=1)])
@pytest.mark.parametrize(
    ("objects", "name", "annotations"),
    [
        (PLAIN, "json", 0),
        (PRODIGY, "prodigy", 1),
        (PRODIGY[::-1], "prodigy", 1),
        (DOCCANO, "doccano", 1),
        (OLD_DOCCANO, "doccano", 1),
        (TASKS, "label-studio", 1),
        (MIN, "label-studio", 0),
        ([{"data": {"text": "Kyiv.", "more": [{"a": 1}]}}], "label-studio", 0),
    ],
)
def test_json_is_read_whatever_its_suffix(
    suffix: str, write: Any, objects: list[Any], name: str, annotations: int, project: Project, tmp_path: Path
) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_text(write(objects), "utf-8")
    assert format_of(path).name == name
    report = take(project, path)
    assert (report.failed, report.new, report.annotations) == ((), len(objects), annotations)
    assert take(project, path, name).failed == ()
    assert all("spans" not in article.meta for article in map(project.articles.get, range(1, report.new + 1)))


def test_spans_that_no_reader_takes_are_told(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    for format, key, spans in (
        ("json", "spans", PRODIGY[1]["spans"]),
        (None, "marks", [[0, 4, "GPE"], [0, 1, "x"]]),
    ):
        path.write_text(json.dumps([{"text": f"Kyiv {key}.", key: spans}]), "utf-8")
        report = take(project, path, format)
        assert dict(report.lost) == {"spans, which are kept as metadata alone": len(spans)}


def test_metadata_beside_the_text_of_a_task_of_prodigy_are_kept(project: Project, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps([{**PRODIGY[1], "title": "T", "meta": {"source": "S"}}]))
    take(project, tmp_path / "a.json")
    article = project.articles.get(1)
    assert (article.title, article.source) == ("T", "S")


def test_ours_comes_back_under_another_name(project: Project, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Kyiv.")
    take(project, tmp_path / "a.txt")
    finish(export(project, tmp_path / "ours.jsonl", registry.named("jsonl")))
    (tmp_path / "ours.jsonl").rename(tmp_path / "ours.json")
    assert format_of(tmp_path / "ours.json").name == "jsonl"
    report = take(project, tmp_path / "ours.json")
    assert (report.failed, report.new, report.known) == ((), 0, 1)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
@pytest.mark.parametrize("suffix", [".json", ".jsonl", ".ndjson"])
def test_json_in_another_encoding_is_told(
    encoding: str, suffix: str, project: Project, tmp_path: Path
) -> None:
    path = tmp_path / f"a{suffix}"
    for objects in (PLAIN, PRODIGY, TASKS, [{"schema": "annotator/1"}]):
        for text in (json.dumps(objects), lines(objects).removeprefix("\ufeff\n")):
            path.write_text(text, encoding)
            said = f"is in {encoding[:6].upper()}, and JSON is in UTF-8. Save the file in UTF-8"
            assert [reason for _, reason in take(project, path).failed] == [said]


def test_a_wrong_line_is_told_also_under_another_name(project: Project, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"text": "One."}\n{"text": "Two."\n')
    ((_, reason),) = take(project, tmp_path / "a.json").failed
    assert reason.startswith("line 2: is not JSON")


def test_who_names_the_format_is_believed_also_against_the_suffix(project: Project, tmp_path: Path) -> None:
    (tmp_path / "tab.txt").write_text("text\ttitle\nHello a\tT\nHello b\tU\n")
    assert take(project, tmp_path / "tab.txt", "table").new == 2
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "notes.txt").write_text("text,title\na,b\n")
    report = take(project, tmp_path / "folder", "table")
    assert (report.new, report.passed_over) == (0, 1)


@pytest.mark.parametrize("suffix", [".txt", ".csv", ".tsv"])
@pytest.mark.parametrize(
    ("begins", "said"),
    [
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "is a PDF: name it .pdf, and import it again"),
        (
            b"\xef\xbb\xbf\n<!-- saved --><!DOCTYPE html><html><p>x",
            "is a web page: name it .html, and import it again",
        ),
        (b'[{"text": "Hello", "title": "T"}]', "is JSON: name it .json, and import it again"),
        (b'{"text": "Hello"}\n{"text": "you"}', "is JSON: name it .json, and import it again"),
    ],
)
def test_what_is_named_as_a_text_says_what_it_is(
    suffix: str, begins: bytes, said: str, project: Project, tmp_path: Path
) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(begins)
    assert [reason for _, reason in take(project, path).failed] == [said]


@pytest.mark.parametrize(
    ("part", "suffix"),
    [("word/document.xml", ".docx"), ("xl/workbook.xml", ".xlsx"), ("content.xml", ".odt")],
)
def test_an_office_file_named_as_a_text_says_what_it_is(
    part: str, suffix: str, project: Project, tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "a.txt", "w") as packed:
        packed.writestr("first.bin", bytes(100_000))
        packed.writestr(part, "<x/>")
    ((_, reason),) = take(project, tmp_path / "a.txt").failed
    assert reason.endswith(f": name it {suffix}, and import it again")


def test_texts_that_only_begin_oddly_are_texts(project: Project, tmp_path: Path) -> None:
    for number, words in enumerate(("[Updated] Kyiv.", "{Kyiv}", "<b>Kyiv</b>", "PDF of it", "[1, 2]")):
        (tmp_path / f"{number}.txt").write_text(words)
    assert take(project, tmp_path).new == 5
