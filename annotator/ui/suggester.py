"""The window's end of the worker process that runs spaCy (``annotator.nlp.worker``)."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, QProcess, QTimer, Signal

from annotator.model import Actor, Answer, PipelineInfo, ZoneDecisions
from annotator.nlp import protocol
from annotator.ui.tasks import is_stepping
from annotator.ui.worker_process import end_worker, log_stderr, new_worker, start_worker

Labels = Sequence[tuple[int, str, str, float]]
"""Stances to learn from: article, SHA-256 of its text, label, weight."""

IN_FLIGHT = 3  # enough to keep the worker busy, few enough for the open article to come soon
SAVE_SECONDS = 2.0  # between two transactions of the background work
STORED_TOGETHER = 5  # answers: a key that needs the project waits until those in hand are stored
SLICE = 0.003  # seconds of reading texts to learn from, between two turns of the event loop
UNREAD = 1_000_000  # bytes sent to a worker that has not read them yet, before more texts are sent
WAIT = 5  # milliseconds between two looks whether a step of long work is over


@dataclass(frozen=True, slots=True)
class SuggestProgress:
    """How far the background work is; ``rate`` is in articles a second, 0 before the first one."""

    done: int
    total: int
    rate: float

    @property
    def running(self) -> bool:
        """Whether there is work left."""
        return self.done < self.total

    @property
    def seconds_left(self) -> float | None:
        """The time left at this rate, None before it is known."""
        return (self.total - self.done) / self.rate if self.rate else None


@dataclass(frozen=True, slots=True)
class _Job:
    article: int
    text: str
    decided: ZoneDecisions
    only_stance: bool


class Suggester(QObject):
    """Feeds articles to the worker, the open one first, and hands over what comes back.

    A worker that dies is started again once; if it dies again, ``failed`` says so and the window goes
    on without suggestions.
    """

    suggested = Signal(object)  # list of Answer: to be stored
    restanced = Signal(object)  # list of Answer: only the stances, to be stored
    learnt = Signal(object)  # PipelineInfo: who suggests from now on
    progressed = Signal(object)  # SuggestProgress
    notice = Signal(str)  # from the worker, for the person: no model is installed
    failed = Signal(str)

    def __init__(
        self,
        article_text: Callable[[int], tuple[str, str | None]],
        parent: QObject,
        *,
        zones: Callable[[int], ZoneDecisions] = lambda article: ZoneDecisions(),
        models: Callable[[], Sequence[str]] = tuple,
        reuse: Callable[[int, str], bool] = lambda article, config: False,
        own_prose: Callable[[int], str] = str,
    ) -> None:
        """``article_text`` gives an article's (text, language); raises ``KeyError`` when it is gone.

        ``zones`` gives what the person has decided about its zones. ``models`` says at each start which
        pipelines to use (``LANGUAGE=NAME``). ``reuse`` gives an article what was suggested for the same
        text under the same settings (their hash), and tells whether it did. ``own_prose`` gives an article's
        text without boilerplate, to learn from; raises ``KeyError`` too.
        """
        super().__init__(parent)
        self._article_text = article_text
        self._zones = zones
        self._models = models
        self._reuse = reuse
        self._own_prose = own_prose
        self._labels: Labels = ()
        self._taught: set[str] = set()  # texts that the worker has, by SHA-256
        self._untaught: deque[tuple[int, str]] | None = None  # to be sent yet, before the labels
        self._teacher = QTimer(self, singleShot=True)
        self._teacher.timeout.connect(self._send_texts)
        self._teaching = 0  # labels that were sent and not answered
        self._stances: deque[int] = deque()  # articles whose stance alone is to be judged anew
        self._stance_batch: list[Answer] = []
        self._process: QProcess | None = None
        self._pipeline: PipelineInfo | None = None
        self._queue: deque[int] = deque()
        self._queued: set[int] = set()  # all that are in the queue
        self._jobs: dict[int, _Job] = {}  # by id: sent and not answered
        self._job = 0
        self._buffer = b""
        self._batch: list[Answer] = []
        self._preferred = 0
        self._restarts = 0
        self.actors: Callable[[], Iterable[Actor]] = tuple  # gives the project's actors
        self._actors_sent = False
        self._total = self._done = 0
        self._began = 0.0
        self._flushed = 0.0
        self._later = QTimer(self, singleShot=True)
        self._later.timeout.connect(self._read)

    @property
    def pipeline(self) -> PipelineInfo | None:
        """The pipeline that the worker runs, None until it has said so."""
        return self._pipeline

    @property
    def process_id(self) -> int:
        """The worker's process id, 0 when none runs."""
        return self._process.processId() if self._process is not None else 0

    def schedule(self, articles: Iterable[int]) -> None:
        """Queue articles behind those that are queued; start the worker if need be."""
        sent = {job.article for job in self._jobs.values() if not job.only_stance}
        new = [article for article in articles if article not in sent and article not in self._queued]
        if not new:
            return
        if not self._busy:
            self._total, self._done, self._began = 0, 0, 0.0
        self._queue.extend(new)
        self._queued.update(new)
        self._total += len(new)
        if self._preferred in new:
            self.prefer(self._preferred)
        if self._process is None:
            self._restarts = 0
            self._start()
        self._feed()
        self._report()

    def learn(self, labels: Labels, *, start: bool = False) -> None:
        """Let the stance be learnt from ``labels`` by this worker and any later one; none: forget them.

        ``start``: start a worker if none runs.
        """
        self._labels = labels
        if self._process is not None and self._pipeline is not None:
            self._teach()
        elif self._process is None and start:
            self._restarts = 0
            self._start()

    def judge_again(self, articles: Iterable[int]) -> None:
        """Queue articles whose stance alone is to be suggested anew, behind all others; start the worker."""
        self._stances = deque(articles)
        if self._preferred in self._stances:
            self.prefer(self._preferred)
        if self._stances and self._process is None:
            self._restarts = 0
            self._start()
        self._feed()

    def prefer(self, article: int) -> None:
        """Let ``article`` be next if it is queued: the person is looking at it."""
        self._preferred = article
        if article in self._stances:
            self._stances.remove(article)
            self._stances.appendleft(article)
        if article in self._queued:
            self._queue.remove(article)
            self._queue.appendleft(article)
            self._feed()

    def anew(self, article: int) -> None:
        """Suggest for an article (again) before all others: what its suggestions rest on has changed.

        An answer that is under way rests on what was, and is asked for again when it comes.
        """
        self.schedule([article])
        if article in self._queued:
            self._queue.remove(article)
            self._queue.appendleft(article)
            self._feed()

    def forget_actors(self) -> None:
        """Tell the worker of the project's actors again, before the next article."""
        self._actors_sent = False

    def stop(self) -> None:
        """End the worker, whatever it is at; what it has answered is handed over and stays."""
        self._flush()
        self._queue.clear()
        self._queued.clear()
        self._stances.clear()
        self._jobs.clear()
        self._batch.clear()
        self._stance_batch.clear()
        self._total = self._done = 0
        self._pipeline = None
        self._buffer = b""
        self._later.stop()
        process, self._process = self._process, None
        if process is not None:
            end_worker(process)
        self._report()

    def _start(self) -> None:
        self._buffer = b""
        self._pipeline = None
        self._taught.clear()
        self._untaught = None
        self._teaching = 0
        process = new_worker(self)
        process.readyReadStandardOutput.connect(self._read)
        process.readyReadStandardError.connect(self._log)
        process.finished.connect(self._ended)
        process.errorOccurred.connect(self._could_not_start)
        self._process = process
        start_worker(process, [f"--model={words}" for words in self._models()])

    def _log(self) -> None:
        if self._process is not None:
            log_stderr(self._process)

    def _feed(self) -> None:
        """Send queued articles until enough are in flight; the worker must be ready."""
        if self._process is None or self._pipeline is None or self._teaching or self._untaught is not None:
            return
        if not self._began:
            self._began = time.monotonic()
        reused = False
        while (self._queue or self._stances) and len(self._jobs) < IN_FLIGHT:
            if reused:  # that was a transaction: the window must answer before the next
                self._later.start(0)
                break
            only_stance = not self._queue
            article = (self._stances if only_stance else self._queue).popleft()
            if not only_stance:
                self._queued.discard(article)
            try:
                text, language = self._article_text(article)
            except KeyError:
                self._total -= not only_stance  # undone since it was queued
                continue
            if not only_stance and self._reuse(article, self._pipeline.config):
                reused = True
                self._done += 1
                if self._pipeline is None:
                    return  # that could not be stored, and everything was stopped
                continue
            if not self._actors_sent:
                self._actors_sent = True
                self._process.write(protocol.encode(protocol.actors(self.actors())))
            self._job += 1
            decided = self._zones(article)
            self._jobs[self._job] = _Job(article, text, decided, only_stance)
            only = "stance" if only_stance else None
            request = protocol.suggest(self._job, article, text, language, decided, only=only)
            self._process.write(protocol.encode(request))
        if not self._queue and not self._stances and not self._jobs:
            self._flush()  # the last ones in the queue may have been gone
            self._report()
        elif reused:
            self._report()

    def _teach(self) -> None:
        """Send the texts that this worker has not had, then the labels; nothing is asked until it answers."""
        self._untaught = deque((article, sha256) for article, sha256, _, _ in self._labels)
        self._send_texts()

    def _send_texts(self) -> None:
        """Send texts for some milliseconds, the rest in further turns of the event loop; then the labels."""
        if self._process is None or self._untaught is None:
            return
        # Reading an article would wait for the step; what the worker has not taken yet is kept in memory.
        if is_stepping() or self._process.bytesToWrite() > UNREAD:
            self._teacher.start(WAIT)
            return
        until = time.monotonic() + SLICE
        texts = {}
        while self._untaught:
            article, sha256 = self._untaught.popleft()
            if sha256 not in self._taught:
                try:
                    texts[sha256] = self._own_prose(article)
                except KeyError:
                    continue  # its import was undone
                self._taught.add(sha256)
                if time.monotonic() >= until:
                    break
        if texts:
            self._process.write(protocol.encode(protocol.texts(texts)))
        if self._untaught:
            self._teacher.start(WAIT)
            return
        self._untaught = None
        labels = [row[1:] for row in self._labels if row[1] in self._taught]
        self._teaching += 1
        self._process.write(protocol.encode(protocol.learn(labels)))

    def _read(self) -> None:
        if is_stepping():  # reading an article would wait for the step
            self._later.start(WAIT)
            return
        self._take_lines()
        if is_stepping():  # answers are being stored
            self._later.start(WAIT)
        else:
            self._feed()

    def _take_lines(self) -> None:
        if self._process is None:
            return
        self._buffer += self._process.readAllStandardOutput().data()
        *lines, self._buffer = self._buffer.split(b"\n")
        for line in lines:
            if self._process is None:
                return  # it was given up at the line before
            try:
                self._handle(protocol.decode(line))
            except protocol.ProtocolError as error:
                self._give_up(f"The suggestions stopped: the worker sent something odd ({error}).")
                return

    def _handle(self, message: protocol.Message) -> None:
        kind = message["type"]
        if kind == "ready":
            self._pipeline = protocol.pipeline_info(message)
            self._actors_sent = False
            if message.get("notice"):
                self.notice.emit(message["notice"])
            if self._labels:
                self._teach()
        elif kind == "learnt":
            self._teaching = max(0, self._teaching - 1)
            self._pipeline = protocol.pipeline_info(message)
            self._flush()  # or it would not be seen that those were made before
            self.learnt.emit(self._pipeline)
        elif kind == "result":
            self._answered(message, protocol.answer_of(message))
        elif kind == "error":
            if message.get("fatal"):
                self._give_up(str(message.get("message")))
                return
            if message.get("job") is None and self._teaching:
                self._teaching -= 1  # it goes on as it was
            elif self._pipeline is not None:
                # Counts as suggested, with the reason, or it would be tried again at each start.
                self._answered(message, Answer(0, (), self._pipeline, str(message.get("message"))))

    def _answered(self, message: protocol.Message, answer: Answer) -> None:
        """Take the answer to a job; one that nobody waits for, or about another text, is dropped."""
        number = message.get("job")
        job = self._jobs.pop(number, None) if isinstance(number, int) else None
        if job is None:
            return  # asked for before a restart
        try:
            text, _ = self._article_text(job.article)
        except KeyError:
            text = None  # its import was undone
        if job.only_stance:
            # An article that failed keeps the stance it has; one whose zones changed is queued as a whole.
            same = text == job.text and self._zones(job.article) == job.decided
            if same and message["type"] == "result":
                self._stance_batch.append(replace(answer, article=job.article))
            late = self._is_late(self._stance_batch)
            if late or job.article == self._preferred or not (self._stances or self._jobs or self._queue):
                self._flush()
            return
        if text == job.text and self._zones(job.article) != job.decided:
            self._queue.appendleft(job.article)
            self._queued.add(job.article)
            self._total += 1
        elif text == job.text:
            self._batch.append(replace(answer, article=job.article))
        elif text is not None:
            # Undoing an import frees the article's number, and another one that came in got it.
            self._queue.append(job.article)
            self._queued.add(job.article)
            self._total += 1
        self._advance()

    def _advance(self) -> None:
        self._done += 1
        articles = [answer.article for answer in self._batch]
        finished = not self._busy
        if self._preferred in articles or self._is_late(self._batch) or finished:
            self._flush()
        self._report()

    def _is_late(self, batch: list[Answer]) -> bool:
        return len(batch) >= STORED_TOGETHER or time.monotonic() - self._flushed >= SAVE_SECONDS

    @property
    def _busy(self) -> bool:
        """Whether some article waits for all its suggestions."""
        return bool(self._queue) or any(not job.only_stance for job in self._jobs.values())

    def _flush(self) -> None:
        self._flushed = time.monotonic()
        if self._stance_batch:
            stances, self._stance_batch = self._stance_batch, []
            self.restanced.emit(stances)
        if self._batch:
            batch, self._batch = self._batch, []
            self.suggested.emit(batch)

    def _report(self) -> None:
        seconds = time.monotonic() - self._began if self._began else 0.0
        rate = self._done / seconds if seconds > 0.5 else 0.0
        self.progressed.emit(SuggestProgress(self._done, self._total, rate))

    def _could_not_start(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._give_up("The suggestions could not start: Python was not found. Install Annotator again.")

    def _ended(self) -> None:
        """Start a worker that died once more; what it had in hand goes back to the queue's head."""
        self._take_lines()
        process, self._process = self._process, None
        if process is not None:
            process.deleteLater()
        lost = [job.article for job in self._jobs.values() if not job.only_stance]
        self._stances.extendleft(job.article for job in self._jobs.values() if job.only_stance)
        self._jobs.clear()
        self._flush()
        if not lost and not self._queue and not self._stances:
            return
        self._queue.extendleft(reversed(lost))
        self._queued.update(lost)
        self._restarts += 1
        if self._restarts <= 1:
            self._start()
        else:
            self._give_up(
                "The suggestions stopped: their process ended twice. You can go on labelling; "
                "Tools > Suggest starts them again."
            )

    def _give_up(self, message: str) -> None:
        self.stop()
        self.failed.emit(message)
