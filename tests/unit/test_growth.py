"""No act, and no look at the project, takes more than its share when the project grows.

What is counted is what SQLite's machine does, so a busy machine changes nothing: once in a project, and once
in one with ten times as many articles. What concerns one article must not know how many others there are;
what concerns all of them may grow as they do, but not as their square.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from annotator.model import ArticleFilter, ArticleInput, Condition, PipelineInfo, Suggestion
from annotator.project import Project, create_project
from annotator.project.bulk import accept_all_open
from annotator.project.check import check
from annotator.project.compact import compact, plan
from annotator.project.overview import overview_steps
from annotator.project.stats import stats
from annotator.project.verdicts import count_verdicts

from .conftest import finish, instructions

SMALL, TIMES = 20, 10

Work = Callable[[Project], object]


def made(path: Path, articles: int) -> Project:
    """Return a project with ``articles`` articles of 30 suggestions each, and one annotator."""
    project = create_project(path, annotator="anna")
    words = ("Gyumri", "Kapan", "Sevan", "Dilijan", "Goris")
    for n in range(articles):
        text = " ".join(
            f"{words[(n + k) % 5]} met {words[(n + 2 * k) % 5]} on day {n * k}." for k in range(15)
        )
        metadata: dict[str, Any] = {"source": f"paper-{n % 7}.example", "published": f"20{10 + n % 10}-01-02"}
        with project.act("imported"):
            article, _ = project.articles.add(ArticleInput(text, f"Report {n}", **metadata))
        starts = sorted(at for word in words for at in _places(text, word))
        found = [Suggestion("entity", "GPE", at, text.index(" ", at), "ner", "ner: GPE") for at in starts]
        whole = Suggestion("stance", "neutral", None, None, "stance", "", 0.6)
        project.suggestions.replace(PipelineInfo("tiny", "1"), [(article, [*found, whole], None)])
    return project


def _places(text: str, word: str) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + 1)


def last(project: Project) -> int:
    """Return the number of the newest act."""
    return project.acts.ids()[0]


def _at(project: Project, n: int) -> int:
    """Return the ``n``-th annotation of article 1."""
    return project.annotations.of(1)[n].id


ONE: dict[str, Work] = {
    "accept one": lambda p: p.annotations.accept(1, p.suggestions.open(1)[0].id),
    "undo it": lambda p: p.undo(),
    "redo it": lambda p: p.redo(),
    "revert it": lambda p: p.revert(last(p)),
    "reject one": lambda p: p.annotations.reject(1, p.suggestions.open(1)[0].id),
    "add one": lambda p: p.annotations.add(1, "entity", "ORG", 0, 3),
    "remove it": lambda p: p.annotations.remove(_at(p, 0)),
    "done": lambda p: p.articles.set_status(1, "done"),
    "flag": lambda p: p.articles.set_flagged(1, True),
    "accept an article": lambda p: p.annotations.accept_all(1),
    "undo an article": lambda p: p.undo(),
    "open suggestions": lambda p: p.suggestions.open(2),
    "recent acts": lambda p: p.history.acts(),
    "a page": lambda p: p.articles.rows(range(1, SMALL + 1)),
}
ALL: dict[str, Work] = {
    "accept all": lambda p: finish(accept_all_open(p)),
    "undo all": lambda p: finish(p.history.undo_in_steps()),
    "redo all": lambda p: finish(p.history.redo_in_steps()),
    "revert all": lambda p: finish(p.revert_in_steps(last(p))),
    "revert the revert": lambda p: p.revert(last(p)),
    "undo that": lambda p: p.undo(),
    "accept all again": lambda p: finish(accept_all_open(p)),
    "a label on each": lambda p: [p.annotations.add(n, "entity", "ORG", 0, 2) for n in p.articles.ids()],
    "revert what all came after": lambda p: p.revert(p.acts.ids()[p.articles.count()]),
    "undo what all came after": lambda p: p.undo(),
    "retire a label": lambda p: finish(p.codebook_editing.retire_in_steps("entity", "GPE")),
    "undo the retiring": lambda p: p.undo(),
    "delete a label": lambda p: finish(p.codebook.delete_label_in_steps("entity", "GPE", move_to="LOC")),
    "undo the deleting": lambda p: finish(p.history.undo_in_steps()),
    "statistics": stats,
    "verdicts": lambda p: finish(count_verdicts(p)),
    "overview": lambda p: finish(overview_steps(p, None)),
    "check": check,
    "list": lambda p: p.articles.ids(ArticleFilter(sort="open")),
    "filter": lambda p: p.articles.ids(ArticleFilter(conditions=(Condition("label", "entity/ORG"),))),
    "search": lambda p: p.articles.ids(ArticleFilter(search="kapan")),
    "compact": lambda p: compact(p, plan(p, older_than=0)),
}


def measured(path: Path, articles: int) -> dict[str, int]:
    """Do everything once, in its order, in a project of so many articles."""
    with made(path, articles) as project:
        return {name: instructions(project, partial(work, project)) for name, work in (ONE | ALL).items()}


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, int], dict[str, int]]:
    """What everything takes in the small project, and in the large one."""
    folder = tmp_path_factory.mktemp("growth")
    return measured(folder / "small.annot", SMALL), measured(folder / "large.annot", SMALL * TIMES)


@pytest.mark.parametrize("name", ONE)
def test_what_concerns_one_article_does_not_know_how_many_others_there_are(
    both: tuple[dict[str, int], dict[str, int]], name: str
) -> None:
    small, large = both
    assert large[name] <= 1.25 * small[name] + 2_500


@pytest.mark.parametrize("name", ALL)
def test_what_concerns_all_articles_grows_as_they_do(
    both: tuple[dict[str, int], dict[str, int]], name: str
) -> None:
    small, large = both
    assert large[name] <= 1.5 * TIMES * small[name] + 2_000
