"""Compares articles that came in with those that are there, and offers stances to those that are alike."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from annotator.model import Change
from annotator.ui.tasks import APART, BackgroundWork, is_stepping

if TYPE_CHECKING:
    from annotator.formats import ImportReport
    from annotator.project import Project
    from annotator.project.near_duplicates import Compared
    from annotator.ui.session import Session

DELAY = 200  # ms after an act: nobody waits for it


class NearDuplicateFollower(QObject):
    """Works beside the window whenever articles have come, or stances of grouped ones were decided."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._work: BackgroundWork | None = None
        self._again = False  # other articles came while some were being compared
        self._acts: list[int | None] = []  # whose decisions are to be offered; None: everything may differ
        self._offering: BackgroundWork | None = None
        self._report: ImportReport | None = None  # of the import after which articles are compared
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DELAY)
        self._timer.timeout.connect(self._begin)
        self._soon = QTimer(self, singleShot=True, interval=APART)  # the other views hear of the act first
        self._soon.timeout.connect(self._follow)
        session.opened.connect(self._timer.start)
        session.closing.connect(self._stop)
        session.changed.connect(self._changed)

    @property
    def busy(self) -> bool:
        """Whether there is something left to do."""
        return (
            self._work is not None or self._timer.isActive() or self._offering is not None or bool(self._acts)
        )

    def imported(self, report: ImportReport) -> None:
        """Hear what an import did: what is found out after it is said together with that."""
        self._report = report

    def _changed(self, change: Change) -> None:
        if "articles" in change.tables:
            self._timer.start()
        if not change.tables.isdisjoint(("annotations", "labels")):
            self._acts.append(None if "labels" in change.tables else change.act)
            self._soon.start()

    def _stop(self) -> None:
        self._timer.stop()
        self._soon.stop()
        self._again = False
        self._acts.clear()
        for work in (self._work, self._offering):
            if work is not None:
                work.stop()
        self._work = self._offering = None

    def _begin(self) -> None:
        if is_stepping():  # asking for the project would wait for the step
            self._timer.start()
            return
        project = self._session.project
        if project is None or not self._session.writable:
            return
        if self._work is not None:
            self._again = True
            return
        self._work = BackgroundWork(project.near_duplicates.compare(), self, in_pauses=True)
        self._work.finished.connect(self._compared)
        self._work.failed.connect(self._failed)

    def _compared(self, compared: Compared) -> None:
        self._work = None
        if compared.found and self._session.is_open:
            from annotator.project.near_duplicates import in_words

            # A report that came meanwhile is of articles that are compared next.
            words, report = in_words(len(compared.found)), None if self._again else self._report
            if report is not None:
                words = f"{report.summary()}\n{words}"
            failed = report is not None and report.failed
            (self._session.failed if failed else self._session.notified).emit(words)
            self._session.suggestions_changed.emit(list(compared.grouped))
        self._compare_others()

    def _compare_others(self) -> None:
        if self._again:
            self._again = False
            self._timer.start()
        else:
            self._report = None

    def _failed(self, why: str) -> None:
        self._work = None
        self._session.failed.emit(why)
        self._compare_others()

    def _follow(self) -> None:
        """Let what is suggested follow the next act, beside the window."""
        if self._offering is not None or not self._acts:
            return
        if is_stepping():  # asking for the project would wait for the step
            self._soon.start()
            return
        project = self._session.project
        if project is None or not self._session.writable:
            return
        self._offering = BackgroundWork(_refreshed(project, self._acts.pop(0)), self)
        self._offering.finished.connect(self._followed)
        self._offering.failed.connect(self._could_not_follow)

    def _followed(self, articles: list[int]) -> None:
        self._offering = None
        if articles and self._session.is_open:
            self._session.suggestions_changed.emit(articles)
        self._follow()

    def _could_not_follow(self, why: str) -> None:
        self._offering = None
        self._acts.clear()
        self._session.failed.emit(why)


def _refreshed(project: Project, act: int | None) -> Generator[None, None, list[int]]:
    """Let the articles beside an act's follow, in steps; return those that changed."""
    from annotator.project.near_duplicates import STEP_SECONDS

    near = project.near_duplicates
    articles = near.beside(act) if act is not None else near.grouped()
    changed: list[int] = []
    done = 0
    while done < len(articles):
        yield
        moved, number = near.refresh(articles[done : done + 1_000], STEP_SECONDS)
        changed += moved
        done += number
    return changed
