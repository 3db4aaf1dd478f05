"""What ``annotator actors`` prints."""

from __future__ import annotations

import json

from annotator.model import ActorRow
from annotator.project import Project
from annotator.text import printable


def show_actors(project: Project, as_json: bool) -> None:
    """Print every actor by name: kind, bloc, number of mentions and articles, and the other names."""
    rows = project.actors.rows()
    if as_json:
        print(json.dumps([_as_dict(row) for row in rows], ensure_ascii=False, indent=2))
        return
    for row in rows:
        actor = row.actor
        about = ", ".join(part for part in (actor.kind, actor.bloc) if part)
        mentions = f"{row.mentions:,} mention{'' if row.mentions == 1 else 's'}"
        articles = f"{row.articles:,} article{'' if row.articles == 1 else 's'}"
        also = f"; also {', '.join(actor.aliases)}" if actor.aliases else ""
        print(printable(f"{actor.name}{f' ({about})' if about else ''}: {mentions} in {articles}{also}"))
    if not rows:
        print("No actors yet. They come with the entities that are accepted.")


def _as_dict(row: ActorRow) -> dict[str, object]:
    actor = row.actor
    return {
        "id": actor.uuid,
        "name": actor.name,
        "kind": actor.kind,
        "bloc": actor.bloc,
        "aliases": list(actor.aliases),
        "mentions": row.mentions,
        "articles": row.articles,
    }
