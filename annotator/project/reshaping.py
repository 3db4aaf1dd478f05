"""Splitting a span in two and joining two into one; each is one act.

Annotations and open suggestions may be split and joined alike. What comes out is always an annotation; a
suggestion that was split or joined is rejected on its own stretch, or it would come up again.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

from annotator.model import Annotation, Change, Origin, ProjectError, Suggestion
from annotator.project.behind import name_of
from annotator.project.history import now
from annotator.project.whole_annotations import insert_annotations
from annotator.text import trim

if TYPE_CHECKING:
    from annotator.project.store import Project

Span = Annotation | Suggestion
"""One that has a start, an end and a label."""


def split(project: Project, article: int, span: Span, at: int) -> Change:
    """Make two spans of one, before and after the code point ``at``, without white space at the cut.

    Both keep the label and whatever else was said of the span; whom an entity speaks of is looked up
    for either. Raises ``ProjectError`` where nothing would be left on one side.
    """
    text = project.articles.text(article)
    start, end = _edges(project, article, span)
    first, second = trim(text, start, min(at, end)), trim(text, max(at, start), end)
    if first[0] >= first[1] or second[0] >= second[1]:
        raise ProjectError("Put the caret between two words of the span first: there it is split.")
    with project.act(f"split {project.annotations.quoted(article, start, end)}", article) as act:
        if isinstance(span, Suggestion):
            _put(project, article, span, *first)
            _put(project, article, span, *second)
            project.annotations.leave(article, span.layer, start, end)
        else:
            _refuse_double(project, article, span.layer, *second)
            project.annotations.set_edges(span, *first)
            _copy(project, span, *second)
            _look_up_actor(project, span, *first)
            _look_up_actor(project, span, *second)
    return act.change


def join(project: Project, article: int, first: Span, second: Span) -> Change:
    """Make one span of two of a layer, from where the first begins to where the last ends.

    The label is the first's, and so is whatever else was said; what was said of the second alone stays, too.
    Raises ``ProjectError`` where there is another span of the layer on exactly that stretch.
    """
    edges = _edges(project, article, first), _edges(project, article, second)
    start, end = min(edges[0][0], edges[1][0]), max(edges[0][1], edges[1][1])
    words = f"joined {project.annotations.quoted(article, start, end)}: {first.label}"
    if second.label != first.label:
        words += f", also what was {second.label}"
    with project.act(words, article) as act:
        if isinstance(second, Annotation):
            project.db.execute("DELETE FROM annotations WHERE id = ?", [second.id])
        project.annotations.leave(article, second.layer, *edges[1], to=(start, end))
        if isinstance(first, Suggestion):
            _refuse_double(project, article, first.layer, start, end)
            _put(project, article, first, start, end)
            project.annotations.leave(article, first.layer, *edges[0], to=(start, end))
        else:
            if (start, end) != edges[0]:
                project.annotations.set_edges(first, start, end)
            _look_up_actor(project, first, start, end)
        (made,) = (
            a
            for a in project.annotations.of(article, at=(start, end))
            if (a.layer, a.label) == (first.layer, first.label)
        )
        _take_over(project, made, second)
    return act.change


def _take_over(project: Project, made: Annotation, second: Span) -> None:
    """Let a joined span say what only its second part said; how sure one was of another label is not kept."""
    for aspect in ("holder", "target"):
        name = getattr(second, aspect)
        if name is not None and getattr(made, aspect) is None:
            known = project.actors.behind([name]).actor(name) if isinstance(second, Suggestion) else name
            project.claims.write(made, aspect, known)
    if isinstance(second, Suggestion):
        return
    if made.certainty is None and second.label == made.label and second.certainty is not None:
        project.claims.write(made, "certainty", second.certainty)
    if second.note:
        notes = "\n".join(note for note in (made.note, second.note) if note)
        project.claims.write(made, "note", notes)


def _edges(project: Project, article: int, span: Span) -> tuple[int, int]:
    """Return a span's start and end; raises ``ProjectError`` where it cannot be changed (any more)."""
    if isinstance(span, Annotation):
        project.annotations.mine(span.id)
    elif project.suggestions.get(article, span.id) is None:
        raise ProjectError("This suggestion was replaced by a newer run. Look again and decide.")
    if span.start is None or span.end is None or span.label is None:
        raise ProjectError(
            "A label of the whole article can be neither split nor joined. Choose a span first."
        )
    return span.start, span.end


def _refuse_double(project: Project, article: int, layer: str, start: int, end: int) -> None:
    for other in project.annotations.of(article):
        if (other.layer, other.start, other.end) == (layer, start, end):
            raise ProjectError(
                f"There is another {layer} span on exactly this text. Delete that one first, or relabel it."
            )


def _put(project: Project, article: int, suggestion: Suggestion, start: int, end: int) -> None:
    """Label a stretch as ``suggestion`` labels its own."""
    assert suggestion.label is not None
    project.annotations.put(article, suggestion.layer, suggestion.label, start, end, suggestion=suggestion)


def _copy(project: Project, old: Annotation, start: int, end: int) -> None:
    """Write an annotation like ``old`` on another stretch."""
    origin: Origin = "corrected" if old.origin in ("accepted", "corrected") else "manual"
    when = now()
    made = replace(
        old,
        uuid=str(uuid.uuid4()),
        start=start,
        end=end,
        quote=project.articles.text(old.article)[start:end],
        origin=origin,
        created_at=when,
        updated_at=when,
    )
    actors = {name: project.actors.called(name) for name in (old.actor, old.holder, old.target) if name}
    ids = project.codebook.ids(old.layer, old.label)
    insert_annotations(project, [(old.article, project.ensure_annotator(), made, ids)], actors)


def _look_up_actor(project: Project, span: Annotation, start: int, end: int) -> None:
    """Let an entity be about whom its own words name, not about whom they named with others."""
    if span.layer != "entity":
        return
    quote = name_of(project.articles.text(span.article)[start:end])
    actor = project.actors.behind([quote]).of_mention(quote, span.label, None)
    id_ = project.actors.called(actor, span.label) if actor is not None else None
    project.db.execute(
        "UPDATE annotations SET actor = ? WHERE article = ? AND annotator = ? "
        "AND layer = (SELECT id FROM layers WHERE name = ?) AND start = ? AND end = ?",
        [id_, span.article, project.ensure_annotator(), span.layer, start, end],
    )
