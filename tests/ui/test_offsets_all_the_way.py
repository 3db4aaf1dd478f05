"""Offsets stay exact all the way: import, suggest, label in the view, export, import, export again."""

from __future__ import annotations

import itertools
import json
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from annotator.formats import export_jsonl, import_paths
from annotator.nlp.pipeline import Pipeline, build_pipeline
from annotator.project import Project, create_project
from annotator.text import normalise
from annotator.ui.main_window import MainWindow

# What shifts offsets in other tools, and names that the model finds between it.
NAMES = ["Armenia ", "Nikol Pashinyan ", "EU", "Пашинян ", "Փաշինյան ", "שלום ", "’s ", "“", ". "]
SHIFTERS = ["🚀", "🇦🇲", "👩‍🚀", "é", "e\u0301", "\r\n", "\r", "\n", "\t", "\0"]
INVISIBLE = ["\u2028", "\u2029", "\u00a0", "\u200f", "\ufeff"]
PIECES = st.sampled_from(NAMES + SHIFTERS + INVISIBLE)
TEXTS = st.lists(st.one_of(PIECES, st.text(max_size=8)), min_size=1, max_size=25).map("".join)


@cache
def pipeline() -> Pipeline:
    return build_pipeline()


def finish(generator):
    """Step a generator to its end and return its result."""
    while True:
        try:
            next(generator)
        except StopIteration as end:
            return end.value


def quotes_are_exact(path: Path, text: str) -> int:
    line, end = path.read_bytes().decode("utf-8").split("\n")
    assert end == ""
    record = json.loads(line)
    assert record["text"] == text
    for span in record["spans"]:
        assert record["text"][span["start"] : span["end"]] == span["text"]
    for suggestion in record["suggestions"]:
        if suggestion["start"] is not None:
            assert 0 <= suggestion["start"] < suggestion["end"] <= len(text)
    return len(record["spans"])


counter = itertools.count()


@pytest.mark.usefixtures("no_worker")
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(source=TEXTS, data=st.data())
@example(source="a\ufeff Kyiv", data=None)
@example(source="\ufeffa🚀 Kyiv\r\nArmenia\u2028e\u0301 Пашинян", data=None)
def test_any_text_keeps_its_offsets_from_file_to_file(
    new_window, tmp_path: Path, source: str, data: st.DataObject | None
) -> None:
    text = normalise(source)
    if not any(character.isalnum() for character in text):
        return
    folder = tmp_path / str(next(counter))
    folder.mkdir()
    (folder / "a.txt").write_bytes(source.encode("utf-8", "surrogatepass"))
    window = window_of(new_window, tmp_path)
    assert window.session.create(folder / "p.annot")
    project = window.session.project
    assert project is not None
    report = finish(import_paths(project, [folder / "a.txt"]))
    if report.failed:
        return  # a text that looks like no text is refused: nothing to label
    (article,) = project.articles.ids()
    stored = project.articles.text(article)
    found = pipeline().suggest_one(stored)
    project.suggestions.replace(pipeline().info, [(article, found, None)])
    window.show_article(article)

    start, end = choose(data, stored)
    window.pane.view.select(start, end)
    assert window.pane.view.raw_selection() == (start, end)
    selected = window.pane.view.selected_span(exact=False)
    if selected is not None:
        window.labelling.label("entity", "EVENT")
    window.labelling.accept_all()
    if selected is not None:
        assert stored[slice(*selected)] in {a.quote for a in project.annotations.of(article)}

    labelled = len([a for a in project.annotations.of(article) if a.start is not None])
    first = exported(project, folder / "1.jsonl")
    assert quotes_are_exact(first, stored) == labelled
    with create_project(folder / "again.annot", annotator="anna") as again:
        finish(import_paths(again, [first]))
        assert exported(again, folder / "2.jsonl").read_bytes() == first.read_bytes()


def exported(project: Project, path: Path) -> Path:
    finish(export_jsonl(project, path, with_suggestions=True))
    return path


windows: dict[Path, MainWindow] = {}


def window_of(new_window, tmp_path: Path) -> MainWindow:
    """One window for all examples of a test: what is tried is the text, not the opening."""
    if tmp_path not in windows:
        windows.clear()
        windows[tmp_path] = new_window()
    return windows[tmp_path]


def choose(data: st.DataObject | None, text: str) -> tuple[int, int]:
    if data is None:
        start = text.index("Kyiv")
        return start, start + 4
    a = data.draw(st.integers(0, len(text)))
    b = data.draw(st.integers(0, len(text)))
    return min(a, b), max(a, b)
