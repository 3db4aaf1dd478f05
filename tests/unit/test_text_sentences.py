"""Sentences and paragraphs at a place of a text, in several scripts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.text import next_sentence, paragraph_at, sentence_at

TEXT = (
    "Mr. Putin met J. Biden in the U.S. capital 🚀. “Yes.” He said so!\n\n"
    "Հայաստան։ Երևան։ А. Пашинян в Ереване. Да.\n"
    "قال نعم؟ ثم ذهب."
)
SENTENCES = [
    "Mr. Putin met J. Biden in the U.S. capital 🚀.",
    "“Yes.”",
    "He said so!",
    "Հայաստան։",
    "Երևան։",
    "А. Пашинян в Ереване.",
    "Да.",
    "قال نعم؟",
    "ثم ذهب.",
]


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_is_found_from_any_place_in_it(sentence: str) -> None:
    start = TEXT.index(sentence)
    for place in (start, start + len(sentence) // 2, start + len(sentence) - 1):
        assert sentence_at(TEXT, place) == (start, start + len(sentence))


def test_going_on_and_back_stops_at_each_sentence() -> None:
    starts = [TEXT.index(sentence) for sentence in SENTENCES]
    seen, place = [], 0
    while (place := next_sentence(TEXT, place, 1)) < len(TEXT):
        seen.append(place)
    assert seen == starts[1:]
    assert next_sentence(TEXT, starts[2] + 3, -1) == starts[2], "first to the beginning of this one"
    back = []
    while place > 0:
        place = next_sentence(TEXT, place, -1)
        back.append(place)
    assert back == starts[::-1]


def test_a_blank_line_has_no_sentence_and_a_paragraph_is_a_line() -> None:
    blank = TEXT.index("\n") + 1
    assert sentence_at(TEXT, blank) is None
    assert paragraph_at(TEXT, blank) is None
    assert paragraph_at(TEXT, 3) == (0, blank - 1)
    assert paragraph_at("  one. \ntwo", 0) == (2, 6)


@given(st.text(alphabet="aБ.!?։ \n”🚀e\u0301", max_size=40), st.integers(0, 40))
def test_sentences_stay_within_the_text_and_moving_ends(text: str, place: int) -> None:
    place = min(place, len(text))
    found = sentence_at(text, place)
    if found is not None:
        assert 0 <= found[0] < found[1] <= len(text)
        assert "\n" not in text[slice(*found)]
    assert next_sentence(text, place, 1) > place or place == len(text)
    assert next_sentence(text, place, -1) < place or place == 0
