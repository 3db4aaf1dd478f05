"""The report: one HTML file to read, print and send, with articles, labels, codebook, statistics and charts.

It needs nothing beside it: no network (its own policy forbids that), no script, no font, no picture. Whatever
people and articles say is escaped. Articles are written as they are read.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from annotator import __version__
from annotator.formats.citation import reference
from annotator.formats.exporting import feed
from annotator.formats.figures import svg, words
from annotator.formats.item import REPORT
from annotator.formats.registry import Choice, Format, Written
from annotator.formats.report_text import Mark, marked, safe_color
from annotator.model import Annotation, ArticleRecord, Codebook, Suggestion
from annotator.project.charts import Chart
from annotator.project.history import now

if TYPE_CHECKING:
    from annotator.project.overview import Overview
    from annotator.project.stats import Stats
    from annotator.project.store import Project

_ROWS = 100  # of a chart's table; all numbers are in the bundle and in `annotator overview`
_STATUS = {"todo": "to do", "in_progress": "in progress", "done": "done", "skipped": "skipped"}
_STYLE = """
:root{color-scheme:light}
body{font:16px/1.6 Georgia,serif;color:#222;background:#fff;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1,h2,h3,h4,table,nav,.t,.b,.meta{font-family:system-ui,sans-serif}
h1,h2,h3,h4{line-height:1.25;overflow-wrap:anywhere}
h2{margin-top:3rem;border-bottom:1px solid #999}
.meta{color:#555;font-size:.85rem;overflow-wrap:anywhere}
.text{white-space:pre-wrap;unicode-bidi:plaintext;overflow-wrap:anywhere;line-height:2.3;margin:1rem 0}
table{border-collapse:collapse;font-size:.85rem;line-height:1.4;width:100%;margin:.5rem 0 1rem}
th,td{border:1px solid #bbb;padding:.25rem .45rem;text-align:start;vertical-align:top}
th,td{overflow-wrap:break-word;max-width:24rem}
th{background:#eee}td.n{text-align:end}
.m{border-bottom:2px solid var(--c);padding-bottom:calc(var(--d)*4px)}
.m.suggested{border-bottom-style:dashed}.m.evidence{border-bottom-style:dotted}
.m.passage{border-bottom-width:3px;border-bottom-style:double}
.t{font-size:.68rem;font-weight:600;color:#222;border-inline-start:4px solid var(--c);padding:0 .25em 0 .2em}
.b{font-size:.68rem;font-style:normal}
.c{display:inline-block;width:.8em;height:.8em;border:1px solid #555;margin-inline-end:.4em}
svg{max-width:100%;height:auto}
@media print{
body{max-width:none;margin:0;font-size:11pt}nav,details:not([open]){display:none}
article+article{break-before:page}tr,svg,figure{break-inside:avoid}h2,h3,h4{break-after:avoid}
thead{display:table-header-group}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}a{color:inherit;text-decoration:none}
}
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'"


def _report(project: Project, path: Path, choice: Choice) -> Generator[Any, None, Written]:
    from annotator.project.overview import overview_steps
    from annotator.project.stats import stats_steps

    numbers = yield from stats_steps(project, choice.annotator)
    overview = yield from overview_steps(project, choice.annotator)
    return (yield from feed(project, _Page(path, project, choice, numbers, overview), choice))


class _Page:
    """The file that is being written."""

    def __init__(
        self, path: Path, project: Project, choice: Choice, numbers: Stats, overview: Overview
    ) -> None:
        self._project = project
        self._file = path.open("w", encoding="utf-8", newline="\n")
        self._codebook = project.codebook.read()
        self._colors = {
            (label.layer, label.name): label.color
            for layer in self._codebook.layers
            for label in layer.labels
        }
        self._number = 0
        self._last: str | None = None
        self._stored: list[Suggestion] = []  # for the article at hand, open or not
        try:
            for part in (
                _head(project.name, choice),
                *_statistics(numbers, overview.charts),
                *_codebook(project, self._codebook),
                '<h2 id="articles">Articles</h2>\n',
            ):
                self._file.write(part)
        except BaseException:
            self._file.close()
            raise

    def add(self, record: ArticleRecord) -> None:
        """Write an article's head once, then what each annotator decided on it."""
        article = record.article
        if article.uuid != self._last or self._last is None:
            if self._last is not None:
                self._file.write("</article>\n")
            self._last = article.uuid
            self._number += 1
            ids = [
                id_ for id_, uuid in self._project.articles.with_digest(record.sha256) if uuid == article.uuid
            ]
            self._stored = self._project.suggestions.stored(ids[0]) if ids else []
            self._file.write(
                f'<article id="article-{self._number}">\n<h3 dir="auto">{self._number}. '
                f"{words(article.title) or 'Untitled'}</h3>\n"
                f'<p class="meta">{words(reference(article, None, None))}{_link(article.url)}<br>'
                f"{len(article.text):,} characters · {words(article.uuid or '')}</p>\n"
            )
        for part in self._decided(record):
            self._file.write(part)

    def _decided(self, record: ArticleRecord) -> Iterator[str]:
        progress = record.progress
        if record.annotator is None:
            yield "<h4>Nobody has worked on it yet</h4>\n"
        else:
            flagged = ", flagged" if progress.flagged else ""
            yield f"<h4><bdi>{words(record.annotator)}</bdi>: {_STATUS[progress.status]}{flagged}</h4>\n"
        if progress.note:
            yield f'<p class="meta">Note: {words(progress.note)}</p>\n'
        whole = [a for a in record.annotations if a.start is None]
        spans = [a for a in record.annotations if a.start is not None]
        spans.sort(key=lambda a: (a.start or 0, -(a.end or 0)))  # as their brackets open
        if whole:
            yield _table(
                ("of the article", "label", "certainty", "note", "how"),
                [(a.layer, self._named(a), a.certainty, a.note, _how(a)) for a in whole],
            )
        marks = [
            Mark(a.start or 0, a.end or 0, self._name(a, n), self._color(a), _kind(a))
            for n, a in enumerate(spans, 1)
        ]
        marks += self._evidence(record)
        suggested = [s for s in record.suggestions or () if s.label is not None]
        for s in suggested:
            if s.start is not None and s.end is not None:
                marks.append(Mark(s.start, s.end, f"{s.label}?", self._color(s), "suggested"))
        yield f'<div class="text" dir="auto">{marked(record.article.text, marks)}</div>\n'
        if spans:
            yield _table(
                ("no.", "label", "layer", "words", "characters", "actor", "holder", "target", "certainty",
                 "note", "how"),
                [
                    (n, self._named(a), a.layer, a.quote, f"{a.start}–{a.end}", a.actor, a.holder, a.target,
                     a.certainty, a.note, _how(a))
                    for n, a in enumerate(spans, 1)
                ],
            )  # fmt: skip
        if suggested:
            yield _table(
                ("suggested, open", "layer", "characters", "why"),
                [
                    (
                        s.label,
                        s.layer,
                        f"{s.start}–{s.end}" if s.start is not None else "the article",
                        s.reason,
                    )
                    for s in suggested
                ],
            )

    def _evidence(self, record: ArticleRecord) -> list[Mark]:
        """Return what speaks for the suggestions that are open here, or that the person shares."""
        decided = {(a.layer, a.label, a.start, a.end) for a in record.annotations}
        shown = [s for s in self._stored if (s.layer, s.label, s.start, s.end) in decided]
        found = {
            (start, end, s.label or "", self._color(s))
            for s in [*shown, *(record.suggestions or ())]
            for start, end in s.evidence
            if (start, end) != (s.start, s.end)
        }
        return [
            Mark(start, end, f"evidence of {label}" if label else "evidence", color, "evidence")
            for start, end, label, color in sorted(found)
        ]

    def _color(self, item: Annotation | Suggestion) -> str:
        return self._colors.get((item.layer, item.label or ""), "#7a7a7a")

    def _named(self, a: Annotation) -> _Html:
        return _Html(
            f'<span class="c" style="background:{safe_color(self._color(a))}"></span>{words(a.label)}'
        )

    def _name(self, a: Annotation, number: int) -> str:
        about = f": {a.holder or '?'} → {a.target or '?'}" if a.holder or a.target else ""
        return f"{number} {a.label}{about}"

    def close(self) -> Sequence[str]:
        """Write the end."""
        if self._last is not None:
            self._file.write("</article>\n")
        else:
            self._file.write("<p>No article was chosen.</p>\n")
        self._file.write("</main>\n</body>\n</html>\n")
        self._file.close()
        return []


class _Html(str):
    """Words that are HTML already."""

    __slots__ = ()


def _kind(a: Annotation) -> Any:
    return "passage" if a.layer == "stance" else "span"


def _how(a: Annotation) -> str:
    blind = ", without having seen a suggestion" if a.blind else ""
    return f"{a.origin}{blind}{f': {a.reason}' if a.reason else ''}"


def _link(url: str | None) -> str:
    try:
        safe = url is not None and urlsplit(url).scheme in ("http", "https")
    except ValueError:
        safe = False
    return f' <a rel="noreferrer noopener" href="{words(url or "")}">open the page</a>' if safe else ""


def _head(name: str, choice: Choice) -> str:
    chosen = [f"what {choice.annotator} decided" if choice.annotator is not None else "all annotators"]
    if choice.status is not None:
        chosen.append(f"only articles that are {_STATUS[choice.status]}")
    if choice.with_suggestions:
        chosen.append("with the suggestions that are open")
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"{REPORT}\n"
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        f"<title>{words(name)}: report</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f'<h1>{words(name)}</h1>\n<p class="meta">{words("; ".join(chosen))} · '
        f"Annotator {words(__version__)} · {now()[:16].replace('T', ' ')} UTC</p>\n"
        '<nav class="meta"><a href="#statistics">Statistics</a> · <a href="#codebook">Codebook</a> · '
        '<a href="#articles">Articles</a></nav>\n<main>\n'
    )


def _statistics(numbers: Stats, charts: Sequence[Chart]) -> Iterator[str]:
    whose = "of all annotators" if numbers.annotator is None else f"of {numbers.annotator}"
    yield '<h2 id="statistics">Statistics</h2>\n'
    yield f'<p class="meta">Over the whole project, {words(whose)}.</p>\n'
    rows: list[tuple[Any, ...]] = [
        (name.replace("_", " "), value) for name, value in numbers.as_dict().items() if isinstance(value, int)
    ]
    yield _table(("what", "number"), rows)
    for chart in charts:
        if not chart.rows:
            continue
        yield f'<figure>{svg(chart)}<figcaption class="meta">{words(chart.words)}</figcaption></figure>\n'
        table = _table(chart.columns(), [chart.cells(row) for row in chart.rows[:_ROWS]])
        more = f", the first {_ROWS} of {len(chart.rows):,}" if len(chart.rows) > _ROWS else ""
        yield f"<details><summary>The numbers of “{words(chart.title)}”{more}</summary>{table}</details>\n"


def _codebook(project: Project, codebook: Codebook) -> Iterator[str]:
    yield f'<h2 id="codebook">Codebook</h2>\n<p class="meta">Version {codebook.version}</p>\n'
    for layer in codebook.layers:
        yield f"<h3>{words(layer.name)}</h3>\n<p>{words(layer.definition)}</p>\n"
        rows = []
        for label in layer.labels:
            swatch = f'<span class="c" style="background:{safe_color(label.color)}"></span>'
            retired = " (retired)" if label.retired else ""
            examples = project.codebook_editing.examples(layer.name, label.name)
            shown = "; ".join(f"{'' if e.fits else 'not '}“{e.quote}”" for e in examples)
            rows.append(
                (_Html(f"{swatch}{words(label.name + retired)}"), label.definition, label.rule, shown)
            )
        yield _table(("label", "definition", "rule", "examples"), rows)


def _table(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return a table without the columns in which nothing stands."""
    used = [n for n in range(len(heads)) if not {None, ""}.issuperset([row[n] for row in rows])]
    head = "".join(f"<th>{words(heads[n])}</th>" for n in used)
    body = "".join(f"<tr>{''.join(_cell(row[n]) for n in used)}</tr>\n" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table>\n"


@lru_cache(maxsize=1000, typed=True)
def _cell(value: Any) -> str:
    if isinstance(value, int):
        return f'<td class="n">{value:,}</td>'
    if isinstance(value, _Html):
        return f"<td>{value}</td>"
    return f'<td dir="auto">{words(str(value)) if value is not None else ""}</td>'


FORMAT = Format(
    "report",
    "Report to read and print (HTML)",
    (".html",),
    exports=True,
    holds_suggestions=True,
    whole=_report,
    cannot_hold=("rejections", "metadata beside title, author, source, date, address"),
)
