"""The history as people read it: lists, before and after, back to an act."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from annotator.model import ActFilter, ArticleInput, ProjectError
from annotator.project import Project, open_project
from annotator.project.schema import HUMAN_TABLES

Rows = Callable[[Project], dict[str, list[tuple[Any, ...]]]]


def texts(project: Project, **wanted: Any) -> list[str]:
    acts = project.acts
    return [entry.act.text for entry in acts.rows(acts.ids(ActFilter(**wanted)))]


def sides(project: Project, act: int) -> list[tuple[str, str | None, str | None]]:
    return [(c.kind, c.before, c.after) for c in project.acts.changes(act)]


@pytest.fixture
def worked(suggested: Project) -> Project:
    """Acts 2 to 6: accepted all in 1, flagged 2, noted 2, set 3 neutral by ben, relabelled in 1."""
    suggested.annotations.accept_all(1)
    suggested.articles.set_flagged(2, True)
    suggested.articles.set_note(2, "Война и мир")
    suggested.annotator = "ben"
    suggested.annotations.add(3, "stance", "neutral")
    suggested.annotator = "anna"
    suggested.annotations.relabel(1, "LOC")
    return suggested


# The list


def test_acts_are_listed_newest_first_with_what_they_touched(worked: Project) -> None:
    entries = worked.acts.rows(worked.acts.ids())
    assert [(e.act.id, e.what, e.title) for e in entries] == [
        (6, "1 annotation", "Rocket"),
        (5, "1 annotation, 1 progress entry, 1 annotator", "Brussels"),
        (4, "1 progress entry", "gyumri"),
        (3, "1 progress entry", "gyumri"),
        (2, "2 annotations, 1 progress entry, 1 annotator", "Rocket"),
        (1, "3 articles", None),
    ]


def test_the_list_can_be_paged_and_leaves_out_what_is_gone(worked: Project) -> None:
    assert [e.act.id for e in worked.acts.rows([5, 99, 4])] == [5, 4]
    assert worked.acts.rows([]) == []


def test_acts_are_found_by_words_in_any_alphabet_and_by_annotator(worked: Project) -> None:
    assert texts(worked, search="FLAG") == ["flagged"]
    worked.annotations.add(2, "entity", "GPE", 0, 6)
    worked.annotations.add(1, "entity", "PERSON", 2, 8)
    assert texts(worked, search="rocket person") == ["labelled “rocket” PERSON"]
    with worked.act("переименовал “Москва”"):
        worked.ensure_annotator("carol")
    assert texts(worked, search="МОСКВА") == ["переименовал “Москва”"]
    assert texts(worked, annotator="ben") == texts(worked, search="ben") == ["set neutral"]
    assert texts(worked, search="100%_") == []
    assert worked.acts.annotators() == ["anna", "ben"]


def test_acts_of_an_article_are_found_by_their_rows_too(worked: Project) -> None:
    assert worked.acts.ids(ActFilter(articles=(1,))) == [6, 2, 1]
    with worked.act("relabelled all Armenia"):
        worked.db.execute("UPDATE annotations SET note = 'bulk' WHERE article = 1")
    with worked.act("removed everything of ben"):
        worked.db.execute("DELETE FROM annotations WHERE article = 3")
    assert worked.acts.ids(ActFilter(articles=(1,))) == [7, 6, 2, 1]
    assert worked.acts.ids(ActFilter(articles=(3,))) == [8, 5, 1]
    assert worked.acts.ids(ActFilter(articles=(2, 3))) == [8, 5, 4, 3, 1]
    assert worked.acts.ids(ActFilter(articles=())) == []
    worked.undo()
    assert worked.acts.ids(ActFilter(articles=(3,))) == [8, 5, 1]


def test_an_act_on_a_row_whose_number_is_used_again_belongs_to_its_own_article(
    with_articles: Project,
) -> None:
    def one(article: int) -> None:
        with with_articles.act(f"bulk in {article}"):
            with_articles.db.execute(
                "INSERT INTO rejections SELECT ?, 1, 1, layer, id, NULL, NULL, NULL FROM labels LIMIT 1",
                [article],
            )

    with_articles.articles.set_flagged(1, True)
    one(2)
    with with_articles.act("removed"):
        with_articles.db.execute("DELETE FROM rejections")
    one(3)
    assert texts(with_articles, articles=(2,)) == ["removed", "bulk in 2", "imported 3 articles"]
    assert texts(with_articles, articles=(3,)) == ["bulk in 3", "imported 3 articles"]


# Before and after


def test_rows_are_told_by_names_and_quotes(worked: Project) -> None:
    assert sides(worked, 6) == [
        (
            "annotation",
            "entity GPE “Armenia” (21–28), anna; origin: accepted; reason: ner: GPE",
            "entity LOC “Armenia” (21–28), anna; origin: corrected; reason: none",
        )
    ]
    assert sides(worked, 2)[0] == ("annotation", None, "entity GPE “Armenia” (21–28), anna")
    assert sides(worked, 3) == [("progress entry", None, "todo, flagged (anna)")]
    assert sides(worked, 4) == [
        ("progress entry", "todo, flagged (anna)", "todo, flagged, note “Война и мир” (anna)")
    ]
    assert sides(worked, 5)[0] == ("annotation", None, "stance neutral, whole article, ben")
    assert sides(worked, 1) == [("article", None, title) for title in ("Rocket", "gyumri", "Brussels")]
    assert [c.title for c in worked.acts.changes(6)] == ["Rocket"]


def test_rejections_metadata_and_settings_are_told(suggested: Project) -> None:
    suggested.annotations.reject(1, 2)
    assert ("rejection", None, "not entity ORG “Russia” (30–36), anna") in sides(suggested, 2)
    suggested.articles.edit_metadata(1, title="Missile", source="")
    assert sides(suggested, 3) == [("article", "Rocket; source: b.example", "Missile; source: none")]
    with suggested.act("new label"):
        suggested.codebook.ensure("entity", "SHIP", whole_article=False)
    assert sides(suggested, 4) == [
        ("label", None, "entity SHIP"),
        ("setting", "codebook_version: 1", "codebook_version: 2"),
    ]


def test_undone_acts_show_what_redo_would_do(worked: Project) -> None:
    before = {act: sides(worked, act) for act in range(2, 7)}
    for _ in range(5):
        worked.undo()
        assert {act: sides(worked, act) for act in range(2, 7)} == before
    worked.redo()
    worked.articles.set_note(3, "new")
    assert worked.acts.changes(5) == []  # dropped


def test_a_page_of_a_big_act_is_read_at_once(with_articles: Project) -> None:
    with with_articles.act("imported a lot"):
        for number in range(250):
            with_articles.articles.add(ArticleInput(f"text {number}", f"title {number}"))
    act = with_articles.acts.ids()[0]
    assert len(with_articles.acts.changes(act)) == 200
    rest = with_articles.acts.changes(act, limit=200, offset=200)
    assert [c.after for c in rest] == [f"title {n}" for n in range(200, 250)]


def test_names_of_what_is_gone_are_still_told(with_articles: Project) -> None:
    with with_articles.act("made"):
        with_articles.codebook.ensure("entity", "SHIP", whole_article=False)
    with_articles.annotations.add(1, "entity", "SHIP", 2, 8)
    act = with_articles.acts.ids()[0]
    for _ in range(3):
        with_articles.undo()
    ((_, before, after), *_) = sides(with_articles, act)
    assert (before, after) == (None, "entity SHIP “rocket” (2–8), anna")
    assert with_articles.acts.changes(act)[0].title == "Rocket"


def test_what_people_wrote_is_shortened_and_kept_on_one_line(with_articles: Project) -> None:
    with_articles.articles.set_note(1, "line\nbreak <b>%s</b> " + "x" * 100_000)
    after = with_articles.acts.changes(2)[-1].after
    assert after is not None
    assert "line break <b>%s</b>" in after
    assert len(after) < 400


def test_a_project_open_for_reading_has_a_history(worked: Project) -> None:
    expected = [sides(worked, act) for act in range(1, 7)]
    worked.close()
    with open_project(worked.path, read_only=True) as project:
        assert [sides(project, act) for act in range(1, 7)] == expected
        assert project.acts.ids(ActFilter(articles=(1,), search="all")) == [2]


@pytest.mark.parametrize(
    "before",
    [
        "no JSON",
        "[1]",
        "{}",
        '{"id": 1, "article": [1], "layer": 99999999999999999999, "start": "x", "end": 2, "status": 3}',
        '{"id": 1, "article": 1, "layer": {"a": 1}, "label": "evil", "start": 1, "end": 2, "note": 1.5}',
    ],
)
@pytest.mark.parametrize("table", [*HUMAN_TABLES, "acts; DROP TABLE annotations"])
def test_a_history_that_somebody_forged_is_shown_and_nothing_in_it_is_obeyed(
    worked: Project, table: str, before: str
) -> None:
    with worked.history.transaction():
        for row in (1, 77):
            worked.db.execute(
                "INSERT INTO act_rows VALUES (6, ?, ?, ?) ON CONFLICT DO UPDATE SET before = excluded.before",
                [table, row, before],
            )
        worked.db.execute("UPDATE acts SET created_at = 'yesterday', text = '<b>%s</b>', article = NULL")
    entries = worked.acts.rows(worked.acts.ids())
    assert entries[0].act.local_time() == "yesterday"
    assert worked.acts.changes(6)
    worked.acts.ids(ActFilter(articles=(1,)))
    worked.acts.first_article(6)
    assert worked.db.execute("SELECT count(*) FROM annotations").fetchone() == (3,)


# Back to an act


def test_undo_to_an_act_undoes_it_and_all_after_it(worked: Project, human_rows: Rows) -> None:
    after = human_rows(worked)
    assert worked.acts.steps_back_to(3) == 4
    steps = worked.acts.undo_to(3)
    assert [(step.done, step.total) for step in _all(steps)] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert [worked.acts.get(act).state for act in range(1, 7)] == ["done"] * 2 + ["undone"] * 4  # type: ignore[union-attr]
    assert worked.acts.steps_back_to(3) == 0
    with pytest.raises(ProjectError, match="undone already"):
        next(worked.acts.undo_to(3))
    while worked.redo():
        pass
    assert human_rows(worked) == after


def test_undo_to_an_act_can_be_stopped_between_two_acts(worked: Project) -> None:
    steps = worked.acts.undo_to(2)
    next(steps)
    next(steps)
    steps.close()
    assert worked.history.last().id == 4  # type: ignore[union-attr]


def test_an_undo_between_two_steps_does_not_lead_further_back(worked: Project) -> None:
    steps = worked.acts.undo_to(3)
    next(steps)
    worked.undo()
    worked.articles.set_flagged(3, True)
    _all(steps)
    assert worked.history.last().id == 2  # type: ignore[union-attr]


def _all(steps: Any) -> list[Any]:
    return list(steps)


# Size


def test_a_hundred_thousand_acts_are_listed_and_filtered_at_once(with_articles: Project) -> None:
    with_articles.articles.set_flagged(1, True)
    with with_articles.history.transaction():
        with_articles.db.conn.executemany(
            "INSERT INTO acts(id, annotator, text, article, created_at, state, rows) "
            "VALUES (?, 'anna', ?, ?, '2026-01-01T00:00:00.000Z', 'done', 1)",
            ((n, f"labelled “word {n}” GPE", 1 + n % 3) for n in range(10, 100_010)),
        )
        image = json.dumps(
            {"id": 1, "article": 1, "annotator": 1, "status": "todo", "flagged": 1, "note": ""}
        )
        with_articles.db.conn.executemany(
            "INSERT INTO act_rows VALUES (?, 'progress', 1, ?)", ((n, image) for n in range(10, 100_010))
        )

    def took(of: Callable[[], Any]) -> float:
        started = time.perf_counter()
        of()
        return time.perf_counter() - started

    acts = with_articles.acts
    ids = acts.ids()
    assert len(ids) == 100_002
    # Each takes a few to some hundred milliseconds; a look at all acts for each act would take minutes.
    assert took(lambda: acts.ids()) < 2
    assert took(lambda: acts.rows(ids[50_000:50_064])) < 1
    assert took(lambda: acts.ids(ActFilter(search="word 5000"))) < 2
    assert took(lambda: acts.ids(ActFilter(articles=(1,)))) < 3
    assert took(lambda: acts.changes(10)) < 1


def test_a_file_from_before_the_index_gets_it_and_keeps_its_history(worked: Project) -> None:
    expected = [sides(worked, act) for act in range(1, 7)]
    with worked.history.transaction():
        worked.db.execute("DROP INDEX act_rows_row")
        worked.db.execute("DELETE FROM _sqlite_migrations WHERE name = '0002_act_rows_by_row'")
    worked.close()
    with open_project(worked.path, annotator="anna") as project:
        assert [sides(project, act) for act in range(1, 7)] == expected
        plan = project.db.execute(
            "EXPLAIN QUERY PLAN SELECT 1 FROM act_rows WHERE tbl = 'annotations' AND \"row\" = 1 AND act > 1"
        ).fetchall()
        assert "act_rows_row" in plan[0][3]
