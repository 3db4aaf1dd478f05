"""Exporting (every text and quote verified) against streaming json_group_array into a file.

python3 benchmarks/exporting.py [--articles N | --full]

Both write all articles with their 60 suggestions; half of the articles have them accepted, as spans.
"""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from shared import finish, ms, peak_mb, place, row, seconds

RAW = """
SELECT json_object('id', uuid, 'sha256', sha256, 'title', title, 'text', text,
    'meta', json_object('source', source, 'url', url, 'published', published, 'language', language),
    'spans', (SELECT json_group_array(json_object('id', a.uuid, 'layer', layers.name, 'label', labels.name,
        'start', a.start, 'end', a.end, 'text', quote, 'certainty', certainty, 'note', note, 'origin', origin,
        'component', component, 'reason', reason, 'seen_suggestion', seen_suggestion, 'blind', blind,
        'actor', actor,
        'holder', holder, 'target', target, 'codebook_version', codebook_version, 'created_at', created_at,
        'updated_at', updated_at))
        FROM annotations a JOIN layers ON layers.id = a.layer JOIN labels ON labels.id = a.label
        WHERE a.article = articles.id),
    'suggestions', (SELECT json_group_array(json_object('layer', layers.name, 'label', labels.name,
        'start', s.start, 'end', s.end, 'score', score, 'scores', json(scores), 'reason', reason,
        'evidence', json(evidence), 'component', component,
        'actor', actor, 'holder', holder, 'target', target))
        FROM suggestions s JOIN layers ON layers.id = s.layer LEFT JOIN labels ON labels.id = s.label
        WHERE s.article = articles.id AND (s.article % 2 OR s.start IS NULL)))
FROM articles JOIN texts ON texts.id = articles.id
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
    raw(path, out)  # once, so that both find the file in the system's cache
    before = peak_mb()
    with open_project(path, annotator="anna") as project:
        ours = seconds(lambda: finish(export_jsonl(project, out, with_suggestions=True)))
    memory = peak_mb()
    floor = seconds(lambda: raw(path, out))
    row("export: json_group_array / ours", ms(ours), ms(floor), floor / ours, 0.7, at_least=True)
    row("export: peak memory, MB", f"{memory:.0f} MB", f"{before:.0f} MB", memory, 200)
    out.unlink()
    path.unlink()  # the others want a project that nobody has touched


if __name__ == "__main__":
    main()
