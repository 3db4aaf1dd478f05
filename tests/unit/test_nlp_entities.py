from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotator.nlp.entities import ENTITY_LABELS, clean_edges, entity_suggestions
from annotator.nlp.languages import guess_language, language_code


@dataclass
class Found:
    start_char: int
    end_char: int
    label_: str


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


pieces = st.sampled_from(
    ["the ", "The", "'s", "’s", "\n", "\u00a0", " ", "🚀", "Հայ", "Киев", "U.S.", "“", "e\u0301", "A"]
)


@settings(deadline=None)
@given(st.lists(pieces | st.text(max_size=4), max_size=12).map("".join), st.data())
def test_offsets_are_always_in_range_and_trimmed(text: str, data: st.DataObject) -> None:
    spans = st.tuples(
        st.integers(0, len(text)), st.integers(0, len(text)), st.sampled_from([*ENTITY_LABELS, "PER"])
    )
    entities = [Found(min(a, b), max(a, b), label) for a, b, label in data.draw(st.lists(spans, max_size=6))]
    made = entity_suggestions(text, entities, "fake", ENTITY_LABELS)
    assert len({(s.start, s.end) for s in made}) == len(made)
    for suggestion in made:
        assert suggestion.start is not None
        assert suggestion.end is not None
        assert 0 <= suggestion.start < suggestion.end <= len(text)
        name = text[suggestion.start : suggestion.end]
        assert name == name.strip()
        assert "\n" not in name
        assert not name.lower().startswith("the ")
        assert suggestion.label in ENTITY_LABELS
        assert suggestion.score is None
        assert any(e.start_char <= suggestion.start and suggestion.end <= e.end_char for e in entities)


def test_labels_of_other_pipelines_are_mapped_and_unknown_ones_left_out() -> None:
    text = "Peskov Kremlin Baltics Thing"
    entities = [Found(0, 6, "PER"), Found(7, 14, "ORGANIZATION"), Found(15, 22, "LC"), Found(23, 28, "MISC")]
    made = entity_suggestions(text, entities, "ru_core_news_md", ENTITY_LABELS)
    assert [s.label for s in made] == ["PERSON", "ORG", "LOC"]
    assert made[0].reason.startswith("ru_core_news_md reads this as PER: people")


def test_only_the_labels_that_were_asked_for() -> None:
    entities = [Found(0, 6, "PERSON"), Found(7, 14, "ORG")]
    assert [s.label for s in entity_suggestions("Peskov Kremlin", entities, "m", ["ORG"])] == ["ORG"]


def test_the_reason_counts_how_often_a_name_is_read_alike() -> None:
    text = "Kyiv, KYIV and Kyiv's"
    entities = [Found(0, 4, "GPE"), Found(6, 10, "ORG"), Found(15, 21, "GPE"), Found(15, 19, "GPE")]
    made = entity_suggestions(text, entities, "m", ENTITY_LABELS)
    assert [(s.start, s.end) for s in made] == [(0, 4), (6, 10), (15, 19)]
    assert made[0].reason.endswith("so 2 of the 3 times it marks this name in this article")
    assert made[1].reason.endswith("so 1 of the 3 times it marks this name in this article")


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
