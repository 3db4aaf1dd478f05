"""Which articles the list shows: the first page at once, the rest of a large project in steps."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, wait
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from annotator.model import AnnotatorError, Sort
from annotator.ui.article_list import ArticleList
from annotator.ui.session import Session
from annotator.ui.tasks import APART, LOOK, begin_step, is_at_long_work, is_stepping

if TYPE_CHECKING:
    from annotator.project import Project

SLICE = 0.005  # seconds of a step
PATIENCE = 0.010  # seconds for which the window waits: by then a small project is listed whole
LISTED_SOON = 5000  # articles that are listed whole by then; the list of more stands until the new one is
SORTED_SOON = 20_000  # articles that are put in order again after each that was worked on
TRIES = 3
SILENT = 0.2  # seconds after which a search that has found nothing yet says that it goes on
MANY = 500  # articles that are asked at once whether they fit
BY_WORK: tuple[Sort, ...] = (
    *("status", "flagged", "stance", "suggested", "sureness"),
    *("labels", "actors", "open", "annotators", "language"),
)
"""Orders in which acts or suggestions put an article elsewhere."""


class Listing(QObject):
    """Fills the list with what its filter asks for.

    What a person asked for (a search, a filter, an order) is shown by the page as it is found. After an act
    the list that stands there stays until the new one is whole, since most often they are the same.
    """

    def __init__(self, session: Session, articles: ArticleList) -> None:
        super().__init__(articles)
        self._session = session
        self._list = articles
        self._pages: Iterator[list[int]] = iter(())
        self._step: Future[tuple[list[int], bool]] | None = None
        self._found: list[int] = []
        self._at_once = False
        self._anew = False  # asked for again while a step was going on
        self._gives_way = False  # to long work that packs the file
        self._tells = False  # how many there are once all are listed
        self._tries = 0
        self._began = 0.0
        self._touched: set[int] = set()  # acts or suggestions may have made them leave the list, or join it
        self._unsorted: set[int] = set()  # may stand elsewhere in the order by now
        self._sorting = False  # for that alone it is listed anew
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK)
        self._timer.timeout.connect(self._look)
        self._soon = QTimer(self, singleShot=True)
        self._soon.timeout.connect(self._begin_in_turn)

    @property
    def running(self) -> bool:
        """Whether there are articles still to be listed."""
        return self._step is not None or self._soon.isActive()

    @property
    def first_is_known(self) -> bool:
        """Whether the list begins with the article that it will begin with when it is whole."""
        return not self.running or (self._at_once and bool(self._found) and not self._anew)

    def ask(self, *, at_once: bool, tell: bool = False, after: int = 0) -> None:
        """List anew; ``at_once``: show each page as it is found, instead of the whole in the end.

        ``tell``: say to a screen reader how many articles there are, once that is known. The list of a large
        project is begun ``after`` so many milliseconds: what is shown first would wait for its first step.
        """
        self._tells = self._tells or tell
        self._at_once = at_once or (self._at_once and self.running) or self._list.first() is None
        self._tries = 0
        self._touched.clear()
        self._unsorted.clear()
        self._sorting = False
        waits = self._at_once or self._list.total <= LISTED_SOON
        if self._step is not None:
            self._anew = True  # without waiting: the search for two letters may take its time
        elif self._must_wait() or (after and self._list.total > LISTED_SOON):
            self._soon.start(after or APART)
        elif waits:
            self._begin()
        else:
            self._soon.start(APART)  # the other views hear of the act next, and would wait for the first step
        if waits:
            self._wait(PATIENCE, for_first=self._list.total > LISTED_SOON)

    def touch(self, articles: Iterable[int]) -> None:
        """Hear that something about ``articles`` has changed."""
        self._touched.update(articles)

    def follow(self) -> None:
        """Let go of the articles that what was done made leave the list; list anew where one comes in."""
        wanted = self._list.filter()
        by_work = wanted.sort in BY_WORK
        if self.running or not self._touched or not (wanted.conditions or wanted.show != "all" or by_work):
            return
        touched, ids = set(self._touched), self._list.ids()
        project = self._session.project
        if project is None:
            return
        if len(touched) > MANY:
            self.ask(at_once=False)
            return
        fits, listed = project.articles.fitting(sorted(touched), wanted), touched.intersection(ids)
        self._touched.clear()
        if by_work:
            self._unsorted |= fits & listed
        if fits - listed:
            self.ask(at_once=False)
        elif gone := listed - fits:
            self._list.set_articles([article for article in ids if article not in gone])

    def sort(self) -> None:
        """Put the articles that were worked on where they belong, once the person has gone on to another."""
        if len(self._list.ids()) > SORTED_SOON:
            return
        if self._unsorted and self._list.current() not in self._unsorted and not self.running:
            self._unsorted.clear()
            self._sorting = True
            self._tries = 0
            self._at_once = False
            self._begin()

    def give_way(self) -> None:
        """Read on after the long work that was begun: SQLite packs nothing while a statement is reading."""
        self._gives_way = True
        if self.running:
            self._let_go()
            self._soon.start(APART)

    def _must_wait(self) -> bool:
        return self._gives_way and is_at_long_work()

    def stop(self) -> None:
        """Let go of the project: it is about to be closed."""
        self._let_go()
        self._soon.stop()
        self._touched.clear()
        self._unsorted.clear()
        self._tells = False

    def _let_go(self) -> None:
        while self._step is not None:
            wait([self._step])
            self._step = None
        self._timer.stop()
        self._pages = iter(())
        self._anew = False

    def _begin_in_turn(self) -> None:
        if self._must_wait():
            self._soon.start(APART)
        elif is_stepping():  # asking for the project would wait for the step
            self._soon.start(LOOK)
        else:
            self._begin()

    def _begin(self) -> None:
        self._soon.stop()
        self._anew = self._gives_way = False
        self._began = time.monotonic()
        self._found = []
        project = self._session.project
        if project is not None:
            project.drawing.work_along(self._list.filter())
        self._pages = _listed(project, self._list) if project is not None else iter(())
        self._go_on()

    def _go_on(self) -> None:
        self._step = begin_step(partial(_next_ids, self._pages, at_most=0 if not self._found else SLICE))
        self._timer.start()

    def _wait(self, seconds: float, *, for_first: bool = False) -> None:
        """Wait for all articles; ``for_first``: only for the first page, since all are not listed by then."""
        until = time.monotonic() + seconds
        while self._step is not None and (left := until - time.monotonic()) > 0:
            if for_first and self._found:
                return
            wait([self._step], timeout=left)
            self._look()

    def _look(self) -> None:
        """Take what a step found."""
        step = self._step
        if step is None or not step.done():
            return
        self._step = None
        self._timer.stop()
        if self._anew:
            self._begin()
            return
        try:
            ids, more = step.result()
        except AnnotatorError as error:
            self._tries += 1
            if self._tries < TRIES:
                self._begin()  # an act that failed meanwhile ends all reading
            else:
                self._session.failed.emit(str(error))
            return
        first = not self._found
        self._found += ids
        if not more and self._sorting and self._list.current() in self._touched:
            return  # it would move under the person's hands; all is put right when they have gone on
        if (not more and (first or not self._at_once)) or (self._at_once and first and ids):
            self._list.set_articles(self._found)
        elif self._at_once and not first:
            self._list.add_articles(ids)
        elif self._at_once and time.monotonic() - self._began > SILENT:
            self._list.show_looking()
        if more:
            self._go_on()
        elif self._tells:
            self._tells = False
            self._list.tell_number()


def _listed(project: Project, articles: ArticleList) -> Iterator[list[int]]:
    return project.articles.pages(articles.filter())


def _next_ids(pages: Iterator[list[int]], at_most: float) -> tuple[list[int], bool]:
    """Return the ids of a page, or as many as come in ``at_most`` seconds, and whether there are more."""
    until = time.monotonic() + at_most
    ids: list[int] = []
    for page in pages:
        ids += page
        if time.monotonic() >= until:
            return ids, True
    return ids, False
