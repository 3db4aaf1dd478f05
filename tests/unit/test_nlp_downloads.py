"""The command that gets a pipeline, and what its output is taken to mean. No network."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from annotator.cli import main
from annotator.model import PipelineError
from annotator.nlp import downloads
from annotator.nlp.catalogue import official_models
from annotator.nlp.downloads import Output, command
from annotator.nlp.languages import language_name


@pytest.mark.parametrize(
    "name", ["ru-core-news-sm", "en-core-web-trf", "uk_core_news_sm==999.9.9", "../x", "", "--help", "numpy"]
)
def test_only_official_names_are_asked_for(name: str) -> None:
    with pytest.raises(PipelineError, match="There is no official spaCy pipeline"):
        command(name)


def test_spacys_own_command_is_used_and_never_pip_with_a_bare_name() -> None:
    arguments = command("ru_core_news_sm")
    assert arguments[:5] == ["-P", "-m", "spacy", "download", "ru_core_news_sm"]


@pytest.mark.parametrize(
    ("pip", "switch"), [("24.1", True), ("23.2.1", False), ("25.0", True), (None, False)]
)
def test_progress_is_asked_for_where_pip_can_tell_it(
    monkeypatch: pytest.MonkeyPatch, pip: str | None, switch: bool
) -> None:
    def version(_: str) -> str:
        if pip is None:
            raise downloads.PackageNotFoundError
        return pip

    monkeypatch.setattr(downloads, "version", version)
    assert ("raw" in command("ru_core_news_sm")) is switch


def test_the_catalogue_names_each_language() -> None:
    models = official_models()
    assert len({model.name for model in models}) == len(models)
    assert {"en", "ru", "uk", "de", "fr"} <= {model.language for model in models}
    assert all(model.name.startswith(model.language) for model in models)
    assert not any("“" in language_name(model.language) for model in models)
    assert not any("trf" in model.name for model in models)


@pytest.mark.parametrize(
    ("printed", "words"),
    [
        ("requests.exceptions.ConnectionError: HTTPSConnectionPool: Max retries exceeded", "not be\nreached"),
        ("✘ Server error (503)", "not be\nreached"),
        (
            "ERROR: Could not install packages due to an OSError: [Errno 13] Permission denied",
            "write-protected",
        ),
        ("error: externally-managed-environment", "write-protected"),
        ("OSError: [Errno 28] No space left on device", "the disk is full"),
        ("✘ No compatible package found for 'x' (spaCy v3.8.18)", "update Annotator"),
        ("✘ No package installer found", "ensurepip"),
        ("something else went wrong", "(something else went wrong)"),
        ("", "without a word"),
    ],
)
def test_a_failure_is_one_plain_sentence(printed: str, words: str) -> None:
    output = Output("ru_core_news_sm")
    output.feed("Collecting ru-core-news-sm\n")
    output._text = printed
    assert words.replace("\n", " ") in output.failure()
    assert "Traceback" not in output.failure()
    assert "\n" not in output.failure()


def test_progress_is_read_from_the_output() -> None:
    output = Output("x")
    output.feed("Collecting x@ https://models.example/releases/x-1.0-py3-none-any.whl\n")
    assert output.step == "Collecting x@ x-1.0-py3-none-any.whl"
    assert output.percent is None
    output.feed("Progress 250 of 1000\n")
    assert output.percent == 25
    output.feed("Progress 7 of 0\n")
    assert output.percent is None
    output.feed("Progress 1000 of 1000\n")
    output.feed("Installing collected packages: x\n")
    assert (output.step, output.percent) == ("Installing collected packages: x", None)


def test_a_write_protected_environment_is_said_before_anything_is_tried(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(PipelineError, match="write-protected"):
        command("ru_core_news_sm")


def test_the_systems_python_and_a_frozen_build_are_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "EXTERNALLY-MANAGED").touch()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "prefix", sys.base_prefix)
        patch.setattr(downloads.sysconfig, "get_path", lambda name: str(tmp_path))
        assert "belongs to the operating system" in (downloads.obstacle() or "")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert "This build" in (downloads.obstacle() or "")


@pytest.mark.parametrize(("code", "expected"), [(0, 0), (1, 1)])
def test_the_command_line_passes_on_how_it_went(
    monkeypatch: pytest.MonkeyPatch, capfd: Any, code: int, expected: int
) -> None:
    script = f"print('Collecting x'); print('getaddrinfo failed'); raise SystemExit({code})"
    monkeypatch.setattr("annotator.cli.modelling.command", lambda name: ["-c", script])
    assert main(["models", "--download", "ru_core_news_sm"]) == expected
    out, err = capfd.readouterr()
    assert "Collecting x" in err
    assert ("ru_core_news_sm is installed" in out) is (code == 0)
    assert ("could not be reached" in err) is (code == 1)


def test_what_can_be_had_is_listed(capsys: Any) -> None:
    assert main(["models", "--available"]) == 0
    assert "uk_core_news_md      Ukrainian      about  70 MB" in capsys.readouterr().out


def test_the_real_command_without_a_network_is_one_sentence() -> None:
    # A proxy that is not there stands for a network that is not there, wherever this test runs.
    nowhere = {f"{scheme}_proxy": "http://127.0.0.1:9" for scheme in ("http", "https", "HTTP", "HTTPS")}
    done = subprocess.run(
        [sys.executable, *command("ru_core_news_sm")],
        capture_output=True,
        text=True,
        env={**os.environ, **nowhere},
        timeout=120,
        check=False,
    )
    assert done.returncode != 0
    output = Output("ru_core_news_sm")
    for line in (done.stdout + done.stderr).splitlines():
        output.feed(line)
    assert "could not be reached" in output.failure()
