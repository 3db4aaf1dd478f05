"""The case forms of Russian and Armenian names, by a few rules: enough to meet them in an article.

The matcher finds what is written, letter by letter, so a name must be known in each form. The rules
make some forms that no grammar knows (of “Путин”: Путиным as of a surname and Путином as of a town);
they never occur, and so they do no harm.
"""

from __future__ import annotations

_CASES = 5  # genitive, dative, accusative, instrumental, prepositional
_ADJECTIVES = {
    ("ский", "цкий", "ной", "ный", "вый", "рый", "лый", "ний", "кой", "мый", "тый", "дый", "ный"): (
        "ого", "ому", "ого", "ым", "ом"),
    ("ая",): ("ой", "ой", "ую", "ой", "ой"),
    ("яя",): ("ей", "ей", "юю", "ей", "ей"),
    ("ое", "ее"): ("ого", "ому", "ое", "ым", "ом"),
    ("ые", "ие"): ("ых", "ым", "ые", "ыми", "ых"),
}  # fmt: skip
_HISSING = "гкхжчшщ"


def russian_forms(name: str, *, person: bool = False) -> tuple[str, ...]:
    """Return ``name`` and its other cases; of a person's name each word changes, else up to the noun.

    >>> russian_forms("Нагорный Карабах")[1:3]
    ('Нагорного Карабаха', 'Нагорному Карабаху')
    """
    words = name.split(" ")
    changing = len(words)
    if not person:
        changing = next((n + 1 for n, word in enumerate(words) if not _adjective(word)), len(words))
    cases = [_cases(word) if n < changing else [(word,)] * _CASES for n, word in enumerate(words)]
    forms = [name]
    for case in zip(*cases, strict=True):
        combined = [""]
        for variants in case:
            # Only the last word's variants multiply: "Путиным, Путином", not both of each word.
            combined = [f"{before} {word}".strip() for before in combined for word in variants]
        forms += combined
    return tuple(dict.fromkeys(form.replace("Ё", "Е").replace("ё", "е") for form in forms)) + (
        (name,) if "ё" in name.lower() else ()
    )


def armenian_forms(name: str) -> tuple[str, ...]:
    """Return ``name`` with the endings that Armenian hangs on its last word.

    >>> armenian_forms("Երևան")[:3]
    ('Երևան', 'Երևանը', 'Երևանն')
    """
    endings: tuple[str, ...] = ("", "ը", "ն", "ի", "ին", "ից", "ում", "ով")
    if name.isupper():  # ՀԱՊԿ-ը: an abbreviation takes them after a hyphen too
        endings += tuple(f"-{ending}" for ending in endings if ending)
    if name.endswith("ություն"):
        name, endings = (
            name[: -len("ուն")],
            ("ուն", "ունը", "ունն", "ան", "անը", "անն", "ունից", "ունում", "ունով"),
        )
    elif name[-1] in "աո":
        endings = ("", "ն", "յի", "յին", "յից", "յում", "յով")
    elif name[-1] in "իու":
        endings = ("", "ն", "ի", "ին", "ից", "ում", "ով", "ու", "ուն")
    return tuple(name + ending for ending in endings)


def _adjective(word: str) -> tuple[str, ...] | None:
    low = word.lower()
    return next((forms for endings, forms in _ADJECTIVES.items() if low.endswith(endings)), None)


def _cases(word: str) -> list[tuple[str, ...]]:
    """Return the variants of ``word`` in each of the five cases."""
    adjective = _adjective(word)
    low = word.lower()
    if word.isupper() or not low[-1:].isalpha() or len(word) < 3:
        return [(word,)] * _CASES  # an abbreviation
    if adjective and (low.endswith(("ая", "ое", "яя", "ее", "ые", "ие")) or low[-4:] != "ерий"):
        stem = word[:-2]
        soft = low.endswith(("ний", "нее", "ние"))
        soft_or_k = soft or stem[-1:].lower() in _HISSING
        return [(stem + (_soft(ending, soft) if soft_or_k else ending),) for ending in adjective]
    stem, last = word[:-1], low[-1]
    if low.endswith("ия"):
        return [(stem + e,) for e in ("и", "и", "ю", "ей", "и")]
    if last == "я":
        return [(stem + e,) for e in ("и", "е", "ю", "ей", "е")]
    if last == "а":
        hard = "и" if stem[-1:].lower() in _HISSING else "ы"
        if low.endswith(("ова", "ева", "ёва", "ина")):  # Захаровой, of a woman; Крыловы, of no one
            return [(stem + hard, stem + "ой"), (stem + "е", stem + "ой"), (stem + "у",), (stem + "ой",),
                    (stem + "е", stem + "ой")]  # fmt: skip
        return [(stem + hard,), (stem + "е",), (stem + "у",), (stem + "ой", stem + "ей"), (stem + "е",)]
    if low.endswith("ий"):
        return [(stem + e,) for e in ("я", "ю", "я", "ем", "и")]
    if last == "й":
        return [(stem + e,) for e in ("я", "ю", "я", "ем", "е")]
    if last == "ь":
        return [(stem + "я", stem + "и"), (stem + "ю", stem + "и"), (stem + "я", word),
                (stem + "ем", word + "ю"), (stem + "е", stem + "и")]  # fmt: skip
    if low.endswith(("ство", "тво", "ово", "ино")):
        return [(stem + e,) for e in ("а", "у", "о", "ом", "е")]
    if low.endswith("ье"):
        return [(stem + e,) for e in ("я", "ю", "е", "ем", "е")]
    if last == "ы" and len(word) > 4:  # Штаты, Эмираты, Бермуды
        return [(stem + "ов", stem), (stem + "ам",), (word,), (stem + "ами",), (stem + "ах",)]
    if last in "оеуюэыи":
        return [(word,)] * _CASES
    fleeting = word[:-2] + "ц" if low.endswith("ец") else word  # Донецк keeps its vowel: it does not end so
    instrumental = (fleeting + "ом", fleeting + "ым") if low.endswith(("ов", "ев", "ёв", "ин", "ын")) else (
        fleeting + ("ем" if fleeting[-1].lower() in "жчшщц" else "ом"),
    )  # fmt: skip
    return [(fleeting + "а",), (fleeting + "у",), (word, fleeting + "а"), instrumental, (fleeting + "е",)]


def _soft(ending: str, soft: bool) -> str:
    """Return an adjective's ending as it is after г к х and the like, or in a soft adjective."""
    ending = ending.replace("ы", "и")
    return {"ого": "его", "ому": "ему", "ом": "ем"}.get(ending, ending) if soft else ending
