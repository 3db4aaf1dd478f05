"""An article's text as HTML with what stands on it: nested and overlapping spans, named in words.

Each span begins with its label and number in brackets and ends with the bracket, so that a print without
colours, and a screen reader, tell the same. Below its words it has a line in its label's colour, each in a
lane of its own.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from annotator.formats.figures import words

Kind = Literal["span", "passage", "suggested", "evidence"]
_LANES = 6  # with lines; spans that are nested more deeply have their brackets alone
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of the text with what is said of it; ``name`` stands in the opening bracket."""

    start: int
    end: int
    name: str
    color: str
    kind: Kind


@lru_cache(maxsize=1000)
def safe_color(color: str) -> str:
    """Return a colour as CSS takes it, whatever a codebook says."""
    return color if _COLOR.fullmatch(color) else "#7a7a7a"


def marked(text: str, marks: Iterable[Mark]) -> str:
    """Return ``text`` as HTML, with ``marks`` on it."""
    ordered = sorted(marks, key=lambda mark: (mark.start, -mark.end))
    lanes = _lanes(ordered)
    starts: dict[int, list[int]] = {}
    ends: dict[int, list[int]] = {}
    for number, mark in enumerate(ordered):
        starts.setdefault(mark.start, []).append(number)
        ends.setdefault(mark.end, []).append(number)
    parts: list[str] = []
    here: list[int] = []  # with a line, the outermost first
    points = sorted({0, len(text), *starts, *ends})
    for point, following in zip(points, [*points[1:], len(text)], strict=True):
        if point in ends:
            closed = set(ends[point])
            parts += ['<i class="b">]</i>'] * len(closed)
            here = [number for number in here if number not in closed]
        if point in starts:
            for number in starts[point]:
                mark = ordered[number]
                color = safe_color(mark.color)
                parts.append(
                    f'<b class="t {mark.kind}" style="--c:{color}">[<bdi>{words(mark.name)}</bdi> </b>'
                )
                if lanes[number] < _LANES:
                    here.append(number)
            here.sort(key=lambda number: -lanes[number])
        if point < following:
            for n in here:
                color = safe_color(ordered[n].color)
                parts.append(f'<span class="m {ordered[n].kind}" style="--c:{color};--d:{lanes[n]}">')
            parts.append(words(text[point:following]))
            parts += ["</span>"] * len(here)
    return "".join(parts)


def _lanes(marks: Sequence[Mark]) -> list[int]:
    """Return for each mark the lowest lane that is free where it stands."""
    free: list[int] = []
    taken: list[tuple[int, int]] = []  # (end, lane)
    lanes = []
    for mark in marks:
        while taken and taken[0][0] <= mark.start:
            heapq.heappush(free, heapq.heappop(taken)[1])
        lane = heapq.heappop(free) if free else len(taken)
        heapq.heappush(taken, (mark.end, lane))
        lanes.append(lane)
    return lanes
