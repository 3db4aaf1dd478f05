"""What an article's passages say about its stance: a rule that anybody can recount by hand. Pure functions.

A passage weighs its certainty, one to three; one without a certainty weighs two. The label that weighs most
is what the passages say. Where two labels weigh the same there is no answer (docs/adr/0022).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

LEAST_SURE, SUREST = 1, 3
UNSAID = 2  # what a passage weighs whose certainty nobody gave


@dataclass(frozen=True, slots=True)
class Side:
    """A label with the number of passages that say it, and what they weigh together."""

    label: str
    passages: int
    weight: int


@dataclass(frozen=True, slots=True)
class Weighed:
    """The sides in codebook order, only those with passages, and the label that weighs most.

    ``answer`` is None where there are no passages or two sides weigh the same. ``even``: all passages weigh
    the same, so that counting them says everything.
    """

    sides: tuple[Side, ...]
    answer: str | None
    even: bool

    @property
    def passages(self) -> int:
        """The number of all passages."""
        return sum(side.passages for side in self.sides)

    def differs(self, chosen: str | None) -> bool:
        """Tell whether the article's stance, where there is one, is another than the passages say."""
        return None not in (chosen, self.answer) and chosen != self.answer


def weight(certainty: int | None) -> int:
    """Return what a passage weighs; one from elsewhere, beyond one to three, the nearest."""
    return UNSAID if certainty is None else min(max(certainty, LEAST_SURE), SUREST)


def weigh(passages: Iterable[tuple[str, int | None]], order: Sequence[str]) -> Weighed:
    """Weigh passages, each (label, certainty); ``order`` are the layer's labels in codebook order."""
    numbers: Counter[str] = Counter()
    weights: Counter[str] = Counter()
    single = set()
    for label, certainty in passages:
        numbers[label] += 1
        weights[label] += weight(certainty)
        single.add(weight(certainty))
    labels = [label for label in order if label in numbers]
    labels += sorted(set(numbers) - set(labels))
    most = max(weights.values(), default=0)
    heaviest = [label for label in labels if weights[label] == most]
    return Weighed(
        tuple(Side(label, numbers[label], weights[label]) for label in labels),
        heaviest[0] if len(heaviest) == 1 else None,
        len(single) <= 1,
    )


def no_answer(weighed: Weighed) -> str:
    """Return why the passages give no answer, as a clause; "" where they give one."""
    if weighed.answer is not None:
        return ""
    if not weighed.sides:
        return "no passage is labelled in this article"
    most = max(side.weight for side in weighed.sides)
    tied = [side for side in weighed.sides if side.weight == most]
    names = f"{', '.join(side.label for side in tied[:-1])} and {tied[-1].label}"
    if weighed.even:
        return f"{names} have {_count(tied[0].passages)} each"
    return f"{names} weigh {most} each by certainty"


def in_words(weighed: Weighed, chosen: str | None) -> str:
    """Return how the passages and the article's stance (``chosen``) agree; "" without passages."""
    if not weighed.sides:
        return ""
    if weighed.answer is None:
        why = no_answer(weighed)
        return f"No answer from the passages: {why}."
    side = next(side for side in weighed.sides if side.label == weighed.answer)
    total, says = weighed.passages, "says" if side.passages == 1 else "say"
    if total == 1:
        head = f"The one passage says {side.label}"
    elif side.passages == total:
        head = f"All {total} passages say {side.label}"
    else:
        head = f"{side.passages} of {total} passages {says} {side.label}"
        if not weighed.even:
            head += f" ({side.weight} of {sum(s.weight for s in weighed.sides)} by certainty)"
    if chosen is None:
        return f"{head}; the article has no stance yet."
    if chosen == weighed.answer:
        return f"{head}: agrees with the article's stance."
    return f"{head}: differs from the article's stance, {chosen}."


def _count(passages: int) -> str:
    return f"{passages} passage{'' if passages == 1 else 's'}"
