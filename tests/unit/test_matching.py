"""Names and expressions are found where they stand, in code points, by the program's own words."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator import matching
from annotator.matching import SearchError, Sought, expression_finder
from annotator.text import normalise


def found(text: str, *names: str, whole: bool = True, case: bool = True, variants: bool = False) -> list[str]:
    return [text[a:b] for a, b in Sought(names, whole, case, variants).finder()(text)]


@pytest.mark.parametrize(
    ("text", "name", "times"),
    [
        ("Iran, Tehran and Iranians; Iran's. 🚀Iran🚀", "Iran", 3),
        ("the U.S. and U.S.A. or US", "U.S.", 1),
        ("the U.S. said", "S.", 0),
        ("the U.S. said", "U", 0),
        ("Nikol\nPashinyan, Nikol \u00a0Pashinyan", "Nikol Pashinyan", 2),
        ("He left Nikol.\n\nNikol\n\nPashinyan", "Nikol Pashinyan", 0),
        ("הנשיא בירושלים. ירושלים, ירושלים", "ירושלים", 2),
        ("cafe\u0301 cafe", "cafe", 1),
        ("¿US? US_1", "US", 1),
        ("100 $100 $1000", "$100", 1),
        ("C++ and C++, C+++", "C++", 3),
    ],
)
def test_whole_words_are_the_programs_words(text: str, name: str, times: int) -> None:
    assert len(found(text, name)) == times


def test_parts_of_words_case_and_variants_are_choices() -> None:
    text = "Café CAFE\u0301 cafés Asia-Pacific Asia\u2013Pacific Putin’s Putin Горбачёв Горбачев мой мои"
    assert found(text, "Café") == ["Café"]
    assert found("cafe\u0301", "cafe", whole=False) == []  # é is no e
    assert found(text, "café", case=False) == ["Café"]
    assert found(text, "cafe", case=False, variants=True) == ["Café", "CAFE\u0301"]
    assert found(text, "cafe", whole=False, case=False, variants=True) == ["Café", "CAFE\u0301", "café"]
    assert found(text, "Asia Pacific", variants=True) == ["Asia-Pacific", "Asia\u2013Pacific"]
    assert found(text, "Asia Pacific") == []
    assert found(text, "Putin's", variants=True) == ["Putin", "Putin"]
    assert found(text, "Горбачев", variants=True) == ["Горбачёв", "Горбачев"]
    assert found(text, "мои", variants=True) == ["мои"]


def test_the_longest_of_several_names_is_taken_where_it_is_whole() -> None:
    text = "Nikol Pashinyan; Nikol Pashinyanov; Pashinyan"
    assert found(text, "Nikol", "Nikol Pashinyan", "Pashinyan") == ["Nikol Pashinyan", "Nikol", "Pashinyan"]


def test_nothing_is_found_for_nothing() -> None:
    assert found("a b", "", " \n") == []
    assert found("a b", "\u0301", variants=True) == []


def test_crlf_is_counted_as_the_project_counts_it() -> None:
    text = normalise("\ufeffOne 🚀\r\nKyiv\r\nand Kyiv")
    assert list(Sought(("Kyiv",)).finder()(text)) == [(6, 10), (15, 19)]


LETTERS = st.text(st.sampled_from("aAbé🚀İßς \n-'’sё\u0301\u0327שָلל\u200d_.1"), max_size=30)


def bare(text: str) -> str:
    """The same folding, written otherwise: whole strings, no offsets."""
    kept = "".join(c for c in unicodedata.normalize("NFD", text) if not "\u0300" <= c <= "\u036f")
    kept = "".join(c for c in kept if c not in "\u05b8")
    kept = kept.replace("’", "'").replace("-", " ")
    lower = "".join(c.lower() if len(c.lower()) == 1 else c for c in kept)
    return " ".join(lower.split())


@given(LETTERS, st.text(st.sampled_from("aAbé🚀ßsё -של"), min_size=1, max_size=4), st.booleans())
def test_what_is_found_is_what_was_sought(text: str, name: str, whole: bool) -> None:
    exact = Sought((name,), whole)
    for start, end in exact.finder()(text):
        assert text[start:end].split() == name.split()
    loose = Sought((name,), whole, case=False, variants=True)
    for start, end in loose.finder()(text):
        assert bare(text[start:end]) == bare(name).removesuffix("'s")
    assert len(list(exact.finder()(text))) <= len(list(Sought((name,), whole=False).finder()(text)))


@given(LETTERS, LETTERS, st.sampled_from(["Kyiv", "🚀", "Łódź", "U.S.", "ירושלים", "a b"]))
def test_a_name_between_blanks_is_found_where_it_stands(before: str, after: str, name: str) -> None:
    text = f"{before} ; {name} ; {after}"
    start = len(before) + 3
    assert (start, start + len(name)) in list(Sought((name,)).finder()(text))
    assert (start, start + len(name)) in list(Sought((name,), case=False, variants=True).finder()(text))


def test_expressions_are_found_line_by_line_and_wrong_ones_say_why() -> None:
    text = "Kyiv 🚀 2022\nLviv 2023"
    find = expression_finder(r"^[A-Z]\w+|\d{4}$", case=True)
    assert [text[a:b] for a, b in find(text)] == ["Kyiv", "2022", "Lviv", "2023"]
    assert [text[a:b] for a, b in expression_finder("kyiv|x*", case=False)(text)] == ["Kyiv"]
    with pytest.raises(SearchError, match=r"no regular expression: .*at character \d+\.$"):
        expression_finder("a(b", case=True)


def test_an_expression_that_would_take_for_ever_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "PATIENCE", 0.05)
    find = expression_finder(r"(a|a)+$", case=True)
    with pytest.raises(SearchError, match="takes too long"):
        list(find("a" * 60 + "b"))
