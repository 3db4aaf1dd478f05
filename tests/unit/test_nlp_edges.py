import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotator.nlp.edges import clean_edges, english_edges
from annotator.nlp.languages import guess_language, language_code


def cleaned(text: str) -> str | None:
    span = clean_edges(text, 0, len(text))
    return None if span is None else text[slice(*span)]


@pytest.mark.parametrize(
    ("found", "name"),
    [
        ("the European Union", "European Union"),
        ("The  Hague", "Hague"),
        ("Armenia's", "Armenia"),
        ("Հայաստան’s", "Հայաստան"),
        ("\u00a0Kyiv \n", "Kyiv"),
        ("Reuters\n\nMoscow", "Reuters"),
        ("“Eagle Partner”", "Eagle Partner"),
        ("U.S.", "U.S."),
        ("the\nMoscow", None),
        ("\nthe ", None),
        ("- —", None),
        ("government", None),
        ("🚀 Россия ❤️", "Россия"),
        ("Pashinyan (", "Pashinyan"),
        ("Defence (MoD)", "Defence (MoD)"),
        ("Armenia)", "Armenia"),
        ("Pe\u0301", "Pe\u0301"),
        ("9/11", "9/11"),
        ("საქართველო", "საქართველო"),
    ],
)
def test_edges_are_trimmed(found: str, name: str | None) -> None:
    assert cleaned(found) == name


@pytest.mark.parametrize(
    ("found", "label", "name"),
    [
        ("President Maia Sandu", "PERSON", "Maia Sandu"),
        ("Deputy Foreign Minister Vahan Kostanyan", "PERSON", "Vahan Kostanyan"),
        ("Lt. Gen. Ben Hodges", "PERSON", "Ben Hodges"),
        ("President", "PERSON", None),
        ("eastern Latvia", "GPE", "Latvia"),
        ("Tambov region", "GPE", "Tambov"),
        ("pro-European", "NORP", "European"),
        ("ex-Soviet", "NORP", "Soviet"),
        ("Latvia-led", "GPE", "Latvia"),
        ("U.S.-backed", "GPE", "U.S."),
        ("Ban Ki-moon", "PERSON", "Ban Ki-moon"),
        ("Ludwig van Beethoven", "PERSON", "Ludwig van Beethoven"),
        ("bin Salman", "PERSON", "bin Salman"),
        ("Secretary of State", "ORG", None),
        ("Paris accord", "LAW", "Paris accord"),
        ('part:"The Tula Institute', "ORG", "Tula Institute"),
    ],
)
def test_titles_small_words_and_prefixes_stay_outside(found: str, label: str, name: str | None) -> None:
    span = english_edges(found, 0, len(found), label)
    assert (None if span is None else found[slice(*span)]) == name


@settings(deadline=None)
@given(st.text(alphabet="the THE's’ \n-aA“🚀.ԵԿ", max_size=30), st.sampled_from(["PERSON", "ORG"]))
def test_english_edges_only_ever_trim(text: str, label: str) -> None:
    span = english_edges(text, 0, len(text), label)
    if span is not None:
        start, end = span
        assert 0 <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        assert "\n" not in text[start:end]
        assert english_edges(text, start, end, label) == span


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("en-GB", "en"),
        ("EN_us", "en"),
        ("Russian", "ru"),
        ("hye", "hy"),
        ("", None),
        (None, None),
        ("n/a", None),
    ],
)
def test_languages_are_understood(given: str | None, code: str | None) -> None:
    assert language_code(given) == code


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Kyiv said (Киев).", "en"),
        ("Пашинян и Blinken встретились", "ru"),
        ("Київ — столиця України, її історія", "uk"),
        ("Հայաստան և EU", "hy"),
        ("2024 🚀", "en"),
        ("", "en"),
        ("日本は東京にある", "ja"),
    ],
)
def test_the_language_is_guessed_from_the_letters(text: str, language: str) -> None:
    assert guess_language(text, "en") == language


def test_latin_letters_do_not_fit_a_russian_pipeline() -> None:
    assert guess_language("Moscow said", "ru") == "en"
    assert guess_language("Москва", "ru") == "ru"
