"""Tokens found with arrays are those that the expression finds, cut at the edges of spans."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.formats.token_edges import Numbers, Tokens
from annotator.text import IN_WORD

# Letters of several scripts and of the plane above, accents by themselves, joiners, emoji and spaces.
CHARACTERS = "ab1_éЖيա.,’“-\u0301\u200d\U0001d4d0\U00010330\U0001f600\u00a0\u3000 \t\n"
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


@given(texts_with_spans())
def test_tokens_are_those_of_the_expression_cut_at_the_spans(
    drawn: tuple[str, list[tuple[int, int]]],
) -> None:
    text, spans = drawn
    expected = []
    for start, end in _words(text):
        cuts = sorted({edge for span in spans for edge in span if start < edge < end})
        expected += zip([start, *cuts], [*cuts, end], strict=True)
    tokens = Tokens(text, [s for s, _ in spans], [e for _, e in spans])
    found = list(zip(tokens.starts.tolist(), tokens.ends.tolist(), strict=True))
    assert found == expected
    assert tokens.words == [text[start:end] for start, end in expected]
    for (start, end), first, behind in zip(spans, tokens.first, tokens.behind, strict=True):
        assert found[first][0] == start
        assert found[behind - 1][1] == end


@given(texts)
def test_places_in_utf16_and_before_each_line_end(text: str) -> None:
    tokens = Tokens(text, [], [])
    for places, moved in zip((tokens.starts, tokens.ends), tokens.in_utf16(), strict=True):
        assert moved.tolist() == [len(text[:place].encode("utf-16-le")) // 2 for place in places.tolist()]
    ends = [match.start() for match in re.finditer("\n", text)]
    assert tokens.before_lines == [sum(start < end for start, _ in _words(text)) for end in ends]


@pytest.mark.parametrize("places", [[], [0], [3, 7, 8], [5, 19_999], [7, 20_001, 1_000_000]])
def test_numbers_in_their_form(places: list[int]) -> None:
    import numpy as np

    numbers = Numbers("<{}>")
    for asked in ([0, 1, 2], places):
        assert numbers.at(np.array(asked, np.intp)) == [f"<{place}>" for place in asked]
