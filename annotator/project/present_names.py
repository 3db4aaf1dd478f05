"""Suggestions under the names that labels had once, put under those they have now.

Pipelines know labels by the names of the default codebook; whoever renames one, or merges it into
another, still wants what is suggested.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from annotator.model import Suggestion


def under_present_names(
    suggestions: Iterable[Suggestion], former: Mapping[tuple[str, str], str]
) -> Iterator[Suggestion]:
    """Yield ``suggestions`` in their order; ``former`` says what (layer, former name) is called now.

    Where two labels became one, a stretch that had both suggested gets it once. The scores of such
    labels are added up.
    """
    seen: set[tuple[str, str | None, int | None, int | None]] = set()
    for s in suggestions:
        label = former.get((s.layer, s.label), s.label) if s.label is not None else None
        scores = None if s.scores is None else _scores(s.layer, s.scores, former)
        place = (s.layer, label, s.start, s.end)
        if place not in seen:
            yield s if (label, scores) == (s.label, s.scores) else replace(s, label=label, scores=scores)
        seen.add(place)


def _scores(
    layer: str, scores: Mapping[str, float], former: Mapping[tuple[str, str], str]
) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, score in scores.items():
        present = former.get((layer, name), name)
        found[present] = found.get(present, 0.0) + score
    return found
