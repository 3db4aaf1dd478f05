"""Learning a stance through the window, with the real worker and no model."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QProcess
from pytestqt.qtbot import QtBot

from annotator.model import ArticleInput, PipelineInfo
from annotator.project import Project, create_project, stance_labels
from annotator.project.stance_labels import labels_to_learn
from annotator.ui.main_window import MainWindow

STANCES = ("pro-West", "neutral", "pro-Russia")
WORDS = {"pro-West": "cherry plum apricot", "neutral": "oak birch maple", "pro-Russia": "salmon trout carp"}


@pytest.fixture
def quick_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real worker, without a model: it starts sooner."""

    class Process(QProcess):
        def start(self, *_: Any) -> None:
            code = (
                "import sys; from annotator.nlp import library, pipeline, worker; "
                "from annotator.model import PipelineInfo; "
                "shelves = library.Library({}, (), 'base'); info = PipelineInfo('quick', '1', 'base'); "
                "made = pipeline.Pipeline(library.blank_language('en'), info, (), shelves); "
                "worker._pipeline = lambda models: (made, None); "
                "sys.exit(worker.main([]))"
            )
            super().start(sys.executable, ["-c", code])

    monkeypatch.setattr("annotator.ui.worker_process.QProcess", Process)


@pytest.fixture
def many(tmp_path: Path) -> Path:
    with create_project(tmp_path / "many.annot", annotator="anna") as project, project.act("imported"):
        for number in range(45):
            stance = STANCES[number % 3]
            text = f"Article {number}. The {WORDS[stance]} stood by the road and the river. " * 3
            project.articles.add(ArticleInput(text, f"{number}", language="en"))
    return tmp_path / "many.annot"


def reason(window: MainWindow, article: int) -> str:
    project = window.session.project
    assert project is not None
    found = project.suggestions.whole_article(article, "stance")
    return found.reason if found is not None else ""


def wait_for_suggestions(window: MainWindow, qtbot: QtBot) -> None:
    """Wait until every article has some, for good: the session gives the project between two steps only."""

    def stored() -> bool:
        project = window.session.project
        assert project is not None
        return not project.suggestions.pending()

    qtbot.waitUntil(stored, timeout=60_000)


def test_ten_labels_more_are_learnt_from_and_open_stances_follow(
    quick_worker: None, many: Path, new_window: Callable[..., MainWindow], qtbot: QtBot
) -> None:
    window = new_window(many)
    session = window.session
    project = session.project
    assert project is not None
    wait_for_suggestions(window, qtbot)
    assert "Learnt" not in reason(window, 45)
    seen = {article: reason(window, article) for article in range(1, 46)}
    for article in range(1, 30):
        stance = STANCES[(article - 1) % 3]
        session.perform(lambda p, a=article, s=stance: p.annotations.add(a, "stance", s))
    qtbot.wait(600)
    assert {article: reason(window, article) for article in range(1, 46)} == seen

    with qtbot.waitSignal(session.suggester.learnt, timeout=60_000):
        session.perform(lambda p: p.annotations.add(30, "stance", "pro-Russia"))
    qtbot.waitUntil(lambda: "Learnt from 30 labels" in reason(window, 45), timeout=30_000)
    qtbot.waitUntil(lambda: all("Learnt" in reason(window, n) for n in range(31, 46)), timeout=30_000)
    # What stood beside a decision when it was made stays.
    assert {article: reason(window, article) for article in range(1, 31)} == {
        n: seen[n] for n in range(1, 31)
    }
    assert project.suggestions.pending() == []
    assert [a.label for a in project.annotations.of(30)] == ["pro-Russia"]

    for article in range(31, 41):
        stance = STANCES[(article - 1) % 3]
        session.perform(lambda p, a=article, s=stance: p.annotations.add(a, "stance", s))
    qtbot.waitUntil(lambda: "Learnt from 40 labels" in reason(window, 45), timeout=30_000)


def test_an_opened_project_lets_the_worker_learn_only_if_need_be(
    quick_worker: None, many: Path, new_window: Callable[..., MainWindow], qtbot: QtBot
) -> None:
    first = new_window(many)
    project = first.session.project
    assert project is not None
    wait_for_suggestions(first, qtbot)
    for article in range(1, 31):
        project.annotations.add(article, "stance", STANCES[(article - 1) % 3])
    assert len(labels_to_learn(project)) == 30
    first.session.close()

    assert first.session.open(many)  # its stances were suggested without these labels
    qtbot.waitUntil(lambda: all("Learnt" in reason(first, n) for n in range(31, 46)), timeout=60_000)
    first.session.close()

    assert first.session.open(many)
    qtbot.wait(300)
    assert first.session.suggester.process_id == 0


def test_a_worker_that_died_learns_again(
    quick_worker: None, many: Path, new_window: Callable[..., MainWindow], qtbot: QtBot
) -> None:
    window = new_window(many)
    session, project = window.session, window.session.project
    assert project is not None
    wait_for_suggestions(window, qtbot)
    for article in range(1, 31):
        project.annotations.add(article, "stance", STANCES[(article - 1) % 3])
    with qtbot.waitSignal(session.suggester.learnt, timeout=60_000):
        session.learning.consider()
    qtbot.waitUntil(lambda: all("Learnt" in reason(window, n) for n in range(31, 46)), timeout=30_000)
    process = session.suggester._process
    assert process is not None
    process.kill()
    qtbot.waitUntil(lambda: session.suggester.process_id == 0, timeout=10_000)
    session.suggest_again()
    wait_for_suggestions(window, qtbot)
    assert "Learnt from 30 labels" in reason(window, 45)


def test_the_windows_thread_neither_reads_the_labels_nor_waits_until_they_are_read(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = window.session
    session.perform(lambda p: p.annotations.add(1, "stance", "neutral"))
    qtbot.waitUntil(lambda: session.learning._reading is None)
    read = stance_labels.given_stances_in_steps
    threads: set[threading.Thread] = set()

    def watched(project: Project) -> Generator[Any, None, Any]:
        threads.add(threading.current_thread())
        return (yield from read(project))

    monkeypatch.setattr(stance_labels, "given_stances_in_steps", watched)
    monkeypatch.setattr(stance_labels, "more_to_learn", lambda project, learnt_from: True)
    learnt: list[object] = []
    monkeypatch.setattr(session.suggester, "learn", lambda labels, start: learnt.append((labels, start)))
    monkeypatch.setattr(session.learning, "_learnt_from", 7)
    session.learning.consider()
    qtbot.waitUntil(lambda: learnt == [([], True)])
    window.dialogs.show_evaluation()
    dialog = window.dialogs._evaluation
    assert dialog is not None
    qtbot.waitUntil(lambda: dialog._counted is not None)
    assert len(dialog._labels) == 1
    assert threads
    assert threading.main_thread() not in threads


def test_labels_of_a_project_that_was_closed_meanwhile_are_not_learnt_from(
    window: MainWindow, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = window.session
    learnt: list[object] = []
    session.learning._learnt_from = 7
    monkeypatch.setattr(stance_labels, "more_to_learn", lambda project, learnt_from: learnt_from == 7)
    monkeypatch.setattr(session.suggester, "learn", lambda labels, start=False: learnt.append(labels))
    create_project(tmp_path / "other.annot").close()
    # Closing would wait for the step that reads them: they would come before, as they may.
    monkeypatch.setattr("annotator.ui.session.let_step_end", lambda: None)
    session.learning.consider()
    session.close()
    assert window.open(tmp_path / "other.annot")
    qtbot.waitUntil(lambda: session.learning._reading is None and bool(learnt))
    qtbot.wait(20)
    assert learnt == [()]  # the other project's labels: none


def test_after_stop_no_worker_comes_back_for_stances_that_were_looked_for(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    learning, suggester = window.session.learning, window.session.suggester
    pipeline = PipelineInfo("x", "1", "base+hash")
    judged: list[list[int]] = []
    monkeypatch.setattr(suggester, "judge_again", judged.append)
    monkeypatch.setattr(stance_labels, "outdated_pages", lambda project, config: iter([[1], [2, 3]]))
    suggester._pipeline = pipeline
    learning._judge_again(pipeline)
    qtbot.waitUntil(lambda: judged == [[1, 2, 3]])
    learning._judge_again(pipeline)
    window.session.stop_suggesting()
    qtbot.waitUntil(lambda: learning._looking is None)
    assert judged == [[1, 2, 3]]
