"""pdfminer's lines of a page, those that justified text tore apart whole again, and its columns in order.

It takes a gap of two letters for the end of a line; in narrow justified columns spaces are wider than that.
What tells such a gap from the one between two columns are the lines around: words stand there, too.
The blocks that it makes of lines are read column by column, a headline over several before them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, Protocol, TypeVar

from pdfminer.converter import PDFPageAggregator
from pdfminer.layout import (
    LAParams,
    LTChar,
    LTComponent,
    LTPage,
    LTTextBox,
    LTTextLine,
    LTTextLineHorizontal,
)

_SAME_ROW = 0.35  # of a line's height, by which the ends of its fragments may differ
_AROUND = 5  # rows above and below that are asked
_FEWEST = 2  # rows that say something
_NEAR = 2.2  # heights of a line that a row may be from the next
_WIDEST = 8.0  # heights of a line: no space is wider
_GUTTER = 0.3  # heights of a line: no gap between columns is narrower

Row = list[LTTextLine]


class Aggregator(PDFPageAggregator):
    """Makes the layout of each page."""

    def begin_page(self, page: Any, ctm: Any) -> None:
        """Begin a page whose lines will be whole."""
        super().begin_page(page, ctm)
        self.cur_item = _Page(self.pageno, self.cur_item.bbox)


class _Page(LTPage):
    def analyze(self, laparams: LAParams) -> None:
        """Make lines and blocks, and put the blocks into the order in which they are read."""
        super().analyze(laparams)
        blocks = [each for each in self._objs if isinstance(each, LTTextBox)]
        others = [each for each in self._objs if not isinstance(each, LTTextBox)]
        self._objs = [*in_order(blocks), *others]

    def group_objects(self, laparams: LAParams, objs: Iterable[LTComponent]) -> Iterator[LTTextLine]:
        """Yield the lines of a page."""
        lines = list(super().group_objects(laparams, objs))
        flat = [line for line in lines if isinstance(line, LTTextLineHorizontal) and not line.is_empty()]
        follows = {id(a): id(b) for a, b in pairwise(flat)}  # in the file
        flat_ones = set(map(id, flat))
        yield from (line for line in lines if id(line) not in flat_ones)
        rows = _rows(flat)
        for number, row in enumerate(rows):
            piece = last = row[0]
            for after in row[1:]:
                if _is_one(last, after, rows, number, written_together=follows.get(id(last)) == id(after)):
                    piece = _joined(piece, after, laparams)
                else:
                    yield piece
                    piece = after
                last = after
            yield piece


def _rows(lines: Iterable[LTTextLine]) -> list[Row]:
    """Return the lines, those at one height together from left to right, from below."""
    rows: list[Row] = []
    for line in sorted(lines, key=lambda line: line.y0):
        if rows and line.y0 - rows[-1][0].y0 <= _SAME_ROW * min(line.height, rows[-1][0].height):
            rows[-1].append(line)
        else:
            rows.append([line])
    for row in rows:
        row.sort(key=lambda line: line.x0)
    return rows


def _is_one(
    a: LTTextLine, b: LTTextLine, rows: Sequence[Row], number: int, *, written_together: bool
) -> bool:
    """Tell whether two neighbours in a row are of one line: no strip between them is free in the rows around.

    A paragraph over all columns may stand above or below, so that one side's strip is enough, but for
    fragments that follow each other in the file: those are of two columns in tables alone.
    """
    height = max(a.height, b.height)
    if not 0 < b.x0 - a.x1 <= _WIDEST * height or abs(a.height - b.height) > 0.15 * height:
        return False
    sides = [list(_near(a, b, rows, number, step)) for step in (-1, 1)]
    if sum(map(len, sides)) < _FEWEST:
        return False
    if written_together or any(len(side) < _FEWEST for side in sides):
        sides = [[*sides[0], *sides[1]]]
    return not any(_has_strip(a.x1, b.x0, side, _GUTTER * height) for side in sides)


def _near(
    a: LTTextLine, b: LTTextLine, rows: Sequence[Row], number: int, step: int
) -> Iterator[list[tuple[float, float]]]:
    """Yield where the text of the next rows up or down stands that are under or over ``a`` or ``b``."""
    last, found, at = a.y0, 0, number + step
    while 0 <= at < len(rows) and found < _AROUND and abs(rows[at][0].y0 - last) <= _NEAR * a.height:
        places = [(line.x0, line.x1) for line in rows[at] if line.x0 < b.x1 and line.x1 > a.x0]
        if places:
            yield places
            last, found = rows[at][0].y0, found + 1
        at += step


def _has_strip(
    left: float, right: float, rows: Sequence[Sequence[tuple[float, float]]], width: float
) -> bool:
    """Tell whether a strip of ``width`` between ``left`` and ``right`` is free in all of the rows."""
    for x0, x1 in sorted(place for row in rows for place in row):
        if x0 - left >= width:
            return True
        left = max(left, x1)
    return right - left >= width


def _joined(a: LTTextLine, b: LTTextLine, laparams: LAParams) -> LTTextLine:
    line = LTTextLineHorizontal(laparams.word_margin)
    for char in (*a, *b):
        if isinstance(char, LTChar):  # the spaces between them are added anew
            line.add(char)
    return line


_MOST_BLOCKS = 400  # of a page; where there are more they are read from above, as they stand
_COLUMN = (
    0.15  # of the width of what stands beside each other: a narrower column is one of bullets or numbers
)


class Box(Protocol):
    """What stands on a page."""

    x0: float
    x1: float
    y0: float
    y1: float


B = TypeVar("B", bound=Box)


def in_order(boxes: Sequence[B]) -> list[B]:
    """Return boxes in the order in which they are read: columns from left to right, each from above."""
    if len(boxes) > _MOST_BLOCKS:
        return _from_above(boxes)
    if len(boxes) < 2:
        return [*boxes]
    if columns := _columns(boxes):
        return [*in_order(columns[0]), *in_order(columns[1])]
    bands = _bands(boxes)
    if len(bands) == 1:
        return _from_above(boxes)
    made: list[B] = []
    while bands:
        together = _with_columns(bands, boxes)
        made += in_order([box for band in bands[:together] for box in band])
        bands = bands[together:]
    return made


def _with_columns(bands: Sequence[Sequence[B]], page: Sequence[B]) -> int:
    """Return how many of the bands have columns together, as many as can be; 1 where none have."""
    left, right = min(box.x0 for box in page), max(box.x1 for box in page)
    most = 1
    boxes: list[B] = []
    for number, band in enumerate(bands, 1):
        boxes += band
        if not _has_strip(left, right, [[(box.x0, box.x1) for box in boxes]], 1.0):
            break  # nor will there be one with more of them
        if _columns(boxes):
            most = number
    return most


def _from_above(boxes: Sequence[B]) -> list[B]:
    return sorted(boxes, key=lambda box: (-box.y1, box.x0))


def _columns(boxes: Sequence[B]) -> tuple[list[B], list[B]] | None:
    """Return what stands left and right of the widest strip that no box crosses, None where there is none."""
    across = sorted(boxes, key=lambda box: box.x0)
    edge, best, width, most = across[0].x1, 0, 0.0, max(box.x1 for box in boxes) - across[0].x0
    for number, box in enumerate(across[1:], 1):
        if box.x0 - edge > width and all(
            max(each.x1 - each.x0 for each in side) >= _COLUMN * most
            for side in (across[:number], across[number:])
        ):
            best, width = number, box.x0 - edge
        edge = max(edge, box.x1)
    return (across[:best], across[best:]) if best else None


def _bands(boxes: Sequence[B]) -> list[list[B]]:
    """Return the boxes from above in groups, between which a line can be drawn across the page."""
    bands: list[list[B]] = []
    edge = 0.0
    for box in _from_above(boxes):
        if bands and box.y1 > edge:
            bands[-1].append(box)
        else:
            bands.append([box])
            edge = box.y0
        edge = min(edge, box.y0)
    return bands
