"""Exporting, and the way there and back."""

from __future__ import annotations

import errno
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotator import formats
from annotator.formats import ExportReport, export_jsonl, import_paths
from annotator.model import (
    Actor,
    Annotation,
    ArticleInput,
    ArticleRecord,
    DamagedProjectError,
    PipelineInfo,
    Progress,
    Rejection,
    StorageError,
    Suggestion,
)
from annotator.project import Project, create_project, open_project
from annotator.resources import resource

from .conftest import finish


def export(project: Project, path: Path, **options: Any) -> bytes:
    report = finish(export_jsonl(project, path, **options))
    assert isinstance(report, ExportReport)
    assert report.verified == report.spans
    return path.read_bytes()


def round_trip(project: Project, folder: Path, **options: Any) -> tuple[bytes, bytes]:
    first = export(project, folder / "first.jsonl", **options)
    with create_project(folder / "copy.annot", annotator="somebody else") as copy:
        report = finish(import_paths(copy, [folder / "first.jsonl"]))
        assert report.failed == ()
        return first, export(copy, folder / "second.jsonl", **options)


@pytest.fixture
def two_annotators(suggested: Project) -> Project:
    """anna and ben disagree on article 1; with suggestions, actors, a new layer and a note."""
    suggested.annotations.accept(1, 1)
    suggested.annotations.accept(1, 2, label="GPE")
    suggested.annotations.add(1, "stance", "pro-Russia")
    suggested.annotations.add(2, "stance", "neutral", 0, 14)
    suggested.articles.set_status(1, "done")
    suggested.articles.set_note(1, 'a "note"\u2028in two\tlines')
    suggested.articles.set_flagged(3, True)
    when = "2025-01-01T00:00:00.000Z"
    article = suggested.articles.get(1)

    def annotation(uuid: str, layer: str, label: str, start: int | None, end: int | None) -> Annotation:
        quote = None if start is None or end is None else article.text[start:end]
        return Annotation(
            0, uuid, 0, "ben", layer, label, start, end, quote, "Armenia", None, "Russia", 2, "sure",
            "imported", "gazetteer", "in a list", "ORG", 3, when, when,
        )  # fmt: skip

    with suggested.act("came in"):
        suggested.records.add_all(
            [
                ArticleRecord(
                    ArticleInput(article.text, article.title, uuid=article.uuid),
                    article.sha256,
                    "ben",
                    Progress("skipped", True, "no"),
                    (
                        annotation("b-1", "entity", "ZZZ", 21, 28),
                        annotation("b-2", "entity", "AAA", 21, 28),
                        annotation("b-3", "frame", "war", None, None),
                    ),
                    (Rejection("entity", "ORG", 30, 36), Rejection("entity", "GPE", 0, 1, alone=True)),
                    (
                        Actor("u-1", "Armenia", "GPE", None, ("Армения", "Հայաստան")),
                        Actor("u-2", "Russia", "GPE", "Russia", ()),
                    ),
                )
            ]
        )
    return suggested


@pytest.mark.parametrize("with_suggestions", [False, True])
def test_export_import_export_gives_the_same_bytes(
    two_annotators: Project, tmp_path: Path, with_suggestions: bool
) -> None:
    first, second = round_trip(two_annotators, tmp_path, with_suggestions=with_suggestions)
    assert first == second
    lines = [json.loads(line) for line in first.split(b"\n")[:-1]]
    assert [line["annotator"] for line in lines] == ["anna", "ben", "anna", "anna"]
    assert [span["label"] for span in lines[1]["spans"]] == ["AAA", "ZZZ"]
    assert [(r["label"], r.get("alone", "not there")) for r in lines[1]["rejections"]] == [
        ("GPE", True),
        ("ORG", "not there"),
    ]


def test_every_line_is_of_the_published_schema(two_annotators: Project, tmp_path: Path) -> None:
    import jsonschema

    schema = json.loads(resource("jsonl.schema.json").read_text(encoding="utf-8"))
    for options in ({}, {"with_suggestions": True}):
        for line in export(two_annotators, tmp_path / "out.jsonl", **options).split(b"\n")[:-1]:
            jsonschema.validate(json.loads(line), schema)


def test_the_keys_stand_in_the_order_of_the_documentation(two_annotators: Project, tmp_path: Path) -> None:
    line = json.loads(export(two_annotators, tmp_path / "out.jsonl", with_suggestions=True).split(b"\n")[0])
    assert list(line) == [
        "schema",
        "id",
        "sha256",
        "title",
        "text",
        "meta",
        "annotator",
        "status",
        "flagged",
        "note",
        "drawn",
        "labels",
        "spans",
        "rejections",
        "actors",
        "suggestions",
        "pipeline",
    ]
    rest = [
        "certainty",
        "note",
        "origin",
        "component",
        "reason",
        "seen_suggestion",
        "blind",
        "actor",
        "holder",
        "target",
        "codebook_version",
        "created_at",
        "updated_at",
    ]
    assert list(line["spans"][0]) == ["id", "layer", "label", "start", "end", "text", *rest]
    assert list(line["labels"]["stance"]) == ["id", "label", *rest]
    assert list(line["meta"]) == ["source", "url", "published", "author", "language"]


def test_the_file_is_utf8_with_line_feeds_and_nothing_escaped(
    two_annotators: Project, tmp_path: Path
) -> None:
    data = export(two_annotators, tmp_path / "out.jsonl")
    assert data.startswith(b'{"schema":"annotator/1","id":"')
    assert data.endswith(b"}\n")
    assert b"\r" not in data
    assert "🚀".encode() in data


def test_status_and_annotator_choose_lines(two_annotators: Project, tmp_path: Path) -> None:
    def lines(**options: Any) -> list[tuple[str, str]]:
        data = export(two_annotators, tmp_path / "out.jsonl", **options)
        return [(x["annotator"], x["status"]) for x in map(json.loads, data.split(b"\n")[:-1])]

    assert lines(status="done") == [("anna", "done")]
    assert lines(annotator="ben") == [("ben", "skipped")]
    assert lines(annotator="ben", status="done") == []


def test_the_summary_ends_with_the_spans_verified(two_annotators: Project, tmp_path: Path) -> None:
    report = finish(export_jsonl(two_annotators, tmp_path / "out.jsonl"))
    assert (report.lines, report.articles, report.spans) == (4, 3, 5)
    assert report.summary() == "4 lines (3 articles) written to out.jsonl.\n5 of 5 spans verified"


def test_a_read_only_project_can_be_exported(two_annotators: Project, tmp_path: Path) -> None:
    with open_project(two_annotators.path, read_only=True) as reader:
        assert export(reader, tmp_path / "a.jsonl") == export(two_annotators, tmp_path / "b.jsonl")


def test_an_export_that_is_cancelled_leaves_the_older_file(
    two_annotators: Project, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr("annotator.formats.exporting.STEP_SECONDS", 0.0)
    out = tmp_path / "out" / "out.jsonl"
    out.parent.mkdir()
    out.write_text("older")
    steps = export_jsonl(two_annotators, out)
    step = next(steps)
    assert (step.done, step.total) == (1, 3)
    assert len(list(out.parent.iterdir())) == 2
    steps.close()
    assert [path.read_text() for path in out.parent.iterdir()] == ["older"]


def test_a_quote_that_does_not_fit_stops_the_export(two_annotators: Project, tmp_path: Path) -> None:
    two_annotators.db.execute("UPDATE annotations SET quote = 'x' WHERE uuid = 'b-2'")
    with pytest.raises(DamagedProjectError, match="Rocket"):
        export(two_annotators, tmp_path / "out.jsonl")
    assert not list(tmp_path.glob("*.jsonl"))
    assert not list(tmp_path.glob(".*.part"))


def test_a_full_disk_is_one_plain_sentence(two_annotators: Project, tmp_path: Path, monkeypatch: Any) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    out = tmp_path / "out.jsonl"
    out.write_text("older")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match=r"out\.jsonl cannot be written: the disk is full"):
        export(two_annotators, out)
    assert out.read_text() == "older"
    assert not list(tmp_path.glob(".*.part"))


def test_places_that_cannot_take_an_export(two_annotators: Project, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="there is no folder"):
        export(two_annotators, tmp_path / "nowhere" / "out.jsonl")
    with pytest.raises(StorageError, match="is not a file"):
        export(two_annotators, tmp_path)
    with pytest.raises(StorageError, match="is the project itself"):
        export(two_annotators, two_annotators.path)


@pytest.mark.parametrize("name", ["jsonl", "csv-spans"])
@pytest.mark.parametrize("gone", ["texts", "both"])
def test_an_article_that_vanishes_meanwhile_is_said(
    two_annotators: Project, tmp_path: Path, monkeypatch: Any, name: str, gone: str
) -> None:
    monkeypatch.setattr("annotator.formats.exporting.STEP_SECONDS", 0.0)
    steps = formats.export(two_annotators, tmp_path / "out", formats.registry.named(name))
    next(steps)
    two_annotators.db.execute("PRAGMA foreign_keys = OFF")
    for table in ("texts", "articles") if gone == "both" else ("texts",):
        two_annotators.db.execute(f"DELETE FROM {table} WHERE id = 3")
    with pytest.raises(Exception, match="was changed while it was being exported"):
        finish(steps)
    assert not (tmp_path / "out").exists()


def test_a_line_of_a_megabyte_goes_there_and_back(project: Project, tmp_path: Path) -> None:
    text = "Слово 🚀 e\u0301 \u00a0\u0085 " * 70_000
    with project.act("imported"):
        project.articles.add(ArticleInput(text, "Long"))
    project.annotations.add(1, "entity", "ORG", len(text) - 9, len(text) - 2)
    first, second = round_trip(project, tmp_path)
    assert len(first) > 1_000_000
    assert first == second


# What stands in files: no NUL (a file with one is taken for binary), no surrogates, no control characters
TEXTS = st.text(
    st.characters(exclude_categories=("Cs", "Cc"))
    | st.sampled_from("\r\n\t\u2028\u2029\u00a0\ufeffé🚀اԵ\u0301"),
    min_size=1,
    max_size=80,
).filter(lambda text: text.strip("\ufeff").strip())


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(TEXTS, min_size=1, max_size=3), data=st.data())
def test_any_text_goes_in_out_in_and_out_with_exact_quotes(texts: list[str], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "in").mkdir()
        for number, text in enumerate(texts):
            (folder / "in" / f"{number}.txt").write_bytes(text.encode())
        with create_project(folder / "a.annot", annotator="anna") as project:
            assert finish(import_paths(project, [folder / "in"])).failed == ()
            for article in project.articles.ids():
                text = project.articles.text(article)
                assert not set("\r\u2028\u2029") & set(text)
                ranges = data.draw(st.lists(st.tuples(*[st.integers(0, len(text))] * 2), max_size=4))
                spans = [(min(r), max(r)) for r in ranges if r[0] != r[1]]
                project.suggestions.replace(
                    PipelineInfo("p", "1"),
                    [(article, [Suggestion("entity", "GPE", *span, "ner") for span in set(spans)], None)],
                )
                for start, end in spans[::2]:
                    project.annotations.add(article, "entity", "GPE", start, end)
            first, second = round_trip(project, folder, with_suggestions=True)
        assert first == second
        for line in map(json.loads, first.split(b"\n")[:-1]):
            for span in line["spans"]:
                assert line["text"][span["start"] : span["end"]] == span["text"]


PLACES = st.tuples(
    st.sampled_from(["entity", "stance"]), st.integers(0, 4), st.integers(1, 3), st.sampled_from("ab")
)
DECIDED = st.lists(PLACES, max_size=12, unique_by=lambda place: place[:3])


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(suggested=st.lists(PLACES, max_size=12, unique=True), anna=DECIDED, ben=DECIDED)
def test_spans_and_suggestions_are_in_text_order_however_they_came(
    suggested: list[tuple[str, int, int, str]], anna: list[Any], ben: list[Any]
) -> None:
    """By start, end, layer and label, as docs/jsonl.md has it; and each annotator's in their own line."""
    labels = {
        ("entity", "a"): "GPE",
        ("entity", "b"): "ORG",
        ("stance", "a"): "neutral",
        ("stance", "b"): "pro-West",
    }

    def ordered(places: list[tuple[str, int, int, str]]) -> list[tuple[int, int, str, str]]:
        return sorted(
            (start, start + length, layer, labels[layer, label]) for layer, start, length, label in places
        )

    with (
        tempfile.TemporaryDirectory() as name,
        create_project(Path(name) / "a.annot", annotator="") as project,
    ):
        project.articles.add(ArticleInput("🚀 words", ""))
        project.suggestions.replace(
            PipelineInfo("p", "1"),
            [
                (
                    1,
                    [
                        Suggestion(layer, labels[layer, label], start, start + length, "ner")
                        for layer, start, length, label in suggested
                    ],
                    None,
                )
            ],
        )
        for annotator, places in ("anna", anna), ("ben", ben):
            project.annotator = annotator
            project.articles.set_flagged(1, True)
            for layer, start, length, label in places:
                project.annotations.add(1, layer, labels[layer, label], start, start + length)
        out = Path(name) / "out.jsonl"
        lines = [json.loads(line) for line in export(project, out, with_suggestions=True).splitlines()]
        chosen = [json.loads(line) for line in export(project, out, annotator="ben").splitlines()]
    assert [line["annotator"] for line in lines] == ["anna", "ben"]
    assert chosen[0]["spans"] == lines[1]["spans"]
    for line, places in zip(lines, (anna, ben), strict=True):
        key = [(x["start"], x["end"], x["layer"], x["label"]) for x in line["spans"]]
        assert key == ordered(places)
        taken = {x[:3] for x in ordered(places)}
        key = [(x["start"], x["end"], x["layer"], x["label"]) for x in line["suggestions"]]
        assert key == [x for x in ordered(suggested) if x[:3] not in taken]
