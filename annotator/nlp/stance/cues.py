"""The cue lexicon: words and phrases that speak for a side, from ``resources/stance/cues.toml``."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import Any, Literal

from spacy.language import Language
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc

from annotator.model import PipelineError
from annotator.nlp.languages import ANY_LANGUAGE, guess_language
from annotator.resources import resource

Side = Literal["pro-West", "pro-Russia"]
SIDES: tuple[Side, Side] = ("pro-West", "pro-Russia")
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


@dataclass(frozen=True, slots=True)
class CueLexicon:
    """All cues of one language, and a hash of the file they came from."""

    language: str
    cues: tuple[Cue, ...]
    sha256: str


def load_cues(file: Traversable | None = None) -> CueLexicon:
    """Read a cue file (None: the one that comes with the program).

    Raises :class:`PipelineError` that names the cue that is wrong.
    """
    file = resource("stance", "cues.toml") if file is None else file
    try:
        content = file.read_bytes()
        table = tomllib.loads(content.decode("utf-8"))
    except (OSError, ValueError) as error:
        raise PipelineError(
            f"The cue list {file.name} cannot be read ({error}); mend it or put it back."
        ) from error
    cues = tuple(_cue(entry, file.name) for entry in table.get("cues", ()))
    language = str(table.get("language", "en"))
    return CueLexicon(language, cues, hashlib.sha256(content).hexdigest())


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
    return Cue(text, (text, *also), side, float(weight), kind, str(entry.get("example", "")))


class CueMatcher:
    """Finds the cues of a lexicon in a doc: whole words, any case, the longest where two overlap."""

    def __init__(self, nlp: Language, lexicon: CueLexicon) -> None:
        self.lexicon = lexicon
        self._matcher = PhraseMatcher(nlp.vocab, attr="LOWER")
        self._cues: dict[int, Cue] = {}
        for number, cue in enumerate(lexicon.cues):
            key = f"cue-{number}"
            self._cues[nlp.vocab.strings.add(key)] = cue
            spellings = {s.replace("'", mark) for s in cue.spellings for mark in "'’"}
            self._matcher.add(key, [nlp.tokenizer(spelling) for spelling in sorted(spellings)])

    def reads(self, doc: Doc) -> bool:
        """Tell whether ``doc`` is in the language of the cues, as far as its pipeline or its letters say."""
        language = self.lexicon.language
        if doc.lang_ == ANY_LANGUAGE:
            return guess_language(doc.text, language) == language
        return doc.lang_ == language

    def __call__(self, doc: Doc) -> Iterator[tuple[Cue, int, int]]:
        """Yield each cue with its first token and the token after its last, in text order."""
        if not self.reads(doc):
            return
        matches = sorted(self._matcher(doc), key=lambda match: (match[1], -match[2]))
        # Longest first among those that overlap: "Russia's invasion" gives way to "Russia's invasion of ...".
        taken = 0
        for n, (key, start, end) in enumerate(matches):
            if start < taken:
                continue
            rival = next(
                (m for m in matches[n + 1 : n + 4] if m[1] < end and m[2] - m[1] > end - start), None
            )
            if rival is not None:
                continue
            taken = end
            yield self._cues[key], start, end
