"""Recognising files, records of other tools' labels, looking before importing, exports through a writer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from annotator.cli import main
from annotator.formats import Format, export, import_paths, preview, registry
from annotator.formats.foreign import Label, foreign_record, placed
from annotator.formats.item import Item
from annotator.formats.repair import MisfitError
from annotator.model import AnnotatorError, ArticleRecord, Codebook, StorageError
from annotator.project import Project

from .conftest import finish

RAW = "\ufeffA rocket 🚀 flew\r\nover Armenia."


def read_pipes(path: Path, mapping: Mapping[str, str] | None = None) -> Iterator[Item]:
    """A format of our own: text|label|quote."""
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        text, label, quote = line.split("|")
        start = text.index(quote)
        record = foreign_record(text, [Label(label, start, start + len(quote), quote=quote)], title="t")
        yield Item(record, number, ("relations", "relations"))


class PipesWriter:
    def __init__(self, path: Path, codebook: Codebook) -> None:
        self._file = path.open("w", encoding="utf-8")
        self._nested = 0

    def add(self, record: ArticleRecord) -> None:
        for a in record.annotations:
            self._file.write(f"{record.article.title}|{a.label}|{a.quote}\n")

    def close(self) -> Sequence[str]:
        self._file.close()
        return ["3 things were left out."]


PIPES = Format(
    "pipes",
    "pipes",
    (".pipes",),
    read_pipes,
    lambda path, head: b"|" in head,
    exports=True,
    writer=PipesWriter,
)


@pytest.fixture
def pipes(monkeypatch: pytest.MonkeyPatch) -> Format:
    known = registry.formats()
    monkeypatch.setattr(registry, "formats", lambda: (*known, PIPES))
    return PIPES


def test_offsets_go_with_the_text_when_it_is_normalised() -> None:
    start = RAW.index("Armenia")
    record = foreign_record(RAW, [Label("GPE", start, start + 7, quote="Armenia"), Label("neutral")])
    (span, whole) = record.annotations
    assert record.article.text == "A rocket 🚀 flew\nover Armenia."
    assert record.article.text[span.start : span.end] == span.quote == "Armenia"
    assert (whole.start, whole.end, whole.quote) == (None, None, None)
    assert record.progress.status == "done"


@pytest.mark.parametrize(("unit", "shift"), [("UTF-16 units", 1), ("UTF-8 bytes", 5)])
def test_the_unit_of_offsets_is_found_by_the_quotes(unit: str, shift: int) -> None:
    start = RAW.index("Armenia") + shift
    label = Label("GPE", start, start + 7, quote="Armenia")
    record = foreign_record(RAW, [label], units=("code points", "UTF-16 units", "UTF-8 bytes"))
    assert record.annotations[0].quote == "Armenia"
    with pytest.raises(MisfitError, match=r"not 'Armenia'|outside"):
        foreign_record(RAW, [label])


def test_a_stretch_outside_the_text_is_refused() -> None:
    with pytest.raises(MisfitError, match="outside"):
        foreign_record("short", [Label("GPE", 2, 9)])


def test_labels_find_their_layer_in_the_codebook(project: Project) -> None:
    labels = [Label("gpe", 0, 5), Label("PRO-WEST"), Label("pro-russia", 0, 3), Label("Sport", 1, 2)]
    record = placed(foreign_record("Short text", labels), project.codebook.read(), "anna", "2026-01-01")
    assert record.annotator == "anna"
    assert [(a.layer, a.label) for a in record.annotations] == [
        ("entity", "GPE"),
        ("stance", "pro-West"),
        ("stance", "pro-Russia"),
        ("entity", "Sport"),
    ]
    assert all(a.created_at == "2026-01-01" for a in record.annotations)


def test_without_labels_nobody_has_touched_the_article() -> None:
    assert foreign_record("Short text", []).annotator is None


def test_a_file_is_recognised_by_its_beginning(tmp_path: Path) -> None:
    assert registry.recognise(Path("a.JSONL"), b'{"schema": "annotator/1"').name == "jsonl"
    assert registry.recognise(Path("a.txt"), b"").name == "txt"
    with pytest.raises(AnnotatorError, match=r"no format 'x'.*jsonl, "):
        registry.named("x")


def test_a_format_comes_in_and_says_what_it_left_out(pipes: Format, project: Project, tmp_path: Path) -> None:
    (tmp_path / "a.pipes").write_text("Anna met Ben|PERSON|Ben\nIn Gyumri|gpe|Gyumri\n", "utf-8")
    seen = finish(preview(project, [tmp_path / "a.pipes"]))
    assert project.articles.count() == 0
    (file,) = seen.files
    assert (file.articles, file.spans, file.known) == (2, 2, 0)
    assert file.labels == {("entity", "PERSON"): 1, ("entity", "GPE"): 1}
    assert file.lost == {"relations": 4}
    assert seen.summary().endswith("4 relations.\nNothing was written.")
    assert "2 articles to import.\n2 annotations to import.\n2 of 2 spans verified." in seen.summary()
    report = finish(import_paths(project, [tmp_path / "a.pipes"]))
    assert (report.new, report.annotations, report.verified) == (2, 2, 2)
    assert report.lost == (("relations", 4),)
    assert "Left out: 4 relations." in report.summary()
    assert [a.label for a in project.annotations.of(2, project.annotator_id())] == ["GPE"]
    assert finish(preview(project, [tmp_path / "a.pipes"])).files[0].known == 2


def test_a_wrong_line_is_told_before_anything_is_written(project: Project, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jsonl").write_text('{"schema": "annotator/1"}\n', "utf-8")
    (tmp_path / "in" / "b.png").write_text("")
    seen = finish(preview(project, [tmp_path / "in"]))
    assert seen.files[0].failed is not None
    assert "line 1" in seen.summary()
    assert seen.passed_over == 1


def test_an_export_through_a_writer_is_whole_or_absent(
    pipes: Format, with_articles: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_articles.annotations.add(1, "entity", "GPE", 21, 28)
    target = tmp_path / "out.pipes"
    report = finish(export(with_articles, target, pipes))
    assert target.read_text("utf-8") == "Rocket|GPE|Armenia\n"
    assert (report.articles, report.spans, report.verified) == (3, 1, 1)
    assert "3 things were left out." in report.summary()
    assert finish(export(with_articles, target, pipes, annotator="ben")).articles == 0

    def fail(self: PipesWriter, record: ArticleRecord) -> None:
        raise OSError(28, "No space left on device")

    target.write_text("older", "utf-8")
    monkeypatch.setattr(PipesWriter, "add", fail)
    with pytest.raises(StorageError, match="disk is full"):
        finish(export(with_articles, target, pipes))
    assert target.read_text("utf-8") == "older"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".annotator")] == []


def test_the_command_line_looks_names_and_writes_formats(
    pipes: Format, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project, file = str(tmp_path / "p.annot"), tmp_path / "a.pipes"
    file.write_text("Anna met Ben|PERSON|Ben\n", "utf-8")
    assert main(["new", project]) == 0
    assert main(["import", project, str(file), "--dry-run"]) == 0
    assert "entity/PERSON 1" in capsys.readouterr().out
    assert main(["import", project, str(file), "--format", "pipes", "--no-backup"]) == 0
    assert main(["import", project, str(file), "--map", "title"]) == 2
    assert main(["export", project, str(tmp_path / "b.pipes")]) == 0
    assert main(["export", project, str(tmp_path / "b.odd")]) == 2
    assert main(["export", project, str(tmp_path / "c.txt"), "--format", "jsonl"]) == 0
    assert json.loads((tmp_path / "c.txt").read_text("utf-8"))["schema"] == "annotator/1"
    capsys.readouterr()
    assert main(["formats"]) == 0
    assert "pipes" in capsys.readouterr().out


def test_an_odd_file_fails_alone_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, project: Project, tmp_path: Path
) -> None:
    def at_a_loss(path: Path, mapping: Mapping[str, str] | None = None) -> Iterator[Item]:
        raise KeyError("nobody thought of this")
        yield

    known = registry.formats()
    odd = Format("odd", "odd", (".odd",), at_a_loss)
    monkeypatch.setattr(registry, "formats", lambda: (*known, odd))
    (tmp_path / "a.odd").write_text("x")
    (tmp_path / "b.txt").write_text("A text.", "utf-8")
    report = finish(import_paths(project, [tmp_path / "a.odd", tmp_path / "b.txt"]))
    assert report.new == 1
    assert "leave it out" in report.failed[0][1]


def test_what_is_only_written_is_not_read(
    project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.csv").write_text("a,b\n", "utf-8")
    path = str(project.path)
    project.close()
    assert main(["import", path, str(tmp_path / "a.csv"), "--format", "csv-spans", "--no-backup"]) == 1
    assert "is only written, not read" in capsys.readouterr().err
    assert main(["import", path, str(tmp_path / "a.csv"), "--map", "foo=bar"]) == 2
    assert "is none of our fields" in capsys.readouterr().err


@pytest.mark.parametrize(
    "note", ["#1\tAnnotatorNotes R1\tnote\n", "A1\tCertainty T1 \n", "A1\tCertainty T1 12\n"]
)
def test_what_brat_says_beyond_us_is_left_out(note: str, project: Project, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Anna", "utf-8")
    (tmp_path / "a.ann").write_text("T1\tPERSON 0 4\tAnna\n" + note, "utf-8")
    report = finish(import_paths(project, [tmp_path / "a.ann"]))
    assert (report.failed, report.annotations) == ((), 1)
    assert sum(number for _, number in report.lost) == 1
