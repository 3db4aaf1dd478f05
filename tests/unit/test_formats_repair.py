"""Offsets counted in other units are put right by their quotes, as a line or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.formats import ImportReport, export_jsonl, import_paths
from annotator.formats.jsonl import from_line
from annotator.formats.repair import RawRuler, raw_ruler
from annotator.model import ArticleInput, PipelineInfo, Suggestion
from annotator.project import Project, create_project
from annotator.text import normalise, sha256

TEXT = "Ein 🚀 flog über Армения.\nRussia denied it: 🇦🇲 Armenia.\nRussia again."


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def utf8(text: str) -> int:
    return len(text.encode())


UNITS: dict[str, tuple[Callable[[str], int], bool]] = {
    "utf16": (utf16, False),
    "utf8": (utf8, False),
    "crlf": (len, True),
    "utf16 crlf": (utf16, True),
    "utf8 crlf": (utf8, True),
}


def shift(line: dict[str, Any], measure: Callable[[str], int], crlf: bool) -> dict[str, Any]:
    """Return a line as a tool would write it that counts in another way."""

    def move(offset: int) -> int:
        before = line["text"][:offset]
        return measure(before.replace("\n", "\r\n") if crlf else before)

    for entry in [*line["spans"], *line["rejections"], *line["suggestions"]]:
        if entry["start"] is not None:
            entry["start"], entry["end"] = move(entry["start"]), move(entry["end"])
        entry.get("evidence", [])[:] = [[move(a), move(b)] for a, b in entry.get("evidence", [])]
    return line


@pytest.fixture
def line(project: Project, tmp_path: Path) -> dict[str, Any]:
    """An exported line with spans before and after the emoji, a rejection and a suggestion."""
    with project.act("imported"):
        project.articles.add(ArticleInput(TEXT, "title"))
    found = [
        Suggestion("entity", "GPE", TEXT.index(word), TEXT.index(word) + len(word), "ner")
        for word in ("Армения", "Russia", "Armenia")
    ]
    found.append(
        Suggestion(
            "stance", "neutral", None, None, "stance", "", 0.5, None, ((TEXT.index("Russia"), len(TEXT)),)
        )
    )
    project.suggestions.replace(PipelineInfo("tiny", "1"), [(1, found, None)])
    project.annotations.add(1, "entity", "ORG", 0, 3)
    project.annotations.accept(1, 1)
    project.annotations.reject(1, 2)
    last = TEXT.rindex("Russia")
    project.annotations.add(1, "entity", "GPE", last, last + 6)
    for _ in export_jsonl(project, tmp_path / "right.jsonl", with_suggestions=True):
        pass
    value: dict[str, Any] = json.loads((tmp_path / "right.jsonl").read_text(encoding="utf-8"))
    assert (len(value["spans"]), len(value["rejections"]), len(value["suggestions"])) == (3, 1, 2)
    return value


def do_import(folder: Path, lines: list[Any]) -> tuple[ImportReport, list[Any], int]:
    """Import lines into a new project; return report, spans and the number of articles."""
    path = folder / "in.jsonl"
    path.write_bytes(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
    with create_project(folder / "new.annot", annotator="anna") as project:
        steps: Generator[Any, None, ImportReport] = import_paths(project, [path])
        while True:
            try:
                next(steps)
            except StopIteration as end:
                report: ImportReport = end.value
                break
        person = project.db.execute("SELECT id FROM annotators").fetchone()
        spans = [(a.start, a.end, a.quote) for a in project.annotations.of(1, person[0])] if person else []
        return report, spans, project.articles.count()


@pytest.mark.parametrize("unit", UNITS)
def test_offsets_in_other_units_are_put_right_and_counted(
    line: dict[str, Any], tmp_path: Path, unit: str
) -> None:
    right = json.loads(json.dumps(line))
    wrong = shift(line, *UNITS[unit])
    moved = sum(a["end"] != b["end"] for a, b in zip(wrong["spans"], right["spans"], strict=True))
    report, spans, _ = do_import(tmp_path, [wrong])
    assert report.failed == ()
    assert spans == [(s["start"], s["end"], s["text"]) for s in right["spans"]]
    assert report.repaired == moved > 0
    assert f"{moved} span" in report.summary()
    assert "repaired" in report.summary()
    record = from_line(json.dumps(line).encode())
    assert [(r.start, r.end) for r in record.rejections] == [
        (r["start"], r["end"]) for r in right["rejections"]
    ]
    assert record.suggestions is not None
    assert [s.evidence for s in record.suggestions] == [
        tuple(map(tuple, s["evidence"])) for s in right["suggestions"]
    ]


@pytest.mark.parametrize("measure", [len, utf16, utf8])
def test_offsets_into_the_text_as_it_came_are_put_right(
    line: dict[str, Any], tmp_path: Path, measure: Callable[[str], int]
) -> None:
    right = [(s["start"], s["end"], s["text"]) for s in line["spans"]]
    line = shift(line, measure, True)
    line["text"] = line["text"].replace("\n", "\r\n")
    report, spans, _ = do_import(tmp_path, [line])
    assert (report.failed, spans) == ((), right)
    assert report.repaired > 0


def test_what_fits_as_it_is_is_not_repaired(line: dict[str, Any], tmp_path: Path) -> None:
    report, _, _ = do_import(tmp_path, [line])
    assert report.repaired == 0
    assert "repaired" not in report.summary()


def test_a_shift_that_nothing_explains_is_refused_with_its_line(line: dict[str, Any], tmp_path: Path) -> None:
    wrong = shift(json.loads(json.dumps(line)), utf16, False)
    wrong["spans"][1]["start"] += 1
    wrong["spans"][1]["end"] += 1
    other = json.loads(json.dumps(line)) | {"id": "another", "annotator": "ben"}
    other["spans"] = other["rejections"] = []
    other["labels"] = {}
    report, _, count = do_import(tmp_path, [other, wrong])
    (failure,) = report.failed
    assert failure[1].startswith("line 2: the span ")
    assert "does not hold 'Армения'" in failure[1]
    assert count == 0


def test_spans_that_are_counted_in_different_ways_are_refused(line: dict[str, Any], tmp_path: Path) -> None:
    mixed = json.loads(json.dumps(line))
    mixed["spans"][1] = shift(json.loads(json.dumps(line)), utf16, False)["spans"][1]
    mixed["spans"][2] = shift(json.loads(json.dumps(line)), utf8, False)["spans"][2]
    report, _, count = do_import(tmp_path, [mixed])
    assert "does not hold" in report.failed[0][1]
    assert count == 0


def test_a_quote_that_would_fit_in_two_places_is_refused(line: dict[str, Any], tmp_path: Path) -> None:
    text = "éé\naaaaaaaaaa"
    line |= {"text": text, "sha256": sha256(text), "rejections": [], "suggestions": []}
    line["spans"] = [line["spans"][0] | {"start": 12, "end": 14, "text": "aa"}]  # bytes, or bytes with CRLF
    report, _, count = do_import(tmp_path, [line])
    assert "does not hold 'aa'" in report.failed[0][1] or "lies outside" in report.failed[0][1]
    assert count == 0


def test_rejections_alone_say_nothing_about_how_they_were_counted(
    line: dict[str, Any], tmp_path: Path
) -> None:
    line["spans"] = []
    line["rejections"][0]["end"] = len(TEXT) + 3
    report, _, count = do_import(tmp_path, [line])
    assert "a rejection from" in report.failed[0][1]
    assert count == 0


@given(
    text=st.text(st.sampled_from("ab é🚀\r\n\0\ufeff\u2028"), min_size=1, max_size=30),
    where=st.tuples(st.integers(0, 30), st.integers(1, 30)),
    unit=st.sampled_from(sorted(UNITS)),
)
def test_whatever_comes_in_holds_its_quote(text: str, where: tuple[int, int], unit: str) -> None:
    stored = normalise(text)
    start, end = min(where[0], len(stored)), min(where[0] + where[1], len(stored))
    quote = stored[start:end]
    measure, crlf = UNITS[unit]

    def move(offset: int) -> int:
        return measure(stored[:offset].replace("\n", "\r\n") if crlf else stored[:offset])

    span = {
        "id": "s", "layer": "entity", "label": "GPE", "start": move(start), "end": move(end), "text": quote,
        "certainty": None, "note": "", "origin": "manual", "component": None, "reason": "", "actor": None,
        "seen_suggestion": None, "holder": None, "target": None, "codebook_version": 1,
        "created_at": "", "updated_at": "",
    }  # fmt: skip
    line = {
        "schema": "annotator/1", "id": "a", "sha256": sha256(stored), "title": "t", "text": text,
        "meta": dict.fromkeys(["source", "url", "published", "author", "language"]), "annotator": "anna",
        "status": "todo", "flagged": False, "note": "", "labels": {}, "spans": [span], "rejections": [],
        "actors": {},
    }  # fmt: skip
    try:
        record = from_line(json.dumps(line).encode())
    except ValueError as error:
        assert "span" in str(error)  # noqa: PT017 - refused is right as well
    else:
        (a,) = record.annotations
        assert a.start is not None
        assert stored[a.start : a.end] == a.quote == quote


@given(st.text(st.characters(exclude_categories=("Cs",)) | st.sampled_from("a🚀\n"), max_size=30))
def test_utf16_units_are_found_without_a_table_as_with_one(text: str) -> None:
    text = normalise(text)
    quick, table = raw_ruler(text, "UTF-16 units"), RawRuler(text, utf16)
    for offset in range(-2, utf16(text) + 3):
        assert quick.point(offset) == table.point(offset)
