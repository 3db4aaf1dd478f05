"""An article's words as plain lists, and what kind of line each stands in: what the rules for names read."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from annotator.resources import resource

_SMALL = frozenset(
    """
    a an the and or but nor of in on at
    to for from by with as vs via is are be
    its it not into over amid after
    """.split()  # noqa: SIM905
)
_SMALL_WORD = re.compile(r"(?<![\w’'])[a-zà-öø-ÿ][\w’'-]*")
_WORD = re.compile(r"[^\W\d_][\w’'-]*")


@cache
def word_list(name: str) -> frozenset[str]:
    """Return one of the lists in ``resources/gazetteer/words.toml``."""
    return frozenset(_lists()[name])


@cache
def _lists() -> dict[str, list[str]]:
    text = resource("gazetteer", "words.toml").read_text(encoding="utf-8")
    lists: dict[str, list[str]] = tomllib.loads(text)
    return lists


@dataclass(frozen=True, slots=True)
class Words:
    """What the words and lines of ``text`` say about a capital in it; offsets in code points."""

    text: str
    small: Counter[str]
    """How often each word stands in the text in lower case."""
    headlines: Sequence[tuple[int, int]]
    """The lines in title case or capitals: there a capital says nothing."""

    @classmethod
    def of(cls, text: str) -> Words:
        """Return what there is to know of ``text``."""
        return cls(text, Counter(_SMALL_WORD.findall(text)), tuple(_headlines(text)))

    def in_headline(self, start: int) -> bool:
        """Tell whether the code point ``start`` is in a line where a capital says nothing."""
        before = bisect_right(self.headlines, (start, len(self.text) + 1))
        return before > 0 and start < self.headlines[before - 1][1]


def _headlines(text: str) -> Iterator[tuple[int, int]]:
    """Yield the lines of three words or more of which all that matter have a capital."""
    start = 0
    for line in text.split("\n"):
        if len(line) < 300 and not line.rstrip().endswith((".", ",", ";")):
            words = [word for word in _WORD.findall(line) if word.lower() not in _SMALL]
            capitals = sum(word[0].isupper() for word in words)
            if len(words) >= 3 and capitals >= 0.8 * len(words):
                yield start, start + len(line)
        start += len(line) + 1
