"""Dates of articles: what sorts as one, and what can only mean one."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.dates import as_iso_date, is_iso_date


@pytest.mark.parametrize(
    "words", ["2024", "2024-02", "2024-02-29", "2024-02-04T10:30", "2024-02-04T10:30:00+02:00"]
)
def test_iso_dates_whole_and_in_part_are_dates(words: str) -> None:
    assert is_iso_date(words)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "yesterday",
        "4 Feb 2024",
        "2024-2-4",
        "2023-02-29",
        "2024-13",
        "24-02-04",
        "20240204",
        "2024-W05",
        "0000",
        "２０２４",
    ],
)
def test_other_words_are_not(words: str) -> None:
    assert not is_iso_date(words)


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("4 Feb 2024", "2024-02-04"),
        ("4. February 2024", "2024-02-04"),
        ("4th February, 2024", "2024-02-04"),
        ("February 4, 2024", "2024-02-04"),
        ("Sept. 30, 2024", "2024-09-30"),
        ("  Sep   2024 ", "2024-09"),
        ("4.2.2024", "2024-02-04"),
        ("04. 02. 2024", "2024-02-04"),
        ("2024/2/4", "2024-02-04"),
        ("2024.2", "2024-02"),
        ("04/02/2024", None),  # February or April
        ("31 Feb 2024", None),
        ("4 Brumaire 2024", None),
        ("4 Feb", None),
        ("about 2024", None),
        ("", None),
        ("4 Feb 2024" * 10_000, None),
    ],
)
def test_what_can_only_mean_one_date_is_told(words: str, meant: str | None) -> None:
    assert as_iso_date(words) == meant


@given(st.dates())
def test_any_day_is_a_date_and_is_told_from_its_names(day: date) -> None:
    assert is_iso_date(day.isoformat())
    written = f"{day.day} {day:%B} {day.year:04}"
    assert as_iso_date(written) == day.isoformat()


@given(st.text())
def test_any_words_can_be_asked_about(words: str) -> None:
    found = as_iso_date(words)
    assert found is None or is_iso_date(found)
    is_iso_date(words)
