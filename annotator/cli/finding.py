"""``annotator articles``: list the articles that a filter asks for."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, cast, get_args

import typer

from annotator.dates import date_range
from annotator.model import FIELDS, NONE, ArticleFilter, Condition, Field, Sort
from annotator.project import Project, open_project
from annotator.project.conditions import known_values
from annotator.text import printable

_SORTS = ", ".join(get_args(Sort))


def _conditions(given: list[str] | None) -> list[str] | None:
    for words in given or ():
        _condition(words)
    return given


def _sort(given: str) -> str:
    if given not in get_args(Sort):
        raise typer.BadParameter(f"{given!r} is none of {_SORTS}")
    return given


def articles(
    project: Annotated[Path, typer.Argument(metavar="PROJECT", help="The project file (*.annot).")],
    filter: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD=VALUE",
            callback=_conditions,
            help=f"Only these; may be repeated. FIELD is {', '.join(FIELDS)}; an empty VALUE means: none.",
        ),
    ] = None,
    saved: Annotated[
        str | None, typer.Option(metavar="NAME", help="What a saved filter asks for, in its order.")
    ] = None,
    search: Annotated[
        str, typer.Option(metavar="WORDS", help="Only with these words in title or text.")
    ] = "",
    sort: Annotated[
        str | None, typer.Option(metavar="ORDER", callback=lambda s: s and _sort(s), help=f"{_SORTS}.")
    ] = None,
    descending: Annotated[bool, typer.Option("--descending", help="The other way round.")] = False,
    annotator: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Whose status, flag and labels are meant (default: the login name)."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, one article a line.")] = False,
) -> None:
    """List articles by the filters of the window: status, label, actor, source, date, …"""
    with open_project(project, annotator=annotator, read_only=True) as opened:
        wanted = opened.filters.get(saved) if saved is not None else ArticleFilter()
        conditions = [_in_full(opened, _condition(words)) for words in filter or ()]
        wanted = replace(
            wanted,
            search=f"{wanted.search} {search}".strip(),
            sort=cast("Sort", sort) if sort else wanted.sort,
            descending=descending or wanted.descending,
            conditions=(*wanted.conditions, *conditions),
        )
        for page in opened.articles.pages(wanted):
            _show(opened, page, as_json)


def _condition(words: str) -> Condition:
    name, equals, value = words.partition("=")
    field: Field | None = next((f for f in FIELDS if f == name.strip()), None)
    if field is None or not equals:
        raise typer.BadParameter(f"{words!r} is not FIELD=VALUE with one of {', '.join(FIELDS)}")
    value = value.strip()
    known = known_values(field)
    if known and value not in known:
        raise typer.BadParameter(f"{field} is one of: {', '.join(known)}")
    if field == "published" and value != NONE and date_range(value) is None:
        raise typer.BadParameter(f"{value!r} is no date, such as 2024, 2024-02 or 2023-05..2024-02")
    return Condition(field, value)


def _in_full(project: Project, condition: Condition) -> Condition:
    """Return a label with its layer, where only one layer has a label of this name."""
    if condition.field != "label" or "/" in condition.value or condition.value == NONE:
        return condition
    layers = [
        layer.name
        for layer in project.codebook.read().layers
        if any(label.name == condition.value for label in layer.labels)
    ]
    return Condition("label", f"{layers[0]}/{condition.value}") if len(layers) == 1 else condition


def _show(project: Project, page: list[int], as_json: bool) -> None:
    uuids = project.articles.uuids(page)
    for row in project.articles.rows(page):
        if as_json:
            entry: dict[str, Any] = {
                "id": uuids[row.id],
                "title": row.title,
                "source": row.source,
                "published": row.published,
                "status": row.status,
                "flagged": row.flagged,
                "stance": None if row.stance_suggested else row.stance,
            }
            print(json.dumps(entry, ensure_ascii=False))
        else:
            about = ", ".join(part for part in (row.source, row.published, row.status) if part)
            print(printable(f"{uuids[row.id]}  {' '.join(row.title.split())} ({about})"))
