"""Importing what other tools wrote through the window: seen first, then imported; other exports."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QGroupBox,
    QLabel,
    QPlainTextEdit,
    QTableWidget,
)
from pytestqt.qtbot import QtBot

from annotator.formats import Format, registry
from annotator.formats.conll import COPY
from annotator.formats.foreign import Label, foreign_record
from annotator.formats.item import Item
from annotator.formats.left_out import counted
from annotator.ui.dialogs import ExportCheckDialog, ExportDialog
from annotator.ui.import_dialog import ImportDialog
from annotator.ui.main_window import MainWindow

CONLL = "Anna\tB-PER\nmet\tO\nBen\tB-PER\n"


def dialog(window: MainWindow, qtbot: QtBot) -> ImportDialog:
    qtbot.waitUntil(lambda: bool(window.findChildren(ImportDialog)))
    found = window.findChildren(ImportDialog)[0]
    qtbot.waitUntil(found.isVisible)
    return found


def cells(found: ImportDialog) -> list[list[str]]:
    table = found.findChild(QTableWidget)
    assert table is not None
    return [
        [table.item(row, column).text() for column in range(table.columnCount())]
        for row in range(table.rowCount())
    ]


def count(window: MainWindow) -> int:
    assert window.session.project is not None
    return window.session.project.articles.count()


def test_what_another_tool_wrote_is_shown_first_and_imported_on_enter(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    before = count(window)
    (tmp_path / "a.conll").write_text(CONLL, "utf-8")
    (tmp_path / "b.conll").write_text("Anna\tPER\n", "utf-8")
    window.files.offer.begin([tmp_path / "a.conll", tmp_path / "b.conll"])
    found = dialog(window, qtbot)
    first, second = cells(found)
    assert first == ["a.conll", "CoNLL columns", "1", "1", "2", f"left out: {counted(1, COPY)}"]
    assert second[5].startswith("Cannot be imported: line 1: ends in 'PER'")
    assert count(window) == before
    with qtbot.waitSignal(window.files.imported):
        QTest.keyClick(found, Qt.Key.Key_Return)
    assert count(window) == before + 1
    assert "b.conll" in window.notice.text


def test_labels_that_another_tool_changed_are_told_before_and_after(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    for label, told in (("neutral", False), ("pro-West", True)):
        line = {"id": 7, "text": "Two words.", "label": [], "cats": [label]}
        (tmp_path / "a.jsonl").write_text(json.dumps(line) + "\n", "utf-8")
        window.files.offer.begin([tmp_path / "a.jsonl"])
        found = dialog(window, qtbot)
        words = " ".join(label.text() for label in found.findChildren(QLabel))
        assert ("differs from the one in the project" in words) == told
        with qtbot.waitSignal(window.files.imported):
            QTest.keyClick(found, Qt.Key.Key_Return)
        assert ("differs from the one in the project" in window.notice.text) == told
        qtbot.waitUntil(lambda: not window.findChildren(ImportDialog))


def test_a_guessed_encoding_is_told_before_the_import(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_bytes("Ереван и Москва договорились о поставках газа".encode("cp1251"))
    (tmp_path / "b.txt").write_text("Ереван и Москва договорились о поставках.", "utf-8")
    (tmp_path / "c.conll").write_text(CONLL, "utf-8")
    window.files.offer.begin([tmp_path / name for name in ("a.txt", "b.txt", "c.conll")])
    found = dialog(window, qtbot)
    notes = [row[5] for row in cells(found)]
    assert notes[:2] == ["not in UTF-8, 1 as cp1251: look whether letters came out right", ""]
    found.reject()


def test_escape_imports_nothing(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    before = count(window)
    (tmp_path / "a.conll").write_text(CONLL, "utf-8")
    window.files.offer.begin([tmp_path / "a.conll"])
    found = dialog(window, qtbot)
    QTest.keyClick(found, Qt.Key.Key_Escape)
    assert count(window) == before


def test_plain_texts_come_in_unasked(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A text of its own.", "utf-8")
    with qtbot.waitSignal(window.files.imported):
        window.files.offer.begin([tmp_path / "a.txt"])
    assert not window.findChildren(ImportDialog)


def read_rows(path: Path, mapping: Mapping[str, str] | None = None) -> Iterator[Item]:
    rows = json.loads(path.read_text("utf-8"))
    fields = registry.mapped(ROWS, tuple(rows[0]), mapping or {})
    for row in rows:
        title = row.get(fields.get("title", ""), "")
        yield Item(foreign_record(row[fields["text"]], [Label("neutral")], title=title))


ROWS = Format(
    "rows",
    "rows",
    (".rows",),
    read_rows,
    fields={"text": ("body",), "title": ("headline",)},
    columns=lambda path: tuple(json.loads(path.read_text("utf-8"))[0]),
)


@pytest.fixture
def rows(monkeypatch: pytest.MonkeyPatch) -> Format:
    known = registry.formats()
    monkeypatch.setattr(registry, "formats", lambda: (*known, ROWS))
    return ROWS


def test_fields_are_chosen_and_remembered(
    rows: Format, window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "a.rows").write_text(
        json.dumps([{"body": "Some text", "headline": "H", "slug": "S"}]), "utf-8"
    )
    window.files.offer.begin([tmp_path / "a.rows"])
    found = dialog(window, qtbot)
    boxes = {box.accessibleName(): box for box in found.findChildren(QComboBox)}
    title = boxes["The column with the title"]
    assert (boxes["The column with the text"].currentText(), title.currentText()) == ("body", "headline")
    title.setCurrentText("slug")
    header = ("body", "headline", "slug")
    qtbot.waitUntil(lambda: found._preview.files[0].titles == ["S"])
    assert found.choices() == {header: {"title": "slug"}}
    with qtbot.waitSignal(window.files.imported):
        found.findChildren(QDialogButtonBox)[0].button(QDialogButtonBox.StandardButton.Ok).click()
    project = window.session.project
    assert project is not None
    assert project.articles.get(project.articles.count()).title == "S"
    QApplication.processEvents()
    (tmp_path / "b.rows").write_text(json.dumps([{"slug": "T", "body": "Other", "headline": "I"}]), "utf-8")
    window.files.offer.begin([tmp_path / "b.rows"])
    qtbot.waitUntil(lambda: any(each.isVisible() for each in window.findChildren(ImportDialog)))
    again = next(each for each in window.findChildren(ImportDialog) if each.isVisible())
    assert again.choices() == {header: {"title": "slug"}}
    assert again._preview.files[0].titles == ["T"]
    again.reject()


def test_the_order_of_dates_is_asked_for_where_it_matters(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    (tmp_path / "a.csv").write_text("text,date\nIt rained.,2024-02-04\n", "utf-8")
    window.files.offer.begin([tmp_path / "a.csv"])
    found = dialog(window, qtbot)
    dates = next(box for box in found.findChildren(QComboBox) if box.findText("Day first") >= 0)
    assert not dates.isVisible()
    found.reject()
    QApplication.processEvents()
    (tmp_path / "b.csv").write_text("text,date\nIt rained.,03/04/2024\n", "utf-8")
    window.files.offer.begin([tmp_path / "b.csv"])
    qtbot.waitUntil(lambda: any(each.isVisible() for each in window.findChildren(ImportDialog)))
    found = next(each for each in window.findChildren(ImportDialog) if each.isVisible())
    dates = next(box for box in found.findChildren(QComboBox) if box.findText("Day first") >= 0)
    assert dates.isVisible()
    assert "1 date kept as written" in cells(found)[0][-1]
    dates.setCurrentText("Month first")
    qtbot.waitUntil(lambda: not found._preview.files[0].undated)
    assert dates.isVisible()  # to be taken back
    with qtbot.waitSignal(window.files.imported):
        found.findChildren(QDialogButtonBox)[0].button(QDialogButtonBox.StandardButton.Ok).click()
    project = window.session.project
    assert project is not None
    assert project.articles.get(project.articles.count()).published == "2024-03-04"
    QApplication.processEvents()
    (tmp_path / "c.csv").write_text("text,date\nIt snowed.,05/06/2024\n", "utf-8")
    window.files.offer.begin([tmp_path / "c.csv"])
    qtbot.waitUntil(lambda: any(each.isVisible() for each in window.findChildren(ImportDialog)))
    again = next(each for each in window.findChildren(ImportDialog) if each.isVisible())
    assert again.choices() == {("date", "text"): {"dates": "month first"}}
    again.reject()


def box(found: ImportDialog, field: str) -> QComboBox:
    return next(
        b for b in found.findChildren(QComboBox) if b.accessibleName() == f"The column with the {field}"
    )


def test_what_is_short_for_words_is_in_capitals_and_headings_stand_as_their_column_does(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    """As in the other dialogs."""
    (tmp_path / "a.csv").write_text("body,headline,slug\nSome text.,A,a\n", "utf-8")
    window.files.offer.begin([tmp_path / "a.csv"])
    found = dialog(window, qtbot)
    table, group = found.findChild(QTableWidget), found.findChild(QGroupBox)
    assert table is not None
    assert group is not None
    assert {"URL", "ID"} <= {label.text() for label in group.findChildren(QLabel)}
    assert not table.horizontalHeader().highlightSections()  # bold, which no other table's are
    for column in range(table.columnCount()):
        heading, cell = table.horizontalHeaderItem(column), table.item(0, column)
        right = Qt.AlignmentFlag.AlignRight
        assert bool(heading.textAlignment() & right) == bool(cell.textAlignment() & right)
    found.reject()


def test_each_header_has_its_own_fields(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    """Of tables that are chosen together, those with the same columns are read the same way, others not."""
    before = count(window)
    (tmp_path / "a.csv").write_text("Words,slug\nFirst text.,A\n", "utf-8")
    (tmp_path / "b.csv").write_text("slug,Words\nB,Second text.\n", "utf-8")
    (tmp_path / "c.csv").write_text("text,title,slug\nThird text.,C,c\n", "utf-8")
    (tmp_path / "d.txt").write_text("Fourth text.", "utf-8")
    window.files.offer.begin([tmp_path])
    found = dialog(window, qtbot)
    table, group = found.findChild(QTableWidget), found.findChild(QGroupBox)
    assert table is not None
    assert group is not None
    refused = "Cannot be imported: has no column that i"
    assert [row[5][:40] for row in cells(found)] == [refused, refused, "", ""]
    assert group.title() == "Which field is which in a.csv and 1 other with its columns"
    box(found, "text").setCurrentText("Words")
    qtbot.waitUntil(lambda: [file.failed for file in found._preview.files] == [None] * 4)
    assert table.currentRow() == 0
    assert box(found, "text").currentText() == "Words"
    table.setCurrentCell(2, 0)
    assert group.title() == "Which field is which in c.csv"
    assert (box(found, "text").currentText(), box(found, "title").currentText()) == ("text", "title")
    box(found, "title").setCurrentText("slug")
    qtbot.waitUntil(lambda: found._preview.files[2].titles == ["c"])
    assert found.choices() == {
        ("Words", "slug"): {"text": "Words"},
        ("slug", "text", "title"): {"title": "slug"},
    }
    table.setCurrentCell(3, 0)
    assert not group.isVisible()
    with qtbot.waitSignal(window.files.imported):
        found.findChildren(QDialogButtonBox)[0].button(QDialogButtonBox.StandardButton.Ok).click()
    project = window.session.project
    assert project is not None
    assert [project.articles.get(before + n).title for n in (1, 2, 3)] == ["First text.", "Second text.", "c"]
    QApplication.processEvents()
    window.files.offer.begin([tmp_path / "b.csv", tmp_path / "c.csv"])
    qtbot.waitUntil(lambda: any(each.isVisible() for each in window.findChildren(ImportDialog)))
    again = next(each for each in window.findChildren(ImportDialog) if each.isVisible())
    assert again.choices() == {
        ("Words", "slug"): {"text": "Words"},
        ("slug", "text", "title"): {"title": "slug"},
    }
    again.findChild(QTableWidget).setCurrentCell(1, 0)  # type: ignore[union-attr]
    box(again, "title").setCurrentText("title")
    qtbot.waitUntil(lambda: again._preview.files[1].titles == ["C"])
    assert again.choices()[("slug", "text", "title")] == {}  # what is found out by itself is no choice
    again.accept()


def test_an_export_in_another_format_is_a_folder(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with qtbot.waitSignal(window.session.notified) as said:
        window.files.export_to(tmp_path / "out", {}, registry.named("brat"))
    assert "spans verified" in said.args[0]
    assert (tmp_path / "out" / "annotation.conf").is_file()


@pytest.mark.parametrize("answer", ["export", "cancel"])
def test_spans_that_do_not_fit_are_listed_before_anything_is_written(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    assert window.session.project is not None
    window.session.project.annotations.add(1, "entity", "GPE", 21, 25)  # Arme
    asked: list[Path] = []
    monkeypatch.setattr(ExportDialog, "exec", lambda _: QDialog.DialogCode.Accepted)
    monkeypatch.setattr(
        "annotator.ui.files.ask_where_to_save", lambda *_: asked.append(tmp_path) or tmp_path / "out"
    )
    window.files.export("spacy")
    # The first to need spaCy imports it, which takes a while on a busy machine.
    qtbot.waitUntil(lambda: bool(window.findChildren(ExportCheckDialog)), timeout=30_000)
    found = window.findChildren(ExportCheckDialog)[0]
    qtbot.waitUntil(found.isVisible)
    assert "1 span has an edge inside a token of spaCy" in found.findChildren(QLabel)[0].text()
    spans = found.findChild(QPlainTextEdit)
    assert spans is not None
    assert spans.toPlainText() == "“Arme” (GPE) in “Rocket”: now “Armenia”"
    assert not asked
    if answer == "cancel":
        found.reject()
        assert window.notice.text == "Export cancelled: no file was written."
        assert not asked
    else:
        with qtbot.waitSignal(window.session.notified, timeout=30_000) as said:
            QTest.keyClick(found, Qt.Key.Key_Return)
        assert "written to the folder out" in said.args[0]
    assert (tmp_path / "out").exists() == (answer == "export")


def test_an_export_of_which_every_span_fits_is_not_asked_about(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ExportDialog, "exec", lambda _: QDialog.DialogCode.Accepted)
    monkeypatch.setattr("annotator.ui.files.ask_where_to_save", lambda *_: tmp_path / "out")
    with qtbot.waitSignal(window.session.notified, timeout=30_000) as said:
        window.files.export("spacy")
    assert "written to the folder out" in said.args[0]
