"""Putting texts together of which parts are lost: the labels on the rest keep their places."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.project.torn_texts import LOST, Passage, one_byte_put_right, put_together
from annotator.text import normalise, sha256

RUSSIAN = "Пашинян заявил, что Ереван 🚀 не выйдет из ОДКБ. Москва ответила молчанием, а Баку ждёт. " * 9
ENGLISH = "Pashinyan said that Yerevan will not leave the CSTO. Moscow said nothing, and Baku waits. " * 9


def torn(text: str, first: int, end: int, byte: int = 0xFF) -> str:
    """Read a text of which the bytes from ``first`` to ``end`` are ``byte``."""
    data = text.encode()
    return (data[:first] + bytes([byte]) * (end - first) + data[end:]).decode("utf-8", "surrogateescape")


def passages(text: str, *words: str) -> list[Passage]:
    """Return the last place of each of ``words``."""
    return [(text.rindex(word), text.rindex(word) + len(word), word) for word in words]


@pytest.mark.parametrize("text", [RUSSIAN, ENGLISH])
@pytest.mark.parametrize("byte", [0xFF, 0])
def test_what_stands_behind_a_lost_stretch_keeps_its_place(text: str, byte: int) -> None:
    marked = passages(text, text[700:712], text[640:655])
    found = put_together(torn(text, 301, 577, byte), marked)
    assert len(found) == len(text)
    assert all(found[start:end] == words for start, end, words in marked)
    assert all(a in (b, LOST) for a, b in zip(found, text, strict=True))
    assert 0 < found.count(LOST) <= 280


def test_quotes_that_stand_in_a_lost_stretch_are_written_into_it() -> None:
    first = len(RUSSIAN[:200].encode())
    marked = [(210, 222, RUSSIAN[210:222]), *passages(RUSSIAN, RUSSIAN[690:699])]
    found = put_together(torn(RUSSIAN, first, first + 150), marked)
    assert found[210:222] == RUSSIAN[210:222]
    assert (found[200:210], found[222]) == (LOST * 10, LOST)
    assert (len(found), found[690:]) == (len(RUSSIAN), RUSSIAN[690:])


def test_of_a_text_of_which_nothing_is_left_the_labelled_words_are() -> None:
    found = put_together("", [(5, 9, "Kyiv"), (12, 20, None)])
    assert found == LOST * 5 + "Kyiv" + LOST * 11
    assert put_together("", []) == ""


def test_a_lost_end_is_as_long_as_the_labels_say_and_no_longer_than_it_can_have_been() -> None:
    data = RUSSIAN.encode()
    start = len(data[:400].decode("utf-8", "ignore"))
    last, outside = (start + 150, start + 156, "Москва"), (10**6, 10**6 + 4, "Баку")
    found = put_together(torn(RUSSIAN, 400, len(data)), [last, outside])
    assert found[: start + 1] == RUSSIAN[:start] + LOST
    assert found[start + 150 : start + 156] == "Москва"
    assert len(found) <= len(data)


def test_a_quote_is_not_written_over_what_can_be_read() -> None:
    text = "Russia denied it. Armenia did not."
    assert put_together(text, [(0, 6, "Turkey")]) == text
    assert put_together("Rusxia denied it.", [(0, 6, "Russia")]) == "Russia denied it."


def test_what_comes_out_is_as_the_project_keeps_texts() -> None:
    found = put_together("\ufeffa\r\nb\u2028c\0d\udcff", [])
    assert found == normalise(found)
    assert len(found) == 10


@pytest.mark.parametrize(
    "text", [RUSSIAN[:200], "Մոսկվան լռում է։ Երևանը սպասում է։", "café à la crème 🚀 " * 3]
)
def test_whatever_byte_broke_a_character_is_found_again(text: str) -> None:
    data = text.encode()
    broken = 0
    for place in range(len(data)):
        for byte in (0x41, 0x80, 0xD0, 0xFF, data[place] ^ 0x80):
            read = (data[:place] + bytes([byte]) + data[place + 1 :]).decode("utf-8", "surrogateescape")
            if byte != data[place] and any("\udc80" <= c <= "\udcff" for c in read):
                assert one_byte_put_right(read, sha256(text)) == text
                broken += 1
    assert broken > len(data)


def test_what_more_than_a_byte_broke_is_not_guessed() -> None:
    assert one_byte_put_right(torn(RUSSIAN, 30, 33), sha256(RUSSIAN)) is None
    assert one_byte_put_right(torn(RUSSIAN, 30, 31), sha256(ENGLISH)) is None
    assert one_byte_put_right(RUSSIAN, sha256(RUSSIAN)) is None


_CHARACTERS = st.sampled_from("aé я🚀Երև \n")


@given(st.text(_CHARACTERS, max_size=60), st.data())
def test_any_damage_gives_a_text_that_can_be_stored(text: str, data: st.DataObject) -> None:
    raw = bytearray(text.encode())
    for _ in range(data.draw(st.integers(0, 4))):
        if raw:
            raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    spans = [
        (
            start,
            end,
            data.draw(st.one_of(st.none(), st.text(_CHARACTERS, min_size=end - start, max_size=end - start))),
        )
        for start, end in data.draw(st.lists(st.tuples(st.integers(0, 30), st.integers(31, 70)), max_size=4))
    ]
    found = put_together(bytes(raw).decode("utf-8", "surrogateescape"), spans)
    assert found == normalise(found)
    found.encode()
