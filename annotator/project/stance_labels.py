"""The stances that people gave, to be learnt from, and what is to be judged anew after it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING

from annotator.model import NO_MODEL

if TYPE_CHECKING:
    from annotator.project.store import Project

FIRST = 30
"""Labels before anything is learnt."""
LEAST_OF_EACH = 5
EVERY = 10
"""Labels that are learnt together after the first: at forty, fifty, and so on."""
ACCEPTED_WEIGHT = 0.2
"""Of a label that was accepted as suggested: the model would learn from itself."""

ARTICLES = 1_000
"""Whose labels are read in one go: a few milliseconds."""

_STANCES = ("pro-West", "neutral", "pro-Russia")
_GIVEN = (
    "a.label IN (SELECT labels.id FROM labels JOIN layers ON layers.id = labels.layer "
    "WHERE layers.name = 'stance' AND labels.name IN (?, ?, ?)) AND a.quote IS NULL"
)


@dataclass(frozen=True, slots=True)
class StanceLabel:
    """The stance of a whole article; ``weight`` is 1, or 0.2 where it was accepted as suggested."""

    article: int
    sha256: str
    label: str
    weight: float


@dataclass(frozen=True, slots=True)
class LabelsProgress:
    """Of how many articles of how many the labels are read."""

    done: int
    total: int


def _present_names(project: Project) -> list[str]:
    """Return what the project calls the pipeline's stances, in their order."""
    former = project.codebook.former_names()
    return [former.get(("stance", name), name) for name in _STANCES]


def more_to_learn(project: Project, learnt_from: int) -> bool:
    """Tell whether :func:`labels_to_learn` may return another number than ``learnt_from``.

    Asked after each act, in the window: it costs a small part of reading the labels (15 ms for 30,000).
    """
    (given,) = project.db.execute(
        f"SELECT count(DISTINCT a.article) FROM annotations a WHERE {_GIVEN}", _present_names(project)
    ).fetchone()
    return not learnt_from <= given < max(learnt_from + EVERY, FIRST)


def given_stances(project: Project) -> tuple[StanceLabel, ...]:
    """Return all stances of whole articles that can be learnt from, in the order they were given.

    Of several annotators' labels of an article the latest counts. Labels that the pipeline does not know,
    of a codebook of one's own, teach it nothing; one that was renamed goes by the name that the pipeline
    has for it.
    """
    return _finish(given_stances_in_steps(project))


def given_stances_in_steps(
    project: Project,
) -> Generator[LabelsProgress, None, tuple[StanceLabel, ...]]:
    """Return what :func:`given_stances` does, some milliseconds' worth of articles at a time."""
    names = _present_names(project)
    # Where two became one, it is the one that has its name still.
    pipelines = {present: name for present, name in zip(names, _STANCES, strict=True) if present != name}
    pipelines |= {name: name for name in _STANCES if name in names}
    last = project.db.execute("SELECT coalesce(max(id), 0) FROM articles").fetchone()[0]
    latest: list[tuple[str, str, StanceLabel]] = []  # when, uuid, and what
    for first in range(1, last + 1, ARTICLES):
        rows = project.db.execute(
            "SELECT a.created_at, a.uuid, a.article, articles.sha256, labels.name, "
            "a.origin = 'accepted' AND coalesce(a.blind, 0) = 0 "
            "FROM annotations a JOIN articles ON articles.id = a.article JOIN labels ON labels.id = a.label "
            f"WHERE {_GIVEN} AND a.article BETWEEN ? AND ? ORDER BY a.article, a.created_at, a.uuid",
            [*names, first, first + ARTICLES - 1],
        ).fetchall()
        for when, uuid, article, sha256, present, accepted in rows:
            if latest and latest[-1][2].article == article:
                latest.pop()
            known = StanceLabel(article, sha256, pipelines[present], ACCEPTED_WEIGHT if accepted else 1.0)
            latest.append((when, uuid, known))
        yield LabelsProgress(min(first + ARTICLES - 1, last), last)
    latest.sort(key=itemgetter(0, 1))
    return tuple(known for _, _, known in latest)


def _finish(steps: Generator[object, None, tuple[StanceLabel, ...]]) -> tuple[StanceLabel, ...]:
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: tuple[StanceLabel, ...] = end.value
            return found


def refits(labels: Sequence[StanceLabel]) -> range:
    """Return at how many of ``labels``, in the order they were given, the program learns from these.

    That is the first thirty, or as many as it takes to have five of each, and then ten more each time.
    """
    counts: Counter[str] = Counter()
    for number, known in enumerate(labels, 1):
        counts[known.label] += 1
        if number >= FIRST and all(counts[name] >= LEAST_OF_EACH for name in _STANCES):
            return range(number, len(labels) + 1, EVERY)
    return range(0)


def labels_to_learn(project: Project) -> tuple[StanceLabel, ...]:
    """Return the labels to learn from, in the order they were given; none while they are too few."""
    return _finish(labels_to_learn_in_steps(project))


def labels_to_learn_in_steps(
    project: Project,
) -> Generator[LabelsProgress, None, tuple[StanceLabel, ...]]:
    """Return what :func:`labels_to_learn` does, as :func:`given_stances_in_steps`."""
    labels = yield from given_stances_in_steps(project)
    points = refits(labels)
    return labels[: points[-1]] if points else ()


def own_prose(project: Project, article: int) -> str:
    """Return an article's text without the boilerplate that somebody marked or the pipeline suggests.

    Raises ``KeyError`` where the article is gone.
    """
    text = project.articles.text(article)
    # The article is asked for in either part: SQLite would put the parts together for all articles first.
    zones = project.db.execute(
        'SELECT "start", "end" FROM (SELECT layer, label, "start", "end" FROM annotations '
        'WHERE article = :article UNION SELECT layer, label, "start", "end" FROM suggestions s '
        "WHERE article = :article AND NOT EXISTS "
        "(SELECT 1 FROM rejections r WHERE r.article = s.article AND r.layer = s.layer "
        'AND r.label = s.label AND r."start" = s."start" AND r."end" = s."end")) z '
        "JOIN layers ON layers.id = z.layer JOIN labels ON labels.id = z.label "
        "WHERE layers.name = 'zone' AND labels.name = 'boilerplate' "
        'AND "start" IS NOT NULL ORDER BY "start"',
        {"article": article},
    ).fetchall()
    return "\n".join(_between(text, zones)) if zones else text


def _between(text: str, zones: Iterable[tuple[int, int]]) -> Iterable[str]:
    begin = 0
    for start, end in zones:
        if start > begin:
            yield text[begin:start]
        begin = max(begin, end)
    if begin < len(text):
        yield text[begin:]


def awaits_learning(project: Project, labels_hash: str) -> bool:
    """Tell whether some stance that nobody has decided on was suggested without these labels."""
    (found,) = project.db.execute(
        "SELECT EXISTS (SELECT 1 FROM suggested JOIN runs ON runs.id = suggested.run "
        "WHERE runs.name <> ? AND substr(runs.config, -?) <> ? "
        "AND NOT EXISTS (SELECT 1 FROM annotations a JOIN layers ON layers.id = a.layer "
        "WHERE a.article = suggested.article AND a.start IS NULL AND layers.name = 'stance'))",
        [NO_MODEL, len(labels_hash) + 1, f"+{labels_hash}"],
    ).fetchone()
    return bool(found)


def outdated_stances(project: Project, config: str) -> list[int]:
    """Return the articles that nobody has labelled and whose stance was suggested before ``config`` learnt.

    Only those with the same settings otherwise: the others want all their suggestions anew.
    """
    return [article for page in outdated_pages(project, config) for article in page]


def outdated_pages(project: Project, config: str) -> Iterator[list[int]]:
    """Yield what :func:`outdated_stances` returns, a few milliseconds' worth of looking at a time."""
    base = config.partition("+")[0]
    last = project.db.execute("SELECT coalesce(max(article), 0) FROM suggested").fetchone()[0]
    for first in range(1, last + 1, ARTICLES):
        rows = project.db.execute(
            "SELECT suggested.article FROM suggested JOIN runs ON runs.id = suggested.run "
            "WHERE suggested.article BETWEEN ? AND ? "
            "AND runs.config <> ? AND (runs.config = ? OR substr(runs.config, 1, ?) = ?) "
            "AND NOT EXISTS (SELECT 1 FROM annotations a JOIN layers ON layers.id = a.layer "
            "WHERE a.article = suggested.article AND a.start IS NULL AND layers.name = 'stance') "
            "ORDER BY suggested.article",
            [first, first + ARTICLES - 1, config, base, len(base) + 1, f"{base}+"],
        ).fetchall()
        yield [article for (article,) in rows]
