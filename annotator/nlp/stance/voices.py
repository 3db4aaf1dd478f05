"""Whose voice a sentence is: quoted and reported speech, put down to the bloc of its speaker.

See ``resources/stance/voices.toml``. A voice counts only where the speaker touches the axis at all: an
official's greetings to a hospital are nobody's side.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from spacy.language import Language
from spacy.tokens import Doc

from annotator.nlp.stance.cues import read_list
from annotator.nlp.stance.frames import Mention
from annotator.nlp.stance.phrases import PhraseFinder
from annotator.nlp.stance.sentences import Sentence
from annotator.resources import resource

SPEAKER_REACH = 7  # words between a speaker and the verb
AXIS_FULL = 3  # touches of the axis that make a voice count in full
OFFICIAL_WORDS = 25  # at the beginning of a text, where an official text names its speaker

Word = Literal["speech", "again", "axis", "official"]


_MARKS = frozenset('"“”„«»')


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks in a sentence, and how often what is said touches the axis.

    ``official``: the whole text is this speaker's (a statement, a speech), so nobody quotes them.
    """

    bloc: Literal["West", "Russia"]
    speaker: str
    touches: int
    official: bool


class VoiceFinder:
    """Finds the speaker of each sentence."""

    def __init__(self, nlp: Language) -> None:
        voices, _ = read_list(resource("stance", "voices.toml"))
        self.distance = _phrases(voices.get("distance", ()))
        self.reported = _phrases(voices.get("reported", ()))
        self._inverted = _phrases(voices.get("inverted", ()))
        self.negations = _phrases(voices.get("negations", ()))
        kinds: tuple[Word, ...] = ("speech", "again", "axis", "official")
        self._words = {
            kind: PhraseFinder[Word](nlp, [(kind, word) for word in voices.get(kind, ())]) for kind in kinds
        }

    def __call__(
        self, doc: Doc, sentences: Sequence[Sentence], actors: Sequence[Mention]
    ) -> list[Voice | None]:
        """Return each sentence's voice, None where the article speaks itself or nobody of a bloc does."""
        starts = [sentence.start for sentence in sentences]
        found = {
            kind: _by_sentence([(doc[a].idx, a, b) for _, a, b in finder(doc)], starts)
            for kind, finder in self._words.items()
        }
        named = _by_sentence([(doc[m.start].idx, m.start, m.end) for m in actors], starts)
        mentions = {(m.start, m.end): m for m in actors}
        official = _official(
            doc, actors, sentences, bool(found["official"].get(0) or found["official"].get(1))
        )
        last: Mention | None = official
        voices: list[Voice | None] = []
        for number, sentence in enumerate(sentences):
            speaker = None
            here = [mentions[span] for span in named.get(number, ())]
            for verb, verb_end in found["speech"].get(number, ()):
                after = doc[verb:verb_end].text.lower() in self._inverted
                speaker = speaker or _speaker(doc, here, verb, verb_end, after)
            quoting = sentence.quoted or bool(found["speech"].get(number))
            if speaker is not None:
                last = speaker
            elif quoting and (sentence.quoted or found["again"].get(number)):
                speaker = last
            elif official is not None:
                speaker = official
            if speaker is None or speaker.bloc == "third":
                voices.append(None)
                continue
            others = sum(mention.bloc != speaker.bloc for mention in here)
            touches = others + len(found["axis"].get(number, ()))
            voices.append(Voice(speaker.bloc, speaker.name, touches, official is not None))
        return voices


def shares(sentences: Sequence[Sentence], voices: Sequence[Voice | None]) -> dict[str, float]:
    """Return the share of the article's words that the voices of each bloc have, from 0 to 1."""
    words = sum(sentence.words for sentence in sentences) or 1
    return {
        bloc: sum(s.words for s, v in zip(sentences, voices, strict=True) if v is not None and v.bloc == bloc)
        / words
        for bloc in ("West", "Russia")
    }


def _phrases(words: Sequence[str]) -> frozenset[str]:
    return frozenset(words)


def _by_sentence(
    spans: Sequence[tuple[int, int, int]], starts: Sequence[int]
) -> dict[int, list[tuple[int, int]]]:
    found: dict[int, list[tuple[int, int]]] = {}
    for offset, start, end in spans:
        number = max(0, bisect_left(starts, offset + 1) - 1)
        found.setdefault(number, []).append((start, end))
    return found


def _speaker(
    doc: Doc, actors: Sequence[Mention], verb: int, verb_end: int, after_verb: bool
) -> Mention | None:
    """Return the actor nearest before the verb, else the one after it if that may be its subject.

    Who is named inside the quotation that ends before the verb is spoken of and does not speak.
    """
    before = [
        actor
        for actor in actors
        if 0 <= verb - actor.end <= SPEAKER_REACH
        and sum(token.text in _MARKS for token in doc[actor.end : verb]) % 2 == 0
    ]
    after = [actor for actor in actors if after_verb and 0 <= actor.start - verb_end <= SPEAKER_REACH // 2]
    return before[-1] if before else (after[0] if after else None)


def _official(
    doc: Doc, actors: Sequence[Mention], sentences: Sequence[Sentence], names: bool
) -> Mention | None:
    """Return the one speaker whose official text this is, or None.

    It says so in its headline or first sentence ("remarks", "greetings"), and the first to be named there
    is its speaker.
    """
    if not names or not sentences:
        return None
    first = [actor for actor in actors if actor.start < OFFICIAL_WORDS]
    return first[0] if first else None
