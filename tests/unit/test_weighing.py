"""What passages say about an article's stance: the rule of docs/adr/0022, recounted by hand."""

from __future__ import annotations

import pytest

from annotator.weighing import Side, in_words, no_answer, weigh

ORDER = ("pro-West", "neutral", "pro-Russia")
W, N, R = ORDER


def test_without_passages_nothing_is_said() -> None:
    weighed = weigh([], ORDER)
    assert (weighed.sides, weighed.answer, weighed.passages) == ((), None, 0)
    assert in_words(weighed, W) == ""
    assert no_answer(weighed) == "no passage is labelled in this article"


def test_sides_stand_in_codebook_order_with_number_and_weight() -> None:
    weighed = weigh([(R, 3), (W, None), (R, 1)], ORDER)
    assert weighed.sides == (Side(W, 1, 2), Side(R, 2, 4))
    assert weighed.answer == R


@pytest.mark.parametrize(
    ("passages", "answer"),
    [
        ([(W, None)], W),
        ([(W, None), (W, None), (N, None)], W),
        ([(W, None), (N, None)], None),
        ([(W, 3), (N, 1), (N, 1)], W),  # three against two
        ([(W, 3), (N, 1), (N, 2)], None),
        ([(W, None), (N, 1)], W),  # no certainty weighs two
        ([(W, None), (N, 2)], None),
        ([(W, 2), (N, 2), (R, 3)], R),  # the most, not more than half
        ([(W, 9), (R, 3)], None),  # somebody else's scale: the nearest of ours
        ([(W, -4), (R, 1)], None),
    ],
)
def test_the_label_that_weighs_most_is_the_answer(
    passages: list[tuple[str, int | None]], answer: str | None
) -> None:
    assert weigh(passages, ORDER).answer == answer


@pytest.mark.parametrize(
    ("passages", "chosen", "words"),
    [
        ([(W, 1)], None, "The one passage says pro-West; the article has no stance yet."),
        ([(W, None)] * 2, W, "All 2 passages say pro-West: agrees with the article's stance."),
        ([(W, 2)] * 3 + [(N, 2)], W, "3 of 4 passages say pro-West: agrees with the article's stance."),
        (
            [(W, 2)] * 3 + [(N, 2)],
            N,
            "3 of 4 passages say pro-West: differs from the article's stance, neutral.",
        ),
        (
            [(W, 3), (N, 1), (N, 1)],
            N,
            "1 of 3 passages says pro-West (3 of 5 by certainty): differs from the article's stance, "
            "neutral.",
        ),
        ([(W, 1), (R, 1)], W, "No answer from the passages: pro-West and pro-Russia have 1 passage each."),
        (
            [(W, 2), (N, 1), (N, 1), (R, None)],
            W,
            "No answer from the passages: pro-West, neutral and pro-Russia weigh 2 each by certainty.",
        ),
    ],
)
def test_the_sentence(passages: list[tuple[str, int | None]], chosen: str | None, words: str) -> None:
    assert in_words(weigh(passages, ORDER), chosen) == words


def test_only_another_stance_than_the_answer_differs() -> None:
    weighed = weigh([(W, None)], ORDER)
    assert [weighed.differs(chosen) for chosen in (None, W, N)] == [False, False, True]
    assert not weigh([(W, None), (N, None)], ORDER).differs(R)


def test_labels_that_the_codebook_does_not_list_count_too() -> None:
    weighed = weigh([("old", None), ("old", None), ("East", None)], ("East", "South"))
    assert [side.label for side in weighed.sides] == ["East", "old"]
    assert weighed.answer == "old"
