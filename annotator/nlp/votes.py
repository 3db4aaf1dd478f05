"""How the model's names are weighed: against the gazetteer, the line they stand in, and the whole article."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence

from annotator.nlp.edges import english_edges, is_prefix
from annotator.nlp.gazetteer import Match, load_gazetteer
from annotator.nlp.name_rules import Name, begins_title, within
from annotator.nlp.spelling import alike, fold
from annotator.nlp.words import Words, word_list

_POSSESSIVE = re.compile(r"(?:'s|’s|(?<=s)['’])\s")
_CAPITALISED = re.compile(r"[^\W\d_][\w’'.-]*")
_FOREIGN = re.compile("[Ͱ-\u1c7f\u2d00-\u2dff\u3000-\uffdc]")  # letters that an English model cannot read
_OFFICE_OF = re.compile(r"\b(?:Minister|Ministers|Secretary|Commissioner) (?:of|for)(?: the)? $")
_MONEY = re.compile(r"(?:UAH|USD|EUR|RUB|AMD|GBP|MDL|GEL)\b")
_PARTICLES = re.compile(
    r"(?: (?:de|del|della|di|da|van|von|der|den|ter|ten|al|el|la|le))+ [^\W\d_][\w’'-]*\Z"
)
_NUMBERING = re.compile(r"[IVX]+\.|[A-Z]\.|[IVX]{2,}")  # of sections: I., II
_JOIN = re.compile(r"\s*[/–—]\s*|(?<=[\w.])-(?=[A-Z])|\s-\s")


def kept_of_model(
    words: Words, marked: Iterable[Name], known: Sequence[Match], doubtful: Sequence[Match]
) -> list[Name]:
    """Return the names of the model that stand, with better edges, but those that the gazetteer has."""
    kept = []
    known_spans = {(m.start, m.end) for m in known}
    for name in marked:
        if (name.start, name.end) in known_spans:
            continue
        if name.label == "ORG" and _OFFICE_OF.search(words.text, max(0, name.start - 40), name.start):
            continue  # the Minister of Foreign Affairs
        for part in _parts(words.text, name, known):
            part = _doubtful(part, doubtful)
            quote = words.text[part.start : part.end]
            if quote.endswith("s") and _is_surname(quote[:-1]):
                part = Name(part.start, part.end, "PERSON", "rule", "a family by its surname")
            for rest in _beside(words, part, known):
                if rest.source != "ner" or _is_name(words, rest):
                    kept.append(rest)
    return kept


def _is_surname(quote: str) -> bool:
    found = load_gazetteer().forms("english").get(quote)
    return found is not None and found[0].kind == "PERSON" and not found[1].doubtful and " " not in quote


def _parts(text: str, name: Name, known: Sequence[Match]) -> Iterator[Name]:
    """Yield the names that ``name`` is made of: two of "Russia's Foreign Ministry", two of "Armenia-EU"."""
    cuts = [name.start]
    known = within(known, name.start - 1, name.end + 1)
    for pattern in (_POSSESSIVE, _JOIN):
        for found in pattern.finditer(text, name.start, name.end):
            at = found.start()
            if any(m.start < at < m.end for m in known):
                continue  # Nagorno-Karabakh, the Prosecutor General's Office
            beside = any(m.end == at or m.start == found.end() for m in known if m.label != "PERSON")
            if (
                pattern is _POSSESSIVE
                and name.label in ("ORG", "GPE", "PERSON", "NORP", "LAW")
                and (beside or name.label == "PERSON")
            ) or (pattern is _JOIN and (beside or found[0].strip() != "-" or " " in found[0])):
                cuts += [at, found.end()]
    cuts.append(name.end)
    cuts.sort()
    for start, end in zip(cuts[::2], cuts[1::2], strict=True):
        span = english_edges(text, start, end, name.label)
        if span is not None:
            yield Name(*span, name.label, name.source, name.why)


def _doubtful(name: Name, doubtful: Sequence[Match]) -> Name:
    """Return ``name`` as the gazetteer reads it, where a common word or another's name is in doubt."""
    for match in within(doubtful, name.start, name.end):
        same = (match.start, match.end) == (name.start, name.end)
        if same and not (name.label == "PERSON" and match.label != "PERSON"):
            return Name(name.start, name.end, match.label, "gazetteer", name.why, match.entry)
    return name


def _beside(words: Words, name: Name, known: Sequence[Match]) -> Iterator[Name]:
    """Yield what stands of ``name`` beside the names in it that the gazetteer knows."""
    text = words.text
    inside = within(known, name.start, name.end)
    if not inside:
        yield name
        return
    if any(m.start <= name.start and name.end <= m.end for m in inside):
        return
    first, last = inside[0], inside[-1]
    if first.start < name.start or last.end > name.end:
        return
    rest = list(text[name.start : name.end])
    for match in inside:
        rest[match.start - name.start : match.end - name.start] = " " * (match.end - match.start)
    left = [w for w in _CAPITALISED.findall("".join(rest)) if w[0].isupper()]
    idle = word_list("not_names") | word_list("titles")
    if not left or (all(word in idle for word in left) and name.label not in ("GPE", "LOC", "ORG")):
        return
    if name.label == "PERSON":
        yield from _person_beside(text, name, inside)
    elif name.label == "NORP":
        return
    elif name.label in ("GPE", "LOC"):
        if all(
            word in word_list("place_heads")
            or word in ("New", "Republic", "Greater", "West", "South", "North", "East", "Upper", "Lower")
            for word in left
        ):
            yield name
    elif begins_title(text, first.end + 1, name.end):
        return  # the Moldovan Energy | Minister
    elif first.label == "NORP" or not all(word in idle for word in left):
        yield name


def _person_beside(text: str, name: Name, inside: Sequence[Match]) -> Iterator[Name]:
    first, last = inside[0], inside[-1]
    if last.label == "PERSON":
        if last.end == name.end and all(m.label == "PERSON" for m in inside):
            yield name  # the given name before a surname
        return
    after = english_edges(text, first.end, name.end, "PERSON") if first.start == name.start else None
    if after is not None and (first.label == "NORP" or " " in text[after[0] : after[1]]):
        yield Name(*after, "PERSON", name.source, name.why)
    else:
        yield name  # Jordan Peterson, Kirk London


def _is_name(words: Words, name: Name) -> bool:
    """Tell whether what the model alone takes for a name can be one, by the words of the article."""
    quote = words.text[name.start : name.end]
    if _FOREIGN.search(quote) or _MONEY.match(quote) or is_prefix(words.text, name.start, name.end):
        return False
    if quote in word_list("not_names") or quote in word_list("titles"):
        return False
    if quote.isupper() and quote.title() in word_list("not_names"):
        return False
    parts = [part for part in _CAPITALISED.findall(quote) if part[0].isupper()]
    if not parts:
        return name.label == "PRODUCT"
    if _NUMBERING.fullmatch(quote) or begins_title(words.text, name.start, name.end):
        return False  # the section's number; the Treasury | Secretary
    if all(part in word_list("not_names") or part in word_list("titles") for part in parts):
        return len(parts) > 1 and name.label in ("ORG", "LAW") and not words.in_headline(name.start)
    common = [part for part in parts if words.small[part.lower()] > 0]
    if words.in_headline(name.start):
        elsewhere = any(
            not words.in_headline(found.start())
            for found in re.finditer(rf"(?<!\w){re.escape(quote)}(?!\w)", words.text)
        )
        if elsewhere:
            return len(common) < len(parts)
        return len(parts) > 1 and not common and name.label == "PERSON"
    if len(parts) == 1 and common:
        capital = len(re.findall(rf"(?<!\w){re.escape(parts[0])}(?!\w)", words.text))
        return capital > 2 * words.small[parts[0].lower()]
    return True


def one_label_a_name(words: Words, names: Sequence[Name]) -> list[Name]:
    """Return the names with one label for one name: the gazetteer's, or what the model says most often."""
    groups: defaultdict[str, list[Name]] = defaultdict(list)
    for name in names:
        groups[words.text[name.start : name.end].casefold()].append(name)
    people = {
        fold(surname)
        for n in names
        if n.label == "PERSON" and " " in words.text[n.start : n.end]
        for surname in _surnames_of(words.text[n.start : n.end])
    }
    for quote, group in groups.items():
        open_ones = [name for name in group if name.source == "ner"]
        if not open_ones:
            continue
        decided = next((name for name in group if name.source != "ner"), None)
        if decided is not None:
            label = decided.label
        elif _is_one_of(fold(quote), people):
            label = "PERSON"
        else:
            label = Counter(name.label for name in open_ones).most_common(1)[0][0]
        for name in open_ones:
            if name.label != label:
                name.label = label
                name.why = "one label for one name: elsewhere in this article it is read as " + label
    return list(names)


def _surnames_of(full: str) -> list[str]:
    """Return the surname of a full name, and the one with its particles: Waal, de Waal."""
    last = full.rsplit(" ", 1)[-1]
    particles = _PARTICLES.search(full)
    return [last] if particles is None else [last, particles[0].lstrip()]


def _is_one_of(name: str, people: Collection[str]) -> bool:
    """Tell whether ``name`` is a surname of ``people``, also in another spelling: Manukyan, Manukian."""
    return name in people or (len(name) > 5 and any(alike(name, surname) for surname in people))


def surnames(words: Words, names: Sequence[Name]) -> Iterator[Name]:
    """Yield where the last word of a person's full name stands alone, or in the plural (the Zelenskys)."""
    full: dict[str, str] = {}
    for name in names:
        quote = words.text[name.start : name.end]
        if name.label == "PERSON":
            last, *longer = _surnames_of(quote)
            if len(last) > 2 and last[0].isupper() and not words.small[last.lower()]:
                full.setdefault(last, quote)
                for surname in longer:  # as written, and with a capital where a sentence begins with it
                    full.setdefault(surname, quote)
                    full.setdefault(surname[0].upper() + surname[1:], quote)
    if not full:
        return
    longest = "|".join(map(re.escape, sorted(full, key=len, reverse=True)))
    pattern = re.compile(rf"(?<![\w-])({longest})(s?)(?![\w-])")
    for found in pattern.finditer(words.text):
        if found[2] and not words.text.endswith(("the ", "The "), 0, found.start()):
            continue
        owner = full[found[1]]
        why = f"surname of {owner}" if owner != found[1] else "a person's name elsewhere in this article"
        yield Name(*found.span(), "PERSON", "surname", why)


def repeated(words: Words, names: Sequence[Name]) -> Iterator[Name]:
    """Yield where a name of the model or the rules is written again and not marked."""
    known: dict[str, Name] = {}
    for name in names:
        quote = words.text[name.start : name.end]
        sure = " " in quote or quote.isupper() or name.label == "PERSON"
        if name.source in ("ner", "rule") and sure and len(quote) > 2:
            known.setdefault(quote, name)
    if not known:
        return
    longest = "|".join(map(re.escape, sorted(known, key=len, reverse=True)))
    for found in re.finditer(rf"(?<![\w-])(?:{longest})(?!\w)", words.text):
        name = known[found[0]]
        why = f"the same name is {KIND_OF[name.source]} elsewhere in this article"
        yield Name(*found.span(), name.label, "rule", why, name.entry)


KIND_OF = {"ner": "marked by the model", "rule": "found by a rule"}
