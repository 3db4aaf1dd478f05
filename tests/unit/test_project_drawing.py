"""Orders at random and by uncertainty from a stored seed, and the blind share."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from pathlib import Path

import pytest

from annotator.model import ArticleFilter, ArticleInput, PipelineInfo, ProjectError, Sort, Suggestion
from annotator.project import Project, create_project, open_project
from annotator.project import drawing as drawing_module
from annotator.project.bulk import accept_all_open, count_open
from annotator.project.decisions import decisions
from annotator.project.drawing import draw, is_blind
from annotator.project.stats import stats

from .conftest import instructions

TINY = PipelineInfo("tiny", "1.0")
MANY = 60


def stance(label: str | None, *scores: float) -> Suggestion:
    named = dict(zip(("pro-West", "neutral", "pro-Russia"), scores, strict=True))
    return Suggestion("stance", label, None, None, "stance", "cues", max(scores), named, ((0, 5),))


def fill(project: Project) -> None:
    """Sixty articles of three sources and months, ids as anybody can have them."""
    with project.act("imported"):
        for n in range(MANY):
            source = ("a.example", "A.Example", "b.example", None)[n % 4]
            published = ("2024-02-04", "2024-02", "2024-03-01T08:00", "in spring")[n % 4]
            project.articles.add(
                ArticleInput(
                    f"Text {n} of Armenia.",
                    f"Title {n}",
                    source=source,
                    published=published,
                    uuid=f"article-{n}",
                )
            )


@pytest.fixture
def many(tmp_path: Path) -> Iterator[Project]:
    with create_project(tmp_path / "many.annot", annotator="anna") as project:
        fill(project)
        project.drawing.change(seed="42", blind_share=0)
        yield project


def ids(project: Project, sort: Sort, **wanted: str) -> list[int]:
    return project.articles.ids(ArticleFilter(sort=sort, **wanted))  # type: ignore[arg-type]


def uuids(project: Project, articles: list[int]) -> list[str]:
    return [project.articles.get(article).uuid for article in articles]


# Orders


def test_a_new_project_has_a_seed_of_its_own(tmp_path: Path) -> None:
    seeds = set()
    for name in ("a", "b", "c"):
        with create_project(tmp_path / name, annotator="anna") as project:
            assert project.drawing.blind_share == 0
            seeds.add(project.drawing.seed)
    assert len(seeds) > 1


def test_the_order_at_random_is_what_the_documentation_says(many: Project) -> None:
    def number(uuid: str) -> bytes:
        return sha256(f"order:42:{uuid}".encode()).digest()[:8]

    expected = sorted((f"article-{n}" for n in range(MANY)), key=number)
    assert uuids(many, ids(many, "random")) == expected
    assert expected != sorted(expected)


def test_it_is_the_same_after_a_restart_and_in_another_project(many: Project, tmp_path: Path) -> None:
    before = ids(many, "random")
    many.close()
    with open_project(many.path, annotator="bob") as again:
        assert ids(again, "random") == before
    with create_project(tmp_path / "other.annot") as other:
        with other.act("one before"):
            other.articles.add(ArticleInput("Another text.", "Another", uuid="another"))
        fill(other)
        other.drawing.change(seed="42", blind_share=0)
        found = [uuid for uuid in uuids(other, ids(other, "random")) if uuid != "another"]
    with open_project(many.path) as again:
        assert found == uuids(again, before)


def test_another_seed_is_another_order_and_undo_brings_the_first_back(many: Project) -> None:
    before = ids(many, "random")
    many.drawing.change(seed="43", blind_share=0)
    assert ids(many, "random") != before
    assert sorted(ids(many, "random")) == sorted(before)
    many.undo()
    assert many.drawing.seed == "42"
    assert ids(many, "random") == before


@pytest.mark.parametrize("seed", ["", "-1", "1.5", "abc", "1" * 19, "٤٢"])
def test_a_seed_is_a_number(many: Project, seed: str) -> None:
    with pytest.raises(ProjectError, match="whole number"):
        many.drawing.change(seed=seed, blind_share=0)
    assert many.drawing.seed == "42"


def test_what_comes_in_goes_or_is_edited_is_in_the_order_at_once(many: Project) -> None:
    before = ids(many, "random")
    with many.act("imported one"):
        new, _ = many.articles.add(ArticleInput("New text.", "New"))
    after = ids(many, "random")
    assert new in after
    assert [a for a in after if a != new] == before
    many.undo()
    assert ids(many, "random") == before
    rounds = ids(many, "by_source")
    many.articles.edit_metadata(rounds[0], source="c.example")
    assert ids(many, "by_source") != rounds


def test_search_and_filters_keep_the_order(many: Project) -> None:
    order = ids(many, "random")
    many.articles.set_status(order[0], "done")
    assert ids(many, "random", show="todo") == order[1:]
    assert ids(many, "random", show="done") == order[:1]
    with many.act("imported two more"):
        for n in (1, 2):
            many.articles.add(ArticleInput(f"Text {n} of Georgia.", f"Georgia {n}", uuid=f"georgia-{n}"))
    assert ids(many, "random", search="armen") == order
    assert ids(many, "random", search="armen", show="todo") == order[1:]
    assert ids(many, "random", search="georgia") == [a for a in ids(many, "random") if a not in order]


def test_each_source_and_month_has_its_turn(many: Project) -> None:
    at_random = ids(many, "random")
    for sort, strata in (("by_source", 3), ("by_month", 3)):
        order = ids(many, sort)  # type: ignore[arg-type]
        assert sorted(order) == sorted(at_random)
        groups: dict[str, list[int]] = {}
        for article in order:
            stored = many.articles.get(article)
            found = (stored.source or "").lower() if sort == "by_source" else (stored.published or "")[:7]
            groups.setdefault(found, []).append(article)
        assert len(groups) == strata
        for first in (0, 3, 6):  # as long as there are some of each
            part = order[first : first + strata]
            assert [sum(a in part for a in group) for group in groups.values()] == [1] * strata
        for group in groups.values():
            assert group == [a for a in at_random if a in group]


@pytest.fixture
def judged(many: Project) -> Project:
    """Article n is the more certain the higher n; 7 is not sure at all, 50 and later have no suggestion."""
    batch = []
    for article in range(1, 50):
        lead = article / 100
        scores = ((1 + lead) / 2, (1 - lead) / 2, 0.0)
        batch.append((article, [stance(None if article == 7 else "pro-West", *scores)], None))
    many.suggestions.replace(TINY, batch)
    return many


def fifths(project: Project) -> list[int]:
    return [a for a in ids(project, "random") if draw("fifth", "42", project.articles.get(a).uuid) % 5 == 0]


def test_the_least_certain_come_first_and_every_fifth_at_random(judged: Project) -> None:
    order, drawn = ids(judged, "uncertainty"), fifths(judged)
    assert sorted(order) == list(range(1, MANY + 1))
    assert order[4:55:5] == drawn[:11]  # as long as there are others
    rest = [a for a in order if a not in drawn]
    certain = [a for a in range(1, 50) if a not in drawn]
    certain.sort(key=lambda a: (a != 7, a))
    assert rest[: len(certain)] == certain
    unsuggested = [a for a in ids(judged, "random") if a >= 50 and a not in drawn]
    assert rest[len(certain) :] == unsuggested


def test_every_fifth_stays_one_whatever_the_machine_learns(judged: Project) -> None:
    """The list is made anew after each article, with other margins: the fifth place must still come."""
    judged.drawing.work_along(ArticleFilter(sort="uncertainty", show="todo"))
    done = []
    for turn in range(30):
        article = ids(judged, "uncertainty", show="todo")[0]
        judged.annotations.add(article, "stance", "neutral")
        judged.articles.set_status(article, "done")
        done.append((article, judged.articles.progress(article).drawn))
        other = range(1, 50) if turn % 2 else range(49, 0, -1)
        lead = {a: n / 100 for n, a in enumerate(other, 1)}
        judged.suggestions.replace(
            TINY, [(a, [stance("neutral", 0.0, (1 + x) / 2, (1 - x) / 2)], None) for a, x in lead.items()]
        )
    drawn = fifths(judged)
    assert [a for a, how in done if how == "every fifth at random"] == drawn[:6]
    assert [how for _, how in done][4::5] == ["every fifth at random"] * 6
    assert {how for _, how in done} == {"every fifth at random", "uncertainty"}


def test_what_is_begun_stays_at_the_head_in_the_order_of_the_work(judged: Project) -> None:
    order = ids(judged, "uncertainty")
    judged.annotations.add(order[2], "stance", "neutral")
    judged.annotations.add(order[0], "stance", "neutral")
    assert ids(judged, "uncertainty")[:3] == [order[2], order[0], order[1]]
    judged.undo()
    judged.undo()
    assert ids(judged, "uncertainty") == order


@pytest.mark.parametrize(
    ("sort", "drawn"),
    [
        ("imported", None),
        ("title", None),
        ("random", "random"),
        ("by_source", "stratified by source"),
        ("by_month", "stratified by month"),
    ],
)
def test_how_an_article_came_up_is_kept_by_the_act_that_first_touches_it(
    many: Project, sort: Sort, drawn: str | None
) -> None:
    many.suggestions.replace(TINY, [(3, [Suggestion("entity", "GPE", 0, 4, "ner")], None)])
    many.drawing.work_along(ArticleFilter(sort=sort))
    many.annotations.add(1, "stance", "neutral")
    many.articles.set_flagged(2, True)
    many.annotations.accept_all(3)
    assert [many.articles.progress(a).drawn for a in (1, 2, 3)] == [drawn] * 3
    many.drawing.work_along(ArticleFilter())
    many.articles.set_status(1, "done")
    many.annotations.add(4, "stance", "neutral")
    assert [many.articles.progress(a).drawn for a in (1, 4)] == [drawn, None]
    many.undo()
    many.undo()
    many.undo()
    assert many.articles.progress(3).drawn is None
    lines = [json.loads(line.text) for _, chunk in many.lines.chunks() for line in chunk]
    assert [line["drawn"] for line in lines[:3]] == [drawn, drawn, None]


def test_what_a_search_or_flag_picked_out_was_not_drawn(many: Project) -> None:
    for wanted in (
        ArticleFilter(sort="random", search="Title"),
        ArticleFilter(sort="random", show="flagged"),
        ArticleFilter(sort="random", show="done"),
    ):
        many.drawing.work_along(wanted)
        assert many.drawing.on is None


def test_accepting_all_of_the_project_draws_nothing(many: Project) -> None:
    many.suggestions.replace(TINY, [(1, [Suggestion("entity", "GPE", 0, 4, "ner")], None)])
    many.drawing.work_along(ArticleFilter(sort="random"))
    run(accept_all_open(many))
    assert (many.articles.progress(1).status, many.articles.progress(1).drawn) == ("in_progress", None)


def run(steps):  # type: ignore[no-untyped-def]
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


# The blind share


def test_the_blind_share_is_that_share_and_grows_by_adding() -> None:
    of = {
        share: {n for n in range(10_000) if is_blind(f"article-{n}", "7", share)}
        for share in (None, "0", "5", "20", "50", "100", "x", "9999")
    }
    assert [len(of[share]) for share in (None, "0", "100", "x", "9999")] == [0, 0, 10_000, 0, 0]
    assert 350 < len(of["5"]) < 650
    assert 1_800 < len(of["20"]) < 2_200
    assert of["5"] < of["20"] < of["50"]
    assert of["20"] != {n for n in range(10_000) if is_blind(f"article-{n}", "8", "20")}


@pytest.fixture
def blind(suggested: Project) -> Project:
    """Article 1 is suggested pro-West, with a passage; all articles are blind."""
    suggested.suggestions.replace(
        TINY,
        [
            (
                1,
                [
                    Suggestion("entity", "GPE", 21, 28, "ner", "ner: GPE"),
                    Suggestion("stance", "pro-Russia", 30, 47, "stance", "denied"),
                    stance("pro-West", 0.7, 0.2, 0.1),
                ],
                None,
            )
        ],
    )
    suggested.drawing.change(seed="1", blind_share=100)
    return suggested


def layers(project: Project) -> list[tuple[str, str | None]]:
    return [(s.layer, s.label) for s in project.suggestions.open(1)]


def exported(project: Project) -> list[dict[str, object]]:
    lines = [
        json.loads(line.text) for _, chunk in project.lines.chunks(with_suggestions=True) for line in chunk
    ]
    return [line for line in lines if line["title"] == "Rocket"]


def test_a_hidden_stance_is_nowhere_to_be_seen(blind: Project) -> None:
    stored = blind.suggestions.stored(1)
    assert len(stored) == 3
    assert layers(blind) == [("entity", "GPE")]
    assert blind.suggestions.whole_article(1, "stance") is None
    assert (blind.articles.rows([1])[0].stance, blind.articles.rows([1])[0].stance_suggested) == (None, False)
    assert run(count_open(blind)).suggestions == 1
    assert stats(blind, "anna").suggestions_open == 1
    assert stats(blind, None).suggestions_open == 1
    (line,) = exported(blind)
    assert [s["layer"] for s in line["suggestions"]] == ["entity"]  # type: ignore[attr-defined]
    for s in stored:
        if s.layer == "stance":
            for answer in (blind.annotations.accept, blind.annotations.reject):
                with pytest.raises(ProjectError, match="hidden"):
                    answer(1, s.id)
    blind.annotations.accept_all(1)
    run(accept_all_open(blind))
    assert [a.layer for a in blind.annotations.of(1)] == ["entity"]


def test_a_blind_choice_is_kept_as_one_and_shows_the_suggestion(blind: Project) -> None:
    blind.annotations.add(1, "stance", "neutral", 30, 36)
    assert layers(blind) == [("entity", "GPE")]  # a passage is not the choice
    blind.annotations.add(1, "stance", "pro-West")
    chosen, passage = (a for a in blind.annotations.of(1) if a.layer == "stance")
    for a in (chosen, passage):
        assert (a.blind, a.seen_suggestion, a.origin, a.component) == (True, None, "manual", None)
    found = blind.suggestions.whole_article(1, "stance")
    assert found is not None
    assert found.label == "pro-West"
    assert ("stance", "pro-Russia") in layers(blind)
    (line,) = exported(blind)
    kept = line["labels"]["stance"]  # type: ignore[index]
    assert (kept["blind"], kept["seen_suggestion"]) == (True, None)


def test_a_choice_that_is_changed_after_looking_is_not_blind(blind: Project) -> None:
    blind.annotations.add(1, "stance", "neutral")
    blind.annotations.add(1, "stance", "pro-West")
    (chosen,) = (a for a in blind.annotations.of(1) if a.layer == "stance")
    assert (chosen.blind, chosen.seen_suggestion) == (False, "pro-West")


def test_what_was_seen_stays_seen_whatever_is_undone(blind: Project) -> None:
    blind.annotations.add(1, "stance", "neutral")
    blind.undo()
    assert ("stance", "pro-West") in layers(blind)
    blind.annotations.add(1, "stance", "pro-West")
    (chosen,) = (a for a in blind.annotations.of(1) if a.layer == "stance")
    assert (chosen.blind, chosen.origin) == (False, "accepted")
    blind.annotations.clear_article_label(1, "stance")
    blind.close()
    with open_project(blind.path, annotator="anna") as again:
        assert ("stance", "pro-West") in layers(again)


def test_it_is_hidden_from_each_annotator_until_they_chose_themselves(blind: Project) -> None:
    blind.annotations.add(1, "stance", "neutral")
    blind.annotator = "bob"
    assert layers(blind) == [("entity", "GPE")]
    blind.annotations.add(1, "stance", "neutral")
    assert [a.blind for a in blind.annotations.of(1) if a.layer == "stance"] == [True]


def test_another_share_leaves_what_is_decided(blind: Project) -> None:
    blind.drawing.change(seed="1", blind_share=0)
    blind.annotations.add(1, "stance", "neutral")
    blind.drawing.change(seed="1", blind_share=100)
    assert blind.suggestions.whole_article(1, "stance") is not None
    assert [a.blind for a in blind.annotations.of(1) if a.layer == "stance"] == [False]
    blind.annotator = "bob"
    blind.annotations.add(1, "stance", "neutral")
    blind.drawing.change(seed="2", blind_share=0)
    assert [a.blind for a in blind.annotations.of(1) if a.layer == "stance"] == [True]


def test_the_share_is_an_act_that_can_be_undone(blind: Project) -> None:
    blind.undo()
    assert blind.drawing.blind_share == 0
    assert ("stance", "pro-West") in layers(blind)
    with pytest.raises(ProjectError, match="between 0 and 100"):
        blind.drawing.change(seed="1", blind_share=101)


def test_uncertainty_does_not_give_away_what_is_hidden(judged: Project) -> None:
    judged.drawing.change(seed="42", blind_share=50)
    hidden = judged.drawing.hidden(range(1, MANY + 1))
    assert 10 < len(hidden) < 50
    drawn = fifths(judged)
    rest = [a for a in ids(judged, "uncertainty") if a not in drawn]
    seen = [a for a in rest if a not in hidden and a < 50]
    assert rest[: len(seen)] == seen
    blind_ones = [a for a in ids(judged, "random") if (a in hidden or a >= 50) and a not in drawn]
    assert rest[len(seen) :] == blind_ones


def test_undoing_an_import_forgets_what_was_seen_in_it(blind: Project) -> None:
    blind.annotations.add(1, "stance", "neutral")
    while blind.undo() is not None:
        pass
    assert blind.db.execute("SELECT count(*) FROM revealed").fetchone() == (0,)


def test_decisions_tell_what_was_seen_and_how_it_came_up(blind: Project) -> None:
    blind.drawing.work_along(ArticleFilter(sort="random"))
    blind.annotations.reject(1, blind.suggestions.open(1)[0].id)
    blind.annotations.add(1, "stance", "neutral")
    blind.annotator = "bob"
    blind.drawing.work_along(ArticleFilter())
    blind.annotations.accept_all(1)
    (accepted,) = (a for a in decisions(blind, "entity") if a.annotator == "bob")
    assert (accepted.label, accepted.origin, accepted.component) == ("GPE", "accepted", "ner")
    assert (accepted.seen, accepted.blind, accepted.drawn) == ("GPE", False, None)
    (rejected,) = (a for a in decisions(blind, "entity") if a.annotator == "anna")
    assert (rejected.label, rejected.start, rejected.end, rejected.origin) == ("GPE", 21, 28, None)
    assert (rejected.drawn, rejected.component) == ("random", "ner")
    (act,) = (act for act in blind.history.acts() if act.text.startswith("rejected"))
    assert rejected.created_at == act.created_at
    (chosen,) = decisions(blind, "stance")
    assert (chosen.label, chosen.blind, chosen.seen, chosen.drawn) == ("neutral", True, None, "random")
    assert chosen.created_at is not None


def test_orders_are_made_in_steps_that_none_waits_long_for(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    with project.act("imported"):
        for number in range(40):
            project.articles.add(ArticleInput(f"Text {number}", f"Number {number}", source=f"s{number % 3}"))
    project.suggestions.replace(
        PipelineInfo("tiny", "1"),
        [
            (
                article,
                [
                    Suggestion(
                        "stance", "neutral", None, None, "stance", "cues", scores={"neutral": 0.5, "x": 0.5}
                    )
                ],
                None,
            )
            for article in project.articles.ids()
        ],
    )
    for sort in ("random", "by_source", "by_month", "uncertainty"):
        whole = project.drawing.order(sort)  # type: ignore[arg-type]
        assert sorted(whole) == project.articles.ids()
        project.drawing.forget()
        monkeypatch.setattr(drawing_module, "_AT_A_TIME", 4)
        steps = project.drawing.order_in_steps(sort)  # type: ignore[arg-type]
        for _ in range(8):  # at first each is about a few articles
            assert instructions(project, partial(next, steps)) < 3_000
        project.drawing.suggested_anew([1])  # meanwhile
        monkeypatch.undo()
        assert drawing_module._whole(steps) == whole


def test_margins_of_some_articles_are_not_looked_for_among_all(project: Project) -> None:
    seen: list[str] = []
    project.db.conn.set_trace_callback(seen.append)
    project.drawing._read_margins("AND s.article BETWEEN ? AND ?", [1, 2])
    project.db.conn.set_trace_callback(None)
    plan = [row[-1] for row in project.db.execute(f"EXPLAIN QUERY PLAN {seen[-1]}")]
    assert any("article>? AND article<?" in step for step in plan), plan
