"""Opening a project, listing, filtering, searching and reading an article, however many there are.

python3 benchmarks/lists.py [--articles N | --full]

The floor of the article switch is the same in a project with 200 of the articles.
"""

from __future__ import annotations

import statistics
import time
from itertools import islice
from pathlib import Path
from typing import Any

from shared import Place, ms, place, row, seconds

PAGE = 64
FEW = 200


def read_article(project: Any, article: int) -> None:
    """Read what the window shows of an article."""
    project.articles.get(article)
    project.codebook.read()
    project.annotations.of(article)
    project.suggestions.open(article)
    project.suggestions.notice(article)
    project.articles.progress(article)
    project.history.last()
    project.history.next()


def switching(path: Path, articles: int) -> float:
    """Return the median time of reading an article, anywhere in the project."""
    from annotator.project import open_project

    times = []
    with open_project(path, annotator="anna") as project:
        for n in range(100):
            article = 1 + n * 7919 % articles
            times.append(seconds(lambda article=article: read_article(project, article)))  # type: ignore[misc]
    return statistics.median(times)


def main() -> None:
    """Print the figures."""
    from annotator.model import ArticleFilter
    from annotator.project import open_project

    here = place(__doc__)
    path = here.project()
    began = time.perf_counter()
    with open_project(path, annotator="anna") as project:
        ids = project.articles.ids()
        project.articles.rows(ids[:PAGE])
        project.articles.counts()
        took = time.perf_counter() - began
        row(f"open and list {len(ids):,} articles", ms(took), "", took, 0.5)
        begin = project.articles.get(ids[len(ids) // 2]).title.split()
        for sort in ("title", "source", "published"):
            took = seconds(lambda s=sort: project.articles.ids(ArticleFilter(sort=s)))  # type: ignore[misc]
            row(f"list by {sort}, ms", ms(took), "", took * 1000, 40)
        wanted = ArticleFilter(search=f"{begin[0]} {begin[-1]}", sort="title")
        took = seconds(lambda: project.articles.rows(project.articles.ids(wanted)[:PAGE]))
        row("filter by words of a title, ms", ms(took), "", took * 1000, 40)
        for words, name in (
            (begin[0], "one word"),
            (" ".join(begin[:3]), "three words"),
            (begin[0][:2], "2 letters"),
        ):
            wanted = ArticleFilter(search=words)
            found = project.articles.ids(wanted)
            took = seconds(lambda w=wanted: project.articles.rows(project.articles.ids(w)[:PAGE]))  # type: ignore[misc]
            row(f"search {name} ({len(found):,} found), ms", ms(took), "", took * 1000, 50)
    floor, ours = switching(few(here), FEW), switching(path, len(ids))
    row("article switch / in 200 articles", ms(ours), ms(floor), ours / floor, 1.5)


def few(here: Place) -> Path:
    """Return a project of the corpus's first articles."""
    small = here.folder / "few"
    small.mkdir(exist_ok=True)
    if not (small / "corpus.jsonl").exists():
        with here.corpus().open(encoding="utf-8") as lines:
            (small / "corpus.jsonl").write_text("".join(islice(lines, FEW)), encoding="utf-8")
    return Place(small, FEW).project()


if __name__ == "__main__":
    main()
