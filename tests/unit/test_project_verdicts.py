"""Counting what became of suggestions, on a real project file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest

from annotator.evaluation import Share, Verdict
from annotator.evaluation.answers import UNKNOWN
from annotator.model import ArticleInput, PipelineInfo, Suggestion
from annotator.project import Project
from annotator.project.bulk import accept_all_open
from annotator.project.outcomes import Key, outcomes, unseen_acts
from annotator.project.stance_labels import given_stances, labels_to_learn, refits
from annotator.project.verdicts import Counted, count_verdicts

TEXT = "Armenia met Russia and the West in Yerevan."
RULES, LEARNT = PipelineInfo("tiny", "1.0", "abc"), PipelineInfo("tiny", "1.0", "abc+123")
PLACES = {"Armenia": "GPE", "Russia": "ORG", "the West": "LOC"}


def stretch(quote: str) -> tuple[int, int]:
    start = TEXT.index(quote)
    return start, start + len(quote)


def suggestions(stance: str | None = "neutral") -> list[Suggestion]:
    found = [Suggestion("entity", label, *stretch(quote), "ner") for quote, label in PLACES.items()]
    return [*found, Suggestion("stance", stance, None, None, "stance")]


def suggest(project: Project, articles: Iterable[int], pipeline: PipelineInfo = RULES) -> None:
    project.suggestions.replace(pipeline, [(article, suggestions(), None) for article in articles])


@pytest.fixture
def six(project: Project) -> Project:
    """Six articles with the same names: GPE Armenia, ORG Russia, LOC the West; stance neutral."""
    with project.act("imported 6 articles"):
        for number in range(6):
            project.articles.add(ArticleInput(TEXT, f"Article {number}"))
    suggest(project, range(1, 7))
    return project


def count(project: Project) -> Counted:
    steps = count_verdicts(project)
    while True:
        try:
            step = next(steps)
            assert 0 < step.done <= step.total == project.articles.count()
        except StopIteration as end:
            counted: Counted = end.value
            unseen = [act for acts in unseen_acts(project) for act in acts]
            assert in_short(counted) == outcomes(project, 1, 1000, None, unseen)
            return counted


def in_short(counted: Counted) -> dict[Key, int]:
    """What the overview says of the same answers, which counts them in another way."""
    names: dict[str, Any] = {"relabelled": "corrected", "moved": "corrected", "open": "left open"}
    names |= {"bulk": "accepted unseen"}
    found: Counter[Key] = Counter()
    for v, number in counted.verdicts.items():
        if v.outcome != "missed":
            found[v.layer, v.component, v.label, names.get(v.outcome, v.outcome)] += number
    return found


def entities(project: Project) -> dict[tuple[Any, ...], int]:
    """The verdicts on entities, without the hours: (component, label, outcome, became, done)."""
    found: dict[tuple[Any, ...], int] = {}
    for v, number in count(project).verdicts.items():
        if v.layer == "entity":
            key = (v.component, v.label, v.outcome, v.became, v.done)
            found[key] = found.get(key, 0) + number
    return found


def the(project: Project, article: int, quote: str) -> int:
    """The number of the open suggestion on a text."""
    (found,) = (s.id for s in project.suggestions.open(article) if (s.start, s.end) == stretch(quote))
    return found


def test_each_answer_is_counted_once_with_its_component(six: Project) -> None:
    act = six.annotations
    act.accept(1, the(six, 1, "Armenia"))
    act.accept(1, the(six, 1, "Russia"), label="GPE")
    act.reject(1, the(six, 1, "the West"))
    act.add(1, "entity", "GPE", *stretch("Yerevan"))
    six.articles.set_status(1, "done")
    assert entities(six) == {
        ("ner", "GPE", "accepted", None, True): 1,
        ("ner", "ORG", "relabelled", "GPE", True): 1,
        ("ner", "LOC", "rejected", None, True): 1,
        ("", "GPE", "missed", None, True): 1,
    }


def test_other_edges_are_one_correction_and_no_rejection_beside_it(six: Project) -> None:
    six.annotations.accept(1, the(six, 1, "the West"), span=stretch("West"))
    assert six.annotations.rejections(1)  # of the longer stretch, or it would come up again
    assert entities(six) == {("ner", "LOC", "moved", "LOC", False): 1}
    six.annotations.accept(2, the(six, 2, "the West"))
    (made,) = six.annotations.of(2)
    six.annotations.move(made.id, *stretch("West"))
    assert entities(six) == {("ner", "LOC", "moved", "LOC", False): 2}


def test_a_rejection_in_another_place_or_by_another_person_is_one(six: Project) -> None:
    six.annotations.accept(1, the(six, 1, "the West"), span=stretch("West"))
    six.annotator = "bob"
    six.annotations.reject(1, the(six, 1, "the West"))
    assert entities(six) == {
        ("ner", "LOC", "moved", "LOC", False): 1,
        ("ner", "LOC", "rejected", None, False): 1,
    }


def test_a_rejection_on_the_very_stretch_of_a_correction_is_one_more_answer(six: Project) -> None:
    russia = the(six, 1, "Russia")
    six.annotations.accept(1, russia, label="GPE")
    with six.act("rejected it too"):
        six.db.execute(
            'INSERT INTO rejections(article, id, annotator, layer, label, start, "end", quote) '
            "SELECT article, 900, annotator, layer, (SELECT id FROM labels WHERE name = 'ORG'), start, "
            '"end", quote FROM annotations'
        )
    assert entities(six) == {
        ("ner", "ORG", "relabelled", "GPE", False): 1,
        ("ner", "ORG", "rejected", None, False): 1,
    }


def test_what_is_taken_back_is_not_counted(six: Project) -> None:
    six.annotations.reject(1, the(six, 1, "the West"))
    six.annotations.accept(1, the(six, 1, "Armenia"))
    six.undo()
    six.undo()
    assert entities(six) == {}


def test_misses_need_an_article_that_is_done_and_has_suggestions(six: Project) -> None:
    with six.act("imported 1 article"):
        bare = six.articles.add(ArticleInput(TEXT, "Nobody suggested"))
    number = bare if isinstance(bare, int) else six.articles.ids()[-1]
    for article in (1, number):
        six.annotations.add(article, "entity", "GPE", *stretch("Yerevan"))
    six.articles.set_status(number, "done")
    assert entities(six) == {("", "GPE", "missed", None, False): 1}


def test_what_was_left_open_counts_on_done_articles_only(six: Project) -> None:
    six.annotations.accept(1, the(six, 1, "Armenia"))
    six.articles.set_status(1, "done")
    assert entities(six) == {
        ("ner", "GPE", "accepted", None, True): 1,
        ("ner", "ORG", "open", None, True): 1,
        ("ner", "LOC", "open", None, True): 1,
    }


def test_what_nobody_looked_at_is_counted_apart(six: Project) -> None:
    six.annotations.accept(1, the(six, 1, "Armenia"))
    six.annotations.accept_all(2)  # one article, which is in front of them
    for _ in accept_all_open(six):
        pass
    found = entities(six)
    assert found["ner", "GPE", "accepted", None, False] == 2
    assert found["ner", "GPE", "bulk", None, False] == 4
    assert found["ner", "ORG", "bulk", None, False] == 5


def test_a_rejection_keeps_its_time_and_loses_its_component_with_another_run(six: Project) -> None:
    six.annotations.reject(1, the(six, 1, "the West"))
    (act,) = (act for act in six.history.acts() if act.text.startswith("rejected"))
    six.suggestions.replace(PipelineInfo("other", "2"), [(1, (), None)])
    (found,) = count(six).verdicts
    assert found == Verdict("entity", UNKNOWN, "LOC", "rejected", None, False, act.created_at[:13])


def test_a_rejection_is_as_old_as_the_act_that_made_it(six: Project) -> None:
    six.annotations.reject(1, the(six, 1, "the West"))
    six.db.execute("UPDATE acts SET created_at = '2020-02-02T02:02:02.000Z' WHERE text GLOB 'rejected*'")
    with six.act("touched it again"):
        six.db.execute("UPDATE rejections SET quote = quote || ''")
    six.undo()
    six.redo()
    (found,) = count(six).verdicts
    assert found.hour == "2020-02-02T02"


def test_memorys_suggestions_are_judged_by_what_was_said_to_them(six: Project) -> None:
    six.annotations.accept(1, the(six, 1, "Russia"), label="GPE")
    six.memory.recount({"Russia"})
    six.memory.refresh(six.articles.ids())
    (changed,) = (s for s in six.suggestions.open(2) if s.component == "memory")
    six.annotations.accept(2, changed.id)
    assert entities(six) == {
        ("ner", "ORG", "relabelled", "GPE", False): 1,
        ("memory", "GPE", "accepted", None, False): 1,
    }


def test_stances_of_articles_and_passages_are_kinds_of_their_own(six: Project) -> None:
    six.annotations.add(1, "stance", "neutral")
    six.annotations.add(1, "stance", "pro-West", *stretch("Armenia met Russia"))
    found = {(v.layer, v.label, v.outcome) for v in count(six).verdicts}
    assert found == {("stance", "neutral", "accepted"), ("passage", "pro-West", "missed")}


# Blind


def test_blind_and_seen_stances_are_compared(six: Project) -> None:
    for article, label in ((1, "neutral"), (2, "neutral"), (3, "pro-West")):
        six.annotations.add(article, "stance", label)
    six.drawing.change(seed="1", blind_share=100)
    six.annotations.add(4, "stance", "neutral")
    six.annotations.add(5, "stance", "pro-Russia")
    blind = count(six).blind
    assert (blind.seen, blind.blind, blind.left_out) == (Share(2, 3), Share(1, 2), 0)
    # chosen blind: neither an answer nor a miss
    assert sum(n for v, n in count(six).verdicts.items() if v.layer == "stance") == 3


def test_what_the_machine_learnt_from_the_blind_answer_is_left_out(six: Project) -> None:
    six.drawing.change(seed="1", blind_share=100)
    suggest(six, [1, 2], LEARNT)  # had learnt from others
    for article in (1, 2, 3, 4):
        six.annotations.add(article, "stance", "neutral")
    assert count(six).blind.blind == Share(4, 4)
    six.db.execute("UPDATE annotations SET created_at = '2020-01-01T00:00:00.000Z' WHERE article = 2")
    suggest(six, [3], PipelineInfo("tiny", "2.0", "abd"))  # made again, by rules that learn nothing
    six.suggestions.replace(LEARNT, [(4, suggestions(None), None)])  # not sure
    blind = count(six).blind
    assert (blind.blind, blind.left_out) == (Share(2, 2), 2)


# The labels that are learnt from


def test_refits_are_where_the_program_learns(project: Project) -> None:
    names = ("pro-West", "neutral", "pro-Russia")
    with project.act("imported"):
        for number in range(57):
            project.articles.add(ArticleInput(f"{TEXT} {number}", f"Article {number}"))
    for number in range(1, 58):
        label = "neutral" if number <= 28 else names[number % 3]
        project.annotations.add(number, "stance", label)
        when = f"2026-01-01T00:{number:02}:00.000Z"
        project.db.execute("UPDATE annotations SET created_at = ? WHERE article = ?", [when, number])
        given = given_stances(project)
        points = refits(given)
        assert len(labels_to_learn(project)) == (points[-1] if points else 0)
    # the fifth of the rarer two comes at the 42nd
    assert [given[n].article for n in range(57)] == list(range(1, 58))
    assert list(refits(given)) == [42, 52]
