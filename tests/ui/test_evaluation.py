"""Tools > How good are the suggestions?"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from annotator.cli.evaluating import replay
from annotator.evaluation import Share
from annotator.evaluation.report import NOTHING
from annotator.model import ArticleInput
from annotator.project import create_project
from annotator.ui import evaluation_dialog, stance_replay
from annotator.ui.evaluation_dialog import EvaluationDialog
from annotator.ui.figures_table import FiguresTable
from annotator.ui.main_window import MainWindow
from annotator.ui.session import Session

Hands = Any  # the class is in conftest.py
LONG = 30_000  # ms; a worker starts within a second, but the machine may be busy

NOUNS = (
    "bread bridge budget cattle coal copper cotton ferry fishing flood forest garden grain granite grapes "
    "heating honey housing iron ladder lamps leather linen market mills paper pensions potatoes pumps rails"
)
STANCES = ("pro-West", "neutral", "pro-Russia")


@pytest.fixture
def learnt_file(tmp_path: Path) -> Path:
    """A project with thirty-eight labelled articles, the last of which has the text of the first."""
    with create_project(tmp_path / "learnt.annot", annotator="anna") as project:
        with project.act("imported 38 articles"):
            for number in range(38):
                words = random.Random(number % 37).sample(NOUNS.split(), 12)
                text = f"The council spoke of the harbour: {' '.join(words)}."
                project.articles.add(ArticleInput(text, f"Article {number}", language="en"))
        for number in range(1, 39):
            project.annotations.add(number, "stance", STANCES[number % 3])
            when = f"2026-01-01T00:{number:02}:00.000Z"
            project.db.execute("UPDATE annotations SET created_at = ? WHERE article = ?", [when, number])
    return tmp_path / "learnt.annot"


def shown(window: MainWindow, qtbot: QtBot) -> EvaluationDialog:
    """The dialog, opened by its command, with all figures there."""
    window.actions_["evaluate"].trigger()
    dialog = window.findChild(EvaluationDialog)
    assert dialog is not None
    qtbot.waitUntil(lambda: dialog.evaluation is not None, timeout=LONG)
    qtbot.waitUntil(lambda: not dialog.replay.running, timeout=LONG)
    return dialog


def returned(steps: Generator[Any, None, Any]) -> Any:
    """Step a generator to its end; return what it returns."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def table(dialog: EvaluationDialog, title: str) -> FiguresTable:
    return next(t for t in dialog.findChildren(FiguresTable) if t.accessibleName().endswith(title))


def rows(shown_table: FiguresTable) -> list[list[str]]:
    found = []
    for row in range(shown_table.rowCount()):
        items = [shown_table.item(row, column) for column in range(shown_table.columnCount())]
        found.append([item.text() for item in items if item is not None])
    return found


def test_an_untouched_project_says_what_to_do_first(hands: Hands, window: MainWindow, qtbot: QtBot) -> None:
    dialog = shown(window, qtbot)
    assert dialog.empty.isVisible()
    assert dialog.empty.text() == NOTHING
    assert not dialog.copy_button.isEnabled()
    assert not dialog.save_button.isEnabled()


def test_keys_in_the_article_become_figures(hands: Hands, window: MainWindow, qtbot: QtBot) -> None:
    hands.activate("Armenia")
    hands.press("A")  # Armenia: right
    hands.press("X")  # Russia: wrong
    hands.caret(0)
    hands.press("Ctrl+Return")
    dialog = shown(window, qtbot)
    assert dialog.parts.item(0).text() == "Entities"
    by_label = {row[0]: row[1:] for row in rows(table(dialog, "By label"))}
    assert by_label["GPE"][:2] == ["1", "1 of 1, too few"]
    assert by_label["ORG"][3] == "1 of 1, too few"
    assert by_label["all"][0] == "2"
    assert by_label["all"][-1] == "2"  # two names of the article were left open
    assert [row[:2] for row in rows(table(dialog, "By component"))] == [["ner", "2"]]


def test_it_says_when_the_figures_are_old_and_counts_again(
    hands: Hands, window: MainWindow, qtbot: QtBot
) -> None:
    hands.activate("Armenia")
    hands.press("A")
    dialog = shown(window, qtbot)
    assert dialog.state.text() == ""
    window.activateWindow()
    hands.activate("Nikol Pashinyan")
    hands.press("A")
    assert "has changed since" in dialog.state.text()
    assert rows(table(dialog, "By component"))[0][1] == "1"
    QTest.mouseClick(dialog.again_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: rows(table(dialog, "By component"))[0][1] == "2")
    assert dialog.state.text() == ""


def test_the_window_judges_as_the_command_does_and_in_the_same_order(
    new_window: Callable[..., MainWindow],
    learnt_file: Path,
    no_worker: None,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[str, Any]] = []
    protocol = stance_replay.protocol
    suggest, texts, learn = protocol.suggest, protocol.texts, protocol.learn

    def suggests(job: int, article: int, *arguments: Any, **more: Any) -> Any:
        assert more == {"only": "stance"}
        asked.append(("judge", article))
        return suggest(job, article, *arguments, **more)

    def sends(own_prose: dict[str, str]) -> Any:
        asked.append(("texts", list(own_prose)))
        return texts(own_prose)

    def learns(labels: list[tuple[str, str, float]]) -> Any:
        asked.append(("learn", [sha256 for sha256, _, _ in labels]))
        return learn(labels)

    monkeypatch.setattr(Session, "_own_prose", lambda *_: "")  # the other worker is not to be seen here
    monkeypatch.setattr(protocol, "suggest", suggests)
    monkeypatch.setattr(protocol, "texts", sends)
    monkeypatch.setattr(protocol, "learn", learns)
    monkeypatch.setattr("annotator.ui.learning.StanceLearning.consider", lambda self: None)
    window = new_window(learnt_file)
    asked.clear()
    dialog = shown(window, qtbot)
    project = window.session.project
    assert project is not None
    sha256s = [project.articles.get(n).sha256 for n in range(1, 39)]
    assert (
        asked
        == [
            *(("judge", n) for n in range(1, 38)),  # by the rules alone; the 38th has a known text
            ("texts", sha256s[:30]),
            ("learn", sha256s[:30]),
            *(("judge", n) for n in range(31, 38)),
        ]
    )
    assert dialog._judged == returned(replay(project))
    assert dialog.evaluation is not None
    assert dialog.evaluation.stances is not None
    assert dialog.evaluation.stances.sure.n == 37
    titles = [dialog.parts.item(row).text() for row in range(dialog.parts.count())]
    assert "Stances, judged again" in titles


def test_stopping_leaves_the_counts_and_says_so(
    new_window: Callable[..., MainWindow], learnt_file: Path, no_worker: None, qtbot: QtBot
) -> None:
    window = new_window(learnt_file)
    window.actions_["evaluate"].trigger()
    dialog = window.findChild(EvaluationDialog)
    assert dialog is not None
    qtbot.waitUntil(lambda: dialog.stop_button.isVisible(), timeout=LONG)
    QTest.mouseClick(dialog.stop_button, Qt.MouseButton.LeftButton)
    assert not dialog.replay.running
    assert dialog.state.text() == "The stances were not judged again: it was stopped."
    assert not dialog.stop_button.isVisible()
    # pressed again, it goes on to the end
    QTest.mouseClick(dialog.again_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog._judged is not None, timeout=LONG)
    assert dialog.state.text() == ""


def test_a_worker_that_dies_is_said_and_closing_ends_it(
    new_window: Callable[..., MainWindow], learnt_file: Path, no_worker: None, qtbot: QtBot
) -> None:
    window = new_window(learnt_file)
    window.actions_["evaluate"].trigger()
    dialog = window.findChild(EvaluationDialog)
    assert dialog is not None
    qtbot.waitUntil(lambda: dialog.replay.running, timeout=LONG)
    assert dialog.replay._process is not None
    dialog.replay._process.kill()
    qtbot.waitUntil(lambda: "process ended" in dialog.state.text(), timeout=LONG)
    QTest.mouseClick(dialog.again_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog.replay.running, timeout=LONG)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    assert not dialog.replay.running


def test_another_project_has_figures_of_its_own(
    hands: Hands, window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    hands.activate("Armenia")
    hands.press("A")
    dialog = shown(window, qtbot)
    create_project(tmp_path / "other.annot", annotator="anna").close()
    assert window.open(tmp_path / "other.annot")
    assert not dialog.isVisible()
    assert dialog.evaluation is None
    shown(window, qtbot)
    assert dialog.empty.text() == NOTHING


def test_the_report_is_copied_and_saved(
    hands: Hands,
    window: MainWindow,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hands.activate("Armenia")
    hands.press("A")
    dialog = shown(window, qtbot)
    QTest.mouseClick(dialog.copy_button, Qt.MouseButton.LeftButton)
    assert dialog.evaluation is not None
    assert QGuiApplication.clipboard().text() == dialog.evaluation.text()
    assert "Entities" in dialog.evaluation.text()
    for name in ("figures.csv", "figures.json", "no folder/figures.csv"):
        path = tmp_path / name
        monkeypatch.setattr(evaluation_dialog, "ask_where_to_save", lambda *_, path=path: path)
        QTest.mouseClick(dialog.save_button, Qt.MouseButton.LeftButton)
        if path.parent.exists():
            assert dialog.state.text() == f"Saved as {path}."
    assert "could not be written: no such file or directory" in dialog.state.text()
    assert (tmp_path / "figures.csv").read_text("utf-8-sig") == dialog.evaluation.csv()
    assert json.loads((tmp_path / "figures.json").read_text("utf-8")) == dialog.evaluation.as_dict()


@pytest.mark.parametrize("name", ["figures.csv", "figures.json"])
def test_a_full_disk_leaves_the_file_that_was_there(
    name: str,
    hands: Hands,
    window: MainWindow,
    qtbot: QtBot,
    tmp_path: Path,
    fill_the_disk: Callable[[], None],
) -> None:
    hands.activate("Armenia")
    hands.press("A")
    dialog = shown(window, qtbot)
    path = tmp_path / "saved" / name
    path.parent.mkdir()
    path.write_bytes(b"of yesterday")
    fill_the_disk()
    dialog.save_to(path)
    assert dialog.state.text().startswith(f"{name} could not be written: no space left")
    assert path.read_bytes() == b"of yesterday"
    assert list(path.parent.iterdir()) == [path]


def test_it_can_be_used_with_the_keyboard_and_read_out(
    hands: Hands, window: MainWindow, qtbot: QtBot
) -> None:
    hands.activate("Armenia")
    hands.press("A")
    dialog = shown(window, qtbot)
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    qtbot.waitUntil(dialog.parts.hasFocus)
    hands.press("Tab")  # to the page, which the arrows scroll
    assert QApplication.focusWidget().accessibleName() == "Figures: Entities"
    hands.press("Tab")
    focused = QApplication.focusWidget()
    assert isinstance(focused, FiguresTable)
    assert focused.accessibleName() == "Entities: By label"
    focused.setCurrentCell(0, 2)
    hands.press("Left")
    assert focused.currentColumn() == 1
    dialog.parts.setFocus()
    hands.press("End")
    assert dialog.parts.currentItem().text() == "Do they sway people?"
    words = [label.text() for label in dialog._page.findChildren(type(dialog.words))]
    assert any("set a blind share" in text for text in words)


def test_figures_are_shown_whole_at_any_width(hands: Hands, window: MainWindow, qtbot: QtBot) -> None:
    hands.activate("Armenia")
    hands.press("A")
    dialog = shown(window, qtbot)
    for width in (700, 1300):
        dialog.resize(width, 500)
        qtbot.wait(50)
        for each in dialog.findChildren(FiguresTable):
            needed = each.horizontalHeader().height() + sum(
                each.rowHeight(row) for row in range(each.rowCount())
            )
            assert each.viewport().height() + each.horizontalHeader().height() >= needed
            assert not each.verticalScrollBar().isVisible()


def test_shares_are_drawn_in_both_themes(window: MainWindow, qtbot: QtBot) -> None:
    from annotator.evaluation import Table
    from annotator.ui import theme

    for name in ("light", "dark"):
        colors = theme.apply(name)
        cells = ("GPE", Share(80, 100), Share(3, 4))
        drawn = FiguresTable(Table("Entities", "By label", "", ("label", "right", "few"), (cells,)))
        drawn.resize(500, 200)
        drawn.fit()
        picture = drawn.grab().toImage()
        seen = {
            picture.pixelColor(x, y).name() for x in range(picture.width()) for y in range(picture.height())
        }
        assert colors.accent in seen  # the bar
        assert drawn.item(0, 1).text() == "80% (71–87% of 100)"
        assert drawn.item(0, 2).text() == "3 of 4, too few"
        drawn.deleteLater()


def test_a_share_of_too_few_stands_below_the_others(window: MainWindow, qtbot: QtBot) -> None:
    """And not right next to the number in the column before it."""
    from annotator.evaluation import Table

    rows = (("GPE", "100", Share(80, 100)), ("FAC", "4", Share(4, 4)))
    drawn = FiguresTable(Table("Entities", "By label", "", ("label", "answered", "right"), rows))
    qtbot.addWidget(drawn)
    drawn.resize(500, 200)
    drawn.fit()
    drawn.clearSelection()
    drawn.setCurrentItem(None)
    picture = drawn.viewport().grab().toImage()
    begins = []
    for row in range(2):
        cell = drawn.visualItemRect(drawn.item(row, 2))
        ground = picture.pixelColor(cell.left() + 1, cell.center().y())
        begins.append(
            next(
                x - cell.left()
                for x in range(cell.left(), cell.right())
                if any(picture.pixelColor(x, y) != ground for y in range(cell.top(), cell.bottom()))
            )
        )
    assert min(begins) >= 8
    assert abs(begins[0] - begins[1]) <= 2
