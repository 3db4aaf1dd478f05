import importlib.util
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc

from annotator.name_files import LANGUAGES, Alias, GazetteerError, read_rows
from annotator.nlp.entities import ENTITY_LABELS
from annotator.nlp.gazetteer import Entry, Gazetteer, GazetteerComponent, load_gazetteer
from annotator.resources import resource

GENERATED = ("countries.tsv", "demonyms.tsv", "cities.tsv")
US = Entry("United States", "GPE", "West", (Alias("United States"), Alias("US", exact=True)))
LINE = Entry("Baltic Line", "FAC", None, (Alias("Baltic Line"), Alias("Line", doubtful=True)))
BALTIC = Entry("Baltic", "LOC", None, (Alias("Baltic"),))
MARIA = Entry("Maria Ozola", "PERSON", None, (Alias("Maria Ozola"), Alias("Мария Озола", "russian")))


@cache
def nlp(code: str = "en") -> Language:
    return spacy.blank(code)


def found(gazetteer: Gazetteer, text: str) -> tuple[list[str], list[str]]:
    component = GazetteerComponent(nlp(), gazetteer)
    component.prepare(text)
    doc = component(nlp().make_doc(text))
    return tuple(  # type: ignore[return-value]
        [text[m.start : m.end] for m in matches] for matches in (doc._.gazetteer, doc._.gazetteer_doubtful)
    )


def test_an_exact_alias_is_matched_as_written_only() -> None:
    text = "US forces told us: the United States, UNITED STATES, united states."
    assert found(Gazetteer([US]), text)[0] == ["US", "United States", "UNITED STATES"]


def test_a_name_of_four_letters_is_matched_in_capitals_too_unless_it_is_exact() -> None:
    paper = Entry("Bild", "ORG", None, (Alias("Bild", exact=True),))
    sea = Entry("Aral", "LOC", None, (Alias("Aral"), Alias("Ob")))
    assert found(Gazetteer([paper, sea]), "BILD, Bild, ARAL, Aral, OB, Ob")[0] == [
        "Bild",
        "ARAL",
        "Aral",
        "Ob",
    ]


def test_marks_before_a_name_are_its_rule() -> None:
    (row,) = read_rows("mine.tsv", "head\nHawk\tPRODUCT\tUnited States\t?Hawk; =HK; Hawk 2\tХок\t\n")
    assert row.of == "United States"
    assert row.aliases == (
        Alias("Hawk", doubtful=True),
        Alias("HK", exact=True),
        Alias("Hawk 2"),
        Alias("Хок", "russian"),
    )


def test_the_longest_name_wins() -> None:
    assert found(Gazetteer([BALTIC, LINE]), "The Baltic Line in the Baltic.")[0] == ["Baltic Line", "Baltic"]


def test_a_doubtful_alias_is_kept_apart() -> None:
    assert found(Gazetteer([LINE]), "Line by line, the Baltic Line.") == (["Baltic Line"], ["Line"])


def test_names_are_whole_words() -> None:
    assert found(Gazetteer([BALTIC]), "Balticum, Baltic-led, xBaltic, Baltic's")[0] == ["Baltic", "Baltic"]


def test_offsets_are_code_points() -> None:
    text = "🚀 e\u0301 Baltic"
    component = GazetteerComponent(nlp(), Gazetteer([BALTIC]))
    (match,) = component(nlp().make_doc(text))._.gazetteer
    assert (match.start, match.end, match.label, match.entry) == (5, 11, "LOC", BALTIC)


def test_an_entry_is_found_by_any_form_of_any_alias() -> None:
    gazetteer = Gazetteer([MARIA, US])
    for name in ("Maria Ozola", "MARIA OZOLA", "Мария Озола", "Марией Озолой"):
        assert gazetteer.entry(name) is MARIA
    assert gazetteer.entry("US") is US
    assert gazetteer.entry("us") is None


def test_russian_and_armenian_names_are_found_in_their_cases() -> None:
    component = GazetteerComponent(nlp("ru"), load_gazetteer())
    text = "Встреча с Николом Пашиняном в Ереване, сообщили в МИД России. "
    text += "Հայաստանի կառավարությունը Բրյուսելում"
    component.prepare(text)
    doc = component(nlp("ru").make_doc(text))
    actors = [(match.entry.actor, match.label) for match in doc._.gazetteer]
    assert actors == [
        ("Nikol Pashinyan", "PERSON"),
        ("Yerevan", "GPE"),
        ("Russian Foreign Ministry", "ORG"),
        ("Armenia", "GPE"),
        ("Brussels", "GPE"),
    ]


def test_names_in_russian_are_found_inside_of_english() -> None:
    assert found(Gazetteer([MARIA]), "She (Мария Озола) left.")[0] == ["Мария Озола"]


@pytest.mark.parametrize(
    ("name", "actor", "kind", "bloc"),
    [
        ("Pashiniyan", "Nikol Pashinyan", "PERSON", None),
        ("Kiev", "Kyiv", "GPE", None),
        ("Kremlin", "Kremlin", "ORG", "Russia"),
        ("White House", "White House", "ORG", "West"),
        ("CSTO", "Collective Security Treaty Organization", "ORG", "Russia"),
        ("Transdniestria", "Transnistria", "GPE", None),
        ("Karabakh", "Nagorno-Karabakh", "GPE", None),
        ("Donbass", "Donbas", "LOC", None),
        ("Caucasus", "Caucasus", "LOC", None),
        ("West", "West", "LOC", "West"),
        ("Western", "Western", "NORP", "West"),
        ("Azeri", "Azerbaijani", "NORP", None),
        ("Brussels", "Brussels", "GPE", "West"),
        ("Minsk Agreements", "Minsk agreements", "LAW", None),
        ("Bayraktar", "Bayraktar TB2", "PRODUCT", None),
        ("Zvartnots", "Zvartnots", "FAC", None),
        ("ZNPP", "Zaporizhzhia Nuclear Power Plant", "FAC", None),
        ("Vanuatu", "Vanuatu", "GPE", None),
        ("Novosibirsk", "Novosibirsk", "GPE", None),
        ("TASS", "TASS", "ORG", "Russia"),
        ("Blinken", "Antony Blinken", "PERSON", "West"),
        ("Zelenskiy", "Volodymyr Zelenskyy", "PERSON", None),
    ],
)
def test_what_the_files_say_of_well_known_names(name: str, actor: str, kind: str, bloc: str | None) -> None:
    entry = load_gazetteer().entry(name)
    assert entry is not None
    assert (entry.actor, entry.kind, entry.bloc) == (actor, kind, bloc)


def test_no_name_means_two_actors() -> None:
    owners: defaultdict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    for entry in load_gazetteer().entries:
        for alias in entry.aliases:
            owners[alias.language, alias.name].add((entry.actor, entry.kind))
    assert {name: who for name, who in owners.items() if len(who) > 1} == {}


def test_every_file_is_well_formed() -> None:
    kinds = set(ENTITY_LABELS)
    for file in resource("gazetteer").iterdir():
        if file.name.endswith(".tsv"):
            rows = list(read_rows(file.name, file.read_text(encoding="utf-8")))
            assert rows, file.name
            for row in rows:
                assert row.kind in kinds, row
                names = [row.actor, *(alias.name for alias in row.aliases)]
                assert all(name and name == " ".join(name.split()) and ";" not in name for name in names), row
                assert all(name != name.lower() or name[0].isdigit() for name in names), row
                for alias in row.aliases:
                    if alias.language == "armenian":
                        assert any("Ա" <= letter <= "և" for letter in alias.name) or alias.name.isascii(), row


def test_every_bloc_member_and_every_owner_is_an_actor() -> None:
    actors = {entry.actor for entry in load_gazetteer().entries}
    rows = [
        row
        for file in resource("gazetteer").iterdir()
        if file.name.endswith(".tsv")
        for row in read_rows(file.name, file.read_text(encoding="utf-8"))
    ]
    assert {row.of for row in rows if row.of} - actors == set()
    assert {entry.bloc for entry in load_gazetteer().entries} == {"West", "Russia", None}


@pytest.mark.parametrize("line", ["Baltic\tLOC", "Baltic\tloc\t\t\t\t", "\tLOC\t\t\t\t", "a\tLOC\t\t\t\t\t"])
def test_a_broken_line_is_named(line: str) -> None:
    with pytest.raises(GazetteerError, match=r"Line 3 of the gazetteer's mine\.tsv"):
        list(read_rows("mine.tsv", f"actor\tkind\n# ours\n{line}\n"))


def test_licences_and_files_are_in_the_readme() -> None:
    readme = resource("gazetteer", "README.md").read_text(encoding="utf-8")
    for word in ("MIT", "CC BY 4.0", "Unicode License", "countryinfo", "GeoNames", "Babel"):
        assert word in readme
    for file in resource("gazetteer").iterdir():
        assert f"`{file.name}`" in readme or file.name == "README.md"


def test_the_script_writes_the_files_that_are_here(tmp_path: Path) -> None:
    script = Path(__file__).parents[2] / "docs" / "make_gazetteer.py"
    spec = importlib.util.spec_from_file_location("make_gazetteer", script)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.main(tmp_path)
    for name in GENERATED:
        here = resource("gazetteer", name).read_text(encoding="utf-8")
        assert (tmp_path / name).read_text(encoding="utf-8") == here, name


def test_the_extension_is_empty_without_the_component() -> None:
    assert Doc(nlp().vocab)._.gazetteer == ()
    assert set(LANGUAGES) == {"english", "russian", "armenian"}
