"""Charts as SVG, drawn without a window: bars with their numbers, for reports and papers.

A picture needs no network, no script and no font of its own. Series are told apart by their order, which the
legend names, and by the numbers beside each bar, not by colour alone.
"""

from __future__ import annotations

from html import escape

from annotator.project.charts import Chart, Picture, Row
from annotator.text import printable

_COLORS = ("#0072b2", "#e69f00", "#cc79a7", "#7a7a7a", "#009e73", "#56b4e9", "#d55e00", "#882255")
_WIDTH, _BAR, _STEP, _TOP = 900, 18, 26, 34  # pixels
_NAMES, _NUMBERS = 250, 170  # of the width, for the names and the numbers
_LONGEST = 36  # characters of a name
_MOST_NUMBERS = 5  # beside a bar
_NO_CHARACTERS = {0xFFFE: 0xFFFD, 0xFFFF: 0xFFFD}  # XML has no place for them


def svg(chart: Chart) -> str:
    """Return a chart as an SVG picture; without anything counted, it says so."""
    picture = chart.picture
    rows = picture.rows
    legend = len(picture.series) > 1
    lines = 1 + (len(picture.series) + 3) // 4 if legend else 0
    top = _TOP + lines * 20
    height = top + max(1, len(rows)) * _STEP + (24 if picture.words else 8)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {_WIDTH} {height}" '
        f'width="{_WIDTH}" height="{height}" font-family="sans-serif" font-size="13" fill="#222222">',
        f"<title>{words(chart.title)}</title><desc>{words(chart.words)}</desc>",
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>',
        _text(8, 21, f"{chart.title} ({chart.unit})", weight="bold", size=15),
    ]
    if legend:
        parts += _legend(picture)
    if not rows:
        parts.append(_text(8, top + 16, "Nothing was counted yet."))
    most = max((row.total for row in rows), default=0) or 1
    for number, row in enumerate(rows):
        parts += _bar(picture, row, top + number * _STEP, (_WIDTH - _NAMES - _NUMBERS) / most)
    if picture.words:
        parts.append(_text(8, height - 8, picture.words, size=11))
    return "\n".join([*parts, "</svg>"])


def _legend(picture: Picture) -> list[str]:
    parts = []
    for number, series in enumerate(picture.series):
        x, y = 8 + number % 4 * 220, _TOP + number // 4 * 20
        parts.append(f'<rect x="{x}" y="{y}" width="12" height="12" fill="{_color(picture, number)}"/>')
        parts.append(_text(x + 18, y + 11, f"{number + 1}. {series.name}"))
    return parts


def _bar(picture: Picture, row: Row, y: int, scale: float) -> list[str]:
    parts = [_text(_NAMES - 8, y + 14, ", ".join(reversed(row.names)), anchor="end")]
    x = float(_NAMES)
    for number, count in enumerate(row.counts):
        if count:
            width = max(1.0, count * scale)
            parts.append(
                f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{_BAR}" stroke="#ffffff" '
                f'stroke-width="0.5" fill="{_color(picture, number, row)}"/>'
            )
            x += width
    said = f"{row.total:,}"
    if 1 < len(row.counts) <= _MOST_NUMBERS:
        said += f" ({' · '.join(f'{count:,}' for count in row.counts)})"
    return [*parts, _text(x + 6, y + 14, said)]


def _color(picture: Picture, number: int, row: Row | None = None) -> str:
    color = (row.color if row is not None else None) or picture.series[number].color
    return escape(color or _COLORS[number % len(_COLORS)])


def _text(
    x: float, y: float, said: str, *, anchor: str = "start", weight: str = "normal", size: int = 13
) -> str:
    said = said if len(said) <= _LONGEST or anchor == "start" else said[: _LONGEST - 1] + "…"
    return (
        f'<text x="{x:.1f}" y="{y}" text-anchor="{anchor}" font-weight="{weight}" font-size="{size}">'
        f"{words(said)}</text>"
    )


def words(text: str) -> str:
    """Return anybody's words as XML or HTML can hold them."""
    if text.isprintable():  # as nearly all: then they hold nothing of what is looked for below
        return escape(text)
    return escape(printable(text, "\n\t").translate(_NO_CHARACTERS).encode(errors="replace").decode())
