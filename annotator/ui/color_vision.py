"""Colours for labels that stay apart for colour-blind eyes, and a check of any others.

The palette is that of Okabe and Ito ("Color Universal Design", 2008) and four more that keep apart from
it. What colour-blind eyes see is computed after Machado, Oliveira and Fernandes ("A Physiologically-based
Model for Simulation of Color Vision Deficiency", 2009, severity 1).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from math import dist

from PySide6.QtGui import QColor

PALETTE = (
    ("Orange", "#e69f00"),
    ("Sky blue", "#56b4e9"),
    ("Bluish green", "#009e73"),
    ("Yellow", "#f0e442"),
    ("Blue", "#0072b2"),
    ("Vermilion", "#d55e00"),
    ("Reddish purple", "#cc79a7"),
    ("Grey", "#7a7a7a"),
    ("Indigo", "#332288"),
    ("Wine", "#882255"),
    ("Forest", "#117733"),
    ("Brown", "#5b3a1e"),
)
CLOSE = 9.0  # CIE 1976 difference; below it two colours are taken for one another
EYES = {
    "without red": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "without green": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "without blue": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
_XYZ = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
_WHITE = (0.9505, 1.0, 1.089)

Triple = tuple[float, float, float]


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


def _times(matrix: tuple[Triple, ...], triple: Triple) -> Triple:
    a, b, c = (sum(m * value for m, value in zip(row, triple, strict=True)) for row in matrix)
    return a, b, c


@cache
def seen(color: str, eyes: str | None = None) -> Triple:
    """Return a colour (``#rrggbb``) as CIE Lab, as all or as colour-blind ``eyes`` see it."""
    own = QColor.fromString(color)
    red, green, blue = (_linear(own.redF()), _linear(own.greenF()), _linear(own.blueF()))
    rgb: Triple = (red, green, blue)
    if eyes is not None:
        r, g, b = (min(1.0, max(0.0, value)) for value in _times(EYES[eyes], rgb))
        rgb = (r, g, b)

    def f(t: float) -> float:
        return float(t ** (1 / 3)) if t > 0.008856 else 7.787 * t + 16 / 116

    x, y, z = (f(value / white) for value, white in zip(_times(_XYZ, rgb), _WHITE, strict=True))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def alike(color: str, other: str) -> bool:
    """Tell whether two colours look alike to any eyes."""
    return any(dist(seen(color, eyes), seen(other, eyes)) < CLOSE for eyes in (None, *EYES))


def first_apart(used: Iterable[str]) -> str:
    """Return the palette's first colour that looks like none of ``used``, or its first at all."""
    used = list(used)
    free = (color for _, color in PALETTE if not any(alike(color, other) for other in used))
    return next(free, PALETTE[0][1])
