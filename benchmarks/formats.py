"""Every format in and out against our own JSONL: articles with 60 spans, and texts alone.

    python3 benchmarks/formats.py [--articles N | --full]

What has a place for spans is written from one project, where all suggestions were accepted, and read into
a fresh one; the floor is the same with JSONL. Tables and JSON of other people's are read against JSONL
without spans. Web pages and office texts have to be parsed: what an article takes is shown, without a bound.
"""

from __future__ import annotations

import csv
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import corpus
from shared import finish, ms, peak_mb, place, row, seconds

FIELDS = ("title", "text", "source", "url", "published")
PARSED = 100  # files


def main() -> None:
    """Print the ratios, what a parsed article takes, and the peak of memory."""
    here = place(__doc__, articles=500)
    from annotator.formats import LONG_STEP_SECONDS, export, import_paths, registry
    from annotator.project import create_project, open_project
    from annotator.project.bulk import accept_all_open

    def read(path: Path) -> float:
        fresh = here.folder / "fresh.annot"
        fresh.unlink(missing_ok=True)
        with create_project(fresh, annotator="anna") as project:
            steps = import_paths(project, [path], step_seconds=LONG_STEP_SECONDS)
            report: list[Any] = []
            took = seconds(lambda: report.append(finish(steps)))
            assert not report[0].failed, report[0].summary()
            assert project.articles.count() >= 1
        return took

    texts = [_flat(line) for line in corpus.lines(here.articles)]
    plain = here.folder / "plain.jsonl"
    with plain.open("w", encoding="utf-8") as file:
        for line in corpus.lines(here.articles):
            file.write(
                json.dumps({k: v for k, v in line.items() if k not in ("suggestions", "pipeline")}) + "\n"
            )
    for name, write in WRITERS.items():
        path = here.folder / f"texts.{name}"
        write(path, texts)
        took, floor = (
            min(times) for times in zip(*((read(path), read(plain)) for _ in range(3)), strict=True)
        )
        row(f"texts in: {name} / JSONL", ms(took), ms(floor), took / floor, 2)
    print(f"peak of memory so far {peak_mb():.0f} MB")
    for suffix, make in MAKERS.items():
        folder = here.folder / suffix
        folder.mkdir()
        for number, article in enumerate(texts[:PARSED]):
            make(folder / f"{number}.{suffix}", article)
        print(f"{suffix}: {read(folder) / min(PARSED, len(texts)) * 1000:.1f} ms an article")
        shutil.rmtree(folder)

    with open_project(here.project(), annotator="anna") as project:
        finish(accept_all_open(project, step_seconds=LONG_STEP_SECONDS))
        _out_and_in(project, here.folder, read, export, registry.formats())


def _out_and_in(project: Any, folder: Path, read: Callable[[Path], float], export: Any, formats: Any) -> None:
    floor: tuple[float, float] | None = None
    for format in formats:
        if not format.exports or format.read is None:
            continue
        path = folder / f"spans-{format.name}{'' if format.folder else format.suffixes[0]}"
        work = export(project, path, format)
        out = seconds(lambda work=work: finish(work))  # type: ignore[misc]
        back = read(path)
        if floor is None:  # ours is the first
            floor = out, back
        row(f"spans out: {format.name} / JSONL", ms(out), ms(floor[0]), out / floor[0], 2)
        row(f"spans in: {format.name} / JSONL", ms(back), ms(floor[1]), back / floor[1], 2)
        shutil.rmtree(path) if format.folder else path.unlink()


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

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Texts")
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
    main()
