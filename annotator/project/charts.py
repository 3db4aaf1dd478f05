"""A chart's numbers: all of them for its table, and as many as a picture has room for. No SQL, no drawing."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from annotator.dates import is_iso_date
from annotator.text import safe_cell

Unit = Literal["day", "week", "month", "year"]
"""A stretch of time that is counted together. A week is named by its Monday."""

MOST_BARS = 20
MOST_COLUMNS = 62  # two months of days
MOST_SERIES = 8  # more colours or hatchings are not told apart
_LENGTHS: dict[Unit, int] = {"day": 10, "week": 10, "month": 7, "year": 4}  # of a date that says that much
_ENOUGH = 0.9  # of what has a date at all must say the unit
_UNITS: tuple[Unit, ...] = ("day", "week", "month", "year")


@dataclass(frozen=True, slots=True)
class Series:
    """What one colour stands for; ``color`` (``#rrggbb``) where the codebook has one for it."""

    name: str
    color: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One bar or column: a count for each series. ``names`` fit the chart's heads."""

    names: tuple[str, ...]
    counts: tuple[int, ...]
    color: str | None = None  # where a chart has one series, each bar may have a colour of its own

    @property
    def total(self) -> int:
        """All of its counts together."""
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class Picture:
    """What is drawn: few enough rows and series; ``words`` say what that leaves out."""

    series: tuple[Series, ...]
    rows: tuple[Row, ...]
    words: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart: what is counted (``words``), in which ``unit``, all ``rows``, and the ``picture`` of them.

    ``heads`` name what ``Row.names`` are. ``over_time``: columns from left to right instead of bars. Where
    nothing was counted, ``empty`` says what to do first.
    """

    key: str
    title: str
    words: str
    unit: str
    heads: tuple[str, ...]
    series: tuple[Series, ...]
    rows: tuple[Row, ...]
    picture: Picture
    empty: str
    over_time: bool = False

    @property
    def total(self) -> int:
        """Everything that was counted."""
        return _total(self.rows)

    def columns(self) -> tuple[str, ...]:
        """Return the heads of its table: names, a column for each series and, of several, their sum."""
        names = tuple(series.name for series in self.series)
        return (*self.heads, *names, *(("all",) if len(names) > 1 else ()))

    def cells(self, row: Row) -> tuple[str | int, ...]:
        """Return a row of its table."""
        return (*row.names, *row.counts, *((row.total,) if len(self.series) > 1 else ()))

    def csv(self) -> str:
        """Return its table as CSV; no cell is taken for a formula by a spreadsheet."""
        return written([self.columns(), *(self.cells(row) for row in self.rows)])

    def as_dict(self) -> dict[str, Any]:
        """Return its numbers as JSON knows them."""
        return {
            "key": self.key,
            "title": self.title,
            "words": self.words,
            "unit": self.unit,
            "heads": list(self.heads),
            "series": [series.name for series in self.series],
            "rows": [{"names": list(row.names), "counts": list(row.counts)} for row in self.rows],
        }


def written(rows: Iterable[Sequence[str | int]]) -> str:
    """Return ``rows`` as CSV."""
    out = io.StringIO()
    # All words are quoted: where only some are, csv leaves a lone carriage return to end the line.
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return out.getvalue()


def largest(series: Sequence[Series], rows: Sequence[Row], most: int = MOST_BARS) -> Picture:
    """Return the ``most`` largest rows in their order, and all others as one."""
    series, rows = _fewer(series, rows)
    if len(rows) <= most:
        return Picture(tuple(series), tuple(rows))
    by_size = sorted(range(len(rows)), key=lambda n: -rows[n].total)
    kept = sorted(by_size[: most - 1])
    rest = [rows[n] for n in by_size[most - 1 :]]
    name = f"{len(rest):,} others"
    others = Row((name,), tuple(map(sum, zip(*(row.counts for row in rest), strict=True))))
    words = f"The picture has the {most - 1} largest of {len(rows):,}; the others are together in one bar."
    return Picture(tuple(series), (*(rows[n] for n in kept), others), words)


def through_time(
    series: Sequence[Series], rows: Sequence[Row], units: Sequence[Unit] = _UNITS, most: int = MOST_COLUMNS
) -> Picture:
    """Return ``rows``, whose names are ISO dates, in the finest of ``units`` that ``most`` columns hold.

    Dates between them have an empty column. Rows without a date, or whose date does not say that much,
    are left out.
    """
    series, rows = _fewer(series, rows)
    dated = [row for row in rows if is_iso_date(row.names[0])]
    wanted: Sequence[int]
    for unit in units:
        told = [row for row in dated if len(row.names[0]) >= _LENGTHS[unit]]
        if not told or _total(told) < _ENOUGH * _total(dated):
            continue
        places = sorted(_place(row.names[0], unit) for row in told)
        if places[-1] - places[0] < most:
            wanted = range(places[0], places[-1] + 1)
            break
    else:  # more years than columns: the latest of those that there are
        unit, told = units[-1], dated
        wanted = sorted({_place(row.names[0], unit) for row in told})[-most:]
    counts = {place: [0] * len(series) for place in wanted}
    left_out = _total(rows)
    for row in told:
        found = counts.get(_place(row.names[0], unit))
        if found is not None:
            left_out -= row.total
            for n, number in enumerate(row.counts):
                found[n] += number
    drawn = tuple(Row((_name(place, unit),), tuple(numbers)) for place, numbers in counts.items())
    words = f"A column is a {unit}{', named by its Monday' if unit == 'week' else ''}." if drawn else ""
    if left_out:
        words += f" {left_out:,} without a known {unit} are not in the picture."
    return Picture(tuple(series), drawn, words.strip())


def _fewer(series: Sequence[Series], rows: Sequence[Row]) -> tuple[Sequence[Series], Sequence[Row]]:
    """Keep the largest series, with all others as one."""
    if len(series) <= MOST_SERIES:
        return series, rows
    totals = [sum(row.counts[n] for row in rows) for n in range(len(series))]
    kept = sorted(sorted(range(len(series)), key=lambda n: -totals[n])[: MOST_SERIES - 1])
    rest = [n for n in range(len(series)) if n not in kept]
    return (
        [*(series[n] for n in kept), Series(f"{len(rest):,} others")],
        [
            Row(
                row.names,
                (*(row.counts[n] for n in kept), sum(row.counts[n] for n in rest)),
                row.color,
            )
            for row in rows
        ],
    )


def _total(rows: Iterable[Row]) -> int:
    return sum(row.total for row in rows)


def _place(words: str, unit: Unit) -> int:
    """Return the number of a date's day, week, month or year, counted from some beginning."""
    if unit == "year":
        return int(words[:4])
    if unit == "month":
        return int(words[:4]) * 12 + int(words[5:7]) - 1
    number = date.fromisoformat(words[:10]).toordinal()
    return number if unit == "day" else (number - 1) // 7  # the first day of the first year was a Monday


def _name(place: int, unit: Unit) -> str:
    if unit == "year":
        return f"{place:04}"
    if unit == "month":
        return f"{place // 12:04}-{place % 12 + 1:02}"
    if unit == "week":
        return (date.min + timedelta(days=7 * place)).isoformat()
    return date.fromordinal(place).isoformat()
