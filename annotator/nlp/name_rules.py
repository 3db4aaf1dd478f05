"""Names that are found by how English builds them: ministries, armies, people with titles, credits."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from annotator.nlp.edges import titles_pattern
from annotator.nlp.gazetteer import Entry, Match
from annotator.nlp.words import Words, word_list

_Stretch = TypeVar("_Stretch", "Name", Match)


@dataclass(slots=True)
class Name:
    """A stretch that some ``source`` takes for a name: ``ner``, ``gazetteer``, ``rule`` or ``surname``."""

    start: int
    end: int
    label: str
    source: str
    why: str = ""
    entry: Entry | None = None

    def covers(self, other: Name) -> bool:
        """Tell whether ``other`` is inside of this stretch, or the same."""
        return self.start <= other.start and other.end <= self.end

    def meets(self, other: Name) -> bool:
        """Tell whether the two have a letter in common."""
        return self.start < other.end and other.start < self.end


_WORD = r"[A-Z][\w’'&-]*"


def within(names: Sequence[_Stretch], start: int, end: int) -> Sequence[_Stretch]:
    """Return those of ``names`` (in text order, none in another) that have a letter in ``[start, end)``."""
    first = bisect_right(names, start, key=lambda name: name.end)
    return names[first : bisect_left(names, end, lo=first, key=lambda name: name.start)]


_LOOSE_END = re.compile(r"(?:[\s,&]|\b(?:and|the|of|for))+$")
_RANK = (
    "(?:(?:Supreme|High|Higher|National|Federal|State|Central|Constitutional|International|Military|General)"
    " ){0,2}"
)
_CREDIT = re.compile(r"(?<=/)\s?(?P<name>[A-Z][^/\n|,;:()]{2,50}?)(?=\s?/|\s*\n|\s*$)")
_ACRONYM = re.compile(r"(?<=\w)\s\((?:the\s)?(?P<name>[A-Z][A-Za-z&-]{1,9})\)")
_GIVEN = r"[A-Z][\w’'-]*[a-z][\w’'-]*"
# A name does not go on in another line.
_PARTICLE = r"(?:(?:von|van|der|den|de|di|da|del|bin|al|el|[A-Z]\.)[^\S\n])*"
_PERSON_WORDS = rf"{_GIVEN}(?:[^\S\n]{_PARTICLE}{_GIVEN}){{0,2}}"


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    def options(name: str) -> str:
        return "|".join(re.escape(head) for head in sorted(word_list(name), key=len, reverse=True))

    of = rf"(?:\s(?:(?:for|of)(?:\sthe)?|and|&)\s{_WORD}|,\s{_WORD}(?=[,\s]\s?(?:and|&)\s)|\s{_WORD})"
    alone, needs = options("state_organisations"), options("with_adjective_only")
    return (
        re.compile(rf"\b(?=[A-Z])(?:(?P<alone>{alone})|(?P<needs>{needs}))(?![\w-])"),
        re.compile(
            rf"\b(?=[A-Z]){_RANK}(?:{options('heads_before_of')})\s(?:of|for)\s(?:the\s)?{_WORD}{of}{{0,6}}"
        ),
        re.compile(rf"(?<![\w-])(?=[A-Z])(?:{options('titles')})\s(?P<name>{_PERSON_WORDS})"),
    )


def state_organisations(words: Words, known: Sequence[Match]) -> Iterator[Name]:
    """Yield "Ukrainian Air Force", "U.S. Embassy", "Ministry of Defence of Latvia" and their like."""
    text = words.text
    before = {
        match.end: match for match in known if match.label == "NORP" or match.entry.actor in _AS_ADJECTIVES
    }
    places = {match.start: match for match in known if match.label in ("GPE", "NORP")}
    heads, of, _ = _patterns()
    for found in heads.finditer(text):
        start, end = found.span()
        nation = before.get(start - 1) if text[start - 1 : start] == " " else None
        if nation is None and found["needs"]:
            continue
        if nation is not None:
            start = nation.start
        elif words.in_headline(start) or begins_title(text, start, end):
            continue
        yield Name(start, _with_country(text, end, places), "ORG", "rule", "an organisation of a state")
    for found in of.finditer(text):
        nation = before.get(found.start() - 1)
        start = found.start() if nation is None else nation.start
        end = found.end()
        first = next((m for m in within(known, found.start() + 1, end)), None)
        if first is not None and first.start <= found.start():
            continue  # "Council of Europe" is known whole
        if first is not None:  # "Ministry of Defence of Latvia and the Russian ..." ends with Latvia
            of_it = text.endswith((" of ", " of the "), 0, first.start)
            end = first.end if of_it else first.start
            end = start + len(_LOOSE_END.sub("", text[start:end]))
        yield Name(start, _with_country(text, end, places), "ORG", "rule", "an organisation by its head word")


def begins_title(text: str, start: int, end: int) -> bool:
    """Tell whether ``[start, end)`` is the first half of a title: the Treasury | Secretary."""
    title = titles_pattern().match(text, start)
    return title is not None and title.end() > end + 1


_AS_ADJECTIVES = frozenset({"United States", "United Kingdom", "European Union", "United Nations", "NATO"})


def _with_country(text: str, end: int, places: dict[int, Match]) -> int:
    """Return the end of the country after "of (the)" at ``end``, or ``end``."""
    for of in (" of ", " of the "):
        if text.startswith(of, end) and end + len(of) in places:
            return places[end + len(of)].end
    return end


def titled_people(words: Words) -> Iterator[Name]:
    """Yield the names in capitals after a title: "Ambassador Lynne Tracy"."""
    _, _, titled = _patterns()
    not_names = word_list("not_names") | word_list("titles")
    offices = word_list("after_titles")
    for found in titled.finditer(words.text):
        start, end = found.span("name")
        if words.in_headline(start):
            continue
        name = words.text[start:end]
        for possessive in ("'s", "’s"):
            if possessive in name:
                name = name[: name.index(possessive)]
        parts = name.split(" ")
        # A title may be the first half of another one, or of an office: "General Staff".
        if not any(part in not_names or part in offices for part in parts):
            yield Name(start, start + len(name), "PERSON", "rule", "the name after a title")


_PAPER = re.compile(
    r"\b(?:daily|newspaper|tabloid|weekly|broadsheet|magazine|broadcaster|news agency|news website|news site|"
    r"news outlet|think tank|think-tank|NGO|TV channel|television channel|radio station|news portal)\s"
    r"(?P<name>[A-Z][\w’'-]*(?:\.\w+)?(?:\s(?:(?:of|del|di|la)\s)?[A-Z][\w’'-]*){0,3})"
)
_REGION = re.compile(r"[A-Z][\w’'-]+\s(?:Krai|Oblast|Raion|Province|Prefecture|Voivodeship)\b")


def kinds_said(words: Words) -> Iterator[Name]:
    """Yield the names whose kind stands beside them: "the daily Kathimerini", "Primorsky Krai"."""
    for found in _PAPER.finditer(words.text):
        start, end = found.span("name")
        name = words.text[start:end].removesuffix("’s").removesuffix("'s").rstrip(".-")
        yield Name(start, start + len(name), "ORG", "rule", "the words before it say what it is")
    for found in _REGION.finditer(words.text):
        yield Name(*found.span(), "GPE", "rule", "the last word says that it is a region")


def credits(words: Words) -> Iterator[Name]:
    """Yield who is named between slashes: "/Anna Petrosyan/Armenpress"."""
    for found in _CREDIT.finditer(words.text):
        name = found["name"].strip().rstrip('."”')
        parts = name.split(" ")
        if (
            not all(part[:1].isupper() for part in parts)
            or len(parts) > 6
            or not re.match(r"[\w .'’-]+$", name)
        ):
            continue
        start = found.start("name") + len(found["name"]) - len(found["name"].lstrip())
        if word_list("organisation_words").intersection(parts):
            yield Name(start, start + len(name), "ORG", "rule", "an organisation in a photo credit")
        elif 2 <= len(parts) <= 4:
            yield Name(start, start + len(name), "PERSON", "rule", "a person in a photo credit")


def acronyms(words: Words, names: Sequence[Name]) -> Iterator[Name]:
    """Yield the short form in brackets after a longer name: "Latvian Fish Union (LFU)"."""
    ends = {name.end: name for name in names}
    for found in _ACRONYM.finditer(words.text):
        name = ends.get(found.start())
        short = found["name"]
        if (
            name is not None
            and sum(letter.isupper() for letter in short) >= 2
            and " " in words.text[name.start : name.end]
        ):
            full = words.text[name.start : name.end]
            yield Name(*found.span("name"), name.label, "rule", f"the short form of {full}", name.entry)
