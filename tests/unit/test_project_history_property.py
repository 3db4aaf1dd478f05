"""Any acts in any order, undone and redone, at once or in steps: the project is, row for row, what it was."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from annotator.model import (
    Actor,
    Annotation,
    AnnotatorError,
    ArticleInput,
    ArticleRecord,
    Change,
    FinishedFirstError,
    PipelineInfo,
    Progress,
    Rejection,
    RevertError,
    StorageError,
    Suggestion,
)
from annotator.project import Project, create_project, open_project, swapping
from annotator.text import sha256

from .conftest import finish

ID = {"annotations": 1, "rejections": 1}  # where the id stands in a row; elsewhere it comes first
TEXT = "A rocket 🚀 flew over Armenia. Russia denied it."
SPANS = st.tuples(st.integers(0, 40), st.integers(1, 12)).map(lambda s: (s[0], s[0] + s[1]))  # some too long
ENTITIES = st.sampled_from(["PERSON", "ORG", "GPE", "LOC"])
STANCES = st.sampled_from(["pro-West", "neutral", "pro-Russia"])
WORDS = st.sampled_from(["", "a", "war", "🚀 ёж", 'with "quotes" \\ and\nlines', "cafe\u0301", "nul\0"])
PICK = st.integers(0, 20)
# What shows that a row that came with an act is used by another one, so that reverting the first leaves it.
USED = {
    "annotators": "SELECT 1 FROM progress WHERE annotator = :id UNION SELECT 1 FROM annotations "
    "WHERE annotator = :id UNION SELECT 1 FROM rejections WHERE annotator = :id",
    "actors": "SELECT 1 FROM annotations WHERE :id IN (actor, holder, target) UNION SELECT 1 FROM aliases "
    "WHERE actor = :id",
    "aliases": "SELECT 1 FROM aliases JOIN annotations a ON aliases.actor IN (a.actor, a.holder, a.target) "
    "WHERE aliases.id = :id "
    "UNION SELECT 1 FROM aliases o JOIN aliases s ON s.actor = o.actor AND s.id <> o.id WHERE o.id = :id",
    "progress": "SELECT 1 FROM progress p JOIN annotations a USING (article, annotator) WHERE p.id = :id "
    "UNION SELECT 1 FROM progress p JOIN rejections r USING (article, annotator) WHERE p.id = :id",
}


def by_id(state: dict[str, list[tuple[Any, ...]]]) -> dict[tuple[str, int], Any]:
    return {(table, row[ID.get(table, 0)]): row for table, rows in state.items() for row in rows}


def pick(of: list[Any], number: int) -> Any:
    return of[number % len(of)] if of else None


class Acts(RuleBasedStateMachine):
    """A project beside the list of states that undo and redo have to walk through."""

    dump: Callable[[Project], Any]
    check_index: Callable[[Project], None]

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.project = create_project(self.folder / "p", annotator="anna")
        self.states = [type(self).dump(self.project)]
        self.at = 0
        self.count = 0

    def teardown(self) -> None:
        try:
            self._walk()
        finally:
            self.project.close()
            shutil.rmtree(self.folder)

    def _walk(self) -> None:
        """All the way back and all the way forth, with a restart between."""
        for number, state in enumerate(reversed(self.states[: self.at])):
            assert self.swap("undo", number % 2 == 0) is not None
            assert type(self).dump(self.project) == state
        assert self.project.undo() is None
        type(self).check_index(self.project)
        self.reopen("anna")
        for number, state in enumerate(self.states[1:]):
            assert self.swap("redo", number % 2 == 0) is not None
            assert type(self).dump(self.project) == state
        assert self.project.redo() is None
        type(self).check_index(self.project)

    def did(self, act: Callable[[], Any]) -> None:
        """Do ``act``; what it changed is the next state, and what it refused changes nothing."""
        try:
            act()
        except AnnotatorError:
            assert type(self).dump(self.project) == self.states[self.at]
            return
        now = type(self).dump(self.project)
        if now != self.states[self.at]:
            self.at += 1
            self.states[self.at :] = [now]

    def article(self, number: int) -> int:
        return int(pick(self.project.articles.ids(), number) or 0)

    def mine(self, number: int) -> Annotation | None:
        annotations = [a for i in self.project.articles.ids() for a in self.project.annotations.of(i)]
        found: Annotation | None = pick(annotations, number)
        return found

    def suggestion(self, number: int) -> tuple[int, Suggestion] | None:
        pairs = [(i, s) for i in self.project.articles.ids() for s in self.project.suggestions.open(i)]
        found: tuple[int, Suggestion] | None = pick(pairs, number)
        return found

    def has_articles(self) -> bool:
        return self.project.articles.count() > 0

    # Coming in

    @initialize()
    def some_articles(self) -> None:
        self.did(lambda: self._import(2))
        self.suggest(0)

    def _import(self, count: int) -> None:
        with self.project.act("imported"):
            for _ in range(count):
                self.count += 1
                self.project.articles.add(ArticleInput(TEXT, f"title {self.count}"))

    @rule(count=st.integers(0, 2))
    def import_articles(self, count: int) -> None:
        self.did(lambda: self._import(count))

    def _record(self, label: str, annotator: str) -> ArticleRecord:
        self.count += 1
        n = self.count

        def annotation(layer: str, name: str, start: int | None, end: int | None) -> Annotation:
            quote = None if start is None else TEXT[start:end]
            uuid = f"{layer}-{n}"
            head = (0, uuid, 0, annotator, layer, name, start, end, quote, "Putin", None, f"actor {n % 3}")
            return Annotation(*head, 3, "n\0ote", "imported", None, "", None, 4, "2026", "2026")

        return ArticleRecord(
            article=ArticleInput(TEXT, f"record {n}", uuid=f"record {n % 3}"),
            sha256=sha256(TEXT),
            annotator=annotator,
            progress=Progress("done", True, "imported"),
            annotations=(annotation("entity", label, 21, 28), annotation("topic", label, None, None)),
            rejections=(Rejection("entity", f"new {label}", 2, 8),),
            actors=(Actor(f"u{n}", "Putin", "PERSON", None, (f"alias {n % 4}",)),),
            suggestions=(Suggestion("topic", label, None, None, "t"),),
            pipeline=PipelineInfo("tiny", "1"),
        )

    @rule(labels=st.lists(st.sampled_from(["GPE", "SHIP", "ёж"]), max_size=3), cancel=st.booleans())
    def import_records(self, labels: list[str], cancel: bool) -> None:
        def long() -> None:
            work = self.project.long_act("importing")
            for number, label in enumerate(labels):
                with work.step():
                    self.project.records.add_all([self._record(label, ("anna", "ben")[number % 2])])
            if cancel:
                work.cancel()
            else:
                work.finish("imported records")

        self.did(long)

    @rule(labels=st.lists(st.sampled_from(["GPE", "PLANE"]), min_size=1, max_size=2))
    def import_is_cut_off(self, labels: list[str]) -> None:
        def crash() -> None:
            work = self.project.long_act("importing")
            for label in labels:
                with work.step():
                    self.project.records.add_all([self._record(label, "anna")])
            self.reopen(self.project.annotator)
            assert self.project.interrupted is not None

        before = self.at
        self.did(crash)
        assert self.at == before

    @rule(number=PICK)
    @precondition(has_articles)
    def suggest(self, number: int) -> None:
        self.project.suggestions.replace(
            PipelineInfo("tiny", "1"),
            [
                (
                    self.article(number),
                    [
                        Suggestion("entity", "GPE", 21, 28, "ner", "r"),
                        Suggestion("entity", "ORG", 21, 28, "gazetteer", "r"),
                        Suggestion("entity", "ORG", 30, 36, "ner", "r"),
                        Suggestion("entity", "SHIP", 2, 8, "ner", "r"),
                        Suggestion("stance", ("neutral", None)[number % 2], None, None, "stance"),
                    ],
                    None,
                )
            ],
        )

    # Deciding

    @rule(number=PICK, label=ENTITIES, span=SPANS)
    @precondition(has_articles)
    def add_span(self, number: int, label: str, span: tuple[int, int]) -> None:
        self.did(lambda: self.project.annotations.add(self.article(number), "entity", label, *span))

    @rule(number=PICK, label=STANCES)
    @precondition(has_articles)
    def set_stance(self, number: int, label: str) -> None:
        self.did(lambda: self.project.annotations.add(self.article(number), "stance", label))

    @rule(number=PICK)
    @precondition(has_articles)
    def clear_stance(self, number: int) -> None:
        self.did(lambda: self.project.annotations.clear_article_label(self.article(number), "stance"))

    @rule(number=PICK, label=st.none() | ENTITIES, span=st.none() | SPANS)
    def accept(self, number: int, label: str | None, span: tuple[int, int] | None) -> None:
        found = self.suggestion(number)
        if found and (label is None or found[1].layer == "entity"):
            self.did(lambda: self.project.annotations.accept(found[0], found[1].id, label=label, span=span))

    @rule(number=PICK)
    @precondition(has_articles)
    def accept_all(self, number: int) -> None:
        self.did(lambda: self.project.annotations.accept_all(self.article(number)))

    @rule(number=PICK)
    def reject(self, number: int) -> None:
        if found := self.suggestion(number):
            self.did(lambda: self.project.annotations.reject(found[0], found[1].id))

    @rule(number=PICK, entity=ENTITIES, stance=STANCES)
    def relabel(self, number: int, entity: str, stance: str) -> None:
        a = self.mine(number)
        if a and a.layer in ("entity", "stance"):
            label = entity if a.layer == "entity" else stance
            self.did(lambda: self.project.annotations.relabel(a.id, label))

    @rule(number=PICK, span=SPANS)
    def move(self, number: int, span: tuple[int, int]) -> None:
        if a := self.mine(number):
            self.did(lambda: self.project.annotations.move(a.id, *span))

    @rule(number=PICK)
    def remove(self, number: int) -> None:
        if a := self.mine(number):
            self.did(lambda: self.project.annotations.remove(a.id))

    @rule(numbers=st.lists(PICK, max_size=20), label=ENTITIES, span=SPANS, stop=st.booleans())
    @precondition(has_articles)
    def label_many(self, numbers: list[int], label: str, span: tuple[int, int], stop: bool) -> None:
        def long() -> None:
            places = [(self.article(n), span[0] // 2 + n, span[1] + n) for n in numbers]
            steps = self.project.annotations.label_many("entity", label, places)
            for _ in steps:
                if stop:
                    steps.close()

        self.did(long)

    @rule(label=st.sampled_from(["SHIP", "PLANE"]), move_to=st.none() | ENTITIES)
    def delete_label(self, label: str, move_to: str | None) -> None:
        if label in [known.name for known in self.project.codebook.read().layer("entity").labels]:
            self.did(lambda: self.project.codebook.delete_label("entity", label, move_to=move_to))

    # Actors

    def actor(self, number: int) -> str:
        found: Actor | None = pick(self.project.actors.all(), number)
        return found.name if found is not None else "nobody"

    @rule(number=PICK, name=st.sampled_from(["Putin", "Somebody", "Ёж"]))
    def assign_actor(self, number: int, name: str) -> None:
        if a := self.mine(number):
            self.did(lambda: self.project.actors.assign(a.id, name))

    @rule(number=PICK, into=st.sampled_from(["Putin", "Newly named"]), other=PICK)
    def merge_actors(self, number: int, into: str, other: int) -> None:
        keep = into if number % 2 else self.actor(number)
        self.did(lambda: self.project.actors.merge(keep, self.actor(other)))

    @rule(number=PICK, name=st.sampled_from(["Putin", "Split off"]))
    def split_actor(self, number: int, name: str) -> None:
        known = self.project.actors.named(self.actor(number))
        if known is not None:
            self.did(lambda: self.project.actors.split(known.name, list(known.aliases[:1]), name))

    @rule(number=PICK, name=st.sampled_from(["Putin", "rocket", "Armenia"]))
    def assign_name(self, number: int, name: str) -> None:
        self.did(lambda: self.project.actors.assign_name(name, self.actor(number)))

    @rule(number=PICK, name=st.sampled_from(["Putin", "Renamed"]))
    def rename_actor(self, number: int, name: str) -> None:
        self.did(lambda: self.project.actors.rename(self.actor(number), name))

    @rule(label=st.sampled_from(["SHIP", "PLANE"]))
    def add_label(self, label: str) -> None:
        self.did(lambda: self.project.codebook_editing.add_label("entity", label, color="#112233"))

    # About the article

    @rule(number=PICK, status=st.sampled_from(["todo", "in_progress", "done", "skipped"]))
    @precondition(has_articles)
    def set_status(self, number: int, status: Any) -> None:
        self.did(lambda: self.project.articles.set_status(self.article(number), status))

    @rule(number=PICK, flagged=st.booleans())
    @precondition(has_articles)
    def set_flagged(self, number: int, flagged: bool) -> None:
        self.did(lambda: self.project.articles.set_flagged(self.article(number), flagged))

    @rule(number=PICK, note=WORDS)
    @precondition(has_articles)
    def set_note(self, number: int, note: str) -> None:
        self.did(lambda: self.project.articles.set_note(self.article(number), note))

    @rule(number=PICK, title=WORDS, source=WORDS)
    @precondition(has_articles)
    def edit_metadata(self, number: int, title: str, source: str) -> None:
        def act() -> Change:
            return self.project.articles.edit_metadata(self.article(number), title=title, source=source)

        self.did(act)

    # Back and forth

    def swap(self, key: str, stepped: bool) -> Change | None:
        if not stepped:
            return self.project.undo() if key == "undo" else self.project.redo()
        history = self.project.history
        return finish(history.undo_in_steps() if key == "undo" else history.redo_in_steps())  # type: ignore[no-any-return]

    @rule(steps=st.integers(1, 3), stepped=st.booleans())
    def undo(self, steps: int, stepped: bool) -> None:
        for _ in range(steps):
            change = self.swap("undo", stepped)
            assert (change is None) == (self.at == 0)
            self.at = max(0, self.at - 1)

    @rule(steps=st.integers(1, 3), stepped=st.booleans())
    def redo(self, steps: int, stepped: bool) -> None:
        for _ in range(steps):
            change = self.swap("redo", stepped)
            assert (change is None) == (self.at == len(self.states) - 1)
            self.at = min(len(self.states) - 1, self.at + 1)

    @rule(
        key=st.sampled_from(["undo", "redo"]),
        number=st.integers(1, 8),
        then=st.sampled_from(["same", "other", "act", "crash"]),
        stepped=st.booleans(),
    )
    def step_that_fails(self, key: str, number: int, then: str, stepped: bool) -> None:
        """The disk is full in the middle of a step; what comes then completes what had begun."""
        if (self.at if key == "undo" else len(self.states) - 1 - self.at) == 0:
            return
        if not self._fails(key, number):
            self.at += 1 if key == "redo" else -1
            return
        half = self.project.history.half_done()
        if then == "same":
            change = self.swap(key, stepped)
            assert change is not None
            assert half is None or change.act == half.id
        elif then == "other" and half is not None:
            assert self.swap("redo" if key == "undo" else "undo", stepped) is not None
            return
        elif then == "act" and half is not None:
            with pytest.raises(FinishedFirstError):
                self.project.act("something new").__enter__()
        elif half is not None:
            self.reopen(self.project.annotator)
        else:
            return
        self.at += 1 if key == "redo" else -1

    def _fails(self, key: str, number: int) -> bool:
        left, real = [number], swapping.put_images_back

        def full(project: Project, tables: frozenset[str]) -> None:
            real(project, tables)
            left[0] -= 1
            if left[0] <= 0:
                raise StorageError("The disk is full. Make room and do it again.")

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(swapping, "put_images_back", full)
            try:
                self.swap(key, True)
            except StorageError:
                return True
        return False

    @rule(numbers=st.lists(PICK, min_size=1, max_size=4), stepped=st.booleans())
    def revert(self, numbers: list[int], stepped: bool) -> None:
        """What the act changed is what it was before it, or, where that differs by now, nothing is."""
        for number in numbers:
            entries = self.project.acts.rows(self.project.acts.ids())
            acts = [entry.act.id for entry in reversed(entries) if entry.act.state == "done"]
            assert len(acts) == self.at
            if acts:
                self._revert(acts[number % len(acts)], number % len(acts), stepped)

    def _revert(self, act: int, step: int, stepped: bool) -> None:
        def revert() -> Change:
            if stepped:
                return finish(self.project.revert_in_steps(act))  # type: ignore[no-any-return]
            return self.project.revert(act)

        before, left, present = (by_id(self.states[n]) for n in (step, step + 1, self.at))
        touched = {row for row in {*before, *left} if before.get(row) != left.get(row)}
        differing = {row for row in touched if present.get(row) != left.get(row)}
        told = self.project.acts.changes(act)
        assert len(told) == len([row for row in touched if row[0] != "texts"])
        if differing:
            with pytest.raises(RevertError) as refused:
                revert()
            assert refused.value.total == len(differing) == len(refused.value.rows)
            return
        self.did(revert)
        now = by_id(type(self).dump(self.project))
        if now != present:  # else other rows rest on it
            kept = {row for row in touched if row not in before and row in now}
            assert {table for table, _ in kept} <= {"annotators", "actors", "aliases", "progress"}
            expected = {**present, **{row: before.get(row) for row in touched - kept}}
            assert now == {row: values for row, values in expected.items() if values is not None}
            for table, id_ in kept:
                assert self.project.db.execute(USED[table], {"id": id_}).fetchone() is not None

    @rule(annotator=st.sampled_from(["anna", "ben"]))
    def reopen(self, annotator: str) -> None:
        self.project.close()
        self.project = open_project(self.folder / "p.annot", annotator=annotator)

    @invariant()
    def the_project_is_at_its_state(self) -> None:
        assert type(self).dump(self.project) == self.states[self.at]
        type(self).check_index(self.project)
        for quote, text, start, end in self.project.db.execute(
            'SELECT quote, text, "start", "end" FROM annotations JOIN texts ON texts.id = article '
            'WHERE "start" IS NOT NULL'
        ):
            assert quote == text[start:end]


def test_any_acts_can_be_undone_and_redone(
    monkeypatch: pytest.MonkeyPatch,
    human_rows: Callable[[Project], Any],
    search_index_is_right: Callable[[Project], None],
) -> None:
    monkeypatch.setattr(Acts, "dump", staticmethod(human_rows), raising=False)
    monkeypatch.setattr(swapping, "_FIRST_STEP", 1)
    monkeypatch.setattr(swapping, "_LEAST_STEP", 1)
    monkeypatch.setattr(swapping, "STEP_SECONDS", 0.0)
    monkeypatch.setattr(Acts, "check_index", staticmethod(search_index_is_right), raising=False)
    run_state_machine_as_test(
        Acts,
        settings=settings(
            max_examples=40,
            stateful_step_count=30,
            deadline=None,
            database=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
