"""The data statement of a bundle: how its data were made, counted, and read from the project's records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from annotator import __version__
from annotator.dates import is_iso_date
from annotator.formats.registry import Choice
from annotator.model import STATUSES, ArticleRecord
from annotator.project.history import now

if TYPE_CHECKING:
    from annotator.project.store import Project

_MOST = 30  # lines of a table
_ORIGINS = {
    "manual": "made by hand",
    "accepted": "accepted as suggested",
    "corrected": "a suggestion, corrected",
    "imported": "imported",
}


@dataclass(slots=True)
class Facts:
    """What is counted of the records that are written."""

    articles: int = 0
    untouched: int = 0
    characters: int = 0
    first: str | None = None
    latest: str | None = None
    undated: int = 0
    unclear: int = 0
    sources: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    statuses: Counter[tuple[str, str]] = field(default_factory=Counter)
    orders: Counter[tuple[str, str]] = field(default_factory=Counter)  # annotator, how it came up
    origins: Counter[tuple[str, str]] = field(default_factory=Counter)  # annotator, origin
    layers: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # layer, label, of what
    components: Counter[str] = field(default_factory=Counter)
    codebooks: Counter[int] = field(default_factory=Counter)
    stances: int = 0
    blind: int = 0
    rejections: int = 0
    _last: str | None = None

    def add(self, record: ArticleRecord) -> None:
        """Count one record."""
        article = record.article
        if article.uuid != self._last or self._last is None:
            self._last = article.uuid
            self._add_article(record)
        if record.annotator is None:
            self.untouched += 1
            return
        self.statuses[record.annotator, record.progress.status] += 1
        if record.progress.status in ("done", "skipped"):
            drawn = record.progress.drawn or "chosen by the annotator, or in the list's order"
            self.orders[record.annotator, drawn] += 1
        self.rejections += len(record.rejections)
        for a in record.annotations:
            self.origins[record.annotator, a.origin] += 1
            self.layers[a.layer, a.label, "articles" if a.start is None else "spans"] += 1
            self.codebooks[a.codebook_version] += 1
            if a.component is not None:
                self.components[a.component] += 1
            if a.layer == "stance" and a.start is None:
                self.stances += 1
                self.blind += a.blind

    def _add_article(self, record: ArticleRecord) -> None:
        article = record.article
        self.articles += 1
        self.characters += len(article.text)
        self.sources[article.source or "(no source)"] += 1
        self.languages[article.language or "(not given)"] += 1
        if article.published and not is_iso_date(article.published):
            self.unclear += 1  # words, which have no order
        elif article.published:
            day = article.published[:10]
            self.first = min(self.first or day, day)
            self.latest = max(self.latest or day, day)
        else:
            self.undated += 1

    def close(self) -> Sequence[str]:
        """Return nothing: what is counted loses nothing."""
        return ()


def statement(project: Project, choice: Choice, facts: Facts) -> str:
    """Return the data statement as Markdown."""
    return "\n".join(
        [
            f"# Data statement: {_cell(project.name)}",
            "",
            f"Written by Annotator {__version__} on {now()[:10]} from the project's own records; nothing in "
            "it was typed for the occasion. What the program cannot know (where the articles come from, who "
            "the annotators are, how they were trained and paid) is for you to add.",
            "",
            *_what(choice),
            *_articles(facts),
            *_people(facts),
            *_orders(project, facts),
            *_origins(facts),
            *_labels(project, facts),
            *_versions(project, facts),
            *_texts(choice),
        ]
    )


def _what(choice: Choice) -> list[str]:
    chosen = [
        "of all annotators" if choice.annotator is None else f"of {_cell(choice.annotator)} alone",
        "articles of any status" if choice.status is None else f"only articles that are {choice.status}",
        "with the suggestions that are open" if choice.with_suggestions else "without open suggestions",
    ]
    return [
        "## What is here",
        "",
        f"Decisions {chosen[0]}; {chosen[1]}; {chosen[2]}. The numbers below are of exactly these data; "
        "those in `statistics.json`, `statistics.csv` and `figures` are of the whole project"
        f"{'' if choice.annotator is None else ', for this annotator'}.",
        "",
    ]


def _articles(facts: Facts) -> list[str]:
    unclear = f"; with words from which no certain date can be told: {facts.unclear}" if facts.unclear else ""
    span = f"{_cell(facts.first)} to {_cell(facts.latest or '')}" if facts.first else "not known"
    return [
        "## Articles",
        "",
        f"- Articles: {facts.articles}, of {facts.characters} characters (code points) together; nobody has "
        f"worked on {facts.untouched} of them.",
        f"- Published: {span}; without a date: {facts.undated}{unclear}.",
        "- Languages: "
        + (", ".join(f"{_cell(k)} {n}" for k, n in facts.languages.most_common()) or "none")
        + ".",
        "",
        *_table(("source", "articles"), facts.sources.most_common()),
    ]


def _people(facts: Facts) -> list[str]:
    names = sorted({name for name, _ in facts.statuses})
    rows = [(name, *(facts.statuses[name, status] for status in STATUSES)) for name in names]
    return ["## Annotators", "", *_table(("annotator", *STATUSES), rows)]


def _orders(project: Project, facts: Facts) -> list[str]:
    share = project.drawing.blind_share
    rows = [(name, order, n) for (name, order), n in sorted(facts.orders.items())]
    return [
        "## Sampling order and blind share",
        "",
        "By which order the articles that are done or skipped came to their annotator. Only those drawn at "
        "random (`random`, stratified, `every fifth at random`) tell how often something occurs.",
        "",
        *_table(("annotator", "order", "articles"), rows),
        f"- Seed of everything that is drawn: {project.drawing.seed}.",
        f"- Blind share that is set now: {share}% of the articles, on which the suggested stance is hidden "
        "until the annotator has chosen.",
        f"- Stances of whole articles: {facts.stances}; chosen without having seen the suggestion (`blind`): "
        f"{facts.blind}.",
        "",
    ]


def _origins(facts: Facts) -> list[str]:
    names = sorted({name for name, _ in facts.origins})
    rows = [(name, *(facts.origins[name, origin] for origin in _ORIGINS)) for name in names]
    return [
        "## How the annotations came to be",
        "",
        *_table(("annotator", *_ORIGINS.values()), rows),
        f"- Suggestions that were rejected: {facts.rejections}.",
        "- Annotations that came from a component's suggestion: "
        + (", ".join(f"{_cell(k)} {n}" for k, n in facts.components.most_common()) or "none")
        + ".",
        "",
    ]


def _labels(project: Project, facts: Facts) -> list[str]:
    order = {
        (layer.name, label.name): (i, j)
        for i, layer in enumerate(project.codebook.read().layers)
        for j, label in enumerate(layer.labels)
    }
    found = sorted(facts.layers.items(), key=lambda item: (order.get(item[0][:2], (99, 0)), item[0]))
    return [
        "## Labels",
        "",
        *_table(("layer", "label", "on", "annotations"), [(*key, n) for key, n in found], most=1000),
    ]


def _versions(project: Project, facts: Facts) -> list[str]:
    under = ", ".join(f"version {version}: {n}" for version, n in sorted(facts.codebooks.items())) or "none"
    rows = project.suggestions.runs()
    return [
        "## Versions",
        "",
        f"- Program: Annotator {__version__}.",
        f"- Codebook: version {project.codebook.version()} (`codebook.toml`). Annotations by the version "
        f"that was in force when they were made: {under}.",
        "- Pipelines that made suggestions in this project:",
        "",
        *_table(("pipeline", "version", "configuration", "first run", "articles now"), rows, most=1000),
    ]


def _texts(choice: Choice) -> list[str]:
    if choice.with_texts:
        return [
            "## Texts",
            "",
            "The articles' texts are in `data.jsonl`. Import the folder, or the zip file, into a project "
            "(`annotator import PROJECT BUNDLE`): exporting it again gives the same `data.jsonl`.",
            "",
        ]
    return [
        "## Texts",
        "",
        "The articles' texts are **not** included. `data.jsonl` has each article's SHA-256 (of its text in "
        "UTF-8, with line feeds as line ends) and the offsets of each span in code points. Neither it nor "
        "the tables have the words of spans; examples taken from articles are not in `codebook.toml`. "
        "Titles, annotators' notes, names of actors and the reasons of suggestions are "
        "there, and may repeat single words.",
        "",
        "To put the texts back: put them as `.txt` files, of any names, into a folder `texts` beside "
        "`data.jsonl` (or beside the zip file), and import the bundle into a new project. Every article "
        "comes back with its id and metadata. Or import the bundle into a project that has the articles: "
        "they keep the ids they have there, take the metadata that they lack, and the report says what "
        "differs. Texts are found by their SHA-256, and each span is checked.",
        "",
    ]


def _table(heads: Sequence[str], rows: Iterable[Sequence[object]], *, most: int = _MOST) -> list[str]:
    rows = list(rows)
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    lines += [f"| {' | '.join(_cell(str(cell)) for cell in row)} |" for row in rows[:most]]
    if len(rows) > most:
        lines.append(f"| and {len(rows) - most} more |{' |' * (len(heads) - 1)}")
    if not rows:
        lines.append(f"| none |{' |' * (len(heads) - 1)}")
    return [*lines, ""]


def _cell(words: str) -> str:
    """Return anybody's words as a cell of a table has them."""
    words = " ".join(words.split())
    for mark in "\\`*_[]<>|":
        words = words.replace(mark, f"\\{mark}")
    return words
