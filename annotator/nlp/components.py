"""Annotator's own spaCy components, registered by importing this module."""

from __future__ import annotations

from typing import Any

from spacy.language import Language
from spacy.tokens import Doc
from spacy.util import compile_infix_regex, compile_prefix_regex, compile_suffix_regex

from annotator.nlp.gazetteer import GAZETTEER
from annotator.nlp.stance.classifier import LearntStance
from annotator.nlp.stance.evidence import Judge, judge
from annotator.nlp.stance.passages import passages
from annotator.nlp.stance.sentences import prose
from annotator.nlp.zones import find_zones

PARAGRAPHS = "annotator_paragraphs"
STANCE = "stance"
ZONES = "zones"

if not Doc.has_extension("stance"):
    Doc.set_extension("stance", default=None)
    Doc.set_extension("stance_passages", default=())
if not Doc.has_extension("zones"):
    Doc.set_extension("zones", default=None)  # tuple of Zone: what counts, in reading order


@Language.component(PARAGRAPHS)
def end_sentences_at_line_breaks(doc: Doc) -> Doc:
    """Start a sentence after each line break: headlines and captions have no full stop."""
    after_break = False
    for token in doc:
        if token.is_space:
            # White space goes with the sentence before it, or it would be a sentence of its own.
            token.is_sent_start = token.i == 0
            after_break = after_break or "\n" in token.text
        elif after_break:
            token.is_sent_start = True
            after_break = False
    return doc


@Language.component(ZONES)
def set_zones(doc: Doc) -> Doc:
    """Put the zones that are found into ``doc._.zones``, unless somebody has decided which count."""
    if doc._.zones is None:
        doc._.zones = find_zones(doc.text)
    return doc


class StanceComponent:
    """Puts the article's one stance into ``doc._.stance``, those of sentences into ``doc._.stance_passages``.

    ``learnt`` is averaged with the rules, None while there are too few labels.
    """

    def __init__(self, nlp: Language) -> None:
        self.judge = Judge(nlp)
        self.learnt: LearntStance | None = None

    def __call__(self, doc: Doc) -> Doc:
        """Judge ``doc``, whose sentences are set."""
        judgement = self.judge(doc)
        prediction = None
        if self.learnt is not None and judgement.readable:
            prediction = self.learnt(prose(doc.text, judgement.sentences))
        doc._.stance = judge(judgement, prediction)
        doc._.stance_passages = tuple(passages(judgement))
        return doc


def learn_stance(nlp: Language, learnt: LearntStance | None) -> None:
    """Give the stance component of ``nlp`` what was learnt from labels, or take it away (None)."""
    component: Any = nlp.get_pipe(STANCE)
    component.learnt = learnt


@Language.factory(STANCE)
def make_stance(nlp: Language, name: str) -> StanceComponent:
    """Make the component; spaCy calls this for ``nlp.add_pipe("stance")``."""
    return StanceComponent(nlp)


def add_components(nlp: Language) -> None:
    """Add zones and sentence rules to the beginning of ``nlp``, the gazetteer and the stance to its end."""
    # spaCy's NER lets no name cross a sentence's end that it knows of: headline and byline stay apart.
    nlp.add_pipe(PARAGRAPHS, first=True)
    nlp.add_pipe("sentencizer", first=True)
    nlp.add_pipe(ZONES, first=True)
    nlp.add_pipe(GAZETTEER)
    nlp.add_pipe(STANCE)
    _split_at_slashes(nlp)
    if nlp.lang == "en":
        _split_after_abbreviations(nlp)


def _split_at_slashes(nlp: Language) -> None:
    """Let the tokenizer cut the slashes off "/TASS/.", as agencies write their name at the beginning."""
    tokenizer: Any = nlp.tokenizer
    tokenizer.prefix_search = compile_prefix_regex([*(nlp.Defaults.prefixes or ()), "/"]).search
    # spaCy's Armenian rules leave the Armenian full stop on the word before it.
    suffixes = [*(nlp.Defaults.suffixes or ()), "/", r"(?<=/)[.,]", *(["։"] if nlp.lang == "hy" else [])]
    tokenizer.suffix_search = compile_suffix_regex(suffixes).search


def _split_after_abbreviations(nlp: Language) -> None:
    """Let the tokenizer cut "U.S.-led" as it cuts "Russia-led", so that a name can end there."""
    tokenizer: Any = nlp.tokenizer
    infixes = [*(nlp.Defaults.infixes or ()), r"(?<=[A-Z]\.)[-–](?=[A-Za-z])"]
    tokenizer.infix_finditer = compile_infix_regex(infixes).finditer
