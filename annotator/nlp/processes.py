"""Suggestions from several processes at once, for the command line."""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

from annotator.model import NO_MODEL, Actor, Answer, PipelineError, PipelineInfo
from annotator.nlp.pipeline import BATCH, Pipeline, Text, blank_pipeline, build_pipeline
from annotator.nlp.stance.classifier import LabelledText

_AHEAD = 3  # chunks under way for each process

_Answer = tuple[int, Answer | PipelineError]

_pipeline: Pipeline | None = None  # of a child process, built once


def suggest_in_processes(
    main: PipelineInfo,
    chosen: Mapping[str, str],
    labels: Sequence[str],
    actors: Sequence[Actor],
    texts: Iterable[Text],
    processes: int,
    on_error: Callable[[int, PipelineError], None] | None,
    labelled: Sequence[LabelledText] = (),
) -> Iterator[Answer]:
    """Do the work of :meth:`Pipeline.suggest` in ``processes`` new processes, each with models of its own.

    ``actors`` are those that the project decided on, ``labelled`` is what their stance learns from. Results
    come in the order of ``texts``, of which only what is under way is held in memory. Raises
    :class:`PipelineError` where a process dies.
    """
    # "spawn" everywhere: a fork of a process with threads (BLAS, a window) can hang.
    pool = ProcessPoolExecutor(
        processes,
        get_context("spawn"),
        initializer=_start,
        initargs=(main.name, dict(chosen), labels, actors, labelled),
    )
    try:
        for article, answer in _stream(pool, texts, processes * _AHEAD):
            if isinstance(answer, Answer):
                yield answer
            elif on_error is None:
                raise answer
            else:
                on_error(article, answer)
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
        if len(chunk) == BATCH:
            under_way.append(pool.submit(_work, chunk))
            chunk = []
            if len(under_way) == ahead:
                yield from under_way.popleft().result()
    under_way.append(pool.submit(_work, chunk))
    while under_way:
        yield from under_way.popleft().result()


def _start(
    main: str,
    chosen: dict[str, str],
    labels: Sequence[str],
    actors: Sequence[Actor],
    labelled: Sequence[LabelledText],
) -> None:
    global _pipeline
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    if main == NO_MODEL:
        _pipeline = blank_pipeline(labels=labels)
    else:
        words = [f"{language}={name}" for language, name in chosen.items()]
        _pipeline = build_pipeline(words, labels=labels)
    _pipeline.learn(labelled)
    _pipeline.set_actors(actors)


def _work(chunk: list[Text]) -> list[_Answer]:
    if _pipeline is None:
        raise RuntimeError("the process has no pipeline")
    return [(text[0], answer) for text, answer in zip(chunk, _pipeline.answer_all(chunk), strict=True)]
