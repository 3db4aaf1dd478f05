"""Make the pictures of README and the guide: the real window on the sample project, light and dark.

    python3 docs/make_screenshots.py [FOLDER]     # default: docs/images

Runs without a display. The suggestions are those of the installed model.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

SOURCES = (
    "ararat-courier.example",
    "north-wire.example",
    "caspian-post.example",
    "the-lisbon-letter.example",
)
HERE = Path(__file__).resolve().parent


def main(folder: Path) -> None:
    """Write the pictures into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        os.environ["XDG_CONFIG_HOME"] = os.environ["XDG_DATA_HOME"] = home
        from PySide6.QtWidgets import QApplication

        from annotator.resources import resource
        from annotator.ui import theme
        from annotator.ui.main_window import MainWindow
        from annotator.ui.session import Session
        from annotator.ui.settings import Settings

        app = QApplication([])
        app.setStyle("Fusion")
        theme.apply("light")
        session = Session(Settings())
        window = MainWindow(session)
        window.resize(1440, 860)
        window.show()

        def wait(condition, seconds: float = 120) -> None:
            until = time.monotonic() + seconds
            while not condition() and time.monotonic() < until:
                app.processEvents()
                time.sleep(0.01)

        session.create(Path(home) / "Armenia.annot")
        window.files.import_paths([Path(str(resource("sample")))])
        wait(lambda: session.project.articles.count() >= 10)
        wait(lambda: not session.project.suggestions.pending())
        # What a morning's work leaves behind: some done, one flagged, one in hand.
        project, ids = session.project, window.list.ids()
        for number, article in enumerate(ids):
            project.articles.edit_metadata(
                article,
                source=SOURCES[number % len(SOURCES)],
                published=f"2024-0{number % 9 + 1}-1{number % 7}",
            )
        for article, stance in zip(ids, ("pro-West", "pro-Russia", "neutral"), strict=False):
            project.annotations.accept_all(article)
            project.annotations.add(article, "stance", stance)
            project.articles.set_status(article, "done")
        project.articles.set_flagged(ids[4], True)
        in_hand = next(
            article
            for article in reversed(ids)
            if (found := project.suggestions.whole_article(article, "stance")) and found.label == "pro-West"
        )
        window.list.refresh(None)
        window.show_article(in_hand)
        window.notice.hide()
        window.focus_article()
        window.labelling.next_suggestion()
        for _ in range(9):
            window.labelling.accept()
        window._count()
        for choice in ("light", "dark"):
            window.appearance.choose_theme(choice)
            for _ in range(20):
                app.processEvents()
                time.sleep(0.01)
            window.grab().save(str(folder / f"window-{choice}.png"))
            print(folder / f"window-{choice}.png")
        window.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "images")
