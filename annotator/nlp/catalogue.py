"""spaCy's official pipelines with an NER: names only. Where they lie spaCy's own command knows.

Without the transformers, which need gigabytes of other packages (docs/adr/0006). Packages on the Python
Package Index that bear some of these names are not spaCy's: nothing here is ever installed by its bare name.
"""

from __future__ import annotations

from dataclasses import dataclass

# Language -> the middle of its pipelines' names. Each comes as sm, md and lg.
_FAMILIES = {
    "en": "core_web", "ru": "core_news", "uk": "core_news", "de": "core_news", "fr": "core_news",
    "es": "core_news", "it": "core_news", "pl": "core_news", "pt": "core_news", "ro": "core_news",
    "nl": "core_news", "el": "core_news", "lt": "core_news", "da": "core_news", "nb": "core_news",
    "sv": "core_news", "fi": "core_news", "hr": "core_news", "sl": "core_news", "mk": "core_news",
    "ca": "core_news", "ja": "core_news", "ko": "core_news", "zh": "core_web",
}  # fmt: skip
# Megabytes to be downloaded, rounded: what a person needs to know is tens or hundreds.
_SIZES = {"sm": 15, "md": 45, "lg": 550}
_OTHER_SIZES = {
    "en_core_web_lg": 400, "ru_core_news_lg": 510, "uk_core_news_md": 70, "uk_core_news_lg": 230,
    "zh_core_web_sm": 50, "zh_core_web_md": 75,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class OfficialModel:
    """A pipeline that can be had: its name, its language's code, and about how many megabytes it has."""

    name: str
    language: str
    megabytes: int


def official_models() -> list[OfficialModel]:
    """Return what can be had, English and Russian first, the sizes of a language one after the other."""
    models = [
        OfficialModel(f"{language}_{family}_{size}", language, megabytes)
        for language, family in _FAMILIES.items()
        for size, megabytes in _SIZES.items()
    ]
    return [
        OfficialModel(model.name, model.language, _OTHER_SIZES.get(model.name, model.megabytes))
        for model in models
    ] + [OfficialModel("xx_ent_wiki_sm", "xx", 10)]
