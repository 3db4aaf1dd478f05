"""What pages say that is not the article: phrases from ``resources/zones/*.toml``, in several languages.

The format of the files is described in ``resources/zones/README.md``. Imports neither spaCy nor Qt.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources.abc import Traversable
from typing import Any, Generic, TypeVar

from annotator.model import PipelineError
from annotator.resources import resource

LONGEST_LINE = 160
LONGEST_NOTICE = 1500

_MARKS = (("’", "'"), ("‘", "'"), ("ʼ", "'"), ("`", "'"), ("“", '"'), ("”", '"'), ("„", '"'))
_AT_START = " \t•·*–—->»›→▶▸►|[+=_"
_AROUND = _AT_START + '.:;,!…"«]<(){}/←'
_PREFIX = 3  # characters of a phrase by which it is looked up; one where a wildcard comes earlier

T = TypeVar("T")


def key_of(line: str) -> str:
    """Return ``line`` as phrases are compared with it: any case, one apostrophe, one space."""
    return _plain(line).lstrip(_AT_START)


def _plain(line: str) -> str:
    for mark, plain in _MARKS:
        line = line.replace(mark, plain)  # str.translate takes ten times as long
    return " ".join(line.casefold().split())


def whole_key(key: str) -> str:
    """Return a key without the dots, arrows and brackets that stand around a line."""
    return key.strip(_AROUND)


class Phrases(Generic[T]):
    """Phrases with a value each, found by the beginning of a key or by the whole of it."""

    def __init__(self) -> None:
        self._whole: dict[str, T] = {}
        self._patterns: dict[str, list[tuple[re.Pattern[str], T]]] = {}

    def add_whole(self, phrases: Iterable[str], value: T) -> None:
        """Add phrases that are to be the whole key; one that is there already keeps its value."""
        for phrase in phrases:
            words = _plain(phrase)
            if "*" in words or "#" in words:
                self._add(words, value, r"\Z")
            else:
                self._whole.setdefault(whole_key(words), value)

    def add_beginnings(self, phrases: Iterable[str], value: T) -> None:
        """Add phrases that a key may begin with, up to the end of a word."""
        for phrase in phrases:
            words = _plain(phrase)
            self._add(words, value, r"(?!\w)" if words[-1].isalnum() else "")

    def _add(self, words: str, value: T, end: str) -> None:
        literal = re.split("[*#]", words)[0]
        place = literal[: _PREFIX if len(literal) >= _PREFIX else 1] or words[0]
        self._patterns.setdefault(place, []).append((re.compile(_pattern(words) + end), value))

    def find(self, key: str) -> Iterator[T]:
        """Yield the values of the phrases that fit ``key``."""
        if key in self._whole:
            yield self._whole[key]
        for place in (key[:_PREFIX], key[:1], "#" if key[:1].isdigit() else "", "*"):
            for pattern, value in self._patterns.get(place, ()):
                if pattern.match(key):
                    yield value

    def fits(self, key: str) -> bool:
        """Tell whether any phrase fits ``key``."""
        return any(True for _ in self.find(key))


@dataclass(frozen=True, slots=True)
class LineRule:
    """Why a line is boilerplate, and the longest line (code points) that its phrases are believed on."""

    reason: str
    longest: int = LONGEST_LINE
    below_first: bool = False
    unless: tuple[str, ...] = ()

    def holds_for(self, key: str, length: int, number: int) -> bool:
        """Tell whether the rule may speak about the line with this key, length and number (from 0)."""
        return (
            length <= self.longest
            and not (self.below_first and number == 0)
            and not key.startswith(self.unless)
        )


@dataclass(frozen=True, slots=True)
class Notice:
    """A paragraph that speaks to the reader about something, as a cookie notice does."""

    reason: str
    about: tuple[str, ...]
    speaks: tuple[str, ...]
    longest: int = LONGEST_NOTICE


@dataclass
class Rules:
    """Everything the rule files say, of all languages together."""

    whole: Phrases[LineRule] = field(default_factory=Phrases)
    begins: Phrases[LineRule] = field(default_factory=Phrases)
    holds: list[tuple[str, re.Pattern[str], LineRule]] = field(default_factory=list)
    heads: Phrases[bool] = field(default_factory=Phrases)
    notices: list[Notice] = field(default_factory=list)
    beside: Phrases[bool] = field(default_factory=Phrases)
    menu: Phrases[bool] = field(default_factory=Phrases)
    bylines: Phrases[bool] = field(default_factory=Phrases)
    dates: set[str] = field(default_factory=set)
    credit_begins: Phrases[bool] = field(default_factory=Phrases)
    credit_words: list[str] = field(default_factory=list)
    after_credits: list[str] = field(default_factory=list)
    agencies: set[str] = field(default_factory=set)
    sha256: str = ""


@lru_cache(maxsize=1)
def load_rules() -> Rules:
    """Return the rules that come with the program, read once. Raises :class:`PipelineError`."""
    folder = resource("zones")
    return read_rules(sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name))


def read_rules(files: Iterable[Traversable]) -> Rules:
    """Read rule files; raises :class:`PipelineError` that names the file and what is wrong in it."""
    rules = Rules()
    digest = hashlib.sha256()
    for file in files:
        try:
            content = file.read_bytes()
            table = tomllib.loads(content.decode("utf-8"))
        except (OSError, ValueError) as error:
            raise PipelineError(
                f"The zone rules {file.name} cannot be read ({error}); mend the file or put it back."
            ) from error
        digest.update(content)
        try:
            _add_file(rules, table)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise PipelineError(
                f"The zone rules {file.name} are not as resources/zones/README.md describes ({error}); "
                "mend the file or put it back."
            ) from error
    rules.sha256 = digest.hexdigest()
    return rules


def _add_file(rules: Rules, table: dict[str, Any]) -> None:
    for entry in table.get("line", ()):
        rule = LineRule(
            str(entry["reason"]),
            int(entry.get("longest", LONGEST_LINE)),
            bool(entry.get("below_first", False)),
            tuple(key_of(phrase) for phrase in _phrases(entry, "unless")),
        )
        rules.whole.add_whole(_phrases(entry, "whole"), rule)
        rules.begins.add_beginnings(_phrases(entry, "begins"), rule)
        for phrase in _phrases(entry, "holds"):
            words = key_of(phrase)
            rules.holds.append((words.split("*")[0].strip(), re.compile(_pattern(words)), rule))
    for entry in table.get("list", ()):
        rules.heads.add_whole(_phrases(entry, "heads"), True)
    for entry in table.get("notice", ()):
        about, speaks = (tuple(map(str.casefold, _phrases(entry, key))) for key in ("about", "speaks"))
        rules.notices.append(
            Notice(str(entry["reason"]), about, speaks, int(entry.get("longest", LONGEST_NOTICE)))
        )
    rules.beside.add_whole(_phrases(table.get("beside", {}), "lines"), True)
    rules.menu.add_whole(_phrases(table.get("menu", {}), "words"), True)
    rules.bylines.add_beginnings(_phrases(table.get("byline", {}), "begins"), True)
    rules.dates.update(_phrases(table.get("byline", {}), "dates"))
    credit = table.get("credit", {})
    rules.credit_begins.add_beginnings(_phrases(credit, "begins"), True)
    rules.credit_words += [key_of(phrase) for phrase in _phrases(credit, "words")]
    rules.after_credits += [key_of(phrase) for phrase in _phrases(credit, "after")]
    rules.agencies.update(key_of(phrase) for phrase in _phrases(credit, "agencies"))


def _phrases(entry: dict[str, Any], key: str) -> list[str]:
    phrases = entry.get(key, [])
    if not isinstance(phrases, list) or not all(isinstance(p, str) and p.strip() for p in phrases):
        raise TypeError(f"“{key}” must be a list of phrases")
    return phrases


def _pattern(words: str) -> str:
    """Return the regular expression of a phrase; ``*`` is bounded, so that no line takes long."""
    parts = [
        {"*": ".{0,60}?", "#": r"\d[\d.,]*"}.get(part, re.escape(part)) for part in re.split("([*#])", words)
    ]
    return "".join(parts)
