"""Project memory: what people decide about a name holds for the open suggestions of other articles."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.model import Annotation, ArticleInput, Change, PipelineInfo, Suggestion
from annotator.project import Project, create_project, memory, open_project
from annotator.project.memory import Rule, Rules, apply, overlap, rule_of
from annotator.project.reshaping import join
from annotator.project.revert import revert

TINY = PipelineInfo("tiny", "1.0")
TEXTS = (
    "Envoys met in Yerevan. Later Yerevan was quiet.",
    "The road from Yerevan to Tbilisi is long.",
    "Yerevan State University is in Yerevan.",
    "Tbilisi heard nothing of it.",
)


def names(text: str, *found: tuple[str, str]) -> list[Suggestion]:
    """Suggest each (label, name) wherever the name stands in ``text``."""
    result = []
    for label, name in found:
        at = text.find(name)
        while at >= 0:
            result.append(Suggestion("entity", label, at, at + len(name), "ner", f"ner: {label}"))
            at = text.find(name, at + 1)
    return result


@pytest.fixture
def cities(project: Project) -> Project:
    """Four articles; a model takes Yerevan for an ORG everywhere, the university for a FAC."""
    with project.act("imported 4 articles"):
        for number, text in enumerate(TEXTS, 1):
            project.articles.add(ArticleInput(text, f"Article {number}"))
    suggest(project)
    return project


def suggest(project: Project) -> None:
    found = [
        names(TEXTS[0], ("ORG", "Yerevan")),
        names(TEXTS[1], ("ORG", "Yerevan"), ("GPE", "Tbilisi")),
        [
            Suggestion("entity", "FAC", 0, 24, "ner", "ner: FAC"),
            Suggestion("entity", "ORG", 31, 38, "ner", "ner: ORG"),
        ],
        [],
    ]
    project.suggestions.replace(TINY, [(n, s, None) for n, s in enumerate(found, 1)])


def follow(project: Project, change: Change | None) -> list[int]:
    """What the window does step by step after a change; return the articles that changed."""
    assert change is not None
    assert change.act is not None
    involved = project.memory.names_of(change.act)
    assert involved is not None
    articles: dict[int, None] = {}
    for name in sorted(project.memory.recount(involved)):
        for part in project.memory.articles_with(name):
            articles.update(dict.fromkeys(part))
    return project.memory.refresh(articles)[0]


def shown(project: Project, article: int) -> list[tuple[str | None, str, str]]:
    """The open entity suggestions: (label, name, component)."""
    text = project.articles.text(article)
    return [
        (s.label, text[s.start : s.end], s.component)
        for s in project.suggestions.open(article)
        if s.layer == "entity"
    ]


def whole(project: Project) -> list[list[Suggestion]]:
    return [project.suggestions.stored(article) for article in (1, 2, 3, 4)]


# What follows from decisions


@pytest.mark.parametrize(
    ("accepted", "rejected", "expected"),
    [
        ({}, {}, None),
        ({"GPE": 1}, {}, Rule("GPE")),
        ({"GPE": 3, "ORG": 1}, {}, Rule("GPE")),
        ({"GPE": 2, "ORG": 1}, {}, None),
        ({"GPE": 3}, {"GPE": 1}, Rule("GPE")),
        ({"GPE": 2}, {"GPE": 1}, None),
        ({"GPE": 1}, {"ORG": 5}, Rule("GPE", frozenset({"ORG"}))),
        ({}, {"PERSON": 1}, Rule(None, frozenset({"PERSON"}))),
    ],
)
def test_a_label_needs_three_quarters_and_a_refusal_no_acceptance(
    accepted: dict[str, int], rejected: dict[str, int], expected: Rule | None
) -> None:
    assert rule_of(accepted, rejected) == expected


def rules_of(**labels: str) -> Rules:
    rules = Rules()
    for name, label in labels.items():
        rules.set(name.replace("_", " "), Rule(label))
    return rules


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Kyiv", ["Kyiv"]),
        ("Kyivan", []),
        ("kyiv KYIV", []),
        ("in Kyiv's east, Kyiv-born", ["Kyiv", "Kyiv"]),
        ("anti-Kyiv «Kyiv»", ["Kyiv", "Kyiv"]),
        ("Kyiv Post and Kyiv", ["Kyiv Post", "Kyiv"]),
        ("Kyiv\u0301", []),  # an accent of its own: another letter
        ("🚀Kyiv", ["Kyiv"]),
    ],
)
def test_names_are_found_as_whole_words_the_longest_first(text: str, found: list[str]) -> None:
    for rules in (rules_of(Kyiv="GPE", Kyiv_Post="ORG"), rules_of(Kyiv_Post="ORG", Kyiv="GPE")):
        assert [text[a:b] for a, b, _ in rules.find(text)] == found


def test_a_name_that_is_taken_back_is_not_found_any_more() -> None:
    rules = rules_of(Kyiv="GPE", Kyiv_Post="ORG")
    rules.set("Kyiv", None)
    assert [label for _, _, label in rules.find("Kyiv Post in Kyiv")] == ["ORG"]
    rules.set("Kyiv Post", Rule(None, frozenset({"ORG"})))
    assert rules.find("Kyiv Post in Kyiv") == []


@given(st.text(min_size=1, max_size=12), st.text(max_size=30), st.text(max_size=30))
def test_what_is_found_is_the_name_itself_in_any_text(name: str, before: str, after: str) -> None:
    rules = Rules()
    rules.set(name, Rule("GPE"))
    text = f"{before} {name} {after}"
    for start, end, _ in rules.find(text):
        assert text[start:end] == name


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9), st.sampled_from(["GPE", "ORG"])), max_size=8)
)
def test_every_suggestion_is_kept_or_covered_and_nothing_is_lost(places: list[tuple[int, int, str]]) -> None:
    text = "Kyiv Post of Kyiv writes about Odesa and Kyiv."
    own = [
        Suggestion("entity", label, start, start + length, "ner", "x", id=number)
        for number, (start, length, label) in enumerate(places, 1)
        if start + length <= len(text)
    ]
    rules = rules_of(Kyiv="GPE", Kyiv_Post="ORG")
    kept, covered = apply(text, own, rules)
    assert sorted(s.id for s in [*kept, *covered] if s.id) == [s.id for s in own]
    ours = [(s.start or 0, s.end or 0) for s in kept if s.component == "memory"]
    for start, end in ours:
        assert not any(s.id and (s.start or 0) < end and start < (s.end or 0) for s in kept)


def test_nothing_is_added_within_boilerplate_or_a_longer_name() -> None:
    text = "Kyiv writes. Read more from Kyiv. Kyiv Opera opened."
    own = [Suggestion("entity", "FAC", 34, 44, "ner", "ner: FAC")]
    kept, covered = apply(text, own, rules_of(Kyiv="GPE"), zones=[(13, 33)])
    assert [(s.start, s.end) for s in kept if s.component == "memory"] == [(0, 4)]
    assert covered == []


def test_the_actor_of_what_is_covered_stays_known() -> None:
    own = [Suggestion("entity", "ORG", 0, 4, "ner", actor="Kyiv, the city")]
    (kept,), _ = apply("Kyiv", own, rules_of(Kyiv="GPE"))
    assert (kept.component, kept.actor) == ("memory", "Kyiv, the city")


# In a project


def test_a_correction_changes_the_open_suggestions_of_other_articles(cities: Project) -> None:
    changed = follow(cities, cities.annotations.accept(1, 1, label="GPE"))
    assert changed == [1, 2, 3]
    assert shown(cities, 1) == [("GPE", "Yerevan", "memory")]  # the other one in the same article
    assert shown(cities, 2) == [("GPE", "Yerevan", "memory"), ("GPE", "Tbilisi", "ner")]
    assert shown(cities, 3) == [
        ("FAC", "Yerevan State University", "ner"),
        ("GPE", "Yerevan", "memory"),
    ]
    (yerevan, _) = cities.suggestions.open(2)
    assert yerevan.reason == "anna labelled Yerevan GPE in 1 article"


def test_the_reason_counts_articles_and_names_people(cities: Project) -> None:
    follow(cities, cities.annotations.accept(1, 1, label="GPE"))
    cities.annotator = "bob"
    follow(cities, cities.annotations.accept(2, cities.suggestions.open(2)[0].id))
    assert cities.memory.refresh([3]) == ([], 1)
    assert cities.memory.refresh([3], reasons=True) == ([3], 1)
    assert cities.suggestions.open(3)[1].reason == "anna and bob labelled Yerevan GPE in 2 articles"


def test_undo_brings_back_the_very_suggestions_that_were_there(cities: Project) -> None:
    before = whole(cities)
    follow(cities, cities.annotations.accept(1, 1, label="GPE"))
    follow(cities, cities.annotations.reject(2, 2))
    assert whole(cities) != before
    follow(cities, cities.undo())
    follow(cities, cities.undo())
    assert whole(cities) == before
    assert cities.db.execute("SELECT count(*) FROM covered").fetchone() == (0,)
    follow(cities, cities.redo())
    assert shown(cities, 2)[0] == ("GPE", "Yerevan", "memory")


def test_it_holds_after_a_restart_and_is_taken_back_after_one(cities: Project) -> None:
    before = whole(cities)
    follow(cities, cities.annotations.accept(1, 1, label="GPE"))
    cities.close()
    with open_project(cities.path, annotator="anna") as project:
        assert shown(project, 2)[0] == ("GPE", "Yerevan", "memory")
        follow(project, project.undo())
        assert whole(project) == before


def test_what_is_rejected_is_not_suggested_elsewhere(cities: Project) -> None:
    follow(cities, cities.annotations.reject(1, 1))
    assert shown(cities, 1) == []
    assert shown(cities, 2) == [("GPE", "Tbilisi", "ner")]
    assert shown(cities, 3) == [("FAC", "Yerevan State University", "ner")]


def test_a_colleague_sees_what_was_seen_where_somebody_decided(cities: Project) -> None:
    follow(cities, cities.annotations.reject(1, 1))
    cities.annotator = "bob"
    assert shown(cities, 1) == [("ORG", "Yerevan", "ner")]


def test_an_accepted_suggestion_of_memory_is_open_again_once_that_is_undone(cities: Project) -> None:
    follow(cities, cities.annotations.accept(1, 1, label="GPE"))
    seen = cities.suggestions.open(2)
    follow(cities, cities.annotations.accept(2, seen[0].id))
    cities.memory.refresh([2])
    assert cities.suggestions.open(2) == seen[1:]
    follow(cities, cities.undo())
    assert cities.suggestions.open(2) == seen


def test_a_name_that_only_a_person_found_is_suggested_elsewhere(cities: Project) -> None:
    assert shown(cities, 4) == []
    follow(cities, cities.annotations.add(2, "entity", "GPE", 25, 32))
    assert shown(cities, 4) == [("GPE", "Tbilisi", "memory")]
    follow(cities, cities.annotations.reject(4, cities.suggestions.open(4)[0].id))
    cities.annotator = "bob"
    # One for, one against: nothing follows. What anna decided on stays for bob as she saw it.
    assert shown(cities, 4) == [("GPE", "Tbilisi", "memory")]


def test_a_new_run_follows_the_rules_as_it_is_stored(cities: Project) -> None:
    follow(cities, cities.annotations.accept(1, 1, label="GPE"))
    follow(cities, cities.annotations.add(2, "entity", "GPE", 25, 32))
    suggest(cities)
    assert shown(cities, 2) == [("GPE", "Yerevan", "memory")]
    assert shown(cities, 4) == [("GPE", "Tbilisi", "memory")]
    follow(cities, cities.undo())
    follow(cities, cities.undo())
    assert shown(cities, 2) == [("ORG", "Yerevan", "ner"), ("GPE", "Tbilisi", "ner")]


def test_zones_count_as_people_decided_on_them(cities: Project) -> None:
    follow(cities, cities.annotations.add(2, "entity", "GPE", 25, 32))
    zone = Suggestion("zone", "boilerplate", 0, 28, "zones", "link list")
    cities.suggestions.replace(TINY, [(4, [zone], None)])
    assert shown(cities, 4) == []
    cities.annotations.reject(4, cities.suggestions.open(4)[0].id)
    cities.memory.refresh([4])
    assert shown(cities, 4) == [("GPE", "Tbilisi", "memory")]
    cities.annotations.add(4, "zone", "boilerplate", 0, 20)
    cities.memory.refresh([4])
    assert shown(cities, 4) == []


def test_an_article_that_no_pipeline_has_read_yet_waits_for_it(cities: Project) -> None:
    cities.suggestions.forget_runs()
    assert follow(cities, cities.annotations.accept(1, 1, label="GPE")) == []


def test_names_are_looked_for_in_parts(cities: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("annotator.project.memory._ARTICLES_AT_A_TIME", 2)
    assert [a for part in cities.memory.articles_with("Yerevan") for a in part] == [1, 2, 3]
    assert list(cities.memory.articles_with("!?")) == []
    assert [a for part in cities.memory.articles_with('Tbilisi" OR "Yerevan') for a in part] == []


def test_what_is_copied_from_an_equal_text_is_the_pipelines_own_and_follows(cities: Project) -> None:
    with cities.act("imported one more"):
        copy, _ = cities.articles.add(ArticleInput(TEXTS[1], "The same elsewhere", source="b.example"))
    follow(cities, cities.annotations.accept(1, 1, label="GPE"))
    assert cities.suggestions.copy_equal(copy, TINY.config)
    assert (
        shown(cities, copy) == shown(cities, 2) == [("GPE", "Yerevan", "memory"), ("GPE", "Tbilisi", "ner")]
    )
    follow(cities, cities.undo())
    assert shown(cities, copy) == shown(cities, 2) == [("ORG", "Yerevan", "ner"), ("GPE", "Tbilisi", "ner")]


def test_nothing_follows_where_people_do_not_agree(cities: Project) -> None:
    follow(cities, cities.annotations.accept(1, 1, label="GPE"))
    cities.annotator = "bob"
    follow(cities, cities.annotations.add(3, "entity", "LOC", 31, 38))
    assert shown(cities, 2)[0] == ("ORG", "Yerevan", "ner")


def test_what_one_has_decided_on_stays_as_they_saw_it(cities: Project) -> None:
    """Else relabelling it would count as an answer to what follows from it."""
    follow(cities, cities.annotations.accept(1, 1, label="GPE"))
    (annotation,) = cities.annotations.of(1)
    follow(cities, cities.annotations.relabel(annotation.id, "LOC"))
    follow(cities, cities.annotations.relabel(annotation.id, "ORG"))
    (annotation,) = cities.annotations.of(1)
    assert (annotation.origin, annotation.component, annotation.seen_suggestion) == ("accepted", "ner", "ORG")
    by_hand = cities.annotations.add(4, "entity", "GPE", 0, 7)
    follow(cities, by_hand)
    (annotation,) = cities.annotations.of(4)
    follow(cities, cities.annotations.relabel(annotation.id, "LOC"))
    (annotation,) = cities.annotations.of(4)
    assert (annotation.origin, annotation.component) == ("manual", None)


def test_bulk_acts_and_exports_see_what_memory_says(cities: Project) -> None:
    follow(cities, cities.annotations.accept(1, 1, label="GPE"))
    cities.annotations.accept_all(2)
    assert [(a.label, a.component) for a in cities.annotations.of(2)] == [("GPE", "memory"), ("GPE", "ner")]
    (line,) = [
        line for _, lines in cities.lines.chunks(with_suggestions=True) for line in lines if line.article == 3
    ]
    assert b'"label":"GPE","start":31' in line.text
    assert b'"label":"ORG"' not in line.text


def test_a_deleted_label_is_forgotten(cities: Project) -> None:
    follow(cities, cities.annotations.accept(1, 1, label="GPE"))
    cities.codebook.delete_label("entity", "ORG")
    cities.undo()
    assert cities.db.execute("PRAGMA foreign_key_check").fetchall() == []


def test_undoing_an_import_takes_what_was_covered_along(cities: Project) -> None:
    follow(cities, cities.annotations.accept(1, 1, label="GPE"))
    while cities.undo() is not None:
        pass
    assert cities.db.execute("SELECT count(*) FROM covered").fetchone() == (0,)


def test_reading_the_rules_anew_tells_what_is_different(cities: Project) -> None:
    assert run(cities) == set()
    cities.annotations.accept(1, 1, label="GPE")
    assert run(cities) == {"Yerevan"}
    assert run(cities) == set()


def run(project: Project) -> set[str]:
    steps = project.memory.load()
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return set(end.value)


def test_an_act_of_many_rows_is_not_looked_at_name_by_name(
    cities: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("annotator.project.memory._NAMED_ACTS", 1)
    change = cities.annotations.accept_all(2)
    assert change.act is not None
    assert cities.memory.names_of(change.act) is None


def test_refreshing_stops_when_its_time_is_over(cities: Project) -> None:
    cities.annotations.accept(1, 1, label="GPE")
    cities.memory.recount(["Yerevan"])
    articles: Sequence[int] = (1, 2, 3, 4)
    assert cities.memory.refresh(articles, 0.0) == ([1], 1)
    assert cities.memory.refresh(articles, 60.0) == ([2, 3], 4)


_STRETCHES = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 8)).map(lambda s: (s[0], s[0] + s[1])))


@given(_STRETCHES, st.integers(0, 40), st.integers(1, 8))
def test_overlap_is_what_looking_at_all_stretches_says(
    stretches: list[tuple[int, int]], start: int, length: int
) -> None:
    end = start + length
    assert overlap(stretches)(start, end) == any(start < b and a < end for a, b in stretches)


@given(
    st.lists(st.sampled_from(["Ab", "b", "Ab b", "-", " ", ".", "Áb", "_", "🚀", "b-Ab"])).map("".join),
    st.sets(st.sampled_from(["Ab", "b", "Ab b", "b-Ab", "Áb"])),
)
def test_few_names_are_found_where_many_are(text: str, sought: set[str]) -> None:
    rules = Rules()
    for name in sought:
        rules.set(name, Rule("GPE"))
    found = rules.find(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(memory, "_SOUGHT_ONE_BY_ONE", -1)
        assert rules.find(text) == found


def alone(project: Project) -> list[tuple[bool, int]]:
    """Whether each rejection is of one mention alone, with its beginning."""
    return project.db.execute('SELECT quote IS NULL, "start" FROM rejections ORDER BY "start"').fetchall()


@pytest.mark.parametrize("in_steps", [False, True])
def test_what_was_rejected_alone_comes_back_alone(cities: Project, in_steps: bool) -> None:
    def step(which: str) -> None:
        if in_steps:
            deque(getattr(cities.history, f"{which}_in_steps")(), maxlen=0)
        else:
            getattr(cities, which)()

    change = cities.annotations.reject(1, cities.suggestions.open(1)[0].id, alone=True)
    follow(cities, change)
    open_before = [shown(cities, article) for article in (1, 2, 3)]
    step("undo")
    assert alone(cities) == []
    step("redo")
    assert alone(cities) == [(True, 14)]
    follow(cities, change)
    assert [shown(cities, article) for article in (1, 2, 3)] == open_before
    cities.codebook.delete_label("entity", "ORG")
    assert alone(cities) == []
    step("undo")
    assert alone(cities) == [(True, 14)]


def test_reverting_brings_what_was_rejected_alone_back_alone(cities: Project) -> None:
    cities.annotations.reject(1, cities.suggestions.open(1)[0].id, alone=True)
    deleted = cities.codebook.delete_label("entity", "ORG").act
    cities.articles.set_note(1, "later")
    assert deleted is not None
    revert(cities, deleted)
    assert alone(cities) == [(True, 14)]


def test_what_was_rejected_alone_is_told_so_and_leaves_the_project_so(
    cities: Project, tmp_path: Path
) -> None:
    cities.annotations.reject(1, cities.suggestions.open(1)[0].id, alone=True)
    act = cities.history.last()
    assert act is not None
    assert act.text == "rejected ORG for this “Yerevan”"
    assert "not entity ORG “Yerevan” (14–21), this mention only, anna" in [
        side for change in cities.acts.changes(act.id) for side in (change.before, change.after)
    ]
    (record, *_) = cities.records.read()
    assert (
        [r.alone for r in record.rejections] == [r.alone for r in cities.annotations.rejections(1)] == [True]
    )
    with create_project(tmp_path / "other.annot", annotator="anna") as other:
        with other.act("imported"):
            other.records.add_all([record])
        assert alone(other) == [(True, 14)]


# Edges

PUTIN = "Putin spoke. Then Vladimir Putin left. Putin came."
LONG = (18, 32)


@pytest.fixture
def putins(project: Project) -> Project:
    """Two articles with a short name, once behind the rest of it; all found short."""
    with project.act("imported 2 articles"):
        project.articles.add(ArticleInput(PUTIN, "One"))
        project.articles.add(ArticleInput("Putin slept.", "Two"))
    stored = [
        names(PUTIN, ("PERSON", "Putin"), ("PERSON", "Vladimir")),
        names("Putin slept.", ("PERSON", "Putin")),
    ]
    project.suggestions.replace(TINY, [(n, s, None) for n, s in enumerate(stored, 1)])
    return project


def suggested_at(project: Project, start: int) -> Suggestion:
    return next(s for s in project.suggestions.open(1) if s.start == start)


def lengthen(project: Project) -> Change:
    return project.annotations.accept(1, suggested_at(project, 27).id, span=LONG)


def lengthen_accepted(project: Project) -> Change:
    project.annotations.accept(1, suggested_at(project, 27).id)
    (accepted,) = project.annotations.of(1)
    return project.annotations.move(accepted.id, *LONG)


def joined(project: Project) -> Change:
    return join(project, 1, suggested_at(project, 18), suggested_at(project, 27))


def joined_accepted(project: Project) -> Change:
    found: list[Annotation] = []
    for start in (18, 27):
        project.annotations.accept(1, suggested_at(project, start).id)
        found.append(next(a for a in project.annotations.of(1) if a.start == start))
    return join(project, 1, *found)


@pytest.mark.parametrize("longer", [lengthen, lengthen_accepted, joined, joined_accepted])
def test_a_name_that_is_made_longer_once_stays_suggested_elsewhere(
    putins: Project, longer: Callable[[Project], Change]
) -> None:
    follow(putins, longer(putins))
    assert [a.quote for a in putins.annotations.of(1)] == ["Vladimir Putin"]
    assert [s.start for s in putins.suggestions.open(1) if s.start != 18] == [0, 39]  # this one is answered
    assert [name for _, name, _ in shown(putins, 2)] == ["Putin"]


def test_a_name_that_is_made_shorter_is_refused_everywhere(putins: Project) -> None:
    with putins.act("imported"):
        putins.articles.add(ArticleInput(f"{PUTIN} Again.", "Three"))
    found = names(PUTIN, ("PERSON", "Putin spoke"))
    putins.suggestions.replace(TINY, [(1, found, None), (3, found, None)])
    follow(putins, putins.annotations.accept(1, suggested_at(putins, 0).id, span=(0, 5)))
    assert "Putin spoke" not in [name for _, name, _ in shown(putins, 3)]
