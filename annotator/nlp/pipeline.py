"""The spaCy pipeline that makes suggestions: sentence rules, the base model's NER and the stance."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import compile_suffix_regex

from annotator import __version__
from annotator.model import NO_MODEL, PipelineError, PipelineInfo, Suggestion, ZoneDecisions
from annotator.nlp import models
from annotator.nlp.components import STANCE, ZONES, add_components
from annotator.nlp.entities import ENTITY_LABELS, entity_suggestions
from annotator.nlp.languages import ANY_LANGUAGE, guess_language, language_code, main_script
from annotator.nlp.stance.cues import load_cues
from annotator.nlp.stance.evidence import settings as stance_settings
from annotator.nlp.zone_rules import load_rules
from annotator.nlp.zones import Zone, boilerplate, find_zones, settle, zone_suggestions

PIECE = 25_000
"""Longest text, in code points, that goes through the NER at once (its memory grows with the length)."""

Text = tuple[int, str, str | None] | tuple[int, str, str | None, ZoneDecisions]
"""An article's id, its text, its language where that is known, and what a person decided about its zones."""

UNDECIDED = ZoneDecisions()

OnError = Callable[[int, PipelineError], None]


class Pipeline:
    """Makes suggestions for articles. Not for several threads at once.

    ``info`` names the pipeline: its name, its version, and a hash of settings and cue list.
    """

    def __init__(self, nlp: Language, info: PipelineInfo, labels: Sequence[str]) -> None:
        self.info = info
        self._nlp = nlp
        self._language = nlp.lang or ANY_LANGUAGE
        self._labels = tuple(labels)
        self._reads_names = bool(nlp.pipe_names)
        add_components(nlp)
        self._blanks: dict[str, Language] = {}

    def suggest(
        self, texts: Iterable[Text], *, processes: int = 1, on_error: OnError | None = None
    ) -> Iterator[tuple[int, list[Suggestion]]]:
        """Yield each article's id with its suggestions, in the order of ``texts``, which is read lazily.

        One article is worked on at a time: larger batches gain 10% and cost the wait for the first
        result and much memory. With ``processes`` above 1 as many processes share the work, each with
        a pipeline of its own. An article that cannot be analysed goes to ``on_error`` and is left out;
        without ``on_error`` its :class:`PipelineError` is raised.
        """
        if processes > 1:
            from annotator.nlp.processes import suggest_in_processes

            yield from suggest_in_processes(self.info.name, self._labels, texts, processes, on_error)
            return
        for article, *text in texts:
            try:
                suggestions = self.suggest_one(*text)
            except PipelineError as error:
                if on_error is None:
                    raise
                on_error(article, error)
                continue
            yield article, suggestions

    def suggest_one(
        self, text: str, language: str | None = None, decided: ZoneDecisions = UNDECIDED
    ) -> list[Suggestion]:
        """Return the suggestions for one text: the zones and the entities in text order, then one stance.

        ``text`` may have any length. Offsets are code points of ``text``. A text of another language
        than the pipeline's gets no entities (see :meth:`notice`). What a person ``decided`` about zones
        counts before what is found: entities are suggested outside boilerplate only. Raises
        :class:`PipelineError` where a component fails on the text.
        """
        code = self._language_of(text, language)
        foreign = code != self._language
        nlp = self._blank(code) if foreign else self._nlp
        try:
            with nlp.memory_zone():  # what the text adds to the vocabulary goes when it is done
                found = find_zones(text)
                zones = settle(found, decided)
                doc = _analyse(nlp, text, zones)
                names = [] if foreign else entity_suggestions(text, doc.ents, self.info.name, self._labels)
                outside = boilerplate(zones)
                names = [n for n in names if not outside.touch(n.start or 0, n.end or 0)]
                stance: Suggestion = doc._.stance
        except Exception as error:
            # Components are other people's code and may raise anything; one article must not end a run.
            detail = " ".join(str(error).split())[:200]
            raise PipelineError(
                f"{self.info.name} cannot analyse this article ({type(error).__name__}: {detail}); "
                "label it by hand, or try another pipeline."
            ) from error
        return [*zone_suggestions(found, decided), *names, stance]

    def notice(self, text: str, language: str | None = None) -> str | None:
        """Return why no names are suggested for ``text``, in one sentence; None where they are."""
        if not self._reads_names:
            return f"{self.info.name} does not find names: {models.HOW_TO_INSTALL}."
        code = self._language_of(text, language)
        if code == self._language:
            return None
        given = language_code(language)
        if given is not None:
            about = f"This article's language is given as “{language}”"
        else:
            about = f"This article is mostly in {main_script(text)} letters"
        return (
            f"{about} and {self.info.name} reads texts in “{self._language}” only, so no names are suggested."
        )

    def _language_of(self, text: str, language: str | None) -> str:
        if self._language == ANY_LANGUAGE:
            return ANY_LANGUAGE
        return language_code(language) or guess_language(text, self._language)

    def _blank(self, code: str) -> Language:
        if code not in self._blanks:
            self._blanks[code] = nlp = _blank_language(code)
            add_components(nlp)
        return self._blanks[code]


def build_pipeline(model: str | None = None, *, labels: Sequence[str] = ENTITY_LABELS) -> Pipeline:
    """Load the installed spaCy pipeline ``model`` (None: the default) and return it as a :class:`Pipeline`.

    ``labels`` are the entity labels to suggest. Raises :class:`PipelineError` with what to do where the
    pipeline is not installed or does not load.
    """
    installed = models.find_model(model)
    info = PipelineInfo(installed.name, installed.version, _config(labels))
    return Pipeline(models.load(installed.name), info, labels)


def blank_pipeline(*, labels: Sequence[str] = ENTITY_LABELS) -> Pipeline:
    """Return a pipeline without a model: it suggests a stance and no names."""
    return Pipeline(
        spacy.blank("en"), PipelineInfo(NO_MODEL, spacy.about.__version__, _config(labels)), labels
    )


def pieces(text: str, longest: int = PIECE) -> Iterator[str]:
    """Cut ``text`` into pieces of at most ``longest`` code points that join to ``text`` again.

    The cut is after the last empty line that fits, or else after the last line break, else the last
    white space; only a text without any is cut in a word.
    """
    start = 0
    while len(text) - start > longest:
        for gap in ("\n\n", "\n", " "):
            end = text.rfind(gap, start + 1, start + longest) + len(gap)
            if end > start + len(gap):
                break
        else:
            end = start + longest
        end = min(end, start + longest)
        yield text[start:end]
        start = end
    yield text[start:]


def _analyse(nlp: Language, text: str, zones: tuple[Zone, ...]) -> Doc:
    if len(text) <= PIECE:
        doc = nlp.make_doc(text)
        doc._.zones = zones
        return nlp(doc)
    # The stance needs the whole article; the NER and the sentences are content with pieces of it.
    docs = [nlp(piece, disable=[STANCE, ZONES]) for piece in pieces(text)]
    doc = Doc.from_docs(docs, ensure_whitespace=False)
    if doc is None:  # only of an empty list
        return nlp(text)
    doc._.zones = zones
    whole: Doc = nlp.get_pipe(STANCE)(doc)
    return whole


def _blank_language(code: str) -> Language:
    """Return spaCy's rules for the language, or those for any language where it has none (installed)."""
    try:
        nlp = spacy.blank(code)
    except ImportError:
        return spacy.blank(ANY_LANGUAGE)
    if code == "hy":  # spaCy's Armenian rules leave the Armenian full stop on the word before it
        suffixes = compile_suffix_regex([*(nlp.Defaults.suffixes or ()), "։"])
        tokenizer: Any = nlp.tokenizer
        tokenizer.suffix_search = suffixes.search
    return nlp


def _config(labels: Sequence[str]) -> str:
    """Return a short hash of everything beside the model that decides which suggestions are made."""
    parts = [__version__, list(labels), PIECE, load_cues().sha256, stance_settings(), load_rules().sha256]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]
