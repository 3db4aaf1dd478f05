"""Brings a window into a state, looks at what it shows, and brings it back."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QDialog, QProgressDialog, QWidget

from annotator.project import Project
from annotator.ui.main_window import MainWindow
from annotator.ui.span_layout import ShownSpan

LEAST_TURNS = 10  # of the event loop: a label that wraps moves others, which wrap in their turn
PATIENCE = 10.0  # seconds for a dialog to come, or a list to fill


class Stage:
    """A window on the project of the pictures (see articles.py), and ways to get about in it."""

    def __init__(self, window: MainWindow, folder: Path) -> None:
        """``folder`` takes the projects that a page makes; the window's own is open."""
        self.window = window
        self.folder = folder
        self.path = self.project.path

    @property
    def project(self) -> Project:
        """The open project."""
        project = self.window.session.project
        assert project is not None
        return project

    def article(self, words: str) -> int:
        """Open the article whose title has these words; return its id."""
        rows = self.project.articles.rows(self.project.articles.ids())
        article = next(row.id for row in rows if words in row.title)
        self.window.show_article(article)
        self.window.focus_article()
        return article

    def span(self, label: str = "") -> ShownSpan:
        """Make the open article's first span with this label (or any) active."""
        view = self.window.pane.view
        span = next(s for s in view.spans() if label in ("", s.label))
        view.set_active(span.key)
        view.active_changed.emit(span.key)
        return span

    def settle(self, seconds: float = 0.06) -> None:
        """Let the event loop do what it has to do, also on a slow machine."""
        until = time.monotonic() + seconds
        turns = 0
        while turns < LEAST_TURNS or time.monotonic() < until:
            turns += 1
            QApplication.processEvents()
            time.sleep(0.002)

    def wait(self, condition: Callable[[], bool]) -> None:
        """Let the event loop run until ``condition`` is true; some time at most."""
        until = time.monotonic() + PATIENCE
        while not condition() and time.monotonic() < until:
            self.settle(0.02)

    def back(self) -> None:
        """Close what is open beside the window, and return to the project and its usual state."""
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, QDialog) and widget.isVisible():
                widget.close()
        if self.window.session.project is None or self.project.path != self.path:
            self.window.open(self.path)
            self.settle()
        self.window.notice.hide()
        self.window.list.show_all()
        self.window.focus_article()


@dataclass(frozen=True)
class Page:
    """One page, dialog or state.

    ``act`` brings it on, by what a person would do; a generator function yields when it is there and goes
    on to take it back. ``shows`` is the name of the class of what is to be seen.
    """

    name: str
    act: Callable[[Stage], Any]
    shows: str = "MainWindow"


def visit(stage: Stage, page: Page, look: Callable[[QWidget], object]) -> None:
    """Bring ``page`` on, ``look`` at it, and go back; a modal dialog is looked at while it is open."""
    seen: list[QWidget] = []
    wrong: list[BaseException] = []
    timer = QTimer(interval=20)

    def at_modal() -> None:
        dialog = QApplication.activeModalWidget()
        wanted = type(dialog).__name__ == page.shows
        if isinstance(dialog, QProgressDialog) and not wanted:
            return  # it goes by itself
        if isinstance(dialog, QDialog) and dialog not in seen:
            seen.append(dialog)
            try:
                stage.settle()
                if wanted:
                    look(dialog)
            except BaseException as error:
                wrong.append(error)  # to be raised once the dialog's own event loop is over
            dialog.reject()

    timer.timeout.connect(at_modal)
    timer.start()
    running = page.act(stage)
    if isinstance(running, Generator):
        next(running)
    stage.settle()
    timer.stop()
    if wrong:
        raise wrong[0]
    if not any(type(widget).__name__ == page.shows for widget in seen):
        look(_shown(stage, page.shows))
    if isinstance(running, Generator):
        next(running, None)
    stage.back()


def _shown(stage: Stage, name: str) -> QWidget:
    candidates = [stage.window, *QApplication.topLevelWidgets()]
    return next(w for w in candidates if w.isVisible() and type(w).__name__ == name)
