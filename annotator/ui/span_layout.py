"""Where spans, their underlines and their names go: pure geometry, without Qt.

Offsets are Unicode code points, end exclusive; lengths are logical pixels, y grows downwards.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

Key = tuple[str, int]
"""("annotation", id) or ("suggestion", id)."""

_CHUNK = 64
_NEARBY = 200


@dataclass(frozen=True, slots=True)
class ShownSpan:
    """One span as the article view shows it.

    ``color`` is the label's base colour, ``#rrggbb``. ``suggested`` means an open suggestion, which is
    drawn dashed; annotations are drawn solid.
    """

    key: Key
    start: int
    end: int
    layer: str
    label: str
    color: str
    suggested: bool

    @property
    def boilerplate(self) -> bool:
        """Whether the stretch is to be dimmed rather than tinted."""
        return self.layer == "zone" and self.label == "boilerplate"

    @property
    def passage(self) -> bool:
        """Whether it is drawn with a bar in the margin (long stretches) instead of an underline."""
        return self.layer in ("stance", "zone")

    def same_as(self, other: ShownSpan) -> bool:
        """Tell whether it says the same about the same stretch, under whatever key."""
        return (self.start, self.end, self.layer, self.label, self.suggested) == (
            other.start, other.end, other.layer, other.label, other.suggested,
        )  # fmt: skip

    @property
    def order(self) -> tuple[int, int, Key]:
        """What to sort by for reading order: an outer span comes before those within it."""
        return _order(self)


def _order(span: ShownSpan) -> tuple[int, int, Key]:
    return span.start, -span.end, span.key


class Box(NamedTuple):
    """A rectangle."""

    left: float
    top: float
    right: float
    bottom: float

    def contains(self, x: float, y: float) -> bool:
        """Tell whether the point lies in the box; its right and bottom edges do not belong to it."""
        return self.left <= x < self.right and self.top <= y < self.bottom


class Fragment(NamedTuple):
    """The part of a span that stands on one line of the screen.

    ``boxes`` are in reading order: several where the line mixes writing directions, none on an empty
    line. ``slot`` is the whole height that the line takes, from the line above down to the text's
    bottom, at the edge where reading begins. ``first`` and ``last`` tell whether the span begins and ends
    on this line, ``rtl`` whether the line reads from the right.
    """

    span: ShownSpan
    lane: int
    boxes: tuple[Box, ...]
    slot: Box
    first: bool
    last: bool
    rtl: bool = False

    @property
    def left(self) -> float:
        """The leftmost edge of the boxes."""
        return min(box.left for box in self.boxes)

    @property
    def right(self) -> float:
        """The rightmost edge of the boxes."""
        return max(box.right for box in self.boxes)


class Name(NamedTuple):
    """A label's name and the room it has; ``elided`` where the whole name does not fit."""

    span: ShownSpan
    box: Box
    elided: bool = False


class Wish(NamedTuple):
    """A name that wants to stand at ``left``, ``width`` wide, over words that end at ``words_right``.

    With ``whole`` it is not elided in favour of the next name, which moves to the right; with ``yields``
    the next name never moves for it, and where that leaves it no room it goes.
    """

    left: float
    width: float
    words_right: float
    whole: bool = False
    yields: bool = False


class SpanIndex:
    """An article's spans in reading order, with their lanes, found quickly by place.

    ``lanes[i]`` is the lane of ``spans[i]``: for an underlined span 0 is nearest to the words; for a
    passage it is the column of its bar in the margin, 0 or 1.
    """

    def __init__(self, spans: Iterable[ShownSpan] = ()) -> None:
        self.spans: list[ShownSpan] = sorted(spans, key=_order)
        self._starts = [span.start for span in self.spans]
        self._places = {span.key: i for i, span in enumerate(self.spans)}
        # One long passage must not make every look-up read all spans before it: chunks whose spans
        # all end earlier are skipped.
        self._chunk_ends = [
            max(span.end for span in self.spans[i : i + _CHUNK]) for i in range(0, len(self.spans), _CHUNK)
        ]
        self.lanes = [0] * len(self.spans)
        marks = [i for i, span in enumerate(self.spans) if not span.passage]
        passages = [i for i, span in enumerate(self.spans) if span.passage]
        for these in self._islands(marks):
            for i, lane in zip(these, assign_lanes([self._range(i) for i in these]), strict=True):
                self.lanes[i] = lane
        for before, after in pairwise(passages):
            # Neighbours share a line or nearly so: their bars stand in different columns.
            if self.spans[after].start - self.spans[before].end < _NEARBY:
                self.lanes[after] = 1 - self.lanes[before]

    def _islands(self, places: Iterable[int]) -> Iterator[list[int]]:
        """Yield the places of spans that overlap, together; alone a span needs no lane but the first."""
        island: list[int] = []
        reach = 0  # where the island ends
        for i in places:
            span = self.spans[i]
            if span.start >= reach:
                if len(island) > 1:
                    yield island
                island = []
            island.append(i)
            reach = max(reach, span.end)
        if len(island) > 1:
            yield island

    def _range(self, i: int) -> tuple[int, int]:
        return self.spans[i].start, self.spans[i].end

    def __len__(self) -> int:
        return len(self.spans)

    def get(self, key: Key | None) -> ShownSpan | None:
        """Return the span with ``key``, or None."""
        place = None if key is None else self._places.get(key)
        return None if place is None else self.spans[place]

    def overlapping(self, start: int, end: int) -> Iterator[int]:
        """Yield the places in ``spans``, ascending, of those that share text with ``[start, end)``."""
        stop = bisect_left(self._starts, end)
        for chunk, chunk_end in enumerate(self._chunk_ends):
            first = chunk * _CHUNK
            if first >= stop:
                return
            if chunk_end > start:
                for i in range(first, min(first + _CHUNK, stop)):
                    if self.spans[i].end > start:
                        yield i

    def neighbour(
        self,
        active: ShownSpan | None,
        caret: int,
        direction: int,
        *,
        suggested_only: bool,
        passed: str = "",
    ) -> ShownSpan | None:
        """Return the next (``direction`` 1) or previous (-1) span in reading order, None at the end.

        ``passed`` is a layer whose spans are passed over. Counted from ``active``, or where nothing is
        active from ``caret``: a span that begins at the caret is the next one.
        """
        if active is not None and active.key in self._places:
            here = self._places[active.key]
            place = here + 1 if direction > 0 else here - 1
        else:
            here = bisect_left(self._starts, caret)
            place = here if direction > 0 else here - 1
        while 0 <= place < len(self.spans):
            span = self.spans[place]
            if (span.suggested or not suggested_only) and span.layer != passed:
                return span
            place += direction
        return None


def assign_lanes(ranges: Sequence[tuple[int, int]]) -> list[int]:
    """Return a lane (0, 1, ...) for each ``[start, end)``; ranges that overlap get different lanes.

    Short ranges choose first, so that an inner span is underlined nearer to its words than the span
    around it. Takes O(n log n) comparisons for few lanes.
    """
    lanes: list[list[tuple[int, int]]] = []
    result = [0] * len(ranges)
    for i in sorted(range(len(ranges)), key=lambda i: (ranges[i][1] - ranges[i][0], ranges[i], i)):
        start, end = ranges[i]
        for lane, taken in enumerate(lanes):
            place = bisect_left(taken, (start, start))
            free_before = place == 0 or taken[place - 1][1] <= start
            free_after = place == len(taken) or taken[place][0] >= end
            if free_before and free_after:
                insort(taken, (start, end))
                result[i] = lane
                break
        else:
            lanes.append([(start, end)])
            result[i] = len(lanes) - 1
    return result


def spread_over_lines(
    index: SpanIndex, line_starts: Sequence[int], end: int
) -> list[list[tuple[ShownSpan, int]]]:
    """Return for each line (by its first code point) the spans on it, with lanes, in reading order.

    ``end`` is where the last line ends. Lines are taken to reach up to the next one's start, so that an
    empty line within a passage belongs to it.
    """
    lines: list[list[tuple[ShownSpan, int]]] = [[] for _ in line_starts]
    if not line_starts:
        return lines
    for place in index.overlapping(line_starts[0], max(end, line_starts[-1] + 1)):
        span, lane = index.spans[place], index.lanes[place]
        line = max(0, bisect_right(line_starts, span.start) - 1)
        while line < len(lines) and line_starts[line] < span.end:
            lines[line].append((span, lane))
            line += 1
    return lines


def join_boxes(boxes: Sequence[Box]) -> tuple[Box, ...]:
    """Return ``boxes`` of one line with those that touch joined into one, from left to right."""
    joined: list[Box] = []
    for box in sorted(boxes, key=lambda box: box.left):
        if joined and box.left - joined[-1].right < 1:
            last = joined.pop()
            box = Box(
                last.left, min(last.top, box.top), max(last.right, box.right), max(last.bottom, box.bottom)
            )
        joined.append(box)
    return tuple(joined)


def place_names(
    wishes: Sequence[Wish], right: float, *, gap: float = 4, least: float = 20
) -> list[tuple[float, float] | None]:
    """Return (left, width) for each wish, ordered by ``left``; None where there is no room at all.

    Names never overlap and end before ``right``. A name is elided to the room until the next one, but
    above nested words, where names begin at one place, the next name moves to the right instead as far as it
    still stands above its own words. ``least`` is the narrowest that an elided name may become.
    """
    placed: list[tuple[float, float] | None] = []
    free = 0.0  # names may not begin before this
    for i, wish in enumerate(wishes):
        narrow = min(wish.width, least)
        left = max(free, min(wish.left, right - wish.width))
        limit = right
        if i + 1 < len(wishes):
            after = wishes[i + 1]
            limit = after.left - gap if wish.yields else max(after.left - gap, left + narrow)
            if after.left < wish.words_right and not wish.yields:
                limit = max(limit, min(left + wish.width, after.words_right - least - gap))
            if wish.whole:
                limit = max(limit, left + wish.width)
            limit = min(limit, right)
        width = min(wish.width, limit - left)
        if width < narrow:
            placed.append(None)
            continue
        placed.append((left, width))
        free = left + width + gap
    return placed


def hit_test(fragments: Iterable[Fragment], names: Iterable[Name], x: float, y: float) -> list[ShownSpan]:
    """Return the spans at a point, innermost first: those whose words lie there, else whose name does."""
    hits = [f.span for f in fragments if any(box.contains(x, y) for box in f.boxes)]
    hits = hits or [name.span for name in names if name.box.contains(x, y)]
    return innermost_first(hits)


def innermost_first(spans: Iterable[ShownSpan]) -> list[ShownSpan]:
    """Return each of ``spans`` once, the shortest first."""
    return sorted(dict.fromkeys(spans), key=lambda span: (span.end - span.start, span.order))


def next_of(spans: Sequence[ShownSpan], active: ShownSpan | None) -> ShownSpan | None:
    """Return the one after ``active`` in a round of ``spans``, the first where it is none of them."""
    keys = [span.key for span in spans]
    if active is None or active.key not in keys:
        return spans[0] if spans else None
    return spans[(keys.index(active.key) + 1) % len(spans)]
