"""Taking values out of JSON that somebody else may have written: each call checks, or raises ``ValueError``.

The message is the cause in plain words, to stand behind a file and a line.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from annotator.formats.repair import MisfitError

LARGEST_INTEGER = 2**63 - 1  # SQLite's


def require_keys(
    entry: Any, wanted: tuple[str, ...], what: str, later: Mapping[str, object] | None = None
) -> None:
    """Refuse what is no object with exactly these keys: one that we do not know would be lost.

    ``later`` gives the values of those that the oldest exports do not have.
    """
    if not isinstance(entry, dict):
        raise ValueError(f"{what} is no JSON object")
    for key, value in (later or {}).items():
        entry.setdefault(key, value)
    for key in wanted:
        if key not in entry:
            raise ValueError(f"{what} lacks {key!r}")
    if len(entry) > len(wanted):
        unknown = next(key for key in entry if key not in wanted)
        raise ValueError(f"{what} has an unknown key {unknown!r}")


def typed(entry: dict[str, Any], key: str, kind: type, words: str) -> Any:
    """Return a value that must be exactly of type ``kind`` (true is no number)."""
    value = entry[key]
    if type(value) is not kind:
        raise ValueError(f"{key} is not {words}")
    return value


def string(entry: dict[str, Any], key: str) -> str:
    """Return a string."""
    return str(typed(entry, key, str, "a string"))


def non_empty(entry: dict[str, Any], key: str) -> str:
    """Return a string that is not empty."""
    value = string(entry, key)
    if not value:
        raise ValueError(f"{key} is empty")
    return value


def maybe_string(entry: dict[str, Any], key: str) -> str | None:
    """Return a string or None."""
    return None if entry[key] is None else str(typed(entry, key, str, "a string or null"))


def mapping(entry: dict[str, Any], key: str) -> dict[str, Any]:
    """Return an object."""
    value: dict[str, Any] = typed(entry, key, dict, "an object")
    return value


def items(entry: dict[str, Any], key: str) -> list[Any]:
    """Return a list."""
    value: list[Any] = typed(entry, key, list, "a list")
    return value


def integer(entry: dict[str, Any], key: str) -> int:
    """Return a whole number that SQLite can hold."""
    value = int(typed(entry, key, int, "a whole number"))
    if abs(value) > LARGEST_INTEGER:
        raise ValueError(f"{key} is too large")
    return value


def one_of(entry: dict[str, Any], key: str, values: tuple[str, ...]) -> Any:
    """Return one of ``values``."""
    if entry[key] not in values:
        raise ValueError(f"{key} is none of {', '.join(values)}")
    return entry[key]


def stretch(entry: dict[str, Any], length: int, what: str) -> tuple[int | None, int | None]:
    """Return start and end, both None for the whole article, else within the text and not empty."""
    start, end = entry["start"], entry["end"]
    if start is None and end is None:
        return None, None
    if type(start) is not int or type(end) is not int:
        raise ValueError(f"start or end of {what} is no whole number")
    if not 0 <= start < end <= length:
        raise MisfitError(f"{what} from {start} to {end} lies outside the text of {length} characters")
    return start, end


def is_probability(value: Any) -> bool:
    """Tell whether ``value`` is a number from 0 to 1."""
    return type(value) in (int, float) and 0 <= value <= 1
