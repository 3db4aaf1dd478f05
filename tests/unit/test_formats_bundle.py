"""The publication bundle: what is in it, the way back, with and without texts, and what is refused."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import tomllib
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotator import __version__
from annotator.cli import main
from annotator.formats import export, export_jsonl, import_paths, preview, registry
from annotator.formats.bundle import check
from annotator.model import ArticleInput, InputFileError, ProjectError
from annotator.project import Project, create_project
from annotator.project.codebook_file import read_codebook

from .conftest import finish

BUNDLE, ZIP = registry.named("bundle"), registry.named("bundle-zip")
KINDS = pytest.mark.parametrize("kind", [BUNDLE, ZIP], ids=["folder", "zip"])


def jsonl(project: Project, **options: Any) -> bytes:
    path = project.path.with_name(f"{project.name} out.jsonl")
    finish(export_jsonl(project, path, **options))
    return path.read_bytes()


@pytest.fixture
def labelled(suggested: Project) -> Project:
    """Two annotators, a passage, a note, an example, one article nobody touched, one text twice."""
    with suggested.act("came"):
        for title in ("Wire one", "Wire two"):
            text = "Wire text 🚀 مرحبا.\nSecond line."
            suggested.articles.add(ArticleInput(text, title, meta={"file": "w.txt", "cut": "cookie " * 99}))
    suggested.annotations.accept(1, 1)
    suggested.annotations.accept(1, 2, label="GPE")
    suggested.annotations.add(1, "stance", "pro-West")
    suggested.annotations.add(1, "stance", "pro-Russia", 9, 36)
    suggested.annotations.add(4, "entity", "ORG", 0, 9)
    suggested.articles.set_status(1, "done")
    suggested.articles.set_note(1, "a | note")
    suggested.codebook_editing.add_example("entity", "GPE", 1, 11, 20, fits=True)
    suggested.annotator = "ben"
    suggested.annotations.add(5, "entity", "GPE", 5, 9)
    suggested.annotations.add(1, "stance", "neutral")
    return suggested


def made(project: Project, folder: Path, kind: registry.Format = BUNDLE, **options: Any) -> Path:
    path = folder / ("bundle" if kind.folder else "bundle.zip")
    report = finish(export(project, path, kind, **options))
    assert report.spans == report.verified
    return path


def back(bundle: Path, folder: Path, fill: Any = None) -> tuple[Any, bytes]:
    with create_project(folder / "back.annot", annotator="somebody else") as other:
        if fill is not None:
            fill(other)
        report = finish(import_paths(other, [bundle]))
        return report, jsonl(other)


def test_a_bundle_has_what_a_paper_needs(labelled: Project, tmp_path: Path) -> None:
    bundle = made(labelled, tmp_path)
    names = {path.relative_to(bundle).as_posix() for path in bundle.rglob("*") if path.is_file()}
    figures = {name for name in names if name.startswith("figures/")}
    assert names - figures == {
        "data.jsonl", "articles.csv", "spans.csv", "codebook.toml", "statistics.json", "statistics.csv",
        "DATA_STATEMENT.md", "SHA256SUMS",
    }  # fmt: skip
    assert "figures/labels.svg" in figures
    assert (bundle / "data.jsonl").read_bytes() == jsonl(labelled)
    for line in (bundle / "SHA256SUMS").read_text("utf-8").splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((bundle / name).read_bytes()).hexdigest() == digest
        names.discard(name)
    assert names == {"SHA256SUMS"}
    assert (
        tomllib.loads((bundle / "codebook.toml").read_text("utf-8"))["version"] == labelled.codebook.version()
    )
    assert "flew over" in (bundle / "codebook.toml").read_text("utf-8")
    read_codebook(bundle / "codebook.toml")
    told = json.loads((bundle / "statistics.json").read_text("utf-8"))
    assert told["statistics"]["articles"] == 5
    assert {chart["key"] for chart in told["overview"]["charts"]} >= {"done", "labels"}
    with (bundle / "spans.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == 5


def test_the_data_statement_says_how_the_data_were_made(labelled: Project, tmp_path: Path) -> None:
    labelled.drawing.change(seed="77", blind_share=25)
    labelled.db.execute("UPDATE progress SET drawn = 'random' WHERE article = 1 AND annotator = 1")
    labelled.db.execute(
        "UPDATE annotations SET blind = 1 WHERE label = (SELECT id FROM labels WHERE name='neutral')"
    )
    said = (made(labelled, tmp_path) / "DATA_STATEMENT.md").read_text("utf-8")
    assert f"Annotator {__version__}" in said
    assert "| anna | random | 1 |" in said
    assert "Seed of everything that is drawn: 77." in said
    assert "Blind share that is set now: 25%" in said
    assert "Stances of whole articles: 2; chosen without having seen the suggestion (`blind`): 1." in said
    assert "| anna | 2 | 2 | 1 | 0 |" in said  # made by hand, accepted, corrected, imported
    assert "| ben | 1 | 0 | 1 | 0 |" in said
    assert "| entity | GPE | spans | 3 |" in said
    assert "| tiny | 1.0 |" in said
    assert f"Codebook: version {labelled.codebook.version()}" in said
    assert "Articles: 5" in said
    assert "worked on 2 of them" in said


def test_the_statement_gives_no_words_for_the_first_date(labelled: Project, tmp_path: Path) -> None:
    for number, words in enumerate(("03/04/2024", "2024-02-04", "last spring", "2023-11"), 1):
        labelled.articles.edit_metadata(number, published=words)
    said = (made(labelled, tmp_path) / "DATA_STATEMENT.md").read_text("utf-8")
    assert (
        "Published: 2023-11 to 2024-02-04; without a date: 1; with words from which no certain date" in said
    )
    assert "can be told: 2." in said


def test_the_statement_counts_what_was_chosen(labelled: Project, tmp_path: Path) -> None:
    bundle = made(labelled, tmp_path, annotator="anna", status="done")
    said = (bundle / "DATA_STATEMENT.md").read_text("utf-8")
    assert "Decisions of anna alone; only articles that are done" in said
    assert "Articles: 1," in said
    assert "| ben" not in said
    assert (bundle / "data.jsonl").read_bytes() == jsonl(labelled, annotator="anna", status="done")


@KINDS
@pytest.mark.parametrize("with_suggestions", [False, True])
def test_a_bundle_comes_back_identically(
    kind: registry.Format, with_suggestions: bool, labelled: Project, tmp_path: Path
) -> None:
    bundle = made(labelled, tmp_path, kind, with_suggestions=with_suggestions)
    with create_project(tmp_path / "back.annot", annotator="somebody else") as other:
        look = finish(preview(other, [bundle]))
        assert [file.format.name for file in look.files] == [kind.name]
        assert look.passed_over == 0
        report = finish(import_paths(other, [bundle]))
        assert (report.failed, report.new + report.same_text, report.passed_over) == ((), 5, 0)
        assert jsonl(other, with_suggestions=with_suggestions) == jsonl(
            labelled, with_suggestions=with_suggestions
        )


# Without texts


def without_cut(data: bytes) -> list[Any]:
    lines = [json.loads(line) for line in data.splitlines()]
    for line in lines:
        line["meta"].pop("cut", None)
    return lines


@KINDS
def test_nothing_of_the_texts_is_in_a_bundle_without_them(
    kind: registry.Format, labelled: Project, tmp_path: Path
) -> None:
    bundle = made(labelled, tmp_path, kind, with_texts=False)
    if kind is ZIP:
        with zipfile.ZipFile(bundle) as archive:
            archive.extractall(bundle := tmp_path / "unpacked")
    for path in bundle.rglob("*"):
        if path.is_file():
            said = path.read_bytes().decode()
            for words in ("flew over", "Armenia.", "Wire text", "cookie"):
                assert words not in said, path.name
    line = json.loads((bundle / "data.jsonl").read_bytes().splitlines()[0])
    assert "text" not in line
    assert [(s["start"], s["end"]) for s in line["spans"]] == [(9, 36), (21, 28), (30, 36)]
    assert "**not** included" in (bundle / "DATA_STATEMENT.md").read_text("utf-8")


@KINDS
def test_texts_beside_it_are_put_back(kind: registry.Format, labelled: Project, tmp_path: Path) -> None:
    bundle = made(labelled, tmp_path, kind, with_texts=False)
    texts = (bundle if kind.folder else tmp_path) / "texts"
    texts.mkdir()
    for article in (1, 2, 3, 4):
        text = labelled.articles.text(article).replace("\n", "\r\n")
        (texts / f"whatever {article}.txt").write_bytes(b"\xef\xbb\xbf" + text.encode())
    report, data = back(bundle, tmp_path)
    assert (report.failed, report.new + report.same_text, report.verified) == ((), 5, 5)
    assert without_cut(data) == without_cut(jsonl(labelled))


@KINDS
def test_without_long_metadata_the_way_back_is_byte_for_byte(
    kind: registry.Format, suggested: Project, tmp_path: Path
) -> None:
    suggested.annotations.accept(1, 1)
    bundle = made(suggested, tmp_path, kind, with_texts=False)
    texts = (bundle if kind.folder else tmp_path) / "texts"
    texts.mkdir()
    for article in (1, 2, 3):
        (texts / f"{article}.txt").write_bytes(suggested.articles.text(article).encode())
    assert back(bundle, tmp_path)[1] == jsonl(suggested)


@KINDS
def test_a_project_that_has_the_articles_gets_the_labels(
    kind: registry.Format, labelled: Project, tmp_path: Path
) -> None:
    bundle = made(labelled, tmp_path, kind, with_texts=False)

    def fill(other: Project) -> None:
        with other.act("came"):
            for number in (5, 4, 3, 2, 1):
                other.articles.add(ArticleInput(labelled.articles.text(number), f"mine {number}"))

    report, data = back(bundle, tmp_path, fill)
    assert (report.failed, report.imported, report.annotations) == ((), 0, 7)
    spans = {}
    for line in map(json.loads, data.splitlines()):
        for span in line["spans"]:
            spans.setdefault(line["title"], []).append((line["annotator"], span["label"], span["text"]))
    assert spans.pop("mine 1") == [
        ("anna", "pro-Russia", "🚀 flew over Armenia. Russia"),
        ("anna", "GPE", "Armenia"),
        ("anna", "GPE", "Russia"),
    ]
    # The two wire stories have one text: each gets the labels of one.
    assert sorted(spans.values()) == [[("anna", "ORG", "Wire text")], [("ben", "GPE", "text")]]


def test_missing_texts_refuse_the_bundle_with_their_number(labelled: Project, tmp_path: Path) -> None:
    bundle = made(labelled, tmp_path, with_texts=False)
    (bundle / "texts").mkdir()
    (bundle / "texts" / "1.txt").write_text(labelled.articles.text(1), "utf-8")
    report, data = back(bundle, tmp_path)
    assert report.imported == 0
    assert data == b""
    assert "4 of 5 are not at hand" in report.failed[0][1]
    assert "folder “texts” beside it" in report.failed[0][1]


@pytest.mark.parametrize("kind", [BUNDLE, ZIP])
@pytest.mark.parametrize("with_texts", [True, False])
def test_the_codebook_comes_back_identically_too(
    kind: registry.Format, with_texts: bool, labelled: Project, tmp_path: Path
) -> None:
    editing = labelled.codebook_editing
    editing.edit_label("entity", "GPE", definition="A place with a government.", rule="Not its people.")
    editing.add_layer("topic", "both", exclusive=False)
    editing.add_label("topic", "crisis", color="#112233")
    editing.move_layer("topic", 0)
    labelled.codebook.delete_label("entity", "LAW")
    labelled.annotations.add(1, "topic", "crisis")
    bundle = made(labelled, tmp_path, kind, with_texts=with_texts)

    def of(path: Path) -> bytes:
        if not kind.folder:
            with zipfile.ZipFile(path) as archive:
                return archive.read("codebook.toml")
        return (path / "codebook.toml").read_bytes()

    if not with_texts:
        (tmp_path / "texts").mkdir()
        beside = bundle / "texts" if kind.folder else tmp_path / "texts"
        beside.mkdir(exist_ok=True)
        for number in range(1, labelled.articles.count() + 1):
            (beside / f"{number}.txt").write_text(labelled.articles.text(number), "utf-8")
    (tmp_path / "again").mkdir()
    with create_project(tmp_path / "back.annot", annotator="somebody else") as other:
        report = finish(import_paths(other, [bundle]))
        assert "The codebook came along." in report.summary()
        again = made(other, tmp_path / "again", kind, with_texts=with_texts)
        assert of(again) == of(bundle)
        # It is part of the act, which can be undone.
        other.history.undo()
        assert {layer.name for layer in other.codebook.read().layers} == {"entity", "stance", "zone"}


def test_the_codebook_of_a_project_that_has_its_own_stays(labelled: Project, tmp_path: Path) -> None:
    labelled.codebook_editing.edit_label("entity", "GPE", definition="A place with a government.")
    bundle = made(labelled, tmp_path)
    with create_project(tmp_path / "back.annot", annotator="somebody else") as other:
        other.codebook_editing.edit_label("entity", "GPE", definition="Ours.")
        report = finish(import_paths(other, [bundle]))
        assert "differs from the project's, which stays as it is" in report.summary()
        gpe = next(each for each in other.codebook.read().layer("entity").labels if each.name == "GPE")
        assert gpe.definition == "Ours."


def test_which_table_got_apostrophes_is_said(labelled: Project, tmp_path: Path) -> None:
    labelled.articles.set_note(1, "=1+1")
    report = finish(export(labelled, tmp_path / "out", BUNDLE))
    assert "articles.csv: An apostrophe was put before 1 cell that begins like a formula." in report.lost


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("new", "The codebook came along."),
        ("filled", "The codebook that came along differs"),
        ("has it but for what comes in", ""),
        ("wrong file", "The codebook that came along could not be taken over"),
    ],
)
def test_a_rehearsal_says_what_becomes_of_the_codebook(
    labelled: Project, tmp_path: Path, case: str, said: str
) -> None:
    if case == "has it but for what comes in":  # a grey label, as an import makes them
        labelled.codebook_editing.remove_example(1)
        labelled.annotator = "ben"
        with labelled.act("came"):
            labelled.codebook.ensure("entity", "SHIP", whole_article=False)
            labelled.codebook.ensure("topic", "crisis", whole_article=True)
        labelled.annotations.add(1, "entity", "SHIP", 2, 7)
        labelled.annotations.add(1, "topic", "crisis")
    else:
        labelled.codebook_editing.edit_label("entity", "GPE", definition="A place with a government.")
    bundle = made(labelled, tmp_path)
    if case == "wrong file":
        digest = hashlib.sha256((bundle / "codebook.toml").read_bytes()).hexdigest()
        (bundle / "codebook.toml").write_bytes(b"no codebook")
        sums = (bundle / "SHA256SUMS").read_text("utf-8")
        new = hashlib.sha256(b"no codebook").hexdigest()
        (bundle / "SHA256SUMS").write_text(sums.replace(digest, new), "utf-8")
    with create_project(tmp_path / "back.annot", annotator="somebody else") as other:
        if case not in ("new", "wrong file"):
            with other.act("came"):
                other.articles.add(ArticleInput("There before.", "T"))
        before = "\n".join(other.db.conn.iterdump())
        rehearsed = finish(preview(other, [bundle])).report
        assert "\n".join(other.db.conn.iterdump()) == before
        report = finish(import_paths(other, [bundle]))
        assert rehearsed == replace(report, change=None)
        assert report.codebook.startswith(said)
        assert bool(report.codebook) == bool(said)


def test_the_data_alone_come_in_too(labelled: Project, tmp_path: Path) -> None:
    bundle = made(labelled, tmp_path, with_texts=False)
    alone = tmp_path / "alone"
    alone.mkdir()
    shutil.copy(bundle / "data.jsonl", alone / "x.jsonl")

    def fill(other: Project) -> None:
        finish(import_paths(other, [made(labelled, tmp_path, ZIP)]))

    report, data = back(alone / "x.jsonl", tmp_path, fill)
    assert (report.failed, report.imported, report.known) == ((), 0, 5)
    assert data == jsonl(labelled)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda line: line | {"spans": [line["spans"][0] | {"end": 10**6}]}, "outside the text"),
        (lambda line: line | {"spans": 3}, "no list of objects"),
        (lambda line: line | {"id": ""}, "with id and sha256"),
        (lambda line: {key: value for key, value in line.items() if key != "status"}, "status"),
        (lambda line: [], "with id and sha256"),
    ],
)
def test_a_wrong_line_without_its_text_is_refused(
    change: Any, said: str, labelled: Project, tmp_path: Path
) -> None:
    bundle = made(labelled, tmp_path, with_texts=False)
    first, *rest = (bundle / "data.jsonl").read_bytes().splitlines()
    wrong = json.dumps(change(json.loads(first))).encode()
    (tmp_path / "x.jsonl").write_bytes(b"\n".join([*rest, wrong]))
    report = finish(import_paths(labelled, [tmp_path / "x.jsonl"]))
    assert report.imported == 0
    assert said in report.failed[0][1]
    assert "line 6" in report.failed[0][1]


# What is refused


@KINDS
@pytest.mark.parametrize("name", ["data.jsonl", "spans.csv"])
def test_a_changed_bundle_is_refused(
    kind: registry.Format, name: str, labelled: Project, tmp_path: Path
) -> None:
    bundle = made(labelled, tmp_path)
    data = (bundle / name).read_bytes()
    (bundle / name).write_bytes(data.replace(b"Rocket", b"Racket"))
    if kind is ZIP:
        bundle = Path(shutil.make_archive(str(tmp_path / "again"), "zip", bundle))
    report, data = back(bundle, tmp_path)
    assert report.imported == 0
    assert data == b""
    assert f"whose {name} was changed" in report.failed[0][1]


def test_a_part_that_is_gone_is_said(labelled: Project, tmp_path: Path) -> None:
    bundle = made(labelled, tmp_path)
    (bundle / "spans.csv").unlink()
    report, _ = back(bundle, tmp_path)
    assert "spans.csv" in report.failed[0][1]
    assert "copy the whole bundle again" in report.failed[0][1]
    archive = Path(shutil.make_archive(str(tmp_path / "again"), "zip", bundle))
    with pytest.raises(InputFileError, match=r"lacks spans\.csv"):
        list(ZIP.read(archive, {}))  # type: ignore[misc]


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a/../../secret", "c:\\x", "..\\secret", "a:b"])
def test_no_name_leads_out_of_the_bundle(name: str, labelled: Project, tmp_path: Path) -> None:
    bundle = made(labelled, tmp_path)
    with (bundle / "SHA256SUMS").open("a", encoding="utf-8") as file:
        file.write(f"{'0' * 64}  {name}\n")
    with pytest.raises(InputFileError, match="Annotator did not write"):
        check(bundle / "data.jsonl")
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for file in bundle.rglob("*.*"):
            archive.write(file, file.relative_to(bundle))
        archive.writestr(name, "x")
    with pytest.raises(InputFileError, match=r"do not trust it|is no publication bundle"):
        list(ZIP.read(tmp_path / "x.zip", {}))  # type: ignore[misc]


def test_a_link_out_of_the_bundle_is_not_followed(labelled: Project, tmp_path: Path) -> None:
    bundle = made(labelled, tmp_path)
    (tmp_path / "secret").write_text("x")
    (bundle / "spans.csv").unlink()
    (bundle / "spans.csv").symlink_to(tmp_path / "secret")
    with pytest.raises(InputFileError, match="outside its folder"):
        check(bundle / "data.jsonl")


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("SHA256SUMS", f"{'0' * 64}  data.jsonl\n")
        with archive.open("data.jsonl", "w") as file:
            for _ in range(60):
                file.write(b"\0" * 1_000_000)
    with pytest.raises(InputFileError, match="unpacks to 60,000"):
        list(ZIP.read(tmp_path / "x.zip", {}))  # type: ignore[misc]


def test_a_zip_file_with_a_password_says_so(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("data.jsonl", "{}")
    data = bytearray((tmp_path / "x.zip").read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "x.zip").write_bytes(data)
    with pytest.raises(InputFileError, match="is protected by a password"):
        list(ZIP.read(tmp_path / "x.zip", {}))  # type: ignore[misc]


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 nonsense", b"hello"])
def test_what_is_no_zip_is_said(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(data)
    with pytest.raises(InputFileError, match="is damaged, or no zip file"):
        list(ZIP.read(tmp_path / "x.zip", {}))  # type: ignore[misc]


def test_another_zip_is_no_bundle(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("a.txt", "hello")
    with pytest.raises(InputFileError, match="Unpack it and import what is in it"):
        list(ZIP.read(tmp_path / "x.zip", {}))  # type: ignore[misc]


def test_a_bundle_that_was_zipped_by_hand_comes_in(labelled: Project, tmp_path: Path) -> None:
    made(labelled, tmp_path)
    archive = Path(shutil.make_archive(str(tmp_path / "hand"), "zip", tmp_path, "bundle"))
    report, data = back(archive, tmp_path)
    assert report.failed == ()
    assert data == jsonl(labelled)


@KINDS
def test_a_change_meanwhile_stops_it(kind: registry.Format, labelled: Project, tmp_path: Path) -> None:
    steps = export(labelled, tmp_path / "b", kind)
    next(steps)
    labelled.articles.set_flagged(2, True)
    with pytest.raises(ProjectError, match="was changed while"):
        finish(steps)
    assert not (tmp_path / "b").exists()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".annotator-")]


@KINDS
def test_a_cancelled_bundle_leaves_nothing(kind: registry.Format, labelled: Project, tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    steps = export(labelled, tmp_path / "b", kind)
    next(steps)
    steps.close()
    assert sorted(tmp_path.iterdir()) == before


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=40).filter(
    lambda text: text.strip("\r\n\t \ufeff\u2028\u2029\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0") != ""
)


@given(data=st.data(), texts=st.lists(TEXTS, min_size=1, max_size=3), with_texts=st.booleans())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_project_comes_back_identically(
    data: st.DataObject, texts: list[str], with_texts: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("bundle")
    with create_project(folder / "one.annot", annotator="anna") as one:
        with one.act("came"):
            for n, text in enumerate(texts):
                one.articles.add(ArticleInput(text, f"t{n}"))
        for article in one.articles.ids():
            length = len(one.articles.text(article))
            for _ in range(data.draw(st.integers(0, 3)) if length else 0):
                start = data.draw(st.integers(0, length - 1))
                end = data.draw(st.integers(start + 1, length))
                one.annotations.add(article, *data.draw(LABELS), start, end)
        bundle = made(one, folder, ZIP, with_texts=with_texts)

        def fill(other: Project) -> None:
            if not with_texts:  # texts of such characters are no files that can be told from others
                finish(import_paths(other, [made(one, folder)]))

        report, found = back(bundle, folder, fill)
        assert report.failed == ()
        assert found == jsonl(one)


LABELS = st.sampled_from([("entity", "GPE"), ("entity", "ORG"), ("stance", "neutral")])


def test_the_command_line_writes_and_reads_it(labelled: Project, tmp_path: Path, capsys: Any) -> None:
    out = tmp_path / "paper.zip"
    assert main(["export", str(labelled.path), str(out), "--without-texts"]) == 0
    assert "5 of 5 spans verified" in capsys.readouterr().out
    assert main(["export", str(labelled.path), str(tmp_path / "f"), "--format", "bundle"]) == 0
    assert main(["new", str(tmp_path / "n.annot")]) == 0
    assert main(["import", str(tmp_path / "n.annot"), str(tmp_path / "f")]) == 0
    assert main(["import", str(tmp_path / "n.annot"), str(out)]) == 0
    assert "5 known already" in capsys.readouterr().out


@KINDS
def test_articles_that_are_there_take_the_metadata_that_they_lack(
    project: Project, kind: registry.Format, tmp_path: Path
) -> None:
    texts = ["Мир 🚀 at last\n\nThe talks ended in Vienna.", "A second text.\r\nWith two lines.", "A third."]
    about: dict[str, Any] = {"source": "a.example", "url": "https://a.example/1", "author": "A. Bee"}
    with project.act("came"):
        for number, text in enumerate(texts):
            meta = {"wire": number, "file": f"their {number}.txt"}
            given = ArticleInput(text, f"Title {number}", **about, published="2024-02-04", meta=meta)
            project.articles.add(given)
    project.annotations.add(1, "entity", "GPE", 0, 3)
    bundle = made(project, tmp_path, kind, with_texts=False)
    folder = tmp_path / "in"
    folder.mkdir()
    for article in range(1, 4):
        (folder / f"t{article}.txt").write_text(project.articles.text(article), "utf-8")
    with create_project(tmp_path / "other.annot", annotator="anna") as other:
        finish(import_paths(other, [folder]))
        other.articles.edit_metadata(2, title="Mine", author="C. Dee")
        before = [other.articles.get(article) for article in range(1, 4)]
        seen = finish(preview(other, [bundle])).report
        assert [other.articles.get(article) for article in range(1, 4)] == before
        report = finish(import_paths(other, [bundle]))
        assert (report.new, report.known) == (0, 3)
        assert (seen.filled, seen.differing) == (report.filled, report.differing)
        filled = dict(report.filled)
        assert (filled["author"], filled["url"], filled["published"]) == (2, 3, 3)
        assert report.differing[0] == ("id", 3)
        assert (dict(report.differing)["title"], dict(report.differing)["author"]) == (1, 1)
        assert "Filled in where the project had nothing: 3 " in report.summary()
        assert "3 URLs" in report.summary()
        assert "2 authors" in report.summary()
        left = "Left as the project has them, though the file says otherwise: 3 ids, "
        assert left in report.summary()
        assert "1 title" in report.summary().partition(left)[2]
        got = other.articles.get(1)
        assert (got.title, got.source, got.url) == ("Title 0", "a.example", "https://a.example/1")
        assert got.meta == {"wire": 0, "file": "t1.txt"}
        kept = other.articles.get(2)
        assert (kept.title, kept.author, kept.source) == ("Mine", "C. Dee", "a.example")
        assert other.articles.titled("title 0") == [1]
        again = finish(import_paths(other, [bundle]))
        assert again.filled == ()
        other.history.undo()
        assert [other.articles.get(article) for article in range(1, 4)] == before
