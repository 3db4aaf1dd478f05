"""Hands the stances that people gave to the worker, when enough of them are new."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from annotator.model import Change, PipelineInfo
from annotator.nlp.stance.classifier import labels_hash

if TYPE_CHECKING:
    from annotator.ui.session import Session

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
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DELAY)
        self._timer.timeout.connect(self.consider)
        session.opened.connect(self._begin)
        session.changed.connect(self._on_changed)
        session.suggester.learnt.connect(self._judge_again)

    def _begin(self) -> None:
        """Forget another project's labels, and give this one's to the worker before it starts."""
        self._learnt_from = 0
        self._session.suggester.learn(())
        self._consider(at_work=False)

    def _on_changed(self, change: Change) -> None:
        if "annotations" in change.tables:
            self._timer.start()

    def consider(self) -> None:
        """Let the worker learn if there are ten labels more (or fewer) than it has learnt from."""
        self._consider(at_work=True)

    def _consider(self, *, at_work: bool) -> None:
        """``at_work`` is False at the opening: a worker is started only if some stance lacks these labels."""
        from annotator.project.stance_labels import awaits_learning, labels_to_learn, more_to_learn

        project = self._session.project
        if project is None or not self._session.writable:
            return
        if not more_to_learn(project, self._learnt_from):
            return
        labels = labels_to_learn(project)
        if len(labels) != self._learnt_from:
            self._learnt_from = len(labels)
            rows = [(s.sha256, s.label, s.weight) for s in labels]
            start = at_work or awaits_learning(project, labels_hash(rows))
            message = [(s.article, s.sha256, s.label, s.weight) for s in labels]
            self._session.suggester.learn(message, start=start)

    def _judge_again(self, pipeline: PipelineInfo) -> None:
        from annotator.project.stance_labels import outdated_stances

        project = self._session.project
        if project is not None and self._session.writable:
            self._session.suggester.judge_again(outdated_stances(project, pipeline.config))
