"""What comes along with articles and needs a word: dates of no certain day, the codebook of a bundle."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from annotator.dates import either_date, is_iso_date
from annotator.model import InputFileError
from annotator.text import printable

if TYPE_CHECKING:
    from annotator.project.arrivals import Arrivals
    from annotator.project.codebook_file import FileCodebook


def is_unclear(published: str | None) -> bool:
    """Tell whether an article has words for a date that are none of ISO 8601."""
    return published is not None and not is_iso_date(published)


def unclear_dates(dates: Sequence[str]) -> str:
    """Return what became of dates that are none, or may be two."""
    number = "1 date" if len(dates) == 1 else f"{len(dates)} dates"
    order = ", or say which order they have when you import" if any(map(either_date, dates)) else ""
    return (
        f"{number} kept as written and not sorted by date, since which day is meant is not "
        f"certain (“{printable(dates[0][:40])}”): set it in the article's metadata{order}."
    )


def take(into: Arrivals, codebook: Callable[[], FileCodebook | None], *, fresh: bool) -> str:
    """Take over a bundle's codebook within the act that is going on, and return a sentence about it.

    Only in a ``fresh`` project; in another it is compared with the project's own.
    """
    try:
        found = codebook()
    except InputFileError as error:
        return f"The codebook that came along could not be taken over: {error}."
    if found is None:
        return ""
    if fresh:
        into.restore(found)
        return "The codebook came along."
    if into.lacks(found):
        return (
            "The codebook that came along differs from the project's, which stays as it is: "
            "import its codebook.toml in the codebook's window to take it over."
        )
    return ""
