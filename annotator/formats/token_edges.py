"""Where the tokens of a text begin and end, for formats that have a token a line.

With arrays of the text's characters: an expression that looks for the tokens, and what puts their places
together from its matches, take twice as long, and are most of what such a file takes. numpy is imported late:
the window does not wait for it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from annotator.text import IN_WORD

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    Places = NDArray[np.intp]

_SPACE, _IN_WORD, _OTHER = range(3)
_WORD = re.compile(f"{IN_WORD}+")
_SPACES = re.compile(r"\s+")
_NEAR = 0x10000  # code points below it are in a table, and are one unit of UTF-16


class Tokens:
    """The tokens of a text: words, and what is neither word nor white space a character at a time.

    ``starts`` and ``ends`` are offsets in code points, ``[start, end)``. Words are cut at the edges of the
    spans ``[begins, behind)``, which have no white space at their edges.
    """

    def __init__(self, text: str, begins: Sequence[int], behind: Sequence[int]) -> None:
        import numpy as np

        # Behind the text stands a space: what has no neighbour has this one.
        points = np.frombuffer(f"{text} ".encode("utf-32-le"), np.uint32)
        self._far: NDArray[np.bool_] | None = None
        if int(np.max(points)) < _NEAR:
            kinds = _kinds()[points]
        else:
            self._far = points >= _NEAR
            kinds = _kinds()[np.minimum(points, _NEAR)]
            kinds[self._far] = [
                _IN_WORD if _WORD.match(chr(point)) else _OTHER for point in points[self._far].tolist()
            ]
        opens = kinds != _SPACE
        closes = opens.copy()
        in_word = kinds == _IN_WORD
        goes_on = in_word[:-1] & in_word[1:]
        opens[1:] ^= goes_on
        closes[:-1] ^= goes_on
        first, last = np.array(begins, np.intp), np.array(behind, np.intp)
        opens[first] = closes[last - 1] = True
        opens[last] = kinds[last] != _SPACE
        closes[first - 1] = kinds[first - 1] != _SPACE
        self.starts: Places = np.flatnonzero(opens)
        self.ends: Places = np.flatnonzero(closes) + 1
        self.words = [
            text[start:end] for start, end in zip(self.starts.tolist(), self.ends.tolist(), strict=True)
        ]
        self.first: list[int] = np.searchsorted(self.starts, first).tolist()
        """The first token of each span."""
        self.behind: list[int] = (np.searchsorted(self.ends, last) + 1).tolist()
        """The token behind each span, were there one more."""
        self.before_lines: list[int] = np.searchsorted(self.starts, np.flatnonzero(points == 10)).tolist()
        """How many tokens there are before the end of each line but the last."""

    def in_utf16(self) -> tuple[Places, Places]:
        """Return starts and ends in units of UTF-16."""
        if self._far is None:
            return self.starts, self.ends
        ahead = self._far.cumsum() - self._far
        return self.starts + ahead[self.starts], self.ends + ahead[self.ends]


@lru_cache(maxsize=1)
def _kinds() -> NDArray[np.uint8]:
    """Return the kind of each code point below ``_NEAR``, and one for all others."""
    import numpy as np

    kinds = np.full(_NEAR + 1, _OTHER, np.uint8)
    near = "".join(map(chr, range(_NEAR)))
    for kind, expression in ((_IN_WORD, _WORD), (_SPACE, _SPACES)):
        for match in expression.finditer(near):
            kinds[match.start() : match.end()] = kind
    return kinds


class Numbers:
    """Numbers as they stand in a line: those of most texts are kept, since to make them takes long."""

    def __init__(self, form: str) -> None:
        self._form = form
        self._kept: NDArray[np.object_] | None = None

    def at(self, places: Places) -> list[str]:
        """Return ``places``, which ascend, in the form of this one."""
        most = int(places[-1]) + 1 if len(places) else 0
        if most > _KEPT:
            return list(map(self._form.format, places.tolist()))
        if self._kept is None or most > len(self._kept):
            import numpy as np

            self._kept = np.array(list(map(self._form.format, range(2 * most))), np.object_)
        found: list[str] = self._kept[places].tolist()
        return found


_KEPT = 20_000
