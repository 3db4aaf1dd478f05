"""Judge the stance of an article by the cues in it, and show the sentences that speak for it.

How a cue counts::

    weight of the cue                        0.5 to 3, from the cue list
      x 2 in the headline, x 1.5 in the lead (the first two sentences of prose)
      / n for the cue's n-th time            so that one repeated term cannot carry an article
      x 0.5 after a negation within three words, for a side's own name for a thing also after "so-called",
                                             "calls it" and the like, and inside quotation marks of its own

Sentences that repeat an earlier one word for word (captions, headlines) count once. With W and R the sums
for the sides and m = min(W, R), each label has a mass, and ``scores`` are the masses divided by their sum
(additive smoothing, so that one cue is never a certainty; what stands against each other counts for
neutral)::

    pro-West:   W - m/2 + 0.5       pro-Russia: R - m/2 + 0.5
    neutral:    m + 2 * max(1, sqrt(words / 400))

They are shares of evidence, not calibrated probabilities. The label is the highest score, or None (not
sure) where its lead over the second is under 0.1, where all cues together count less than 1.5, or
where no cue stands in fewer than 100 words.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from spacy.tokens import Doc

from annotator.model import Suggestion
from annotator.nlp.stance.cues import SIDES, Cue, CueMatcher
from annotator.nlp.stance.sentences import Sentence, split

COMPONENT = "stance"
STANCE_LABELS = ("pro-West", "neutral", "pro-Russia")

HEADLINE_FACTOR = 2.0
LEAD_FACTOR = 1.5
DOUBTED_FACTOR = 0.5
DOUBT_REACH = 3  # words before the cue
SIDE_MASS = 0.5
NEUTRAL_MASS = 2.0
TYPICAL_WORDS = 400
LEAST_MARGIN = 0.1
LEAST_TOTAL = 1.5
LEAST_WORDS = 100  # in so many words without a cue, plain reporting is the better guess
MOST_EVIDENCE = 5

_NEGATIONS = frozenset(
    {"not", "no", "never", "n't", "n’t", "without", "neither", "nor", "denies", "denied", "deny", "rejects",
     "rejected", "dismissed", "dismisses"}
)  # fmt: skip
# Before a side's own name for a thing, these say that the article does not call it so itself.
_ATTRIBUTIONS = frozenset(
    {"so-called", "calls", "called", "alleged", "alleges", "allegedly", "claims", "claimed", "supposed",
     "supposedly"}
)  # fmt: skip
_QUOTES = frozenset("\"“”„«»'‘’``''")

_SETTINGS = (
    HEADLINE_FACTOR, LEAD_FACTOR, DOUBTED_FACTOR, DOUBT_REACH, SIDE_MASS, NEUTRAL_MASS, TYPICAL_WORDS,
    LEAST_MARGIN, LEAST_TOTAL, LEAST_WORDS, MOST_EVIDENCE, sorted(_NEGATIONS), sorted(_ATTRIBUTIONS),
)  # fmt: skip


def settings() -> str:
    """Return all that decides a judgement beside the cues, for the pipeline's configuration hash."""
    return repr(_SETTINGS)


@dataclass(frozen=True, slots=True)
class Hit:
    """A cue in its place: the article's own words, which sentence, how it counts, whether it is doubted."""

    cue: Cue
    words: str
    sentence: int
    strength: float
    doubted: bool


def judge(doc: Doc, find_cues: CueMatcher) -> Suggestion:
    """Return the one stance suggestion for the whole article that ``doc`` holds.

    ``doc`` needs its sentences set; ``evidence`` are ranges of ``doc.text`` in code points, the strongest
    sentence first: up to five that speak for the label (for both sides where it is neutral or None), or
    the first sentence of prose where no cue was found. Only an empty text has none.
    """
    sentences = split(doc)
    hits = _weigh(doc, find_cues, sentences)
    totals: dict[str, float] = dict.fromkeys(SIDES, 0.0)
    for hit in hits:
        totals[hit.cue.side] += hit.strength
    words = sum(sentence.words for sentence in sentences)
    scores = _scores(totals["pro-West"], totals["pro-Russia"], words)
    readable = find_cues.reads(doc)
    label = _label(scores, sum(totals.values()), words) if readable else None
    speaking = [hit for hit in hits if label not in SIDES or hit.cue.side == label]
    if hits:
        evidence = _strongest(speaking, sentences)
        reason = _reason(label, hits, totals)
    else:
        evidence = _lead_sentence(doc, sentences)
        reason = _reason_without_cues(label, readable, words)
    return Suggestion(
        layer="stance",
        label=label,
        start=None,
        end=None,
        component=COMPONENT,
        reason=reason,
        score=None if label is None else scores[label],
        scores=scores if readable else None,
        evidence=evidence,
    )


def _weigh(doc: Doc, find_cues: CueMatcher, sentences: Sequence[Sentence]) -> list[Hit]:
    text = doc.text  # put together anew at each access
    starts = [sentence.start for sentence in sentences]
    times: Counter[str] = Counter()
    seen: dict[str, int] = {}
    hits = []
    for cue, start, end in find_cues(doc):
        number = max(0, bisect_right(starts, doc[start].idx) - 1)
        if not sentences or not sentences[number].start <= doc[start].idx < sentences[number].end:
            continue  # in boilerplate or a caption
        sentence = sentences[number]
        wording = text[sentence.start : sentence.end].strip(' ."”').casefold()
        if seen.setdefault(wording, number) != number:
            continue
        times[cue.text] += 1
        doubted = _doubted(doc, start, end, cue.kind)
        factor = {"headline": HEADLINE_FACTOR, "lead": LEAD_FACTOR}.get(sentence.role, 1.0)
        factor *= DOUBTED_FACTOR if doubted else 1.0
        words = " ".join(doc[start:end].text.split())
        hits.append(Hit(cue, words, number, cue.weight * factor / times[cue.text], doubted))
    return hits


def _doubted(doc: Doc, start: int, end: int, kind: str) -> bool:
    """Tell whether the cue ``doc[start:end]`` is negated, called so-called, or in quotation marks itself."""
    if start and end < len(doc) and doc[start - 1].text in _QUOTES and doc[end].text.strip(",.") in _QUOTES:
        return True
    words = _NEGATIONS | _ATTRIBUTIONS if kind == "terminology" else _NEGATIONS
    return any(token.lower_ in words for token in doc[max(0, start - DOUBT_REACH) : start])


def _scores(west: float, russia: float, words: int) -> dict[str, float]:
    both = min(west, russia)
    masses = {
        "pro-West": west - both / 2 + SIDE_MASS,
        "neutral": both + NEUTRAL_MASS * max(1.0, math.sqrt(words / TYPICAL_WORDS)),
        "pro-Russia": russia - both / 2 + SIDE_MASS,
    }
    total = sum(masses.values())
    return {label: masses[label] / total for label in STANCE_LABELS}


def _label(scores: dict[str, float], total: float, words: int) -> str | None:
    if total == 0:
        return "neutral" if words >= LEAST_WORDS else None
    first, second = sorted(scores, key=lambda label: -scores[label])[:2]
    if total < LEAST_TOTAL or scores[first] - scores[second] < LEAST_MARGIN:
        return None
    return first


def _strongest(hits: Iterable[Hit], sentences: Sequence[Sentence]) -> tuple[tuple[int, int], ...]:
    strengths: defaultdict[int, float] = defaultdict(float)
    for hit in hits:
        strengths[hit.sentence] += hit.strength
    ranked = sorted(strengths, key=lambda number: (-strengths[number], number))
    return tuple((sentences[n].start, sentences[n].end) for n in ranked[:MOST_EVIDENCE])


def _lead_sentence(doc: Doc, sentences: Sequence[Sentence]) -> tuple[tuple[int, int], ...]:
    for role in ("lead", "headline", "other"):
        for sentence in sentences:
            if sentence.role == role:
                return ((sentence.start, sentence.end),)
    return ()


def _reason(label: str | None, hits: Sequence[Hit], totals: dict[str, float]) -> str:
    parts = []
    sides = [label] if label in SIDES else sorted(SIDES, key=lambda side: -totals[side])
    for side in sides:
        kinds: dict[str, dict[str, None]] = {}
        for hit in sorted(hits, key=lambda hit: -hit.strength):
            if hit.cue.side == side:
                phrase = f"“{hit.words}”" + (" (doubted, counts half)" if hit.doubted else "")
                kinds.setdefault(hit.cue.kind, {}).setdefault(phrase)
        for kind, phrases in list(kinds.items())[:3]:
            shown = ", ".join(list(phrases)[:4])
            parts.append(f"{shown}: {kind} → {'West' if side == 'pro-West' else 'Russia'}")
    weights = f"weights {totals['pro-West']:.1f} West, {totals['pro-Russia']:.1f} Russia"
    verdict = {None: "Not sure: too little, or both sides alike. ", "neutral": "Not enough for a side. "}
    return f"{verdict.get(label, '')}{'; '.join(parts)} ({weights})"


def _reason_without_cues(label: str | None, readable: bool, words: int) -> str:
    if not words:
        return "The article has no text."
    if not readable:
        return "Not judged: the cue words are English and this text is not; shown is its first sentence."
    ending = "so plain reporting is likely" if label == "neutral" else "and the text is short"
    return f"No side-marked wording was found, {ending}; shown is the lead sentence."
