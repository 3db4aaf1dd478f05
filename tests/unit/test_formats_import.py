"""Importing files, folders and pasted text."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from annotator.formats import ImportReport, export_jsonl, import_paths, import_text
from annotator.formats.registry import readable
from annotator.model import AnnotatorError, LockedProjectError, ReadOnlyProjectError
from annotator.project import Project, create_project, open_project

from .conftest import finish


def do_import(project: Project, *paths: Path) -> ImportReport:
    report = finish(import_paths(project, paths))
    assert isinstance(report, ImportReport)
    return report


def write(folder: Path, **files: str) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{name}.txt" for name in files]
    for path, text in zip(paths, files.values(), strict=True):
        path.write_text(text, encoding="utf-8", newline="")
    return paths


def exported(project: Project, path: Path, **options: Any) -> list[dict[str, Any]]:
    finish(export_jsonl(project, path, **options))
    return [json.loads(line) for line in path.read_bytes().split(b"\n") if line]


def rewrite(path: Path, change: Callable[[dict[str, Any]], object], line: int = 0) -> None:
    lines = path.read_text(encoding="utf-8").split("\n")[:-1]
    value = json.loads(lines[line])
    change(value)
    lines[line] = json.dumps(value)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


@pytest.fixture
def export_file(suggested: Project, tmp_path: Path) -> Path:
    """Three lines: an emoji article with a span, a label and a rejection, and two untouched ones."""
    suggested.annotations.accept(1, 1)
    suggested.annotations.reject(1, 2)
    suggested.annotations.add(1, "stance", "neutral")
    finish(export_jsonl(suggested, tmp_path / "out.jsonl", with_suggestions=True))
    return tmp_path / "out.jsonl"


@pytest.fixture
def other(tmp_path: Path) -> Any:
    with create_project(tmp_path / "other.annot", annotator="ben") as project:
        yield project


def test_an_import_is_one_act(project: Project, tmp_path: Path) -> None:
    report = do_import(project, *write(tmp_path / "in", a="One\n\nx", b="Two\n\ny"))
    assert (report.new, report.imported, project.articles.count()) == (2, 2, 2)
    assert report.change is not None
    assert report.change.text == "imported 2 articles"
    project.undo()
    assert project.articles.count() == 0
    assert project.undo() is None


def test_folders_are_walked_in_order_and_other_files_counted(project: Project, tmp_path: Path) -> None:
    root = tmp_path / "in"
    write(root / "b", z="Z\n\nz")
    write(root, c="C\n\nc", a="A\n\na")
    write(root / ".hidden", h="H")
    (root / ".d.txt").write_text("D")
    (root / "UPPER.TXT").write_text("U\n\nu")
    (root / "picture.png").write_bytes(b"x")
    report = do_import(project, root)
    titles = [row.title for row in project.articles.rows(project.articles.ids())]
    assert titles == ["U", "A", "Z", "C"]
    assert (report.passed_over, report.failed) == (1, ())


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links need rights there")
def test_a_loop_of_links_is_walked_once(project: Project, tmp_path: Path) -> None:
    write(tmp_path / "in", a="A\n\na")
    (tmp_path / "in" / "again").symlink_to(tmp_path / "in", target_is_directory=True)
    (tmp_path / "in" / "gone.txt").symlink_to(tmp_path / "nowhere.txt")
    report = do_import(project, tmp_path / "in")
    assert report.new == 1
    assert [reason for _, reason in report.failed] == [
        "cannot be read: no such file or directory; make it readable, or leave it out"
    ]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes there")
def test_a_pipe_is_refused_not_waited_for(project: Project, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert do_import(project, tmp_path / "pipe.txt").failed[0][1] == "is not a regular file; leave it out"


def test_a_file_that_fails_is_named_and_the_others_come_in(project: Project, tmp_path: Path) -> None:
    good = write(tmp_path / "in", a="A\n\na", empty="", b="B\n\nb")
    table = tmp_path / "in" / "picture.png"
    table.write_bytes(b"PK")
    report = do_import(project, *good, table, tmp_path / "gone.txt")
    assert report.new == 2
    reasons = {Path(path).name: reason for path, reason in report.failed}
    assert reasons == {
        "empty.txt": "is empty; leave it out",
        "picture.png": f"is no kind of file that can be imported ({', '.join(sorted(readable()))}); "
        "save it as one, or leave it out",
        "gone.txt": "cannot be read: no such file or directory; make it readable, or leave it out",
    }
    summary = report.summary()
    assert summary.startswith("2 articles imported.\n3 files could not be imported:\n")
    assert f"  {tmp_path / 'in' / 'empty.txt'}: is empty" in summary


def test_a_second_import_finds_all_known_and_equal_text_is_marked(project: Project, tmp_path: Path) -> None:
    paths = write(tmp_path / "in", a="Wire\n\nstory", b="Wire\n\nstory")
    first = do_import(project, *paths)
    assert (first.new, first.same_text, first.known) == (1, 1, 0)
    second = do_import(project, *paths)
    assert (second.new, second.same_text, second.known, second.change) == (0, 0, 2, None)
    assert first.summary() == "2 articles imported, 1 with the same text as another."
    assert second.summary() == "0 articles imported, 2 known already and skipped."


def test_a_known_import_keeps_the_redo(project: Project, tmp_path: Path) -> None:
    paths = write(tmp_path / "in", a="A\n\na")
    do_import(project, *paths)
    project.articles.set_flagged(1, True)
    project.undo()
    do_import(project, *paths)
    assert project.redo() is not None


def test_closing_the_generator_takes_everything_back(
    with_articles: Project, tmp_path: Path, human_rows: Callable[[Project], Any], monkeypatch: Any
) -> None:
    monkeypatch.setattr("annotator.formats.importing.STEP_SECONDS", 0.0)
    before = human_rows(with_articles)
    steps = import_paths(with_articles, write(tmp_path / "in", a="A", b="B", c="C", d="D"))
    while not (step := next(steps)).done:
        pass
    assert with_articles.articles.count() > 3
    assert step.total == 4
    steps.close()
    assert human_rows(with_articles) == before
    with_articles.articles.set_flagged(1, True)  # another act can begin


def test_an_exception_takes_everything_back(
    project: Project, tmp_path: Path, human_rows: Callable[[Project], Any], monkeypatch: Any
) -> None:
    monkeypatch.setattr("annotator.formats.importing._TOGETHER", 1)
    before = human_rows(project)
    add_all, calls = project.records.add_all, []

    def fail_at_the_third(*records: Any) -> Any:
        calls.append(records)
        if len(calls) == 3:
            raise RuntimeError("power cut")
        return add_all(*records)

    monkeypatch.setattr(project.records, "add_all", fail_at_the_third)
    with pytest.raises(RuntimeError, match="power cut"):
        do_import(project, *write(tmp_path / "in", a="A", b="B", c="C"))
    assert human_rows(project) == before


def test_progress_counts_articles(
    project: Project, export_file: Path, other: Project, monkeypatch: Any
) -> None:
    monkeypatch.setattr("annotator.formats.importing.STEP_SECONDS", 0.0)
    steps = [step for step in import_paths(other, [export_file]) if step.total]
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert (steps[-1].done, steps[-1].total, steps[-1].name) == (3, 3, "out.jsonl")


def test_a_read_only_project_refuses_an_import(project: Project, tmp_path: Path) -> None:
    with pytest.raises(LockedProjectError):
        open_project(project.path)
    with open_project(project.path, read_only=True) as reader, pytest.raises(ReadOnlyProjectError):
        do_import(reader, *write(tmp_path / "in", a="A"))


@pytest.mark.skipif(sys.platform != "linux", reason="other systems allow only Unicode names")
def test_a_file_name_that_is_no_utf8_can_be_stored_and_shown(project: Project, tmp_path: Path) -> None:
    good = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt"))
    bad = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xea.txt"))
    good.write_text("Title\n\nText.")
    bad.write_text("")
    report = do_import(project, good, bad)
    assert project.articles.get(1).meta == {"file": "caf\ufffd.txt"}
    assert report.summary().encode()


def test_pasted_text_comes_in_normalised(project: Project) -> None:
    report = import_text(project, "\ufeffFirst line\r\n\r\nMore\0 text.")
    article = project.articles.get(1)
    assert (report.new, article.title, article.text) == (1, "First line", "First line\n\nMore text.")
    assert import_text(project, "Something else", " My title ").new == 1
    assert project.articles.get(2).title == "My title"
    assert import_text(project, "Something else", "My title").known == 1
    with pytest.raises(AnnotatorError, match="no text to import"):
        import_text(project, " \n")
    project.undo()
    project.undo()
    assert project.articles.count() == 0


def test_an_export_comes_in_whole(export_file: Path, other: Project) -> None:
    report = do_import(other, export_file)
    assert (report.new, report.annotations, report.verified) == (3, 2, 1)
    assert "2 annotations imported.\n1 of 1 spans verified." in report.summary()
    assert other.annotators() == ["anna"]
    assert report.change is not None
    assert {"articles", "annotations", "suggestions"} <= report.change.tables


def test_importing_an_export_again_changes_nothing(
    suggested: Project, export_file: Path, human_rows: Callable[[Project], Any]
) -> None:
    before = human_rows(suggested)
    report = do_import(suggested, export_file)
    assert (report.new, report.known, report.annotations, report.known_annotations) == (0, 3, 0, 2)
    assert report.change is not None
    assert report.change.tables == {"suggestions"}
    assert human_rows(suggested) == before


def _set(*keys: Any, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(line: dict[str, Any]) -> None:
        target: Any = line
        for key in keys[:-1]:
            target = target[key]
        target[keys[-1]] = value

    return change


SUGGESTED = {
    "layer": "entity", "label": "GPE", "start": 21, "end": 28, "score": None, "scores": None, "reason": "",
    "evidence": [], "component": "ner",
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        (_set("schema", value="annotator/2"), "of a newer Annotator than this one"),
        (_set("schema", value="annotator/0"), "is no line of Annotator's"),
        (_set("text", value="A racket 🚀 flew over Armenia. Russia denied it."), "does not fit its sha256"),
        (_set("spans", 0, "start", value=22), "does not hold 'Armenia'"),
        (_set("spans", 0, "end", value=1000), "lies outside the text of"),
        (_set("spans", 0, "start", value=-1), "lies outside the text of"),
        (_set("spans", 0, "start", value=True), "no whole number"),
        (_set("spans", 0, "text", value="armenia"), "does not hold 'armenia'"),
        (_set("spans", 0, "label", value=7), "label is not a string"),
        (_set("spans", 0, "origin", value="guessed"), "origin is none of manual"),
        (_set("spans", 0, "actor", value="Nobody"), "is not among the line's actors"),
        (_set("spans", 0, "certainty", value=2**63), "certainty is too large"),
        (_set("labels", "stance", "certainty", value=1.5), "certainty is not a whole number"),
        (_set("labels", "stance", value="neutral"), "the stance label is no JSON object"),
        (_set("rejections", 0, "end", value=99), "a rejection from 30 to 99 lies outside"),
        (_set("status", value="finished"), "status is none of todo"),
        (_set("flagged", value=0), "flagged is not true or false"),
        (_set("meta", value={}), "meta lacks 'source'"),
        (_set("surprise", value=1), "unknown key 'surprise'"),
        (_set("annotator", value=None), "need an annotator"),
        (_set("suggestions", value=None), "suggestions is not a list"),
        (_set("labels", value={"": {}}), "a layer has no name"),
        (_set("suggestions", value=[SUGGESTED | {"score": 10**30}]), "no number from 0 to 1"),
        (_set("suggestions", value=[SUGGESTED | {"scores": {"x": "1"}}]), "no object of numbers from 0 to 1"),
        (_set("suggestions", value=[SUGGESTED | {"evidence": [[0, 4000]]}]), "the evidence 0 to 4000"),
        (_set("suggestions", value=[{}]), "a suggestion lacks 'layer'"),
        (lambda line: line.pop("note"), "the line lacks 'note'"),
        (lambda line: line["spans"].append(line["spans"][0]), "the same id"),
    ],
)
def test_a_wrong_line_refuses_the_file_whole(
    export_file: Path, other: Project, tmp_path: Path, change: Callable[[Any], object], cause: str
) -> None:
    lines = export_file.read_text(encoding="utf-8").split("\n")
    export_file.write_text("\n".join([lines[1], lines[2], "", lines[0]]), encoding="utf-8", newline="\n")
    rewrite_last(export_file, change)
    report = do_import(other, export_file, *write(tmp_path / "in", a="A\n\na"))
    assert report.new == 1
    assert other.articles.count() == 1
    (path, reason) = report.failed[0]
    assert path == str(export_file)
    assert reason.startswith("line 4: ")
    assert cause in reason


def test_of_several_files_only_the_wrong_one_is_refused(
    export_file: Path, other: Project, tmp_path: Path, monkeypatch: Any
) -> None:
    """Its first lines are in when the wrong one is met, and go again; the report counts nothing twice."""
    monkeypatch.setattr("annotator.formats.importing._TOGETHER", 1)
    wrong = tmp_path / "wrong.jsonl"
    lines = [json.loads(line) for line in export_file.read_text(encoding="utf-8").split("\n")[:-1]]
    for line in lines:
        line["id"] += "-2"
        for decision in (*line["spans"], *line["labels"].values()):
            decision["id"] += "-2"
    lines[-1]["note"] = 7
    wrong.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    report = do_import(
        other, wrong, tmp_path / "missing.txt", export_file, *write(tmp_path / "in", a="A\n\na")
    )
    assert [Path(path).name for path, _ in report.failed] == ["missing.txt", "wrong.jsonl"]
    assert report.failed[1][1].startswith("line 3: note is not a string")
    assert (report.new, report.known, report.annotations) == (4, 0, 2)
    assert other.articles.count() == 4
    assert [act.text for act in other.history.acts()] == ["imported 4 articles"]


def rewrite_last(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    lines = path.read_text(encoding="utf-8").split("\n")
    value = json.loads(lines[-1])
    change(value)
    path.write_text("\n".join([*lines[:-1], json.dumps(value)]), encoding="utf-8", newline="\n")


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        (b"{", "line 1: is not JSON"),
        (b"[1]", "line 1: is no JSON object"),
        (b'{"a": NaN}', "line 1: holds NaN"),
        (b"[" * 100_000, "line 1: is nested too deeply"),
        ('{"schema": "é"}'.encode("cp1252"), "line 1: is not UTF-8"),
        (b"\n\n", "is empty"),
    ],
)
def test_what_is_no_jsonl_of_ours_is_refused(other: Project, tmp_path: Path, line: bytes, cause: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_bytes(line)
    assert do_import(other, path).failed[0][1].startswith(cause)


def test_an_id_with_another_text_is_refused(export_file: Path, suggested: Project, tmp_path: Path) -> None:
    lines = [json.loads(line) for line in export_file.read_text(encoding="utf-8").split("\n")[:-1]]
    lines[2]["id"] = lines[1]["id"]
    export_file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    with create_project(tmp_path / "third.annot") as third:
        assert do_import(third, export_file).failed[0][1].startswith("line 3: the id")
        assert third.articles.count() == 0
    assert do_import(suggested, export_file).failed[0][1].startswith("line 3: the id")


def test_a_byte_order_mark_and_crlf_are_accepted(export_file: Path, other: Project) -> None:
    export_file.write_bytes(b"\xef\xbb\xbf" + export_file.read_bytes().replace(b"\n", b"\r\n"))
    assert do_import(other, export_file).new == 3


def test_escaped_surrogates_and_nuls_do_no_harm(export_file: Path, other: Project) -> None:
    rewrite(export_file, _set("title", value="a\ud800b\0c"))
    assert do_import(other, export_file).new == 3
    assert other.articles.get(1).title == "a\ufffdbc"


def test_several_labels_of_an_article_come_in_where_the_layer_allows_them(
    export_file: Path, other: Project, tmp_path: Path
) -> None:
    def double(line: dict[str, Any]) -> None:
        entry = line["labels"]["stance"]
        line["labels"]["topic"] = [
            {**entry, "id": f"00000000-0000-0000-0000-00000000000{n}", "label": label}
            for n, label in enumerate(["army", "trade"])
        ]

    rewrite(export_file, double)
    report = do_import(other, export_file)
    assert (report.annotations, report.known_annotations) == (4, 0)
    again = exported(other, tmp_path / "again.jsonl")
    assert [entry["label"] for entry in again[0]["labels"]["topic"]] == ["army", "trade"]


def test_two_labels_of_an_exclusive_layer_are_refused(export_file: Path, other: Project) -> None:
    def double(line: dict[str, Any]) -> None:
        entry = line["labels"]["stance"]
        line["labels"]["stance"] = [entry, {**entry, "id": "x", "label": "pro-West"}]

    rewrite(export_file, double)
    assert (
        do_import(other, export_file).failed[0][1]
        == "line 1: the layer 'stance' takes one label an article; keep one of them"
    )
    assert other.articles.count() == 0


def test_an_encoding_that_was_guessed_is_said(project: Project, tmp_path: Path) -> None:
    text = "Ереван и Москва обсудили работу железной дороги. Стороны договорились продолжить переговоры."
    (tmp_path / "a.txt").write_bytes(text.encode("cp1251"))
    (tmp_path / "b.txt").write_bytes(text.encode("utf-16"))
    (tmp_path / "c.txt").write_bytes(text.encode("utf-8-sig"))
    report = finish(import_paths(project, [tmp_path]))
    assert report.guessed == ("cp1251",)
    assert "Not in UTF-8: 1 as cp1251." in report.summary()
    assert finish(import_paths(project, [tmp_path])).guessed == (), "known already"


def test_an_import_that_is_begun_again_counts_anew_and_keeps_suggestions_of_new_labels(
    suggested: Project, other: Project, tmp_path: Path
) -> None:
    line, another, _ = exported(suggested, tmp_path / "out.jsonl", with_suggestions=True)
    for suggestion in line["suggestions"]:
        suggestion["label"] = "VEHICLE"
    lines = []
    for number in range(30):  # more than are written together
        text = f"{line['text']} {number}"
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        lines.append(json.dumps(line | {"id": str(uuid.uuid4()), "text": text, "sha256": sha256}))
    good, half = tmp_path / "good.jsonl", tmp_path / "half.jsonl"
    good.write_text("\n".join(lines) + "\n", encoding="utf-8")
    half.write_text(json.dumps(another) + "\n{broken\n", encoding="utf-8")
    latin = tmp_path / "latin.txt"
    latin.write_bytes("Café à Paris, été déjà vu, garçon. ".encode("cp1252") * 20)
    report = do_import(other, latin, good, half)
    assert (report.new, len(report.guessed), len(report.failed)) == (31, 1, 1)
    assert report.change is not None
    assert report.change.text == "imported 31 articles"
    labels = {s.label for article in range(1, 32) for s in other.suggestions.open(article)}
    assert labels == {"VEHICLE"}


EMPTY_AND_NOT = {
    "label-studio.json": json.dumps(
        [{"id": n, "data": {"text": text}, "annotations": []} for n, text in enumerate(("", "Armenia.", " "))]
    ),
    "prodigy.jsonl": "".join(
        json.dumps({"text": text, "spans": [], "answer": "accept"}) + "\n" for text in (" \n", "Armenia.", "")
    ),
}


@pytest.mark.parametrize("name", EMPTY_AND_NOT)
def test_articles_of_other_tools_without_text_are_left_out_and_counted(
    project: Project, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    path.write_text(EMPTY_AND_NOT[name], "utf-8")
    before = project.articles.count()
    report = do_import(project, path)
    assert (report.imported, report.lost) == (1, (("articles without text", 2),))
    assert "Left out: 2 articles without text." in report.summary()
    assert project.articles.count() == before + 1


def test_a_file_of_articles_without_text_is_refused(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "prodigy.jsonl"
    path.write_text('{"text": "", "spans": [], "answer": "accept"}\n', "utf-8")
    report = do_import(project, path)
    assert report.imported == 0
    assert report.failed == ((str(path), "has no article with a text; leave it out"),)


def test_a_docbin_without_documents_is_refused(project: Project, tmp_path: Path) -> None:
    from spacy.tokens import DocBin

    path = tmp_path / "empty.spacy"
    DocBin().to_disk(path)
    assert do_import(project, path).failed == ((str(path), "has no documents; leave it out"),)
