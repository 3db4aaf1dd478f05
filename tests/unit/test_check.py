"""Looking a project over, and counting."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from annotator.model import ArticleInput, DamagedProjectError, Rejection
from annotator.project import Project, open_project
from annotator.project import stats as counting
from annotator.project.check import check
from annotator.project.stats import stats, stats_steps


@pytest.fixture
def labelled(suggested: Project) -> Project:
    """anna accepted, rejected and added in article 1, and ben did something in article 2."""
    suggested.annotations.accept(1, 1)
    suggested.annotations.reject(1, 2)
    suggested.annotations.add(1, "entity", "PRODUCT", 2, 8)
    suggested.annotations.add(1, "stance", "neutral")
    suggested.codebook_editing.add_example("entity", "PRODUCT", 1, 2, 8, fits=True)
    suggested.articles.set_status(1, "done")
    suggested.annotator = "ben"
    suggested.annotations.add(2, "entity", "FAC", 39, 43)
    suggested.articles.set_status(3, "skipped")
    suggested.articles.set_flagged(1, True)
    suggested.annotator = "anna"
    return suggested


def test_a_sound_project_has_no_problems(labelled: Project) -> None:
    report = check(labelled)
    assert report.problems == ()
    assert report.summary() == "No problems found.\n3 of 3 spans verified"


def test_a_project_can_be_checked_read_only(labelled: Project) -> None:
    with open_project(labelled.path, read_only=True) as reader:
        assert check(reader).problems == ()


def _move_a_span(project: Project) -> None:
    project.db.execute("UPDATE annotations SET start = start - 1 WHERE quote = 'rocket'")


def _move_an_example(project: Project) -> None:
    project.db.execute('UPDATE examples SET "start" = "start" - 1')


def _change_a_text(project: Project) -> None:
    project.db.execute("UPDATE texts SET text = replace(text, 'Brussels', 'Bruxelles') WHERE id = 3")


def _lose_a_text(project: Project) -> None:
    project.db.execute("PRAGMA foreign_keys = OFF")
    project.db.execute("DELETE FROM texts WHERE id = 3")


def _lose_an_annotator(project: Project) -> None:
    project.db.execute("PRAGMA foreign_keys = OFF")
    project.db.execute("DELETE FROM annotators WHERE name = 'ben'")


def _suggest_outside(project: Project) -> None:
    project.db.execute('UPDATE suggestions SET "end" = 4000 WHERE "start" = 21')


def _evidence_outside(project: Project) -> None:
    project.db.execute("UPDATE suggestions SET evidence = '[[0, 4000]]' WHERE \"start\" IS NULL")


def _reject_outside(project: Project) -> None:
    me = project.annotator_id()
    project.annotations.insert_rejections(3, me, [Rejection("entity", "ORG", 10, 4000)])


def _mix_layers(project: Project) -> None:
    project.db.execute(
        "UPDATE annotations SET label = (SELECT id FROM labels WHERE name = 'neutral') WHERE quote = 'rocket'"
    )


def _forget_in_the_index(project: Project) -> None:
    project.articles.unindex([2])


def _index_another_text(project: Project) -> None:
    project.articles.unindex([2])
    project.db.execute(
        "INSERT INTO articles_fts(rowid, title, text) VALUES (2, 'gyumri', 'quite other words')"
    )


@pytest.mark.parametrize(
    ("damage", "problem", "verified"),
    [
        (_move_a_span, "the span 1 to 8", 2),
        (_move_an_example, "the codebook's example 1 to 8 does not hold “rocket”", 3),
        (_change_a_text, "its text does not fit its SHA-256", 3),
        (_lose_a_text, "its text is missing", 3),
        (_lose_an_annotator, "a row of annotations points to a row of annotators that is not there", 3),
        (_suggest_outside, "suggestions: 21 to 4000 lies outside its text", 3),
        (_evidence_outside, "the evidence 0 to 4000 lies outside its text", 3),
        (_reject_outside, "rejections: 10 to 4000 lies outside its text", 3),
        (_mix_layers, "annotations: 1 with a label of another layer", 3),
        (_forget_in_the_index, "the search index lacks 1 articles", 3),
        (_index_another_text, "the search index does not find it", 3),
    ],
)
def test_damage_is_found(
    labelled: Project, damage: Callable[[Project], None], problem: str, verified: int
) -> None:
    damage(labelled)
    report = check(labelled)
    assert problem in report.summary()
    assert (report.spans, report.verified) == (3, verified)


def test_a_torn_file_is_reported(labelled: Project) -> None:
    path = labelled.path
    labelled.close()
    data = bytearray(path.read_bytes())
    page = 4096
    for start in range(6 * page, len(data) - page, page):
        data[start : start + 200] = b"\xff" * 200
    path.write_bytes(data)
    assert "amage" in _verdict(path) or "SQLite: " in _verdict(path)


def _verdict(path: Path) -> str:
    try:
        with open_project(path, read_only=True) as torn:
            return check(torn).summary()
    except DamagedProjectError as error:
        return str(error)


def test_a_word_that_the_check_cuts_off_is_not_looked_for(project: Project) -> None:
    with project.act("imported"):
        project.articles.add(ArticleInput("a " * 1990 + "x" * 5000, "title"))
    assert check(project).problems == ()


def test_stats_count_one_annotator_or_all(labelled: Project) -> None:
    anna, ben, everybody = (stats(labelled, name) for name in ("anna", "ben", None))
    assert (anna.articles, anna.done, anna.skipped, anna.in_progress, anna.flagged) == (3, 1, 0, 0, 0)
    assert (ben.articles, ben.done, ben.skipped, ben.in_progress, ben.flagged) == (3, 0, 1, 1, 1)
    assert (everybody.done, everybody.skipped, everybody.in_progress, everybody.flagged) == (1, 1, 1, 1)
    assert anna.spans == {"entity": {"GPE": 1, "PRODUCT": 1}}
    assert everybody.spans == {"entity": {"GPE": 1, "FAC": 1, "PRODUCT": 1}}
    assert (anna.stance, ben.stance) == ({"neutral": 1}, {})
    assert (anna.accepted, anna.corrected, anna.rejected, anna.manual) == (1, 1, 1, 1)
    assert (ben.accepted, ben.corrected, ben.rejected, ben.manual) == (0, 0, 0, 1)
    assert (everybody.accepted, everybody.rejected, everybody.manual) == (1, 1, 2)
    # The three suggestions of article 1: anna has decided on all of them, ben on none.
    assert (anna.suggestions_open, ben.suggestions_open, everybody.suggestions_open) == (0, 3, 0)
    assert stats(labelled, "nobody").spans == {}


def test_stats_in_small_steps_are_the_same(labelled: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("anna", "ben", None):
        whole = stats(labelled, name)
        monkeypatch.setattr(counting, "_ARTICLES", 1)
        steps = stats_steps(labelled, name)
        assert [(next(steps).done, next(steps).total, next(steps).done) for _ in range(1)] == [(1, 3, 3)]
        with pytest.raises(StopIteration) as end:
            next(steps)
        assert end.value.value == whole
        monkeypatch.undo()


def test_stats_are_plain_json(labelled: Project) -> None:
    numbers = stats(labelled).as_dict()
    assert json.loads(json.dumps(numbers)) == numbers
    assert numbers["spans"]["entity"]["GPE"] == 1


def test_a_word_that_the_look_cuts_in_two_is_no_damage(project: Project) -> None:
    with project.act("imported"):
        project.articles.add(ArticleInput("word " * 798 + "internationalisation of trade", "t"))
        project.articles.add(ArticleInput("x" * 200_000, "one word"))
    assert check(project).problems == ()


def test_sqlites_messages_are_grouped_and_counted(project: Project) -> None:
    with project.act("imported"):
        project.articles.add(ArticleInput("Russia denied it. " * 12_000, "long"))
    project.close()
    data = bytearray(project.path.read_bytes())
    pages = [n for n in range(len(data) // 4096) if b"Russia denied it. " * 200 in data[n * 4096 :][:4096]]
    data[pages[5] * 4096 : pages[5] * 4096 + 4] = b"\xff" * 4  # where the next one is
    project.path.write_bytes(data)
    with open_project(project.path, read_only=True) as damaged:
        report = check(damaged)
    unused = [problem for problem in report.problems if "is never used" in problem]
    number = len(pages) - 6
    assert len(unused) == 1
    assert unused[0].endswith(f" is never used (and {report.found - len(report.problems):,} more like this)")
    assert number <= report.found <= number + 3
    assert len(report.problems) < 5
    assert report.summary().endswith(f"Problems found: {report.found}.")


def test_more_problems_than_anybody_reads_are_at_least_so_many(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("annotator.project.check._MOST_PROBLEMS", 2)
    with project.act("imported"):
        for n in range(4):
            project.articles.add(ArticleInput(f"text {n}", f"title {n}"))
    project.db.execute("UPDATE texts SET text = 'another'")
    report = check(project)
    assert len(report.problems) == 2
    assert "Problems found: at least 2." in report.summary()
