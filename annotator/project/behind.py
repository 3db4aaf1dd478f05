"""Who is behind a name, by what the project decided."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from annotator.model import Suggestion

if TYPE_CHECKING:
    from annotator.project.store import Project

_PERSON = "PERSON"

Row = tuple[str, str, str | None]
"""A name, the actor that it belongs to, and the actor's kind."""


def name_of(quote: str) -> str:
    """Return a quote as a name: on one line, with single blanks."""
    return " ".join(quote.split())


class Behind:
    """The project's actors behind some names; an alias of several actors tells nothing."""

    def __init__(self, names: Iterable[Row], aliases: Iterable[Row]) -> None:
        """``names`` are those that actors are called; they go before ``aliases``."""
        self._found: dict[str, tuple[str, str | None] | None] = {}
        for alias, actor, kind in aliases:
            self._found[alias] = None if alias in self._found else (actor, kind)
        for name, actor, kind in names:
            self._found[name] = actor, kind

    def __bool__(self) -> bool:
        return bool(self._found)

    def actor(self, name: str | None) -> str | None:
        """Return what the project calls the actor ``name``; the name itself where it knows none."""
        found = self._found.get(name) if name is not None else None
        return found[0] if found else name

    def of_mention(self, quote: str, label: str | None, suggested: str | None) -> str | None:
        """Return whom a mention labelled ``label`` speaks of; ``suggested`` is what the machine says.

        The name in the text decides, where it belongs to one actor. But an article that names somebody
        in full means them by the surname alone, too, whoever else in the project is called so.
        """
        name = name_of(quote)
        found = self._found.get(name)
        if found is None or (found[1] is not None and (found[1] == _PERSON) != (label == _PERSON)):
            return self.actor(suggested)
        if suggested is not None and suggested not in self._found and suggested.endswith(f" {name}"):
            return suggested
        return found[0]


def follow(project: Project, article: int, suggestions: list[Suggestion]) -> list[Suggestion]:
    """Return an article's ``suggestions`` with the actors that the project decided on behind their names."""
    text = project.articles.text(article) if suggestions else ""
    quotes = [text[s.start : s.end] if s.start is not None else "" for s in suggestions]
    about = {name for s in suggestions for name in (s.actor, s.holder, s.target) if name}
    behind = project.actors.behind({*map(name_of, quotes), *about})
    if not behind:
        return suggestions
    followed = []
    for s, quote in zip(suggestions, quotes, strict=True):
        actor = behind.of_mention(quote, s.label, s.actor) if s.layer == "entity" else s.actor
        holder, target = behind.actor(s.holder), behind.actor(s.target)
        if (actor, holder, target) != (s.actor, s.holder, s.target):
            s = replace(s, actor=actor, holder=holder, target=target)
        followed.append(s)
    return followed
