"""The spaCy pipelines that are in memory, by language: loaded when first needed, few at a time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import spacy
from spacy.language import Language

from annotator.model import PipelineError, PipelineInfo, no_model
from annotator.nlp.components import add_components, learn_stance
from annotator.nlp.languages import ANY_LANGUAGE, language_name
from annotator.nlp.loading import load
from annotator.nlp.models import HOW_TO_INSTALL, InstalledModel, model_for
from annotator.nlp.stance.classifier import LearntStance

MODELS = 1  # beside the main one: two models in memory are some 300 MB
BLANKS = 4  # pipelines without a model, whose rules and lists are much smaller


@dataclass(frozen=True, slots=True)
class Shelved:
    """A pipeline in memory; ``notice`` says why it finds no names by itself, None where it does."""

    nlp: Language
    info: PipelineInfo
    notice: str | None

    @property
    def language(self) -> str:
        """The code of the language that it reads."""
        return self.nlp.lang or ANY_LANGUAGE

    def reads(self, code: str) -> bool:
        """Tell whether it may be used on texts in a language: on its own, or on any."""
        return self.language in (code, ANY_LANGUAGE)


class Library:
    """Hands out the pipeline of a language.

    ``chosen`` are the pipelines' names by language that somebody chose, ``installed`` what there is.
    """

    def __init__(self, chosen: Mapping[str, str], installed: Sequence[InstalledModel], config: str) -> None:
        self.chosen = dict(chosen)
        self._installed = installed
        self._config = config
        self._models: OrderedDict[str, Shelved] = OrderedDict()
        self._blanks: OrderedDict[str, Shelved] = OrderedDict()
        self._broken: dict[str, str] = {}  # by model: why it does not load
        self._main: Shelved | None = None
        self._learnt: LearntStance | None = None

    def learn(self, learnt: LearntStance | None, config: str) -> None:
        """Let the stance of all pipelines, those to come too, go by what was learnt (None: the rules alone).

        ``config`` is their hash of settings from now on.
        """
        self._learnt, self._config = learnt, config
        if self._main is not None:
            self._main = self._taught(self._main)
        for shelf in (self._models, self._blanks):
            for key, shelved in shelf.items():
                shelf[key] = self._taught(shelved)

    def _taught(self, shelved: Shelved) -> Shelved:
        learn_stance(shelved.nlp, self._learnt)
        return replace(shelved, info=replace(shelved.info, config=self._config))

    def keep(self, nlp: Language, info: PipelineInfo) -> Shelved:
        """Put our components into the main pipeline and keep it for good."""
        self._main = _shelve(nlp, info)
        return self._main

    def get(self, code: str) -> Shelved:
        """Return the pipeline for texts in the language ``code``; one without a model where there is none.

        So it is, too, where the model cannot be loaded: the notice says why.
        """
        model = model_for(code, self._installed, self.chosen)
        main = self._main
        if main is not None and main.reads(code) and (model is None or model.name == main.info.name):
            return main
        if model is None or model.name in self._broken:
            return self._blank(code, self._broken.get(model.name) if model is not None else None)
        shelved = self._models.pop(model.name, None)
        if shelved is None:
            while len(self._models) >= MODELS:
                self._models.popitem(last=False)  # before the next one is loaded, or there were three
            try:
                shelved = _shelve(load(model.name), PipelineInfo(model.name, model.version, self._config))
                learn_stance(shelved.nlp, self._learnt)
            except PipelineError as error:
                self._broken[model.name] = str(error)
                return self._blank(code, str(error))
        self._models[model.name] = shelved
        return shelved

    def _blank(self, code: str, broken: str | None) -> Shelved:
        shelved = self._blanks.pop(code, None)
        if shelved is None:
            while len(self._blanks) >= BLANKS:
                self._blanks.popitem(last=False)
            nlp = blank_language(code)
            add_components(nlp)
            learn_stance(nlp, self._learnt)
            shelved = Shelved(nlp, blank_info(code, self._config), broken or without_model(code))
        self._blanks[code] = shelved
        return shelved


def _shelve(nlp: Language, info: PipelineInfo) -> Shelved:
    reads_names = bool(nlp.pipe_names)
    add_components(nlp)
    return Shelved(nlp, info, None if reads_names else f"{info.name} does not find names: {HOW_TO_INSTALL}.")


def without_model(code: str) -> str:
    """Return what the panel says about an article in a language without a model."""
    return (
        f"No spaCy model for {language_name(code)} is installed: names come from the gazetteer only. "
        "Tools > Models tells how to get one."
    )


def blank_info(code: str, config: str) -> PipelineInfo:
    """Return the name and version of the pipeline without a model."""
    return PipelineInfo(no_model(code), spacy.about.__version__, config)


def blank_language(code: str) -> Language:
    """Return spaCy's rules for the language, or those for any language where it has none (installed)."""
    try:
        return spacy.blank(code)
    except ImportError:
        return spacy.blank(ANY_LANGUAGE)
