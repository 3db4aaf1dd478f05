"""Who is behind a name: rules of linking, with sentences of our own in three scripts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.model import Actor, Suggestion
from annotator.nlp.linking import Linker
from annotator.nlp.spelling import ALIKE, alike, fold, stems


@dataclass(frozen=True)
class Entry:
    actor: str
    kind: str
    names: tuple[str, ...] = ()


class Gazetteer:
    """A tiny one."""

    def __init__(self, *entries: Entry) -> None:
        self.entries = entries

    def entry(self, name: str) -> Entry | None:
        return next((e for e in self.entries if name == e.actor or name in e.names), None)


GAZETTEER = Gazetteer(
    Entry("United States", "GPE", ("U.S.", "US", "America")),
    Entry("European Union", "ORG", ("EU",)),
    Entry("International Criminal Court", "ORG", ("ICC",)),
    Entry("Georgia", "GPE"),
    Entry("Armenian", "NORP", ("Armenians",)),
    Entry("Nikol Pashinyan", "PERSON", ("Pashinyan", "Пашинян")),
    Entry("Vladimir Putin", "PERSON", ("Putin",)),
)


def actor(name: str, kind: str | None, *aliases: str) -> Actor:
    return Actor(f"id of {name}", name, kind, None, aliases)


def link(
    marked: str, actors: Sequence[Actor] = (), gazetteer: Gazetteer | None = None
) -> list[tuple[str, str | None, str]]:
    """Link a text in which names are marked [so|LABEL]; return (name, actor, reason) of each."""
    text, suggestions, at = "", [], 0
    for match in re.finditer(r"\[([^|\]]+)\|([A-Z]+)\]", marked):
        text += marked[at : match.start()]
        start = len(text)
        text += match[1]
        suggestions.append(Suggestion("entity", match[2], start, len(text), "ner", "read"))
        at = match.end()
    text += marked[at:]
    sentences = [0, *(m.end() for m in re.finditer(r"[.!?։]\s|\n", text))]
    linked = Linker(actors, gazetteer).link(text, sentences, suggestions)
    assert [(s.start, s.end, s.label) for s in linked] == [(s.start, s.end, s.label) for s in suggestions]
    return [
        (text[s.start : s.end], s.actor, s.reason.removeprefix("read").removeprefix("; ")) for s in linked
    ]


# Persons


def test_a_surname_after_the_full_name() -> None:
    found = link(
        "[Ara Melikyan|PERSON] spoke. It rained. Nobody came. [Melikyan|PERSON] left; [Melikyan|PERSON] "
        "slept. So did [Ara Melikyan|PERSON], says [Melikyan|PERSON]."
    )
    assert [name[1] for name in found] == ["Ara Melikyan"] * 5
    assert [name[2] for name in found] == [
        "",
        "surname of Ara Melikyan, 3 sentences above",
        "surname of Ara Melikyan, 3 sentences above",
        "",
        "surname of Ara Melikyan, in the same sentence",
    ]


def test_a_surname_before_the_full_name_as_headlines_have_it() -> None:
    found = link("[Melikyan|PERSON] resigns\nIt rained. The mayor [Ara Melikyan|PERSON] resigned.")
    assert found[0][1:] == ("Ara Melikyan", "surname of Ara Melikyan, 2 sentences below")


@pytest.mark.parametrize(
    ("full", "part", "reason"),
    [
        ("Ursula von der Leyen", "von der Leyen", "surname of Ursula von der Leyen"),
        ("Ursula von der Leyen", "Leyen", "surname of Ursula von der Leyen"),
        ("Ara Melikyan", "Ara", "first name of Ara Melikyan"),
        ("Ara Melikyan", "A. Melikyan", "initial and surname of Ara Melikyan"),
        ("Ara Melikyan", "MELIKYAN", "surname of Ara Melikyan"),
        ("Ара Меликян", "Меликян", "surname of Ара Меликян"),
        ("Արա Մելիքյան", "Մելիքյան", "surname of Արա Մելիքյան"),
    ],
)
def test_parts_of_a_name(full: str, part: str, reason: str) -> None:
    (_, (_, who, why)) = link(f"[{full}|PERSON] spoke. [{part}|PERSON] left.")
    assert (who, why) == (full, f"{reason}, 1 sentence above")


@pytest.mark.parametrize("junior", ["Jr.", "Jr", "Sr.", "Junior", "III"])
def test_father_and_son_are_two_people(junior: str) -> None:
    known = Gazetteer(Entry("Ara Melikyan", "PERSON", ("Melikyan",)))
    found = link(f"[Ara Melikyan|PERSON] met [Ara Melikyan {junior}|PERSON].", gazetteer=known)
    assert [who for _, who, _ in found] == ["Ara Melikyan", f"Ara Melikyan {junior}"]
    ((_, who, _),) = link(f"[Ara Melikyan|PERSON], {junior}, came.", gazetteer=known)  # as a model reads it
    assert who is not None
    assert who.startswith("Ara Melikyan ")


def test_the_son_is_the_father_only_where_the_project_says_so() -> None:
    ara = actor("Ara Melikyan", "PERSON", "Ara Melikyan Jr.")
    assert link("[Ara Melikyan Jr.|PERSON] came.", [ara])[0][1] == "Ara Melikyan"
    assert link("[Ara Melikyan Jr.|PERSON] came.", [actor("Ara Melikyan", "PERSON")])[0][1] != "Ara Melikyan"


def test_a_surname_beside_the_son_is_the_one_that_everybody_knows() -> None:
    known = Gazetteer(Entry("Ara Melikyan", "PERSON", ("Melikyan",)))
    text = "[Ara Melikyan Jr.|PERSON] came. [Melikyan|PERSON] left. So did Mr. [Melikyan Jr.|PERSON]"
    assert [who for _, who, _ in link(text, gazetteer=known)] == [
        "Ara Melikyan Jr.",
        "Ara Melikyan",
        "Ara Melikyan Jr.",
    ]
    assert [who for _, who, _ in link(text)] == ["Ara Melikyan Jr."] * 3


def test_two_people_with_one_surname_are_not_merged() -> None:
    found = link(
        "[Ara Melikyan|PERSON] met [Levon Melikyan|PERSON]. [Melikyan|PERSON] smiled. [Levon|PERSON] did not."
    )
    assert [name[1] for name in found] == ["Ara Melikyan", "Levon Melikyan", None, "Levon Melikyan"]
    assert found[2][2] == "Ara Melikyan and Levon Melikyan are both called so here: not linked"


def test_another_initial_is_another_person() -> None:
    found = link("[Ara Melikyan|PERSON] spoke. [L. Melikyan|PERSON] left.")
    assert found[1][1] == "L. Melikyan"


def test_a_spelling_variant_has_its_number() -> None:
    found = link("[Ara Melikyan|PERSON] spoke. [Ara Melikian|PERSON] left. [Melikian|PERSON] slept.")
    assert found[1][1:] == ("Ara Melikyan", "spelling variant of Ara Melikyan, 0.95")
    assert found[2][1] == "Ara Melikyan"
    alone = link("[Ara Melikyan|PERSON] spoke. [Melikian|PERSON] slept.")
    assert alone[1][1:] == (
        "Ara Melikyan",
        "spelling variant, 0.95, of the surname of Ara Melikyan, 1 sentence above",
    )


def test_husband_and_wife_are_two() -> None:
    found = link("[Ivan Petrov|PERSON] came with [Petrova|PERSON], and [Anna Petrova|PERSON] spoke.")
    assert [name[1] for name in found] == ["Ivan Petrov", "Anna Petrova", "Anna Petrova"]


def test_a_patronymic_may_be_missing() -> None:
    found = link("[Ivan Petrovich Sokolov|PERSON] spoke. [Ivan Sokolov|PERSON] left.")
    assert found[1][1:] == ("Ivan Petrovich Sokolov", "another form of Ivan Petrovich Sokolov")


def test_one_person_in_three_scripts() -> None:
    found = link(
        "[Ara Melikyan|PERSON] spoke. [Ара Меликян|PERSON] сказал. [Արա Մելիքյան|PERSON] ասաց։ "
        "[Меликян|PERSON]."
    )
    assert [name[1] for name in found] == ["Ara Melikyan"] * 4
    assert found[1][2] == "Ara Melikyan in other letters"


# What the project decided, and what the gazetteer knows


def test_the_projects_names_go_first() -> None:
    ours = [actor("Niko P.", "PERSON", "Pashinyan"), actor("USA", "GPE", "U.S.")]
    found = link("[Pashinyan|PERSON] met the [U.S.|GPE] and [America|GPE].", ours, GAZETTEER)
    assert found == [
        ("Pashinyan", "Niko P.", "Niko P. in this project"),
        ("U.S.", "USA", "USA in this project"),
        ("America", "United States", "a name of United States"),
    ]


def test_an_actors_own_name_is_known_in_any_case() -> None:
    ours = [actor("Sevan Ledger", "ORG")]
    assert link("The [SEVAN LEDGER|ORG] says.", ours)[0][1:] == ("Sevan Ledger", "an actor of this project")


def test_who_is_named_in_full_here_is_meant_whoever_else_has_the_surname() -> None:
    ours = [actor("Nikol Pashinyan", "PERSON", "Pashinyan")]
    found = link("[Samvel Pashinyan|PERSON] sings. [Pashinyan|PERSON] is loud.", ours, GAZETTEER)
    assert [name[1] for name in found] == ["Samvel Pashinyan", "Samvel Pashinyan"]


def test_an_alias_of_two_actors_decides_nothing() -> None:
    ours = [actor("Ara Melikyan", "PERSON", "Melikyan"), actor("Levon Melikyan", "PERSON", "Melikyan")]
    assert link("[Melikyan|PERSON] spoke.", ours)[0][1] == "Melikyan"


def test_a_surname_of_a_known_person_without_the_full_name() -> None:
    ours = [actor("Ara Melikyan", "PERSON")]
    assert link("[Melikyan|PERSON] spoke.", ours)[0][1:] == (
        "Ara Melikyan",
        "surname of Ara Melikyan, an actor of this project",
    )
    assert link("[Melikian|PERSON] spoke.", ours)[0][1:] == (
        "Ara Melikyan",
        "spelling variant, 0.95, of the surname of Ara Melikyan",
    )


def test_a_variant_of_a_known_persons_full_name() -> None:
    assert link("[Nikol Pashiniyan|PERSON] spoke.", (), GAZETTEER)[0][1:] == (
        "Nikol Pashinyan",
        "spelling variant of Nikol Pashinyan, 0.98",
    )


@pytest.mark.parametrize("form", ["Пашинян", "Пашиняна", "Пашиняном", "Փաշինյան", "Փաշինյանի", "Փաշինյանը"])
def test_other_letters_and_cases_of_a_project_actor(form: str) -> None:
    ours = [actor("Nikol Pashinyan", "PERSON", "Pashinyan")]
    assert link(f"[{form}|PERSON]", ours)[0][1] == "Nikol Pashinyan"


def test_people_are_no_places() -> None:
    found = link("[Georgia|PERSON] went to [Georgia|GPE].", (), GAZETTEER)
    assert [name[1] for name in found] == ["Georgia", "Georgia"]
    assert Linker([actor("Tbilisi's land", "GPE", "Georgia")])._decided  # the alias is there
    found = link("[Georgia|PERSON] went to [Georgia|GPE].", [actor("Sakartvelo", "GPE", "Georgia")])
    assert [name[1] for name in found] == ["Georgia", "Sakartvelo"]


# Organisations, places, peoples


def test_an_acronym_in_brackets_after_its_expansion() -> None:
    found = link(
        "The [International Chamber of Commerce|ORG] ([ICC|ORG]) met. It rained. The [ICC|ORG] left.",
        (),
        GAZETTEER,
    )
    assert [name[1] for name in found] == ["International Chamber of Commerce"] * 3
    assert found[2][2] == "short for International Chamber of Commerce, 2 sentences above"


def test_an_acronym_of_initials_and_one_of_none() -> None:
    found = link(
        "[Sevan Water Users Union|ORG] met. [SWUU|ORG] left. [EU|ORG] came. [XYZ|ORG] too. [ICC|ORG].",
        (),
        GAZETTEER,
    )
    assert [name[1] for name in found] == [
        "Sevan Water Users Union",
        "Sevan Water Users Union",
        "European Union",
        "XYZ",
        "International Criminal Court",
    ]


def test_brackets_that_are_no_expansion() -> None:
    found = link("The [Sevan Union|ORG] (and the [EU|ORG]) met. [Gyumri Hall|FAC] ([EU|ORG]).")
    assert found[1][1] == "EU"


def test_hyphens_case_accents_and_british_spelling_make_no_difference() -> None:
    found = link(
        "[Nagorno-Karabakh|GPE], [Nagorno Karabakh|GPE]; [Defence Ministry|ORG], [DEFENSE MINISTRY|ORG]; "
        "[Café Erdoğan|FAC], [Cafe Erdogan|FAC]; [Eagle Partner|EVENT], [Eagle Partner 2024|EVENT]"
    )
    names = [name[1] for name in found]
    assert names[0::2] == names[1::2]
    assert len(set(names)) == 4


def test_names_alike_but_not_equal_are_two_unless_they_are_persons() -> None:
    found = link("[Austria|GPE] and [Australia|GPE], [Slovakia|GPE] and [Slovenia|GPE].")
    assert len({name[1] for name in found}) == 4


def test_a_people_is_not_its_country() -> None:
    found = link("[Armenian|NORP] and [Armenians|NORP]; [Sevanite|NORP], [Sevanites|NORP].", (), GAZETTEER)
    assert [name[1] for name in found] == ["Armenian", "Armenian", "Sevanite", "Sevanite"]
    assert found[3][2] == "plural of Sevanite"


def test_what_is_no_entity_stays_as_it_is() -> None:
    stance = Suggestion("stance", "neutral", None, None, "stance", "cues")
    passage = Suggestion("stance", "pro-West", 0, 4, "stance", "cues", holder="X")
    assert Linker().link("Text.", [0], [passage, stance]) == [passage, stance]


NAMES = st.lists(
    st.sampled_from(
        ["Ara", "Melikyan", "Меликян", "EU", "U.S.", "the", "-", "…", "Մելիքյան", "O’Neil", "ß", "é"]
    ),
    min_size=1,
    max_size=4,
).map(" ".join)


@given(st.lists(st.tuples(NAMES, st.sampled_from(["PERSON", "ORG", "GPE", "NORP", "EVENT"])), max_size=12))
def test_any_names_can_be_linked(names: list[tuple[str, str]]) -> None:
    marked = ". ".join(f"[{name}|{label}]" for name, label in names)
    found = link(marked, [actor("Ara Melikyan", "PERSON", "Melikyan")], GAZETTEER)
    assert len(found) == len(names)
    assert all(who for name, who, why in found if "not linked" not in why)


# Spelling


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("Пашинян", "pashinyan"),
        ("Փաշինյան", "pashinyan"),
        ("Սուրեն Պապիկյան", "suren papikyan"),
        ("Зеленський", "zelenskiy"),
        ("Щербаков", "shcherbakov"),
        ("й", "y"),
        ("и\u0306", "y"),  # decomposed
        ("U.S.", "us"),
        ("The Hague", "hague"),
        ("the", "the"),
        ("Erdoğan", "erdogan"),
        ("O'Neil’s", "oneils"),
    ],
)
def test_folding(name: str, folded: str) -> None:
    assert fold(name) == folded


def test_only_other_scripts_have_cases() -> None:
    assert stems("Melikyana") == ("melikyana",)
    assert "nikol pashinyan" in stems("Никола Пашиняна")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("pashinyan", "pashiniyan"),
        ("aliyev", "aliev"),
        ("zelensky", "zelenskyy"),
        ("lukashenko", "lukashenka"),
    ],
)
def test_one_name_spelt_twice(one: str, other: str) -> None:
    assert ALIKE <= alike(one, other) < 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("peskov", "petrov"),
        ("sargsyan", "sahakyan"),
        ("petrov", "petrova"),
        ("zelenskyy", "zelenskaya"),
        ("xi", "xu"),
        ("kim", "kimi"),
    ],
)
def test_two_names(one: str, other: str) -> None:
    assert alike(one, other) == alike(other, one) == 0
