"""What the window and the worker say to each other: one JSON object a line, UTF-8, code point offsets.

Imports neither spaCy nor Qt, so that both ends can use it. To the worker go :func:`suggest`, :func:`actors`
and :func:`learn`; from it come :func:`ready` (once, first), :func:`result`, :func:`learnt` and :func:`error`.
It ends with its input.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from annotator.model import Actor, Answer, PipelineInfo, Suggestion, ZoneDecisions

Message = dict[str, Any]


class ProtocolError(ValueError):
    """A line that is no message; the text says what is wrong with it."""


def encode(message: Mapping[str, Any]) -> bytes:
    r"""Return ``message`` as one line of UTF-8 that ends in ``\n`` and holds no other line end.

    A lone surrogate, which UTF-8 cannot hold, is written as the JSON escape that stands for it.
    """
    line = json.dumps(message, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return line.encode("utf-8", "backslashreplace") + b"\n"


def decode(line: bytes) -> Message:
    """Return the message in ``line`` (with or without its line end).

    Raises :class:`ProtocolError` where the line is not UTF-8, not JSON or not an object with a ``type``.
    """
    try:
        message = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"the line is not JSON ({error})") from error
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise ProtocolError("the line is not an object with a type")
    return message


def suggest(
    job: int,
    article: int,
    text: str,
    language: str | None = None,
    decided: ZoneDecisions | None = None,
    *,
    only: str | None = None,
) -> Message:
    """Return the request for the suggestions of one article; ``job`` comes back with the answer.

    ``decided`` is what a person decided about the article's zones. ``only`` "stance" asks for no other
    suggestions, which is much quicker.
    """
    message = {"type": "suggest", "job": job, "article": article, "text": text, "language": language}
    if decided is not None:
        message["zones"] = {"kept": decided.kept, "rejected": decided.rejected}
    if only is not None:
        message["only"] = only
    return message


def texts(own_prose: Mapping[str, str]) -> Message:
    """Return texts to learn from, without their boilerplate, by the SHA-256 of the article's text.

    The worker keeps them for each ``learn`` that follows; there is no answer.
    """
    return {"type": "texts", "texts": dict(own_prose)}


def learn(labels: Iterable[tuple[str, str, float]]) -> Message:
    """Return the request to learn the stance from these labels and no others (none: from nothing).

    Each is (SHA-256 of an article's text that came with ``texts``, label, weight). The answer is
    :func:`learnt`.
    """
    return {"type": "learn", "labels": list(labels)}


def learnt(info: PipelineInfo) -> Message:
    """Return the answer to ``learn``: what comes after it is made by ``info``."""
    return {"type": "learnt", "pipeline": _info_to_dict(info)}


def zone_decisions(message: Mapping[str, Any]) -> ZoneDecisions:
    """Return the decisions that a ``suggest`` message carries; raises :class:`ProtocolError`."""
    zones = message.get("zones")
    try:
        kept, rejected = (
            (
                tuple((int(start), int(end), str(label)) for start, end, label in zones[side])
                for side in ("kept", "rejected")
            )
            if zones is not None
            else ((), ())
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ProtocolError(f"the zones are incomplete ({error!r})") from error
    return ZoneDecisions(kept, rejected)


def actors(known: Iterable[Actor]) -> Message:
    """Return the project's actors, for all requests that follow; there is no answer."""
    return {
        "type": "actors",
        "actors": [
            {"id": a.uuid, "name": a.name, "kind": a.kind, "bloc": a.bloc, "aliases": list(a.aliases)}
            for a in known
        ],
    }


def texts_of(message: Mapping[str, Any]) -> dict[str, str]:
    """Return the texts that a ``texts`` message carries; raises :class:`ProtocolError`."""
    found = message.get("texts")
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        raise ProtocolError("the texts are incomplete")
    return found


def actors_of(message: Mapping[str, Any]) -> list[Actor]:
    """Return the actors that an ``actors`` message names; raises :class:`ProtocolError`."""
    try:
        return [
            Actor(a["id"], str(a["name"]), a["kind"], a["bloc"], tuple(map(str, a["aliases"])))
            for a in message["actors"]
        ]
    except (KeyError, TypeError) as error:
        raise ProtocolError(f"the actors are incomplete ({error!r})") from error


def ready(info: PipelineInfo, notice: str | None = None) -> Message:
    """Return the first message of a worker; ``notice`` is something the user should know."""
    return {"type": "ready", "pipeline": _info_to_dict(info), "notice": notice}


def result(job: int, answer: Answer) -> Message:
    """Return the answer to one request."""
    return {
        "type": "result",
        "job": job,
        "article": answer.article,
        "pipeline": _info_to_dict(answer.pipeline),
        "suggestions": [suggestion_to_dict(s) for s in answer.suggestions],
        "notice": answer.notice,
        "language": answer.language,
    }


def answer_of(message: Mapping[str, Any]) -> Answer:
    """Return the answer in a ``result``; raises :class:`ProtocolError`."""
    suggestions, article = message.get("suggestions"), message.get("article")
    if not isinstance(suggestions, list) or not isinstance(article, int):
        raise ProtocolError("a result without suggestions")
    notice, language = message.get("notice"), message.get("language")
    return Answer(
        article,
        tuple(suggestion_from_dict(item) for item in suggestions),
        pipeline_info(message),
        str(notice) if notice is not None else None,
        str(language) if language is not None else None,
    )


def error(job: int | None, message: str, *, fatal: bool = False) -> Message:
    """Return a failure in one plain sentence: of one job, of no job (None), or of the worker (fatal)."""
    return {"type": "error", "job": job, "message": message, "fatal": fatal}


def _info_to_dict(info: PipelineInfo) -> Message:
    return {"name": info.name, "version": info.version, "config": info.config}


def pipeline_info(message: Mapping[str, Any]) -> PipelineInfo:
    """Return the pipeline that a ``ready``, ``learnt`` or ``result`` names; raises :class:`ProtocolError`."""
    try:
        pipeline = message["pipeline"]
        return PipelineInfo(str(pipeline["name"]), str(pipeline["version"]), str(pipeline["config"]))
    except (KeyError, TypeError) as error:
        raise ProtocolError(f"the pipeline is incomplete ({error!r})") from error


def suggestion_to_dict(suggestion: Suggestion) -> Message:
    """Return ``suggestion`` as plain JSON values; its ``id`` stays behind."""
    return {
        "layer": suggestion.layer,
        "label": suggestion.label,
        "start": suggestion.start,
        "end": suggestion.end,
        "component": suggestion.component,
        "reason": suggestion.reason,
        "score": suggestion.score,
        "scores": None if suggestion.scores is None else dict(suggestion.scores),
        "evidence": [list(span) for span in suggestion.evidence],
        "actor": suggestion.actor,
        "holder": suggestion.holder,
        "target": suggestion.target,
    }


def suggestion_from_dict(values: Mapping[str, Any]) -> Suggestion:
    """Return the suggestion that :func:`suggestion_to_dict` wrote; raises :class:`ProtocolError`."""
    try:
        scores = values["scores"]
        return Suggestion(
            layer=values["layer"],
            label=values["label"],
            start=values["start"],
            end=values["end"],
            component=values["component"],
            reason=values["reason"],
            score=values["score"],
            scores=None if scores is None else {str(k): float(v) for k, v in scores.items()},
            evidence=tuple((int(start), int(end)) for start, end in values["evidence"]),
            actor=values["actor"],
            holder=values["holder"],
            target=values["target"],
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ProtocolError(f"the suggestion is incomplete ({error!r})") from error
