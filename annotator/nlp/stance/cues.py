"""The cue lexicon: words and phrases that speak for a side, from ``resources/stance/terms_*.toml``."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import Any, Literal

from spacy.language import Language
from spacy.tokens import Doc

from annotator.model import PipelineError
from annotator.nlp.languages import ANY_LANGUAGE, guess_language
from annotator.nlp.stance.phrases import PhraseFinder
from annotator.resources import resource

Side = Literal["pro-West", "pro-Russia"]
SIDES: tuple[Side, Side] = ("pro-West", "pro-Russia")
LISTS = ("terms_west.toml", "terms_russia.toml", "actors.toml", "frames.toml", "voices.toml")
KINDS = ("terminology", "condemnation", "supportive act", "distancing", "value")


@dataclass(frozen=True, slots=True)
class Cue:
    """A phrase that speaks for ``side`` when an article uses it in its own voice.

    ``spellings`` starts with the phrase itself; ``weight`` is 0.5 (weak) to 3 (hardly ever wrong).
    """

    text: str
    spellings: tuple[str, ...]
    side: Side
    weight: float
    kind: str
    example: str = ""
    alone: bool = False
    """It is no cue before another word that it may belong to: "the Ukraine", but not "the Ukraine war"."""


@dataclass(frozen=True, slots=True)
class CueLexicon:
    """All cues of one language, and a hash of the files they came from."""

    language: str
    cues: tuple[Cue, ...]
    sha256: str


def load_cues(*files: Traversable) -> CueLexicon:
    """Read cue files (none: those that come with the program).

    Raises :class:`PipelineError` that names the cue that is wrong.
    """
    cues: list[Cue] = []
    digest = hashlib.sha256()
    language = "en"
    for file in files or (resource("stance", name) for name in LISTS[:2]):
        table, sha256 = read_list(file)
        digest.update(sha256.encode())
        language = str(table.get("language", language))
        cues += [_cue(entry, file.name) for entry in table.get("cues", ())]
    return CueLexicon(language, tuple(cues), digest.hexdigest())


def read_list(file: Traversable) -> tuple[dict[str, Any], str]:
    """Return a word list's content and its SHA-256; raises :class:`PipelineError` where it is damaged."""
    try:
        content = file.read_bytes()
        return tomllib.loads(content.decode("utf-8")), hashlib.sha256(content).hexdigest()
    except (OSError, ValueError) as error:
        raise PipelineError(
            f"The cue list {file.name} cannot be read ({error}); mend it or put it back."
        ) from error


def _cue(entry: dict[str, Any], file: str) -> Cue:
    text = entry.get("text")
    if not isinstance(text, str) or not text.strip():
        raise PipelineError(f"A cue in {file} has no text; give it one or take it out.")
    side, weight, kind, also = (
        entry.get("side"), entry.get("weight"), entry.get("kind"), entry.get("also", [])
    )  # fmt: skip
    if side not in SIDES or kind not in KINDS:
        raise PipelineError(
            f"The cue “{text}” in {file} needs a side ({', '.join(SIDES)}) and a kind ({', '.join(KINDS)})."
        )
    if not isinstance(weight, (int, float)) or not 0 < weight <= 3:
        raise PipelineError(f"The cue “{text}” in {file} needs a weight above 0 and up to 3.")
    if not isinstance(also, list) or not all(isinstance(other, str) and other.strip() for other in also):
        raise PipelineError(f"The other spellings of the cue “{text}” in {file} must be a list of phrases.")
    return Cue(
        text,
        (text, *also),
        side,
        float(weight),
        kind,
        str(entry.get("example", "")),
        entry.get("alone") is True,
    )


def lists_hash() -> str:
    """Return a hash of all word lists that a stance is judged by."""
    return hashlib.sha256(
        "".join(read_list(resource("stance", name))[1] for name in LISTS).encode()
    ).hexdigest()


class CueMatcher:
    """Finds the cues of a lexicon in a doc: whole words, any case, the longest where two overlap."""

    def __init__(self, nlp: Language, lexicon: CueLexicon) -> None:
        self.lexicon = lexicon
        self._finder: PhraseFinder[Cue] = PhraseFinder(
            nlp, ((cue, spelling) for cue in lexicon.cues for spelling in cue.spellings)
        )

    def reads(self, doc: Doc) -> bool:
        """Tell whether ``doc`` is in the language of the cues, as far as its pipeline or its letters say."""
        language = self.lexicon.language
        if doc.lang_ == ANY_LANGUAGE:
            return guess_language(doc.text, language) == language
        return doc.lang_ == language

    def __call__(self, doc: Doc) -> Iterator[tuple[Cue, int, int]]:
        """Yield each cue with its first token and the token after its last, in text order."""
        if self.reads(doc):
            yield from (
                found for found in self._finder(doc) if not (found[0].alone and _goes_on(doc, found[2]))
            )


def _goes_on(doc: Doc, end: int) -> bool:
    """Tell whether the word at token ``end`` may belong to what is before it: it is no small word."""
    return (
        end < len(doc)
        and not (doc[end].is_stop or doc[end].is_space)
        and (doc[end].is_alpha or doc[end].text in "-–/")
    )
