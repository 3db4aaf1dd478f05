"""Near-duplicates in the window: found after an import, marked, and a stance offered to the others."""

from __future__ import annotations

import random
from functools import partial
from pathlib import Path
from threading import Event

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from annotator.model import ArticleInput, PipelineInfo, Suggestion
from annotator.project import Project, create_project
from annotator.ui import near_duplicates, tasks
from annotator.ui.article_delegate import origin_of, row_in_words
from annotator.ui.main_window import MainWindow

WORDS = [f"{a}{b}{c}" for a in "bdfgklmn" for b in "aeiou" for c in "nrst"]
WIRE = [" ".join(random.Random(seed).choices(WORDS, k=20)) + "." for seed in range(12)]


@pytest.fixture(autouse=True)
def _compared(_uncompared: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(near_duplicates, "DELAY", 50)


@pytest.fixture
def project_file(tmp_path: Path) -> Path:
    with create_project(tmp_path / "news.annot", annotator="anna") as project:
        with project.act("imported 3 articles"):
            for number in (1, 2):
                text = "\n".join([f"Headline {number}", *WIRE, "changed " * (6 * number - 6)])
                project.articles.add(ArticleInput(text, f"Wire {number}", source=f"{number}.example"))
            project.articles.add(ArticleInput("Something else altogether happened today.", "Other"))
        suggest(project, 1, 2, 3)
    return tmp_path / "news.annot"


def suggest(project: Project, *articles: int) -> None:
    stance = Suggestion("stance", "neutral", None, None, "stance", "2 cues", scores={"neutral": 1.0})
    project.suggestions.replace(PipelineInfo("by_hand", "1"), [(a, [stance], None) for a in articles])


def project_of(window: MainWindow) -> Project:
    project = window.session.project
    assert project is not None
    return project


def settle(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not window.near_duplicates.busy, timeout=5000)


def offered(window: MainWindow, article: int) -> list[tuple[str | None, str]]:
    return [(s.label, s.component) for s in project_of(window).suggestions.open(article)]


def test_what_follows_a_decision_does_not_wait_for_a_step_of_other_work(
    window: MainWindow, qtbot: QtBot
) -> None:
    settle(window, qtbot)
    window.session.perform(lambda project: project.annotations.add(1, "stance", "pro-West"))
    may_end = Event()
    step = tasks.begin_step(partial(may_end.wait, 10))
    qtbot.wait(3 * tasks.APART)
    assert not step.done()  # waiting for it, the window would be back after ten seconds
    assert window.near_duplicates.busy
    may_end.set()
    settle(window, qtbot)
    assert offered(window, 2) == [("pro-West", "near-duplicate")]


def test_an_older_projects_copies_are_found_and_shown(window: MainWindow, qtbot: QtBot) -> None:
    settle(window, qtbot)
    assert "1 near-duplicate found" in window.notice.text
    (other,) = project_of(window).near_duplicates.of(1)
    assert window.pane.meta.text().endswith(f"like “Wire 2” (2.example), {other.share}\u00a0%")
    row = project_of(window).articles.rows([1])[0]
    assert origin_of(row) == "1.example · alike ×2"
    assert "another article has nearly the same text" in row_in_words(row)


def test_a_stance_is_offered_to_the_copy_and_undo_withdraws_it(window: MainWindow, qtbot: QtBot) -> None:
    settle(window, qtbot)
    window.session.perform(lambda project: project.annotations.add(1, "stance", "pro-West"))
    settle(window, qtbot)
    assert offered(window, 2) == [("pro-West", "near-duplicate")]
    assert offered(window, 3) == [("neutral", "stance")]
    QTest.keyClick(window.pane.view, Qt.Key.Key_J)
    assert window.labelling.article == 2
    assert window.stance.reason.text().startswith(
        "you labelled a text that is 97 % the same pro-West: “Wire 1”"
    )
    window.session.perform(lambda project: project.undo())
    settle(window, qtbot)
    assert offered(window, 2) == [("neutral", "stance")]


def test_an_import_says_how_many_there_are_beside_its_report(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    settle(window, qtbot)
    (tmp_path / "copy.txt").write_text("\n".join(["Third headline", *WIRE]), "utf-8")
    with qtbot.waitSignal(window.files.imported):
        window.files.import_paths([tmp_path / "copy.txt"])
    settle(window, qtbot)
    assert "1 article imported" in window.notice.text
    assert "1 near-duplicate found" in window.notice.text
    assert project_of(window).near_duplicates.group(1) == [1, 2, 4]


def test_closing_while_texts_are_compared_stops_it(window: MainWindow, qtbot: QtBot) -> None:
    window.near_duplicates._begin()
    window.session.close()
    assert not window.near_duplicates.busy
    qtbot.wait(50)


def test_what_is_imported_while_articles_are_compared_is_compared_next(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(window, qtbot)
    project = project_of(window)
    pause = [1.0]
    monkeypatch.setattr(tasks, "until_pause", lambda: pause[0])  # the person is at work
    monkeypatch.setattr(near_duplicates, "DELAY", 1)

    def come(title: str) -> None:
        with project.act(f"imported {title}") as act:
            project.articles.add(ArticleInput("\n".join([title, *WIRE]), title))
        window.session.announce(act.change)

    come("Third")
    qtbot.waitUntil(lambda: window.near_duplicates._work is not None)
    come("Fourth")
    qtbot.waitUntil(lambda: window.near_duplicates._again)
    pause[0] = 0.0
    settle(window, qtbot)
    assert project_of(window).near_duplicates.pending() == 0
    assert project_of(window).near_duplicates.group(1) == [1, 2, 4, 5]
