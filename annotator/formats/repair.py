"""Offsets that were counted in other units: found by the quotes, and put right for the whole line.

Other tools count UTF-16 units (anything in JavaScript or Java), bytes of UTF-8, or the ``\\r\\n`` of a
Windows file, where we count code points of the text as it is stored. Each of these moves every offset
of an article in one way, so a line is repaired only as a whole: when *all* of its quotes stand where one
way of counting says, and no other way of counting puts them elsewhere.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from itertools import accumulate
from typing import Any

from annotator.text import Utf16Map, normalise

Width = Callable[[str], int]


class MisfitError(ValueError):
    """A span does not hold its quote, or lies outside the text."""


_UNITS: dict[str, Width] = {
    "code points": lambda c: 1,
    "UTF-16 units": lambda c: 2 if c > "\uffff" else 1,
    "UTF-8 bytes": lambda c: 1 if c < "\x80" else 2 if c < "\u0800" else 3 if c < "\U00010000" else 4,
}


def repaired(line: Mapping[str, Any], raw: str, text: str) -> tuple[dict[str, Any], int] | None:
    """Return ``line`` with its offsets in code points and how many of its spans moved, or None.

    ``raw`` is the line's text as it came, ``text`` the same normalised. None where the quotes fit no way
    of counting, or two of them in different places. Quotes are normalised as texts are.
    """
    spans = line["spans"]
    if not isinstance(spans, list) or not all(
        isinstance(s, dict) and isinstance(s.get("text"), str) for s in spans
    ):
        return None
    found: list[tuple[dict[str, Any], int]] = []
    for ruler in _rulers(raw, text):
        places = [ruler.stretch(s.get("start"), s.get("end")) for s in spans]
        if all(p and text[p[0] : p[1]] == normalise(s["text"]) for p, s in zip(places, spans, strict=True)):
            moved = sum((s["start"], s["end"]) != p for s, p in zip(spans, places, strict=True))
            found.append((_moved(line, ruler, text), moved))
    # Without a quote that was moved nothing says how the others were counted.
    return found[0] if found and found[0][1] and all(other == found[0] for other in found) else None


def _moved(line: Mapping[str, Any], ruler: Ruler, text: str) -> dict[str, Any]:
    new = dict(line)
    new["spans"] = [ruler.entry(span) for span in line["spans"]]
    for span in new["spans"]:
        span["text"] = text[span["start"] : span["end"]]
    for key in ("rejections", "suggestions"):
        if isinstance(line.get(key), list):
            new[key] = [ruler.entry(entry) for entry in line[key]]
    return new


def _rulers(raw: str, text: str) -> Iterator[Ruler]:
    """Yield the ways of counting: in the text as it is, as it came, and with Windows' line ends."""
    for unit, width in _UNITS.items():
        if unit != "code points":
            yield Ruler(text, width)
        yield Ruler(text, lambda c, width=width: 2 if c == "\n" else width(c))  # type: ignore[misc]
        if raw != text:
            yield RawRuler(raw, width)


def raw_ruler(raw: str, unit: str) -> Ruler:
    """Return what turns offsets into ``raw``, a text as it came, into code points of the normalised text.

    ``unit`` is "code points", "UTF-16 units" or "UTF-8 bytes".
    """
    if normalise(raw) == raw:
        wide = unit == "UTF-16 units" and len(raw.encode("utf-16-le")) > 2 * len(raw)
        if raw.isascii() or (unit != "UTF-8 bytes" and not wide):
            return _Straight(raw)
        if wide:
            return _Utf16(raw)
    return RawRuler(raw, _UNITS[unit])


class Ruler:
    """Turns offsets that count ``width`` a character into code points of the normalised text."""

    def __init__(self, text: str, width: Width) -> None:
        self._places = [0, *accumulate(map(width, text))]

    def point(self, offset: int) -> int | None:
        """Return the code point at an offset; None beyond the text and inside a character."""
        index = bisect_left(self._places, offset)
        return index if index < len(self._places) and self._places[index] == offset else None

    def stretch(self, start: Any, end: Any) -> tuple[int, int] | None:
        """Return a stretch in code points, None where it is none."""
        if type(start) is not int or type(end) is not int:
            return None
        first, last = self.point(start), self.point(end)
        return (first, last) if first is not None and last is not None and first < last else None

    def entry(self, entry: Any) -> Any:
        """Return a rejection or suggestion with its offsets moved; what has none is left to the checks."""
        if not isinstance(entry, dict):
            return entry
        new = dict(entry)
        if (place := self.stretch(entry.get("start"), entry.get("end"))) is not None:
            new["start"], new["end"] = place
        if isinstance(entry.get("evidence"), list):
            new["evidence"] = [
                list(self.stretch(*e) or e) if isinstance(e, list) and len(e) == 2 else e
                for e in entry["evidence"]
            ]
        return new


class _Straight(Ruler):
    """The same where the offsets are code points already, as nearly always: making it takes no time."""

    def __init__(self, text: str) -> None:
        self._length = len(text)

    def point(self, offset: int) -> int | None:
        """Return the offset itself; None outside the text."""
        return offset if 0 <= offset <= self._length else None


class _Utf16(Ruler):
    """The same for UTF-16 units of a text that is normalised: few of its characters have two."""

    def __init__(self, text: str) -> None:
        self._map = Utf16Map(text)

    def point(self, offset: int) -> int | None:
        """Return the code point at an offset; None beyond the text and inside a character."""
        return self._map.code_point_at(offset)


class RawRuler(Ruler):
    """The same for offsets into the text as it came, before it was normalised."""

    def __init__(self, raw: str, width: Width) -> None:
        super().__init__(raw, width)
        start = len(raw) - len(raw.lstrip("\ufeff\0"))
        kept = (i >= start and c != "\0" and raw[i : i + 2] != "\r\n" for i, c in enumerate(raw))
        self._normalised = [0, *accumulate(map(int, kept))]

    def point(self, offset: int) -> int | None:
        """Return the code point of the normalised text."""
        index = super().point(offset)
        return None if index is None else self._normalised[index]
