"""What is read or done of one article costs as much in a large project as in a small one.

Counted in instructions of SQLite's virtual machine, which no other program on the machine changes: a query
that begins with all articles is not seen in a small project, and stops the window in a large one.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from annotator.model import Answer, ArticleInput, PipelineInfo, Suggestion
from annotator.project import Project, create_project
from annotator.project.stance_labels import own_prose

from .conftest import instructions

FEW, MANY = 40, 800
ARTICLE = 23
PIPELINE = PipelineInfo("x", "1", "settings")
WORDS = "river stone bridge window garden table morning letter house road Yerevan Gyumri Moscow Brussels"


def suggestions(article: int, text: str) -> list[Suggestion]:
    """Return eight names, boilerplate at the end, and a stance."""
    names = [Suggestion("entity", "GPE", n * 12, n * 12 + 5, "ner", reason="x") for n in range(8)]
    zone = Suggestion("zone", "boilerplate", len(text) - 6, len(text), "zones", reason="x")
    stance = ("pro-West", "neutral", "pro-Russia")[article % 3]
    return [*names, zone, Suggestion("stance", stance, None, None, "stance", reason="cues", score=0.5)]


def filled(path: Path, number: int) -> Project:
    """Return a project with so many articles, of which each fifth is labelled, two of each name."""
    project = create_project(path, annotator="anna")
    chance = random.Random(number)
    articles = [
        ArticleInput(
            " ".join(chance.choices(WORDS.split(), k=60)), f"Article {n}", source=f"s{n % 7}", language="en"
        )
        for n in range(1, number + 1)
    ]
    project.articles.add_all(articles)
    answers = [Answer(n, tuple(suggestions(n, a.text)), PIPELINE) for n, a in enumerate(articles, 1)]
    project.suggestions.store(answers)
    for article in range(5, number + 1, 5):
        project.annotations.accept_all(article, done=True)
    for _ in project.near_duplicates.compare():
        pass
    return project


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Project]]:
    folder = tmp_path_factory.mktemp("one-article")
    made = [filled(folder / f"{number}.annot", number) for number in (FEW, MANY)]
    yield made
    for project in made:
        project.close()


def first(project: Project) -> int:
    """Return an open suggestion of the article."""
    return project.suggestions.open(ARTICLE)[0].id


def judged(project: Project) -> Answer:
    """Return the stance anew."""
    found = suggestions(ARTICLE, project.articles.text(ARTICLE))[-1:]
    return Answer(ARTICLE, tuple(found), PipelineInfo("x", "1", "settings+learnt"))


def suggested(project: Project) -> Answer:
    """Return all suggestions anew."""
    return Answer(ARTICLE, tuple(suggestions(ARTICLE, project.articles.text(ARTICLE))), PIPELINE)


READ: dict[str, Callable[[Project], object]] = {
    "article": lambda p: p.articles.get(ARTICLE),
    "text": lambda p: p.articles.text(ARTICLE),
    "row of the list": lambda p: p.articles.rows([ARTICLE]),
    "progress": lambda p: p.articles.progress(ARTICLE),
    "annotations": lambda p: p.annotations.of(ARTICLE),
    "rejections": lambda p: p.annotations.rejections(ARTICLE),
    "decided zones": lambda p: p.annotations.zone_decisions(ARTICLE),
    "zones in force": lambda p: p.suggestions.zones_in_force(ARTICLE),
    "open suggestions": lambda p: p.suggestions.open(ARTICLE),
    "stored suggestions": lambda p: p.suggestions.stored(ARTICLE),
    "suggested stance": lambda p: p.suggestions.whole_article(ARTICLE, "stance"),
    "notice": lambda p: p.suggestions.notice(ARTICLE),
    "pipeline": lambda p: p.suggestions.pipeline(ARTICLE),
    "whether it is pending": lambda p: p.suggestions.is_pending(ARTICLE),
    "own prose": lambda p: own_prose(p, ARTICLE),
    "near-duplicates": lambda p: p.near_duplicates.of(ARTICLE),
    "claims": lambda p: p.claims.weighed(ARTICLE),
    "whether it is hidden": lambda p: p.drawing.hidden([ARTICLE]),
    "last act": lambda p: (p.history.last(), p.history.next()),
}
DONE: dict[str, Callable[[Project], Any]] = {
    "accept": lambda p: p.annotations.accept(ARTICLE, first(p)),
    "reject": lambda p: p.annotations.reject(ARTICLE, first(p)),
    "accept all": lambda p: p.annotations.accept_all(ARTICLE),
    "label a stretch": lambda p: p.annotations.add(ARTICLE, "entity", "PERSON", 100, 104),
    "say the stance": lambda p: p.annotations.add(ARTICLE, "stance", "neutral"),
    "flag": lambda p: p.articles.set_flagged(ARTICLE, True),
    "done": lambda p: p.articles.set_status(ARTICLE, "done"),
    "note": lambda p: p.articles.set_note(ARTICLE, "to be asked"),
    "metadata": lambda p: p.articles.edit_metadata(ARTICLE, source="elsewhere"),
    "undo": lambda p: p.undo(),
}
STORED: dict[str, Callable[[Project], object]] = {
    "suggestions anew": lambda p: p.suggestions.store([suggested(p)]),
    "a stance anew": lambda p: p.suggestions.store_stances([judged(p)]),
    "those of an equal text": lambda p: p.suggestions.copy_equal(ARTICLE, PIPELINE.config),
    "memory": lambda p: p.memory.refresh([ARTICLE]),
    "what near-duplicates offer": lambda p: p.near_duplicates.refresh([ARTICLE]),
}


@pytest.mark.parametrize("name", [*READ, *STORED])
def test_what_is_read_and_stored_of_one_article(projects: list[Project], name: str) -> None:
    few, many = (instructions(project, partial((READ | STORED)[name], project)) for project in projects)
    assert many <= few * 1.3 + 300


@pytest.mark.parametrize("name", list(DONE))
def test_what_is_done_to_one_article_and_its_undo(projects: list[Project], name: str) -> None:
    few, many = (instructions(project, partial(DONE[name], project)) for project in projects)
    assert many <= few * 1.3 + 300
    back = Project.redo if name == "undo" else Project.undo
    few, many = (instructions(project, partial(back, project)) for project in projects)
    assert many <= few * 1.3 + 300
