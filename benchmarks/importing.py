"""Importing the corpus (checked, searchable, undoable) against raw msgspec + executemany into bare tables.

    python3 benchmarks/importing.py [--articles N | --full]

The floor decodes the same lines into the same types and writes the same columns into tables without foreign
keys, indexes, history or search; the second ratio is against the same with FTS5, which nobody gets for less.
"""

from __future__ import annotations

import json
import sqlite3
import statistics
from pathlib import Path
from typing import Any

from shared import finish, in_turn, ms, peak_mb, place, row, seconds

PRAGMAS = ("journal_mode = DELETE", "synchronous = FULL", "cache_size = -32000")
PER_COMMIT = 500
METADATA = ("source", "url", "author", "published", "language")


def _json(s: Any) -> tuple[str | None, str]:
    return json.dumps(s.scores) if s.scores else None, json.dumps(s.evidence) if s.evidence else "[]"


def raw(path: Path, lines: Path, *, search: bool) -> None:
    """Import as fast as Python and SQLite can."""
    import msgspec

    from annotator.formats.typed import _Line

    path.unlink(missing_ok=True)
    db = sqlite3.connect(path, isolation_level=None)
    for pragma in PRAGMAS:
        db.execute(f"PRAGMA {pragma}")
    db.execute(
        "CREATE TABLE articles(id INTEGER PRIMARY KEY, uuid, sha256, title, "
        "source, url, author, published, language)"
    )
    db.execute("CREATE TABLE texts(id INTEGER PRIMARY KEY, text)")
    db.execute(
        'CREATE TABLE suggestions(article, id, layer, label, "start", "end", component, reason, score, '
        "scores, evidence, PRIMARY KEY(article, id)) WITHOUT ROWID"
    )
    tables = {"articles": 9, "texts": 2, "suggestions": 11}
    if search:
        db.execute(
            "CREATE VIRTUAL TABLE found USING fts5(title, text, content='', "
            "tokenize='unicode61 remove_diacritics 2')"
        )
        tables["found(rowid, title, text)"] = 3
    rows: dict[str, list[tuple[object, ...]]] = {name: [] for name in tables}
    decode = msgspec.json.Decoder(_Line).decode

    def commit() -> None:
        db.execute("BEGIN")
        for name, columns in tables.items():
            db.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * columns)})", rows[name])
            rows[name].clear()
        db.execute("COMMIT")

    with lines.open("rb") as file:
        for number, line in enumerate(file, 1):
            a = decode(line)
            meta = json.loads(bytes(a.meta))
            rows["articles"].append((number, a.id, a.sha256, a.title, *(meta[name] for name in METADATA)))
            rows["texts"].append((number, a.text))
            assert isinstance(a.suggestions, list)
            rows["suggestions"] += [
                (number, n, s.layer, s.label, s.start, s.end, s.component, s.reason, s.score, *_json(s))
                for n, s in enumerate(a.suggestions, 1)
            ]
            if search:
                rows["found(rowid, title, text)"].append((number, a.title, a.text))
            if number % PER_COMMIT == 0:
                commit()
    commit()
    db.close()


def main() -> None:
    """Print the ratios and the peak of memory."""
    here = place(__doc__)
    lines = here.corpus()
    from annotator.formats import LONG_STEP_SECONDS, import_paths
    from annotator.project import create_project

    path, bare, searchable = (here.folder / name for name in ("ours.annot", "bare.db", "searchable.db"))
    taken: list[float] = []

    def ours() -> None:
        path.unlink(missing_ok=True)
        with create_project(path, annotator="anna") as project:
            steps = import_paths(project, [lines], step_seconds=LONG_STEP_SECONDS)
            taken.append(seconds(lambda: finish(steps)))  # making a project is no part of it

    ours()
    memory = peak_mb()
    taken.clear()
    _, floor, with_search = in_turn(
        1 if here.is_full else 5,
        ours,
        lambda: raw(bare, lines, search=False),
        lambda: raw(searchable, lines, search=True),
    )
    took = statistics.median(taken)
    row("import: bare tables / ours", ms(took), ms(floor), floor / took, 0.5, at_least=True)
    row("import: with FTS5 too / ours", ms(took), ms(with_search), with_search / took, 0.5, at_least=True)
    row("import: peak memory, MB", f"{memory:.0f} MB", "", memory, 200)
    for made in (path, bare, searchable):
        made.unlink()


if __name__ == "__main__":
    main()
