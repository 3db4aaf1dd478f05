"""Judging labelled articles again as they were before they were learnt from, in a worker of its own.

The worker that makes suggestions is not asked: it would have to forget what it has learnt, and the open
article would wait. This one needs no model, since a stance needs none, and is killed when nobody wants it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QProcess, QTimer, Signal

from annotator.evaluation import Opinion, Round, judged, rounds
from annotator.nlp import protocol
from annotator.ui.tasks import is_stepping
from annotator.ui.worker_process import end_worker, log_stderr, new_worker, start_worker

if TYPE_CHECKING:
    from annotator.project.stance_labels import StanceLabel
    from annotator.ui.session import Session

IN_FLIGHT = 3
WAIT = 5  # milliseconds between two looks whether a step of long work is over


class StanceReplay(QObject):
    """Goes through the rounds of :func:`annotator.evaluation.rounds` with one worker."""

    progressed = Signal(int, int)  # done, of how many
    finished = Signal(object)  # list of Judged
    failed = Signal(str)

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._process: QProcess | None = None
        self._labels: Sequence[StanceLabel] = ()
        self._plan: deque[Round] = deque()
        self._learnt = 0  # labels, of the round that is going on
        self._todo: deque[int] = deque()
        self._jobs: dict[int, tuple[int, int]] = {}  # by job: (labels learnt, article)
        self._job = 0
        self._said: dict[tuple[int, int], Opinion] = {}
        self._prose: dict[int, str] = {}  # by article, read with its text: many at once would be felt
        self._taught: set[str] = set()
        self._ready = False  # the worker has said so
        self._done = self._total = 0
        self._buffer = b""
        self._later = QTimer(self, singleShot=True)
        self._later.timeout.connect(self._read)

    @property
    def running(self) -> bool:
        """Whether a replay is going on."""
        return self._process is not None

    def start(self, labels: Sequence[StanceLabel], refits: Sequence[int]) -> None:
        """Begin anew with these labels, in the order they were given; ``refits`` are the learning's."""
        self.stop()
        self._labels = labels
        self._plan = deque(rounds([(known.article, known.sha256) for known in labels], refits))
        self._total = sum(len(part.articles) for part in self._plan)
        part = self._plan.popleft()
        self._learnt, self._todo = part.learnt, deque(part.articles)
        process = self._process = new_worker(self)
        process.readyReadStandardOutput.connect(self._read)
        process.readyReadStandardError.connect(self._log)
        process.finished.connect(self._died)
        process.errorOccurred.connect(self._could_not_start)
        start_worker(process, ["--no-models"])
        self.progressed.emit(0, self._total)

    def stop(self) -> None:
        """End it, and forget what was said so far."""
        process, self._process = self._process, None
        if process is not None:
            end_worker(process)
        self._later.stop()
        self._plan.clear()
        self._todo.clear()
        self._jobs.clear()
        self._said, self._prose = {}, {}
        self._taught.clear()
        self._ready, self._buffer, self._done = False, b"", 0

    def _log(self) -> None:
        if self._process is not None:
            log_stderr(self._process)

    def _read(self) -> None:
        if is_stepping():  # reading an article would wait for the step
            self._later.start(WAIT)
            return
        if self._process is None:
            return
        self._buffer += self._process.readAllStandardOutput().data()
        *lines, self._buffer = self._buffer.split(b"\n")
        try:
            for line in lines:
                self._handle(protocol.decode(line))
        except protocol.ProtocolError as error:
            self._fail(f"the worker sent something odd ({error})")
            return
        self._go_on()

    def _handle(self, message: protocol.Message) -> None:
        if message["type"] == "error" and message.get("fatal"):
            raise protocol.ProtocolError(str(message.get("message")))
        job = message.get("job")
        if message["type"] == "ready":
            self._ready = True
        elif job in self._jobs:
            key = self._jobs.pop(job)
            if message["type"] == "result":
                found = protocol.answer_of(message).suggestions[-1]
                self._said[key] = Opinion(found.label, found.scores)
            self._done += 1
            self.progressed.emit(self._done, self._total)

    def _go_on(self) -> None:
        """Ask for the round's articles; when all have come, learn for the next one, or say the result.

        The worker does one thing after the other: its word that it has learnt need not be waited for.
        """
        while self._process is not None and self._ready:
            if self._todo and len(self._jobs) < IN_FLIGHT:
                self._ask(self._todo.popleft())
            elif self._todo or self._jobs:
                return
            elif self._plan:
                self._learn(self._plan.popleft())
            else:
                said = judged([(known.article, known.label) for known in self._labels], self._said)
                self.stop()
                self.finished.emit(said)

    def _ask(self, article: int) -> None:
        from annotator.project.stance_labels import own_prose

        project = self._session.project
        assert self._process is not None
        try:
            if project is None:
                raise KeyError(article)
            stored = project.articles.get(article)
            if not self._learnt:
                self._prose[article] = own_prose(project, article)
        except KeyError:  # its import was undone
            self._done += 1
            return
        self._job += 1
        self._jobs[self._job] = (self._learnt, article)
        decided = project.annotations.zone_decisions(article)
        request = protocol.suggest(self._job, article, stored.text, stored.language, decided, only="stance")
        self._process.write(protocol.encode(request))

    def _learn(self, part: Round) -> None:
        """Let the worker learn what comes before the round; each text is sent once."""
        from annotator.project.stance_labels import own_prose

        project = self._session.project
        texts = {}
        for known in self._labels[: part.learnt]:
            if known.sha256 in self._taught:
                continue
            text = self._prose.pop(known.article, None)
            try:
                if text is None and project is not None:
                    text = own_prose(project, known.article)
            except KeyError:
                continue  # its import was undone
            if text is not None:
                texts[known.sha256] = text
                self._taught.add(known.sha256)
        labels = [
            (known.sha256, known.label, known.weight)
            for known in self._labels[: part.learnt]
            if known.sha256 in self._taught
        ]
        self._learnt, self._todo = part.learnt, deque(part.articles)
        if self._process is not None:
            self._process.write(protocol.encode(protocol.texts(texts)))
            self._process.write(protocol.encode(protocol.learn(labels)))

    def _could_not_start(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._fail("Python was not found; install Annotator again")

    def _died(self) -> None:
        self._fail("their process ended")

    def _fail(self, why: str) -> None:
        self.stop()
        self.failed.emit(f"The stances could not be judged again: {why}.")
