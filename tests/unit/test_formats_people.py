"""What people read: CSV, quotation lists, the report and its figures."""

from __future__ import annotations

import csv
import io
import re
import tracemalloc
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.dom import minidom

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from annotator.cli import main
from annotator.formats import export, import_paths, registry, sheets
from annotator.formats.article_rows import joined, parted
from annotator.formats.citation import quotation, reference
from annotator.formats.csv_files import Cells
from annotator.formats.figures import svg
from annotator.formats.report_text import Mark, marked
from annotator.model import ArticleInput
from annotator.project import Project, create_project
from annotator.project.charts import Chart, Row, Series, largest
from annotator.text import raw_cell, safe_cell

from .conftest import finish

HOSTILE = '=cmd|"<script>alert(1)</script>&amp;'


def written(project: Project, path: Path, name: str, **options: Any) -> bytes:
    report = finish(export(project, path, registry.named(name), **options))
    left_out = sum(number for _, number in report.left_out)
    assert report.verified == report.spans - left_out
    assert not left_out or name == "csv-articles"
    return path.read_bytes()


def table(data: bytes) -> list[dict[str, str]]:
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@pytest.fixture
def labelled(suggested: Project) -> Project:
    """anna has decided on article 1, and ben on 1 and 3; 2 is untouched."""
    suggested.annotations.accept(1, 1)
    suggested.annotations.add(1, "stance", "pro-West")
    suggested.annotations.add(1, "stance", "pro-Russia", 9, 36)
    suggested.articles.set_status(1, "done")
    suggested.articles.set_note(1, "=1+1")
    suggested.annotator = "ben"
    suggested.annotations.add(1, "stance", "neutral")
    suggested.annotations.add(3, "entity", "ORG", 20, 28)
    return suggested


# CSV


def test_articles_have_a_column_for_each_annotator_and_layer(labelled: Project, tmp_path: Path) -> None:
    rows = table(written(labelled, tmp_path / "a.csv", "csv-articles"))
    assert [row["title"] for row in rows] == ["Rocket", "gyumri", "Brussels"]
    assert [row["anna: stance"] for row in rows] == ["pro-West", "", ""]
    assert [row["ben: stance"] for row in rows] == ["neutral", "", ""]
    assert [row["anna: status"] for row in rows] == ["done", "", ""]
    assert [row["anna: spans"] for row in rows] == ["2", "", ""]
    assert [row["ben: spans"] for row in rows] == ["0", "", "1"]
    assert rows[0]["text"] == labelled.articles.text(1)
    assert rows[1]["text"] == labelled.articles.text(2)
    assert "anna: entity" not in rows[0]  # a layer of spans alone


def test_the_columns_are_those_of_the_annotator_who_was_chosen(labelled: Project, tmp_path: Path) -> None:
    rows = table(written(labelled, tmp_path / "a.csv", "csv-articles", annotator="ben"))
    assert [row["title"] for row in rows] == ["Rocket", "Brussels"]
    assert not [name for name in rows[0] if name.startswith("anna")]


def test_each_span_has_a_row_with_its_words(labelled: Project, tmp_path: Path) -> None:
    rows = table(written(labelled, tmp_path / "s.csv", "csv-spans"))
    texts = {labelled.articles.get(n).uuid: labelled.articles.text(n) for n in (1, 2, 3)}
    assert len(rows) == 3
    for row in rows:
        assert texts[row["article"]][int(row["start"]) : int(row["end"])] == row["quote"]
    assert [(row["annotator"], row["label"]) for row in rows] == [
        ("anna", "pro-Russia"), ("anna", "GPE"), ("ben", "ORG"),
    ]  # fmt: skip
    assert rows[0]["quote"].startswith("🚀 flew over")
    assert [row["origin"] for row in rows] == ["manual", "accepted", "manual"]


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t"])
def test_no_cell_is_a_formula(sign: str, project: Project, tmp_path: Path) -> None:
    with project.act("came"):
        project.articles.add(ArticleInput(f"{sign}1+1 said Anna", f"{sign}1+1"))
    project.annotations.add(1, "entity", "ORG", 0, 4)
    for name in ("csv-articles", "csv-spans", "quotations-csv"):
        report = finish(export(project, tmp_path / f"{name}.csv", registry.named(name)))
        for row in table((tmp_path / f"{name}.csv").read_bytes()):
            assert row["title"] == f"'{sign}1+1"
            assert not [cell for cell in row.values() if cell[:1] in ("=", "+", "-", "@", "\t", "\r")]
        assert any("apostrophe" in sentence for sentence in report.lost)


@given(texts=st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=4))
@settings(max_examples=30, deadline=None)
def test_any_words_come_back_from_a_row(texts: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    from annotator.formats.csv_files import Rows

    path = tmp_path_factory.mktemp("csv") / "x.csv"
    texts = [text.encode(errors="replace").decode() for text in texts]
    rows = Rows(path, ["a", "b"])
    for text in texts:
        rows.write([text, None])
    rows.close()
    with path.open(encoding="utf-8-sig", newline="") as file:
        found = list(csv.reader(file))[1:]
    for row, text in zip(found, texts, strict=True):
        assert row[0] in (text, f"'{text}")
    assert all(row[1] == "" for row in found)


# Quotations


def test_a_reference_has_what_is_known_and_the_offsets() -> None:
    article = ArticleInput("…", "A  title", "b.example", "https://b.example/1", "A. Author", "2024-02-04")
    assert (
        reference(article, 402, 417)
        == "A. Author, “A title”, b.example, 2024-02-04, https://b.example/1, characters 402–417"
    )
    assert reference(ArticleInput("…", "T"), None, None) == "“T”"
    assert quotation("a\nb c", ArticleInput("…", "T"), 0, 3) == "“a b” (“T”, characters 0–3)"


def test_the_three_lists_have_each_span_with_its_reference(labelled: Project, tmp_path: Path) -> None:
    rows = table(written(labelled, tmp_path / "q.csv", "quotations-csv"))
    written(labelled, tmp_path / "q.xlsx", "quotations-xlsx")
    markdown = written(labelled, tmp_path / "q.md", "quotations-md").decode()
    sheet = openpyxl.load_workbook(tmp_path / "q.xlsx").worksheets[0]
    heads, *cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert heads == list(rows[0])
    assert [[str(v) if v is not None else "" for v in row] for row in cells] == [
        list(r.values()) for r in rows
    ]
    assert rows[1]["quotation"] == "Armenia"
    assert rows[1]["reference"] == "“Rocket”, b.example, 2024-02-04, characters 21–28"
    assert "> Armenia\n>\n> — “Rocket”, b.example, 2024-02-04, characters 21–28\n" in markdown
    assert markdown.count("\n## ") == 2


def test_a_workbook_takes_hostile_words_as_words(project: Project, tmp_path: Path) -> None:
    with project.act("came"):
        project.articles.add(ArticleInput("=1+1\x01 " + "x" * 40_000, HOSTILE))
    project.annotations.add(1, "entity", "ORG", 0, 6)
    project.annotations.add(1, "entity", "ORG", 0, 40_006)
    report = finish(export(project, tmp_path / "q.xlsx", registry.named("quotations-xlsx")))
    sheet = openpyxl.load_workbook(tmp_path / "q.xlsx").worksheets[0]
    assert sheet["A3"].value == "=1+1\ufffd"[: len(sheet["A3"].value)] or sheet["A2"].value.startswith(
        "=1+1\ufffd"
    )
    assert {sheet["A2"].data_type, sheet["A3"].data_type, sheet["L2"].data_type} == {"s"}
    assert sheet["L2"].value == HOSTILE
    assert any("32,767" in sentence for sentence in report.lost)
    assert any("control character" in sentence for sentence in report.lost)


def test_a_workbook_begins_another_sheet_where_one_is_full(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(sheets, "LARGEST", 3)
    book = sheets.Workbook(tmp_path / "a.xlsx", "Words & so on", ["word", "number"], [10, 8])
    rows = [(" a\n<b> & \rc ", 1), ("=1+1", None), ("🚀\x00\ufffe", 2), (None, 3), ("last", -4)]
    for row in rows:
        book.append(row)
    book.close()
    read = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert read.sheetnames == ["Words & so on", "Words & so on1", "Words & so on2"]
    found = [list(sheet.iter_rows(values_only=True)) for sheet in read.worksheets]
    assert [each[0] for each in found] == [("word", "number")] * 3
    assert [row for each in found for row in each[1:]] == [*rows[:2], ("🚀\ufffd\ufffd", 2), *rows[3:]]
    first = read.worksheets[0]
    assert (first["A1"].font.bold, first["A2"].font.bold, first["A3"].data_type) == (True, False, "s")
    assert (first.freeze_panes, first.column_dimensions["A"].width) == ("A2", 10)
    assert book.lost == {"control characters": 1}


def test_markdown_has_no_marks_but_ours(project: Project, tmp_path: Path) -> None:
    with project.act("came"):
        project.articles.add(ArticleInput("# <b>Hello</b> [x](y)\n12. a\n- b", "<script>|*a*"))
    project.annotations.add(1, "entity", "ORG", 0, 31)
    text = written(project, tmp_path / "q.md", "quotations-md").decode()
    assert "> \\# \\<b\\>Hello\\</b\\> \\[x\\](y)\n> 12\\. a\n> \\- b\n" in text
    assert "## \\<script\\>\\|\\*a\\*\n" in text


# The report


class Page(HTMLParser):
    """Collects what a browser would see: tags with attributes, words, and whether it all closes."""

    void = frozenset({"meta", "br"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.void:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


def test_the_report_needs_nothing_beside_it(labelled: Project, tmp_path: Path) -> None:
    page = Page(written(labelled, tmp_path / "r.html", "report", with_suggestions=True).decode())
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"script", "link", "img", "iframe", "object", "embed", "base", "form"}
    assert not [a for _, attrs in page.tags for a in attrs if a.startswith("on") or a in ("src", "srcset")]
    policy = [a["content"] for t, a in page.tags if a.get("http-equiv") == "Content-Security-Policy"]
    assert "default-src 'none'" in str(policy)
    assert "@media print" in page.words
    assert "url(" not in page.words
    assert "@import" not in page.words
    for part in ("Statistics", "Codebook", "Articles", "Rocket", "Stance by source", "GPE"):
        assert part in page.words
    assert [t for t, _ in page.tags].count("article") == 3
    assert "svg" in tags


def test_the_report_names_spans_passages_and_evidence_in_words(labelled: Project, tmp_path: Path) -> None:
    page = Page(written(labelled, tmp_path / "r.html", "report", annotator="anna").decode())
    assert (
        "[evidence of pro-West A rocket [1 pro-Russia 🚀 flew over [2 GPE Armenia].] Russia] denied"
        in page.words
    )
    assert "2GPEentityArmenia21–28" in page.words  # its row in the table
    assert "ben: " not in page.words


def test_hostile_words_are_words(project: Project, tmp_path: Path) -> None:
    evil = '"><script>alert(1)</script><img src=x onerror=y>\u202e\x1b'
    with project.act("came"):
        project.articles.add(ArticleInput(f"{evil} said Anna", evil, evil, "javascript:alert(1)", evil, evil))
        project.articles.add(ArticleInput("Fine.", "Fine", url="https://a.example/?a=1&b=\"'><script>"))
    label = '<b onclick="x">&'
    project.codebook_editing.add_label("entity", label, color="#123456")
    project.annotations.add(1, "entity", label, 0, len(evil))
    project.articles.set_note(1, evil)
    project.annotations.add(2, "entity", label, 0, 4)
    html = written(project, tmp_path / "r.html", "report").decode()
    page = Page(html)
    assert not [tag for tag, _ in page.tags if tag in ("script", "img")]
    assert not [a for _, attrs in page.tags for a in attrs if a.startswith("on")]
    links = [
        attrs["href"] for tag, attrs in page.tags if tag == "a" and not str(attrs["href"]).startswith("#")
    ]
    assert links == ["https://a.example/?a=1&b=\"'><script>"]
    assert label in page.words
    assert "\x1b" not in html
    finish(export(project, tmp_path / "b", registry.named("bundle")))
    for figure in (tmp_path / "b" / "figures").iterdir():
        minidom.parse(str(figure))


SPANS = st.lists(
    st.tuples(st.integers(0, 11), st.integers(1, 12))
    .map(lambda p: (min(p[0], 11), p[0] + p[1]))
    .map(lambda p: (p[0], min(p[1], 12))),
    max_size=12,
)


@given(spans=SPANS, text=st.text(alphabet="ab<>&🚀\nא", min_size=12, max_size=12))
@settings(max_examples=200, deadline=None)
def test_any_spans_leave_the_text_whole_and_every_tag_closed(spans: list[tuple[int, int]], text: str) -> None:
    marks = [Mark(start, end, f"#{n}", "#123456", "span") for n, (start, end) in enumerate(spans)]
    html = marked(text, marks)
    page = Page(html)
    plain = Page(re.sub(r'<b class="t.*?</b>|<i class="b">]</i>', "", html, flags=re.DOTALL))
    assert plain.words == text
    for n, (start, _end) in enumerate(spans):  # each is named once, where it begins
        before = html.index(f"<bdi>#{n}</bdi>")
        kept = re.sub(r'<b class="t.*?(</b>|$)|<i class="b">]</i>', "", html[:before], flags=re.DOTALL)
        assert words_of(kept) == text[:start]
    assert page.words.count("]") == len(spans) + text.count("]")


def words_of(html: str) -> str:
    class Words(HTMLParser):
        said = ""

        def handle_data(self, data: str) -> None:
            self.said += data

    words = Words()
    words.feed(html)
    return words.said


def test_many_spans_take_time_and_room_in_proportion() -> None:
    marks = [Mark(n, 5000, "x", "#123456", "span") for n in range(4000)]
    assert len(marked("y" * 5000, marks)) < 5_000_000


def test_the_report_of_many_articles_takes_no_more_memory(project: Project, tmp_path: Path) -> None:
    def peak(path: Path) -> int:
        tracemalloc.start()
        try:
            finish(export(project, path, registry.named("report")))
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    def more(number: int) -> None:
        with project.act("came"):
            for n in range(number):
                project.articles.add(ArticleInput(f"{n} {len(str(number))} " + "words " * 2000, f"t{n}"))

    more(20)
    peak(tmp_path / "warm.html")
    few = peak(tmp_path / "few.html")
    more(200)
    assert peak(tmp_path / "many.html") < few + 1_000_000  # of 2.6 MB more that are written


# Figures


def test_a_figure_is_xml_with_every_number() -> None:
    rows = tuple(Row((f"a & <b{n}>",), (n, 2)) for n in range(1, 4))
    series = (Series("pro-West", "#0072b2"), Series("<neutral>\x00\ufffe"))
    chart = Chart(
        "k", "Title <&>", "words", "articles", ("source",), series, rows, largest(series, rows), "none"
    )
    drawn = minidom.parseString(svg(chart))
    said = [node.firstChild.data for node in drawn.getElementsByTagName("text")]
    assert [words for words in said if words.startswith("a & <b")] == ["a & <b1>", "a & <b2>", "a & <b3>"]
    assert "5 (3 · 2)" in said
    assert "1. pro-West" in said
    bars = [float(rect.getAttribute("width")) for rect in drawn.getElementsByTagName("rect")[3:]]
    assert bars[0] * 3 == pytest.approx(bars[4], abs=0.2)


def test_the_command_line_chooses_by_suffix(labelled: Project, tmp_path: Path, capsys: Any) -> None:
    for name, begins in (("x.html", b"<!DOCTYPE"), ("x.md", b"# Quot"), ("x.xlsx", b"PK"), ("x.jsonl", b"{")):
        assert main(["export", str(labelled.path), str(tmp_path / name)]) == 0
        assert (tmp_path / name).read_bytes().startswith(begins)
    assert main(["export", str(labelled.path), str(tmp_path / "y.html"), "--without-texts"]) == 1
    assert "Choose a publication bundle" in capsys.readouterr().err


def test_the_table_of_articles_can_be_read_again(labelled: Project, tmp_path: Path) -> None:
    written(labelled, tmp_path / "a.csv", "csv-articles")
    with create_project(tmp_path / "again.annot", annotator="anna") as again:
        report = finish(import_paths(again, [tmp_path / "a.csv"]))
        assert (report.failed, report.new) == ((), 3)
        for number in (1, 2, 3):
            before, after = labelled.articles.get(number), again.articles.get(number)
            assert (after.text, after.title, after.source, after.published) == (
                before.text,
                before.title,
                before.source,
                before.published,
            )


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_the_table_of_articles_is_known_however_a_spreadsheet_saved_it(
    encoding: str, labelled: Project, tmp_path: Path
) -> None:
    written(labelled, tmp_path / "a.csv", "csv-articles")
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    for name in ("b.csv", "b.txt"):
        with (tmp_path / name).open("w", encoding=encoding, newline="") as file:
            csv.writer(file, delimiter="\t").writerows(rows)
    report = finish(import_paths(labelled, [tmp_path / "b.csv"]))
    assert (report.failed, report.new, report.known) == ((), 0, 3)
    ((_, reason),) = finish(import_paths(labelled, [tmp_path / "b.txt"])).failed
    assert reason == "is a table of articles of Annotator: name it .csv, and import it again"


@pytest.mark.parametrize(
    ("name", "file", "kind"),
    [
        ("report", "a.html", "report"),
        ("quotations-csv", "a.csv", "quotation list"),
        ("quotations-xlsx", "a.xlsx", "quotation list"),
        ("quotations-md", "a.md", "quotation list"),
    ],
)
def test_what_is_for_people_is_not_taken_for_articles(
    name: str, file: str, kind: str, labelled: Project, tmp_path: Path
) -> None:
    finish(export(labelled, tmp_path / file, registry.named(name)))
    report = finish(import_paths(labelled, [tmp_path / file]))
    assert report.imported == 0
    ((_, reason),) = report.failed
    assert reason.startswith(f"is a {kind} of Annotator")
    assert "Annotator JSONL" in reason


def test_a_table_of_spans_says_which_export_comes_back(labelled: Project, tmp_path: Path) -> None:
    finish(export(labelled, tmp_path / "a.csv", registry.named("csv-spans")))
    report = finish(import_paths(labelled, [tmp_path / "a.csv"]))
    assert "Export as JSONL" in report.failed[0][1]


def test_what_was_written_into_the_table_comes_back(labelled: Project, tmp_path: Path) -> None:
    """After a spreadsheet has saved it (semicolons, another order, a column more), with a stance added."""
    written(labelled, tmp_path / "a.csv", "csv-articles")
    rows = table((tmp_path / "a.csv").read_bytes())
    rows[1] |= {
        "ben: status": "done",
        "ben: stance": "pro-West",
        "ben: stance certainty": "2",
        "ben: note": "'=x",
    }
    rows[0]["ben: stance"] = "pro-Russia"  # that is decided here already
    with (tmp_path / "b.csv").open("w", encoding="utf-8", newline="") as file:
        names = [*reversed(rows[0]), "code"]
        writer = csv.DictWriter(file, names, delimiter=";")
        writer.writeheader()
        writer.writerows(row | {"code": "17"} for row in rows)
    report = finish(import_paths(labelled, [tmp_path / "b.csv"]))
    assert (report.failed, report.imported, report.known) == ((), 0, 3)
    assert (report.annotations, report.known_annotations, report.other_labels) == (1, 1, 1)
    labelled.annotator = "ben"
    (label,) = labelled.annotations.of(2, labelled.annotator_id())
    assert (label.label, label.certainty, label.origin) == ("pro-West", 2, "imported")
    assert labelled.articles.progress(2).note == "=x"
    (known,) = labelled.annotations.of(1, labelled.annotator_id())
    assert known.label == "neutral"
    with create_project(tmp_path / "again.annot", annotator="anna") as again:
        finish(import_paths(again, [tmp_path / "b.csv"]))
        assert again.articles.get(1).meta["code"] == "17"


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        ("text", "cut", "line 2: has another text than was exported; spreadsheets cut"),
        ("text", "", "line 2: has no text"),
        ("anna: status", "finished", "line 2: has the status 'finished'. Those that there are: todo"),
        ("anna: stance certainty", "9", "line 2: has the certainty '9'"),
    ],
)
def test_a_wrong_cell_refuses_the_table(
    column: str, cell: str, said: str, labelled: Project, tmp_path: Path
) -> None:
    written(labelled, tmp_path / "a.csv", "csv-articles")
    rows = table((tmp_path / "a.csv").read_bytes())
    rows[0][column] = cell
    with (tmp_path / "b.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*rows[0]])
        writer.writeheader()
        writer.writerows(rows)
    report = finish(import_paths(labelled, [tmp_path / "b.csv"]))
    assert (report.imported, report.known) == (0, 0)
    assert report.failed[0][1].startswith(said)


def test_a_table_without_texts_says_what_to_import(labelled: Project, tmp_path: Path) -> None:
    finish(export(labelled, tmp_path / "out", registry.named("bundle"), with_texts=False))
    report = finish(import_paths(labelled, [tmp_path / "out" / "articles.csv"]))
    assert "has no texts. Import the JSONL" in report.failed[0][1]


@settings(deadline=None)
@given(
    st.text(
        st.sampled_from("'=+-@＝＋－＠\t\r;\\\"\n \xa0\u200b\u3000\ufeffxЯ🚀") | st.characters(), max_size=8
    )
)
@example("\n=1+1")
@example("  =1+1")
@example("\ufeff=1+1")
@example("＝1+1")
@example("'\ufeff ＠SUM(1)")
def test_a_cell_is_safe_and_comes_back(cell: str) -> None:
    safe = safe_cell(cell)
    assert not safe or safe[0] not in "=+-@＝＋－＠\t\r\n"
    seen = "".join(c for c in safe if not c.isspace() and c not in "\u200b\ufeff")
    assert not seen or seen[0] not in "=+-@＝＋－＠"
    assert raw_cell(safe) == cell
    written = '"' + safe.replace('"', '""') + '"'
    assert [Cells()[cell], Cells().once(cell)] == [written, written]
    assert next(csv.reader([written])) == [safe] or "\n" in safe or "\r" in safe


@given(
    st.lists(st.text(st.sampled_from("; \\a\n"), max_size=5), max_size=4).filter(lambda words: words != [""])
)
def test_several_labels_in_a_cell_come_back(words: list[str]) -> None:
    assert parted(joined(words)) == words
