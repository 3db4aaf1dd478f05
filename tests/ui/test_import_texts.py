"""Web pages and tables through the window: what the text is can be chosen, and what was cut is seen."""

from __future__ import annotations

import csv
from pathlib import Path

from PySide6.QtWidgets import QComboBox, QPlainTextEdit
from pytestqt.qtbot import QtBot

from annotator.ui.dialogs import MetadataDialog
from annotator.ui.import_dialog import ImportDialog
from annotator.ui.main_window import MainWindow

PAGES = Path(__file__).parents[1] / "data" / "pages"


def offered(window: MainWindow, qtbot: QtBot, *paths: Path) -> ImportDialog:
    window.files.offer.begin(paths)
    qtbot.waitUntil(lambda: bool(window.findChildren(ImportDialog)))
    found = window.findChildren(ImportDialog)[0]
    qtbot.waitUntil(found.isVisible)
    return found


def choice(found: ImportDialog, field: str) -> QComboBox:
    boxes = [box for box in found.findChildren(QComboBox) if box.accessibleName().endswith(f" {field}")]
    assert len(boxes) == 1
    return boxes[0]


def newest(window: MainWindow) -> int:
    project = window.session.project
    assert project is not None
    return max(project.articles.ids())


def test_the_article_of_a_page_comes_in_and_what_was_cut_is_seen(window: MainWindow, qtbot: QtBot) -> None:
    found = offered(window, qtbot, PAGES / "classic.html")
    box = choice(found, "text")
    assert [box.itemText(n) for n in range(box.count())][1:] == ["main text", "whole page"]
    assert box.currentText() == "main text"
    with qtbot.waitSignal(window.files.imported):
        found.accept()
    assert window.session.project is not None
    article = window.session.project.articles.get(newest(window))
    assert "cookies" not in article.text
    shown = MetadataDialog(article, window)
    cut = shown.findChild(QPlainTextEdit, "cut")
    assert cut is not None
    assert cut.isReadOnly()
    assert "We use cookies" in cut.toPlainText()
    shown.deleteLater()


def test_the_whole_page_can_be_chosen(window: MainWindow, qtbot: QtBot) -> None:
    found = offered(window, qtbot, PAGES / "classic.html")
    box = choice(found, "text")
    box.setCurrentText("whole page")
    qtbot.waitUntil(lambda: found._preview.files[0].mapping == {"text": "whole page"})
    with qtbot.waitSignal(window.files.imported):
        found.accept()
    assert window.session.project is not None
    assert "We use cookies" in window.session.project.articles.get(newest(window)).text


def test_the_columns_of_a_table_are_chosen(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["Words", "Caption"], ["Armenia signed a pact.", "A pact"]])
    found = offered(window, qtbot, path)
    choice(found, "text").setCurrentText("Words")
    qtbot.waitUntil(lambda: found._preview.files[0].articles == 1)
    choice(found, "title").setCurrentText("Caption")
    qtbot.waitUntil(lambda: found._preview.files[0].titles == ["A pact"])
    with qtbot.waitSignal(window.files.imported):
        found.accept()
    assert window.session.project is not None
    article = window.session.project.articles.get(newest(window))
    assert (article.text, article.title) == ("Armenia signed a pact.", "A pact")
