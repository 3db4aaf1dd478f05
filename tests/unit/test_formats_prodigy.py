"""Prodigy's JSONL."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from annotator.formats import ImportReport, export, import_paths, registry
from annotator.formats.item import Item
from annotator.formats.prodigy import FORMAT
from annotator.model import ArticleInput, InputFileError
from annotator.project import Project

from .conftest import finish

SAMPLES = Path(__file__).parents[3] / "shared" / "samples" / "prodigy"
with_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples are not here")

TEXT = "A rocket 🚀 over Kyiv."
TASK = {
    "text": TEXT,
    "meta": {"source": "b.example", "section": "World"},
    "_input_hash": 12,
    "_task_hash": -7,
    "_annotator_id": "news-anna",
    "_timestamp": 1735689600,
    "spans": [{"start": 16, "end": 20, "label": "GPE", "token_start": 3, "token_end": 3}],
    "answer": "accept",
}


def write(folder: Path, *tasks: dict[str, Any]) -> Path:
    path = folder / "tasks.jsonl"
    path.write_text("".join(json.dumps(task) + "\n" for task in tasks), encoding="utf-8")
    return path


def read(folder: Path, *tasks: dict[str, Any]) -> list[Item]:
    path = write(folder, *tasks)
    assert registry.recognise(path, path.read_bytes()[: registry.HEAD]) is FORMAT
    return list(FORMAT.read(path, {}))  # type: ignore[misc]


WIDE = "Über 🚀 Киев met NATO"


@pytest.mark.parametrize(("unit", "size"), [("utf-8", 1), ("utf-16-le", 2), ("utf-32-le", 4)])
@pytest.mark.parametrize("told_by", ["quotes", "tokens"])
def test_offsets_in_any_unit_are_put_right_by_quotes_or_tokens(
    unit: str, size: int, told_by: str, tmp_path: Path
) -> None:
    def place(word: str) -> dict[str, Any]:
        start = len(WIDE[: WIDE.index(word)].encode(unit)) // size
        return {"start": start, "end": start + len(word.encode(unit)) // size, "text": word}

    spans = [{**place(word), "label": "GPE"} for word in ("Über", "Киев")]
    task: dict[str, Any] = {"text": WIDE, "spans": spans}
    if told_by == "tokens":
        task["spans"] = [{key: span[key] for key in ("start", "end", "label")} for span in spans]
        task["tokens"] = [{**place(word), "id": n} for n, word in enumerate(WIDE.split())]
    (item,) = read(tmp_path, task)
    assert [a.quote for a in item.record.annotations] == ["Über", "Киев"]


def test_what_is_accepted_is_annotated(tmp_path: Path, project: Project) -> None:
    report: ImportReport = finish(import_paths(project, [write(tmp_path, TASK)]))
    assert (report.new, report.annotations, report.verified, report.lost) == (1, 1, 1, ())
    (record,) = project.records.read()
    (a,) = record.annotations
    assert (a.layer, a.label, a.start, a.end, a.quote) == ("entity", "GPE", 16, 20, "Kyiv")
    assert (a.origin, a.created_at) == ("imported", "2025-01-01T00:00:00.000Z")
    assert (record.annotator, record.progress.status) == ("news-anna", "done")
    assert record.article.source == "b.example"
    assert record.article.meta == {"section": "World", "prodigy": {"_input_hash": 12, "_task_hash": -7}}


def test_what_is_rejected_is_a_rejection_of_those_spans(tmp_path: Path, project: Project) -> None:
    finish(import_paths(project, [write(tmp_path, {**TASK, "answer": "reject"})]))
    (record,) = project.records.read()
    assert record.annotations == ()
    assert [(r.layer, r.label, r.start, r.end) for r in record.rejections] == [("entity", "GPE", 16, 20)]
    assert record.progress.status == "done"


def test_what_is_ignored_is_skipped_and_its_labels_are_named(tmp_path: Path) -> None:
    (item,) = read(tmp_path, {**TASK, "answer": "ignore"})
    assert item.record.progress.status == "skipped"
    assert item.record.annotator == "news-anna"
    assert (item.record.annotations, item.record.rejections) == ((), ())
    assert item.lost == ("labels of ignored tasks",)


def test_spans_that_nobody_has_answered_wait_in_progress(tmp_path: Path) -> None:
    task = {key: value for key, value in TASK.items() if key != "answer"}
    (item,) = read(tmp_path, task)
    assert item.record.progress.status == "in_progress"
    assert len(item.record.annotations) == 1


def test_two_annotators_of_a_text_are_two_records_of_one_article(tmp_path: Path, project: Project) -> None:
    report = finish(import_paths(project, [write(tmp_path, TASK, {**TASK, "_annotator_id": "news-ben"})]))
    assert (report.new, report.known, report.annotations) == (1, 0, 2)
    assert [record.annotator for record in project.records.read()] == ["news-anna", "news-ben"]
    assert project.articles.count() == 1


def test_a_choice_and_a_binary_label_speak_of_the_whole_article(tmp_path: Path, project: Project) -> None:
    options = [{"id": "pro-West", "text": "pro-West"}, {"id": 2, "text": "neutral"}]
    choice = {"text": "One.", "options": options, "accept": [2], "answer": "accept", "_view_id": "choice"}
    binary = {"text": "Two.", "label": "pro-Russia", "spans": [], "answer": "accept"}
    wrong = {"text": "Three.", "label": "PRO-RUSSIA", "answer": "reject"}
    report = finish(import_paths(project, [write(tmp_path, choice, binary, wrong)]))
    assert report.failed == ()
    first, second, third = project.records.read()
    assert [(a.layer, a.label, a.start) for a in first.annotations] == [("stance", "neutral", None)]
    assert [(a.layer, a.label, a.start) for a in second.annotations] == [("stance", "pro-Russia", None)]
    assert [(r.layer, r.label, r.start) for r in third.rejections] == [("stance", "pro-Russia", None)]


def test_a_choice_that_is_no_list_is_not_passed_over(tmp_path: Path) -> None:
    (item,) = read(tmp_path, {"text": "One.", "accept": "pro-West", "answer": "accept"})
    assert [(a.label, a.start) for a in item.record.annotations] == [("pro-West", None)]


def test_a_choice_of_several_gets_a_layer_that_takes_several(tmp_path: Path, project: Project) -> None:
    one = {"text": "One.", "accept": ["war"], "answer": "accept"}
    two = {"text": "Two.", "accept": ["war", "trade"], "answer": "accept"}
    assert finish(import_paths(project, [write(tmp_path, one, two)])).failed == ()
    found = [(a.layer, a.label) for record in project.records.read() for a in record.annotations]
    assert sorted(found) == [("category", "trade"), ("category", "war"), ("category", "war")]
    assert not project.codebook.read().layer("category").exclusive


def test_highlights_relations_and_bare_spans_are_named_as_lost(tmp_path: Path) -> None:
    seen = {**TASK, "_view_id": "classification", "label": "neutral"}
    bare = {**TASK, "spans": [{"start": 0, "end": 1}], "relations": [{"head": 1, "child": 2, "label": "x"}]}
    first, second = read(tmp_path, seen, bare)
    assert first.lost == ("highlighted spans",)
    assert [a.label for a in first.record.annotations] == ["neutral"]
    assert second.lost == ("relations", "spans without a label")


@pytest.mark.parametrize(
    ("task", "reason"),
    [
        ({"label": "GPE", "pattern": [{"lower": "armenia"}]}, "match patterns .* “prodigy db-out” writes"),
        (
            {"image": "a.png", "_task_hash": 1, "answer": "accept"},
            "about image: Annotator reads tasks about text",
        ),
        ({**TASK, "spans": [{"start": 16, "end": 99, "label": "GPE"}]}, "16 to 99 lies outside the text"),
        ({**TASK, "spans": [{"start": 1, "label": "GPE"}]}, "a span of 'GPE' has no start or end"),
        ({**TASK, "spans": [{"start": 0, "end": 1, "label": "GPE", "text": "B"}]}, "holds 'A', not 'B'"),
    ],
)
def test_a_wrong_task_is_refused_with_its_line(tmp_path: Path, task: dict[str, Any], reason: str) -> None:
    with pytest.raises(InputFileError, match=reason) as caught:
        read(tmp_path, task)
    assert caught.value.line == 1


def test_offsets_in_utf16_units_are_found_out_by_the_quotes(tmp_path: Path) -> None:
    span = {"start": 17, "end": 21, "label": "GPE", "text": "Kyiv"}  # the rocket counts twice
    (item,) = read(tmp_path, {**TASK, "spans": [span]})
    assert [(a.start, a.end) for a in item.record.annotations] == [(16, 20)]
    assert item.record.repaired == 1


def test_a_stretch_has_the_numbers_of_its_tokens_where_it_is_whole_ones(
    project: Project, tmp_path: Path
) -> None:
    text = "One, two  threes"
    whole = {"One": (0, 0), "two  threes": (2, 4), "two": (2, 2), "threes": (4, 4)}
    within = ["One, ", "ne", "threes"[:-1], "wo  threes"]
    with project.act("labelled"):
        article, _ = project.articles.add(ArticleInput(text, "Numbers"))
    for words in [*whole, *within]:
        start = text.index(words)
        project.annotations.add(article, "entity", "ORG", start, start + len(words))
    lines, lost = exported(project, tmp_path / "out.jsonl")
    found = {
        text[span["start"] : span["end"]]: (span.get("token_start"), span.get("token_end"))
        for span in lines[0]["spans"]
    }
    assert found == whole | dict.fromkeys(within, (None, None))
    assert "(4)" in lost[0]


def exported(project: Project, path: Path) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    report = finish(export(project, path, FORMAT))
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()], report.lost


def test_an_export_has_tokens_options_answers_and_a_line_for_rejections(
    suggested: Project, tmp_path: Path
) -> None:
    suggested.annotations.accept(1, 1)
    suggested.annotations.reject(1, 2)
    suggested.annotations.add(1, "stance", "pro-West")
    suggested.articles.set_status(2, "skipped")
    lines, lost = exported(suggested, tmp_path / "out.jsonl")
    said, rejected, skipped, untouched = lines
    (span,) = said["spans"]
    assert (span["start"], span["end"], span["label"]) == (21, 28, "GPE")
    assert said["tokens"][span["token_start"]]["start"] == 21
    assert said["tokens"][span["token_end"]]["end"] == 28
    assert said["accept"] == ["pro-West"]
    assert [option["id"] for option in said["options"]] == ["pro-West", "neutral", "pro-Russia"]
    assert (said["answer"], said["_annotator_id"], said["_session_id"]) == ("accept", "anna", "anna")
    assert "_input_hash" not in said
    assert [(s["label"], s["start"], s["end"]) for s in rejected["spans"]] == [("ORG", 30, 36)]
    assert rejected["answer"] == "reject"
    assert skipped["answer"] == "ignore"
    assert "answer" not in untouched
    assert lost == ()


def test_hashes_that_came_go_out_again(tmp_path: Path, project: Project) -> None:
    finish(import_paths(project, [write(tmp_path, TASK)]))
    (line,), _ = exported(project, tmp_path / "out.jsonl")
    assert {key: line[key] for key in ("_input_hash", "_task_hash", "_annotator_id", "_timestamp")} == {
        key: TASK[key] for key in ("_input_hash", "_task_hash", "_annotator_id", "_timestamp")
    }


def test_a_span_inside_a_word_keeps_its_offsets_and_is_named(with_articles: Project, tmp_path: Path) -> None:
    with_articles.annotations.add(1, "entity", "GPE", 21, 25)  # Arme
    (line, *_), lost = exported(with_articles, tmp_path / "out.jsonl")
    assert line["spans"] == [{"start": 21, "end": 25, "label": "GPE"}]
    assert lost == (
        "Spans with an edge inside a word, written without token numbers (1): “Arme” (GPE) in “Rocket”.",
    )


@with_samples
@pytest.mark.parametrize(
    ("name", "articles", "annotations", "rejections", "statuses"),
    [
        ("ner_headlines.jsonl", 373, 303, 0, {"done": 372, "skipped": 1}),
        ("textcat_60.jsonl", 60, 13, 27, {"done": 40, "skipped": 20}),
    ],
)
def test_the_samples_come_in(
    project: Project, name: str, articles: int, annotations: int, rejections: int, statuses: dict[str, int]
) -> None:
    report = finish(import_paths(project, [SAMPLES / name]))
    assert (report.new, report.annotations, report.failed) == (articles, annotations, ())
    found = list(project.records.read())
    assert sum(len(record.rejections) for record in found) == rejections
    assert Counter(record.progress.status for record in found) == statuses


@with_samples
def test_the_patterns_among_the_samples_are_refused(project: Project) -> None:
    report = finish(import_paths(project, [SAMPLES / "patterns_gpe_40.jsonl"]))
    assert report.imported == 0
    assert "match patterns" in report.failed[0][1]
