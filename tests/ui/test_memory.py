"""Suggestions of other articles follow what a person decides, while the window is open."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from annotator.model import ArticleInput, PipelineInfo, Suggestion
from annotator.project import Project, create_project, open_project
from annotator.project.swapping import SwapProgress
from annotator.ui import follower
from annotator.ui.main_window import MainWindow
from annotator.ui.span_rows import for_reader
from annotator.ui.tasks import SteppedTask

Hands = Any  # the class is in conftest.py
TINY = PipelineInfo("tiny", "1.0")
FIRST = "Envoys met in Yerevan and in Metsamor."
OTHER = "The road from Yerevan to Tbilisi passes Metsamor."


def found(text: str, *labels: tuple[str, str]) -> list[Suggestion]:
    return [
        Suggestion("entity", label, text.index(name), text.index(name) + len(name), "ner", f"ner: {label}")
        for label, name in labels
    ]


def fill(project: Project, articles: int) -> None:
    with project.act("imported"):
        for number in range(articles):
            project.articles.add(ArticleInput(FIRST if number == 0 else OTHER, f"Article {number}"))
    wrong = (("ORG", "Yerevan"), ("PERSON", "Metsamor"))
    project.suggestions.replace(
        TINY,
        [(n, found(FIRST if n == 1 else OTHER, *wrong), None) for n in range(1, articles + 1)],
    )


@pytest.fixture
def project_file(tmp_path: Path) -> Path:
    with create_project(tmp_path / "news.annot", annotator="anna") as project:
        fill(project, 40)
    return tmp_path / "news.annot"


def settle(qtbot: QtBot, hands: Hands) -> float:
    """Wait until nothing is left to follow; return the seconds that this took."""
    began = time.monotonic()
    qtbot.waitUntil(lambda: not hands.window.follower.busy, timeout=5000)
    return time.monotonic() - began


def labels(project: Project, article: int) -> list[tuple[str | None, str, str]]:
    text = project.articles.text(article)
    return [(s.label, text[s.start : s.end], s.component) for s in project.suggestions.open(article)]


AS_SUGGESTED = [("ORG", "Yerevan", "ner"), ("PERSON", "Metsamor", "ner")]


def test_corrections_of_one_article_change_the_others_within_a_second(qtbot: QtBot, hands: Hands) -> None:
    settle(qtbot, hands)
    hands.activate("Yerevan")
    hands.press("3")
    hands.activate("Metsamor")
    hands.press("X")
    assert hands.labelled() == [("GPE", "Yerevan", "corrected")]
    assert settle(qtbot, hands) < 1
    for article in range(2, 41):
        assert labels(hands.project, article) == [("GPE", "Yerevan", "memory")]
    hands.press("J")
    assert hands.open_suggestions() == ["Yerevan"]
    hands.activate("Yerevan")
    span = hands.window.pane.view.active
    assert span is not None
    assert "you labelled Yerevan GPE in 1 article" in hands.window.labelling.explain(span)
    hands.press("A")
    assert hands.labelled() == [("GPE", "Yerevan", "accepted")]
    hands.press("J")
    settle(qtbot, hands)
    reasons = [span.tell(span).reason for span in hands.window.labelling.panel_spans()]
    assert reasons == ["you labelled Yerevan GPE in 1 article"]
    hands.press("K", "J")  # the number is that of when the article was opened
    reasons = [span.tell(span).reason for span in hands.window.labelling.panel_spans()]
    assert reasons == ["you labelled Yerevan GPE in 2 articles"]


def test_articles_that_nobody_sees_follow_in_a_pause(
    qtbot: QtBot, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(qtbot, hands)
    pause = [1.0]
    monkeypatch.setattr(follower, "until_pause", lambda: pause[0])
    monkeypatch.setattr(hands.window.follower, "_in_sight", lambda: [1, 2])
    monkeypatch.setattr(follower, "STEP", 0.0)  # those in sight alone in the first step
    hands.activate("Yerevan")
    hands.press("3")
    qtbot.waitUntil(lambda: ("GPE", "Yerevan", "memory") in labels(hands.project, 2))
    left = set(hands.window.follower._articles)
    assert len(left) > 10
    qtbot.wait(100)
    assert set(hands.window.follower._articles) == left
    pause[0] = 0.0
    hands.window.follower._wake(0)
    settle(qtbot, hands)
    assert ("GPE", "Yerevan", "memory") in labels(hands.project, 40)


def test_undo_brings_all_of_them_back_as_they_were(qtbot: QtBot, hands: Hands) -> None:
    settle(qtbot, hands)
    before = [hands.project.suggestions.stored(article) for article in range(1, 41)]
    hands.activate("Yerevan")
    hands.press("3")
    hands.activate("Metsamor")
    hands.press("X")
    settle(qtbot, hands)
    hands.press("Ctrl+Z", "Ctrl+Z")
    settle(qtbot, hands)
    assert [hands.project.suggestions.stored(article) for article in range(1, 41)] == before


def test_the_open_article_is_shown_as_it_follows(qtbot: QtBot, hands: Hands) -> None:
    settle(qtbot, hands)
    hands.window.show_article(2)
    hands.window.session.perform(lambda project: project.annotations.accept(1, 1, label="GPE"))
    settle(qtbot, hands)
    shown = [(s.label, s.suggested) for s in hands.window.pane.view.spans()]
    assert shown == [("GPE", True), ("PERSON", True)]


def test_nothing_that_was_left_is_lost_when_the_window_closes(
    qtbot: QtBot, hands: Hands, project_file: Path
) -> None:
    settle(qtbot, hands)
    hands.activate("Yerevan")
    hands.press("3")
    hands.window.close()
    with open_project(project_file, annotator="anna") as project:
        assert labels(project, 40) == [("GPE", "Yerevan", "memory"), ("PERSON", "Metsamor", "ner")]


def test_an_article_follows_at_the_latest_when_it_is_opened(
    new_window: Callable[..., MainWindow], project_file: Path, no_worker: None, qtbot: QtBot
) -> None:
    with open_project(project_file, annotator="bob") as project:
        project.annotations.accept(1, 1, label="GPE")  # with no window to follow
    window = new_window(project_file)
    qtbot.waitUntil(lambda: not window.follower.busy)
    window.show_article(7)
    (yerevan, _) = window.labelling.panel_spans()
    assert (yerevan.label, yerevan.tell(yerevan).reason) == ("GPE", "bob labelled Yerevan GPE in 1 article")


def test_what_is_decided_while_the_rules_are_still_read_is_followed(
    new_window: Callable[..., MainWindow], project_file: Path, no_worker: None, qtbot: QtBot
) -> None:
    window = new_window(project_file)
    project = window.session.project
    assert project is not None
    project.memory.forget()
    window.follower._opened()
    window.session.perform(lambda project: project.annotations.accept(1, 1, label="GPE"))
    qtbot.waitUntil(lambda: not window.follower.busy)
    assert labels(project, 40)[0] == ("GPE", "Yerevan", "memory")


def test_a_large_act_is_followed_too(qtbot: QtBot, hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(qtbot, hands)
    monkeypatch.setattr("annotator.project.memory._NAMED_ACTS", 1)
    hands.activate("Yerevan")
    hands.press("3")  # two rows: the annotation and the progress
    settle(qtbot, hands)
    assert labels(hands.project, 40)[0] == ("GPE", "Yerevan", "memory")


def test_after_a_fault_in_a_step_the_next_act_is_followed(
    qtbot: QtBot, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(self: object, act: int) -> None:
        raise busy

    settle(qtbot, hands)
    busy = sqlite3.OperationalError("database is locked")
    busy.sqlite_errorcode = sqlite3.SQLITE_BUSY
    hands.activate("Metsamor")
    with monkeypatch.context() as patch:
        patch.setattr("annotator.project.memory.Memory.names_of", fails)
        with qtbot.waitSignal(hands.window.session.failed) as said:
            hands.press("3")
    assert "Another program is writing" in said.args[0]
    hands.activate("Yerevan")
    hands.press("3")
    settle(qtbot, hands)
    assert labels(hands.project, 40)[0] == ("GPE", "Yerevan", "memory")


def test_an_article_that_is_opened_while_rules_are_read_follows_all_the_same(
    qtbot: QtBot, hands: Hands
) -> None:
    settle(qtbot, hands)
    hands.activate("Yerevan")
    hands.press("3")
    hands.project.memory.forget()
    follower = hands.window.follower
    follower._articles[40] = None
    follower._read()
    hands.window.show_article(40)
    assert 40 in follower._articles
    settle(qtbot, hands)
    assert labels(hands.project, 40)[0] == ("GPE", "Yerevan", "memory")


def test_while_long_work_goes_on_suggestions_wait_and_then_follow(qtbot: QtBot, hands: Hands) -> None:
    def work() -> Generator[SwapProgress, None, None]:
        while not over:
            yield SwapProgress(0, 0)

    settle(qtbot, hands)
    over: list[bool] = []
    task = SteppedTask("Long work", work(), hands.window, appears=60_000)
    hands.activate("Yerevan")
    hands.press("3")
    qtbot.wait(60)
    assert labels(hands.project, 40) == AS_SUGGESTED
    with qtbot.waitSignal(task.finished):
        over.append(True)
    settle(qtbot, hands)
    assert labels(hands.project, 40)[0] == ("GPE", "Yerevan", "memory")


def test_a_project_open_for_reading_is_left_as_it_is(
    new_window: Callable[..., MainWindow], project_file: Path, no_worker: None
) -> None:
    with open_project(project_file, annotator="bob") as project:
        project.annotations.accept(1, 1, label="GPE")
        window = new_window(project_file)
        assert not window.session.writable
        window.show_article(2)
        assert not window.follower.busy
        assert labels(project, 2) == AS_SUGGESTED


@pytest.mark.parametrize(
    ("reason", "read"),
    [
        ("anna labelled Kyiv GPE in 1 article", "you labelled Kyiv GPE in 1 article"),
        ("anna and bob labelled Kyiv GPE in 2 articles", "you and bob labelled Kyiv GPE in 2 articles"),
        (
            "anna, bob and 2 more labelled Kyiv GPE in 9 articles",
            "you, bob and 2 more labelled Kyiv GPE in 9 articles",
        ),
        ("annabel labelled Kyiv GPE in 1 article", "annabel labelled Kyiv GPE in 1 article"),
        ("ner: GPE", "ner: GPE"),
    ],
)
def test_a_reason_says_you(reason: str, read: str) -> None:
    assert for_reader(reason, "anna") == read


def test_a_rejection_says_what_goes_with_it(qtbot: QtBot, hands: Hands) -> None:
    settle(qtbot, hands)
    hands.activate("Metsamor")
    hands.press("X")
    settle(qtbot, hands)
    said = hands.window.statusBar().currentMessage()
    assert said.startswith("Rejected ")
    assert "for “Metsamor”, and with it" in said
    assert "those in 39 other articles. Ctrl+Z takes it back." in said


TWICE = "Metsamor has a plant. Nobody in Metsamor complains."


@pytest.fixture
def twice(tmp_path: Path) -> Path:
    """An article that names one place three times, as a person, and another that names it once."""
    with create_project(tmp_path / "twice.annot", annotator="anna") as project:
        with project.act("imported"):
            project.articles.add(ArticleInput(TWICE + " Metsamor sleeps.", "Twice"))
            project.articles.add(ArticleInput(OTHER, "Other"))
        text = project.articles.text(1)
        places = [n for n in range(len(text)) if text.startswith("Metsamor", n)]
        found_here = [Suggestion("entity", "PERSON", n, n + 8, "ner", "ner: PERSON") for n in places]
        project.suggestions.replace(
            TINY, [(1, found_here, None), (2, found(OTHER, ("PERSON", "Metsamor")), None)]
        )
    return tmp_path / "twice.annot"


def test_what_a_rejection_takes_along_is_said_before_and_one_undo_brings_it_back(
    qtbot: QtBot, hands: Hands, twice: Path
) -> None:
    window = hands.window
    window.open(twice)
    settle(qtbot, hands)
    hands.focus(window.pane.view)
    hands.press("Tab")
    said = "Z accepts all 3 “Metsamor”, X rejects them, Shift+X this one only"
    qtbot.waitUntil(lambda: window.status.about == said)
    hands.press("Esc")
    qtbot.waitUntil(lambda: window.status.about == "")
    hands.press("Tab")
    qtbot.waitUntil(lambda: window.status.about == said)
    hands.press("X")
    settle(qtbot, hands)
    assert hands.open_suggestions() == []
    assert labels(hands.project, 2) == []
    qtbot.waitUntil(lambda: window.status.about == "")
    hands.press("Ctrl+Z")
    settle(qtbot, hands)
    assert hands.open_suggestions() == ["Metsamor"] * 3
    assert len(labels(hands.project, 2)) == 1


def test_one_mention_can_be_rejected_alone(qtbot: QtBot, hands: Hands, twice: Path) -> None:
    window = hands.window
    window.open(twice)
    settle(qtbot, hands)
    hands.focus(window.pane.view)
    hands.press("Tab", "Shift+X")
    settle(qtbot, hands)
    assert hands.open_suggestions() == ["Metsamor"] * 2
    assert len(labels(hands.project, 2)) == 1
    assert hands.active == ("PERSON", "Metsamor", True)  # it goes on to the next
    qtbot.waitUntil(lambda: "all 2" in window.status.about)
    hands.press("A")
    qtbot.waitUntil(lambda: window.status.about == "")
    hands.press("Ctrl+Z", "Ctrl+Z")
    settle(qtbot, hands)
    assert hands.open_suggestions() == ["Metsamor"] * 3


def test_all_mentions_are_accepted_as_one_act(qtbot: QtBot, hands: Hands, twice: Path) -> None:
    window = hands.window
    window.open(twice)
    settle(qtbot, hands)
    hands.project.annotations.reject(1, hands.project.suggestions.open(1)[-1].id, alone=True)
    more = [*hands.project.suggestions.open(1)]
    place = TWICE.index("Nobody")
    nobody = Suggestion("entity", "PERSON", place, place + 6, "ner", "ner: PERSON")
    hands.project.suggestions.replace(TINY, [(1, [*more, nobody], None)])
    window.labelling.reload()
    hands.focus(window.pane.view)
    hands.press("Tab", "Z")
    assert hands.labelled() == [("PERSON", "Metsamor", "accepted")] * 2
    assert hands.active == ("PERSON", "Nobody", True)  # to the next that is another
    assert "2 mentions of “Metsamor”" in window.statusBar().currentMessage()
    hands.press("Ctrl+Z")
    assert hands.labelled() == []
    settle(qtbot, hands)
    assert sorted(hands.open_suggestions()) == ["Metsamor", "Metsamor", "Nobody"]


def test_of_one_mention_all_are_accepted_like_it(hands: Hands) -> None:
    hands.activate("Yerevan")
    hands.press("Z")
    act = hands.project.history.last()
    assert act is not None
    assert act.text == "accepted ORG for “Yerevan”"
    assert "1 mention" not in hands.window.statusBar().currentMessage()


def test_a_name_in_braces_is_no_command(qtbot: QtBot, hands: Hands, tmp_path: Path) -> None:
    with create_project(tmp_path / "braces.annot", annotator="anna") as project:
        with project.act("imported"):
            project.articles.add(ArticleInput("{undo} and {undo}", "Braces"))
        both = [Suggestion("entity", "ORG", n, n + 6, "ner", "ner: ORG") for n in (0, 11)]
        project.suggestions.replace(TINY, [(1, both, None)])
    hands.window.open(tmp_path / "braces.annot")
    hands.focus(hands.window.pane.view)
    hands.press("Tab")
    qtbot.waitUntil(lambda: "all 2 “{undo}”" in hands.window.status.about)
