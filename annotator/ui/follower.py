"""Lets open suggestions follow what people decide, in steps, while the window stays awake."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from annotator.model import AnnotatorError, Change
from annotator.ui.suggester import WAIT
from annotator.ui.tasks import APART, BackgroundStep, is_at_long_work, is_stepping, until_pause

if TYPE_CHECKING:
    from annotator.project import Project
    from annotator.ui.session import Session

STEP = 0.008  # seconds of a step, for which a key that needs the project waits; the commit comes on top
PAUSE = 2  # milliseconds for everything else between two steps: without, several come before it is its turn
_LAST_WORDS = 0.3  # seconds that closing a project may take to finish
_FEW = 500  # articles for which that is long enough
_DECISIONS = frozenset({"annotations", "rejections"})
_UNKNOWN = frozenset({"annotations", "rejections", "articles", "labels", "layers"})


class MemoryFollower(QObject):
    """Applies project memory to the articles in which a decision's names stand, those in sight first."""

    moved = Signal(list)  # articles whose suggestions are others now, when the views know it

    def __init__(self, session: Session, in_sight: Callable[[], Iterable[int]]) -> None:
        """``in_sight`` gives the articles that the person sees, the open one first."""
        super().__init__(session)
        self._session = session
        self._in_sight = in_sight
        self._unread = False  # the rules of the project: reading them is still to be begun
        self._reading: Generator[None, None, set[str]] | None = None
        self._acts: list[tuple[int, bool]] = []  # whose names are still to be counted; True: all have changed
        self._names: list[str] = []  # whose articles are still to be found
        self._finding: Iterator[list[int]] | None = None  # those of one name
        self._articles: dict[int, None] = {}  # to be gone through, in this order
        self._going: BackgroundStep | None = None
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._step)
        session.opened.connect(self._opened)
        session.closing.connect(self._finish)
        session.changed.connect(self._changed)

    @property
    def busy(self) -> bool:
        """Whether there is something left to do, or to be told."""
        return self._is_left or self._going is not None

    @property
    def _is_left(self) -> bool:
        return bool(self._is_reading or self._acts or self._names or self._finding or self._articles)

    @property
    def _is_reading(self) -> bool:
        return self._unread or self._reading is not None

    def refresh(self, article: int) -> None:
        """Let one article's suggestions follow now: somebody is about to look at it."""
        self._give_way()
        project = self._project()  # which waits for the step at hand
        if project is None or not article or self._is_reading:
            return
        self._articles.pop(article, None)
        try:
            project.memory.refresh([article], reasons=True)
        except AnnotatorError as error:
            self._give_up(str(error))

    def _project(self) -> Project | None:
        return self._session.project if self._session.writable else None

    def _opened(self) -> None:
        self._clear()
        if self._session.writable:
            self._read()  # begun later: asking for the project now would wait for the list's first step

    def _give_way(self) -> None:
        """Let the window show what a key did before the next step."""
        if self._timer.isActive():
            self._timer.start(APART)

    def _wake(self, after: int) -> None:
        if self._going is None:  # else there will be another step anyway
            self._timer.start(after)

    def _changed(self, change: Change) -> None:
        self._give_way()
        if not self._session.writable:
            return
        if change.act is not None and change.tables.isdisjoint(("labels", "layers")):
            if change.tables & _DECISIONS:
                self._acts.append((change.act, self._is_reading))
                self._wake(APART)
        elif change.tables & _UNKNOWN:
            self._read()

    def _read(self) -> None:
        self._unread = True
        self._wake(PAUSE)

    def _clear(self) -> None:
        self._timer.stop()
        self._reading = self._finding = self._going = None
        self._unread = False
        self._acts.clear()
        self._names.clear()
        self._articles.clear()

    def _step(self) -> None:
        if is_stepping() or is_at_long_work():
            self._timer.start(WAIT)  # rather than let the window, or what goes on, wait for this
            return
        if self._nobody_sees_it and (left := until_pause()):
            self._timer.start(round(left * 1000) + 1)  # the next key would wait for the commit
            return
        project = self._project()
        if project is None or not self.busy:
            self._clear()
            return
        step = self._going = BackgroundStep(partial(self._work, project, STEP, self._in_sight()), self)
        step.finished.connect(partial(self._stepped, step))
        step.failed.connect(partial(self._failed, step))

    @property
    def _nobody_sees_it(self) -> bool:
        """Whether all that is left are articles out of sight, each of which follows when it is looked at."""
        finding = self._is_reading or self._acts or self._names or self._finding
        return not finding and self._articles.keys().isdisjoint(self._in_sight())

    def _stepped(self, step: BackgroundStep, moved: list[int]) -> None:
        if step is not self._going:
            return  # its project was closed meanwhile
        self._going = None
        self._tell(moved)
        if self.busy:
            self._timer.start(PAUSE)

    def _failed(self, step: BackgroundStep, why: str) -> None:
        if step is self._going:
            self._give_up(why)

    def _tell(self, moved: list[int]) -> None:
        if moved:
            self._session.suggestions_changed.emit(moved)
            self.moved.emit(moved)

    def _give_up(self, why: str) -> None:
        """Stop where the disk is full, say: it follows when it is looked at."""
        self._clear()
        self._session.failed.emit(why)

    def _finish(self) -> None:
        """Do what is left before the project is closed; what takes too long follows when it is looked at."""
        project, until = self._project(), time.monotonic() + _LAST_WORDS
        try:
            while project is not None and self._can_be_finished and time.monotonic() < until:
                self._tell(self._work(project, STEP, self._in_sight()))
        except AnnotatorError as error:
            self._give_up(str(error))
        self._clear()

    @property
    def _can_be_finished(self) -> bool:
        only_reads = self._is_reading and not self._acts  # for nothing, if it is closed now
        return self._is_left and not only_reads and len(self._articles) <= _FEW

    def _work(self, project: Project, seconds: float, in_sight: Iterable[int]) -> list[int]:
        """Go on for so long, those in sight first; return the articles whose suggestions are others now."""
        until = time.monotonic() + seconds
        if self._unread:
            self._unread, self._reading = False, project.memory.load()
        while self._reading is not None:
            try:
                next(self._reading)
            except StopIteration as end:
                self._reading = None
                self._names += end.value
            if time.monotonic() > until:
                return []
        memory = project.memory
        while self._acts:
            act, read_meanwhile = self._acts.pop(0)
            names = memory.names_of(act)
            if names is None:
                self._reading = memory.load()
                return []
            changed = memory.recount(names)
            self._names += names if read_meanwhile else changed
            if time.monotonic() > until:
                return []
        while self._names or self._finding is not None:
            if self._finding is None:
                self._finding = memory.articles_with(self._names.pop(0))
            found = next(self._finding, None)
            self._articles.update(dict.fromkeys(found or ()))
            if found is None:
                self._finding = None
            if time.monotonic() > until:
                return []
        if not self._articles:
            return []
        near = [article for article in in_sight if article in self._articles]
        order = list(dict.fromkeys([*near, *islice(self._articles, 200)]))
        moved, done = memory.refresh(order, max(until - time.monotonic(), 0.0))
        for article in order[:done]:
            del self._articles[article]
        return moved
