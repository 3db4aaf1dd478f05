"""Putting a text together of which parts are lost, so that the labels on the rest keep their places.

How many characters a lost stretch of bytes had, nobody wrote down: in Cyrillic half as many, in English as
many. The quotes of the spans behind it tell, each by where it should stand and where it stands. Where there
is none, the rest of the text is taken for like it. Offsets in code points.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256

from annotator.text import LARGEST_TEXT

LOST = "\ufffd"
"""What stands for each lost character."""

Passage = tuple[int, int, str | None]
"""Start, end and words of a stretch that somebody labelled; None: the words were not kept."""

GAP = re.compile("[\udc80-\udcff\0\r]+")
"""What stands for bytes that are wrong or lost; no text of ours has a NUL or a carriage return."""

_ASKED = 300  # passages that are asked about one gap
_LONGEST_CHARACTER = 4  # bytes
_PLACES = 1000  # in which one passage is looked for


@dataclass
class _Gap:
    """``length`` lost bytes before the readable ``text``."""

    length: int
    text: str

    @property
    def fewest(self) -> int:
        """The fewest characters that these bytes can have been."""
        return -(-self.length // 4)


def put_together(torn: str, passages: Sequence[Passage]) -> str:
    """Return the text with ``LOST`` for each lost character, and the words of ``passages`` in their places.

    ``torn`` is what was read, its lost bytes as :class:`~annotator.project.remains.TornText` has them and
    NULs; "" where there was nothing: then what comes back is as long as the passages say.
    """
    text, open_end = _aligned(torn, passages)
    characters = ["\n" if c in "\u2028\u2029" else c for c in text]  # as normalise() has it
    if characters[:1] == ["\ufeff"]:
        characters[0] = LOST
    if open_end is not None:
        furthest = max((end for _, end, _ in passages if end <= open_end), default=0)
        characters += LOST * (furthest - len(characters))
    for start, end, words in passages:
        there = characters[start:end]
        if words is None or not len(words) == len(there) == end - start:
            continue
        # An offset may be damaged as well: only where most of it stands, or nothing.
        if 2 * sum(a in (b, LOST) for a, b in zip(there, words, strict=True)) >= len(words):
            characters[start:end] = words
    return "".join(characters)


def one_byte_put_right(torn: str, digest: str) -> str | None:
    """Return the text with the SHA-256 ``digest`` where one byte of it is wrong and broke a character.

    What that byte was is tried; the digest proves it. None where more is wrong than that.
    """
    gaps = list(GAP.finditer(torn))
    if not gaps or gaps[-1].end() - gaps[0].start() > _LONGEST_CHARACTER:
        return None
    first, end = max(0, gaps[0].start() - 1), gaps[-1].end() + 1
    before, behind = sha256(torn[:first].encode()), torn[end:].encode()
    bytes_ = torn[first:end].encode("utf-8", "surrogateescape")
    for place in range(len(bytes_)):
        for byte in range(256):
            tried = bytes_[:place] + bytes([byte]) + bytes_[place + 1 :]
            with suppress(UnicodeDecodeError):
                text = tried.decode()
                known = before.copy()
                known.update(tried)
                known.update(behind)
                if known.hexdigest() == digest:
                    return torn[:first] + text + torn[end:]
    return None


def _aligned(torn: str, passages: Sequence[Passage]) -> tuple[str, int | None]:
    """Return the text with its gaps filled, and how long it can have been where its end is lost."""
    head, gaps = _split(torn)
    readable = [head, *(gap.text for gap in gaps)]
    size = sum(len(text.encode()) for text in readable) / max(1, sum(map(len, readable)))
    parts, at = [head], len(head)
    passages = sorted(passages, key=_start)
    for gap in gaps:
        likely = min(max(gap.fewest, round(gap.length / max(size, 1))), gap.length)
        if not gap.text:  # the end: the passages say themselves how far it went
            return "".join([*parts, LOST * likely]), at + gap.length
        length = _length(gap, at, likely, passages)
        parts += [LOST * length, gap.text]
        at += length + len(gap.text)
    return "".join(parts), None if torn else LARGEST_TEXT


def _split(torn: str) -> tuple[str, list[_Gap]]:
    """Return what stands before the first gap, and the gaps."""
    places = list[list[int]]()
    for match in GAP.finditer(torn):
        first, end = match.span()
        # Half a character is left where a byte was put in place of its other half: that byte is no letter.
        if first and "\udc80" <= torn[first] <= "\udcbf" and torn[first - 1] < "\x80":
            first -= 1
        if end < len(torn) and "\udcc2" <= torn[end - 1] <= "\udcf4" and torn[end] < "\x80":
            end += 1
        if places and first <= places[-1][1]:
            places[-1][1] = end
        else:
            places.append([first, end])
    if not places:
        return torn, []
    ends = [first for first, _ in places[1:]] + [len(torn)]
    return torn[: places[0][0]], [
        _Gap(end - first, torn[end:following]) for (first, end), following in zip(places, ends, strict=True)
    ]


def _start(passage: Passage) -> int:
    return passage[0]


def _length(gap: _Gap, at: int, likely: int, passages: Sequence[Passage]) -> int:
    """Return how many characters the gap that begins at ``at`` had; ``passages`` are in their order."""
    votes = Counter[int]()
    first = bisect_left(passages, at + gap.fewest, key=_start)
    end = bisect_left(passages, at + gap.length + len(gap.text), key=_start)
    behind = [(start, words) for start, _, words in passages[first:end] if words]
    behind.sort(key=lambda passage: -len(passage[1]))  # the longer one says more
    for start, words in behind[:_ASKED]:
        place = max(0, start - at - gap.length)
        last = start - at - gap.fewest + len(words)
        for _ in range(_PLACES):
            place = gap.text.find(words, place, last)
            if place < 0:
                break
            votes[start - at - place] += 1
            place += 1
    return max(votes, key=lambda length: (votes[length], -abs(length - likely)), default=likely)
