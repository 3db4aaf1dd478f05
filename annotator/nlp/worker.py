"""The process that makes suggestions for the window: ``python -m annotator.nlp.worker [--model NAME]...``.

With ``--no-models`` it loads none: enough, and quicker, for whoever asks for stances only.

Speaks :mod:`annotator.nlp.protocol` on stdin and stdout: first one ``ready``, then one ``result`` or
``error`` for each ``suggest``, and one ``learnt`` or ``error`` for each ``learn``, in order; ``actors`` and
``texts`` are taken without an answer. It ends at the end of stdin, or when nobody reads it any more.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from annotator.model import PipelineError
from annotator.nlp import protocol

if TYPE_CHECKING:
    from annotator.nlp.pipeline import Pipeline


_NICE = 5  # where processors are scarce, the window comes first: its ticks are late by less


class _Pipe:
    """Writes messages to the file descriptor that was stdout."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def send(self, message: protocol.Message) -> None:
        """Write one message whole; raises ``OSError`` when nobody reads any more."""
        data = memoryview(protocol.encode(message))
        while data:
            data = data[os.write(self._descriptor, data) :]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the worker until its input ends; returns the exit code (1 where no pipeline could be had)."""
    pipe = _Pipe(_take_stdout())
    if hasattr(os, "nice"):
        os.nice(_NICE)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C in the terminal ends us without a traceback
    parser = argparse.ArgumentParser(prog="annotator.nlp.worker", description=__doc__)
    parser.add_argument(
        "--model",
        action="append",
        default=[],
        help="an installed spaCy pipeline, as NAME or LANGUAGE=NAME (default: the best one of each language)",
    )
    parser.add_argument("--no-models", action="store_true", help="load no pipeline: stances only")
    options = parser.parse_args(arguments)
    try:
        return _serve(pipe, None if options.no_models else options.model)
    except OSError:
        return 0  # the other end is gone: nobody to tell


def _take_stdout() -> int:
    """Return a descriptor of the real stdout, and let whatever prints from now on print to stderr."""
    if sys.stdout is not None:  # a window program on Windows has none
        sys.stdout.flush()
    descriptor = os.dup(1)
    try:
        os.dup2(2, 1)
    except OSError:  # there is no stderr (a window program on Windows)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
    if sys.platform == "win32":  # no newline may be turned into two bytes
        import msvcrt

        msvcrt.setmode(descriptor, os.O_BINARY)
    return descriptor


def _serve(pipe: _Pipe, models: list[str] | None) -> int:
    try:
        pipeline, notice = _pipeline(models)
    except (ImportError, OSError, ValueError, PipelineError) as error:  # also a broken installation
        pipe.send(protocol.error(None, f"Suggestions cannot be made: {error}", fatal=True))
        return 1
    pipe.send(protocol.ready(pipeline.info, notice))
    texts: dict[str, str] = {}
    for line in sys.stdin.buffer:
        if not line.strip():
            continue
        try:
            message = protocol.decode(line)
        except protocol.ProtocolError as error:
            pipe.send(protocol.error(None, f"A message was not understood: {error}."))
            continue
        if message["type"] in ("actors", "texts"):
            try:
                if message["type"] == "texts":
                    texts.update(protocol.texts_of(message))
                else:
                    pipeline.set_actors(protocol.actors_of(message))
            except protocol.ProtocolError as error:
                pipe.send(protocol.error(None, f"A message was not understood: {error}."))
            continue
        learns = message["type"] == "learn"
        pipe.send(_learn(pipeline, message, texts) if learns else _answer(pipeline, message))
    return 0


def _learn(pipeline: Pipeline, message: dict[str, Any], texts: dict[str, str]) -> protocol.Message:
    """Learn from the labels in ``message``; ``texts`` came before, by SHA-256."""
    from annotator.nlp.stance.classifier import LabelledText

    try:
        labelled = [
            LabelledText(sha256, texts[sha256], str(label), float(weight))
            for sha256, label, weight in message["labels"]
        ]
    except (KeyError, TypeError, ValueError) as error:
        return protocol.error(None, f"A message was not understood: its labels are incomplete ({error!r}).")
    pipeline.learn(labelled)
    return protocol.learnt(pipeline.info)


def _pipeline(models: list[str] | None) -> tuple[Pipeline, str | None]:
    """Return the pipeline, or one without a model: because none is wanted (None), or with the reason why."""
    from annotator.nlp.pipeline import blank_pipeline, build_pipeline

    if models is None:
        return blank_pipeline(), None
    try:
        return build_pipeline(models), None
    except PipelineError as error:
        return blank_pipeline(), str(error)


def _answer(pipeline: Pipeline, message: dict[str, Any]) -> protocol.Message:
    job, article, text, language = (message.get(key) for key in ("job", "article", "text", "language"))
    if type(job) is not int:
        return protocol.error(None, "A message was not understood: it has no job number.")
    if (
        message["type"] != "suggest"
        or type(article) is not int
        or not isinstance(text, str)
        or not (language is None or isinstance(language, str))
    ):
        return protocol.error(job, "A message was not understood: it is no complete request.")
    try:
        decided = protocol.zone_decisions(message)
        answer = pipeline.stance_answer if message.get("only") == "stance" else pipeline.answer
        return protocol.result(job, answer(article, text, language, decided))
    except protocol.ProtocolError as error:
        return protocol.error(job, f"A message was not understood: {error}.")
    except PipelineError as error:
        return protocol.error(job, str(error))


if __name__ == "__main__":
    sys.exit(main())
