"""A verified backup, and a compact copy, against a plain copy of the file that reaches the disk.

    python3 benchmarks/backup.py [--articles N | --full]

A backup is copied in steps, brought to the disk, looked over by SQLite page by page and counted: it may take
6 times as long. File > Save a copy also packs the copy by VACUUM INTO: 12 times. Both in flat memory.
"""

from __future__ import annotations

import os
import shutil

from shared import finish, ms, peak_mb, place, row, seconds


def main() -> None:
    """Print the ratios and the peak of memory."""
    from annotator.project.backup import make_backup
    from annotator.project.copying import copy_project

    here = place(__doc__)
    folder = here.folder / "backup"
    folder.mkdir(exist_ok=True)
    path = folder / "corpus.annot"
    shutil.copyfile(here.project(), path)

    def plain() -> None:
        with path.open("rb") as source, (folder / "plain").open("wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
            target.flush()
            os.fsync(target.fileno())

    plain()  # once, so that both find the file in the system's cache
    before = peak_mb()
    size = f"{path.stat().st_size / 1e6:,.0f} MB"
    floor = seconds(plain)
    ours = seconds(lambda: make_backup(path))
    row(f"backup of {size} / plain copy", ms(ours), ms(floor), ours / floor, 6)
    floor = seconds(plain)
    ours = seconds(lambda: finish(copy_project(path, folder / "copy.annot")))
    row(f"save a copy of {size} / plain copy", ms(ours), ms(floor), ours / floor, 12)
    memory = peak_mb()
    row("backup and copy: peak memory, MB", f"{memory:.0f} MB", f"{before:.0f} MB", memory, 200)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
