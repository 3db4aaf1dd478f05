"""Judge the stance of an article by its words, and show the sentences that speak for it.

How a word counts::

    weight                                   from the lists: 0.3 to 3
      x 2 in the headline, x 1.5 in the lead (the first two sentences of prose)
      / n for its n-th time                  so that one repeated term cannot carry an article
      x 0.6 in what somebody of a side is quoted or reported to say
      x 0.5 negated (for an evaluation: and for the other side), or reported as what somebody else says
      x 0.5 and for the other side           a side's own name for a thing, in quotation marks of its own
                                             or after "so-called", "alleged" and the like

Three kinds of words count: terms (:mod:`cues`), evaluations of an actor and steps of third countries
(:mod:`frames`), and the voices of officials (:mod:`voices`): what one side's speakers say beyond the share
of the other's counts up to ``VOICE_WEIGHT``, as far as it touches the axis and the article's other words do
not speak against it: a commentary quotes a side at length to attack it. Boilerplate, captions and
sentences that repeat an earlier one word for word count nothing.

With W and R the sums for the sides, ``scores`` are the softmax (e to the power of each, divided by their sum)
of::

    pro-West:   1.6 ln(1 + W) - 0.5 ln(1 + R)
    pro-Russia: 1.6 ln(1 + R) - 0.5 ln(1 + W)
    neutral:    2.0

The logarithm keeps a long article from certainty; where both sides are strong, both fall against neutral. How
the constants were set is told in docs/suggestions.md. The label is the highest score, or None (not
sure) where its lead over the second is under ``LEAST_MARGIN``, where the other side's sum is more than
``MOST_OPPOSED`` of the label's own, or where too little for a side stands in fewer than ``LEAST_WORDS``
words. Once there are enough labels, the scores are the mean of these and of what was learnt
(:mod:`classifier`).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from spacy.language import Language
from spacy.tokens import Doc

from annotator.model import Suggestion
from annotator.nlp.gazetteer import Match
from annotator.nlp.stance.classifier import STANCE_LABELS, Prediction
from annotator.nlp.stance.cues import SIDES, CueMatcher, Side, load_cues
from annotator.nlp.stance.frames import FrameFinder, Mention
from annotator.nlp.stance.sentences import Sentence, split
from annotator.nlp.stance.voices import AXIS_FULL, Voice, VoiceFinder, shares

COMPONENT = "stance"

HEADLINE_FACTOR = 2.0
LEAD_FACTOR = 1.5
DOUBTED_FACTOR = 0.5
DOUBT_REACH = 3  # words before
LONGEST_SCARE = 4  # words in quotation marks; more is a quotation
QUOTED_FACTOR = 0.6
VOICE_WEIGHT = 2.0
FOR_SIDE = 1.6
AGAINST_SIDE = 0.5
FOR_NEUTRAL = 2.0
LEAST_MARGIN = 0.05
MOST_OPPOSED = 0.25  # of the label's own weights; more against it is no clear side
LEAST_WORDS = 100  # fewer that are for no side are no plain report yet
MOST_EVIDENCE = 5
_QUOTES = frozenset("\"“”„«»'‘’``''")

_SETTINGS = (
    HEADLINE_FACTOR, LEAD_FACTOR, DOUBTED_FACTOR, DOUBT_REACH, LONGEST_SCARE, QUOTED_FACTOR, VOICE_WEIGHT,
    FOR_SIDE, AGAINST_SIDE, FOR_NEUTRAL, LEAST_MARGIN, MOST_OPPOSED, LEAST_WORDS, MOST_EVIDENCE,
)  # fmt: skip


def settings() -> str:
    """Return all that decides a judgement beside the word lists, for the pipeline's configuration hash."""
    return repr(_SETTINGS)


@dataclass(frozen=True, slots=True)
class Hit:
    """Words in their place: which sentence, for which side and how much they count, and why.

    ``raw`` is the weight before headline, lead and repetition are counted in; ``note`` says what was special
    ("in scare quotes"); ``about`` is the actor they evaluate.
    """

    words: str
    sentence: int
    side: Side
    strength: float
    raw: float
    kind: str
    note: str = ""
    about: str | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """All that was found in an article; ``scores`` are the rules' probabilities."""

    sentences: tuple[Sentence, ...]
    hits: tuple[Hit, ...]
    voices: tuple[Voice | None, ...]
    totals: dict[str, float]
    words: int
    readable: bool
    scores: dict[str, float]


class Judge:
    """Judges articles by the word lists that come with the program."""

    def __init__(self, nlp: Language) -> None:
        self.find_cues = CueMatcher(nlp, load_cues())
        self._frames = FrameFinder(nlp)
        self._voices = VoiceFinder(nlp)

    def __call__(self, doc: Doc) -> Judgement:
        """Judge ``doc``, which needs its sentences set."""
        text = doc.text  # put together anew at each access
        sentences = split(doc, text)
        words = sum(sentence.words for sentence in sentences)
        if not self.find_cues.reads(doc):
            return Judgement(tuple(sentences), (), (), dict.fromkeys(SIDES, 0.0), words, False, {})
        actors = self._frames.actors(doc)
        voices = self._voices(doc, sentences, actors)
        hits = self._hits(doc, text, sentences, actors, voices)
        hits += _voice_hits(sentences, voices, hits)
        totals: dict[str, float] = dict.fromkeys(SIDES, 0.0)
        for hit in hits:
            totals[hit.side] += hit.strength
        scores = _scores(totals["pro-West"], totals["pro-Russia"])
        return Judgement(tuple(sentences), tuple(hits), tuple(voices), totals, words, True, scores)

    def _hits(
        self,
        doc: Doc,
        text: str,
        sentences: Sequence[Sentence],
        actors: Sequence[Mention],
        voices: Sequence[Voice | None],
    ) -> list[Hit]:
        counter = _Counter(doc, text, sentences, voices)
        used: set[int] = set()
        names = doc._.gazetteer if Doc.has_extension("gazetteer") else ()
        for cue, start, end in self.find_cues(doc):
            if _is_part_of_name(doc, names, start, end):
                continue  # the Office for Democratic Institutions, whoever writes of it
            used.update(range(start, end))
            doubt = self._doubt(doc, start, end, named=cue.kind == "terminology")
            about = next((actor.name for actor in actors if start <= actor.start < end), None)
            counter.add(cue.text, start, end, cue.side, cue.weight, cue.kind, doubt, about)
        found = [*self._frames.frames(doc, actors), *self._frames.steps(doc)]
        for frame in sorted(found, key=lambda frame: frame.start):
            if not used.isdisjoint(range(frame.word, frame.word_end)):
                continue
            if _is_part_of_name(doc, names, frame.word, frame.word_end):
                continue  # the Shanghai Cooperation Organisation
            if _in_scare_quotes(doc, frame.word, frame.word_end):
                continue  # somebody else's evaluation, and not clear whose
            used.update(range(frame.word, frame.word_end))
            doubt = self._doubt(doc, frame.word, frame.word_end, named=False)
            key = f"{doc[frame.word : frame.word_end].text.lower()} {frame.side}"
            counter.add(
                key, frame.start, frame.end, frame.side, frame.weight, frame.kind, doubt, frame.about.name
            )
        return counter.hits

    def _doubt(self, doc: Doc, start: int, end: int, *, named: bool) -> str:
        """Return what takes from the words ``doc[start:end]``: a key of ``_DOUBTS``, or nothing."""
        before = doc[max(0, start - DOUBT_REACH) : start]
        said = before.text.lower()
        lowered = {token.lower_ for token in before}
        reported = _has(self._voices.reported, said, lowered)
        if named:
            if _has(self._voices.distance, said, lowered):
                return "distance"
            if _in_scare_quotes(doc, start, end):
                return "reported" if reported else "scare quotes"
            if reported:
                return "reported"
        if _has(self._voices.negations, said, lowered):
            return "negated name" if named else "negated"
        return ""


_DOUBTS = {
    "distance": "the writer doubts the name",
    "scare quotes": "in scare quotes",
    "reported": "reported as another's words, counts half",
    "negated": "negated",
    "negated name": "negated, counts half",
}
_TURNED = frozenset({"distance", "scare quotes", "negated"})


class _Counter:
    """Weighs words by their place and how often they came before."""

    def __init__(
        self, doc: Doc, text: str, sentences: Sequence[Sentence], voices: Sequence[Voice | None]
    ) -> None:
        self._doc, self._text, self._sentences, self._voices = doc, text, sentences, voices
        self._starts = [sentence.start for sentence in sentences]
        self._times: Counter[str] = Counter()
        self._seen: dict[str, int] = {}
        self._repeats: dict[int, bool] = {}
        self.hits: list[Hit] = []

    def _repeated(self, number: int) -> bool:
        """Tell whether the sentence says word for word what one before it says."""
        if number not in self._repeats:
            sentence = self._sentences[number]
            wording = self._text[sentence.start : sentence.end].strip(' ."”').casefold()
            self._repeats[number] = self._seen.setdefault(wording, number) != number
        return self._repeats[number]

    def add(
        self,
        key: str,
        start: int,
        end: int,
        side: Side,
        weight: float,
        kind: str,
        doubt: str,
        about: str | None = None,
    ) -> None:
        number = bisect_right(self._starts, self._doc[start].idx) - 1
        if number < 0:
            return
        sentence = self._sentences[number]
        if self._doc[start].idx >= sentence.end:
            return  # in boilerplate or a caption
        if self._repeated(number):
            return
        self._times[key] += 1
        factor = {"headline": HEADLINE_FACTOR, "lead": LEAD_FACTOR}.get(sentence.role, 1.0)
        voice = self._voices[number]
        if voice is not None and not voice.official:
            factor *= QUOTED_FACTOR
        if doubt:
            weight *= DOUBTED_FACTOR
        if doubt in _TURNED:
            side = "pro-Russia" if side == "pro-West" else "pro-West"
        words = " ".join(self._doc[start:end].text.split())
        strength = weight * factor / self._times[key]
        self.hits.append(Hit(words, number, side, strength, weight, kind, _DOUBTS.get(doubt, ""), about))


def _has(phrases: frozenset[str], said: str, words: set[str]) -> bool:
    if not phrases.isdisjoint(words):
        return True
    # "so-called" is three tokens, "described as" two.
    return any((" " in phrase or "-" in phrase) and phrase in said for phrase in phrases)


def _is_part_of_name(doc: Doc, names: Sequence[Match], start: int, end: int) -> bool:
    """Tell whether ``doc[start:end]`` is a part, and not the whole, of one of ``names`` (in text order)."""
    first, last = doc[start].idx, doc[end - 1].idx + len(doc[end - 1])
    number = bisect_right(names, first, key=lambda name: name.start) - 1
    return (
        number >= 0
        and last <= names[number].end
        and (first, last) != (names[number].start, names[number].end)
    )


def _in_scare_quotes(doc: Doc, start: int, end: int) -> bool:
    if not start or end >= len(doc) or end - start > LONGEST_SCARE:
        return False
    return doc[start - 1].text in _QUOTES and doc[end].text.strip(",.") in _QUOTES


def _voice_hits(
    sentences: Sequence[Sentence], voices: Sequence[Voice | None], hits: Sequence[Hit]
) -> list[Hit]:
    """Return what the voices of the side that is heard more count, spread over its sentences."""
    share = shares(sentences, voices)
    bloc = "West" if share["West"] >= share["Russia"] else "Russia"
    side: Side = "pro-West" if bloc == "West" else "pro-Russia"
    mine = [(n, voice) for n, voice in enumerate(voices) if voice and voice.bloc == bloc and voice.touches]
    touches = sum(voice.touches for _, voice in mine)
    if not touches:
        return []
    with_it = 1 + sum(hit.strength for hit in hits if hit.side == side)
    against = sum(hit.strength for hit in hits if hit.side != side)
    total = VOICE_WEIGHT * abs(share["West"] - share["Russia"]) * min(1.0, touches / AXIS_FULL)
    total *= with_it / (with_it + against)
    return [
        Hit(voice.speaker, n, side, strength, strength, "voice")
        for n, voice in mine
        if (strength := total * voice.touches / touches)
    ]


def judge(judgement: Judgement, learnt: Prediction | None = None) -> Suggestion:
    """Return the one stance suggestion for the whole article.

    ``learnt`` is averaged with what the rules say. ``evidence`` are ranges of the text in code points, the
    strongest sentence first: up to five that speak for the label (for both sides where it is neutral or
    None), or the first sentence of prose where nothing counts. Only an empty text has none.
    """
    j = judgement
    scores, least_margin = j.scores, LEAST_MARGIN
    if learnt is not None:
        least_margin /= 2  # so small is the margin of the mean where the model cannot tell
        scores = {label: (j.scores[label] + learnt.scores[label]) / 2 for label in STANCE_LABELS}
    label = decide(scores, j.totals, j.words, least_margin) if j.readable else None
    speaking = [hit for hit in j.hits if label not in SIDES or hit.side == label]
    if speaking:
        evidence = _strongest(speaking, j.sentences)
        reason = _reason(label, j.hits, j.totals)
    else:
        evidence = _lead_sentence(j.sentences)
        reason = _reason_without_cues(label, j.readable, j.words)
    if learnt is not None and j.readable:
        reason += f" {_learnt_reason(learnt)}"
    return Suggestion(
        layer="stance",
        label=label,
        start=None,
        end=None,
        component=COMPONENT,
        reason=reason,
        score=None if label is None else scores[label],
        scores=scores if j.readable else None,
        evidence=evidence,
    )


def _learnt_reason(learnt: Prediction) -> str:
    likeliest = max(learnt.scores, key=lambda label: learnt.scores[label])
    words = ", ".join(f"“{word}”" for word in learnt.words) or "no word of it is known"
    return f"Learnt from {learnt.labels} labels: {likeliest} {learnt.scores[likeliest]:.2f} ({words})."


def _scores(west: float, russia: float) -> dict[str, float]:
    w, r = math.log1p(west), math.log1p(russia)
    powers = {
        "pro-West": math.exp(FOR_SIDE * w - AGAINST_SIDE * r),
        "neutral": math.exp(FOR_NEUTRAL),
        "pro-Russia": math.exp(FOR_SIDE * r - AGAINST_SIDE * w),
    }
    total = sum(powers.values())
    return {label: power / total for label, power in powers.items()}


def decide(
    scores: Mapping[str, float],
    totals: Mapping[str, float],
    words: int,
    least_margin: float = LEAST_MARGIN,
) -> str | None:
    """Return the label, or None where the margin or the evidence is thin.

    ``totals`` are the sums for the sides, ``words`` the length of the article's own prose.
    """
    first, second = sorted(scores, key=lambda label: -scores[label])[:2]
    total = sum(totals.values())
    if scores[first] - scores[second] < least_margin or (first not in totals and words < LEAST_WORDS):
        return None
    if first in totals and total - totals[first] > MOST_OPPOSED * totals[first]:
        return None
    return first


def _strongest(hits: Iterable[Hit], sentences: Sequence[Sentence]) -> tuple[tuple[int, int], ...]:
    strengths: defaultdict[int, float] = defaultdict(float)
    for hit in hits:
        strengths[hit.sentence] += hit.strength
    ranked = sorted(strengths, key=lambda number: (-strengths[number], number))
    return tuple((sentences[n].start, sentences[n].end) for n in ranked[:MOST_EVIDENCE])


def _lead_sentence(sentences: Sequence[Sentence]) -> tuple[tuple[int, int], ...]:
    for role in ("lead", "headline", "other"):
        for sentence in sentences:
            if sentence.role == role:
                return ((sentence.start, sentence.end),)
    return ()


def describe(hits: Iterable[Hit], side: str) -> list[str]:
    """Return which words counted for ``side`` and how, a part for each kind, the strongest first."""
    kinds: dict[str, dict[str, None]] = {}
    for hit in sorted(hits, key=lambda hit: -hit.strength):
        if hit.side == side:
            phrase = hit.words if hit.kind == "voice" else f"“{hit.words}”"
            phrase += f" ({hit.note})" if hit.note else ""
            kinds.setdefault(hit.kind, {}).setdefault(phrase)
    bloc = "West" if side == "pro-West" else "Russia"
    return [f"{', '.join(list(phrases)[:4])}: {kind} → {bloc}" for kind, phrases in list(kinds.items())[:4]]


def _reason(label: str | None, hits: Sequence[Hit], totals: dict[str, float]) -> str:
    sides = [label] if label in SIDES else sorted(SIDES, key=lambda side: -totals[side])
    parts = [part for side in sides for part in describe(hits, side)]
    weights = f"weights {totals['pro-West']:.1f} West, {totals['pro-Russia']:.1f} Russia"
    verdict = {None: "Not sure: too little, or both sides alike. ", "neutral": "Not enough for a side. "}
    return f"{verdict.get(label, '')}{'; '.join(parts)} ({weights})"


def _reason_without_cues(label: str | None, readable: bool, words: int) -> str:
    if not words:
        return "The article has no text."
    if not readable:
        return "Not judged: the cue words are English and this text is not; shown is its first sentence."
    endings = {"neutral": "so plain reporting is likely", None: "and the text is short"}
    ending = endings.get(label, "so only what was learnt speaks for it")
    return f"No side-marked wording was found, {ending}; shown is the lead sentence."
