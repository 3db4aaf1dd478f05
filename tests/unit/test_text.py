from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.text import (
    Utf16Map,
    capitalised,
    count_words,
    first_line,
    isolated,
    normalise,
    right_to_left,
    sha256,
    snap_to_words,
    storable,
    trim,
    word_at,
    word_edges,
)

ANY_TEXT = st.text(st.characters(codec="utf-8") | st.sampled_from("🚀👩\u200d\r\n\u2028\ufeff\0\u0301é"))


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("\ufeffone", "one"),
        ("one\r\ntwo", "one\ntwo"),
        ("one\rtwo\r\rthree", "one\ntwo\n\nthree"),
        ("one\u2028two\u2029three", "one\ntwo\nthree"),
        ("o\0ne", "one"),
        ("\0\ufeffone", "one"),
        ("half \ud83d of a pair", "half \ufffd of a pair"),
    ],
)
def test_normalise_mends_line_ends_marks_and_nuls(raw: str, kept: str) -> None:
    assert normalise(raw) == kept


@pytest.mark.parametrize(
    "text",
    [
        "no\u00a0break",
        "cafe\u0301",
        "café",
        "👩\u200d💻",
        "in\ufeffside",
        " \t two  blanks \n",
        "\x0b\x0c\x85",
        "ﬁ ①",
    ],
)
def test_normalise_leaves_everything_else(text: str) -> None:
    assert normalise(text) == text


@given(ANY_TEXT)
def test_what_is_normalised_stays_as_it_is(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert not set(once) & set("\r\0\u2028\u2029")


def test_storable_text_has_no_nul_and_no_lone_surrogate() -> None:
    assert storable("a\0b") == "ab"
    assert storable("ü\0\udc80🚀") == "ü\ufffd🚀"


def test_sha256_is_that_of_the_utf8_bytes() -> None:
    assert sha256("Երևան 🚀") == hashlib.sha256("Երևան 🚀".encode()).hexdigest()


@given(ANY_TEXT)
def test_utf16_offsets_are_those_of_the_encoding_and_come_back(text: str) -> None:
    offsets = Utf16Map(text)
    for i in range(len(text) + 1):
        units = len(text[:i].encode("utf-16-le")) // 2
        assert offsets.to_utf16(i) == units
        assert offsets.to_code_point(units) == i
        if i < len(text) and ord(text[i]) > 0xFFFF:
            assert offsets.to_code_point(units + 1) == i  # inside the pair


def test_utf16_offsets_are_clamped_to_the_text() -> None:
    offsets = Utf16Map("a🚀")
    assert (offsets.to_utf16(-5), offsets.to_utf16(99)) == (0, 3)
    assert (offsets.to_code_point(-5), offsets.to_code_point(99)) == (0, 2)


@pytest.mark.parametrize(
    ("text", "part", "word"),
    [
        ("the U.S. envoy", "U", "U.S."),
        ("the U.S. envoy", "S", "U.S."),
        ("Armenia's army", "men", "Armenia"),
        ("Nagorno-Karabakh", "gor", "Nagorno"),
        ("Nagorno-Karabakh", "bakh", "Karabakh"),
        ("сказал Пашинян, что", "шин", "Пашинян"),
        ("Նիկոլ Փաշինյան։", "շինյ", "Փաշինյան"),
        ("a cafe\u0301 there", "af", "cafe\u0301"),
        ("🚀Kyiv🚀", "yi", "Kyiv"),
        ("one\ntwo", "tw", "two"),
    ],
)
def test_word_at_gives_the_word_around_a_place(text: str, part: str, word: str) -> None:
    found = word_at(text, text.index(part))
    assert found is not None
    assert text[found[0] : found[1]] == word


def test_word_at_takes_the_word_that_ends_here_and_none_between_words() -> None:
    assert word_at("one, two", 3) == (0, 3)
    assert word_at("one,  two", 5) is None
    assert word_at("one\ntwo", 4) == (4, 7)
    assert word_at("", 0) is None


@pytest.mark.parametrize(
    ("text", "selected", "snapped"),
    [
        ("met Nikol Pashinyan today", "kol Pash", "Nikol Pashinyan"),
        ("met Armenia's army", "men", "Armenia"),
        ("in Nagorno-Karabakh now", "no-Kara", "Nagorno-Karabakh"),
        ("a \u201cgreat\u201d day", "great\u201d", "great\u201d"),
        ("so said Putin, he", " Putin", "Putin"),
        ("U.S. envoy", "U", "U.S."),
        ("the 🚀 rose", "🚀", "🚀"),
    ],
)
def test_a_selection_snaps_to_whole_words(text: str, selected: str, snapped: str) -> None:
    start = text.index(selected)
    found = snap_to_words(text, start, start + len(selected))
    assert found is not None
    assert text[found[0] : found[1]] == snapped


def test_a_selection_of_white_space_snaps_to_nothing() -> None:
    assert snap_to_words("one  two", 3, 5) is None
    assert snap_to_words("one", 2, 2) is None


@given(ANY_TEXT, st.integers(0, 30), st.integers(0, 30))
def test_snapping_covers_what_was_selected_and_snapping_again_changes_nothing(
    text: str, start: int, length: int
) -> None:
    snapped = snap_to_words(text, start, start + length)
    if snapped is None:
        assert not text[start : start + length].strip()
        return
    kept = trim(text, start, start + length)
    assert snapped[0] <= kept[0] < kept[1] <= snapped[1] <= len(text)
    assert snap_to_words(text, *snapped) == snapped


def test_trim_drops_white_space_at_the_edges_and_clamps() -> None:
    assert trim("  a b\u00a0\n", -3, 99) == (2, 5)
    assert trim("    ", 1, 3) == (3, 3)


@pytest.mark.parametrize("cluster", ["👩‍💻", "👨‍👩‍👧", "1️⃣", "🚀\u0301", "❤️‍🔥", "e\u0301"])
def test_no_word_begins_or_ends_within_what_is_read_as_one_character(cluster: str) -> None:
    text = f"a {cluster} b"
    for edge in (edge for edges in word_edges(text) for edge in edges):
        assert not 2 < edge < 2 + len(cluster)


def test_word_edges_are_sorted_starts_and_ends() -> None:
    assert word_edges("the U.S. army") == ([0, 4, 9], [3, 8, 13])


def test_first_line_is_the_first_one_with_a_letter_or_digit() -> None:
    assert first_line("\n ***\n  Gas   is\tcheap \nmore") == "Gas is cheap"
    assert first_line("—\n!") == ""


def test_a_long_first_line_is_cut() -> None:
    assert first_line("word " * 100, limit=10) == "word word…"
    assert first_line("x" * 10, limit=10) == "x" * 10


def test_count_words() -> None:
    assert count_words("The U.S. left. Кафе\u0301 — 12 сортов") == 6
    assert count_words(" … ") == 0


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", None),
        ("Armenia, Երևան, Ереван 12 🚀", None),
        ("שלום", True),
        ("Reuters דיווחה כי הפגישה נמשכה", True),
        ("The minister said שלום and left", False),
        ("قالت إن NATO", True),
        ("12 שלום 34", True),
    ],
)
def test_a_line_runs_as_most_of_its_letters_do(line: str, expected: bool | None) -> None:
    assert right_to_left(line) is expected


def test_only_what_has_right_to_left_letters_is_isolated() -> None:
    assert isolated("Armenia, Երևան 12?") == "Armenia, Երևան 12?"
    assert isolated("EU? שלום, שלום") == "\u2067EU? שלום, שלום\u2069"
    assert isolated("The minister said שלום") == "\u2066The minister said שלום\u2069"


def test_capitalised_words_may_be_names() -> None:
    text = (
        "Then Nikol Pashinyan met the U.S. envoy. The EU-US aid came. In Yerevan, Пашинян said: However, "
        "no.\nRussia’s aid. Aid and however."
    )
    assert [text[a:b] for a, b in capitalised(text)] == [
        "Then Nikol Pashinyan",  # nothing tells this from a name
        "U.S.",
        "EU-US",
        "Yerevan",
        "Пашинян",
        "Russia",
    ]
    taken = (text.index("Pashinyan"), text.index("Pashinyan") + len("Pashinyan"))
    assert [text[a:b] for a, b in capitalised(text, [taken])][:2] == ["Then Nikol", "U.S."]
    assert capitalised("نعم 🚀 թ") == []


@given(st.text(alphabet="aBБб. 🚀\n’", max_size=30), st.integers(0, 30), st.integers(0, 9))
def test_capitalised_words_lie_in_order_outside_what_is_taken(text: str, start: int, length: int) -> None:
    taken = min(start, len(text)), min(start + length, len(text))
    places = capitalised(text, [taken])
    assert places == sorted(places)
    for a, b in places:
        assert text[a].isupper()
        assert b <= taken[0] or taken[1] <= a or taken[0] == taken[1]
