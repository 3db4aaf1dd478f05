"""How long until the window is up, and what switching articles costs, against bare Qt.

    python3 benchmarks/window.py [RUNS]

Prints ratios of medians taken in turn in one run: (1) the program's first painted window against a bare
QApplication with a QTextEdit, both from the start of the process; (2) showing a 5 kB article with 100
spans in the article view against showing its text in a bare QTextEdit, both painted; (3) the same with a
text of 5 million characters and one span.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # without .pyc files every start compiles the program anew
ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

import large_article  # noqa: E402

PROBE = """
import sys, time
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QTextEdit
class Probe(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and watched.isWidgetType():
            if watched.window().isVisible() and self.first is None:
                self.first = time.monotonic()
        return False
probe = Probe()
probe.first = None
def done():
    print(probe.first, "spacy" in sys.modules)
"""
BARE = (
    PROBE
    + """
app = QApplication([])
app.installEventFilter(probe)
edit = QTextEdit(); edit.resize(1440, 860); edit.show()
while probe.first is None: app.processEvents()
done()
"""
)
OURS = (
    PROBE
    + """
real = QApplication.exec
def exec_(*_):
    app = QApplication.instance()
    app.installEventFilter(probe)
    while probe.first is None: app.processEvents()
    done(); sys.stdout.flush()
    import os; os._exit(0)
QApplication.exec = exec_
from annotator.cli import main
main([sys.argv[1]])
"""
)


def first_paint(code: str, *arguments: str) -> float:
    """Run ``code`` in a new process; return the seconds from its start to its first paint."""
    began = time.monotonic()
    out = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split()
    assert out[1] == "False", "spaCy was imported in the window's process"
    return float(out[0]) - began


def startup(runs: int) -> None:
    """Print the ratio of first paints."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CONFIG_HOME"] = os.environ["XDG_DATA_HOME"] = folder
        from annotator.project import create_project

        project = create_project(Path(folder) / "bench", annotator="bench")
        project.close()
        first_paint(BARE), first_paint(OURS, str(project.path))
        bare, ours = [], []
        for _ in range(runs):
            bare.append(first_paint(BARE))
            ours.append(first_paint(OURS, str(project.path)))
    a, b = statistics.median(ours), statistics.median(bare)
    print(f"window up        {a * 1000:7.0f} ms   bare Qt {b * 1000:7.0f} ms   ratio {a / b:5.2f}")


def switching(runs: int) -> None:
    """Print the ratio of showing an article with spans to showing its bare text."""
    from PySide6.QtWidgets import QApplication, QTextEdit

    from annotator.ui import theme
    from annotator.ui.article_view import ArticleView
    from annotator.ui.span_layout import ShownSpan

    app = QApplication.instance() or QApplication([])
    theme.apply("light")
    sentence = "Armenia and Russia met in Brussels to talk about trade, transit and the border region. "
    texts = [("\n" if n % 4 == 0 else "").join([sentence] * 58)[:5000] + str(n) for n in range(2)]
    spans = [
        ShownSpan(("annotation", n), n * 49, n * 49 + 12, "entity", "GPE", "#2f7ecb", n % 2 == 0)
        for n in range(100)
    ]
    bare, view = QTextEdit(), ArticleView()
    bare.setReadOnly(True)
    font = view.font()
    bare.setFont(font)
    for widget in (bare, view):
        widget.resize(740, 800)
        widget.show()
    app.processEvents()

    def show_bare(text: str) -> None:
        bare.setPlainText(text)
        bare.viewport().repaint()

    def show_ours(text: str) -> None:
        view.show_article(text)
        view.set_spans(spans)
        view.viewport().repaint()

    def compare(what: str, texts: list[str], times_over: int) -> None:
        times: dict[str, list[float]] = {"bare": [], "ours": []}
        for n in range(times_over):
            for name, show in (("bare", show_bare), ("ours", show_ours)):
                began = time.thread_time()
                show(texts[n % len(texts)])
                times[name].append(time.thread_time() - began)
                app.processEvents()
        a, b = (statistics.median(times[name]) for name in ("ours", "bare"))
        print(f"{what:23} {a * 1000:6.2f} ms   bare text {b * 1000:6.2f} ms   ratio {a / b:5.2f}")

    compare("switch, 100 spans", texts, runs * 10)
    spans = spans[:1]
    compare("5 million characters", [large_article.long_text()], max(3, runs // 2))


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    startup(count)
    switching(count)
