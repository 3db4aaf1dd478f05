"""Words from files that look like HTML, formats or mnemonics, or never end: shown as they stand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6 import QtGui
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHeaderView,
    QLabel,
    QTreeWidgetItemIterator,
    QWidget,
)

from annotator.formats.registry import formats
from annotator.model import ArticleInput, PipelineInfo, Suggestion
from annotator.project import create_project
from annotator.ui import theme
from annotator.ui.commands import plain
from annotator.ui.dialogs import ExportDialog, MetadataDialog
from annotator.ui.keys_dialog import KeysDialog
from annotator.ui.main_window import MainWindow

might_be_rich_text = QtGui.Qt.mightBeRichText  # what Qt itself asks for a tooltip or label

NASTY = {
    "html": "<b>bold</b><img src='/nowhere.png'><table><tr><td>x",
    "format": "100 %s %d %(name)s {0} {name}",
    "mnemonic": "R&D && more\ttab [*]",
    "quotes": "'; DROP TABLE labels; --\" \\",
    "lines": "first line\nsecond\r\nthird",
    "control": "\x1b[31mred\x07 \u202eturned\u202c",
    "long": "Ω𝛀 " * 33_000,
}


@pytest.fixture(params=sorted(NASTY))
def words(request: pytest.FixtureRequest) -> str:
    return NASTY[request.param]


@pytest.fixture
def hostile(
    words: str, tmp_path: Path, new_window: Callable[..., MainWindow], no_worker: None
) -> tuple[MainWindow, str]:
    """A window on a project in which everything that a file can name is called ``words``."""
    path = tmp_path / "news.annot"
    with create_project(path, annotator=words) as project:
        with project.act(words):
            project.articles.add(
                ArticleInput(
                    "Armenia. " + words, words, source=words, author=words, published=words, language=words,
                    url=words, meta={"file": words},
                )
            )  # fmt: skip
            project.codebook.ensure("entity", words, whole_article=False)
            project.codebook.ensure("stance", words, whole_article=True)
        with project.act("keys"):
            project.db.execute(
                "UPDATE labels SET key = 'Q', color = ?, definition = ? WHERE name = ?", [words] * 3
            )
        project.suggestions.replace(
            PipelineInfo(words, words),
            [
                (
                    1,
                    [
                        Suggestion("entity", words, 0, 7, words, words, actor=words),
                        Suggestion("stance", words, None, None, words, words, 0.5, {words: 1.0}, ((0, 8),)),
                    ],
                    words,
                )
            ],
        )
        project.articles.set_note(1, words)
    return new_window(path), words


def visible(rich_or_plain: str) -> str:
    """What Qt shows of a tooltip."""
    if not might_be_rich_text(rich_or_plain):
        return rich_or_plain
    document = QTextDocument()
    document.setHtml(rich_or_plain)
    return document.toPlainText()


def as_one_line(text: str) -> str:
    return " ".join(text.replace("\x1b", "").replace("\x07", "").split())


def test_words_from_a_file_are_shown_as_they_stand(hostile: tuple[MainWindow, str]) -> None:
    window, words = hostile
    project = window.session.project
    assert project is not None
    window.session.perform(lambda project: project.articles.set_note(1, words))
    project.annotator = words
    window.session.perform(lambda project: project.annotations.accept_all(1))
    project.annotator = "anna"
    window.enable()
    start = as_one_line(words)[:40]
    assert window.pane.view.text.startswith("Armenia. " + words[:10].replace("\r", ""))
    assert as_one_line(window.pane.title.text().replace("\u200b", "")).startswith(start)
    model = window.list.table.model()
    index = model.index(0, 0)
    roles = Qt.ItemDataRole
    assert as_one_line(index.data(roles.DisplayRole)).startswith(start)
    assert start in as_one_line(visible(index.data(roles.ToolTipRole)))
    assert as_one_line(window.note.edit.toPlainText()).startswith(start)
    for label in window.findChildren(QLabel):
        if label.textFormat() != Qt.TextFormat.PlainText and might_be_rich_text(label.text()):
            assert "<img" not in label.text()
            assert "<table" not in label.text()
    for action in window.findChildren(type(window.actions_["undo"])):
        assert "<img" not in action.toolTip()
        assert len(action.text()) < 400
        assert "\t" not in action.text()
        assert "\n" not in action.text()
    label = window.actions_[f"label/entity/{_stored(words)}"]
    assert plain(label.text()).startswith(as_one_line(words)[:40]) or "\x1b" in words
    tip = visible(window.actions_["undo"].toolTip())
    assert "accepted all 1 suggestions" in tip
    assert start[:20] in as_one_line(tip)  # by whom
    for widget in window.findChildren(type(window.panels.done_button).__mro__[1]):
        assert "<img" not in widget.toolTip()
    assert not window.grab().isNull()
    theme.apply("dark")
    window.appearance.apply_theme()
    assert not window.grab().isNull()
    assert window.width() <= max(1500, QApplication.primaryScreen().size().width())


def _stored(words: str) -> str:
    return words.replace("\0", "")


def test_tooltips_of_every_table_and_widget_show_words_as_they_stand(
    hostile: tuple[MainWindow, str],
) -> None:
    window, words = hostile
    project = window.session.project
    assert project is not None
    window.session.perform(lambda project: project.annotations.accept_all(1))
    window.dialogs.show_history()
    tips = [widget.toolTip() for widget in window.findChildren(QWidget)]
    tables = 0
    for view in window.findChildren(QAbstractItemView):
        model = view.model()
        if model is None or not model.rowCount() or isinstance(view, QHeaderView):
            continue
        tables += 1
        for row in range(model.rowCount()):
            for column in range(model.columnCount()):
                index = model.index(row, column)
                tips.append(index.data(Qt.ItemDataRole.ToolTipRole) or "")
        assert not (view.isVisible() and view.grab().isNull())
    assert tables >= 3  # articles, spans, history
    start = as_one_line(words)[:20]
    assert [tip for tip in tips if start in as_one_line(visible(tip))]
    for tip in tips:
        assert "<img" not in tip
        assert "<b>" not in tip
        assert len(tip) < 20_000


def test_words_from_a_file_do_no_harm_in_dialogs_notices_and_the_status_line(
    hostile: tuple[MainWindow, str],
) -> None:
    window, words = hostile
    project = window.session.project
    assert project is not None
    window.notify(words)
    assert not window.notice.grab().isNull()
    assert "<img" not in "".join(
        label.text()
        for label in window.notice.findChildren(QLabel)
        if label.textFormat() != Qt.TextFormat.PlainText
    )
    window.status.say(words)
    keys = KeysDialog(window.actions_, window.session.settings.remember_keymap, window)
    found = QTreeWidgetItemIterator(keys.tree)
    shown = []
    while (item := found.value()) is not None:
        shown.append(item.text(0))
        found += 1
    assert any(as_one_line(words)[:20] in as_one_line(text) for text in shown)
    for dialog in (
        keys,
        ExportDialog(project.annotators(), formats(), window),
        MetadataDialog(project.articles.get(1), window),
    ):
        assert not dialog.grab().isNull()
        assert dialog.sizeHint().width() < 3000
        for text in dialog.findChildren(QLabel):
            if text.textFormat() != Qt.TextFormat.PlainText:
                assert "<img" not in text.text()
        dialog.deleteLater()


def test_labels_with_such_names_are_set_and_taken_back_by_key(
    hostile: tuple[MainWindow, str],
) -> None:
    window, words = hostile
    project = window.session.project
    assert project is not None
    project.annotator = "anna"
    window.pane.view.select(0, 7)
    window.actions_[f"label/entity/{words}"].trigger()
    assert [a.label for a in project.annotations.of(1)] == [words]
    window.undo()
    assert project.annotations.of(1) == []


@pytest.mark.parametrize("name", ["<b>x<img>", "100% %s", "R&D [*]", "'quoted'", "a\nb"])
def test_project_files_of_any_name_are_shown_as_they_stand(
    name: str, tmp_path: Path, new_window: Callable[..., MainWindow], no_worker: None
) -> None:
    path = tmp_path / f"{name}.annot"
    with create_project(path, annotator="anna") as project, project.act("imported"):
        project.articles.add(ArticleInput("text", "title"))
    window = new_window(path)
    assert as_one_line(name) in window.windowTitle().replace("[*][*]", "[*]")
    window._recent._fill()
    assert plain(window._recent.actions()[0].text()).startswith(name)
    assert not window.open(tmp_path / f"{name}.gone")
    assert as_one_line(name) in window.notice.text.replace("\n", " ")
