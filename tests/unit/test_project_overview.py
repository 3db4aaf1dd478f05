"""The overview's numbers, against projects made by hand."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterator

import pytest

from annotator.model import ArticleInput, PipelineInfo, Suggestion
from annotator.project import Project
from annotator.project.charts import Chart
from annotator.project.overview import NO_SOURCE, NO_STANCE, Overview, overview_steps

TEXT = "Armenia met Russia and the West in Yerevan."
SOURCES = ("a.example", "a.example", "b.example", None)
DATES = ("2024-02-04", "2024-03", "2024", "soon")


def stretch(quote: str) -> tuple[int, int]:
    start = TEXT.index(quote)
    return start, start + len(quote)


@pytest.fixture(autouse=True)
def _zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Days are those of a place four hours east of Greenwich."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "XXX-4")
        if hasattr(time, "tzset"):
            time.tzset()
        yield
    if hasattr(time, "tzset"):
        time.tzset()


@pytest.fixture
def four(project: Project) -> Project:
    """Four articles, each with suggestions: GPE Armenia, ORG Russia, LOC the West, stance neutral."""
    with project.act("imported 4 articles"):
        for number, (source, published) in enumerate(zip(SOURCES, DATES, strict=True)):
            project.articles.add(ArticleInput(TEXT, f"Article {number}", source=source, published=published))
    names = (("Armenia", "GPE"), ("Russia", "ORG"), ("the West", "LOC"))
    suggestions = [
        *(Suggestion("entity", label, *stretch(quote), "ner", actor=quote) for quote, label in names),
        Suggestion("stance", "neutral", None, None, "stance"),
    ]
    project.suggestions.replace(
        PipelineInfo("tiny", "1.0"), [(article, suggestions, None) for article in range(1, 5)]
    )
    return project


def count(project: Project, annotator: str | None = None) -> Overview:
    steps = overview_steps(project, annotator)
    last = 0
    while True:
        try:
            step = next(steps)
        except StopIteration as end:
            found: Overview = end.value
            return found
        assert last <= step.done <= step.total == project.articles.count()
        last = step.done


def chart(project: Project, key: str, annotator: str | None = None) -> Chart:
    return next(chart for chart in count(project, annotator).charts if chart.key == key)


def numbers(found: Chart) -> dict[tuple[str, ...], dict[str, int]]:
    """The numbers of a chart that are not 0: by the row's names and the series."""
    return {
        row.names: {s.name: n for s, n in zip(found.series, row.counts, strict=True) if n}
        for row in found.rows
    }


def accept(project: Project, article: int, quote: str, **how: str) -> None:
    (found,) = (s.id for s in project.suggestions.open(article) if (s.start, s.end) == stretch(quote))
    project.annotations.accept(article, found, **how)


def done(project: Project, article: int, annotator: str, when: str) -> None:
    """Let an annotator be done with an article at a time (UTC)."""
    project.annotator = annotator
    change = project.articles.set_status(article, "done")
    project.db.execute("UPDATE acts SET created_at = ? WHERE id = ?", [when, change.act])


def test_a_new_project_has_empty_charts_that_say_what_to_do(project: Project) -> None:
    found = count(project)
    assert (found.articles, found.done) == (0, 0)
    assert len({each.key for each in found.charts}) == len(found.charts) == 9
    for each in found.charts:
        assert each.total == 0
        assert each.rows == each.picture.rows == ()
        assert each.empty.endswith(".")


def test_articles_are_done_on_their_annotators_days(four: Project) -> None:
    done(four, 1, "anna", "2026-01-05T12:00:00.000Z")
    done(four, 2, "anna", "2026-01-05T21:00:00.000Z")  # the next day, four hours east
    done(four, 1, "bob", "2026-01-07T12:00:00.000Z")
    found = chart(four, "done")
    assert numbers(found) == {
        ("2026-01-05",): {"anna": 1},
        ("2026-01-06",): {"anna": 1},
        ("2026-01-07",): {"bob": 1},
    }
    assert [row.names[0] for row in found.picture.rows] == ["2026-01-05", "2026-01-06", "2026-01-07"]
    assert (count(four).done, count(four, "bob").done) == (2, 1)
    assert numbers(chart(four, "done", "bob")) == {("2026-01-07",): {"bob": 1}}


def test_the_day_is_that_of_the_act_that_still_holds(four: Project) -> None:
    done(four, 1, "anna", "2026-01-05T12:00:00.000Z")
    four.articles.set_status(1, "in_progress")
    done(four, 1, "anna", "2026-01-08T12:00:00.000Z")
    four.articles.set_flagged(1, True)  # touches the same row later
    four.articles.set_note(1, "done")
    assert numbers(chart(four, "done")) == {("2026-01-08",): {"anna": 1}}
    done(four, 2, "anna", "2026-01-09T12:00:00.000Z")
    four.undo()
    assert numbers(chart(four, "done")) == {("2026-01-08",): {"anna": 1}}
    four.redo()
    assert numbers(chart(four, "done")) == {("2026-01-08",): {"anna": 1}, ("2026-01-09",): {"anna": 1}}


def test_what_was_done_and_undone_again_since_has_no_say(four: Project) -> None:
    done(four, 1, "anna", "2026-01-05T12:00:00.000Z")
    four.articles.set_status(1, "in_progress")
    done(four, 1, "anna", "2026-01-08T12:00:00.000Z")
    four.undo()
    four.undo()
    assert numbers(chart(four, "done")) == {("2026-01-05",): {"anna": 1}}


def test_where_the_history_does_not_tell_the_last_label_does(four: Project) -> None:
    for article in (1, 2):
        four.annotations.add(article, "stance", "neutral")
        four.articles.set_status(article, "done")
    four.articles.set_status(3, "done")
    four.db.execute("UPDATE annotations SET created_at = '2026-01-03T01:00:00.000Z' WHERE article = 1")
    four.db.execute("UPDATE acts SET text = 'imported 1 article', created_at = '2026-05-05T01:00:00.000Z'")
    four.db.execute("DELETE FROM act_rows WHERE act IN (SELECT id FROM acts WHERE article = 2)")  # as Compact
    four.db.execute("UPDATE annotations SET created_at = '2026-01-04T01:00:00.000Z' WHERE article = 2")
    found = chart(four, "done")
    assert numbers(found) == {
        ("2026-01-03",): {"anna": 1},
        ("2026-01-04",): {"anna": 1},
        ("(no date)",): {"anna": 1},
    }
    assert "1 without a known day are not in the picture" in found.picture.words


def test_stances_by_source_and_over_time(four: Project) -> None:
    for article, label in ((1, "pro-West"), (2, "pro-West"), (3, "neutral"), (4, "pro-Russia")):
        four.annotations.add(article, "stance", label)
    four.annotator = "bob"
    four.annotations.add(1, "stance", "neutral")
    four.annotations.add(2, "stance", "pro-West", *stretch("Armenia met Russia"))  # a passage is no article
    by_source = chart(four, "stance_by_source")
    assert numbers(by_source) == {
        ("a.example",): {"pro-West": 2, "neutral": 1},
        ("b.example",): {"neutral": 1},
        (NO_SOURCE,): {"pro-Russia": 1},
    }
    assert by_source.rows[0].names == ("a.example",)  # the largest first
    assert numbers(chart(four, "stance_over_time")) == {
        ("2024",): {"neutral": 1},
        ("2024-02",): {"pro-West": 1, "neutral": 1},
        ("2024-03",): {"pro-West": 1},
        ("(no date)",): {"pro-Russia": 1},
    }
    assert numbers(chart(four, "stance_by_source", "bob")) == {("a.example",): {"neutral": 1}}


def test_stances_have_the_codebooks_names_colours_and_order(four: Project) -> None:
    for article, label in ((1, "pro-Russia"), (2, "pro-West")):
        four.annotations.add(article, "stance", label)
    with four.act("other words"):
        four.db.execute("UPDATE labels SET name = '<b>ours', color = '#123456' WHERE name = 'pro-West'")
    series = chart(four, "stance_by_source").series
    russia = next(label for label in four.codebook.read().labels("stance") if label.name == "pro-Russia")
    assert [(s.name, s.color) for s in series] == [("<b>ours", "#123456"), ("pro-Russia", russia.color)]


def test_labels_are_counted_by_layer(four: Project) -> None:
    accept(four, 1, "Armenia")
    accept(four, 2, "Armenia")
    accept(four, 1, "Russia", label="GPE")
    four.annotations.add(1, "stance", "neutral")
    four.annotations.add(1, "stance", "neutral", *stretch("Armenia met Russia"))
    found = chart(four, "labels")
    assert numbers(found) == {
        ("entity", "GPE"): {"given": 3},
        ("stance", "neutral"): {"given": 1},
        ("passage", "neutral"): {"given": 1},
    }
    gpe = next(label for label in four.codebook.read().labels("entity") if label.name == "GPE")
    assert found.rows[0].color == gpe.color


def test_actors_are_counted_with_the_stance_of_their_annotators_articles(four: Project) -> None:
    accept(four, 1, "Armenia")
    accept(four, 2, "Armenia")
    accept(four, 3, "Russia")
    four.annotations.add(1, "stance", "pro-West")
    four.annotator = "bob"
    accept(four, 1, "Armenia")
    four.annotations.add(1, "stance", "neutral")
    found = chart(four, "actors")
    assert numbers(found) == {
        ("Armenia",): {"pro-West": 1, "neutral": 1, NO_STANCE: 1},
        ("Russia",): {NO_STANCE: 1},
    }
    mentions = {row.actor.name: row.mentions for row in four.actors.rows()}
    assert {row.names[0]: row.total for row in found.rows} == mentions
    assert numbers(chart(four, "actors", "bob")) == {("Armenia",): {"neutral": 1}}


def test_passages_are_counted_by_holder_and_target(four: Project) -> None:
    with four.act("actors"):
        ids = [four.actors.called(name, "GPE") for name in ("Armenia", "Russia")]
    four.annotations.add(1, "stance", "pro-West", *stretch("Armenia met Russia"))
    four.annotations.add(2, "stance", "pro-Russia", *stretch("Armenia met Russia"))
    four.db.execute("UPDATE annotations SET holder = ?, target = ? WHERE article = 1", ids)
    four.db.execute("UPDATE annotations SET holder = ? WHERE article = 2", ids[:1])
    assert numbers(chart(four, "holders")) == {("Armenia",): {"pro-West": 1, "pro-Russia": 1}}
    assert numbers(chart(four, "targets")) == {("Russia",): {"pro-West": 1}}


def test_answers_are_counted_by_component_and_label(four: Project) -> None:
    accept(four, 1, "Armenia")
    accept(four, 1, "Russia", label="GPE")
    (refused,) = (s.id for s in four.suggestions.open(1) if s.label == "LOC")
    four.annotations.reject(1, refused)
    four.articles.set_status(1, "done")  # its stance is left open
    four.annotator = "bob"
    accept(four, 2, "Armenia")
    assert numbers(chart(four, "suggestions_by_component")) == {
        ("entity", "ner"): {"accepted": 2, "corrected": 1, "rejected": 1},
        ("stance", "stance"): {"left open": 1},
    }
    assert numbers(chart(four, "suggestions_by_label", "anna")) == {
        ("entity", "GPE"): {"accepted": 1},
        ("entity", "ORG"): {"corrected": 1},
        ("entity", "LOC"): {"rejected": 1},
        ("stance", "neutral"): {"left open": 1},
    }
    assert numbers(chart(four, "suggestions_by_label", "bob")) == {("entity", "GPE"): {"accepted": 1}}


def test_all_numbers_as_csv_and_json(four: Project) -> None:
    four.annotations.add(1, "stance", "pro-West")
    done(four, 1, "=anna", "2026-01-05T12:00:00.000Z")
    found = count(four)
    lines = list(csv.DictReader(io.StringIO(found.csv())))
    assert {tuple(line.values()) for line in lines if line["chart"] in ("done", "stance_by_source")} == {
        ("done", "2026-01-05", "", "'=anna", "1"),
        ("stance_by_source", "a.example", "", "pro-West", "1"),
    }
    assert ("labels", "stance", "pro-West", "given", "1") in {tuple(line.values()) for line in lines}
    as_dict = found.as_dict()
    assert (as_dict["articles"], as_dict["done"], as_dict["annotators"]) == (4, 1, ["=anna", "anna"])
    by_key = {each["key"]: each for each in as_dict["charts"]}
    assert by_key["done"]["series"] == ["=anna"]
    assert by_key["done"]["rows"] == [{"names": ["2026-01-05"], "counts": [1]}]


def test_articles_are_counted_across_steps(project: Project) -> None:
    with project.act("imported"):
        for number in range(450):
            project.articles.add(ArticleInput(f"{TEXT} {number}", str(number), source=f"s{number}"))
    for article in (1, 200, 201, 450):
        project.annotations.add(article, "stance", "neutral")
    found = chart(project, "stance_by_source")
    assert {row.names[0] for row in found.rows} == {"s0", "s199", "s200", "s449"}
