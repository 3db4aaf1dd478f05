"""Suggestions from several processes at once, for the command line."""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

from annotator.model import PipelineError, Suggestion
from annotator.nlp.pipeline import Pipeline, Text, blank_pipeline, build_pipeline

_CHUNK = 8  # articles that travel together: fewer messages, and still a steady stream of results
_AHEAD = 3  # chunks under way for each process

_Answer = tuple[int, list[Suggestion], str | None]

_pipeline: Pipeline | None = None  # of a child process, built once


def suggest_in_processes(
    model: str,
    labels: Sequence[str],
    texts: Iterable[Text],
    processes: int,
    on_error: Callable[[int, PipelineError], None] | None,
) -> Iterator[tuple[int, list[Suggestion]]]:
    """Do the work of :meth:`Pipeline.suggest` in ``processes`` new processes, each with its own ``model``.

    Results come in the order of ``texts``, of which only what is under way is held in memory. Raises
    :class:`PipelineError` where a process dies.
    """
    # "spawn" everywhere: a fork of a process with threads (BLAS, a window) can hang.
    pool = ProcessPoolExecutor(processes, get_context("spawn"), initializer=_start, initargs=(model, labels))
    try:
        for article, suggestions, failure in _stream(pool, texts, processes * _AHEAD):
            if failure is None:
                yield article, suggestions
            elif on_error is None:
                raise PipelineError(failure)
            else:
                on_error(article, PipelineError(failure))
    except BrokenProcessPool as error:
        raise PipelineError(
            "A process that makes suggestions died, perhaps for want of memory; "
            "try again with fewer --processes."
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


def _stream(pool: ProcessPoolExecutor, texts: Iterable[Text], ahead: int) -> Iterator[_Answer]:
    under_way: deque[Future[list[_Answer]]] = deque()
    chunk: list[Text] = []
    for text in texts:
        chunk.append(text)
        if len(chunk) == _CHUNK:
            under_way.append(pool.submit(_work, chunk))
            chunk = []
            if len(under_way) == ahead:
                yield from under_way.popleft().result()
    under_way.append(pool.submit(_work, chunk))
    while under_way:
        yield from under_way.popleft().result()


def _start(model: str, labels: Sequence[str]) -> None:
    global _pipeline
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    _pipeline = blank_pipeline(labels=labels) if model == "blank_en" else build_pipeline(model, labels=labels)


def _work(chunk: list[Text]) -> list[_Answer]:
    if _pipeline is None:
        raise RuntimeError("the process has no pipeline")
    answers: list[_Answer] = []
    for article, *text in chunk:
        try:
            answers.append((article, _pipeline.suggest_one(*text), None))
        except PipelineError as error:
            answers.append((article, [], str(error)))
    return answers
