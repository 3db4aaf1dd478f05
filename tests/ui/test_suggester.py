"""The window's end of the worker, with a small program in the worker's place that speaks its protocol."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject, QProcess, QTimer
from pytestqt.qtbot import QtBot

from annotator.model import Actor, Answer, ArticleInput, PipelineInfo, ZoneDecisions
from annotator.project import create_project, open_project
from annotator.ui import suggester
from annotator.ui.main_window import MainWindow
from annotator.ui.suggester import IN_FLIGHT, Suggester, SuggestProgress

WORKER = r"""
import sys, time
from pathlib import Path
from annotator.model import Answer, PipelineInfo, Suggestion
from annotator.nlp import protocol

kind, folder = sys.argv[1], Path(sys.argv[2])

def send(message):
    sys.stdout.buffer.write(protocol.encode(message))
    sys.stdout.buffer.flush()

def log(word):
    with (folder / "log").open("a") as file:
        file.write(f"{word}\n")

log("start")
starts = (folder / "log").read_text().count("start")
if kind == "garbage":
    print("hello, world", flush=True)
if kind == "half":
    print('{"type": "ready"}', flush=True)
if kind == "fatal":
    send(protocol.error(None, "Suggestions cannot be made: no model", fatal=True))
    sys.exit(1)
send(protocol.ready(PipelineInfo("fake", "1"), "There is no model." if kind == "notice" else None))
for line in sys.stdin.buffer:
    message = protocol.decode(line)
    if message["type"] == "actors":
        with (folder / "actors").open("a") as file:
            file.write(",".join(actor["name"] for actor in message["actors"]) + "\n")
        continue
    job, article, text = message["job"], message["article"], message["text"]
    log(article)
    if kind == "dies" or (kind == "dies_once" and starts == 1 and article == 2):
        sys.exit(3)
    while kind == "waits" and not (folder / "go").exists():
        time.sleep(0.005)
    if kind == "incomplete":
        send({"type": "result", "job": job})
    if kind == "stale":
        for other in (job + 1000, None, [1], "1"):
            send(protocol.result(job, Answer(1, (), PipelineInfo("fake", "1"))) | {"job": other})
    if kind == "error":
        send(protocol.error(job, "This article is odd."))
        continue
    end = len(text.split()[0])
    found = [Suggestion("entity", "GPE", 0, end, "fake", reason=text[:end])]
    for _ in range(2 if kind == "stale" else 1):
        send(protocol.result(job, Answer(article, tuple(found), PipelineInfo("fake", "1"))))
"""


class FakeWorker:
    """Stands in for the worker; ``kind`` says how it behaves."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kind = "good"
        (folder / "worker.py").write_text(WORKER, encoding="utf-8")

    def command(self) -> list[str]:
        return [str(self.folder / "worker.py"), self.kind, str(self.folder)]

    def log(self) -> list[str]:
        file = self.folder / "log"
        return file.read_text().split() if file.exists() else []

    def go(self) -> None:
        (self.folder / "go").touch()


@pytest.fixture
def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeWorker:
    fake = FakeWorker(tmp_path)

    class Process(QProcess):
        def start(self, *_: Any) -> None:
            super().start(sys.executable, fake.command())

    monkeypatch.setattr("annotator.ui.worker_process.QProcess", Process)
    return fake


class Listener:
    """Collects what a suggester says."""

    def __init__(self, suggester: Suggester) -> None:
        self.suggester = suggester
        self.batches: list[list[Answer]] = []
        self.progress: list[SuggestProgress] = []
        self.failed: list[str] = []
        self.notices: list[str] = []
        suggester.suggested.connect(self._on_suggested)
        suggester.progressed.connect(self.progress.append)
        suggester.failed.connect(self.failed.append)
        suggester.notice.connect(self.notices.append)

    def _on_suggested(self, batch: list[Answer]) -> None:
        assert {answer.pipeline.name for answer in batch} == {"fake"}
        self.batches.append(batch)

    @property
    def articles(self) -> list[int]:
        return [answer.article for batch in self.batches for answer in batch]

    def is_finished(self) -> bool:
        return bool(self.progress) and not self.progress[-1].running


@pytest.fixture
def texts() -> dict[int, str]:
    return {number: f"Place{number} is here." for number in range(1, 31)}


@pytest.fixture
def zones() -> dict[int, ZoneDecisions]:
    return {}


@pytest.fixture
def heard(
    worker: FakeWorker, texts: dict[int, str], zones: dict[int, ZoneDecisions], qtbot: QtBot
) -> Iterator[Listener]:
    owner = QObject()

    def decided(article: int) -> ZoneDecisions:
        return zones.get(article, ZoneDecisions())

    listener = Listener(Suggester(lambda article: (texts[article], "en"), owner, zones=decided))
    yield listener
    listener.suggester.stop()
    owner.deleteLater()


def test_the_preferred_article_goes_first_and_comes_back_alone(
    heard: Listener, worker: FakeWorker, qtbot: QtBot
) -> None:
    heard.suggester.prefer(20)
    heard.suggester.schedule(range(1, 31))
    qtbot.waitUntil(heard.is_finished)
    assert worker.log()[1] == "20"
    assert [answer.article for answer in heard.batches[0]] == [20]
    assert sorted(heard.articles) == list(range(1, 31))
    suggestion = heard.batches[0][0].suggestions[0]
    assert (suggestion.label, suggestion.start, suggestion.end) == ("GPE", 0, len("Place20"))


def test_an_article_that_is_opened_meanwhile_comes_next(
    heard: Listener, worker: FakeWorker, qtbot: QtBot
) -> None:
    worker.kind = "waits"
    heard.suggester.schedule(range(1, 31))
    qtbot.waitUntil(lambda: heard.suggester.pipeline is not None)
    heard.suggester.prefer(25)
    worker.go()
    qtbot.waitUntil(heard.is_finished)
    assert worker.log()[1 : IN_FLIGHT + 3] == ["1", "2", "3", "25", "4"]


def test_an_answer_that_rests_on_zones_of_before_is_asked_for_again(
    heard: Listener, zones: dict[int, ZoneDecisions], worker: FakeWorker, qtbot: QtBot
) -> None:
    worker.kind = "waits"
    heard.suggester.schedule(range(1, 11))
    qtbot.waitUntil(lambda: len(worker.log()) > 1)
    zones[1] = ZoneDecisions(kept=((0, 5, "boilerplate"),))  # while articles 1 to 3 are under way
    heard.suggester.anew(1)
    heard.suggester.anew(9)  # still queued
    worker.go()
    qtbot.waitUntil(heard.is_finished)
    assert worker.log()[1:] == ["1", "2", "3", "1", "9", "4", "5", "6", "7", "8", "10"]
    assert sorted(heard.articles) == list(range(1, 11))
    heard.suggester.anew(4)  # answered long ago
    qtbot.waitUntil(lambda: heard.articles.count(4) == 2)


def test_no_more_answers_are_stored_at_once_than_a_key_can_wait_for(heard: Listener, qtbot: QtBot) -> None:
    heard.suggester.schedule(range(1, 31))
    qtbot.waitUntil(heard.is_finished)
    assert sorted(heard.articles) == list(range(1, 31))
    assert max(map(len, heard.batches)) == suggester.STORED_TOGETHER


def test_progress_counts_up_to_the_whole(heard: Listener, qtbot: QtBot) -> None:
    heard.suggester.schedule(range(1, 11))
    heard.suggester.schedule(range(1, 13))  # what is queued already is not counted twice
    qtbot.waitUntil(heard.is_finished)
    assert heard.progress[-1].total == 12
    done = [p.done for p in heard.progress]
    assert done == sorted(done)
    assert done[-1] == 12
    assert SuggestProgress(5, 15, 2.0).seconds_left == 5.0
    assert SuggestProgress(0, 15, 0.0).seconds_left is None


def test_stopping_ends_the_worker_at_once_whatever_it_is_at(
    heard: Listener, worker: FakeWorker, qtbot: QtBot
) -> None:
    worker.kind = "waits"
    heard.suggester.schedule(range(1, 31))
    qtbot.waitUntil(lambda: len(worker.log()) > 1)
    heard.suggester.stop()
    assert heard.suggester.process_id == 0
    assert not heard.progress[-1].running
    assert heard.articles == []
    worker.go()
    heard.suggester.schedule([5])  # and it goes on when it is asked again
    qtbot.waitUntil(lambda: heard.articles == [5])


def test_answers_that_nobody_waits_for_are_dropped(heard: Listener, worker: FakeWorker, qtbot: QtBot) -> None:
    worker.kind = "stale"
    heard.suggester.schedule([7, 8])
    qtbot.waitUntil(heard.is_finished)
    assert heard.articles == [7, 8]
    assert heard.failed == []


def test_an_answer_about_a_text_that_is_gone_is_dropped(
    heard: Listener, worker: FakeWorker, texts: dict[int, str], qtbot: QtBot
) -> None:
    worker.kind = "waits"
    heard.suggester.schedule([1, 2, 3, 4])
    qtbot.waitUntil(lambda: len(worker.log()) > 1)
    del texts[2], texts[4]  # an import was undone,
    texts[3] = "Elsewhere it rains."  # and another article got the number
    worker.go()
    qtbot.waitUntil(heard.is_finished)
    assert heard.articles == [1, 3]
    found = {a.article: a.suggestions[0].reason for batch in heard.batches for a in batch}
    assert found == {1: "Place1", 3: "Elsewhere"}


def test_a_worker_that_dies_is_started_again_once(heard: Listener, worker: FakeWorker, qtbot: QtBot) -> None:
    worker.kind = "dies_once"
    heard.suggester.schedule([1, 2, 3])
    qtbot.waitUntil(heard.is_finished)
    assert heard.articles == [1, 2, 3]
    assert worker.log().count("start") == 2
    assert heard.failed == []


def test_a_worker_that_dies_twice_is_given_up_and_can_be_asked_again(
    heard: Listener, worker: FakeWorker, qtbot: QtBot
) -> None:
    worker.kind = "dies"
    heard.suggester.schedule([1, 2, 3])
    qtbot.waitUntil(lambda: bool(heard.failed))
    assert len(heard.failed) == 1
    assert "ended twice" in heard.failed[0]
    assert worker.log().count("start") == 2
    assert heard.is_finished()
    assert heard.suggester.process_id == 0
    worker.kind = "good"
    heard.suggester.schedule([1, 2, 3])
    qtbot.waitUntil(lambda: heard.articles == [1, 2, 3])


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("garbage", "something odd"),
        ("half", "something odd"),
        ("incomplete", "something odd"),
        ("fatal", "no model"),
    ],
)
def test_what_makes_no_sense_ends_in_one_sentence(
    heard: Listener, worker: FakeWorker, qtbot: QtBot, kind: str, words: str
) -> None:
    worker.kind = kind
    heard.suggester.schedule([1, 2])
    qtbot.waitUntil(lambda: bool(heard.failed))
    qtbot.wait(100)
    assert len(heard.failed) == 1
    assert words in heard.failed[0]
    assert heard.articles == []
    assert heard.suggester.process_id == 0


def test_an_article_that_the_worker_cannot_do_keeps_the_reason(
    heard: Listener, worker: FakeWorker, qtbot: QtBot
) -> None:
    worker.kind = "error"
    heard.suggester.schedule([1])
    qtbot.waitUntil(heard.is_finished)
    assert heard.batches == [[Answer(1, (), PipelineInfo("fake", "1"), "This article is odd.")]]


def test_the_workers_notice_is_passed_on(heard: Listener, worker: FakeWorker, qtbot: QtBot) -> None:
    worker.kind = "notice"
    heard.suggester.schedule([1])
    qtbot.waitUntil(heard.is_finished)
    assert heard.notices == ["There is no model."]


def test_a_python_that_is_not_there_is_said(
    heard: Listener, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    heard.suggester.schedule([1])
    qtbot.waitUntil(lambda: bool(heard.failed))
    assert "could not start" in heard.failed[0]


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_stopping_leaves_no_process_behind(heard: Listener, worker: FakeWorker, qtbot: QtBot) -> None:
    worker.kind = "waits"
    heard.suggester.schedule([1, 2, 3])
    qtbot.waitUntil(lambda: len(worker.log()) > 1)
    process = heard.suggester.process_id
    assert is_running(process)
    began = time.monotonic()
    heard.suggester.stop()
    assert time.monotonic() - began < 1
    qtbot.waitUntil(lambda: not is_running(process))
    assert heard.articles == []
    heard.suggester.stop()


# In the window


@pytest.fixture
def pending(project_file: Path) -> Path:
    """The project, with nothing suggested for any article."""
    with open_project(project_file, annotator="anna") as project:
        project.suggestions.forget_runs()
    return project_file


def test_opening_a_project_brings_suggestions_into_the_window(
    worker: FakeWorker, pending: Path, new_window: Callable[..., MainWindow], qtbot: QtBot
) -> None:
    worker.kind = "waits"
    window = new_window(pending)
    assert "no suggestions yet" in window.pane.meta.text()
    qtbot.waitUntil(lambda: len(worker.log()) > 1)
    assert window.status._words.isVisible()
    assert window.status._words.text().startswith("Suggesting 0 of 4")
    worker.go()
    qtbot.waitUntil(lambda: not window.status._words.isVisible())
    assert [s.reason for s in window.labelling.suggestions.values()] == ["A"]
    assert "1 suggestion left" in window.pane.meta.text()
    project = window.session.project
    assert project is not None
    assert project.suggestions.pending() == []
    assert project.history.last() is not None
    assert project.history.last().text == "imported 4 articles"  # type: ignore[union-attr]


def test_the_article_that_is_open_is_suggested_for_first(
    worker: FakeWorker, pending: Path, new_window: Callable[..., MainWindow], qtbot: QtBot
) -> None:
    window = new_window(pending)
    qtbot.waitUntil(lambda: worker.log().count("4") == 1)
    window.show_article(4)
    window.close()
    with open_project(pending, annotator="anna") as project:
        project.suggestions.forget_runs()
    (worker.folder / "log").unlink()
    window = new_window(pending)
    qtbot.waitUntil(lambda: len(worker.log()) == 5)
    assert worker.log() == ["start", "4", "1", "2", "3"]


def test_labels_made_meanwhile_are_not_disturbed(
    worker: FakeWorker, pending: Path, new_window: Callable[..., MainWindow], qtbot: QtBot
) -> None:
    worker.kind = "waits"
    window = new_window(pending)
    qtbot.waitUntil(lambda: len(worker.log()) > 1)
    window.labelling.label("stance", "neutral")
    start = window.labelling.text.index("Yerevan")
    window.pane.view.select(start, start + 7)
    worker.go()
    qtbot.waitUntil(lambda: len(window.labelling.suggestions) == 1)
    assert window.labelling.stance() == "neutral"
    assert window.pane.view.selected_span() == (start, start + 7)


def test_a_dead_worker_leaves_the_window_usable(
    worker: FakeWorker, pending: Path, new_window: Callable[..., MainWindow], qtbot: QtBot
) -> None:
    worker.kind = "dies"
    window = new_window(pending)
    qtbot.waitUntil(lambda: "ended twice" in window.notice.text)
    window.labelling.label("stance", "neutral")
    assert window.labelling.stance() == "neutral"
    worker.kind = "good"
    window.actions_["suggest"].trigger()
    qtbot.waitUntil(lambda: not window.session.project.suggestions.pending())  # type: ignore[union-attr]


def test_closing_the_window_ends_the_worker(
    worker: FakeWorker, pending: Path, new_window: Callable[..., MainWindow], qtbot: QtBot
) -> None:
    worker.kind = "waits"
    window = new_window(pending)
    qtbot.waitUntil(lambda: len(worker.log()) > 1)
    process = window.session.suggester.process_id
    window.close()
    assert not is_running(process)


def test_articles_that_come_back_by_redo_get_suggestions_again(
    worker: FakeWorker, pending: Path, new_window: Callable[..., MainWindow], qtbot: QtBot
) -> None:
    window = new_window(pending)

    def pending_now() -> list[int]:
        project = window.session.project  # waits for the step at hand, which is asking the same
        assert project is not None
        return project.suggestions.pending()

    qtbot.waitUntil(lambda: not pending_now())
    window.undo()
    window.redo()
    assert pending_now() == [1, 2, 3, 4]
    qtbot.waitUntil(lambda: not pending_now())


def test_what_is_suggested_for_an_undone_article_is_not_given_to_the_next_one(
    worker: FakeWorker, pending: Path, new_window: Callable[..., MainWindow], qtbot: QtBot
) -> None:
    worker.kind = "waits"
    window = new_window(pending)
    project = window.session.project
    assert project is not None
    qtbot.waitUntil(lambda: len(worker.log()) > 1)
    window.undo()
    with project.act("imported another"):
        number, _ = project.articles.add(ArticleInput("Mars is far.", "Mars"))
    assert number == 1
    window.session.suggest_pending()
    worker.go()
    qtbot.waitUntil(lambda: not project.suggestions.pending())
    assert [s.reason for s in project.suggestions.open(1)] == ["Mars"]


def test_python_files_in_the_folder_where_the_program_was_started_are_not_run(
    new_window: Callable[..., MainWindow],
    project_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    (tmp_path / "random.py").write_text("open('was_run', 'w').close(); raise SystemExit", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    with create_project(tmp_path / "p.annot", annotator="anna") as project, project.act("imported"):
        project.articles.add(ArticleInput("Armenia and Russia met.", "t"))
    window = new_window(tmp_path / "p.annot")
    shown = window.session.project
    assert shown is not None
    qtbot.waitUntil(lambda: not shown.suggestions.pending(), timeout=60000)
    assert shown.suggestions.open(1)
    assert not (tmp_path / "was_run").exists()


def test_an_article_whose_text_was_suggested_for_is_not_sent(
    worker: FakeWorker, texts: dict[int, str], qtbot: QtBot
) -> None:
    owner = QObject()
    asked: list[tuple[int, str]] = []

    def reuse(article: int, config: str) -> bool:
        asked.append((article, config))
        return article % 2 == 0

    listener = Listener(Suggester(lambda article: (texts[article], "en"), owner, reuse=reuse))
    listener.suggester.schedule(range(1, 7))
    qtbot.waitUntil(listener.is_finished)
    assert worker.log() == ["start", "1", "3", "5"]
    assert sorted(listener.articles) == [1, 3, 5]
    assert listener.progress[-1].done == 6
    assert asked == [(number, "") for number in range(1, 7)]
    listener.suggester.stop()
    owner.deleteLater()


def test_the_window_takes_what_the_same_text_got(
    worker: FakeWorker, tmp_path: Path, new_window: Callable[..., MainWindow], qtbot: QtBot
) -> None:
    with create_project(tmp_path / "wire.annot", annotator="anna") as project:
        with project.act("imported"):
            for number in range(3):
                project.articles.add(ArticleInput("Armenia spoke.", f"Paper {number}"))
        project.suggestions.store([Answer(3, (), PipelineInfo("fake", "1"), "from the wire", "en")])
    window = new_window(tmp_path / "wire.annot")
    shown = window.session.project
    assert shown is not None
    qtbot.waitUntil(lambda: not shown.suggestions.pending())
    assert worker.log() == ["start"]
    assert [shown.suggestions.notice(number) for number in (1, 2)] == ["from the wire"] * 2


def test_the_worker_hears_of_the_actors_before_an_article_and_again_when_they_change(
    heard: Listener, worker: FakeWorker, qtbot: QtBot
) -> None:
    known = [Actor("1", "Anna", None, None, ())]
    heard.suggester.actors = lambda: known
    heard.suggester.schedule([1, 2])
    qtbot.waitUntil(heard.is_finished)
    heard.suggester.schedule([3])
    qtbot.waitUntil(lambda: 3 in heard.articles)
    assert (worker.folder / "actors").read_text().splitlines() == ["Anna"]
    known.append(Actor("2", "Boris", None, None, ()))
    heard.suggester.forget_actors()
    heard.suggester.schedule([4])
    qtbot.waitUntil(lambda: 4 in heard.articles)
    assert (worker.folder / "actors").read_text().splitlines() == ["Anna", "Anna,Boris"]


def test_an_act_on_an_actor_reaches_the_worker(
    worker: FakeWorker, new_window: Callable[..., MainWindow], project_file: Path, qtbot: QtBot
) -> None:
    window = new_window(project_file)
    window.session.perform(lambda project: project.actors.confirm("Anna"))
    window.session.suggest_again()
    qtbot.waitUntil(lambda: (worker.folder / "actors").exists())
    qtbot.waitUntil(lambda: (worker.folder / "actors").read_text().splitlines()[-1:] == ["Anna"])
    window.session.perform(lambda project: project.undo())
    window.session.suggest_again()
    qtbot.waitUntil(lambda: (worker.folder / "actors").read_text().splitlines()[-1:] == [""])


def test_texts_to_learn_from_are_sent_in_parts_between_turns_of_the_event_loop(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = QObject()
    monkeypatch.setattr(suggester, "SLICE", 0.0)
    sent: list[dict[str, Any]] = []
    turns: list[int] = []

    unread = [0]

    class Process:
        def write(self, line: bytes) -> None:
            sent.append(json.loads(line))

        def bytesToWrite(self) -> int:  # noqa: N802
            return unread[0]

    def prose(article: int) -> str:
        if article == 2:
            raise KeyError(article)  # its import was undone
        return f"text of {article}"

    teacher = Suggester(lambda article: ("", None), owner, own_prose=prose)
    teacher._process, teacher._pipeline = Process(), PipelineInfo("stand-in", "1")  # type: ignore[assignment]
    timer = QTimer(owner)
    timer.timeout.connect(lambda: turns.append(len(sent)))
    timer.start(0)
    try:
        teacher.learn(tuple((n, f"sha {n}", "neutral", 1.0) for n in range(4)))
        teacher.schedule([7])
        qtbot.waitUntil(lambda: bool(sent) and sent[-1]["type"] == "learn")
        assert [list(message.get("texts", ())) for message in sent[:-1]] == [["sha 0"], ["sha 1"], ["sha 3"]]
        assert sent[-1]["labels"] == [[f"sha {n}", "neutral", 1.0] for n in (0, 1, 3)]
        assert len(set(turns)) >= 3  # the event loop turned in between
        sent.clear()
        teacher.learn(((0, "sha 0", "pro-West", 1.0),))
        qtbot.waitUntil(lambda: [message["type"] for message in sent] == ["learn"])  # it has the text
        sent.clear()
        unread[0] = suggester.UNREAD + 1  # the worker has not read what it was sent
        teacher.learn(((9, "sha 9", "pro-West", 1.0),))
        qtbot.wait(50)
        assert sent == []
        unread[0] = 0
        qtbot.waitUntil(lambda: [message["type"] for message in sent] == ["texts", "learn"])
    finally:
        teacher._process = None
