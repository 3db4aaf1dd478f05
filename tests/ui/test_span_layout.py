"""Lanes, names, look-ups and hit tests: pure geometry."""

from __future__ import annotations

import subprocess
import sys
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.ui.span_layout import (
    Box,
    Fragment,
    Name,
    ShownSpan,
    SpanIndex,
    Wish,
    assign_lanes,
    hit_test,
    innermost_first,
    join_boxes,
    next_of,
    place_names,
    spread_over_lines,
)

RANGES = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 30)).map(lambda r: (r[0], r[0] + r[1])), max_size=30
)


def span(number: int, start: int, end: int, layer: str = "entity", label: str = "ORG") -> ShownSpan:
    return ShownSpan(("annotation", number), start, end, layer, label, "#2e9e4f", False)


def overlap(a: tuple[int, int], b: tuple[int, int]) -> bool:
    return a[0] < b[1] and b[0] < a[1]


@given(RANGES)
def test_ranges_that_overlap_never_share_a_lane(ranges: list[tuple[int, int]]) -> None:
    lanes = assign_lanes(ranges)
    for i, j in combinations(range(len(ranges)), 2):
        assert not (overlap(ranges[i], ranges[j]) and lanes[i] == lanes[j])


def test_an_inner_range_is_nearer_to_the_words_than_the_one_around_it() -> None:
    assert assign_lanes([(0, 100), (10, 40), (20, 30), (50, 60)]) == [2, 1, 0, 0]


@given(RANGES, st.integers(0, 90), st.integers(1, 40))
def test_a_look_up_finds_exactly_the_spans_that_share_text(
    ranges: list[tuple[int, int]], start: int, length: int
) -> None:
    index = SpanIndex(span(i, *r) for i, r in enumerate(ranges * 5))
    found = {index.spans[i].key for i in index.overlapping(start, start + length)}
    assert found == {s.key for s in index.spans if overlap((s.start, s.end), (start, start + length))}


def test_neighbouring_passages_have_their_bars_in_different_columns() -> None:
    index = SpanIndex([span(1, 0, 50, "stance"), span(2, 52, 90, "stance"), span(3, 900, 990, "stance")])
    assert index.lanes == [0, 1, 0]


def test_an_empty_line_within_a_passage_belongs_to_it() -> None:
    index = SpanIndex([span(1, 5, 25, "stance")])
    lines = spread_over_lines(index, [0, 11, 12, 30], 40)
    assert [len(line) for line in lines] == [1, 1, 1, 0]


@pytest.mark.parametrize(
    ("active", "caret", "direction", "expected"),
    [
        (None, 0, 1, 1),
        (None, 10, 1, 2),
        (None, 10, -1, 1),
        (1, 0, 1, 2),
        (2, 0, 1, 3),
        (3, 0, 1, None),
        (1, 0, -1, None),
    ],
)
def test_the_neighbour_in_reading_order(
    active: int | None, caret: int, direction: int, expected: int | None
) -> None:
    index = SpanIndex([span(3, 12, 15), span(1, 0, 5), span(2, 10, 20)])
    here = index.get(("annotation", active)) if active else None
    found = index.neighbour(here, caret, direction, suggested_only=False)
    assert (found.key[1] if found else None) == expected


@given(
    st.lists(
        st.tuples(st.floats(0, 500), st.floats(1, 90), st.floats(1, 200), st.booleans()), max_size=12
    ).map(lambda names: sorted((Wish(x, w, x + o, whole) for x, w, o, whole in names), key=lambda n: n.left))
)
def test_names_never_overlap_nor_leave_the_page(wishes: list[Wish]) -> None:
    placed = [p for p in place_names(wishes, 400) if p]
    assert all(left + width <= 400.001 for left, width in placed)
    for (left, width), (after, _) in pairwise(placed):
        assert left + width <= after


def test_a_name_is_cut_at_the_next_one() -> None:
    assert place_names([Wish(0, 50, 25), Wish(30, 50, 80)], 400) == [(0, 26), (30, 50)]


def test_names_of_nested_spans_stand_side_by_side_uncut() -> None:
    assert place_names([Wish(0, 50, 200), Wish(0, 30, 90)], 400) == [(0, 50), (54, 30)]


def test_a_passages_name_is_not_cut_for_the_next_one() -> None:
    assert place_names([Wish(0, 50, 300, whole=True), Wish(0, 30, 40)], 400) == [(0, 50), (54, 30)]


def test_a_zones_name_never_takes_another_ones_room() -> None:
    zone = Wish(0, 50, 300, yields=True)
    assert place_names([zone, Wish(30, 40, 60)], 400) == [(0, 26), (30, 40)]
    assert place_names([zone, Wish(10, 40, 60)], 400) == [None, (10, 40)]
    assert place_names([Wish(0, 30, 40), zone], 400) == [(0, 30), (34, 50)]


def test_a_name_at_the_right_edge_moves_left() -> None:
    assert place_names([Wish(380, 60, 400)], 400) == [(340, 60)]


def test_boxes_that_touch_are_joined() -> None:
    boxes = join_boxes([Box(10, 0, 20, 5), Box(30, 0, 40, 5), Box(0, 0, 10, 5)])
    assert boxes == (Box(0, 0, 20, 5), Box(30, 0, 40, 5))


def test_a_hit_prefers_the_inner_span_then_the_name() -> None:
    outer, inner = span(1, 0, 30), span(2, 5, 10)
    slot = Box(0, 0, 0, 30)
    fragments = [
        Fragment(outer, 1, (Box(0, 10, 100, 30),), slot, True, True),
        Fragment(inner, 0, (Box(20, 10, 50, 30),), slot, True, True),
    ]
    names = [Name(inner, Box(20, 0, 60, 9))]
    assert hit_test(fragments, names, 30, 15) == [inner, outer]
    assert hit_test(fragments, names, 70, 15) == [outer]
    assert hit_test(fragments, names, 55, 5) == [inner]
    assert hit_test(fragments, names, 150, 15) == []


def test_a_round_of_spans_goes_from_the_inner_ones_out_and_begins_again() -> None:
    outer, inner = span(1, 0, 30), span(2, 5, 10)
    spans = innermost_first([outer, inner, outer])
    assert spans == [inner, outer]
    assert [next_of(spans, active) for active in (None, inner, outer, span(3, 0, 1))] == [
        inner,
        outer,
        inner,
        inner,
    ]
    assert next_of([], inner) is None


def test_the_geometry_needs_no_qt() -> None:
    code = "import sys, annotator.ui.span_layout; sys.exit(any(m.startswith('PySide6') for m in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
