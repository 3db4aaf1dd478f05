"""Fixtures for tests through the window: a real MainWindow on a real project file, offscreen."""

from __future__ import annotations

import errno
import gc
import itertools
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QSettings, Qt, QTimer
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QGuiApplication,
    QImage,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QTextCursor,
    QTextLayout,
    QTextOption,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot
from sqlite_utils import Database

from annotator.model import ArticleInput, PipelineInfo, Suggestion
from annotator.project import Project, create_project
from annotator.text import Utf16Map
from annotator.ui import backups, listing, models, near_duplicates, patient, tasks, theme
from annotator.ui.main_window import MainWindow
from annotator.ui.session import Session
from annotator.ui.settings import Settings
from annotator.ui.span_layout import ShownSpan

ROCKET = (
    "A rocket 🚀 flew over Armenia. Russia denied it.\nNikol Pashinyan spoke in Yerevan.\n\nSubscribe now!"
)
GYUMRI = "Gyumri's mayor met the U.S. envoy.\nThe café in Moscow was closed."
BRUSSELS = "Nothing happened in Brussels."
KYIV = "Kyiv"

PIPELINE = PipelineInfo("by_hand", "1")
_tests = itertools.count()
_UI = Path(tasks.__file__).parent
# article -> what is suggested for it: (label, quote)
SPANS = {
    1: (("GPE", "Armenia"), ("ORG", "Russia"), ("PERSON", "Nikol Pashinyan"), ("GPE", "Yerevan")),
    2: (("GPE", "Gyumri"), ("GPE", "U.S."), ("GPE", "Moscow")),
    3: (("ORG", "Brussels"),),
    4: (("GPE", "Kyiv"),),
}


def suggestions_for(article: int, text: str) -> list[Suggestion]:
    """The suggestions of one of the articles, made by hand."""
    found = []
    for label, quote in SPANS[article]:
        start = text.index(quote)
        found.append(
            Suggestion("entity", label, start, start + len(quote), "ner", reason=f"{quote} is a name")
        )
    if article in (1, 2):
        found.append(
            Suggestion(
                "stance",
                "pro-West" if article == 1 else "neutral",
                None,
                None,
                "stance",
                reason="cues",
                score=0.7,
                scores={"pro-West": 0.7, "neutral": 0.2, "pro-Russia": 0.1},
                evidence=((0, text.index(".") + 1),),
            )
        )
    return found


def fill(project: Project) -> None:
    """Put four articles with suggestions into a project."""
    with project.act("imported 4 articles"):
        project.articles.add(ArticleInput(ROCKET, "Rocket", source="b.example", published="2024-02-04"))
        project.articles.add(ArticleInput(GYUMRI, "gyumri", source="A.example", published="2023-01-01"))
        project.articles.add(ArticleInput(BRUSSELS, "Brussels"))
        project.articles.add(ArticleInput(KYIV, "Kyiv", source="c.example", published="2022-02-24"))
    project.suggestions.replace(
        PIPELINE, [(i, suggestions_for(i, project.articles.text(i)), None) for i in (1, 2, 3, 4)]
    )


@pytest.fixture(autouse=True)
def _garbage() -> Iterator[None]:
    """As in the program (annotator.ui.garbage), what was left of windows goes in their own thread."""
    gc.disable()
    yield
    gc.collect(2 if next(_tests) % 50 == 0 else 1)


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path) -> None:
    """Each test has settings of its own; that its Python is old has been said, or all would hear it."""
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path / "settings"))
    if sys.version_info < (3, 12):
        Settings().set(models._SAID, 1)


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small project is listed at once, however busy the machine is, and what follows an opening with it."""
    monkeypatch.setattr(models, "AFTERWARDS", 0)
    monkeypatch.setattr(listing, "PATIENCE", 10.0)
    monkeypatch.setattr(backups, "PATIENCE", 10.0)
    monkeypatch.setattr(patient, "PATIENCE", 10.0)


@pytest.fixture(autouse=True)
def _uncompared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is compared for near-duplicates by itself: a test may ask the project beside the window."""
    monkeypatch.setattr(near_duplicates, "DELAY", 10**9)


@pytest.fixture(autouse=True)
def _one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail where the window uses a project that it did not ask the session for: a step may be at it."""
    found: list[str] = []
    execute = Database.execute

    def watched(self: Database, *args: Any) -> Any:
        if tasks._at_hand and threading.current_thread() is threading.main_thread():
            frame = sys._getframe(1)
            while frame.f_back is not None and _UI not in Path(frame.f_code.co_filename).parents:
                opens = frame.f_code.co_name in ("create_project", "open_project")  # a connection of its own
                if opens or Path(frame.f_code.co_filename).is_relative_to(Path(__file__).parent):
                    return execute(self, *args)  # or the test itself asks
                frame = frame.f_back
            found.append(f"{frame.f_code.co_filename}:{frame.f_lineno}")
        return execute(self, *args)

    monkeypatch.setattr(Database, "execute", watched)
    yield
    assert not found


@pytest.fixture
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Session, "suggest_pending", lambda self: None)
    monkeypatch.setattr(Session, "suggest_anew", lambda self, article: None)


@pytest.fixture
def project_file(tmp_path: Path) -> Path:
    """A project with four articles and hand-written suggestions; anna annotates in it."""
    with create_project(tmp_path / "news.annot", annotator="anna") as project:
        fill(project)
    return tmp_path / "news.annot"


@pytest.fixture
def new_window(qtbot: QtBot) -> Iterator[Callable[..., MainWindow]]:
    """Make windows, with the theme as it is set; they are closed at the end, and their workers with them."""
    windows: list[MainWindow] = []

    def make(path: Path | None = None) -> MainWindow:
        settings = Settings()
        settings.set("annotator", "anna")
        theme.apply(settings.text("theme", "light"))
        window = MainWindow(Session(settings))
        windows.append(window)
        if not settings.state("geometry"):
            window.resize(1440, 860)  # the offscreen platform's screen is smaller
        window.show()
        qtbot.waitExposed(window)
        if path is not None:
            assert window.open(path)
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        return window

    yield make
    for window in windows:
        window.files.stop()  # nobody answers the question whether to stop what is running
        window.close()
        window.session.deleteLater()
        window.deleteLater()


@pytest.fixture
def window(new_window: Callable[..., MainWindow], project_file: Path, no_worker: None) -> MainWindow:
    """The window on ``project_file``; nobody suggests anything by itself."""
    return new_window(project_file)


class Hands:
    """What a person does at the window, as real events to the widget that has the focus."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.window: MainWindow

    @property
    def project(self) -> Project:
        project = self.window.session.project
        assert project is not None
        return project

    @property
    def text(self) -> str:
        return self.window.labelling.text

    def focus(self, widget: QWidget) -> None:
        """Put the keyboard into a widget."""
        widget.setFocus()
        self.qtbot.waitUntil(widget.hasFocus)

    def press(self, *sequences: str) -> None:
        """Press key combinations, in the names of QKeySequence, one after another."""
        for sequence in sequences:
            combination = QKeySequence(sequence)[0]
            target = QApplication.focusWidget()
            assert target is not None, "nothing has the focus"
            key, modifiers = combination.key(), combination.keyboardModifiers()
            letter = sequence.rpartition("+")[2]
            if letter.isascii():
                QTest.keyClick(target, key, modifiers)
            else:
                click = QTest.KeyAction.Click  # keyClick() knows no other alphabets
                QTest.sendKeyEvent(click, target, key, letter.lower(), modifiers)

    def type(self, text: str) -> None:
        """Type letters."""
        target = QApplication.focusWidget()
        assert target is not None
        QTest.keyClicks(target, text)

    def double_click(self, quote: str) -> None:
        """Double-click in the middle of the first place with this text."""
        view = self.window.pane.view
        cursor = QTextCursor(view.document())
        cursor.setPosition(Utf16Map(self.text).to_utf16(self.text.index(quote) + len(quote) // 2))
        view.setTextCursor(cursor)
        view.ensureCursorVisible()
        spot = view.cursorRect(cursor).center() + QPoint(2, 0)
        left = Qt.MouseButton.LeftButton
        for kind in (
            QEvent.Type.MouseButtonPress,
            QEvent.Type.MouseButtonRelease,
            QEvent.Type.MouseButtonDblClick,
            QEvent.Type.MouseButtonRelease,
        ):
            place = view.viewport().mapToGlobal(QPointF(spot))
            event = QMouseEvent(kind, QPointF(spot), place, left, left, Qt.KeyboardModifier.NoModifier)
            QApplication.sendEvent(view.viewport(), event)

    def click(self, quote: str) -> None:
        """Click in the middle of the first place with this text, wherever the caret stands."""
        view = self.window.pane.view
        cursor = QTextCursor(view.document())
        cursor.setPosition(Utf16Map(self.text).to_utf16(self.text.index(quote) + len(quote) // 2))
        spot = view.cursorRect(cursor).center() + QPoint(2, 0)
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=spot)

    def caret(self, position: int) -> None:
        """Put the caret before this code point of the article; no span is active then."""
        view = self.window.pane.view
        self.focus(view)
        view.set_active(None)
        view.select(position, position)

    def activate(self, quote: str) -> ShownSpan:
        """Make the span on this text active, as a click does."""
        view = self.window.pane.view
        self.focus(view)
        span = next(s for s in view.spans() if self.text[s.start : s.end] == quote)
        view.set_active(span.key)
        return span

    @property
    def active(self) -> tuple[str, str, bool] | None:
        """The active span's (label, text, only suggested)."""
        span = self.window.pane.view.active
        return (span.label, self.text[span.start : span.end], span.suggested) if span else None

    def labelled(self, article: int | None = None) -> list[tuple[str, str | None, str]]:
        """What is stored for an article (default: the open one): (label, text or None, origin)."""
        stored = self.project.annotations.of(article or self.window.labelling.article)
        return [(a.label, a.quote, a.origin) for a in stored]

    def open_suggestions(self) -> list[str]:
        """The texts that have an open suggestion in the stored article."""
        found = self.project.suggestions.open(self.window.labelling.article)
        return [self.text[s.start : s.end] for s in found if s.start is not None]

    def in_dialog(self, act: Callable[[QDialog], None]) -> None:
        """Do ``act`` on the next modal dialog, once it is open."""
        until = time.monotonic() + 5

        def look() -> None:
            dialog = QApplication.activeModalWidget()
            if isinstance(dialog, QDialog):
                act(dialog)
            elif time.monotonic() < until:
                QTimer.singleShot(5, look)

        QTimer.singleShot(0, look)


@pytest.fixture
def hands(qtbot: QtBot, window: MainWindow) -> Hands:
    """The person at the window."""
    person = Hands(qtbot)
    person.window = window
    return person


class PaintedWords(QPainter):
    """Paints into a picture, and remembers what words it was given, as they are seen from left to right."""

    def __init__(self) -> None:
        self._image = QImage(600, 80, QImage.Format.Format_RGB32)
        super().__init__(self._image)
        self.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # a window's painter has its direction
        self.words: list[str] = []

    def drawText(self, *args: Any) -> Any:  # noqa: N802
        self.words.append(as_seen(next(arg for arg in args if isinstance(arg, str)), self.layoutDirection()))
        return super().drawText(*args)


def as_seen(words: str, direction: Qt.LayoutDirection = Qt.LayoutDirection.LeftToRight) -> str:
    """Return the characters of a line from left to right, as Qt sets them in a line of this direction."""
    layout = QTextLayout(words, QGuiApplication.font())
    option = QTextOption()
    option.setTextDirection(direction)
    layout.setTextOption(option)
    layout.beginLayout()
    line = layout.createLine()
    layout.endLayout()
    placed = []
    for at, char in enumerate(words):
        runs = line.glyphRuns(at, 1)
        if runs and not "\u2066" <= char <= "\u2069":
            placed.append((min(run.positions()[0].x() for run in runs), char))
    return "".join(char for _, char in sorted(placed, key=lambda pair: pair[0]))


@pytest.fixture
def fill_the_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Call it, and only half of what is written to a file finds room from then on."""

    def half(path: Path, data: bytes | str, *_: Any, **__: Any) -> int:
        content = data.encode() if isinstance(data, str) else data
        with path.open("wb") as file:
            file.write(content[: len(content) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def fill() -> None:
        monkeypatch.setattr(Path, "write_bytes", half)
        monkeypatch.setattr(Path, "write_text", half)

    return fill


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a screen reader would be told."""
    words: list[str] = []

    def hear(event: object) -> None:
        if isinstance(event, QAccessibleAnnouncementEvent):
            words.append(event.message())

    monkeypatch.setattr(QAccessible, "updateAccessibility", hear)
    return words
