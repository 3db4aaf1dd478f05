"""Every format in and out against our own JSONL: articles with 60 spans, and texts alone.

    python3 benchmarks/formats.py [--articles N | --full] [--only texts,brat]

Each export and import is a process of its own, so that its peak of memory is its own too. What is compared is
processor time, the system's share included: the least of three, JSONL done in turn with each, so that other
work on the machine slows both down. All suggestions of the project were accepted. Tables and JSON of other
people's are read against JSONL without spans. Web pages and office texts have to be parsed: what an article
takes is shown.

Of formats with a file an article a line tells what the system takes to write these files alone. None of them
is deleted before the end, and no other thousands should have been in the six minutes before: ext4 without a
journal looks at each inode that was deleted lately whenever it makes a file, which takes ten times as long as
to write it.
"""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import corpus
from shared import finish, peak_mb, place

FIELDS = ("title", "text", "source", "url", "published")
PARSED = 100  # files
BOUND, MEMORY = 2, 200  # times JSONL; MB
NO_TEXT = ("spacy", "refi-qda", "quotations-xlsx")  # archives and a binary format: shown without a bound
CHILD = "--child"
ROUNDS = 3


def main() -> None:
    """Print the ratios, what a parsed article takes, and the peak of memory."""
    here = place(__doc__, articles=500)
    from annotator.formats import LONG_STEP_SECONDS, registry
    from annotator.project import open_project
    from annotator.project.bulk import accept_all_open

    print(f"{'':26} {'ours':>9} {'JSONL':>9} {'ratio':>6} {'peak':>7}")
    if not here.only or "texts" in here.only:
        _texts(here)
    with open_project(here.project(), annotator="anna") as project:
        finish(accept_all_open(project, step_seconds=LONG_STEP_SECONDS))
    for format in registry.formats():
        if format.exports and (not here.only or format.name in here.only):
            _out_and_in(here, format)


def _texts(here: Any) -> None:
    """Print what tables, JSON and parsed texts take."""
    texts = [_flat(line) for line in corpus.lines(here.articles)]
    plain, fresh = here.folder / "plain.jsonl", here.folder / "fresh.annot"
    with plain.open("w", encoding="utf-8") as file:
        for line in corpus.lines(here.articles):
            file.write(
                json.dumps({k: v for k, v in line.items() if k not in ("suggestions", "pipeline")}) + "\n"
            )
    for name, write in WRITERS.items():
        path = here.folder / f"texts.{name}"
        write(path, texts)
        _compare(
            f"texts in: {name}",
            lambda path=path: _child("in", "", fresh, path),
            lambda: _child("in", "", fresh, plain),
        )
    for suffix, make in MAKERS.items():
        folder = here.folder / suffix
        folder.mkdir()
        for number, article in enumerate(texts[:PARSED]):
            make(folder / f"{number}.{suffix}", article)
        took = _child("in", "", fresh, folder)
        each = took["seconds"] / min(PARSED, len(texts))
        print(f"{suffix}: {each * 1000:.1f} ms an article, {took['mb']:.0f} MB")
        shutil.rmtree(folder)


def _out_and_in(here: Any, format: Any) -> None:
    suffix = "" if format.folder else format.suffixes[0]
    paths = [here.folder / f"spans-{format.name}-{number}{suffix}" for number in range(ROUNDS)]
    path, rounds = paths[-1], iter(paths)
    floor, fresh = here.folder / "floor.jsonl", here.folder / "fresh.annot"

    def out() -> dict[str, float]:
        return _child("out", format.name, here.project(), next(rounds))

    bound = None if format.name in NO_TEXT else BOUND
    _compare(f"out: {format.name}", out, lambda: _child("out", "jsonl", here.project(), floor), bound)
    if not format.many:  # a file an article
        print(
            f"{'the files alone':26} {_seconds(_bare(path, here.folder / f'bare-{format.name}'))}", flush=True
        )
    if format.read is not None:
        _compare(
            f"in: {format.name}",
            lambda: _child("in", "", fresh, path),
            lambda: _child("in", "", fresh, floor),
            bound,
        )
    floor.unlink()
    for made in () if format.folder else paths:
        made.unlink()


def _compare(
    words: str,
    ours: Callable[[], dict[str, float]],
    floor: Callable[[], dict[str, float]],
    bound: float | None = BOUND,
) -> None:
    """Print the least that each takes of several times, done in turn: other work only adds to it."""
    floors, times = zip(*((floor(), ours()) for _ in range(ROUNDS)), strict=True)
    least, took = (min(each["seconds"] for each in found) for found in (floors, times))
    mb, ratio = max(each["mb"] for each in times), took / least
    verdict = "" if bound is None else f"<= {bound}  ok" if ratio <= bound else f"<= {bound}  MISSED"
    memory = "" if mb <= MEMORY else f", over {MEMORY} MB: MISSED"
    print(
        f"{words:26} {_seconds(took)} {_seconds(least)} {ratio:6.2f} {mb:4.0f} MB {verdict}{memory}",
        flush=True,
    )


def _child(way: str, name: str, project: Path, path: Path) -> dict[str, float]:
    """Export or import in a process of its own; return what it says it took."""
    command = [sys.executable, __file__, CHILD, way, name, str(project), str(path)]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def child(way: str, name: str, file: str, target: str) -> None:
    """Do one export or import; print what it took as JSON."""
    from annotator.formats import LONG_STEP_SECONDS, export, import_paths, registry
    from annotator.project import create_project, open_project

    if way == "out":
        with open_project(Path(file), annotator="anna", read_only=True) as project:
            began = time.process_time()
            finish(export(project, Path(target), registry.named(name)))
            took = time.process_time() - began
    else:
        Path(file).unlink(missing_ok=True)
        with create_project(Path(file), annotator="anna") as project:
            began = time.process_time()
            report = finish(import_paths(project, [Path(target)], step_seconds=LONG_STEP_SECONDS))
            took = time.process_time() - began
            assert not report.failed, report.summary()
            assert project.articles.count() >= 1
        Path(file).unlink()
    print(json.dumps({"seconds": took, "mb": _peak()}))


def _peak() -> float:
    """Return the most memory of this process, MB; what the system says of it may be its parent's."""
    status = Path("/proc/self/status")
    if not status.exists():
        return peak_mb()
    return int(status.read_text().partition("VmHWM:")[2].split()[0]) / 1024


def _bare(folder: Path, target: Path) -> float:
    """Return the processor time that it takes to write the files of a folder, some at a time."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    target.mkdir()
    took = 0.0
    for at in range(0, len(files), 100):
        data = [path.read_bytes() for path in files[at : at + 100]]
        began = time.process_time()
        for number, words in enumerate(data, at):
            with (target / str(number)).open("wb", buffering=0) as file:
                file.write(words)
        took += time.process_time() - began
    return took


def _seconds(took: float) -> str:
    return f"{took:7.2f} s"


def _flat(line: dict[str, Any]) -> dict[str, str]:
    return {"title": line["title"], "text": line["text"]} | {key: line["meta"][key] for key in FIELDS[2:]}


def _table(path: Path, texts: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, FIELDS, delimiter="\t" if path.suffix == ".tsv" else ",")
        writer.writeheader()
        writer.writerows(texts)


def _array(path: Path, texts: list[dict[str, str]]) -> None:
    path.write_text(json.dumps(texts, ensure_ascii=False), "utf-8")


def _lines(path: Path, texts: list[dict[str, str]]) -> None:
    path.write_text("".join(json.dumps(text, ensure_ascii=False) + "\n" for text in texts), "utf-8")


def _workbook(path: Path, texts: list[dict[str, str]]) -> None:
    from openpyxl import Workbook

    book = Workbook()  # as pandas does: one that is written row by row does not say how large it is
    sheet = book.worksheets[0]
    sheet.append(FIELDS)
    for text in texts:
        sheet.append([text[field] for field in FIELDS])
    book.save(path)


def _page(path: Path, article: dict[str, str]) -> None:
    paragraphs = "".join(f"<p>{line}</p>" for line in article["text"].split("\n"))
    menu = "".join(f"<li><a href='/{n}'>Section {n}</a></li>" for n in range(40))
    path.write_text(
        f"<html lang='en'><head><title>{article['title']}</title></head><body><nav><ul>{menu}</ul></nav>"
        f"<article><h1>{article['title']}</h1>{paragraphs}</article></body></html>",
        "utf-8",
    )


def _word(path: Path, article: dict[str, str]) -> None:
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    lines = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in article["text"].split("\n"))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        body = f'<w:document xmlns:w="{space}"><w:body>{lines}</w:body></w:document>'
        archive.writestr("word/document.xml", body)


WRITERS = {"csv": _table, "tsv": _table, "json": _array, "ndjson": _lines, "xlsx": _workbook}
MAKERS = {"html": _page, "docx": _word}

if __name__ == "__main__":
    if CHILD in sys.argv:
        child(*sys.argv[2:])
    else:
        main()
