"""Tokens of several texts, found with arrays, are those of the expression, cut at the edges of spans."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.formats.token_edges import Numbers, Spans, spaced_tokens_of, tokens_of
from annotator.text import IN_WORD

# Letters of several scripts and of the plane above, accents by themselves, joiners, emoji and spaces.
CHARACTERS = "ab1_éЖيա.,’“-\u0301\u200d\U0001d4d0\U00010330\U0001f600\U00020000\u00a0\u3000 \t\n"
texts = st.text(CHARACTERS, max_size=60)


def _words(text: str) -> list[tuple[int, int]]:
    return [match.span() for match in re.finditer(rf"{IN_WORD}+|\S", text)]


@st.composite
def texts_with_spans(draw: st.DrawFn) -> tuple[str, list[tuple[int, int]]]:
    """Texts with stretches that have no white space at their edges, in reading order."""
    text = draw(texts)
    edges = st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))
    spans = [(s, e) for s, e in draw(st.lists(edges, max_size=5)) if s < e and text[s:e] == text[s:e].strip()]
    return text, sorted(spans)


def _spans(spans: list[tuple[int, int]]) -> Spans:
    return [start for start, _ in spans], [end for _, end in spans]


def _in_utf16(text: str, place: int) -> int:
    return len(text[:place].encode("utf-16-le")) // 2


@given(st.lists(texts_with_spans(), max_size=4))
def test_tokens_are_those_of_the_expression_cut_at_the_spans(
    drawn: list[tuple[str, list[tuple[int, int]]]],
) -> None:
    together = list(tokens_of([text for text, _ in drawn], [_spans(spans) for _, spans in drawn]))
    assert len(together) == len(drawn)
    for (text, spans), tokens in zip(drawn, together, strict=True):
        expected: list[tuple[int, int]] = []
        for start, end in _words(text):
            cuts = sorted({edge for span in spans for edge in span if start < edge < end})
            expected += zip([start, *cuts], [*cuts, end], strict=True)
        assert tokens.words == [text[start:end].encode() for start, end in expected]
        assert tokens.starts.tolist() == [_in_utf16(text, start) for start, _ in expected]
        assert tokens.ends.tolist() == [_in_utf16(text, end) for _, end in expected]
        for (start, end), first, behind in zip(spans, tokens.first, tokens.behind, strict=True):
            assert expected[first][0] == start
            assert expected[behind - 1][1] == end


@given(st.lists(texts, max_size=4))
def test_how_many_tokens_are_before_each_line_end(drawn: list[str]) -> None:
    for text, tokens in zip(drawn, tokens_of(drawn, [_spans([])] * len(drawn)), strict=True):
        ends = [match.start() for match in re.finditer("\n", text)]
        assert tokens.before_lines == [sum(start < end for start, _ in _words(text)) for end in ends]


@given(st.lists(texts_with_spans(), min_size=1, max_size=4))
def test_spaced_tokens_are_those_of_the_expression(drawn: list[tuple[str, list[tuple[int, int]]]]) -> None:
    together = list(spaced_tokens_of([text for text, _ in drawn], [_spans(spans) for _, spans in drawn]))
    assert len(together) == len(drawn)
    for (text, spans), tokens in zip(drawn, together, strict=True):
        expected = list(re.finditer(rf"({IN_WORD}+|\s+|.)( ?)", text, re.DOTALL))
        assert [json.loads(b'"%b"' % word) for word in tokens.words] == [match[1] for match in expected]
        assert tokens.starts.tolist() == [match.start() for match in expected]
        assert tokens.ends.tolist() == [match.end(1) for match in expected]
        assert tokens.blank.tolist() == [bool(match[2]) for match in expected]
        starts, ends = [match.start() for match in expected], [match.end(1) for match in expected]
        for (start, end), first, last in zip(spans, tokens.first, tokens.last, strict=True):
            if start in starts and end in ends:
                assert (first, last) == (starts.index(start), ends.index(end))
            else:
                assert (first, last) == (-1, -1)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a\n b", ["a", "\n ", "b"]),
        ("a\n b  c", ["a", "\n ", "b", " ", "c"]),
        (" a \n", [" ", "a", "\n"]),
        (" ", [" "]),
        ("", []),
    ],
)
def test_white_space_is_one_token_but_for_a_blank_behind_another(text: str, words: list[str]) -> None:
    (tokens,) = spaced_tokens_of([text], [_spans([])])
    assert [json.loads(b'"%b"' % word) for word in tokens.words] == words


def test_a_stretch_without_length_has_no_tokens() -> None:
    (tokens,) = spaced_tokens_of(["ab cd"], [_spans([(3, 3), (0, 2)])])
    assert (tokens.first, tokens.last) == ([-1, 0], [-1, 0])


def test_a_text_may_have_any_characters() -> None:
    text = "".join(map(chr, [*range(1, 0xD800), *range(0xE000, 0xF000)]))
    (tokens,) = spaced_tokens_of([text], [_spans([])])
    words = [json.loads(b'"%b"' % word) for word in tokens.words]
    assert words == [text[s:e] for s, e in zip(tokens.starts.tolist(), tokens.ends.tolist(), strict=True)]
    assert len(words) > 10_000


@pytest.mark.parametrize("places", [[], [0], [3, 7, 8], [5, 19_999], [7, 20_001, 1_000_000]])
def test_numbers_in_their_form(places: list[int]) -> None:
    import numpy as np

    numbers, either = Numbers(b"<%d>"), Numbers(b"<%d>", b"(%d)")
    for asked in ([0, 1, 2], places):
        array = np.array(asked, np.intp)
        assert numbers.at(array) == [b"<%d>" % place for place in asked]
        forms = array % 2 == 1
        assert either.at(array, forms) == [(b"<%d>", b"(%d)")[place % 2] % place for place in asked]
        assert either.at(array) == numbers.at(array)
