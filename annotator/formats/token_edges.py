"""Where the tokens of a text begin and end, for formats that have each of them.

With arrays of the text's characters: an expression that looks for the tokens, and what puts their places
together from its matches, take twice as long, and are most of what such a file takes. numpy is imported late:
the window does not wait for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, chain, pairwise, starmap
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from annotator.text import IN_WORD

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Places = NDArray[np.intp]

# What a character is: in no token, a token by itself, or in one with all beside it that are of its kind.
_GAP, _OTHER, _IN_WORD, _SPACE = range(4)
_WORD = re.compile(f"{IN_WORD}+")
_SPACES = re.compile(r"\s+")
_NEAR = 0x20000  # code points below it are in a table; those above are rare ideographs
_UNIT = 0xFFFF  # code points above it are two units of UTF-16
_BLANK, _LINE_END = map(ord, " \n")
_KEPT = 20_000  # numbers of :class:`Numbers`: places in a longer text than most articles, some MB

Spans = tuple[Sequence[int], Sequence[int]]
"""Stretches of a text, ``[start, end)`` in code points: their starts and their ends."""


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


def tokens_of(texts: Sequence[str], spans: Sequence[Spans]) -> Iterator[Tokens]:
    """Yield the tokens of each text; its spans have no white space at their edges.

    To begin on an array takes as long as some hundreds of its items: short texts are better given together.
    """
    import numpy as np

    all_ = _Texts(texts, spans)
    starts, ends = all_.edges(cut=True)
    words = all_.apart(starts, ends, "\n").encode().split(b"\n")
    first, behind = starts.searchsorted(all_.first), ends.searchsorted(all_.last + 1) + 1
    line_ends = np.flatnonzero(all_.points == _LINE_END)
    before_lines, lines = starts.searchsorted(line_ends), line_ends.searchsorted(all_.froms)
    places = all_.of_each(starts)
    froms = all_.froms
    if all_.most > _UNIT:
        ahead = np.append(0, (all_.points > _UNIT).cumsum())
        starts, ends, froms = starts + ahead[starts], ends + ahead[ends], froms + ahead[froms]
    for at, (token, span), (line, next_line) in zip(
        froms[:-1].tolist(), places, pairwise(lines.tolist()), strict=True
    ):
        yield Tokens(
            words[token],
            starts[token] - at,
            ends[token] - at,
            (first[span] - token.start).tolist(),
            (behind[span] - token.start).tolist(),
            (before_lines[line : next_line - 1] - token.start).tolist(),
        )


class SpacedTokens(NamedTuple):
    """The tokens of a text, white space among them but for a single blank behind one of them.

    A token is ``[start, end)`` in code points.
    """

    words: list[bytes]
    """The tokens themselves, as they stand within a string of JSON."""
    starts: Places
    ends: Places
    blank: NDArray[np.bool_]
    """Whether a blank follows that is in no token."""
    first: list[int]
    """The first token of each span, -1 where the span does not begin and end where tokens do."""
    last: list[int]
    """The last one."""


def spaced_tokens_of(texts: Sequence[str], spans: Sequence[Spans]) -> Iterator[SpacedTokens]:
    """Yield the tokens of each text, of one or more (see :func:`tokens_of`); spans may have any edges."""
    all_ = _Texts(texts, spans)
    space = all_.kinds == _GAP
    begins = space.copy()
    begins[1:] &= ~space[:-1]
    begins[0] = False
    all_.kinds[space] = _SPACE
    all_.kinds[begins & (all_.points == _BLANK)] = _GAP
    all_.kinds[all_.froms[1:] - 1] = _GAP
    starts, ends = all_.edges(cut=False)
    # What JSON writes as it is and no text has: the words are made strings of JSON together, too.
    others = map(chr, chain(range(0x7F, 0xD800), range(0xE000, 0x110000)))
    mark = next(character for character in others if character not in all_.joined)
    words = msgspec.json.encode(all_.apart(starts, ends, mark))[1:-1].split(mark.encode())
    blank = all_.points[ends] == _BLANK
    blank &= all_.kinds[ends] == _GAP
    first, last = starts.searchsorted(all_.first), ends.searchsorted(all_.last + 1)
    fits = starts.take(first, mode="clip") == all_.first
    fits &= ends.take(last, mode="clip") == all_.last + 1
    fits &= first <= last
    for at, (token, span) in zip(all_.froms[:-1].tolist(), all_.of_each(starts), strict=True):
        within = fits[span]
        yield SpacedTokens(
            words[token],
            starts[token] - at,
            ends[token] - at,
            blank[token],
            *(((numbers[span] - token.start + 1) * within - 1).tolist() for numbers in (first, last)),
        )


class _Texts:
    """Texts one behind the other as arrays of characters, a line end behind each, and spans on them."""

    def __init__(self, texts: Sequence[str], spans: Sequence[Spans]) -> None:
        import numpy as np

        # Behind each text stands white space: what has no neighbour has this one.
        self.joined = "\n".join([*texts, ""])
        self.points = np.frombuffer(self.joined.encode("utf-32-le"), np.uint32)
        self.most = int(np.max(self.points, initial=0))
        self.kinds = _kinds_of(self.points, self.most)
        self.froms: Places = np.array(list(accumulate((len(text) + 1 for text in texts), initial=0)), np.intp)
        self._numbers = [len(starts) for starts, _ in spans]
        starts = np.array(list(chain.from_iterable(starts for starts, _ in spans)), np.intp)
        ends = np.array(list(chain.from_iterable(ends for _, ends in spans)), np.intp)
        within = np.repeat(self.froms[:-1], self._numbers)
        self.first: Places = starts + within
        """The first character of each span."""
        self.last: Places = ends + within - 1
        """The last one."""

    def edges(self, *, cut: bool) -> tuple[Places, Places]:
        """Return where tokens start and end; ``cut``: they are cut where spans do."""
        import numpy as np

        filled = self.kinds != _GAP
        opens, closes = filled.copy(), filled.copy()
        goes_on = self.kinds[:-1] == self.kinds[1:]
        goes_on &= self.kinds[1:] >= _IN_WORD
        opens[1:] ^= goes_on
        closes[:-1] ^= goes_on
        first, last = self.first, self.last
        if cut and not (opens[first].all() and closes[last].all()):  # else no span ends within a word
            opens[first] = closes[last] = True
            opens[last + 1] = filled[last + 1]
            closes[first - 1] = filled[first - 1]
        return np.flatnonzero(opens), np.flatnonzero(closes) + 1

    def apart(self, starts: Places, ends: Places, mark: str) -> str:
        """Return all tokens with ``mark`` behind each, and no more.

        To cut the words out of a text one by one takes three times as long.
        """
        import numpy as np

        times = (self.kinds != _GAP).view(np.uint8)
        times[ends - 1] += 1
        apart = np.repeat(self.points, times)
        apart[(ends - starts + 1).cumsum() - 1] = ord(mark)
        return apart.tobytes().decode("utf-32-le")

    def of_each(self, starts: Places) -> Iterator[tuple[slice, slice]]:
        """Yield which tokens and which spans are of each text."""
        tokens = pairwise(starts.searchsorted(self.froms).tolist())
        spans = pairwise(accumulate(self._numbers, initial=0))
        return zip(starmap(slice, tokens), starmap(slice, spans), strict=True)


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
    for kind, expression in ((_IN_WORD, _WORD), (_GAP, _SPACES)):
        for match in expression.finditer(near):
            kinds[match.start() : match.end()] = kind
    return kinds


class Numbers:
    """Numbers as they stand in a line, in one or more forms: those of most texts are kept, made once."""

    def __init__(self, *forms: bytes) -> None:
        self._forms = forms
        self._kept: NDArray[np.object_] | None = None

    def at(self, places: Places, form: NDArray[np.bool_] | None = None) -> list[bytes]:
        """Return ``places``, which ascend, in the first form, or in that of two which ``form`` names."""
        import numpy as np

        most = int(places[-1]) + 1 if len(places) else 0
        if most > _KEPT:
            forms = [0] * len(places) if form is None else form.tolist()
            return [self._forms[which] % place for place, which in zip(places.tolist(), forms, strict=True)]
        several = len(self._forms)
        if self._kept is None or most * several > len(self._kept):
            made = [form % number for number in range(2 * most) for form in self._forms]
            self._kept = np.array(made, np.object_)
        if several > 1:
            places = places * several + (0 if form is None else form)
        found: list[bytes] = self._kept[places].tolist()
        return found
