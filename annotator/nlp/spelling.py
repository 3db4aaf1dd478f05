"""Names as they are compared: folded, in Latin letters, and how alike two spellings are.

The tables are this project's own and small on purpose: they bring a name near enough to its other
spellings to be compared, they are no standard of transliteration.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from rapidfuzz.distance import JaroWinkler

ALIKE = 0.92
"""From which Jaro-Winkler similarity on two words are one name spelt twice.

Pashinyan and Pashinian have 0.96, Aliyev and Aliev 0.96, Lukashenko and Lukashenka 0.96; Peskov and Petrov
0.82, Sargsyan and Sahakyan 0.68. Words of three letters and fewer must be equal.
"""

# Russian, with the letters of Ukrainian and Belarusian; hard and soft sign fall away.
_CYRILLIC = (
    "абвгдеёжзийклмнопрстуфхцчшщъыьэюяєіїґўј",
    "a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh shch  y  e yu ya ye i yi g u j",
)
# Eastern Armenian as the press of Yerevan writes its names in English; ու is taken before.
_ARMENIAN = (
    "աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆև",
    "a b g d e z e y t zh i l kh ts k h dz gh ch m y n sh o ch p j r s v t r ts v p k o f ev",
)
_LETTERS = str.maketrans(
    {
        letter: latin
        for letters, latins in (_CYRILLIC, _ARMENIAN)
        for letter, latin in zip(letters, latins.split(" "), strict=True)
    }
)
_OTHER_SCRIPT = re.compile("[\u0400-\u052f\u0530-\u058f]")
_PLAIN = re.compile(r"[a-z0-9 ]+")
_NOT_IN_NAMES = re.compile(r"[^\w\s]|_")
_GENERATION = re.compile(
    r"(?:,?\s|[-‐‑])(?:(?P<short>Jr|Sr)|(?P<word>Junior|[Мм]ладш\w+|[Сс]тарш\w+)|(?P<number>II|III|IV))(?!\w)"
)
_GENERATIONS = {"junior": "jr", "ii": "ii", "iii": "iii", "iv": "iv", "jr": "jr", "sr": "sr"}
_SPACES = re.compile(r"[-‐‑–—/\s]+")  # hyphens and dashes part the words of a name
_BRITISH = {
    "defence": "defense", "centre": "center", "organisation": "organization", "labour": "labor",
    "programme": "program", "harbour": "harbor", "theatre": "theater",
}  # fmt: skip
# What Russian cases and the Armenian article and cases put at the end of a surname.
_ENDINGS = {
    "cyrillic": ("ого", "ому", "ым", "ом", "ем", "ой", "ую", "а", "у", "е", "ы"),
    "armenian": ("ից", "ին", "ով", "ում", "ը", "ի", "ն"),
}


@lru_cache(maxsize=4096)
def fold(name: str) -> str:
    """Return ``name`` as it is compared: lower case, no accents, dots or apostrophes, in Latin letters.

    Hyphens part words; a leading "the" goes; British spellings of a few common nouns are American.
    """
    low = unicodedata.normalize("NFC", name).casefold()
    if not _PLAIN.fullmatch(low):
        if _OTHER_SCRIPT.search(low):
            low = low.replace("ու", "u").replace("եւ", "ev").translate(_LETTERS)
        low = "".join(c for c in unicodedata.normalize("NFKD", low) if not unicodedata.combining(c))
        low = _NOT_IN_NAMES.sub("", _SPACES.sub(" ", low))
    words = [_BRITISH.get(word, word) for word in low.split()]
    if len(words) > 1 and words[0] == "the":
        del words[0]
    return " ".join(words)


def is_other_script(name: str) -> bool:
    """Tell whether ``name`` has Cyrillic or Armenian letters."""
    return _OTHER_SCRIPT.search(name) is not None


def stems(name: str) -> tuple[str, ...]:
    """Return ``name`` and what it may be without the ending of a case, folded, the whole one first.

    Only Cyrillic and Armenian names have such endings: Пашиняна is Пашинян, Փաշինյանի is Փաշինյան.
    """
    found = [fold(name)]
    low = unicodedata.normalize("NFC", name).casefold()
    if is_other_script(low):
        endings = _ENDINGS["armenian" if any("\u0530" <= c <= "\u058f" for c in low) else "cyrillic"]
        words = low.split()
        for ending in endings:
            # Every word is in the same case: Никола Пашиняна.
            bare = [w.removesuffix(ending) if len(w) - len(ending) > 2 else w for w in words]
            if bare != words:
                found += [fold(" ".join(bare)), fold(" ".join([*words[:-1], bare[-1]]))]
    return tuple(dict.fromkeys(found))


def generation_after(text: str, start: int, end: int) -> str:
    """Return what after the person's name there makes another person of it ("Jr."), "" where nothing does."""
    after = _GENERATION.match(text, end)
    # A number belongs to a name of more than one word: "Trump II" is his second term.
    if after is None or (after["number"] and " " not in text[start:end]):
        return ""
    return f"{after['short']}." if after["short"] else str(after["word"] or after["number"])


def without_generation(words: list[str]) -> tuple[list[str], str]:
    """Return a person's folded name without "Jr.", "Sr.", "III", and what that was ("": nothing)."""
    last = "jr" if words[-1].startswith("mladsh") else "sr" if words[-1].startswith("starsh") else words[-1]
    generation = _GENERATIONS.get(last, "")
    # A king's number is the better part of his name: Charles III.
    if len(words) > (1 if generation in ("jr", "sr") else 2) and generation:
        return words[:-1], generation
    return words, ""


def alike(a: str, b: str) -> float:
    """Return how alike two folded words are: 1 equal, 0 not one name for all we know.

    What is below :data:`ALIKE` is 0, and so is a woman's form of a man's surname: Petrov and Petrova are
    two people.
    """
    if a == b:
        return 1.0
    if min(len(a), len(b)) < 4 or abs(len(a) - len(b)) > 2 or _is_feminine(a, b) or _is_feminine(b, a):
        return 0.0
    return float(JaroWinkler.normalized_similarity(a, b, score_cutoff=ALIKE))


def _is_feminine(a: str, b: str) -> bool:
    """Tell whether ``a`` is the feminine of the surname ``b``."""
    return a == b + "a" or (
        a.endswith(("aya", "aia")) and b.endswith(("y", "i")) and a[:-3] == b.rstrip("yi")
    )


def alike_names(a: list[str], b: list[str]) -> float:
    """Return how alike two names of as many folded words are: the least of their words' likenesses."""
    if len(a) != len(b):
        return 0.0
    least = 1.0
    for one, other in zip(a, b, strict=True):
        likeness = alike(one, other)
        if not likeness:
            return 0.0
        least = min(least, likeness)
    return least
