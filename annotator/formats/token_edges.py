"""Where the tokens of a text begin and end, for formats that have a token a line.

With arrays of the text's characters: an expression that looks for the tokens, and what puts their places
together from its matches, take twice as long, and are most of what such a file takes. numpy is imported late:
the window does not wait for it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, NamedTuple

from annotator.text import IN_WORD

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    Places = NDArray[np.intp]

_SPACE, _IN_WORD, _OTHER = range(3)
_WORD = re.compile(f"{IN_WORD}+")
_SPACES = re.compile(r"\s+")
_NEAR = 0x20000  # code points below it are in a table; those above are rare ideographs
_UNIT = 0xFFFF  # code points above it are two units of UTF-16
_LINE_END = ord("\n")


class Tokens(NamedTuple):
    """The tokens of a text: words, and what is neither word nor white space a character at a time.

    Words are cut at the edges of spans. A token is ``[start, end)`` in units of UTF-16.
    """

    words: list[bytes]
    """The tokens themselves, in UTF-8."""
    starts: Places
    ends: Places
    first: list[int]
    """The first token of each span."""
    behind: list[int]
    """The token behind each span, were there one more."""
    before_lines: list[int]
    """How many tokens there are before the end of each line but the last."""


def tokens_of(texts: Sequence[str], spans: Sequence[Sequence[tuple[int, int]]]) -> Iterator[Tokens]:
    """Yield the tokens of each text; spans are ``[start, end)`` in code points, no white space at their edges.

    To begin on an array takes as long as some hundreds of its items: short texts are better given together.
    """
    import numpy as np

    # Behind each text stands white space: what has no neighbour has this one.
    points = np.frombuffer("\n".join([*texts, ""]).encode("utf-32-le"), np.uint32)
    most = int(np.max(points, initial=0))
    froms = np.array(list(accumulate((len(text) + 1 for text in texts), initial=0)), np.intp)
    numbers = list(map(len, spans))
    edges = np.array([edge for each in spans for span in each for edge in span], np.intp).reshape(-1, 2)
    edges += np.repeat(froms[:-1], numbers)[:, np.newaxis]
    first, last = edges[:, 0], edges[:, 1] - 1
    starts, ends, words = _cut(points, _kinds_of(points, most), first, last)
    firsts, behinds = starts.searchsorted(first), ends.searchsorted(last + 1) + 1
    line_ends = np.flatnonzero(points == _LINE_END)
    before_lines, lines = starts.searchsorted(line_ends), line_ends.searchsorted(froms)
    cuts = starts.searchsorted(froms)
    if most > _UNIT:
        ahead = np.append(0, (points > _UNIT).cumsum())
        starts, ends, froms = starts + ahead[starts], ends + ahead[ends], froms + ahead[froms]
    of_text = zip(
        froms[:-1].tolist(),
        pairwise(cuts.tolist()),
        pairwise(lines.tolist()),
        pairwise(accumulate(numbers, initial=0)),
        strict=True,
    )
    for at, (token, token_behind), (line, line_behind), (span, span_behind) in of_text:
        yield Tokens(
            words[token:token_behind],
            starts[token:token_behind] - at,
            ends[token:token_behind] - at,
            (firsts[span:span_behind] - token).tolist(),
            (behinds[span:span_behind] - token).tolist(),
            (before_lines[line : line_behind - 1] - token).tolist(),
        )


def _cut(
    points: NDArray[np.uint32], kinds: NDArray[np.uint8], first: Places, last: Places
) -> tuple[Places, Places, list[bytes]]:
    """Return starts, ends and words of all tokens; spans begin at ``first`` and have ``last`` in them."""
    import numpy as np

    filled = kinds != _SPACE
    opens, closes = filled.copy(), filled.copy()
    in_word = kinds == _IN_WORD
    goes_on = in_word[:-1] & in_word[1:]
    opens[1:] ^= goes_on
    closes[:-1] ^= goes_on
    if not (opens[first].all() and closes[last].all()):  # else no span ends within a word
        opens[first] = closes[last] = True
        opens[last + 1] = filled[last + 1]
        closes[first - 1] = filled[first - 1]
    starts, ends = np.flatnonzero(opens), np.flatnonzero(closes) + 1
    # All that is no white space is in a token: with a line end behind each of them, and no more, the words
    # are there at once. To cut them out of the text one by one takes three times as long.
    apart = np.repeat(points, filled.view(np.uint8) + closes.view(np.uint8))
    apart[(ends - starts + 1).cumsum() - 1] = _LINE_END
    return starts, ends, apart.tobytes().decode("utf-32-le").encode().split(b"\n")


def _kinds_of(points: NDArray[np.uint32], most: int) -> NDArray[np.uint8]:
    """Return the kinds of code points, of which none is above ``most``."""
    if most < _NEAR:
        return _kinds().take(points)
    kinds = _kinds().take(points, mode="clip")
    far = points >= _NEAR
    kinds[far] = [_IN_WORD if _WORD.match(chr(point)) else _OTHER for point in points[far].tolist()]
    return kinds


@lru_cache(maxsize=1)
def _kinds() -> NDArray[np.uint8]:
    """Return the kind of each code point below ``_NEAR``."""
    import numpy as np

    kinds = np.full(_NEAR, _OTHER, np.uint8)
    near = "".join(map(chr, range(_NEAR)))
    for kind, expression in ((_IN_WORD, _WORD), (_SPACE, _SPACES)):
        for match in expression.finditer(near):
            kinds[match.start() : match.end()] = kind
    return kinds


class Numbers:
    """Numbers as they stand in a line: those of most texts are kept, since to make them takes long."""

    def __init__(self, form: bytes) -> None:
        self._form = form
        self._kept: NDArray[np.object_] | None = None

    def at(self, places: Places) -> list[bytes]:
        """Return ``places``, which ascend, in the form of this one."""
        most = int(places[-1]) + 1 if len(places) else 0
        if most > _KEPT:
            return list(map(self._form.__mod__, places.tolist()))
        if self._kept is None or most > len(self._kept):
            import numpy as np

            self._kept = np.array(list(map(self._form.__mod__, range(2 * most))), np.object_)
        found: list[bytes] = self._kept[places].tolist()
        return found


_KEPT = 20_000
