"""What of a chart's numbers is drawn, and how they are written."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.project.charts import (
    MOST_SERIES,
    Chart,
    Picture,
    Row,
    Series,
    largest,
    through_time,
)

ONE = (Series("all"),)


def rows(numbers: dict[str, int]) -> list[Row]:
    return [Row((name,), (number,)) for name, number in numbers.items()]


def drawn(picture: Picture) -> dict[str, int]:
    return {row.names[0]: row.total for row in picture.rows}


def chart(*found: Row) -> Chart:
    series = (Series("=yes"), Series("no"))
    return Chart("key", "Title", "", "articles", ("source",), series, found, largest(series, found), "")


def test_few_rows_are_all_drawn() -> None:
    assert drawn(largest(ONE, rows({"b": 1, "a": 3}))) == {"b": 1, "a": 3}
    assert largest(ONE, rows({"b": 1})).words == ""


def test_many_rows_are_drawn_as_the_largest_in_their_order_and_the_others_together() -> None:
    picture = largest(ONE, rows({"small": 1, "big": 9, "tiny": 1, "large": 8, "middle": 3}), most=4)
    assert drawn(picture) == {"big": 9, "large": 8, "middle": 3, "2 others": 2}
    assert picture.words == "The picture has the 3 largest of 5; the others are together in one bar."


def test_more_series_than_can_be_told_apart_become_one_and_no_number_is_lost() -> None:
    series = [Series(f"annotator {n}") for n in range(20)]
    row = Row(("2026-01-01",), tuple(range(20)))
    for picture in (largest(series, [row]), through_time(series, [row])):
        assert len(picture.series) == MOST_SERIES
        assert [each.name for each in picture.series][-2:] == ["annotator 19", "13 others"]
        assert picture.rows[0].counts == (13, 14, 15, 16, 17, 18, 19, sum(range(13)))


def test_days_without_anything_are_drawn_as_empty() -> None:
    assert drawn(through_time(ONE, rows({"2024-02-28": 2, "2024-03-01": 1}))) == {
        "2024-02-28": 2,
        "2024-02-29": 0,
        "2024-03-01": 1,
    }


@pytest.mark.parametrize(
    ("last", "names"),
    [
        ("2024-03-02", ["2024-01-01", "2024-03-02"]),  # 62 days
        ("2024-03-03", ["2024-01-01", "2024-02-26"]),  # 63: weeks, each named by its Monday
        ("2025-06-01", ["2024-01", "2025-06"]),
        ("2029-03-01", ["2024", "2029"]),
    ],
)
def test_a_long_time_is_drawn_in_longer_stretches(last: str, names: list[str]) -> None:
    picture = through_time(ONE, rows({"2024-01-01": 2, last: 3}))
    assert [picture.rows[0].names[0], picture.rows[-1].names[0]] == names
    assert sum(row.total for row in picture.rows) == 5
    assert len(picture.rows) <= 62


def test_what_has_no_date_is_not_drawn_and_that_is_said() -> None:
    picture = through_time(ONE, rows({"2024-02": 20, "2024": 1, "(no date)": 4, "<b>": 1}), ("month", "year"))
    assert drawn(picture) == {"2024-02": 20}
    assert picture.words == "A column is a month. 6 without a known month are not in the picture."


def test_where_most_dates_are_only_years_they_are_drawn() -> None:
    found = rows({"2021": 20, "2024-02": 3})
    assert drawn(through_time(ONE, found, ("month", "year"))) == {"2021": 20, "2022": 0, "2023": 0, "2024": 3}


def test_dates_that_lie_far_apart_leave_no_million_columns() -> None:
    found = rows({"0001-01-01": 1, "2024-02-04": 2, "9999-12-31": 3})
    assert drawn(through_time(ONE, found)) == {"0001": 1, "2024": 2, "9999": 3}


def test_nothing_is_drawn_of_nothing() -> None:
    assert through_time(ONE, []).rows == ()
    assert through_time((), []).rows == ()
    assert largest((), []).rows == ()


@given(st.dictionaries(st.dates().map(str), st.integers(1, 9), max_size=30))
def test_every_dated_number_is_in_some_column(numbers: dict[str, int]) -> None:
    picture = through_time(ONE, rows(numbers))
    assert sum(row.total for row in picture.rows) == sum(numbers.values())
    assert [row.names for row in picture.rows] == sorted(row.names for row in picture.rows)


def test_a_table_has_names_series_and_their_sum() -> None:
    found = chart(Row(("a",), (2, 3)))
    assert found.columns() == ("source", "=yes", "no", "all")
    assert found.cells(found.rows[0]) == ("a", 2, 3, 5)
    assert found.total == 5


def test_no_cell_of_a_csv_is_a_formula_for_a_spreadsheet() -> None:
    names = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", 'a "quoted", name', "two\nlines"]
    found = chart(*(Row((name,), (1, 0)) for name in names))
    read = list(csv.reader(io.StringIO(found.csv(), newline="")))
    assert read[0] == ["source", "'=yes", "no", "all"]
    assert [row[0] for row in read[1:]] == [f"'{name}" for name in names[:6]] + names[6:]
    assert {tuple(row[1:]) for row in read[1:]} == {("1", "0", "1")}
