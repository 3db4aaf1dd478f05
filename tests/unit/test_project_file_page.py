"""docs/project-file.md names each table and column that there is, and its queries answer."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from annotator.model import ArticleInput
from annotator.project import Project

PAGE = (Path(__file__).parents[2] / "docs" / "project-file.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)


def documented() -> dict[str, list[str]]:
    """Return the columns that the page names, by table or view, in its order."""
    found = {}
    for section in re.split(r"^#+ ", PAGE, flags=re.MULTILINE):
        name, _, rest = section.partition("\n")
        if match := re.fullmatch(r"`(\w+)`", name.strip()):
            found[match[1]] = re.findall(r"^\| `(\w+)` \| \S", rest, flags=re.MULTILINE)
    return found


def test_the_page_names_each_table_view_and_column_that_there_is_and_no_other(project: Project) -> None:
    there = {
        name: [row[1] for row in project.db.execute(f"PRAGMA table_info({name})")]
        for (name,) in project.db.execute(
            "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') "
            "AND name NOT GLOB 'articles_fts_*' AND name NOT GLOB 'sqlite_*'"
        )
    }
    assert documented() == there


def test_there_are_queries_to_run() -> None:
    assert len(QUERIES) >= 7


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.split("\n")[0].strip("- "))
def test_a_query_of_the_page_answers(query: str, suggested: Project) -> None:
    project = suggested
    project.annotations.accept(1, 1)
    project.annotations.add(1, "stance", "neutral")
    project.annotations.add(1, "stance", "pro-West", 2, 10)
    project.annotator = "ben"
    project.annotations.add(1, "stance", "pro-Russia")
    with project.act("imported"):
        project.articles.add(ArticleInput("Another.", "another"))
    project.close()
    # As any other program: no functions or settings of ours.
    with closing(sqlite3.connect(project.path)) as db:
        rows = db.execute(query).fetchall()
        assert rows
        if "substr" in query:
            assert sorted(row[2] for row in rows) == sorted(
                quote for (quote,) in db.execute("SELECT quote FROM annotations WHERE quote NOTNULL")
            )
