"""The gazetteer: names that are known beforehand, with the actor, kind and bloc behind each.

The names are in plain files (``resources/gazetteer``, see the README there), which this module reads
and looks up in a text with spaCy's ``PhraseMatcher``. Matches are whole words, the longest first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from spacy.language import Language
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc

from annotator.name_files import FOLDER, LANGUAGES, Alias, Row, read_files
from annotator.nlp.inflection import armenian_forms, russian_forms
from annotator.nlp.spelling import generation_after
from annotator.resources import resource

GAZETTEER = "gazetteer"
_LETTERS = {"russian": re.compile("[Ѐ-ԯ]"), "armenian": re.compile("[Ա-֏]")}
_SHORTEST_IN_CAPITALS = (
    4  # "US", "IS", "PAS" in capitals are what they are; "Mir" in capitals may be anything
)


@dataclass(frozen=True, slots=True)
class Entry:
    """An actor with its ``kind`` (an entity label), its bloc (None: none) and its names."""

    actor: str
    kind: str
    bloc: str | None
    aliases: tuple[Alias, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """A name of ``entry`` at ``[start, end)``, in code points of the text."""

    start: int
    end: int
    label: str
    entry: Entry


class Gazetteer:
    """All entries, and which name means which."""

    def __init__(self, entries: Iterable[Entry], sha256: str = "") -> None:
        self.entries = tuple(entries)
        self.sha256 = sha256
        """The hash of the files: what the suggestions depend on."""
        self._forms: dict[str, dict[str, tuple[Entry, Alias]]] = {}

    def entry(self, name: str) -> Entry | None:
        """Return the entry that ``name`` is an alias of, as written in a text; None where there is none."""
        found = self.lookup(name)
        return found and found[0]

    def lookup(self, name: str) -> tuple[Entry, Alias] | None:
        """Return the entry and the alias that ``name`` is, by the alias's rule for capitals."""
        return next((found for language in LANGUAGES if (found := self.forms(language).get(name))), None)

    def forms(self, language: str) -> dict[str, tuple[Entry, Alias]]:
        """Return every form of every name in ``language``, made when first asked for."""
        if language not in self._forms:
            forms: dict[str, tuple[Entry, Alias]] = {}
            capitals: dict[str, tuple[Entry, Alias]] = {}
            for entry in self.entries:
                for alias in entry.aliases:
                    if alias.language == language:
                        for form in _inflected(alias, entry.kind):
                            forms.setdefault(form, (entry, alias))
                            if not alias.exact and len(form) >= _SHORTEST_IN_CAPITALS:
                                capitals.setdefault(form.upper(), (entry, alias))
            self._forms[language] = capitals | forms
        return self._forms[language]


@cache
def load_gazetteer() -> Gazetteer:
    """Read the files, once. Raises :class:`GazetteerError` where one has been edited into nonsense."""
    files = read_files(resource(FOLDER))
    return Gazetteer(_entries(files.rows, files.blocs), files.sha256)


def _entries(rows: Iterable[Row], blocs: Mapping[str, str]) -> Iterator[Entry]:
    """Yield one entry for each actor and kind, from all the rows that speak of it."""
    together: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        together.setdefault((row.actor, row.kind), []).append(row)
    for (actor, kind), same in together.items():
        aliases: dict[tuple[str, str], Alias] = {}
        for row in same:
            for alias in row.aliases:
                # A line that says how to read a name wins over one that just has it.
                old = aliases.get((alias.name, alias.language))
                if old is None or not (old.exact or old.doubtful):
                    aliases[alias.name, alias.language] = alias
        of = next((row.of for row in same if row.of), "")
        yield Entry(actor, kind, blocs.get(actor) or blocs.get(of), tuple(aliases.values()))


def _inflected(alias: Alias, kind: str) -> tuple[str, ...]:
    if alias.language == "russian":
        return russian_forms(alias.name, person=kind == "PERSON")
    if alias.language == "armenian":
        return armenian_forms(alias.name)
    if "'" in alias.name:
        return (alias.name, alias.name.replace("'", "’"))
    return (alias.name,)


class GazetteerComponent:
    """Sets ``doc._.gazetteer`` and ``doc._.gazetteer_doubtful``: both in text order, without overlaps."""

    def __init__(self, nlp: Language, gazetteer: Gazetteer) -> None:
        self._nlp = nlp
        self._gazetteer = gazetteer
        self._matchers: dict[str, PhraseMatcher] = {}
        self.prepare("")

    def prepare(self, text: str) -> None:
        """Make ready for the letters in ``text``; to be called outside of ``nlp.memory_zone()``.

        Russian and Armenian names are thousands of forms, which an English article never needs.
        """
        for language in self._languages(text):
            if language not in self._matchers:
                # One lower-case matcher finds both spellings; the table of forms has the last word.
                matcher = PhraseMatcher(self._nlp.vocab, attr="LOWER")
                forms = {form.casefold(): form for form in self._gazetteer.forms(language)}
                matcher.add(GAZETTEER, list(map(self._doc, forms.values())))
                self._matchers[language] = matcher

    def __call__(self, doc: Doc) -> Doc:
        """Find the names in ``doc``; those of a language that was not prepared for are not found."""
        text = doc.text
        sure: list[tuple[int, int, Entry]] = []
        doubtful: list[tuple[int, int, Entry]] = []
        for language in self._languages(text):
            forms = self._gazetteer.forms(language)
            if language in self._matchers:
                for _, first, after in self._matchers[language](doc):
                    last = doc[after - 1]
                    start, end = doc[first].idx, last.idx + len(last)
                    known = forms.get(text[start:end])
                    if known is not None and not (
                        known[0].kind == "PERSON" and _is_anothers(text, start, end)
                    ):
                        (doubtful if known[1].doubtful else sure).append((start, end, known[0]))
        doc._.gazetteer = longest(sure)
        inside = {at for match in doc._.gazetteer for at in range(match.start, match.end)} if doubtful else ()
        doc._.gazetteer_doubtful = longest(found for found in doubtful if found[0] not in inside)
        return doc

    def _doc(self, name: str) -> Doc:
        """Return ``name`` in tokens; only what has more than letters needs the tokenizer, which is slow."""
        if name.replace(" ", "").isalpha():
            return Doc(self._nlp.vocab, words=name.split(" "))
        return self._nlp.make_doc(name)

    @staticmethod
    def _languages(text: str) -> list[str]:
        if text.isascii():
            return ["english"]
        return ["english", *(language for language, letters in _LETTERS.items() if letters.search(text))]


def _is_anothers(text: str, start: int, end: int) -> bool:
    """Tell whether what follows a person's name makes it another's: Donald Trump Jr. is not Donald Trump."""
    return bool(generation_after(text, start, end))


def longest(found: Iterable[tuple[int, int, Entry]]) -> tuple[Match, ...]:
    """Return the matches in text order; of those that meet only the longest, or the first of equals."""
    chosen: list[Match] = []
    taken: set[int] = set()
    for start, end, entry in sorted(found, key=lambda f: (f[0] - f[1], f[0])):
        # A match that meets a longer one has its first or last letter in it.
        if start not in taken and end - 1 not in taken:
            taken.update(range(start, end))
            chosen.append(Match(start, end, entry.kind, entry))
    return tuple(sorted(chosen, key=lambda match: match.start))


def prepare(nlp: Language, text: str) -> None:
    """Make the gazetteer of ``nlp`` ready for the letters in ``text``, before any ``memory_zone``."""
    component: Any = nlp.get_pipe(GAZETTEER)
    component.prepare(text)


for _extension in (GAZETTEER, "gazetteer_doubtful"):
    if not Doc.has_extension(_extension):
        Doc.set_extension(_extension, default=())


@Language.factory(GAZETTEER)
def make_gazetteer(nlp: Language, name: str) -> GazetteerComponent:
    """Make the component; spaCy calls this for ``nlp.add_pipe("gazetteer")``."""
    return GazetteerComponent(nlp, load_gazetteer())
