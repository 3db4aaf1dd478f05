"""Reading text files: encodings, what is no text, and titles."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from annotator.formats.txt import decode, decode_file, guess_title, readable
from annotator.model import InputFileError
from annotator.text import normalise

RUSSIAN = (
    "Ереван и Москва обсудили сотрудничество в области авиации. «Это важно для обеих стран», — "
    "сказал министр журналистам в пятницу. Подробности обещали сообщить позднее."
)
FRENCH = "L’élève a été reçu à l’école française ; « ça va », dit-il. Le café coûte 3 €."
ENGLISH = "The mayor’s office said “no” — and closed the café. " + "It gave no reason for that step. " * 30


@pytest.mark.parametrize("encoding", ["cp1251", "koi8_r", "cp866", "iso8859_5", "mac_cyrillic"])
def test_russian_of_before_utf8_is_read_right(encoding: str) -> None:
    text = RUSSIAN.replace("«", '"').replace("»", '"').replace("—", "-")
    assert decode(text.encode(encoding))[0] == text


def test_cp1251_keeps_its_quotes_and_dashes() -> None:
    assert decode(RUSSIAN.encode("cp1251")) == (RUSSIAN, "cp1251")


@pytest.mark.parametrize("text", ["Привет, мир! Ереван и Москва.", "Переговоры в Ереване"])
def test_a_short_russian_text_is_not_taken_for_hebrew_or_greek(text: str) -> None:
    assert decode(text.encode("cp1251"))[0] == text
    assert decode(text.encode("koi8_r"))[0] == text


@pytest.mark.parametrize("text", [FRENCH, ENGLISH, "Café strategists of Brussels", "Größe und Übermut"])
def test_western_text_is_cp1252(text: str) -> None:
    assert decode(text.encode("cp1252")) == (text, "cp1252")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", [RUSSIAN, "Plain English, two lines.\nAnd 🚀."])
def test_utf16_is_read_with_and_without_its_mark(encoding: str, text: str) -> None:
    mark = codecs.BOM_UTF16_LE if encoding == "utf-16-le" else codecs.BOM_UTF16_BE
    assert decode(mark + text.encode(encoding)) == (text, encoding)
    assert decode(text.encode(encoding)) == (text, encoding)


def test_utf32_is_not_taken_for_utf16() -> None:
    assert decode(codecs.BOM_UTF32_LE + "a🚀".encode("utf-32-le")) == ("a🚀", "utf-32-le")


def test_utf8_comes_first_with_and_without_its_mark() -> None:
    assert decode("Երևան café".encode()) == ("Երևան café", "utf-8")
    assert decode(codecs.BOM_UTF8 + "Երևան".encode()) == ("Երևան", "utf-8")


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0\0\0\1\0",
        b"some text\0with a zero byte",
        bytes(range(1, 32)) * 20,
        b"PK\x03\x04\x14\x00\x08\x08" + bytes(range(256)) * 4,
        codecs.BOM_UTF8 + b"abc\xff\xfe",
    ],
)
def test_what_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(InputFileError, match="does not look like text"):
        decode_file(Path("picture.txt"), data)


@pytest.mark.parametrize("data", [b"", b" \r\n\n", codecs.BOM_UTF8])
def test_an_empty_file_is_refused(data: bytes) -> None:
    with pytest.raises(InputFileError, match=r"a\.txt: is empty"):
        decode_file(Path("a.txt"), data)


def test_meta_names_the_file_and_an_encoding_that_is_not_utf8() -> None:
    assert decode_file(Path("x/a.txt"), b"Title\n\nText.").meta == {"file": "a.txt"}
    russian = decode_file(Path("x/b.txt"), RUSSIAN.encode("cp1251"))
    assert russian.meta == {"file": "b.txt", "encoding": "cp1251"}
    assert (russian.language, russian.published, russian.source) == (None, None, None)


PROSE = (
    "The ministers met in a small town by the lake on Tuesday and signed an agreement on bridges, roads, "
    "tunnels and ferries, which both parliaments will have to pass by the end of the year, said officials."
    " Then they went home."
)


@pytest.mark.parametrize(
    ("text", "name", "title"),
    [
        ("\n  A headline   here \n\nText.", "a", "A headline here"),
        ("Our Privacy Statement & Cookie Policy\n\nBy continuing to browse our site you agree.\n\n"
         "I agree\n\nThe real headline\n\nText.", "a", "The real headline"),
        ("We value your privacy\n\nWe and our 3 partners store cookies.\n\nAccept all   Reject all\n\n"
         "The real headline", "a", "The real headline"),
        ("Skip to content\nMenu\nSubscribe now\nAdvertisement\nThe real headline", "a", "The real headline"),
        ("By using drones, Baku changed the war", "a", "By using drones, Baku changed the war"),
        ("Privacy law divides parliament", "a", "Privacy law divides parliament"),
        (PROSE, "02_bridges-and_roads", "Bridges and roads"),
        (PROSE, "004_cd9f898420589846",
         "The ministers met in a small town by the lake on Tuesday and signed an agreement on…"),
        ("Short start. " + PROSE, "0f3c", "Short start."),
        ("x" * 300, "", "x" * 90 + "…"),
        ("Menu\nHome", "", "Menu"),
        ("...\n---", "", "Untitled"),
        ("...\n---", "123", "123"),
    ],
)  # fmt: skip
def test_the_title_is_what_a_person_would_take(text: str, name: str, title: str) -> None:
    assert guess_title(text, name) == title


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("western_dreams", "Western dreams"),
        ("2024-02-04 EU summit", "EU summit"),
        ("000_0bf3c4bee5b66880", ""),
        ("12", ""),
        ("Ереван", "Ереван"),
        ("a", ""),
    ],
)
def test_a_file_name_becomes_words(name: str, words: str) -> None:
    assert readable(name) == words


def test_a_stray_zero_byte_in_a_long_text_is_no_reason_to_refuse_it() -> None:
    text, encoding = decode("Ереван и Москва. ".encode() * 20 + b"\0" + b"End.")
    assert encoding == "utf-8"
    assert normalise(text).endswith(" End.")
