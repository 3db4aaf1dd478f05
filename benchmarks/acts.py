"""One act against a raw commit of its rows; accepting 100,000 suggestions at once, and undoing that.

python3 benchmarks/acts.py [--articles N | --full]

The floor writes the rows that the act writes into bare tables, with the same journal settings.
"""

from __future__ import annotations

import gc
import shutil
import sqlite3
import statistics
import time

from shared import finish, ms, place, row, seconds

MANY = 100_000
RUNS = 60
TRIES = 3  # the quickest counts: a machine that does other things as well only makes them slower


def main() -> None:
    """Print the figures."""
    from annotator.project import open_project
    from annotator.project.bulk import accept_all_open

    here = place(__doc__)
    path = here.folder / "acts.annot"
    shutil.copy(here.project(), path)
    (here.folder / "bare.db").unlink(missing_ok=True)
    bare = sqlite3.connect(here.folder / "bare.db", isolation_level=None)
    for pragma in ("journal_mode = DELETE", "synchronous = FULL", "cache_size = -32000"):
        bare.execute(f"PRAGMA {pragma}")
    for table, columns in (("annotations", 23), ("progress", 6), ("acts", 7), ("act_rows", 4)):
        names = ", ".join(f"c{n}" for n in range(1, columns))
        bare.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, {names})")
    with open_project(path, annotator="anna") as project:
        ours, floor = [], []
        project.articles.set_flagged(1, True)
        for article in range(2, 2 + RUNS):
            began = time.perf_counter()
            project.annotations.add(article, "entity", "GPE", 1, 9)
            ours.append(time.perf_counter() - began)
            written = project.db.execute("SELECT * FROM annotations WHERE article = ?", [article]).fetchone()
            began = time.perf_counter()
            bare.execute("BEGIN")
            bare.execute(f"INSERT INTO annotations VALUES ({', '.join('?' * 23)})", (None, *written[1:]))
            bare.execute("INSERT INTO progress VALUES (NULL, ?, 1, 'in_progress', 0, '')", [article])
            bare.execute(
                "INSERT INTO acts VALUES (NULL, 'anna', 'labelled', ?, ?, 'done', 2)", [article, "2026"]
            )
            bare.executemany(
                "INSERT INTO act_rows VALUES (NULL, ?, ?, NULL)", [(article, "annotations"), (1, "p")]
            )
            bare.execute("COMMIT")
            floor.append(time.perf_counter() - began)
        a, b = statistics.median(ours), statistics.median(floor)
        row("one act / raw commit of its rows", ms(a), ms(b), a / b, 3)
        gc.disable()  # as the window has it while it works: annotator/ui/garbage.py
        accepted, undone = [], []
        for _ in range(TRIES):
            accepted.append(seconds(lambda: finish(accept_all_open(project, step_seconds=0.2))))
            last = project.history.last()
            assert last is not None
            part, many = MANY / last.rows, f"{MANY:,} (of {last.rows:,}), s"
            undone.append(seconds(project.undo))
        for name, times, bound in (("accept", accepted, 1), ("undo", undone, 3)):
            worst = f"at most {max(times) * part:.2f} s"
            row(f"{name} {many}", ms(min(times) * part), worst, min(times) * part, bound)
    bare.close()


if __name__ == "__main__":
    main()
