"""Which language a text is in, and when that is not clear."""

from __future__ import annotations

import subprocess
import sys

import pytest

from annotator.nlp.detection import detect_language
from annotator.nlp.languages import language_name

# Written for these tests: the same piece of news.
TEXTS = {
    "en": "The prime minister said on Tuesday that the harbour will be closed until the ice has melted.",
    "de": "Der Ministerpräsident sagte am Dienstag, der Hafen bleibe geschlossen, bis das Eis getaut sei.",
    "fr": "Le premier ministre a déclaré mardi que le port restera fermé jusqu'à la fonte des glaces.",
    "tr": "Başbakan salı günü yaptığı açıklamada limanın buzlar eriyene kadar kapalı kalacağını söyledi.",
    "az": "Baş nazir çərşənbə axşamı bildirib ki, liman buzlar əriyənə qədər bağlı qalacaq.",
    "ru": "Премьер-министр заявил во вторник, что порт будет закрыт, пока не растает лёд, и что суда "
    "подождут ещё несколько дней, поскольку ледоколов в этом году не хватает.",
    "uk": "Прем'єр-міністр заявив у вівторок, що порт буде закритий, доки не розтане крига.",
    "bg": "Министър-председателят каза във вторник, че пристанището остава затворено, докато ледът се стопи.",
    "hy": "Վարչապետը երեքշաբթի ասաց, որ նավահանգիստը փակ կմնա, մինչև սառույցը հալվի։",
    "ka": "პრემიერ-მინისტრმა სამშაბათს თქვა, რომ ნავსადგური დაკეტილი იქნება, სანამ ყინული გადნება.",
}


@pytest.mark.parametrize("language", TEXTS)
def test_the_language_of_a_sentence_is_found(language: str) -> None:
    assert detect_language(TEXTS[language]) == language


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12.5% 🚀 2024",
        "Kyiv",
        "Nikol Pashinyan, Ursula von der Leyen, Emmanuel Macron, Olaf Scholz",
        "Ostbabaminu kare senveal pratoli " * 30,
        "Порт закрыт.",
        "Երևան",
    ],
)
def test_a_text_that_says_too_little_has_no_language(text: str) -> None:
    assert detect_language(text) is None


def test_the_language_of_most_of_the_text_counts() -> None:
    assert (
        detect_language(TEXTS["ru"] * 4 + " Nikol Pashinyan said: “no comment”. " + TEXTS["ru"] * 4) == "ru"
    )
    assert detect_language(f"“Порт закрыт”, he said. {TEXTS['en'] * 5}") == "en"


def test_the_detector_is_loaded_only_for_a_script_that_leaves_a_choice() -> None:
    code = (
        "import sys; from annotator.nlp.detection import detect_language as d; import annotator.nlp.models;"
        f"assert d({TEXTS['hy']!r}) == 'hy' and d('Kyiv') is None; print('py3langid' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_languages_have_names() -> None:
    assert [language_name(code) for code in ("ru", "hy", "xx", "qq")] == [
        "Russian",
        "Armenian",
        "any language",
        "“qq”",
    ]
