import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from annotator.model import Actor
from annotator.nlp import models, protocol

# A worker without a model (quick to start) whose component prints, and raises on one text.
NOISY = """
import os, sys
from annotator.model import PipelineError
from annotator.nlp import models, worker
def none(): return []
models.installed_models = none
from annotator.nlp import pipeline
analyse = pipeline._analyse
def noisy(nlp, text, zones):
    print("a stray print", flush=True)
    os.write(1, b"a stray write\\n")
    if "FAIL" in text:
        raise RuntimeError("broken component")
    return analyse(nlp, text, zones)
pipeline._analyse = noisy
sys.exit(worker.main([]))
"""


class Client:
    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self.process = process

    def send(self, message: dict[str, Any] | bytes) -> None:
        line = message if isinstance(message, bytes) else protocol.encode(message)
        assert self.process.stdin is not None
        self.process.stdin.write(line)
        self.process.stdin.flush()

    def receive(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        return protocol.decode(self.process.stdout.readline())


@contextmanager
def worker(*command: str) -> Iterator[Client]:
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, *command], stdin=pipe, stdout=pipe, stderr=pipe) as process:
        try:
            yield Client(process)
        finally:
            process.kill()


def ended(client: Client) -> tuple[int, bytes]:
    """Close the worker's input; return its exit code and what else it wrote to stdout."""
    out, _ = client.process.communicate(timeout=20)
    return client.process.returncode, out


def test_the_real_worker_answers_in_order_and_ends_with_its_input() -> None:
    text = "🚀 Nikol Pashinyan flew to Brussels."
    with worker("-m", "annotator.nlp.worker") as client:
        ready = client.receive()
        model = models.find_model(None)
        assert ready["type"] == "ready"
        assert ready["notice"] is None
        assert protocol.pipeline_info(ready).name == model.name
        client.send(protocol.suggest(1, 11, text))
        client.send(protocol.suggest(2, 12, "Что страна сказала.", None))
        first, second = client.receive(), client.receive()
        assert (first["type"], first["job"], first["article"], first["notice"]) == ("result", 1, 11, None)
        found = [protocol.suggestion_from_dict(s) for s in first["suggestions"]]
        assert ("Brussels", "GPE") in [(text[s.start : s.end], s.label) for s in found if s.layer == "entity"]
        assert found[-1].layer == "stance"
        assert (second["job"], len(second["suggestions"])) == (2, 1)
        assert second["notice"].startswith("No spaCy model for Russian is installed")
        assert ended(client) == (0, b"")


def test_the_worker_links_names_to_the_projects_actors() -> None:
    text = "The Kremlin has spoken. Pashinyan flew to Brussels."
    with worker("-m", "annotator.nlp.worker") as client:
        client.receive()
        client.send({"type": "actors", "actors": [{"name": "X"}]})
        assert "the actors are incomplete" in client.receive()["message"]
        client.send(protocol.actors([Actor("u", "City of Brussels", "GPE", None, ("Brussels",))]))
        client.send(protocol.suggest(1, 11, text))
        found = [protocol.suggestion_from_dict(s) for s in client.receive()["suggestions"]]
        actors = {text[s.start : s.end]: s.actor for s in found if s.layer == "entity"}
        assert actors["Brussels"] == "City of Brussels"
        client.send(protocol.actors([]))
        client.send(protocol.suggest(2, 11, text))
        found = [protocol.suggestion_from_dict(s) for s in client.receive()["suggestions"]]
        assert {text[s.start : s.end]: s.actor for s in found}["Brussels"] != "City of Brussels"


def test_stray_prints_bad_lines_and_failing_texts_do_not_break_the_worker() -> None:
    with worker("-c", NOISY) as client:
        ready = client.receive()
        assert ready["pipeline"]["name"] == "blank_en"
        assert "pip install" in ready["notice"]
        client.send(b"this is no JSON\n")
        client.send(b"\n")
        client.send(b'{"type": "suggest", "article": 1, "text": "x"}\n')
        client.send({"type": "suggest", "job": 4, "article": 1})
        client.send(protocol.suggest(5, 1, "FAIL"))
        client.send(protocol.suggest(6, 1, "lone surrogate \ud800"))
        client.send(protocol.suggest(7, 1, "The collective West.\u2028Line"))
        answers = [client.receive() for _ in range(6)]
        assert [(a["type"], a["job"]) for a in answers[:4]] == [
            ("error", None),
            ("error", None),
            ("error", 4),
            ("error", 5),
        ]
        assert not any(a["fatal"] for a in answers[:4])
        assert "broken component" in answers[3]["message"]
        assert answers[4]["job"] == 6
        assert (answers[5]["type"], answers[5]["job"]) == ("result", 7)
        assert ended(client) == (0, b"")


def test_an_unknown_model_still_gives_a_stance_and_says_what_to_do() -> None:
    with worker("-m", "annotator.nlp.worker", "--model", "nonsense") as client:
        ready = client.receive()
        assert ready["pipeline"]["name"] == "blank_en"
        assert "“nonsense”" in ready["notice"]
        client.send(protocol.suggest(1, 1, "The collective West."))
        found = client.receive()["suggestions"]
        assert [s["component"] for s in found] == ["gazetteer", "stance", "stance"]


def test_the_worker_ends_quietly_when_nobody_reads_it() -> None:
    with worker("-c", NOISY) as client:
        client.receive()
        assert client.process.stdout is not None
        assert client.process.stdin is not None
        assert client.process.stderr is not None
        client.process.stdout.close()
        client.send(protocol.suggest(1, 1, "Text."))
        assert client.process.wait(timeout=20) == 0
        assert b"Traceback" not in client.process.stderr.read()


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
def test_ctrl_c_is_quiet() -> None:
    import signal

    with worker("-c", NOISY) as client:
        client.receive()
        client.process.send_signal(signal.SIGINT)
        assert client.process.wait(timeout=20) == -signal.SIGINT
        assert client.process.stderr is not None
        assert b"Traceback" not in client.process.stderr.read()


def test_stdout_holds_json_lines_only() -> None:
    request = protocol.encode(protocol.suggest(1, 1, "Text."))
    done = subprocess.run(
        [sys.executable, "-c", NOISY], input=request, capture_output=True, timeout=60, check=True
    )
    assert [json.loads(line)["type"] for line in done.stdout.splitlines()] == ["ready", "result"]
    assert b"a stray print" in done.stderr
    assert b"a stray write" in done.stderr
