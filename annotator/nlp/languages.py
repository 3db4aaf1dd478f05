"""Languages: their codes and names, and which one a text is in as far as its letters tell.

Letters cannot tell German from English: that is :mod:`annotator.nlp.detection`'s part.
"""

from __future__ import annotations

import re

ANY_LANGUAGE = "xx"
"""spaCy's code for a pipeline that reads several languages, and for rules that fit any."""

_SAMPLE = 4_000  # code points that are looked at: far more than the share of letters needs
_SCRIPTS = {
    "Latin": re.compile("[A-Za-zÀ-ɏḀ-ỿ]"),
    "Cyrillic": re.compile("[Ѐ-ԯ]"),
    "Armenian": re.compile("[Ա-֏ﬓ-ﬗ]"),
    "Georgian": re.compile("[Ⴀ-ჿᲐ-Ჿ]"),
    "Greek": re.compile("[Ͱ-Ͽἀ-῿]"),
    "Arabic": re.compile("[؀-ۿݐ-ݿ]"),
    "Hebrew": re.compile("[א-ת]"),
    "Chinese": re.compile("[㐀-鿿]"),
    "Japanese": re.compile("[぀-ヿ]"),
    "Korean": re.compile("[가-힯]"),
}
_UKRAINIAN = re.compile("[іїєґІЇЄҐ]")
# The language that a script stands for where nothing else is known (spaCy's codes).
_OF_SCRIPT = {
    "Latin": "en",
    "Cyrillic": "ru",
    "Armenian": "hy",
    "Georgian": "ka",
    "Greek": "el",
    "Arabic": "ar",
    "Hebrew": "he",
    "Chinese": "zh",
    "Japanese": "ja",
    "Korean": "ko",
}
_NOT_LATIN = {
    **dict.fromkeys(("ru", "uk", "bg", "be", "mk", "sr", "ky", "tt", "kk", "mn", "tg"), "Cyrillic"),
    **{code: script for script, code in _OF_SCRIPT.items() if script not in ("Latin", "Cyrillic")},
    "fa": "Arabic",
    "ur": "Arabic",
    "grc": "Greek",
}
_NAMES = {
    "english": "en", "eng": "en", "russian": "ru", "rus": "ru", "ukrainian": "uk", "ukr": "uk",
    "armenian": "hy", "hye": "hy", "arm": "hy", "german": "de", "deu": "de", "ger": "de", "french": "fr",
    "fra": "fr", "fre": "fr", "spanish": "es", "spa": "es", "italian": "it", "ita": "it", "polish": "pl",
    "pol": "pl", "georgian": "ka", "kat": "ka", "geo": "ka", "azerbaijani": "az", "aze": "az",
    "turkish": "tr", "tur": "tr", "chinese": "zh", "zho": "zh", "chi": "zh", "arabic": "ar", "ara": "ar",
    "persian": "fa", "fas": "fa", "per": "fa",
}  # fmt: skip


_ENGLISH_NAMES = {
    "ar": "Arabic", "az": "Azerbaijani", "be": "Belarusian", "bg": "Bulgarian", "bs": "Bosnian",
    "ca": "Catalan", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek", "en": "English",
    "es": "Spanish", "et": "Estonian", "fa": "Persian", "fi": "Finnish", "fr": "French", "he": "Hebrew",
    "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian", "hy": "Armenian", "id": "Indonesian", "it": "Italian",
    "ja": "Japanese", "ka": "Georgian", "kk": "Kazakh", "ko": "Korean", "ku": "Kurdish", "ky": "Kyrgyz",
    "lt": "Lithuanian", "lv": "Latvian", "mk": "Macedonian", "mn": "Mongolian", "nb": "Norwegian",
    "nl": "Dutch", "no": "Norwegian", "pl": "Polish", "ps": "Pashto", "pt": "Portuguese", "ro": "Romanian",
    "ru": "Russian", "sk": "Slovak", "sl": "Slovenian", "sq": "Albanian", "sr": "Serbian", "sv": "Swedish",
    "tg": "Tajik", "tk": "Turkmen", "tr": "Turkish", "tt": "Tatar", "uk": "Ukrainian", "ur": "Urdu",
    "uz": "Uzbek", "vi": "Vietnamese", "xx": "any language", "zh": "Chinese",
}  # fmt: skip


def language_name(code: str) -> str:
    """Return a language's English name, or the code itself where we know none.

    >>> language_name("hy"), language_name("zz")
    ('Armenian', '“zz”')
    """
    return _ENGLISH_NAMES.get(code, f"“{code}”")


def language_code(language: str | None) -> str | None:
    """Return ``language`` (``en-GB``, ``eng``, ``English``) as a short code; None where it says nothing.

    >>> language_code("en_US"), language_code("Russian"), language_code("n/a")
    ('en', 'ru', None)
    """
    word = re.match(r"[a-z]+", (language or "").strip().lower())
    if word is None:
        return None
    code = _NAMES.get(word[0], word[0])
    return code if len(code) == 2 else None


def main_script(text: str) -> str | None:
    """Return the script of most letters of ``text``, such as ``Cyrillic``; None where it has none."""
    sample = text[:_SAMPLE]
    if sample.isascii():
        return "Latin" if any(map(str.isalpha, sample)) else None
    counts = {script: len(letters.findall(sample)) for script, letters in _SCRIPTS.items()}
    if counts["Japanese"] * 10 > counts["Chinese"]:  # Japanese is written in Chinese letters as well
        counts["Japanese"] += counts.pop("Chinese")
    script, count = max(counts.items(), key=lambda item: item[1])
    return script if count else None


def guess_language(text: str, expected: str) -> str:
    """Return the language that ``text`` seems to be in: ``expected`` wherever its script fits.

    ``expected`` is the pipeline's language. A script with several languages stands for one of them
    (Cyrillic: Russian, or Ukrainian where its own letters occur).
    """
    script = main_script(text)
    if script is None or script == _NOT_LATIN.get(expected, "Latin"):
        return expected
    if script == "Cyrillic" and len(_UKRAINIAN.findall(text[:_SAMPLE])) * 100 > len(text[:_SAMPLE]):
        return "uk"
    return _OF_SCRIPT[script]
