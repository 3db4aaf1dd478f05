import json
import subprocess
import sys

import pytest

from annotator.model import Actor, Answer, PipelineInfo, Suggestion
from annotator.nlp import protocol

STANCE = Suggestion(
    layer="stance",
    label=None,
    start=None,
    end=None,
    component="stance",
    reason="“Հայաստան” 🚀",
    scores={"pro-West": 0.25, "neutral": 0.5, "pro-Russia": 0.25},
    evidence=((0, 4), (9, 12)),
)


def test_a_suggestion_survives_the_pipe() -> None:
    answer = Answer(7, (STANCE,), PipelineInfo("blank_hy", "3.8", "abc"), "a notice", "hy")
    message = protocol.decode(protocol.encode(protocol.result(3, answer)))
    assert message["job"] == 3
    assert protocol.answer_of(message) == answer


def test_a_message_is_one_line_whatever_the_text_holds() -> None:
    text = "a\nb\u2028c\x85\ud800 🚀"
    line = protocol.encode(protocol.suggest(1, 2, text, "en"))
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert protocol.decode(line)["text"] == text


def test_the_pipeline_is_read_from_ready() -> None:
    info = PipelineInfo("en_core_web_md", "3.8.0", "abc")
    assert protocol.pipeline_info(protocol.decode(protocol.encode(protocol.ready(info)))) == info


def test_actors_come_over_whole() -> None:
    known = [Actor("u", "Nikol Pashinyan", "PERSON", "West", ("Пашинян", "\u2028"))]
    assert protocol.actors_of(protocol.decode(protocol.encode(protocol.actors(known)))) == known
    for bad in ({}, {"actors": 1}, {"actors": [{"name": "x"}]}):
        with pytest.raises(protocol.ProtocolError):
            protocol.actors_of(bad)


@pytest.mark.parametrize("line", [b"{", b"[1]", b'{"job": 1}', b'{"type": 1}', b"\xff\n", b""])
def test_a_bad_line_is_refused(line: bytes) -> None:
    with pytest.raises(protocol.ProtocolError):
        protocol.decode(line)


@pytest.mark.parametrize(
    "change", [{"evidence": [1]}, {"evidence": None}, {"scores": [1]}, {"scores": {"neutral": "x"}}]
)
def test_a_bad_suggestion_is_refused(change: dict[str, object]) -> None:
    values = protocol.suggestion_to_dict(STANCE) | change
    with pytest.raises(protocol.ProtocolError):
        protocol.suggestion_from_dict(values)


def test_protocol_and_models_do_not_import_spacy_or_qt() -> None:
    code = (
        "import sys, json; import annotator.nlp.protocol, annotator.nlp.models as m; m.installed_models();"
        "print(json.dumps([n for n in sys.modules if n.split('.')[0] in ('spacy', 'thinc', 'PySide6')]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert json.loads(done.stdout) == []
