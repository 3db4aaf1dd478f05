"""Opening a project, listing, filtering, searching and reading an article, however many there are.

    python3 benchmarks/lists.py [--articles N | --full]

Lists are read as the window reads them: the first page, which is shown at once, and then the others in
steps. Each row of a list gives the time to the first page and its rows, and that of the longest other page.
The floor of the article switch is the same in a project with 200 of the articles. SQLite's cache, which holds
all of the small project and little of the large one, is emptied before each switch in both.
"""

from __future__ import annotations

import shutil
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
        for turn in range(2):  # the first brings the file into the system's cache
            for n in range(100):
                article = 1 + n * 7919 % articles
                project.db.execute("PRAGMA shrink_memory")
                took = seconds(lambda article=article: read_article(project, article))  # type: ignore[misc]
                if turn:
                    times.append(took)
    return statistics.median(times)


def listing(project: Any, name: str, wanted: Any, bound: float) -> int:
    """Print the time to the first page of a list, and that of its longest other page; return its length."""
    began = time.perf_counter()
    pages = project.articles.pages(wanted)
    first = next((page for page in pages if page), [])
    project.articles.rows(first[:PAGE])
    took, longest, number = time.perf_counter() - began, 0.0, len(first)
    while True:
        began = time.perf_counter()
        page = next(pages, None)
        if page is None:
            break
        longest = max(longest, time.perf_counter() - began)
        number += len(page)
    row(name.format(f"{number:,}"), ms(took), f"then {ms(longest)}", took * 1000, bound)
    return number


def narrowed(project: Any) -> None:
    """Print the figures of filters and orders, with every fifth article labelled by anna, some by ben."""
    from annotator.model import ArticleFilter, Condition

    decide(project)
    source = project.articles.get(1).source
    for name, conditions, sort in (
        ("status: done", [("status", "done")], "title"),
        ("flagged", [("flagged", "yes")], "title"),
        ("stance: neutral", [("stance", "neutral")], "title"),
        ("suggested: neutral", [("suggested", "neutral")], "title"),
        ("sureness: 0.5 to 0.7", [("sureness", "0.5 to 0.7")], "title"),
        ("label: GPE", [("label", "entity/GPE")], "title"),
        ("label: LAW, which none has", [("label", "entity/LAW")], "title"),
        ("actor", [("actor", "Actor 7")], "title"),
        ("open suggestions", [("open", "yes")], "title"),
        ("source", [("source", source)], "title"),
        ("date: 2015..2020", [("published", "2015..2020")], "title"),
        ("language", [("language", "en")], "title"),
        ("annotator", [("annotator", "ben")], "title"),
        ("six of them", [("status", "todo"), ("open", "yes"), ("source", source), ("language", "en"),
                         ("published", "2015..2020"), ("actor", "Actor 7")], "published"),
    ):  # fmt: skip
        chosen = tuple(Condition(*c) for c in conditions)  # type: ignore[arg-type]
        wanted = ArticleFilter(conditions=chosen, sort=sort)  # type: ignore[arg-type]
        listing(project, f"filter {name} ({{}} found), ms", wanted, 50)
    for sort in ("status", "flagged", "stance", "suggested", "sureness", "title"):
        wanted = ArticleFilter(sort=sort, descending=True)  # type: ignore[arg-type]
        listing(project, f"sort by {sort}, descending, ms", wanted, 50)
    for sort in ("language", "annotators", "labels", "open", "actors"):
        keyed(project, f"sort by {sort}: longest step, ms", ArticleFilter(sort=sort))  # type: ignore[arg-type]


def keyed(project: Any, name: str, wanted: Any) -> None:
    """Print the longest step of an order for which each article is asked, and what it all takes."""
    began = time.perf_counter()
    longest, last = 0.0, began
    for _ in project.articles.pages(wanted):
        longest = max(longest, time.perf_counter() - last)
        last = time.perf_counter()
    row(name, ms(longest), f"all {ms(last - began)}", longest * 1000, 50)


def decide(project: Any) -> None:
    """Have every fifth article labelled by anna, every twentieth by ben; a third of the names has actors."""
    execute = project.db.execute
    with project.history.transaction():
        for name, every in (("anna", 5), ("ben", 20)):
            who = project.ensure_annotator(name)
            execute(
                "INSERT INTO annotations(article, id, uuid, annotator, layer, label, exclusive, start, "
                "end, quote, origin, codebook_version, created_at, updated_at) "
                "SELECT s.article, ? * 10000000 + row_number() OVER (), hex(randomblob(16)), ?, s.layer, "
                "s.label, s.start IS NULL, s.start, s.end, CASE WHEN s.start NOT NULL THEN 'x' END, "
                "'accepted', 1, '', '' "
                "FROM suggestions s WHERE s.article % ? = 0",
                [who, who, every],
            )
            execute(
                "INSERT INTO progress(article, annotator, status, flagged) SELECT id, ?, "
                "CASE id % 3 WHEN 0 THEN 'in_progress' WHEN 1 THEN 'done' ELSE 'skipped' END, id % 50 = 0 "
                "FROM articles WHERE id % ? = 0",
                [who, every],
            )
        execute("UPDATE suggestions SET actor = 'Actor ' || ((article * 7 + id) % 97) WHERE id % 3 = 0")
        execute("UPDATE suggestions SET score = 0.34 + article * 7919 % 660 / 1000.0 WHERE start IS NULL")


def main() -> None:
    """Print the figures."""
    from annotator.model import ArticleFilter
    from annotator.project import open_project

    here = place(__doc__)
    path = here.project()
    began = time.perf_counter()
    with open_project(path, annotator="anna") as project:
        project.articles.rows(next(project.articles.pages())[:PAGE])
        project.articles.counts()
        took = time.perf_counter() - began
        began = time.perf_counter()
        ids = project.articles.ids()
        rest = time.perf_counter() - began
        row(f"open and list {len(ids):,} articles", ms(took), f"all {ms(rest)}", took + rest, 0.5)
        for sort in ("title", "source", "published"):
            listing(project, f"list by {sort}, ms", ArticleFilter(sort=sort), 40)  # type: ignore[arg-type]
        for show in ("todo", "done"):
            wanted = ArticleFilter(show=show, sort="title")  # type: ignore[arg-type]
            listing(project, f"filter: {show}, by title, ms", wanted, 40)
        begin = project.articles.get(ids[len(ids) // 2]).title.split()
        wanted = ArticleFilter(search=f"{begin[0]} {begin[-1]}", sort="title")
        listing(project, "filter by words of a title, ms", wanted, 40)
        for words, name in (
            (begin[0], "one word"),
            (" ".join(begin[:3]), "three words"),
            (begin[0][:4], "4 letters"),
            (begin[0][:2], "2 letters"),
        ):
            listing(project, f"search {name} ({{}} found), ms", ArticleFilter(search=words), 50)
    path = deciding(here, path)
    with open_project(path, annotator="anna") as project:
        narrowed(project)
    floor, ours = switching(few(here), FEW), switching(path, len(ids))
    row("article switch / in 200 articles", ms(ours), ms(floor), ours / floor, 1.5)


def deciding(here: Place, path: Path) -> Path:
    """Return a copy of the project in which people may decide: other scripts take it as it is."""
    copy = here.folder / "decided.annot"
    shutil.copyfile(path, copy)
    return copy


def few(here: Place) -> Path:
    """Return a project of the corpus's first articles."""
    small = here.folder / "few"
    small.mkdir(exist_ok=True)
    if not (small / "corpus.jsonl").exists():
        with here.corpus().open(encoding="utf-8") as lines:
            (small / "corpus.jsonl").write_text("".join(islice(lines, FEW)), encoding="utf-8")
    return Place(small, FEW, []).project()


if __name__ == "__main__":
    main()
