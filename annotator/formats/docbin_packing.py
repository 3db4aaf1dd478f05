"""Documents packed as spaCy's ``DocBin`` packs them, without an object a token and span.

``DocBin.add`` looks at each token from Python, and three times a document at the entry points of all that is
installed: eight times the work of finding the tokens. Here the tokens are numbers, and what is filled in is
what ``DocBin`` keeps (its form 0.1, the same in all releases of spaCy 3), so that its own ``to_disk`` writes
the file.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

if TYPE_CHECKING:
    import numpy as np
    from spacy.language import Language
    from spacy.strings import StringStore

_SPAN = struct.Struct(">QQQllll")  # id, knowledge base, label; tokens from and to, characters from and to
_BEGINS, _INSIDE, _OUTSIDE = 3, 1, 2


class Stretch(NamedTuple):
    """A label on whole tokens ``first`` up to ``last``; ``start`` and ``end`` are characters."""

    first: int
    last: int
    start: int
    end: int
    label: str


class Tokens:
    """The tokens of a text, as numbers."""

    def __init__(self, text: str, blank: Language) -> None:
        import numpy as np
        from spacy.attrs import LENGTH, ORTH, SPACY

        found = blank.make_doc(text).to_array([ORTH, LENGTH, SPACY])
        self.strings: StringStore = blank.vocab.strings
        self.orths = found[:, 0]
        self.spaces = found[:, 2].astype(bool)
        lengths = found[:, 1].astype(np.int64)
        self._starts = np.zeros(len(found), np.int64)
        np.cumsum(lengths[:-1] + self.spaces[:-1], out=self._starts[1:])
        self._ends = self._starts + lengths

    def stretches(self, places: Sequence[tuple[int, int]], labels: Sequence[str]) -> list[Stretch]:
        """Return the whole tokens that stretches of characters touch; not the space behind one."""
        import numpy as np

        wanted = np.array(places, np.int64).reshape(-1, 2)
        last = np.searchsorted(self._starts, wanted[:, 1] - 1, "right") - 1
        first = np.searchsorted(self._ends, wanted[:, 0], "right")
        first = np.minimum(first, last)  # of white space alone: the token before it
        columns = (first, last + 1, self._starts[first], self._ends[last])
        return list(map(Stretch, *(column.tolist() for column in columns), labels))


class Bin:
    """A file of documents."""

    def __init__(self) -> None:
        from spacy.attrs import ENT_IOB, ENT_TYPE
        from spacy.tokens import DocBin

        self._bin = DocBin(attrs=["ENT_IOB", "ENT_TYPE"], store_user_data=True)
        self._iob, self._type = (self._bin.attrs.index(each) for each in (ENT_IOB, ENT_TYPE))
        self._words: dict[int, str] = {}

    def __len__(self) -> int:
        return len(self._bin.tokens)

    def add(
        self,
        tokens: Tokens,
        *,
        entities: Collection[Stretch] | None,
        group: str,
        spans: Collection[Stretch],
        cats: dict[str, float],
        user_data: dict[str, str],
    ) -> None:
        """Add a document; ``entities``, of the ``spans``, are disjoint; None: they are missing."""
        import numpy as np

        rows: np.ndarray = self._rows(tokens)
        number = {label: self._number(label, tokens.strings) for label in {each.label for each in spans}}
        if entities is not None:
            rows[:, self._iob] = _OUTSIDE
            covered = [token for each in entities for token in range(each.first, each.last)]
            labels = np.array([number[each.label] for each in entities], np.uint64)
            rows[covered, self._iob] = _INSIDE
            rows[[each.first for each in entities], self._iob] = _BEGINS
            rows[covered, self._type] = np.repeat(labels, [each.last - each.first for each in entities])
        packed = [
            _SPAN.pack(0, 0, number[label], first, last, start, end)
            for first, last, start, end, label in spans
        ]
        encode = msgspec.msgpack.encode
        held = self._bin
        held.tokens.append(rows)
        held.spaces.append(tokens.spaces.reshape(-1, 1))
        held.flags.append({"has_unknown_spaces": False})
        held.cats.append(cats)
        held.user_data.append(encode(user_data))
        held.span_groups.append(encode({encode({"name": group, "attrs": {}, "spans": packed}): [group]}))

    def _rows(self, tokens: Tokens) -> np.ndarray:
        import numpy as np

        rows = np.zeros((len(tokens.orths), len(self._bin.attrs)), np.uint64)
        rows[:, 0] = tokens.orths
        for number in set(tokens.orths.tolist()).difference(self._words):
            self._words[number] = tokens.strings[number]
        return rows

    def _number(self, label: str, strings: StringStore) -> int:
        number = strings.add(label)
        self._words[number] = label
        return number

    def to_disk(self, path: Path) -> None:
        """Write the file."""
        self._bin.strings = {"", *self._words.values()}
        self._bin.to_disk(path)
