"""Exporting (every text and quote verified) against streaming json_group_array into a file.

python3 benchmarks/exporting.py [--articles N | --full]

Both write all articles with their 60 suggestions; half of the articles have them accepted, as spans.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from shared import finish, in_turn, ms, peak_mb, place, row

RAW = """
SELECT json_object('schema', 'annotator/1', 'id', uuid, 'sha256', sha256, 'title', title, 'text', text,
    'meta', json_object('source', source, 'url', url, 'published', published, 'author', author,
        'language', language),
    'annotator', (SELECT name FROM annotators WHERE id = p.annotator), 'status', status, 'flagged', flagged,
    'note', note, 'drawn', drawn,
    'labels', (SELECT json_group_object(layers.name, json_object('id', a.uuid, 'label', labels.name))
        FROM annotations a JOIN layers ON layers.id = a.layer JOIN labels ON labels.id = a.label
        WHERE a.article = articles.id AND a.start IS NULL),
    'spans', (SELECT json_group_array(json_object('id', a.uuid, 'layer', layers.name, 'label', labels.name,
        'start', a.start, 'end', a.end, 'text', quote, 'certainty', certainty, 'note', a.note,
        'origin', origin, 'component', component, 'reason', reason, 'seen_suggestion', seen_suggestion,
        'blind', blind, 'actor', (SELECT name FROM actors WHERE id = a.actor),
        'holder', (SELECT name FROM actors WHERE id = a.holder),
        'target', (SELECT name FROM actors WHERE id = a.target), 'codebook_version', codebook_version,
        'created_at', created_at, 'updated_at', updated_at))
        FROM annotations a JOIN layers ON layers.id = a.layer JOIN labels ON labels.id = a.label
        WHERE a.article = articles.id AND a.start IS NOT NULL),
    'rejections', (SELECT json_group_array(json_object('layer', layers.name, 'label', labels.name,
        'start', r.start, 'end', r.end))
        FROM rejections r JOIN layers ON layers.id = r.layer JOIN labels ON labels.id = r.label
        WHERE r.article = articles.id),
    'suggestions', (SELECT json_group_array(json_object('layer', layers.name, 'label', labels.name,
        'start', s.start, 'end', s.end, 'score', score, 'scores', json(scores), 'reason', reason,
        'evidence', json(evidence), 'component', component, 'actor', actor, 'holder', holder,
        'target', target))
        FROM suggestions s JOIN layers ON layers.id = s.layer LEFT JOIN labels ON labels.id = s.label
        WHERE s.article = articles.id AND (s.article % 2 OR s.start IS NULL)),
    'pipeline', (SELECT json_object('name', runs.name, 'version', version) FROM suggested
        JOIN runs ON runs.id = suggested.run WHERE suggested.article = articles.id))
FROM articles JOIN texts ON texts.id = articles.id LEFT JOIN progress p ON p.article = articles.id
"""


def accept_half(path: Path) -> None:
    """Accept the suggestions of every second article."""
    from annotator.project import open_project
    from annotator.project.bulk import accept_open

    with open_project(path, annotator="anna") as project:
        ids = [id for id in project.articles.ids() if id % 2 == 0]
        for begin in range(0, len(ids), 200):
            with project.act("accepted"):
                for id in ids[begin : begin + 200]:
                    accept_open(project, [id])


def raw(path: Path, out: Path) -> None:
    """Export as fast as SQLite can."""
    db = sqlite3.connect(path)
    db.execute("PRAGMA cache_size = -32000")
    with out.open("w", encoding="utf-8") as file:
        for (line,) in db.execute(RAW):
            file.write(line)
            file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    db.close()


def main() -> None:
    """Print the ratio and the peak of memory."""
    from annotator.formats import export_jsonl
    from annotator.project import open_project

    here = place(__doc__)
    path, out = here.project(), here.folder / "out.jsonl"
    accept_half(path)
    before = peak_mb()
    with open_project(path, annotator="anna") as project:

        def export() -> None:
            finish(export_jsonl(project, out, with_suggestions=True))

        export()  # once, so that both find the file in the system's cache
        memory = peak_mb()
        ours, floor = in_turn(1 if here.is_full else 5, export, lambda: raw(path, out))
    row("export: json_group_array / ours", ms(ours), ms(floor), floor / ours, 0.7, at_least=True)
    row("export: peak memory, MB", f"{memory:.0f} MB", f"{before:.0f} MB", memory, 200)
    out.unlink()
    path.unlink()  # the others want a project that nobody has touched


if __name__ == "__main__":
    main()
