"""Filters that combine, orders, the values to choose from, and filters saved by name."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, get_args

import pytest

from annotator.model import (
    FIELDS,
    NONE,
    SURENESS,
    ArticleFilter,
    ArticleInput,
    Condition,
    Field,
    PipelineInfo,
    ProjectError,
    Sort,
    Suggestion,
)
from annotator.project import Project, article_pages, conditions, create_project
from annotator.project.field_values import field_values

TEXT = "Armenia met Russia. Pashinyan spoke."
SOURCES = ("tass.com", "TASS.com", "b%_'\"<b>.example", None)
DATES = ("2023-12-31", "2024-02-04", "2024-02-29T10:00", "2024", "last Tuesday", None)
ODD_DATES = ("2024/07/01", "1 July or so 2024", "20240701", "2024-13", "summer", "0000", "2023-1-1")
HOSTILE = (
    "'",
    '"',
    "%",
    "_",
    "*",
    "'; DROP TABLE articles; --",
    "<b>x</b>",
    "\0x",
    "a/b",
    "é",
    "🚀",
    "x" * 5000,
)


def stance(label: str | None, score: float | None) -> Suggestion:
    return Suggestion("stance", label, None, None, "stance", score=score)


def name(label: str, quote: str, actor: str | None = None) -> Suggestion:
    start = TEXT.index(quote)
    return Suggestion("entity", label, start, start + len(quote), "ner", actor=actor)


@pytest.fixture
def many(project: Project) -> Project:
    """Twelve articles: of each something else is true."""
    return fill(project)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """The same, for tests that change nothing."""
    with create_project(tmp_path_factory.mktemp("shared") / "many.annot", annotator="anna") as project:
        yield fill(project)


def fill(project: Project) -> Project:
    """Fill a project with what is asked for here."""
    with project.act("imported 12 articles"):
        for n in range(12):
            project.articles.add(
                ArticleInput(
                    TEXT,
                    f"Title {11 - n:02}",
                    source=SOURCES[n % 4],
                    published=DATES[n % 6],
                    language=(None, "en", "hy")[n % 3],
                    uuid=f"00000000-0000-4000-8000-{n:012}",
                )
            )
    project.db.conn.executemany(
        "INSERT INTO near_duplicates(article, leader, share) VALUES (?, ?, 100)",
        [(n, 2 if n in (2, 5, 6) else n) for n in range(1, 13)],
    )
    labels = (("pro-West", 0.4), ("neutral", 0.6), ("pro-Russia", 0.9), (None, None))
    project.suggestions.replace(
        PipelineInfo("tiny", "1"),
        [
            (
                n,
                [
                    *([stance(*labels[n % 4])] if n % 5 else []),
                    *([name("GPE", "Armenia")] if n % 2 else []),
                    *(
                        [name("PERSON", "Pashinyan", "Nikol Pashinyan" if n < 6 else "Pashinyan")]
                        if n % 3
                        else []
                    ),
                ],
                None,
            )
            for n in range(1, 13)
        ],
    )
    for who, shift in (("anna", 0), ("ben", 1)):
        project.annotator = who
        for n in range(1, 13, 2 + shift):
            if n % 4 == 1:
                project.annotations.add(n, "stance", ("pro-West", "neutral")[n % 3 == 0])
            if n % 4 == 3:
                project.annotations.add(n, "entity", "ORG", 12, 18)
            for s in project.suggestions.open(n)[: n % 3]:
                if s.label is not None:
                    (project.annotations.accept if n % 2 else project.annotations.reject)(n, s.id)
            if n % 5 == 0:
                project.articles.set_flagged(n, True)
            if n in (1, 3, 4, 9):
                project.articles.set_status(n, "skipped" if n == 3 else "done")
    project.annotator = "anna"
    return project


def ids(project: Project, *wanted: tuple[Field, str], **rest: Any) -> list[int]:
    return project.articles.ids(ArticleFilter(conditions=tuple(Condition(*c) for c in wanted), **rest))


def all_articles(project: Project) -> range:
    return range(1, project.articles.count() + 1)


def open_stance(project: Project, article: int) -> Suggestion | None:
    found = [s for s in project.suggestions.open(article) if s.layer == "stance" and s.start is None]
    return found[0] if found else None


def is_sure(project: Project, article: int, low: float, high: float) -> bool:
    found = open_stance(project, article)
    return found is not None and found.score is not None and low <= found.score < high


def labels_of(project: Project, article: int) -> set[str]:
    return {
        f"{a.layer}/{a.label}" for a in project.annotations.of(article) if a.annotator == project.annotator
    }


def own_stance(project: Project, article: int) -> str:
    return next(
        (
            a.label
            for a in project.annotations.of(article)
            if (a.layer, a.start, a.annotator) == ("stance", None, "anna")
        ),
        NONE,
    )


def names_of(project: Project, article: int) -> set[str]:
    suggested = {s.actor for s in project.suggestions.stored(article) if s.actor}
    return suggested | {a.actor for a in project.annotations.of(article) if a.actor and a.annotator == "anna"}


TRUE_OF: list[tuple[Field, str, Callable[[Project, int], bool]]] = [
    *[
        ("status", s, lambda p, n, s=s: p.articles.progress(n).status == s)
        for s in ("todo", "in_progress", "done", "skipped")
    ],  # type: ignore[misc]
    ("flagged", "yes", lambda p, n: p.articles.progress(n).flagged),
    ("flagged", "no", lambda p, n: not p.articles.progress(n).flagged),
    *[
        ("stance", s, lambda p, n, s=s: own_stance(p, n) == s)
        for s in ("pro-West", "neutral", "pro-Russia", NONE)
    ],  # type: ignore[misc]
    *[
        ("suggested", s, lambda p, n, s=s: (f := open_stance(p, n)) is not None and f.label == s)  # type: ignore[misc]
        for s in ("pro-West", "neutral", "pro-Russia")
    ],
    ("suggested", NONE, lambda p, n: (f := open_stance(p, n)) is None or f.label is None),
    ("sureness", "not sure", lambda p, n: (f := open_stance(p, n)) is not None and f.label is None),
    ("sureness", "below 0.5", lambda p, n: is_sure(p, n, 0, 0.5)),
    ("sureness", "0.5 to 0.7", lambda p, n: is_sure(p, n, 0.5, 0.7)),
    ("sureness", "0.7 and more", lambda p, n: is_sure(p, n, 0.7, 2)),
    ("alike", "yes", lambda p, n: len(p.near_duplicates.group(n)) > 1),
    ("alike", "no", lambda p, n: len(p.near_duplicates.group(n)) == 1),
    ("label", "entity/GPE", lambda p, n: "entity/GPE" in labels_of(p, n)),
    ("label", "entity/ORG", lambda p, n: "entity/ORG" in labels_of(p, n)),
    ("label", "stance/pro-West", lambda p, n: "stance/pro-West" in labels_of(p, n)),
    ("label", "entity/LAW", lambda p, n: False),
    ("label", NONE, lambda p, n: not labels_of(p, n)),
    ("actor", "Nikol Pashinyan", lambda p, n: "Nikol Pashinyan" in names_of(p, n)),
    ("actor", "Pashinyan", lambda p, n: "Pashinyan" in names_of(p, n)),
    ("actor", "Nobody", lambda p, n: False),
    ("actor", NONE, lambda p, n: not names_of(p, n)),
    ("open", "yes", lambda p, n: any(s.label for s in p.suggestions.open(n))),
    ("open", "no", lambda p, n: not any(s.label for s in p.suggestions.open(n))),
    ("source", "tass.com", lambda p, n: (p.articles.get(n).source or "").lower() == "tass.com"),
    ("source", SOURCES[2] or "", lambda p, n: p.articles.get(n).source == SOURCES[2]),
    ("source", NONE, lambda p, n: p.articles.get(n).source is None),
    ("published", "2024", lambda p, n: (p.articles.get(n).published or "").startswith("2024")),
    ("published", "2024-02", lambda p, n: (p.articles.get(n).published or "").startswith("2024-02")),
    ("published", "2024-02-29", lambda p, n: (p.articles.get(n).published or "").startswith("2024-02-29")),
    (
        "published",
        "2023..Feb 4, 2024",
        lambda p, n: p.articles.get(n).published in ("2023-12-31", "2024", "2024-02-04"),
    ),
    ("published", "..2023", lambda p, n: p.articles.get(n).published == "2023-12-31"),
    ("published", "2024-02-05..", lambda p, n: p.articles.get(n).published == "2024-02-29T10:00"),
    ("published", NONE, lambda p, n: p.articles.get(n).published in ("last Tuesday", None)),
    ("published", "..", lambda p, n: False),
    ("language", "en", lambda p, n: p.articles.get(n).language == "en"),
    ("language", NONE, lambda p, n: p.articles.get(n).language is None),
    ("annotator", "nobody of this name", lambda p, n: False),
]


@pytest.fixture(params=[4_000, -1], ids=["few", "many"])
def patience(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether an index's few articles are taken, or all are asked one by one."""
    monkeypatch.setattr(conditions, "FEW", request.param)


@pytest.mark.usefixtures("patience")
@pytest.mark.parametrize(("field", "value", "holds"), TRUE_OF, ids=[f"{f}-{v[:20]}" for f, v, _ in TRUE_OF])
def test_a_condition_lists_the_articles_of_which_it_is_true(
    shared: Project, field: Field, value: str, holds: Callable[[Project, int], bool]
) -> None:
    expected = [n for n in all_articles(shared) if holds(shared, n)]
    assert ids(shared, (field, value)) == expected
    assert ids(shared, (field, value), sort="title") == expected[::-1]
    assert shared.articles.fitting(
        list(all_articles(shared)), ArticleFilter(conditions=(Condition(field, value),))
    ) == set(expected)


def test_every_field_is_tested_with_something_and_without() -> None:
    assert {field for field, _, _ in TRUE_OF} == set(FIELDS)


@pytest.mark.usefixtures("patience")
def test_conditions_on_different_fields_all_hold(shared: Project) -> None:
    both = (
        set(ids(shared, ("status", "todo")))
        & set(ids(shared, ("language", "en")))
        & set(ids(shared, ("open", "yes")))
    )
    assert set(ids(shared, ("status", "todo"), ("language", "en"), ("open", "yes"))) == both
    assert both


@pytest.mark.usefixtures("patience")
def test_of_one_field_any_holds_but_of_what_an_article_has_several_of_all(shared: Project) -> None:
    either = set(ids(shared, ("status", "done"))) | set(ids(shared, ("status", "skipped")))
    assert set(ids(shared, ("status", "done"), ("status", "skipped"))) == either
    assert set(ids(shared, ("language", "hy"), ("language", NONE))) == set(
        ids(shared, ("language", "hy"))
    ) | set(ids(shared, ("language", NONE)))
    gpe, org = set(ids(shared, ("label", "entity/GPE"))), set(ids(shared, ("label", "entity/ORG")))
    assert set(ids(shared, ("label", "entity/GPE"), ("label", "entity/ORG"))) == gpe & org
    anna, ben = set(ids(shared, ("annotator", "anna"))), set(ids(shared, ("annotator", "ben")))
    assert set(ids(shared, ("annotator", "anna"), ("annotator", "ben"))) == anna & ben
    assert set(ids(shared, ("annotator", NONE))) == set(all_articles(shared)) - anna - ben
    assert gpe
    assert anna & ben


def test_with_an_annotator_named_what_people_decide_is_theirs(many: Project) -> None:
    many.annotator = "ben"
    his = ids(many, ("status", "done")), ids(many, ("flagged", "yes")), ids(many, ("label", "entity/ORG"))
    many.annotator = "anna"
    of_ben = [
        ids(many, ("annotator", "ben"), wanted)
        for wanted in (("status", "done"), ("flagged", "yes"), ("label", "entity/ORG"))
    ]
    assert tuple(of_ben) == his  # type: ignore[comparison-overlap]
    assert ids(many, ("status", "done")) != his[0]


def test_words_and_the_chips_of_the_list_hold_as_well(shared: Project) -> None:
    todo = [
        n
        for n in ids(shared, ("source", "tass.com"))
        if shared.articles.progress(n).status in ("todo", "in_progress")
    ]
    assert ids(shared, ("source", "tass.com"), show="todo") == todo
    assert ids(shared, ("source", "tass.com"), search="Title 11") == [1]
    assert ids(shared, ("source", "tass.com"), search="nothing") == []


@pytest.mark.parametrize("words", HOSTILE)
def test_nothing_in_a_value_is_interpreted(shared: Project, words: str) -> None:
    for field in FIELDS:
        if field not in ("flagged", "open", "alike"):  # whatever is not "yes" is "no"
            assert ids(shared, (field, words)) == []
    assert shared.articles.count() == 12


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("sort", get_args(Sort))
def test_every_order_lists_every_article_once(shared: Project, sort: Sort, descending: bool) -> None:
    assert sorted(ids(shared, sort=sort, descending=descending)) == list(all_articles(shared))
    some = ids(shared, ("language", "en"), ("status", "todo"))
    assert (
        sorted(ids(shared, ("language", "en"), ("status", "todo"), sort=sort, descending=descending)) == some
    )


KEYS: dict[Sort, Callable[[Project, int], Any]] = {
    "title": lambda p, n: p.articles.get(n).title.lower(),
    "source": lambda p, n: (p.articles.get(n).source or "~").lower(),
    "language": lambda p, n: p.articles.get(n).language or "~",
    "status": lambda p, n: ("todo", "in_progress", "done", "skipped").index(p.articles.progress(n).status),
    "flagged": lambda p, n: not p.articles.progress(n).flagged,
    "stance": lambda p, n: ("pro-West", "neutral", "pro-Russia", NONE).index(own_stance(p, n)),
    "labels": lambda p, n: len([a for a in p.annotations.of(n) if a.annotator == "anna"]),
    "actors": lambda p, n: len(names_of(p, n)),
    "open": lambda p, n: len([s for s in p.suggestions.open(n) if s.label]),
    "annotators": lambda p, n: p.db.execute(
        "SELECT count(*) FROM progress WHERE article = ?", [n]
    ).fetchone()[0],
    "sureness": lambda p, n: 9.0 if (f := open_stance(p, n)) is None else -1 if f.score is None else f.score,
}
WITHOUT: dict[Sort, Any] = {"source": "~", "language": "~", "stance": 3, "sureness": 9.0}


@pytest.mark.parametrize("sort", KEYS)
def test_orders_ascend_and_descend_and_what_lacks_the_value_stands_last(shared: Project, sort: Sort) -> None:
    keys = [KEYS[sort](shared, n) for n in ids(shared, sort=sort)]
    assert keys == sorted(keys)
    keys = [KEYS[sort](shared, n) for n in ids(shared, sort=sort, descending=True)]
    without = [key for key in keys if key == WITHOUT.get(sort, "no such key")]
    there = keys[: len(keys) - len(without)]
    assert there == sorted(there, reverse=True)
    assert keys == there + without
    assert len(set(there)) > 1


def test_what_is_hidden_cannot_be_filtered_out_or_sorted(many: Project) -> None:
    many.drawing.change(seed="1", blind_share=100)
    for label in ("pro-West", "neutral", "pro-Russia"):
        assert ids(many, ("suggested", label)) == []
    for value in SURENESS:
        assert ids(many, ("sureness", value)) == []
    assert ids(many, sort="suggested") == list(all_articles(many))
    assert ids(many, sort="sureness") == list(all_articles(many))
    assert ids(many, ("open", "yes")) == [
        n for n in all_articles(many) if any(s.label for s in many.suggestions.open(n))
    ]
    many.drawing.reveal(next(n for n in all_articles(many) if n not in ids(many, ("annotator", NONE))))


def test_an_actor_and_a_label_are_found_by_their_former_names(many: Project) -> None:
    before = ids(many, ("actor", "Nikol Pashinyan"))
    many.actors.confirm("Nikol Pashinyan", ["Pashinyan"])
    assert (
        set(ids(many, ("actor", "Pashinyan"))) == set(ids(many, ("actor", "Nikol Pashinyan"))) > set(before)
    )
    labelled = ids(many, ("label", "entity/GPE"))
    many.codebook_editing.edit_label("entity", "GPE", name="COUNTRY")
    assert ids(many, ("label", "entity/GPE")) == ids(many, ("label", "entity/COUNTRY")) == labelled


def test_a_saved_filter_finds_the_labels_of_a_layer_that_is_called_otherwise_now(many: Project) -> None:
    edit = many.codebook_editing
    for layer, label in (("topic", "energy"), ("topic/a", "b")):
        edit.add_layer(layer)
        edit.add_label(layer, label, color="#112233")
    many.annotations.add(2, "topic", "energy", 0, 7)
    edit.edit_label("topic", "energy", name="power")

    def saved(label: str) -> ArticleFilter:
        return ArticleFilter(
            "text", conditions=(Condition("source", "topic/power"), Condition("label", label))
        )

    labels = {"now": "topic/power", "former": "topic/energy", "another's": "topic/a/b", "gone": "topic/x"}
    for name_, label in labels.items():
        many.filters.save(name_, saved(label))
    found = ids(many, ("label", "topic/energy"))
    assert found == [2]
    change = edit.edit_layer("topic", name="theme")
    assert "filters" in change.tables
    renamed = labels | {"now": "theme/power", "former": "theme/energy"}
    for name_, label in renamed.items():
        assert many.filters.get(name_) == saved(label)
    assert ids(many, ("label", "theme/power")) == ids(many, ("label", "theme/energy")) == found
    many.undo()
    assert {n: many.filters.get(n) for n in labels} == {n: saved(label) for n, label in labels.items()}
    many.redo()
    assert {n: many.filters.get(n) for n in labels} == {n: saved(label) for n, label in renamed.items()}
    many.filters.delete("now")
    many.filters.delete("former")
    assert "filters" not in edit.edit_layer("theme", name="subject").tables


def test_a_filtered_order_at_random_is_not_drawn(many: Project) -> None:
    many.drawing.work_along(ArticleFilter(sort="random"))
    assert many.drawing.on == "random"
    many.drawing.work_along(ArticleFilter(sort="random", conditions=(Condition("language", "en"),)))
    assert many.drawing.on is None


def test_a_listing_asks_of_a_few_articles_at_a_time(shared: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conditions, "_LARGEST", 4)
    monkeypatch.setattr(conditions, "_SMALLEST", 2)
    wanted = ArticleFilter(conditions=(Condition("open", "yes"),))
    pages = list(article_pages.pages(shared, wanted))
    assert len(pages) >= 3
    assert all(len(page) <= 4 for page in pages)
    assert [n for page in pages for n in page] == shared.articles.ids(wanted)


# What a filter can be chosen from


def last_of(steps: Iterator[list[Any]]) -> dict[str, int | None]:
    *_, last = steps
    return {value.value: value.articles for value in last}


@pytest.mark.parametrize("field", FIELDS)
def test_values_are_counted_as_they_are_found(many: Project, field: Field) -> None:
    if field == "actor":
        many.actors.confirm("Nikol Pashinyan", ["Pashinyan"])
    found = last_of(field_values(many, field))
    assert len(found) > 1
    for value, number in found.items():
        if number is not None:
            assert number == len(ids(many, (field, value))), value
    assert any(found.values())


def test_values_are_there_before_they_are_counted(shared: Project) -> None:
    for field in ("label", "status", "open"):
        first = next(field_values(shared, field))  # type: ignore[arg-type]
        assert first
        assert {value.articles for value in first} == {None}


def test_what_is_no_date_is_unknown_and_in_no_range(project: Project) -> None:
    """Compared as text, "1 July 2024" would lie before 2023, and 2024/07/01 after July 2024."""
    with project.act("imported"):
        for date in (*ODD_DATES, "2024-07-01T08:00", None):
            project.articles.add(ArticleInput(f"Text {date}", "Title", published=date))

    def found(value: str) -> int:
        wanted = ArticleFilter(conditions=(Condition("published", value),))
        return sum(map(len, project.articles.pages(wanted)))

    assert [found(value) for value in ("..2026", "2000..", "2024", "2024-07", NONE)] == [1, 1, 1, 1, 8]
    *_, last = field_values(project, "published")
    assert [(v.value, v.articles) for v in last] == [("2024", 1), ("2024-07", 1), (NONE, 8)]


def test_an_empty_project_has_values_to_choose_from(project: Project) -> None:
    for field in FIELDS:
        for values in field_values(project, field):
            assert all(not value.articles for value in values)


# Saved by name

WANTED = ArticleFilter(
    "gas “%”",
    "todo",
    "published",
    (Condition("source", "b'%_\"<b>"), Condition("label", "entity/GPE")),
    descending=True,
)


def test_a_saved_filter_is_read_as_it_was(many: Project) -> None:
    many.filters.save("  my   filter ", WANTED)
    assert [(f.name, f.wanted) for f in many.filters.all()] == [("my filter", WANTED)]
    assert many.filters.get("my filter") == WANTED


def test_saving_replacing_renaming_and_deleting_are_acts(many: Project) -> None:
    assert many.filters.save("one", WANTED).tables == {"filters"}
    assert many.filters.save("one", ArticleFilter()).text == "replaced the filter “one”"
    many.filters.rename("one", "two")
    many.filters.delete("two")
    for expected in (["two"], ["one"], ["one"]):
        many.undo()
        assert [f.name for f in many.filters.all()] == expected
    assert many.filters.get("one") == WANTED
    many.undo()
    assert many.filters.all() == []
    many.redo()
    assert many.filters.get("one") == WANTED


def test_saving_or_renaming_what_is_so_already_leaves_no_act(many: Project) -> None:
    many.filters.save("one", WANTED)
    last = many.history.last()
    assert not many.filters.save("one", WANTED).tables
    assert not many.filters.rename("one", "one").tables
    assert many.history.last() == last
    many.undo()
    assert many.filters.all() == []


@pytest.mark.parametrize("bad", ["", "   ", "x" * 81])
def test_a_filter_needs_a_name_that_fits(many: Project, bad: str) -> None:
    with pytest.raises(ProjectError, match="name"):
        many.filters.save(bad, WANTED)


def test_no_filter_takes_the_name_of_another(many: Project) -> None:
    many.filters.save("one", WANTED)
    many.filters.save("two", ArticleFilter())
    with pytest.raises(ProjectError, match="already"):
        many.filters.rename("two", "one")
    with pytest.raises(ProjectError, match="no saved filter"):
        many.filters.get("three")


@pytest.mark.parametrize(
    "stored",
    [
        "no json",
        "[]",
        "{}",
        json.dumps(WANTED.as_dict() | {"sort": "by moon"}),
        json.dumps(WANTED.as_dict() | {"show": 1}),
        json.dumps(WANTED.as_dict() | {"search": None}),
        json.dumps(WANTED.as_dict() | {"conditions": [["colour", "red"]]}),
        json.dumps(WANTED.as_dict() | {"conditions": [["source", 3]]}),
        json.dumps(WANTED.as_dict() | {"conditions": ["source"]}),
        "[" * 100_000,
    ],
)
def test_a_filter_of_another_program_is_said_to_be_that(many: Project, stored: str) -> None:
    many.db.execute("INSERT INTO filters(name, wanted) VALUES ('odd', ?)", [stored])
    assert [(f.name, f.wanted) for f in many.filters.all()] == [("odd", None)]
    with pytest.raises(ProjectError, match="newer"):
        many.filters.get("odd")
    many.filters.delete("odd")
