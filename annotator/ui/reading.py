"""How the article's text is set: family, size, length and height of its lines. Without widgets."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextBlock

from annotator.ui.settings import Settings

SMALLEST_SIZE, LARGEST_SIZE = 8, 40  # points
COLUMNS = {"narrow": 60, "medium": 80, "wide": 110, "full": 0}
"""How many characters a line holds; 0: as many as the pane has room for."""
PITCHES = {"close": 1.8, "usual": 2.1, "airy": 2.5}
"""From one line to the next, in units of the font's size: "usual" is about 170 % of most fonts' height.

Not a percentage of that height, because fonts differ: the same one that leaves DejaVu Sans just room for
the labels' names tears Noto Sans apart.
"""


@dataclass(frozen=True)
class Reading:
    """What a person chose; ``family`` "" means the application's own font."""

    family: str = ""
    size: int = 13
    column: str = "medium"
    spacing: str = "usual"

    @property
    def characters(self) -> int:
        """How many characters a line holds, 0 for no limit."""
        return COLUMNS[self.column]

    @property
    def pitch(self) -> float:
        """From one line to the next, in units of the font's size."""
        return PITCHES[self.spacing]


def read(settings: Settings) -> Reading:
    """Return what was chosen last; what makes no sense is as usual."""
    usual = Reading()
    column = settings.text("reading/column")
    spacing = settings.text("reading/spacing")
    return Reading(
        settings.text("reading/family"),
        within(settings.number("text_size", usual.size)),
        column if column in COLUMNS else usual.column,
        spacing if spacing in PITCHES else usual.spacing,
    )


def keep(settings: Settings, reading: Reading) -> None:
    """Remember what was chosen."""
    settings.set("reading/family", reading.family)
    settings.set("text_size", reading.size)
    settings.set("reading/column", reading.column)
    settings.set("reading/spacing", reading.spacing)


def within(size: int) -> int:
    """Return the nearest size, in points, that the text can have."""
    return max(SMALLEST_SIZE, min(size, LARGEST_SIZE))


def reads_from_right(block: QTextBlock) -> bool:
    """Return whether a paragraph reads from the right; an empty one does so as the paragraph before it."""
    while block.length() <= 1 and block.previous().isValid():
        block = block.previous()
    return block.textDirection() == Qt.LayoutDirection.RightToLeft
