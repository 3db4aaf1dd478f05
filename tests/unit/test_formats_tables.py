"""Tables, workbooks and JSON: columns found or chosen, encodings and delimiters, rows without text."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotator.cli import main
from annotator.formats import (
    ImportReport,
    export,
    import_paths,
    json_rows,
    preview,
    registry,
    tables,
    workbooks,
)
from annotator.formats.importing import format_of
from annotator.model import AnnotatorError, Article, InputFileError
from annotator.project import Project
from annotator.text import normalise

from .conftest import finish

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="other tools' files are not here")
BODY = 'Armenia signed a pact, said the 🚀 minister; "at last".\n\nMoscow was silent.'
RUSSIAN = "Премьер-министр Армении подписал соглашение с Европейским союзом в Брюсселе."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('title,text\na,"never closed\nb,c\nd,e\n', "line 2: has a quotation mark that is never closed"),
        ("id,article,start,end,words\n1,x,0,4,Anna\n", "has a row for each span"),
        ("#FORMAT=WebAnno TSV 2\n#Text=Hello\n1-1\tHello\tPER\n", "is of an older WebAnno"),
    ],
)
def test_what_would_come_in_as_something_else_is_refused(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(text, "utf-8")
    with pytest.raises(InputFileError, match=said):
        list(tables.read(tmp_path / "a.csv"))


def take(project: Project, path: Path, **mapping: str) -> ImportReport:
    report = finish(import_paths(project, [path], mapping=mapping))
    assert isinstance(report, ImportReport)
    return report


def article(project: Project, number: int = 1) -> Article:
    return project.articles.get(number)


def reason(project: Project, path: Path, **mapping: str) -> str:
    report = take(project, path, **mapping)
    assert report.imported == 0
    return report.failed[0][1]


def write_csv(path: Path, rows: Sequence[Sequence[str]], encoding: str = "utf-8", **dialect: Any) -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, **dialect).writerows(rows)
    return path


# CSV and TSV


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_columns_encoding_and_delimiter_are_found_out(
    project: Project, tmp_path: Path, encoding: str, delimiter: str
) -> None:
    rows = [
        ["Headline", "Body", "Date", "Link", "Byline", "Newspaper", "LANG", "Stance", "Section"],
        ["A pact", BODY, "4 Feb 2024", "https://a.example/1", "Anna", "Daily", "en", "pro-West", "World"],
        ["", RUSSIAN, "04/02/2024", "", "", "", "", "", ""],
    ]
    path = write_csv(tmp_path / "a.csv", rows, encoding, delimiter=delimiter)
    report = take(project, path)
    assert (report.new, report.annotations, report.failed, report.guessed) == (2, 1, (), ())
    first, second = article(project, 1), article(project, 2)
    assert (first.text, first.title, first.published) == (BODY, "A pact", "2024-02-04")
    assert (first.url, first.author, first.source, first.language) == (
        "https://a.example/1", "Anna", "Daily", "en",
    )  # fmt: skip
    assert first.meta["Section"] == "World"
    assert first.meta["file"] == "a.csv"
    assert (second.text, second.title) == (RUSSIAN, RUSSIAN)
    assert second.published == "04/02/2024"  # February or April: left as it is
    (label,) = project.annotations.of(1, project.annotator_id())
    assert (label.layer, label.label, label.start) == ("stance", "pro-West", None)


def test_a_legacy_encoding_is_found_by_its_letters_and_told(project: Project, tmp_path: Path) -> None:
    rows = [["заголовок", "текст"], *([f"Новость {n}", f"{n} {RUSSIAN}"] for n in range(20))]
    report = take(project, write_csv(tmp_path / "a.csv", rows, "cp1251", delimiter=";"))
    assert report.new == 20
    assert (article(project).title, article(project).text) == ("Новость 0", f"0 {RUSSIAN}")
    assert "Look whether" in report.summary()


def test_letters_that_come_late_do_not_break_a_table(project: Project, tmp_path: Path) -> None:
    french = (
        "Le café à Érévan, où l'été naît, fut fermé après les élections législatives, a déclaré le député."
    )
    rows = [["text"], *([f"plain words {n}"] for n in range(60_000)), *([f"{french} {n}"] for n in range(9))]
    path = write_csv(tmp_path / "a.csv", rows, "cp1252")
    *_, last = tables.read(path)
    assert last.record.article.text == f"{french} 8"
    assert last.line == 60_010


def test_names_of_columns_are_chosen_and_shown(project: Project, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["words", "title", "x"], [BODY, "T", "1"]])
    assert reason(project, path) == (
        "has no column that is called text. It has: words, title, x. Choose the one with the text when you "
        "import (on the command line: --map text=NAME)"
    )
    for field in ("text", "title"):
        mapping = {"text": "words", field: "wrods"}
        assert reason(project, path, **mapping) == (
            f"has no field 'wrods' for the {field}. It has: words, title, x. Choose one of them"
        )
    (seen,) = finish(preview(project, [path], mapping={"text": "words", "title": ""})).files
    assert seen.columns == ("words", "title", "x")
    assert seen.mapping == {"text": "words"}
    take(project, path, text="words", title="", source="x")
    assert (article(project).title, article(project).source) == (
        'Armenia signed a pact, said the 🚀 minister; "at last".',
        "1",
    )
    assert article(project).meta["title"] == "T"


def test_the_command_line_maps_columns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project, path = str(tmp_path / "p.annot"), write_csv(tmp_path / "a.csv", [["words", "n"], [BODY, "1"]])
    assert main(["new", project]) == 0
    assert main(["import", project, str(path), "--map", "text=words", "--dry-run"]) == 0
    assert "fields: text = words" in capsys.readouterr().out
    assert main(["import", project, str(path), "--map", "text=words", "--no-backup"]) == 0
    assert "1 article imported" in capsys.readouterr().out


def test_rows_without_text_are_told_by_line(project: Project, tmp_path: Path) -> None:
    rows = [["text", "title"], ["one\ntwo", "a"], ["", "b"], ["", ""], [" \n ", "c"], ["three", "d"]]
    report = take(project, write_csv(tmp_path / "a.csv", rows))
    assert report.new == 2
    assert dict(report.lost) == {"rows without text (a.csv, lines 4, 6)": 2}
    path = write_csv(tmp_path / "b.csv", [["text", "title"], *(["", str(n)] for n in range(9))])
    assert (
        reason(project, path)
        == "has no text: 'text' holds no words in any row. Choose another one, or leave it out"
    )


def test_many_empty_rows_are_counted_together(tmp_path: Path, project: Project) -> None:
    (tmp_path / "a.csv").write_text("text,title\nOne.,a\n" + ",b\n" * 300, "utf-8")
    report = finish(import_paths(project, [tmp_path / "a.csv"]))
    assert "Left out: 300 rows without text (a.csv, lines 3, 4, 5, 6, 7 and 295 more)." in report.summary()


def test_a_row_with_too_many_cells_is_wrong_and_one_with_too_few_is_not(
    project: Project, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("title,text\na,b\nc,Armenia, Georgia and Turkey\nd,e\n")
    assert reason(project, path).startswith(
        "line 3: has 3 cells, and the first row names 2 columns. A text with a delimiter in it needs "
    )
    path.write_text("text,title,x\na,b,c,,\nd\n\n")
    assert take(project, path).new == 2


def test_columns_of_the_same_name_and_without_one_keep_apart(project: Project, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [["text", "tag", "tag", "", "file"], ["t", "1", "2", "3", "4"]])
    take(project, path)
    assert article(project).meta == {
        "tag": "1", "tag 2": "2", "column 4": "3", "file": "a.csv", "file (column)": "4",
    }  # fmt: skip


def test_an_id_is_the_articles_own_only_where_it_is_a_uuid(project: Project, tmp_path: Path) -> None:
    known = "6f1f6a52-6d0c-4c1e-9a8e-0b6c7d0f3a11"
    path = write_csv(tmp_path / "a.csv", [["id", "text"], ["17", "one"], [known, "two"]])
    assert take(project, path).new == 2
    assert article(project, 1).meta["id"] == "17"
    assert article(project, 2).uuid == known
    assert take(project, path).known == 2


def test_a_row_that_repeats_an_id_is_told(project: Project, tmp_path: Path) -> None:
    known = "6f1f6a52-6d0c-4c1e-9a8e-0b6c7d0f3a11"
    rows = [["id", "text", "title"], [known, "one", "a"], [known, "one", "b"]]
    report = take(project, write_csv(tmp_path / "a.csv", rows))
    assert (report.new, report.twice, report.known) == (1, 1, 0)
    assert "1 twice in the files and skipped" in report.summary()


def test_a_quotation_mark_that_is_never_closed_is_refused(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "LONGEST_CELL", 1000)
    path = tmp_path / "a.csv"
    path.write_text('title,text\na,"b\n' + "c,d\n" * 1000)
    assert "Is a quotation mark not closed?" in reason(project, path)
    path.write_text("text\n" + "word " * 1000)
    assert reason(project, path).startswith("line 2: is longer than 1,000 characters. Is it a table?")


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf \n", b"\x00\x01\x02" * 900, b"\xff\xfe\x00\xd8"])
def test_what_is_no_table_is_refused(project: Project, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.csv").write_bytes(data)
    assert reason(project, tmp_path / "a.csv")


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\ufeff\u2028\u2029")).filter(
    lambda words: words.strip()
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(cells, min_size=1, max_size=5),
    st.sampled_from(",;\t|"),
    st.sampled_from(["utf-8-sig", "utf-16"]),
)
def test_any_text_comes_through_unchanged(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], delimiter: str, encoding: str
) -> None:
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    rows = [["title", "text", "url"], *(["t", text, "u"] for text in texts)]
    write_csv(path, rows, encoding, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    assert [item.record.article.text for item in tables.read(path)] == [normalise(t) for t in texts]


def test_a_large_table_is_read_in_flat_memory(tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "a.csv", [["text", "n"], *([f"{n} {RUSSIAN}" * 40, "1"] for n in range(2500))]
    )
    assert path.stat().st_size > 12_000_000
    tracemalloc.start()
    assert sum(1 for _ in tables.read(path)) == 2500
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 7_000_000


@needs_samples
def test_doccanos_tables_come_in(project: Project) -> None:
    report = take(project, SAMPLES / "doccano" / "example.utf16.csv")
    assert (report.new, report.annotations, article(project).text) == (3, 3, "AAA")
    report = take(project, SAMPLES / "doccano" / "classification.csv")
    assert (report.new, report.annotations) == (3, 3)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("first", ["sep={}\r\n", '"SEP={}"\n', "sep={};;\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
def test_a_first_line_that_says_the_delimiter_is_understood(
    project: Project, tmp_path: Path, delimiter: str, first: str, encoding: str
) -> None:
    # A comma in each row, so that the delimiter could be taken for another one.
    rows = [["title", "text", "x"], ["А, one", f"{RUSSIAN}\nTwo lines, both.", "1,2"], ["Б, two", "", ""]]
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=delimiter).writerows(rows)
    path = tmp_path / "a.csv"
    path.write_bytes((first.format(delimiter) + written.getvalue()).encode(encoding))
    assert tables.columns(path) == ["title", "text", "x"]
    report = take(project, path)
    assert (report.new, report.failed) == (1, ())
    assert (article(project).title, article(project).text) == ("А, one", f"{RUSSIAN}\nTwo lines, both.")
    assert dict(report.lost) == {"rows without text (a.csv, line 5)": 1}


def test_our_own_table_with_such_a_line_is_known(suggested: Project, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    finish(export(suggested, path, registry.named("csv-articles")))
    path.write_bytes(b"sep=,\r\n" + path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    assert format_of(path).name == "csv-articles"
    assert take(suggested, path).known == 3


def test_a_column_called_like_the_line_that_says_the_delimiter_is_one(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("sep=;,text\n1,words\n", "utf-8")
    assert tables.columns(tmp_path / "a.csv") == ["sep=;", "text"]
    (tmp_path / "b.csv").write_text("sep=;\n", "utf-8")
    with pytest.raises(InputFileError, match="is empty; leave it out"):
        tables.columns(tmp_path / "b.csv")


# Workbooks


def write_xlsx(path: Path, **sheets: Sequence[Sequence[Any]]) -> Path:
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_a_workbook_comes_in_with_dates_numbers_and_other_sheets_told(
    project: Project, tmp_path: Path
) -> None:
    rows = [
        ["Titel", "Text", "Date", "Words", "Read", "Time"],
        ["A", BODY.replace("\n", "\r\n"), date(2024, 2, 4), 12.0, True, datetime(2024, 2, 4, 10, 30)],
        [None, None, None, None, None, None],
        ["B", None, date(2024, 2, 5), None, None, None],
        ["C", RUSSIAN, "Feb 2024", 2.5, None, None],
    ]
    path = write_xlsx(tmp_path / "a.xlsx", Codes=[["code"], [1]], Texts=rows)
    report = take(project, path, title="Titel")
    assert (report.new, report.failed) == (2, ())
    assert dict(report.lost) == {"sheets (Codes)": 1, "rows without text (a.xlsx, line 4)": 1}
    first, second = article(project, 1), article(project, 2)
    assert (first.text, first.title, first.published) == (BODY, "A", "2024-02-04")
    assert first.meta == {"Words": 12, "Read": True, "Time": "2024-02-04T10:30:00", "file": "a.xlsx"}
    assert (second.text, second.published, second.meta["Words"]) == (RUSSIAN, "2024-02", 2.5)
    assert workbooks.columns(path) == ["code", "Titel", "Text", "Date", "Words", "Read", "Time"]


def test_every_sheet_with_the_same_columns_is_read(project: Project, tmp_path: Path) -> None:
    path = write_xlsx(
        tmp_path / "a.xlsx",
        Notes=[["Remark"], ["not an article"]],
        Kyiv=[["title", "text"], ["A", "First words."]],
        Moscow=[["text", "title"], ["Second words.", "B"], [None, "C"]],
        Empty=[["title", "text"]],
        Other=[["title", "text", "more"], ["D", "Third words.", "x"]],
    )
    seen = finish(preview(project, [path])).report
    report = take(project, path)
    assert (report.new, report.failed) == (seen.new, seen.failed) == (2, ())
    lost = {"sheets (Notes)": 1, "sheets (Other)": 1, "rows without text (a.xlsx, line 3)": 1}
    assert dict(report.lost) == dict(seen.lost) == lost
    both = [article(project, number) for number in (1, 2)]
    assert [(each.text, each.title, each.meta["sheet"]) for each in both] == [
        ("First words.", "A", "Kyiv"),
        ("Second words.", "B", "Moscow"),
    ]


def test_the_preview_shows_the_columns_of_the_sheet_that_is_read(project: Project, tmp_path: Path) -> None:
    path = write_xlsx(
        tmp_path / "a.xlsx",
        Texts=[["title", "text", "date"], ["A", BODY, "2024-02-04"]],
        Notes=[["remark", "source"], ["What was said of it.", "me"]],
    )
    (file,) = finish(preview(project, [path])).files
    assert file.mapping == {"text": "text", "title": "title", "published": "date"}
    (file,) = finish(preview(project, [path], mapping={"text": "remark"})).files
    assert file.mapping == {"text": "remark", "source": "source"}
    assert file.columns == ("title", "text", "date", "remark", "source")
    assert take(project, path, text="remark").new == 1
    assert article(project).source == "me"


def test_formulas_give_the_value_that_was_last_shown(project: Project, tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", A=[["text", "title"], ["words", "=1+1"]])
    data = {}
    with zipfile.ZipFile(path) as archive:
        data = {name: archive.read(name) for name in archive.namelist()}
    sheet = data["xl/worksheets/sheet1.xml"]
    assert b"<f>1+1</f><v></v>" in sheet or b"<f>1+1</f><v />" in sheet
    data["xl/worksheets/sheet1.xml"] = sheet.replace(b"<v></v>", b"<v>2</v>").replace(b"<v />", b"<v>2</v>")
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in data.items():
            archive.writestr(name, content)
    take(project, path)
    assert article(project).title == "2"


def zipped(path: Path, **parts: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name.replace("__", "/"), data)
    return path


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;">]>'
    b"<worksheet>&c;</worksheet>"
)


@pytest.mark.parametrize("suffix", ["xlsx", "docx", "odt"])
def test_office_files_that_are_made_to_do_harm_are_refused(
    project: Project, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"a.{suffix}"
    assert "no XML as office programs write it" in reason(project, zipped(path, **{"content.xml": BOMB}))
    wide = ('<?xml version="1.0" encoding="utf-16"?>' + BOMB.decode()[21:]).encode("utf-16")
    assert "no XML as office programs write it" in reason(project, zipped(path, **{"a.xml": wide}))
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    assert "protected by a password" in reason(project, path)
    path.write_bytes(b"PK\x03\x04 not an archive")
    assert reason(project, path) == f"is damaged, or no {suffix} file: File is not a zip file. Save it anew"
    assert reason(project, zipped(path, **{"a.bin": b"a"}))


def test_an_archive_that_unpacks_to_too_much_is_refused_at_once(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from annotator.formats import packages

    monkeypatch.setattr(packages, "LARGEST_UNPACKED", 1_000_000)
    path = zipped(tmp_path / "a.xlsx", **{"xl__a.bin": b"\0" * 1_100_000})
    assert path.stat().st_size < 5000
    assert reason(project, path).startswith("unpacks to 1,100,000 bytes, of 1,000,000 allowed")


# JSON


def test_json_lines_of_no_tool_in_particular_come_in(project: Project, tmp_path: Path) -> None:
    lines = [
        {
            "headline": "A",
            "body": BODY,
            "authors": ["Anna", "Ben"],
            "n": 3,
            "tags": ["x"],
            "stance": "neutral",
        },
        {"headline": "B", "body": None},
        {"body": RUSSIAN + "\ud800", "x\ud800": "\ud800"},
    ]
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    assert format_of(path).name == "json"
    report = take(project, path)
    assert (report.new, report.annotations, report.failed) == (2, 1, ())
    assert dict(report.lost) == {"rows without text (a.jsonl, line 2)": 1}
    assert (article(project).title, article(project).author) == ("A", "Anna, Ben")
    assert article(project).meta == {"n": 3, "tags": ["x"], "file": "a.jsonl"}
    assert article(project, 2).text == RUSSIAN + "\ufffd"


@pytest.mark.parametrize(
    "wrap",
    [
        lambda objects: json.dumps(objects),
        lambda objects: json.dumps(objects, indent=2),
        lambda objects: json.dumps({"status": "ok", "articles": objects}),
    ],
)
def test_arrays_of_objects_come_in_wherever_they_stand(
    project: Project, tmp_path: Path, wrap: Callable[[Any], str]
) -> None:
    objects = [
        {"source": {"id": 7, "name": "Daily"}, "content": BODY, "publishedAt": "2024-02-04T10:00:00Z"},
        {"source": {"id": None, "name": None}, "content": RUSSIAN},
    ]
    path = tmp_path / "a.json"
    path.write_text(wrap(objects), "utf-8-sig")
    assert take(project, path).new == 2
    first = article(project)
    assert (first.source, first.published) == ("Daily", "2024-02-04T10:00:00Z")
    assert first.meta["source (column)"] == {"id": 7}


@pytest.mark.parametrize(
    "wrap",
    [
        lambda found: {"data": {"articles": found}},
        lambda found: {
            "data": {"articles": found, "errors": [{"code": 1}] * 5, "total": "2"},
            "status": "ok",
        },
        lambda found: {"warnings": [{"code": 1}] * 5, "a": {"b": {"c": found}}},
        lambda found: {"data": found},
    ],
)
def test_an_array_is_found_deep_in_what_a_server_answers(
    project: Project, tmp_path: Path, wrap: Callable[[Any], Any]
) -> None:
    found = [
        {"doc": {"body": BODY, "authors": [{"name": "A"}]}, "date": "2024-02-04"},
        {"doc": {"body": RUSSIAN}},
    ]
    path = tmp_path / "a.json"
    for suffix in (".json", ".jsonl"):
        path = tmp_path / f"a{suffix}"
        path.write_text(json.dumps(wrap(found)), "utf-8")
        assert format_of(path).name == "json"
    assert json_rows.columns(path) == ["doc.body", "doc.authors", "date"]
    assert take(project, path, text="doc.body").new == 2
    assert article(project).published == "2024-02-04"


def test_an_article_with_its_text_further_in_is_not_taken_apart(project: Project, tmp_path: Path) -> None:
    for objects in ([{"doc": {"body": BODY, "authors": [{"name": "A"}]}}], [{"x": {"y": [{"n": 1}]}}] * 2):
        (tmp_path / "a.json").write_text(json.dumps(objects))
        assert json_rows.columns(tmp_path / "a.json")[0] in ("doc.body", "x.y")


def test_a_list_of_paragraphs_is_a_text(project: Project, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"title": "T", "body": ["One.", "Two."]}))
    take(project, tmp_path / "a.json")
    assert article(project).text == "One.\n\nTwo."


def test_objects_that_are_empty_without_what_was_read_are_not_kept(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(
        json.dumps([{"doc": {"in": {"words": BODY}}, "about": {"head": "T", "n": 1}, "none": {}}])
    )
    take(project, path, text="doc.in.words", title="about.head")
    assert {**article(project).meta, "file": ""} == {"about": {"n": 1}, "none": {}, "file": ""}


def test_nested_keys_are_chosen_by_their_path(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps([{"doc": {"fields": {"words": BODY, "n": 1}, "head": "T"}}]))
    assert json_rows.columns(path) == ["doc.fields.words", "doc.fields.n", "doc.head"]
    assert "has no key that is called text. It has: doc.fields.words" in reason(project, path)
    assert "--map text=NAME" in reason(project, path)
    take(project, path, text="doc.fields.words", title="doc.head")
    assert (article(project).text, article(project).title) == (BODY, "T")
    assert article(project).meta["doc"] == {"fields": {"n": 1}}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("[1, 2]", "is no JSON object"),
        ('[{"text": "a"}', "is not JSON"),
        ('{"text": "a"} {"text": "b"}', "something follows its end"),
        ("", "is empty"),
        ("[" * 100_000, ""),
        ('{"text": NaN}', "NaN"),
        ("[]", "holds no articles; leave it out"),
        ("{}", "holds no articles; leave it out"),
    ],
)
def test_wrong_json_is_refused_in_plain_words(project: Project, tmp_path: Path, data: str, said: str) -> None:
    (tmp_path / "a.json").write_text(data)
    assert said in reason(project, tmp_path / "a.json")


def test_a_number_that_is_too_long_is_told_in_plain_words(project: Project, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "One.", "x": ' + "9" * 5000 + "}\n", "utf-8")
    assert reason(project, tmp_path / "a.jsonl").startswith("line 1: holds a number of 5,000 digits; ")


def test_an_object_over_several_lines_comes_in_whatever_its_suffix(project: Project, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{\n "text": "One."\n}\n', "utf-8")
    assert take(project, tmp_path / "a.jsonl").new == 1


def test_ours_goes_before_json_of_no_tool(tmp_path: Path) -> None:
    ours = b'{"schema": "annotator/1", "text": "a"}'
    assert registry.recognise(Path("a.jsonl"), ours).name == "jsonl"
    assert registry.recognise(Path("a.jsonl"), b'{"text": "a"}').name == "json"
    assert registry.recognise(Path("a.tsv"), b"#FORMAT=WebAnno TSV 3.3\n").name == "webanno"
    assert registry.recognise(Path("a.tsv"), b"text\ttitle\n").name == "table"


def test_a_wrong_line_late_in_a_table_refuses_all_of_it(project: Project, tmp_path: Path) -> None:
    made = io.StringIO()
    writer = csv.writer(made)
    writer.writerows([["title", "text"], *([str(n), f"text {n}"] for n in range(300)), ["a", "b", "c"]])
    (tmp_path / "a.csv").write_text(made.getvalue())
    assert reason(project, tmp_path / "a.csv").startswith("line 302: has 3 cells")
    assert project.articles.count() == 0
    with pytest.raises(InputFileError):
        list(tables.read(tmp_path / "a.csv"))


def test_a_field_that_no_file_has_is_refused(project: Project, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A text.", "utf-8")
    (tmp_path / "a.html").write_text("<p>A text.</p>", "utf-8")
    with pytest.raises(AnnotatorError, match=r"has a field title that .* They have none\. Leave it out"):
        take(project, tmp_path / "a.txt", title="Headline")
    with pytest.raises(AnnotatorError, match=r"has a field title that .* Those that there are: text\."):
        finish(preview(project, [tmp_path], mapping={"title": "Headline"}))
    assert "'body' for the text. It has: main text, whole page" in reason(
        project, tmp_path / "a.html", text="body"
    )


def test_a_workbook_whose_sheet_lacks_a_chosen_column_is_refused(project: Project, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["text", "x"])
    book.active.append([BODY, "1"])
    book.create_sheet("Other").append(["Headline"])
    book.save(tmp_path / "a.xlsx")
    assert "no field 'Headline' for the title. It has: text, x" in reason(
        project, tmp_path / "a.xlsx", title="Headline"
    )


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("[[0, 4]]", "line 2: has a list of lists or objects"),
        ('[{"start": 0}]', "line 2: has a list of lists or objects"),
        ('["a", "b"]', "line 2: has several labels under 'label'"),
        ('{"a": 1}', "line 2: has an object under 'label'"),
        ('"' + "word " * 50 + '"', "line 2: has 249 characters under 'label'"),
    ],
)
def test_what_is_no_label_does_not_become_a_stance(
    project: Project, tmp_path: Path, label: str, said: str
) -> None:
    lines = '{"text": "One.", "label": "neutral"}\n{"text": "Two.", "label": ' + label + "}\n"
    (tmp_path / "a.ndjson").write_text(lines, "utf-8")
    assert reason(project, tmp_path / "a.ndjson").startswith(said)
    report = take(project, tmp_path / "a.ndjson", label="")
    assert (report.new, report.annotations) == (2, 0)


def test_spans_of_doccano_that_lack_something_are_refused(project: Project, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "Some text here", "label": [[0, 4]]}\n', "utf-8")
    assert "(a span of doccano is [start, end, label])" in reason(project, tmp_path / "a.jsonl")
