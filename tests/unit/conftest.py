"""Fixtures for tests of the core: real project files, no Qt."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from annotator.model import ArticleInput, PipelineInfo, Suggestion
from annotator.project import Project, create_project
from annotator.project.schema import HUMAN_TABLES

ROCKET = "A rocket 🚀 flew over Armenia. Russia denied it."
GYUMRI = "Gyumri's mayor met the U.S. envoy.\nThe café was closed."
PLAIN = "Nothing happened in Brussels."

Dump = dict[str, list[tuple[Any, ...]]]


def finish(steps: Generator[Any, None, Any]) -> Any:
    """Step a generator to its end and return its result."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def instructions(project: Project, work: Callable[[], object]) -> int:
    """Return, to the hundred, how many instructions SQLite's machine takes for ``work``."""
    hundreds = 0

    def count() -> int:
        nonlocal hundreds
        hundreds += 1
        return 0

    project.db.conn.set_progress_handler(count, 100)
    try:
        work()
    finally:
        project.db.conn.set_progress_handler(None, 0)
    return 100 * hundreds


def dump(project: Project) -> Dump:
    """Everything that people made, row by row."""
    return {
        table: sorted(project.db.execute(f"SELECT * FROM {table}").fetchall(), key=repr)
        for table in HUMAN_TABLES
    }


def check_index(project: Project) -> None:
    """Raise unless the search index holds exactly the titles and texts of the articles."""
    project.db.execute("INSERT INTO articles_fts(articles_fts, rank) VALUES ('integrity-check', 1)")
    assert project.db.execute("PRAGMA foreign_key_check").fetchall() == []


@pytest.fixture
def human_rows() -> Callable[[Project], Dump]:
    return dump


@pytest.fixture
def search_index_is_right() -> Callable[[Project], None]:
    return check_index


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A fresh project; the annotator at work is anna."""
    with create_project(tmp_path / "fresh.annot", annotator="anna") as project:
        yield project


@pytest.fixture
def with_articles(project: Project) -> Project:
    """The project with three articles: 1 has an emoji, 2 has two lines, 3 is plain."""
    with project.act("imported 3 articles"):
        project.articles.add(ArticleInput(ROCKET, "Rocket", source="b.example", published="2024-02-04"))
        project.articles.add(ArticleInput(GYUMRI, "gyumri", source="A.example", published="2023-01-01"))
        project.articles.add(ArticleInput(PLAIN, "Brussels"))
    return project


@pytest.fixture
def suggested(with_articles: Project) -> Project:
    """Article 1 with suggestions: 1 Armenia GPE, 2 Russia ORG (wrong), 3 pro-West for the article."""
    with_articles.suggestions.replace(
        PipelineInfo("tiny", "1.0"),
        [
            (
                1,
                [
                    Suggestion("entity", "GPE", 21, 28, "ner", "ner: GPE"),
                    Suggestion("entity", "ORG", 30, 36, "ner", "ner: ORG"),
                    Suggestion(
                        "stance",
                        "pro-West",
                        None,
                        None,
                        "stance",
                        "2 cues",
                        0.7,
                        {"pro-West": 0.7, "neutral": 0.2, "pro-Russia": 0.1},
                        ((0, 29),),
                    ),
                ],
                None,
            )
        ],
    )
    return with_articles


@pytest.fixture
def rich(with_articles: Project) -> Project:
    """A project with overlapping spans, a stance of all, and words that XML has to escape or cannot hold."""
    project = with_articles
    project.annotations.add(1, "entity", "GPE", 21, 28)
    project.annotations.add(1, "entity", "ORG", 2, 28)
    project.annotations.add(1, "stance", "pro-West", 2, 28)
    project.annotations.add(1, "stance", "pro-Russia", None, None)
    with project.act("details"):
        who = project.actors.called('O\'Neil <&> "🚀"')
        project.db.execute(
            "UPDATE annotations SET certainty = 2, note = ?, holder = ?, target = ? WHERE label = "
            "(SELECT id FROM labels WHERE name = 'pro-West')",
            ["two\nlines <b> \x0b", who, who],
        )
        project.db.execute("UPDATE articles SET title = ? WHERE id = 2", ['a\tb "c" <d>\n&'])
    return project
