"""A DocBin read a document at a time: unpacked to the disk, never into memory.

It is one msgpack object, packed by zlib. spaCy's own reader holds all of it twice; here it lies in a nameless
temporary file, and what is in memory are its different words and one document.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import accumulate
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import msgspec

if TYPE_CHECKING:
    import numpy as np

_BLOCK = 1 << 20
_SPAN = struct.Struct(">Qllll")  # the end of each: label; tokens from and to, characters from and to
_BEGINS, _INSIDE = 3, 1
# Of each kind of msgpack value that says its size: the bytes of the size, what it counts ("v": values, "b":
# bytes), how many of them each, and the bytes beside. Of each other kind: its bytes.
_SIZED = {
    **{kind: (size, "b", 1, 0) for kind, size in zip(range(0xC4, 0xC7), (1, 2, 4), strict=True)},
    **{kind: (size, "b", 1, 1) for kind, size in zip(range(0xC7, 0xCA), (1, 2, 4), strict=True)},
    **{kind: (size, "b", 1, 0) for kind, size in zip(range(0xD9, 0xDC), (1, 2, 4), strict=True)},
    **{0xDC: (2, "v", 1, 0), 0xDD: (4, "v", 1, 0), 0xDE: (2, "v", 2, 0), 0xDF: (4, "v", 2, 0)},
}
_FIXED = {
    **dict.fromkeys((0xC0, 0xC2, 0xC3), 0),
    **{0xCA: 4, 0xCB: 8, 0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8, 0xD0: 1, 0xD1: 2, 0xD2: 4, 0xD3: 8},
    **{0xD4: 2, 0xD5: 3, 0xD6: 5, 0xD7: 9, 0xD8: 17},
}


class TooLargeError(ValueError):
    """It unpacks to more than it may."""


class Document(NamedTuple):
    """A document; ``spans`` are those of ``ents`` and of every group, as characters and label."""

    text: str
    spans: list[tuple[int, int, str]]
    cats: Mapping[str, Any]
    user_data: Mapping[Any, Any]


@contextmanager
def unpacked(path: Path, largest: int) -> Iterator[DocBinFile]:
    """Open a DocBin of at most ``largest`` bytes, unpacked.

    Raises ``TooLargeError``, ``zlib.error``, and a ``ValueError`` where it is no msgpack object.
    """
    with path.open("rb") as packed, TemporaryFile(prefix="annotator-") as file:
        unpacker, size = zlib.decompressobj(), 0
        while not unpacker.eof and (block := unpacker.unconsumed_tail or packed.read(_BLOCK)):
            words = unpacker.decompress(block, 16 * _BLOCK)
            size += len(words)
            if size > largest:
                raise TooLargeError
            file.write(words)
        if not unpacker.eof:
            raise ValueError("it is cut off")
        yield DocBinFile(file)


class DocBinFile:
    """An unpacked DocBin; wrong bytes raise whatever is raised by who meets them first."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._at: dict[str, int] = {}  # where the value of each key begins
        file.seek(0)
        for _ in range(_length(file, 0x80, 0xDE)):
            key = _value(file)
            self._at[key] = file.tell()
            _skip(file)

    def cats(self) -> Iterator[Mapping[str, Any]]:
        """Yield the categories of each document."""
        return self._values("cats")

    def documents(self) -> Iterator[Document]:
        """Yield each document."""
        import numpy as np
        from spacy.attrs import ENT_IOB, ENT_TYPE, ORTH
        from spacy.strings import StringStore

        store = StringStore()
        self._labels = {store.add(word): word for word in ["", *self._one("strings")]}
        self._labels[0] = ""
        attributes = self._one("attrs")
        columns = [
            attributes.index(each) if each in attributes else None for each in (ORTH, ENT_IOB, ENT_TYPE)
        ]
        (tokens, size), (spaces, _) = self._bytes("tokens"), self._bytes("spaces")
        lengths = np.frombuffer(self._one("lengths"), "<i4").tolist()
        if min(lengths, default=0) < 0 or 8 * len(attributes) * sum(lengths) != size:
            raise ValueError("the lengths are not those of the tokens")
        several = (self._values(key) for key in ("cats", "flags", "span_groups", "user_data"))
        for length, cats, flags, groups, user_data in zip(lengths, *several, strict=True):
            row = 8 * len(attributes)
            found = np.frombuffer(self._read(tokens, row * length), "<u8").reshape(length, len(attributes))
            spaced = np.frombuffer(self._read(spaces, length), bool)
            tokens, spaces = tokens + row * length, spaces + length
            words = list(map(self._labels.__getitem__, found[:, columns[0]].tolist()))
            every = [True] * length if flags.get("has_unknown_spaces") else spaced.tolist()
            pieces = [word + " " if space else word for word, space in zip(words, every, strict=True)]
            entities = self._entities(found, columns, words, pieces)
            spans = entities + [span for group in _groups(groups) for span in self._spans(group)]
            about = msgspec.msgpack.decode(user_data) if user_data else {}
            yield Document("".join(pieces), spans, cats, about)

    def _entities(
        self, found: np.ndarray, columns: list[int | None], words: list[str], pieces: list[str]
    ) -> list[tuple[int, int, str]]:
        _, iob, types = columns
        if iob is None or types is None:
            return []
        import numpy as np

        of_entities = np.flatnonzero((found[:, iob] == _BEGINS) | (found[:, iob] == _INSIDE))
        if not len(of_entities):
            return []
        starts = [0, *accumulate(map(len, pieces))]
        spans: list[tuple[int, int, str]] = []
        last = None
        rows = found[of_entities][:, [iob, types]].tolist()
        for token, (place, label) in zip(of_entities.tolist(), rows, strict=True):
            end = starts[token] + len(words[token])
            if place == _INSIDE and spans and last == token - 1:
                spans[-1] = (spans[-1][0], end, spans[-1][2])
            elif label:  # without one, it says that there is none
                spans.append((starts[token], end, self._labels[label]))
            last = token
        return spans

    def _spans(self, group: bytes) -> Iterator[tuple[int, int, str]]:
        for span in msgspec.msgpack.decode(group)["spans"]:
            label, _, _, start, end = _SPAN.unpack(span[-_SPAN.size :])
            yield start, end, self._labels[label]

    def _values(self, key: str) -> Iterator[Any]:
        """Yield the values of a list; of one that older releases do not write, None as often as needed."""
        if key not in self._at and key in ("flags", "span_groups", "user_data"):
            for _ in self._values("cats"):
                yield {} if key == "flags" else None
            return
        self._file.seek(self._at[key])
        number = _length(self._file, 0x90, 0xDC)
        at = self._file.tell()
        for _ in range(number):
            self._file.seek(at)
            value = _value(self._file)
            at = self._file.tell()
            yield value

    def _one(self, key: str) -> Any:
        self._file.seek(self._at[key])
        return _value(self._file)

    def _bytes(self, key: str) -> tuple[int, int]:
        """Return where the bytes of a key begin, and how many they are."""
        self._file.seek(self._at[key])
        kind = self._file.read(1)[0]
        size = int.from_bytes(self._file.read(_SIZED[kind][0]), "big")
        return self._file.tell(), size

    def _read(self, at: int, size: int) -> bytes:
        self._file.seek(at)
        return self._file.read(size)


def _groups(packed: bytes | None) -> Iterator[bytes]:
    """Return each group of spans once for each of its names."""
    found = msgspec.msgpack.decode(packed) if packed else []
    if isinstance(found, list):  # as spaCy 3.0 wrote them
        yield from found
    else:
        for group, names in found.items():
            yield from [group] * len(names)


def _value(file: IO[bytes]) -> Any:
    at = file.tell()
    _skip(file)
    end = file.tell()
    file.seek(at)
    return msgspec.msgpack.decode(file.read(end - at))


def _length(file: IO[bytes], few: int, many: int) -> int:
    """Read the head of a list or a map: ``few`` is the kind of a short one, ``many`` that of up to 65,535."""
    kind = file.read(1)[0]
    if few <= kind < few + 16:
        return kind - few
    if kind not in (many, many + 1):
        raise ValueError("another kind of value was expected")
    return int.from_bytes(file.read(_SIZED[kind][0]), "big")


def _skip(file: IO[bytes]) -> None:
    """Go behind the next value, whatever it is, however deep."""
    left = 1
    while left:
        left -= 1
        head = file.read(1)
        if not head:
            raise ValueError("it ends too early")
        kind = head[0]
        if kind < 0x80 or kind >= 0xE0:
            continue
        if kind < 0x90:
            left += 2 * (kind & 0x0F)
        elif kind < 0xA0:
            left += kind & 0x0F
        elif kind < 0xC0:
            file.seek(kind & 0x1F, 1)
        elif kind in _FIXED:
            file.seek(_FIXED[kind], 1)
        else:
            size, what, times, beside = _SIZED[kind]
            number = int.from_bytes(file.read(size), "big")
            if what == "v":
                left += times * number
            else:
                file.seek(number + beside, 1)
