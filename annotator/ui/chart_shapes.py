"""What charts are drawn of, in pixels: hatchings that tell series apart without colour, and round numbers."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QLineF, QRectF

HATCHINGS = ("", "/", "\\", "-", "|", "/\\", "-|", "//")
"""None, rising, falling, lying, standing, crossed, a grid, and rising closer together."""
_GAP = 7.0


def hatching(place: int) -> str:
    """Return the hatching of the series at this place (from 0): the first has none."""
    return HATCHINGS[place % len(HATCHINGS)]


def hatched(rect: QRectF, kind: str) -> list[QLineF]:
    """Return the lines of a hatching within ``rect``. They are cut here: an SVG of Qt's knows no clipping."""
    lines: list[QLineF] = []
    gap = _GAP if len(kind) < 2 or kind != kind[0] * len(kind) else _GAP / 2
    for stroke in dict.fromkeys(kind):
        if stroke == "-":
            lines += [QLineF(rect.left(), y, rect.right(), y) for y in _steps(rect.top(), rect.bottom(), gap)]
        elif stroke == "|":
            lines += [QLineF(x, rect.top(), x, rect.bottom()) for x in _steps(rect.left(), rect.right(), gap)]
        else:
            lines += _slanting(rect, rising=stroke == "/", gap=gap * 1.4)
    return lines


def _steps(low: float, high: float, gap: float) -> Iterator[float]:
    value = low + gap / 2
    while value < high:
        yield value
        value += gap


def _slanting(rect: QRectF, *, rising: bool, gap: float) -> Iterator[QLineF]:
    height = rect.height()
    for start in _steps(rect.left() - height, rect.right(), gap):  # where a line meets the upper edge
        left, right = max(start, rect.left()), min(start + height, rect.right())
        if left < right:
            upper, lower = left - start, right - start
            if rising:
                yield QLineF(left, rect.bottom() - upper, right, rect.bottom() - lower)
            else:
                yield QLineF(left, rect.top() + upper, right, rect.top() + lower)


def round_ticks(highest: int, most: int = 6) -> list[int]:
    """Return whole round numbers from 0 to ``highest``, at most about ``most`` of them."""
    step = 1
    while highest / step > most - 1:
        step = _next_round(step)
    return list(range(0, highest + 1, step))


def _next_round(step: int) -> int:
    """1, 2, 5, 10, 20, 50 and so on."""
    digits = int("1" + "0" * (len(str(step)) - 1))
    return {1: 2, 2: 5, 5: 10}[step // digits] * digits
