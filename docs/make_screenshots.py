"""Take pictures of every page, dialog and state of the window, or those of README and the guide.

    python3 docs/make_screenshots.py                       # the few of docs/images
    python3 docs/make_screenshots.py FOLDER [PAGE]...      # all of docs/screenshots/pages.py, or these

The second form goes through light, dark and high contrast, at 1024x700, 1440x860 and 1440x860 with 200 %
scaling; --theme and --size take fewer. Runs without a display. The suggestions are those of the installed
model; with --quick they are any capitalised words.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
HERE = Path(__file__).resolve().parent
THEMES = ("light", "dark", "contrast")
SIZES = ("1024x700", "1440x860", "1440x860@2")
NEAR = 8  # steps of 256 by which two colours hardly differ
# picture of docs/images -> page and theme
IMAGES = {
    "window-light": ("window", "light"),
    "window-dark": ("window", "dark"),
    "window-contrast": ("window", "contrast"),
    "occurrences": ("occurrences", "light"),
    "codebook": ("codebook", "light"),
    "text-alone": ("text-alone", "light"),
}


def main(arguments: argparse.Namespace) -> None:
    """Make the project once, then take the pictures, each scaling in a process of its own."""
    from screenshots.articles import label_by_hand, make_project, suggest_quickly

    from annotator.project import open_project

    with tempfile.TemporaryDirectory() as home:
        os.environ["XDG_CONFIG_HOME"] = os.environ["XDG_DATA_HOME"] = home
        project = arguments.project or Path(home) / "Armenia.annot"
        if arguments.project is None:
            make_project(project, trying=arguments.folder is not None)
            if not arguments.quick:
                suggest = [sys.executable, "-m", "annotator", "suggest", str(project), "--no-backup"]
                subprocess.run(suggest, check=True)
            with open_project(project, annotator="anna") as opened:
                if arguments.quick:
                    suggest_quickly(opened)
                label_by_hand(opened)
        if arguments.folder is None:
            with window_on(project, "1440x860") as stage:
                for name, (page, theme) in IMAGES.items():
                    take(stage, [page], theme, HERE / "images", {page: name}, small=True)
            return
        for size in arguments.size:
            if size.endswith("@2") and "QT_SCALE_FACTOR" not in os.environ:
                again = [__file__, str(arguments.folder), *arguments.pages, "--project", str(project)]
                again += [f"--size={size}", *(f"--theme={theme}" for theme in arguments.theme)]
                subprocess.run(
                    [sys.executable, *again], check=True, env=os.environ | {"QT_SCALE_FACTOR": "2"}
                )
                continue
            for theme in arguments.theme:
                with window_on(project, size) as stage:
                    take(stage, arguments.pages, theme, arguments.folder / f"{theme}-{size}")


@contextmanager
def window_on(project: Path, size: str) -> Iterator[Any]:
    """Give a stage with a window of this size on a copy of the project."""
    from PySide6.QtWidgets import QApplication
    from screenshots.stage import Stage

    from annotator.ui import theme
    from annotator.ui.main_window import MainWindow
    from annotator.ui.session import Session
    from annotator.ui.settings import Settings

    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    app.setStyle("Fusion")
    theme.apply("light")
    Session.suggest_pending = lambda self: None  # type: ignore[method-assign]
    with tempfile.TemporaryDirectory() as folder:
        own = Path(folder) / project.name
        own.write_bytes(project.read_bytes())
        settings = Settings()
        settings.set("annotator", "anna")
        window = MainWindow(Session(settings))
        width, height = size.removesuffix("@2").split("x")
        window.resize(int(width), int(height))
        window.show()
        window.open(own)
        stage = Stage(window, Path(folder))
        stage.wait(lambda: not window.backups.running)
        yield stage
        window.close()
        window.session.deleteLater()
        window.deleteLater()
        stage.settle()


def take(
    stage: Any,
    names: Iterable[str],
    theme: str,
    folder: Path,
    called: dict[str, str] | None = None,
    *,
    small: bool = False,
) -> None:
    """Write pictures of the named pages (none: of all) into ``folder``."""
    from PySide6.QtWidgets import QWidget
    from screenshots.pages import PAGES
    from screenshots.stage import visit

    folder.mkdir(parents=True, exist_ok=True)
    stage.window.appearance.choose_theme(theme)
    stage.settle()
    wanted = set(names)
    for page in PAGES:
        if wanted and page.name not in wanted:
            continue
        path = folder / f"{(called or {}).get(page.name, page.name)}.png"

        def look(widget: QWidget, path: Path = path) -> None:
            image = widget.grab().toImage()
            (with_few_colors(image) if small else image).save(str(path))

        visit(stage, page, look)
        print(path)


def with_few_colors(image: Any) -> Any:
    """Return an image of its 256 most frequent colours: a third of the bytes, and nobody sees it.

    Of colours that hardly differ only the most frequent one counts, or a small flag would lose its own.
    """
    import numpy
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QImage

    image = image.convertToFormat(QImage.Format.Format_RGB32)
    pixels = numpy.frombuffer(image.constBits(), dtype=numpy.uint32) | 0xFF000000
    colors, counts = numpy.unique(pixels, return_counts=True)
    colors = colors[numpy.argsort(-counts)]
    channels = colors.view(numpy.uint8).reshape(-1, 4).astype(int)
    left = numpy.ones(len(colors), dtype=bool)
    table = []
    while left.any() and len(table) < 256:
        first = int(left.argmax())
        table.append(int(colors[first]))
        left &= abs(channels - channels[first]).max(axis=1) > NEAR
    return image.convertToFormat(QImage.Format.Format_Indexed8, table, Qt.ImageConversionFlag.ThresholdDither)


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("pages", nargs="*")
    parser.add_argument("--theme", action="append", choices=THEMES)
    parser.add_argument("--size", action="append", choices=SIZES)
    parser.add_argument("--quick", action="store_true", help="without a model")
    parser.add_argument("--project", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_intermixed_args()
    arguments.theme = arguments.theme or THEMES
    arguments.size = arguments.size or SIZES
    return arguments


def hear(*error: Any) -> None:
    """Remember an error in what the window does by itself: Qt prints it and goes on."""
    sys.__excepthook__(*error)
    errors.append(error)


if __name__ == "__main__":
    errors: list[Any] = []
    sys.excepthook = hear
    main(parse())
    sys.exit(bool(errors))
