"""Counting for the overview, and the longest time for which the window does not answer meanwhile.

    python3 benchmarks/overview.py [--articles N | --full] [--why]

Half of the articles have their suggestions accepted and a stance, and are done. The window counts as it does
for a person who has just pressed the key: what draws the charts is imported on the way. Then each chart is
shown, and one act is followed.
"""

from __future__ import annotations

import os
import shutil
import sys
import time

from exporting import accept_half
from shared import ms, place, row
from ticker import LONGEST, Ticker

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def main() -> None:
    """Print the figures."""
    why = "--why" in sys.argv
    sys.argv = [word for word in sys.argv if word != "--why"]
    here = place(__doc__)
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        os.environ[variable] = str(here.folder / "home")
    from annotator.project import open_project
    from annotator.project.overview import overview_steps

    path = here.folder / "overview.annot"
    shutil.copyfile(here.project(), path)
    accept_half(path)
    with open_project(path, annotator="anna") as project:
        ids = [id_ for id_ in project.articles.ids() if id_ % 2 == 0]
        for begin in range(0, len(ids), 500):
            with project.act("done"):
                for article in ids[begin : begin + 500]:
                    project.articles.write_progress(article, project.ensure_annotator(), status="done")
        total = project.articles.count()
        steps = overview_steps(project)
        began, longest = time.perf_counter(), 0.0
        while True:
            step_began = time.perf_counter()
            try:
                next(steps)
            except StopIteration:
                break
            longest = max(longest, time.perf_counter() - step_began)
        took = time.perf_counter() - began
        row("overview counted: a step at most, ms", f"{took:.2f} s", ms(longest), longest * 1000, LONGEST)
        row("overview counted, ms for 1,000 articles", f"{took:.2f} s", "", took * 1e6 / total, 1000)

    from PySide6.QtWidgets import QApplication

    from annotator.ui import overview_dialog, theme
    from annotator.ui.main_window import MainWindow
    from annotator.ui.session import Session
    from annotator.ui.settings import Settings

    app = QApplication([])
    theme.apply("light")
    Session.suggest_pending = lambda self: None  # type: ignore[method-assign]  # spaCy is another process
    session = Session(Settings())
    session.settings.set("backups", 0)
    window = MainWindow(session)
    window.show()
    assert session.open(path)
    while window.listing.running:
        app.processEvents()
    ticker = Ticker(app, why)
    found: list[object] = []

    def over(number: int) -> bool:
        return len(found) >= number

    window.dialogs.show_overview()  # building the page once; its counting begins anew below
    dialog = window.findChild(overview_dialog.OverviewDialog)
    assert dialog is not None
    dialog.counting.finished.connect(found.append)
    ticker.measure("overview opened and counted", dialog.count, lambda: over(1))

    def walk() -> None:
        for chart in range(dialog.parts.count()):
            dialog.parts.setCurrentRow(chart)
            for _ in range(5):
                app.processEvents()

    ticker.measure("each chart shown", walk, lambda: True)
    ticker.measure("an act followed", window.labelling.accept_all, lambda: over(2))
    window.close()
    path.unlink()


if __name__ == "__main__":
    main()
