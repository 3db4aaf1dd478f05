"""The JSON objects of other tools' files, one after the other: lines of JSONL, elements of an array.

A file may be larger than the memory: no more of it is held than the object at hand.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NoReturn, TextIO

import msgspec

from annotator.formats.item import AdvisedError, Item, advised, refuse_wide, unreadable
from annotator.model import InputFileError

LONGEST_OBJECT = 64_000_000
"""Bytes of a line, characters of an element of an array: a file of one endless object is not read."""

Numbered = tuple[int, dict[str, Any]]
"""The line of the file at which an object begins, from 1, and the object."""

OBJECT, ARRAY = re.compile(rb"(?:\xef\xbb\xbf)?\s*\{"), re.compile(rb"(?:\xef\xbb\xbf)?\s*\[\s*[{\]]")
"""How a file begins that holds one object or lines of them, or an array of objects."""
_ALONE = re.compile(rb"(?:\xef\xbb\xbf)?\s*\{[ \t]*\r?\n")
_CHUNK = 1 << 20  # characters, or bytes
_LINE = 1 << 17  # characters within which a line has to end that is decoded as one
_OVERLAP = 1 << 16  # bytes of a block that are looked at again with the next
_LOOKED_AT = 65_536  # bytes
_KEY = re.compile(r'\s*,?\s*("(?:[^"\\]|\\.)*")\s*:\s*')
_NEXT = re.compile(r"[\s,]*(?=\{)")
_SPACE = re.compile(r"\s*")


def items(
    path: Path, objects: Generator[Numbered], read: Callable[[dict[str, Any]], list[Item]]
) -> Iterator[Item]:
    """Yield what ``read`` makes of each object; its ``ValueError`` becomes the file's, with the line."""
    with closing(objects):  # and the file with them
        for line, found in objects:
            try:
                made = read(found)
            except ValueError as error:
                raise InputFileError(path, advised(error), line) from error
            for item in made:
                yield Item(item.record, line, item.lost)


def objects(path: Path) -> Generator[Numbered]:
    """Yield the objects of a file of either form, whatever its suffix says; raises ``InputFileError``."""
    with plain_errors(path):
        of_lines = _is_lines(path)
    yield from lines(path) if of_lines else elements(path)


def _is_lines(path: Path) -> bool:
    """Tell JSONL from JSON: an array is none, nor what begins with a bracket that has a line to itself.

    Of an object in ``.json`` the first line must be all.
    """
    named = path.suffix.lower() != ".json"
    with path.open("rb") as file:
        head = file.read(_LOOKED_AT)
        refuse_wide(path, head)
        if named or not OBJECT.match(head):
            return named and not ARRAY.match(head) and not _ALONE.match(head)
        file.seek(0)
        while line := file.readline(LONGEST_OBJECT):
            if line := line.removeprefix(b"\xef\xbb\xbf").strip():
                try:
                    _decoded(line)
                except ValueError:
                    return False
                return True
    return False


def lines(path: Path) -> Generator[Numbered]:
    """Yield the object of each line of JSONL; raises ``InputFileError`` with the line.

    A byte order mark, CRLF and empty lines are accepted.
    """
    some = False
    with plain_errors(path), path.open("rb") as file:
        for number, raw in enumerate(iter(lambda: file.readline(LONGEST_OBJECT + 1), b""), 1):
            if len(raw) > LONGEST_OBJECT:
                raise InputFileError(
                    path,
                    f"is longer than {LONGEST_OBJECT:,} bytes. Divide the file, a line an article",
                    number,
                )
            if number == 1:
                raw = raw.removeprefix(b"\xef\xbb\xbf")
            if not raw.strip():
                continue
            some = True
            try:
                found = _decoded(raw)
            except ValueError as error:
                raise InputFileError(path, advised(error), number) from error
            yield number, found
    if not some:
        raise InputFileError(path, "is empty; leave it out")


def elements(path: Path) -> Generator[Numbered]:
    """Yield the objects of a file that holds one JSON array of them, or a single one.

    Raises ``InputFileError`` with the line at which a wrong one begins.
    """
    with plain_errors(path), path.open(encoding="utf-8-sig") as file:
        window = _Window(file)
        try:
            yield from window.elements()
        except UnicodeDecodeError as error:
            raise InputFileError(path, "is not UTF-8. Save the file in UTF-8") from error
        except ValueError as error:
            raise InputFileError(path, advised(error), window.line) from error


class _Window:
    """The part of a file that is in memory: from the element at hand on."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._buffer = ""
        self._at = 0
        self._by_line = True
        self.line = 1
        """Of the file, at which the element at hand begins."""

    def elements(self) -> Iterator[Numbered]:
        """Yield each object with its line; raises ``ValueError`` where the JSON is wrong."""
        start = self._next()
        if start == "":
            raise AdvisedError("is empty; leave it out")
        if start != "[":
            yield self._element()
            if self._next():
                raise ValueError("is not JSON: something follows its end")
            return
        self._at += 1
        first = True
        while (character := self._next()) != "]":
            if not first:
                if character != ",":
                    raise ValueError("is not JSON: a comma is missing between two objects, or the end")
                self._at += 1
                self._next()
            first = False
            yield self._element()
        self._at += 1
        if self._next():
            raise ValueError("is not JSON: something follows its end")

    def _next(self) -> str:
        """Move to the next character that is no white space, and return it; "" at the end."""
        while True:
            match = _SPACE.match(self._buffer, self._at)
            assert match is not None
            self._move(match.end())
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            self._buffer, self._at = self._file.read(_CHUNK), 0
            if not self._buffer:
                return ""

    def _element(self) -> Numbered:
        if self._by_line and (known := self._line()) is not None:
            return known
        while True:
            try:
                found, end = _decoder.raw_decode(self._buffer, self._at)
            except RecursionError as error:
                raise ValueError("is nested too deeply") from error
            except json.JSONDecodeError as error:
                # Wrong, or only not here yet.
                self._buffer = self._buffer[self._at :]
                self._at = 0
                if len(self._buffer) > LONGEST_OBJECT:
                    raise AdvisedError(
                        f"is longer than {LONGEST_OBJECT:,} characters. Make it an array, or lines"
                    ) from error
                more = self._file.read(max(_CHUNK, len(self._buffer)))
                if not more:
                    raise ValueError(f"is not JSON: {error.msg}") from error
                self._buffer += more
            else:
                if not isinstance(found, dict):
                    raise ValueError("is no JSON object")
                line = self.line
                self._move(end)
                return line, found

    def _line(self) -> Numbered | None:
        """Return the object where it has a line to itself, as in many files: in a third of the time."""
        end = self._buffer.find("\n", self._at, self._at + _LINE)
        if end < 0:
            return None
        words = self._buffer[self._at : end].rstrip().removesuffix(",")
        try:
            found = _quick.decode(words)
        except (msgspec.MsgspecError, RecursionError):
            found = None
        if not isinstance(found, dict):
            self._by_line = False
            return None
        line = self.line
        self._move(self._at + len(words))
        return line, found

    def _move(self, end: int) -> None:
        self.line += self._buffer.count("\n", self._at, end)
        self._at = end


def listed(entry: dict[str, Any], key: str) -> list[Any]:
    """Return a list of an object, [] where it has none; raises ``ValueError`` for anything else."""
    value = entry.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise ValueError(f"{key} is no list")
    return value


def first(head: bytes) -> dict[str, Any]:
    """Return as much of the first object as a file's first bytes hold; {} where it begins with none.

    A value that is cut off is None.
    """
    text = head.decode(errors="replace").removeprefix("\ufeff").lstrip()
    text = text.removeprefix("[").lstrip()
    found: dict[str, Any] = {}
    at = 1
    while text.startswith("{") and (match := _KEY.match(text, at)):
        try:
            key = json.loads(match[1])
            found[key] = None
            found[key], at = _decoder.raw_decode(text, match.end())
        except (ValueError, RecursionError):
            break
    return found


def beginning(head: bytes) -> Iterator[dict[str, Any]]:
    """Yield the objects that a file's first bytes hold whole; of the first what is there of it."""
    yield first(head)
    text = head.decode(errors="replace").removeprefix("\ufeff").lstrip()
    at = len(text) - len(text.removeprefix("["))
    while match := _NEXT.match(text, at):
        try:
            found, at = _decoder.raw_decode(text, match.end())
        except (ValueError, RecursionError):
            return
        if isinstance(found, dict):
            yield found


def holds(path: Path, pattern: re.Pattern[bytes]) -> bool:
    """Tell whether a file has a place that ``pattern`` fits, without reading it into memory.

    A place of more than 64 kB may be overlooked.
    """
    with plain_errors(path), path.open("rb") as file:
        last = b""
        while block := file.read(_CHUNK):
            if pattern.search(last + block):
                return True
            last = block[-_OVERLAP:]
    return False


@contextmanager
def plain_errors(path: Path) -> Iterator[None]:
    """Turn the system's errors into an ``InputFileError``."""
    try:
        yield
    except OSError as error:
        raise InputFileError(path, unreadable(error)) from error


def _decoded(raw: bytes) -> dict[str, Any]:
    """Return the object of a line; raises ``ValueError`` with the cause in plain words."""
    try:
        found = _quick.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        found = _decoded_slowly(raw)
    if not isinstance(found, dict):
        raise ValueError("is no JSON object")
    return found


def _decoded_slowly(raw: bytes) -> Any:
    """Decode what msgspec refuses: lone surrogates, which a text may have, and what is wrong."""
    try:
        return json.loads(raw.decode(), parse_constant=_no_constant, parse_int=_number)
    except UnicodeDecodeError as error:
        raise ValueError(f"is not UTF-8 (byte {error.start + 1} of the line)") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"is not JSON: {error.msg} (character {error.colno})") from error
    except RecursionError as error:
        raise ValueError("is nested too deeply") from error


def _number(digits: str) -> int:
    try:
        return int(digits)
    except ValueError:  # Python's own limit, which its words would tell to change
        raise ValueError(f"holds a number of {len(digits):,} digits") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"holds {name}, which is no JSON")


_quick: msgspec.json.Decoder[Any] = msgspec.json.Decoder()
_decoder = json.JSONDecoder(parse_constant=_no_constant)
