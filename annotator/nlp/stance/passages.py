"""Stance suggestions for single sentences: the few that are clearly marked, with holder and target."""

from __future__ import annotations

from collections import defaultdict

from annotator.model import Suggestion
from annotator.nlp.stance.cues import SIDES
from annotator.nlp.stance.evidence import COMPONENT, Hit, Judgement, describe
from annotator.nlp.stance.frames import SIDE_OF

LEAST_WEIGHT = 2.5  # of the words in the sentence, before headline and repetition are counted in
LEAST_SHARE = 0.85  # of the sentence's weights that speak for one side
MOST = 5

SETTINGS = (LEAST_WEIGHT, LEAST_SHARE, MOST)


def passages(judgement: Judgement) -> list[Suggestion]:
    """Return suggestions for the clearly marked sentences in text order, at most ``MOST``.

    ``start`` and ``end`` are code points of the text. The holder is who is quoted in the sentence, the
    target the actor that its strongest words are about; each None where nobody is named.
    """
    by_sentence: defaultdict[int, list[Hit]] = defaultdict(list)
    for hit in judgement.hits:
        if hit.kind != "voice":
            by_sentence[hit.sentence].append(hit)
    marked = []
    for number, hits in by_sentence.items():
        sums = {side: sum(hit.raw for hit in hits if hit.side == side) for side in SIDES}
        side = max(SIDES, key=lambda side: sums[side])
        if sums[side] >= LEAST_WEIGHT and sums[side] >= LEAST_SHARE * sum(sums.values()):
            marked.append((sums[side], number, side, [hit for hit in hits if hit.side == side]))
    found = []
    for _, number, side, hits in sorted(
        sorted(marked, key=lambda m: (-m[0], m[1]))[:MOST], key=lambda m: m[1]
    ):
        sentence, voice = judgement.sentences[number], judgement.voices[number]
        holder = voice.speaker if voice is not None and SIDE_OF[voice.bloc] == side else None
        about = [hit for hit in sorted(hits, key=lambda hit: -hit.raw) if hit.about]
        found.append(
            Suggestion(
                layer="stance",
                label=side,
                start=sentence.start,
                end=sentence.end,
                component=COMPONENT,
                reason=_reason(describe(hits, side), holder, about[0].about if about else None),
                holder=holder,
                target=about[0].about if about else None,
            )
        )
    return found


def _reason(parts: list[str], holder: str | None, target: str | None) -> str:
    who = [f"said by {holder}"] if holder else []
    whom = [f"about {target}"] if target else []
    return "; ".join([*parts, *who, *whom])
