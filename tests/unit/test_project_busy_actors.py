"""Actors with very many mentions: acts and counting in steps, whole after any interruption."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from annotator.model import Actor, ArticleInput, Cancelled
from annotator.project import Project, open_project, swapping
from annotator.project import actors as actors_module
from annotator.project import memory as memory_module

from .conftest import instructions

ACTS = 30_000


@pytest.fixture
def busy(project: Project) -> Project:
    """An actor with 700 mentions under two names, in 7 articles, beside 3,000 others and many acts."""
    with project.act("imported"):
        for number in range(8):
            project.articles.add(ArticleInput("Kyiv 🚀 Kiev. " * 500, f"Number {number}"))
        kyiv = project.actors.ensure(Actor("u1", "Kyiv", "GPE", "West", ("Kiev", "Kyjiw")))
        other = project.actors.ensure(Actor("u2", "Odesa", None, None, ("Odessa",)))
        me = project.ensure_annotator()
        layer, label, _ = project.codebook.ids("entity", "GPE")
        rows = [
            (
                1 + n % 7 if n < 700 else 8, n + 1, f"m{n}", me, layer, label, 0, 14 * n, 14 * n + 4,
                "Kiev" if n % 2 else "Kyiv", kyiv if n < 700 else other, kyiv if n == 900 else None,
            )
            for n in range(3_700)
        ]  # fmt: skip
        project.db.conn.executemany(
            "INSERT INTO annotations(article, id, uuid, annotator, layer, label, exclusive, start, end, "
            "quote, actor, holder, origin, codebook_version, created_at, updated_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'manual', 1, '', '')",
            rows,
        )
    project.db.conn.executemany(
        "INSERT INTO acts(annotator, text, created_at, state, \"rows\") VALUES ('anna', ?, '', 'done', 1)",
        [(f"act {n}",) for n in range(ACTS)],
    )
    project.db.conn.commit()
    return project


def everything(project: Project) -> list[Any]:
    """What people decided, as it can be compared."""
    return [
        project.actors.all(),
        project.db.execute(
            "SELECT a.id, actors.uuid, h.uuid FROM annotations a LEFT JOIN actors ON actors.id = actor "
            "LEFT JOIN actors h ON h.id = holder ORDER BY a.id"
        ).fetchall(),
    ]


def by_actor(project: Project) -> dict[str, int | None]:
    return {row.actor.name: row.mentions for row in project.actors.rows()}


IN_STEPS: list[tuple[Callable[[Project], Any], Callable[[Project], Any]]] = [
    (lambda p: p.actors.merge_in_steps("Odesa", "Kyiv"), lambda p: p.actors.merge("Odesa", "Kyiv")),
    (lambda p: p.actors.merge_in_steps("New", "Kyiv"), lambda p: p.actors.merge("New", "Kyiv")),
    (
        lambda p: p.actors.split_in_steps("Kyiv", ["Kiev"], "Kiev, again"),
        lambda p: p.actors.split("Kyiv", ["Kiev"], "Kiev, again"),
    ),
    (
        lambda p: p.actors.assign_name_in_steps("Kiev", "Odesa"),
        lambda p: p.actors.assign_name("Kiev", "Odesa"),
    ),
    (lambda p: p.actors.assign_name_in_steps("Kiev", "New"), lambda p: p.actors.assign_name("Kiev", "New")),
]


@pytest.mark.parametrize(("steps", "_"), IN_STEPS)
def test_acts_on_a_busy_actor_are_undone_and_redone_in_steps(
    busy: Project, steps: Callable[[Project], Any], _: object
) -> None:
    before, acts = everything(busy), busy.history.mark()[0]
    stepped = list(_progress(steps(busy)))
    assert len(stepped) > 2
    assert all(p.done <= p.total for p in stepped)
    after = everything(busy)
    assert after != before
    assert busy.history.mark()[0] == acts + 1
    list(busy.history.undo_in_steps())
    assert everything(busy) == before
    list(busy.history.redo_in_steps())
    assert everything(busy) == after
    busy.undo()
    assert everything(busy) == before
    assert not busy.db.execute("PRAGMA foreign_key_check").fetchall()


def _progress(steps: Any) -> Iterator[Any]:
    while True:
        try:
            yield next(steps)
        except StopIteration:
            return


@pytest.mark.parametrize(("steps", "at_once"), IN_STEPS)
def test_acts_in_steps_do_what_they_do_at_once(
    busy: Project, steps: Callable[[Project], Any], at_once: Callable[[Project], Any]
) -> None:
    def decided() -> Any:
        return by_actor(busy), {a.name: (a.kind, a.bloc, a.aliases) for a in busy.actors.all()}

    at_once(busy)
    expected = decided()
    busy.undo()
    list(_progress(steps(busy)))
    assert decided() == expected


@pytest.mark.parametrize("way", ["closed", "cancelled", "crashed"])
@pytest.mark.parametrize(("steps", "_"), IN_STEPS)
def test_nothing_is_left_of_an_act_in_steps_that_was_cut_off(
    busy: Project, steps: Callable[[Project], Any], _: object, way: str, tmp_path: Path
) -> None:
    before, path = everything(busy), tmp_path / "crashed.annot"
    work = steps(busy)
    next(work)
    next(work)
    if way == "crashed":
        shutil.copyfile(busy.path, path)
        work.close()
        with open_project(path, annotator="anna") as again:
            assert again.interrupted is not None
            assert everything(again) == before
        return
    if way == "closed":
        work.close()
    else:
        work.throw(Cancelled())
        with pytest.raises(Cancelled):
            list(work)
    assert everything(busy) == before
    assert busy.history.unfinished() is None


def test_no_step_of_counting_mentions_looks_at_all_of_an_actors(
    busy: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = {row.actor.name: (row.mentions, row.articles) for row in busy.actors.rows()}
    assert rows == {"Kyiv": (700, 7), "Odesa": (3_000, 1)}
    monkeypatch.setattr(actors_module, "_COUNTED", 50)
    assert {row.actor.name: (row.mentions, row.articles) for row in busy.actors.rows()} == rows
    whole = instructions(busy, lambda: list(busy.actors.counts()))
    steps, longest = busy.actors.counts(), 0
    for _ in range(7):
        longest = max(longest, instructions(busy, lambda: next(steps)))
    assert longest * 4 < whole


def test_asking_whether_an_actor_is_busy_counts_no_further_than_it_must(busy: Project) -> None:
    assert busy.actors.is_large("Kyiv")
    assert busy.actors.is_large("nobody", "Odesa")
    assert not busy.actors.is_large("nobody")
    assert instructions(busy, lambda: busy.actors.is_large("Odesa")) < instructions(
        busy, lambda: busy.db.execute("SELECT count(*) FROM annotations WHERE actor = 2").fetchone()
    )


def test_no_step_of_undoing_looks_through_all_acts(busy: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(swapping, "_FIRST_STEP", 8)
    monkeypatch.setattr(swapping, "STEP_SECONDS", 0.0)
    every = instructions(busy, lambda: busy.db.execute("SELECT max(text) FROM acts").fetchone())
    list(_progress(busy.actors.merge_in_steps("Odesa", "Kyiv")))
    undo = busy.history.undo_in_steps()
    next(undo)
    assert max(instructions(busy, lambda: next(undo)) for _ in range(30)) < every / 2
    list(undo)


def test_memory_reads_a_name_that_stands_everywhere_in_steps(
    busy: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    list(busy.memory.load())
    rules = {name: busy.memory.rules.get(name) for name in ("Kyiv", "Kiev")}
    assert all(rule is not None and rule.label == "GPE" for rule in rules.values())
    busy.memory.forget()
    longest = []
    for at_a_time in (10**9, 50):
        monkeypatch.setattr(memory_module, "_DECISIONS_AT_A_TIME", at_a_time)
        steps = busy.memory.load()
        longest.append(max(instructions(busy, lambda steps=steps: next(steps)) for _ in range(8)))  # type: ignore[misc]
    assert longest[1] * 4 < longest[0], longest
    busy.memory.forget()
    list(busy.memory.load())
    assert {name: busy.memory.rules.get(name) for name in rules} == rules


@pytest.mark.parametrize("at_a_time", [1, 2, 3, 7])
def test_however_few_decisions_a_step_reads_memory_counts_the_same(
    project: Project, monkeypatch: pytest.MonkeyPatch, at_a_time: int
) -> None:
    with project.act("imported"):
        for number in range(4):
            project.articles.add(ArticleInput("Kyiv Kyiv Kyiv Odesa", f"Number {number}"))
    for article, label in ((1, "GPE"), (2, "GPE"), (3, "GPE"), (4, "ORG")):
        for start in (0, 5, 10):
            project.annotations.add(article, "entity", label, start, start + 4)
    project.annotations.add(1, "entity", "ORG", 15, 20)
    monkeypatch.setattr(memory_module, "_DECISIONS_AT_A_TIME", at_a_time)
    project.memory.forget()
    list(project.memory.load())
    kyiv, odesa = project.memory.rules.get("Kyiv"), project.memory.rules.get("Odesa")
    assert kyiv is not None
    assert kyiv.label == "GPE"  # three articles of four
    assert odesa is not None
    assert odesa.label == "ORG"
