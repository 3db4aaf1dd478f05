"""Hands the stances that people gave to the worker, when enough of them are new."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from annotator.model import Change, PipelineInfo
from annotator.nlp.stance.classifier import labels_hash_in_steps
from annotator.ui.suggester import Labels
from annotator.ui.tasks import BackgroundWork, is_stepping

if TYPE_CHECKING:
    from annotator.project import Project
    from annotator.ui.session import Session

AFTERWARDS = 50  # ms after a project was opened: its first article is to be shown before
DELAY = 300  # ms after an act: nobody waits for it, and a held key makes many acts


class StanceLearning(QObject):
    """Watches the labels of the open project.

    After a refit the stances that were suggested before, of articles that nobody has labelled, are
    judged anew in the background; names are not.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._learnt_from = 0  # labels
        self._reading: BackgroundWork | None = None
        self._looking: BackgroundWork | None = None  # for stances that are to be judged anew
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DELAY)
        self._timer.timeout.connect(self.consider)
        self._opening = QTimer(self, singleShot=True, interval=AFTERWARDS)
        self._opening.timeout.connect(self._consider_at_opening)
        session.opened.connect(self._begin)
        session.closing.connect(self._close)
        session.changed.connect(self._on_changed)
        session.suggester.learnt.connect(self._judge_again)

    def _begin(self) -> None:
        """Forget another project's labels, and give this one's to the worker: before it is up, mostly."""
        self._learnt_from = 0
        self._session.suggester.learn(())
        self._opening.start()

    def _consider_at_opening(self) -> None:
        if is_stepping():
            self._opening.start()
        else:
            self._consider(at_work=False)

    def _on_changed(self, change: Change) -> None:
        if "annotations" in change.tables:
            self._timer.start()

    def consider(self) -> None:
        """Let the worker learn if there are ten labels more (or fewer) than it has learnt from."""
        if is_stepping():  # asking for the project would wait for the step
            self._timer.start()
        else:
            self._consider(at_work=True)

    def _consider(self, *, at_work: bool) -> None:
        """``at_work`` is False at the opening: a worker is started only if some stance lacks these labels."""
        self._stop()
        project = self._session.project
        if project is not None and self._session.writable:
            steps = _what_to_learn(project, self._learnt_from, at_work=at_work)
            self._reading = BackgroundWork(steps, self)
            self._reading.finished.connect(self._learn)
            self._reading.failed.connect(self._session.failed)

    def _learn(self, found: tuple[Labels, bool] | None) -> None:
        self._reading = None
        if found is not None:
            labels, start = found
            self._learnt_from = len(labels)
            self._session.suggester.learn(labels, start=start)

    def _stop(self) -> None:
        if self._reading is not None:
            self._reading.stop()
            self._reading = None

    def _close(self) -> None:
        self._opening.stop()
        self._stop()
        self._look_no_further()

    def _look_no_further(self) -> None:
        if self._looking is not None:
            self._looking.stop()
            self._looking = None

    def _judge_again(self, pipeline: PipelineInfo) -> None:
        from annotator.project.stance_labels import outdated_pages

        self._look_no_further()
        project = self._session.project
        if project is not None and self._session.writable:
            self._looking = BackgroundWork(_all(outdated_pages(project, pipeline.config)), self)
            self._looking.finished.connect(partial(self._found, pipeline))
            self._looking.failed.connect(self._session.failed)

    def _found(self, pipeline: PipelineInfo, articles: list[int]) -> None:
        self._looking = None
        if self._session.suggester.pipeline == pipeline:  # else it was stopped meanwhile, or is another now
            self._session.suggester.judge_again(articles)


def _all(pages: Iterable[list[int]]) -> Generator[None, None, list[int]]:
    articles: list[int] = []
    for page in pages:
        articles += page
        yield
    return articles


def _what_to_learn(
    project: Project, learnt_from: int, *, at_work: bool
) -> Generator[object, None, tuple[Labels, bool] | None]:
    """Return the labels to learn from, if their number has changed, and whether to start a worker."""
    from annotator.project.stance_labels import awaits_learning, labels_to_learn_in_steps, more_to_learn

    if not more_to_learn(project, learnt_from):
        return None
    labels = yield from labels_to_learn_in_steps(project)
    if len(labels) == learnt_from:
        return None
    yield None
    message = [(s.article, s.sha256, s.label, s.weight) for s in labels]
    if at_work:
        return message, True
    yield None
    labels_hash = yield from labels_hash_in_steps([row[1:] for row in message])
    return message, awaits_learning(project, labels_hash)
