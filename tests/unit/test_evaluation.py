"""Figures of how good the suggestions are, checked against sums done by hand and published examples."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import pytest

from annotator.evaluation import (
    BlindFigures,
    Evaluation,
    Judged,
    Opinion,
    Outcome,
    Round,
    Share,
    Verdict,
    answer_figures,
    judged,
    rounds,
    stance_figures,
)
from annotator.evaluation.report import NOTHING
from annotator.evaluation.shares import newcombe, wilson
from annotator.evaluation.stances import macro_f1

NOBODY = BlindFigures(Share(0, 0), Share(0, 0), 0)


# Shares


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),  # Newcombe 1998 (Statistics in Medicine 17, 857-872), table I, method 3
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_wilsons(hits: int, n: int, low: float, high: float) -> None:
    assert wilson(hits, n) == pytest.approx((low, high), abs=5e-5)


def test_the_difference_is_newcombes() -> None:
    # Newcombe 1998 (Statistics in Medicine 17, 873-890), table II, method 10: 56/70 - 48/80
    assert newcombe(Share(56, 70), Share(48, 80)) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_no_share_is_said_without_its_number_or_of_too_few() -> None:
    assert Share(9, 9).words() == "9 of 9, too few"
    assert (Share(9, 9).value, Share(9, 9).interval) == (None, None)
    assert Share(0, 0).words() == "none yet"
    assert Share(5, 10).words() == "50% (24–76% of 10)"
    assert Share(9, 9).as_dict() == {"hits": 9, "n": 9, "share": None, "low": None, "high": None}


# Answers


def verdict(
    outcome: Outcome,
    label: str = "GPE",
    became: str | None = None,
    component: str = "ner",
    *,
    done: bool = True,
    hour: str | None = "2026-01-01T09",
    layer: str = "entity",
) -> Verdict:
    return Verdict(layer, component if outcome != "missed" else "", label, outcome, became, done, hour)


ANSWERS = Counter(
    {
        verdict("accepted"): 30,
        verdict("accepted", done=False): 10,
        verdict("accepted", component="gazetteer"): 20,
        verdict("relabelled", became="ORG"): 6,
        verdict("moved", became="GPE"): 4,
        verdict("rejected", done=False): 10,
        verdict("missed"): 8,
        verdict("missed", done=False): 100,  # not done: they may still come to it
        verdict("missed", "ORG"): 2,
        verdict("accepted", "ORG"): 12,
        verdict("open"): 5,
        verdict("bulk"): 50,
        verdict("rejected", layer="zone"): 99,
    }
)


def test_rates_by_label_are_those_counted_by_hand() -> None:
    figures = answer_figures(ANSWERS, "entity")
    gpe, org = figures.labels
    assert (gpe.name, gpe.answered, gpe.accepted, gpe.bulk, gpe.open) == ("GPE", 80, 60, 50, 5)
    assert gpe.precision == Share(60, 80)
    assert gpe.corrected == Share(10, 80)
    assert gpe.refused == Share(10, 80)
    # on done articles people have 50 accepted, 4 with other edges and 8 of their own
    assert gpe.found == Share(50, 62)
    assert gpe.miss_rate == Share(8, 62)
    assert gpe.f1 == pytest.approx(2 * 0.75 * (50 / 62) / (0.75 + 50 / 62))
    # what was suggested as GPE and became ORG is an ORG that was not found
    assert (org.precision, org.found, org.missed) == (Share(12, 12), Share(12, 20), 2)
    assert figures.total.precision == Share(72, 92)
    assert figures.total.found == Share(62, 82)
    assert figures.changes == (("GPE", "ORG", 6),)


def test_rates_by_component_are_those_counted_by_hand() -> None:
    gazetteer, ner = answer_figures(ANSWERS, "entity").components
    assert (gazetteer.name, gazetteer.precision, gazetteer.found) == (
        "gazetteer",
        Share(20, 20),
        Share(20, 82),
    )
    assert (ner.name, ner.precision, ner.found) == ("ner", Share(52, 72), Share(42, 82))


def test_time_is_cut_where_enough_was_answered() -> None:
    answers: Counter[Verdict] = Counter()
    for day, (good, bad) in enumerate([(60, 0), (60, 10), (40, 60), (5, 5)], 1):
        answers[verdict("accepted", hour=f"2026-01-0{day}T09")] = good
        answers[verdict("rejected", hour=f"2026-01-0{day}T10")] = bad
        answers[verdict("missed", hour=f"2026-01-0{day}T11")] = 1
    answers[verdict("rejected", hour=None)] = 7
    figures = answer_figures(answers, "entity")
    assert [(p.name, p.precision, p.missed) for p in figures.periods] == [
        ("2026-01-01 to 2026-01-02", Share(120, 120), 1),
        ("2026-01-02 to 2026-01-04", Share(45, 120), 3),
    ]
    assert figures.undated == 7
    assert figures.component_periods["ner"][0].precision == Share(120, 120)
    assert [p.precision for p in figures.label_periods["GPE"]] == [p.precision for p in figures.periods]


def test_a_long_time_has_a_dozen_parts() -> None:
    answers = Counter({verdict("accepted", hour=f"2026-{m:02}-01T09"): 1000 for m in range(1, 13)})
    answers.update({verdict("accepted", hour=f"2026-{m:02}-15T09"): 1000 for m in range(1, 13)})
    assert [p.answered for p in answer_figures(answers, "entity").periods] == [2000] * 12


def test_labels_of_one_layer_do_not_count_in_another() -> None:
    assert answer_figures(ANSWERS, "zone").total.refused == Share(99, 99)
    assert answer_figures(ANSWERS, "passage").total.answered == 0


# The replay


def test_each_article_is_judged_by_what_was_learnt_before_its_label() -> None:
    texts = [(number, f"text {number}") for number in range(100, 155)]
    plan = rounds(texts, range(30, 56, 10))
    assert plan == [
        Round(0, tuple(range(100, 155))),
        Round(30, tuple(range(130, 140))),
        Round(40, tuple(range(140, 150))),
        Round(50, tuple(range(150, 155))),
    ]
    for part in plan:
        learnt = {article for article, _ in texts[: part.learnt]}
        assert learnt.isdisjoint(part.articles)


def test_a_text_that_was_learnt_from_is_not_judged_again() -> None:
    texts = [(1, "a"), (2, "b"), (3, "a"), (4, "c")]
    assert rounds(texts, [2]) == [Round(0, (1, 2, 4)), Round(2, (4,))]
    assert rounds(texts[:3], [2]) == [Round(0, (1, 2))]
    assert rounds([], []) == [Round(0, ())]


def test_many_labels_are_not_learnt_from_at_every_ten() -> None:
    plan = rounds([(n, str(n)) for n in range(5000)], range(30, 5001, 10))
    points = [part.learnt for part in plan[1:]]
    assert points[:28] == list(range(30, 301, 10))
    assert all(later >= 1.1 * before for before, later in pairwise(points[27:]))
    assert len(points) < 60
    judged_once = [article for part in plan[1:] for article in part.articles]
    assert judged_once == list(range(30, 5000))


def test_what_was_said_in_the_last_round_stands_for_an_article() -> None:
    west, other = Opinion("pro-West", {"pro-West": 1.0}), Opinion(None, {"pro-West": 0.4})
    said = {(0, 1): other, (0, 2): other, (30, 2): west}
    assert judged([(1, "neutral"), (2, "pro-West"), (3, "neutral")], said) == [
        Judged(1, "neutral", 0, other, other),
        Judged(2, "pro-West", 30, other, west),
    ]


# Stances


def opinion(west: float, neutral: float, russia: float, *, sure: bool = True) -> Opinion:
    scores = {"pro-West": west, "neutral": neutral, "pro-Russia": russia}
    return Opinion(max(scores, key=lambda label: scores[label]) if sure else None, scores)


WEST, NEUTRAL, RUSSIA = opinion(0.8, 0.1, 0.1), opinion(0.2, 0.5, 0.3), opinion(0.05, 0.05, 0.9)
TORN = opinion(0.36, 0.3, 0.34, sure=False)  # likeliest: pro-West


def judgements(cases: Sequence[tuple[str, Opinion, int]], learnt: int = 0) -> list[Judged]:
    found = []
    for label, said, number in cases:
        found += [Judged(len(found), label, learnt, said, said)] * number
    return found


CASES = judgements(
    [
        ("pro-West", WEST, 8),
        ("pro-West", RUSSIA, 1),
        ("pro-West", TORN, 1),
        ("neutral", NEUTRAL, 4),
        ("neutral", WEST, 1),
        ("pro-Russia", RUSSIA, 3),
        ("pro-Russia", TORN, 2),
    ]
)


def test_confusion_and_opposite_sides_are_those_counted_by_hand() -> None:
    figures = stance_figures(CASES)
    assert figures.confusion == {
        ("pro-West", "pro-West"): 8,
        ("pro-West", "pro-Russia"): 1,
        ("pro-West", "not sure"): 1,
        ("neutral", "neutral"): 4,
        ("neutral", "pro-West"): 1,
        ("pro-Russia", "pro-Russia"): 3,
        ("pro-Russia", "not sure"): 2,
    }
    assert figures.n == 20
    assert figures.sure == Share(17, 20)
    assert figures.right_when_sure == Share(15, 17)
    assert figures.opposite == Share(1, 20)
    assert figures.likeliest_right == Share(16, 20)
    assert figures.likeliest_opposite == Share(3, 20)  # the two that it was torn about
    west, _, russia = figures.labels
    assert (west.precision, west.recall) == (Share(8, 9), Share(8, 10))
    assert (russia.precision, russia.recall) == (Share(3, 4), Share(3, 5))
    assert figures.macro_f1 == pytest.approx((16 / 19 + 8 / 9 + 6 / 9) / 3)


def test_calibration_is_that_counted_by_hand() -> None:
    figures = stance_figures(CASES)
    assert [(b.low, round(b.stated, 6), b.right) for b in figures.bins] == [
        (0.0, 0.36, Share(1, 3)),
        (0.5, 0.5, Share(4, 4)),
        (0.8, 0.8, Share(8, 9)),
        (0.9, 0.9, Share(3, 4)),
    ]
    gaps = abs(3 * 0.36 - 1) + abs(4 * 0.5 - 4) + abs(9 * 0.8 - 8) + abs(4 * 0.9 - 3)
    assert figures.calibration_error == pytest.approx(gaps / 20)
    brier = (
        8 * (0.04 + 0.01 + 0.01)
        + (0.95**2 + 0.05**2 + 0.9**2)
        + (0.64**2 + 0.3**2 + 0.34**2)
        + 4 * (0.04 + 0.25 + 0.09)
        + (0.64 + 0.81 + 0.01)
        + 3 * (0.0025 + 0.0025 + 0.01)
        + 2 * (0.36**2 + 0.3**2 + 0.66**2)
    )
    assert figures.brier == pytest.approx(brier / 20)


def test_a_third_for_each_has_the_brier_score_of_chance() -> None:
    third = opinion(1 / 3, 1 / 3, 1 / 3, sure=False)
    assert stance_figures(judgements([("neutral", third, 10)])).brier == pytest.approx(2 / 3)


def test_the_curve_compares_with_the_rules_on_the_same_articles() -> None:
    cases = judgements([("pro-West", WEST, 30)])
    for learnt, number in ((30, 10), (40, 10), (50, 25), (60, 4)):
        cases += [Judged(0, "pro-West", learnt, TORN if learnt < 50 else RUSSIA, WEST)] * number
    curve = stance_figures(cases).curve
    assert [(p.first, p.last, p.right, p.by_rules) for p in curve] == [
        (0, 0, Share(30, 30), Share(30, 30)),
        (30, 40, Share(20, 20), Share(20, 20)),
        (50, 60, Share(29, 29), Share(0, 29)),
    ]


def test_few_articles_give_no_number_and_unread_ones_none_at_all() -> None:
    figures = stance_figures([*CASES[:9], Judged(99, "neutral", 0, Opinion(None, None), Opinion(None, None))])
    assert (figures.n, figures.unread) == (9, 1)
    numbers = (figures.macro_f1, figures.likeliest_macro_f1, figures.calibration_error, figures.brier)
    assert numbers == (None,) * 4
    assert figures.likeliest_right.value is None
    text = Evaluation((), NOBODY, figures).text()
    assert "9 articles, too few" in text
    assert "1 in languages without cue words were not judged." in text


def test_macro_f1_leaves_out_a_stance_that_nobody_knows() -> None:
    assert macro_f1([("neutral", "neutral"), ("pro-West", None)]) == 0.5
    assert macro_f1([]) == 0.0


# Blind


def test_seeing_that_sways_is_said_in_words_with_numbers() -> None:
    assert BlindFigures(Share(180, 200), Share(24, 40), 0).sentence() == (
        "People agreed with the machine in 90% of 200 articles when they saw its suggestion and in 60% of 40 "
        "blind ones: seeing it sways them (difference +15 to +46 points)."
    )
    assert "the difference may be chance" in BlindFigures(Share(37, 52), Share(8, 13), 0).sentence()
    assert "puts them off" in BlindFigures(Share(100, 200), Share(39, 40), 0).sentence()


def test_too_few_are_not_compared() -> None:
    figures = BlindFigures(Share(40, 50), Share(5, 9), 2)
    assert figures.difference is None
    assert figures.sentence().startswith(
        "Too few to compare: 50 stances were chosen with the suggestion in sight"
    )
    assert "2 blind ones are left out" in figures.sentence()
    assert "set a blind share" in NOBODY.sentence()


# The report


def test_the_report_says_what_to_do_first() -> None:
    empty = Evaluation((answer_figures({}, "entity"),), NOBODY, None)
    assert empty.text() == NOTHING
    assert empty.empty


def test_every_share_in_the_report_has_its_number() -> None:
    report = Evaluation((answer_figures(ANSWERS, "entity"),), NOBODY, stance_figures(CASES), "Why not.")
    text = report.text()
    assert "75% (65–83% of 80)" in text
    assert "50 accepted in the whole project at once, unseen, are in no share." in text
    assert text.endswith("Why not.")
    for table in report.tables():
        for row in table.rows:
            assert len(row) == len(table.columns)
            assert not any(isinstance(cell, str) and "%" in cell and " to " not in cell for cell in row[2:])


def test_the_files_hold_the_same_numbers() -> None:
    report = Evaluation((answer_figures(ANSWERS, "entity"),), NOBODY, stance_figures(CASES))
    rows = dict(csv.reader(io.StringIO(report.csv())))
    assert rows["layers/0/total/precision/share"] == str(72 / 92)
    assert rows["stances/confusion/pro-West/pro-Russia"] == "1"
    assert rows["stances/learning_curve/0/right/n"] == "20"
    assert report.as_dict()["layers"][0]["labels"][0]["recall"]["hits"] == 50


def test_a_carriage_return_in_a_label_ends_no_line() -> None:
    answers = {verdict("accepted", "one\rtwo", component="x"): 10}
    text = Evaluation((answer_figures(answers, "entity"),), NOBODY, None).csv()
    assert '"one\rtwo"' in text
    assert all(len(row) == 2 for row in csv.reader(io.StringIO(text, newline="")))


def test_a_label_is_no_formula_in_a_spreadsheet() -> None:
    answers = {verdict("accepted", "=1+1", component="@x"): 10}
    rows = list(csv.reader(io.StringIO(Evaluation((answer_figures(answers, "entity"),), NOBODY, None).csv())))
    assert ["layers/0/labels/0/name", "'=1+1"] in rows
