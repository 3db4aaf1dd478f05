"""What became of suggestions, counted by SQL alone for a few articles at a time.

The same as :mod:`annotator.project.verdicts` says without its hours, misses and blind shares, nine times as
quick: those are figures to be judged by, these are looked at while the work goes on. A test holds them equal.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal

from annotator.evaluation.answers import UNKNOWN
from annotator.project.bulk import IN_BULK
from annotator.project.suggestions import IS_OPEN

if TYPE_CHECKING:
    from annotator.project.store import Project

Outcome = Literal["accepted", "corrected", "rejected", "left open", "accepted unseen"]
Key = tuple[str, str, str, Outcome]
"""Layer (a passage's stance is a layer of its own), component, suggested label, what became of it."""

_ACTS = 20_000  # a step: a few milliseconds
_LAYER = "iif(layers.name = 'stance' AND {0}.\"start\" IS NOT NULL, 'passage', layers.name)"
_WHO = "IN (SELECT id FROM annotators WHERE :who IS NULL OR name = :who)"
_UNSEEN = (
    "EXISTS (SELECT 1 FROM act_rows WHERE tbl = 'annotations' AND \"row\" = a.id AND before IS NULL "
    "AND act IN (SELECT value FROM json_each(:bulk)))"
)
_TAKEN = f"""
SELECT {_LAYER.format("a")}, coalesce(a.component, '{UNKNOWN}'),
    iif(a.origin = 'accepted', labels.name, a.seen_suggestion),
    CASE WHEN a.origin = 'corrected' THEN 'corrected' WHEN :bulk <> '[]' AND {_UNSEEN} THEN 'accepted unseen'
        ELSE 'accepted' END, count(*)
FROM annotations a JOIN layers ON layers.id = a.layer JOIN labels ON labels.id = a.label
WHERE a.article BETWEEN :first AND :last AND a.origin IN ('accepted', 'corrected')
    AND a.seen_suggestion IS NOT NULL AND a.blind IS NOT 1 AND a.annotator {_WHO}
GROUP BY 1, 2, 3, 4
"""
_MAKER = (
    "(SELECT component FROM {} s WHERE s.article = r.article AND s.layer = r.layer AND s.label = r.label "
    'AND s."start" IS r."start" AND s."end" IS r."end" LIMIT 1)'
)
# Where a suggestion was taken with other edges, its own stretch was rejected: that is one answer, not two.
_REFUSED = f"""
SELECT {_LAYER.format("r")},
    coalesce({_MAKER.format("suggestions")}, {_MAKER.format("covered")}, '{UNKNOWN}'),
    labels.name, 'rejected', count(*)
FROM rejections r JOIN layers ON layers.id = r.layer JOIN labels ON labels.id = r.label
WHERE r.article BETWEEN :first AND :last AND r.annotator {_WHO} AND NOT EXISTS (
    SELECT 1 FROM annotations a WHERE a.article = r.article AND a.annotator = r.annotator
    AND a.layer = r.layer AND a.origin = 'corrected' AND a.blind IS NOT 1 AND a.seen_suggestion = labels.name
    AND r."start" < a."end" AND a."start" < r."end"
    AND NOT (a."start" = r."start" AND a."end" = r."end"))
GROUP BY 1, 2, 3
"""
_LEFT = f"""
SELECT {_LAYER.format("s")}, s.component, labels.name, 'left open', count(*)
FROM progress p JOIN suggestions s ON s.article = p.article
JOIN layers ON layers.id = s.layer JOIN labels ON labels.id = s.label
WHERE p.article BETWEEN :first AND :last AND p.status = 'done' AND p.annotator {_WHO}
    AND {IS_OPEN.replace(":me", "p.annotator")}
GROUP BY 1, 2, 3
"""


def unseen_acts(project: Project) -> Iterator[list[int]]:
    """Yield the acts that accepted what nobody had looked at, from some thousands of acts at a time."""
    last = project.db.execute("SELECT coalesce(max(id), 0) FROM acts").fetchone()[0]
    for begin in range(0, last, _ACTS):
        found = project.db.execute(
            "SELECT id FROM acts WHERE id > ? AND id <= ? AND text GLOB ?", [begin, begin + _ACTS, IN_BULK]
        )
        yield [act for (act,) in found]


def outcomes(
    project: Project, first: int, last: int, annotator: str | None, unseen: Sequence[int]
) -> Counter[Key]:
    """Count what ``annotator`` (a name; None: all) answered in the articles from ``first`` to ``last``.

    ``unseen`` are the acts that :func:`unseen_acts` tells of.
    """
    part = {"first": first, "last": last, "who": annotator, "bulk": json.dumps(unseen)}
    found: Counter[Key] = Counter()
    for query in (_TAKEN, _REFUSED, _LEFT):
        for layer, component, label, outcome, number in project.db.execute(query, part):
            found[layer, component, label, outcome] += number
    return found
