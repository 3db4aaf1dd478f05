"""What ``annotator history`` and ``annotator compact`` do."""

from __future__ import annotations

import json

import typer

from annotator.cli.backing_up import back_up
from annotator.model import ActEntry, ActFilter, AnnotatorError
from annotator.project import Project
from annotator.project.compact import compact, plan, sizes

_STATES = {"done": "", "undone": " (undone)", "dropped": " (undone for good)", "open": " (not finished)"}


def show_history(project: Project, article: str | None, limit: int, as_json: bool) -> None:
    """Print the latest ``limit`` acts, newest first; with ``article``, those of the articles it names."""
    wanted = ActFilter()
    if article is not None:
        found = project.articles.titled(article)
        if not found:
            raise AnnotatorError(f"No article has {article!r} in its title. Give other words of it.")
        wanted = ActFilter(articles=tuple(found))
    ids = project.acts.ids(wanted)
    entries = project.acts.rows(ids[:limit])
    if as_json:
        print(json.dumps([_as_dict(entry) for entry in entries], ensure_ascii=False, indent=2))
        return
    for entry in entries:
        act = entry.act
        where = f" in “{_line(entry.title)}”" if entry.title else ""
        text = f"{act.local_time()}  {_line(act.annotator)}: {_line(act.text)}{where}"
        print(f"{text}  [{entry.what}]{_STATES[act.state]}")
    if not entries:
        print("Nothing has been done yet.")
    elif len(ids) > len(entries):
        print(f"{len(ids) - len(entries):,} earlier acts are not shown (--limit).")


def _as_dict(entry: ActEntry) -> dict[str, object]:
    act = entry.act
    return {
        "id": act.id,
        "when": act.created_at,
        "annotator": act.annotator,
        "text": act.text,
        "article": entry.title,
        "rows": act.rows,
        "what": entry.what,
        "state": act.state,
    }


def _line(text: str) -> str:
    """Return ``text`` on one line, without what a terminal would obey."""
    return "".join(c if c.isprintable() else " " for c in text[:500])


def compact_project(project: Project, older_than: int | None, yes: bool, no_backup: bool) -> None:
    """Say what goes, ask where history goes with it, back that up, and do it."""
    wanted = plan(project, older_than)
    print(wanted.summary())
    if wanted.old_acts and not yes and not typer.confirm("Go on?"):
        raise AnnotatorError("Nothing was changed.")
    if wanted.old_acts:  # what can be redone goes with each new act, and is not worth a backup
        back_up(project, no_backup, "Stopped. Nothing was changed.")
    print(f"{project.path.name} is compact: {sizes(*compact(project, wanted))}.")
