"""Find out which language an article is in: its script first, then py3langid among that script's languages.

Why py3langid, and why so carefully: docs/adr/0015. Its model (0.7 s to load) is loaded when a text comes
whose script leaves a choice.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from annotator.nlp.languages import main_script

DETECTOR = "py3langid"

# The languages that news is likely to be in, by script; all others would only be mistakes. spaCy's codes.
_CANDIDATES = {
    "Latin": (
        "az", "bs", "ca", "cs", "da", "de", "en", "es", "et", "fi", "fr", "hr", "hu", "id", "it", "ku", "lt",
        "lv", "nb", "nl", "pl", "pt", "ro", "sk", "sl", "sq", "sv", "tk", "tr", "uz", "vi",
    ),
    "Cyrillic": ("be", "bg", "kk", "ky", "mk", "mn", "ru", "sr", "tg", "tt", "uk"),
    "Arabic": ("ar", "fa", "ku", "ps", "ur"),
    "Armenian": ("hy",),
    "Georgian": ("ka",),
    "Greek": ("el",),
    "Hebrew": ("he",),
    "Chinese": ("zh",),
    "Japanese": ("ja",),
    "Korean": ("ko",),
}  # fmt: skip
_OTHERS_CODES = {"no": "nb"}  # py3langid's code -> spaCy's

_LETTERS = 40  # fewer say too little, whatever the detector thinks of them
_SURE = 0.85  # of the detector's own probability among the languages of the script
_SAMPLE = 600  # code points from the middle, where there is more prose than in headlines and menus


def detect_language(text: str) -> str | None:
    """Return the code of the language that ``text`` is in, None where that is not clear.

    A text with few letters, or one that the detector is not sure of, has no clear language.
    """
    script = main_script(text)
    if script is None:
        return None
    middle = max(0, (len(text) - _SAMPLE) // 2)
    sample = text[middle : middle + _SAMPLE]
    if sum(map(str.isalpha, sample)) < _LETTERS:
        return None
    candidates = _CANDIDATES[script]
    if len(candidates) == 1:
        return candidates[0]
    ranked = [(code, share) for code, share in _detector().rank(sample) if _of(code) in candidates]
    total = sum(share for _, share in ranked)
    language, share = ranked[0]
    return _of(language) if total > 0 and share / total >= _SURE else None


def _of(code: str) -> str:
    return _OTHERS_CODES.get(code, code)


@cache
def _detector() -> Any:
    """Return py3langid's detector, which gives probabilities for all that it knows."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
