"""Score the entities that are suggested against a gold standard that is kept elsewhere.

    python benchmarks/gold.py GOLD.jsonl SCORER.py [--model NAME]

GOLD.jsonl has a line an article: ``{"id", "text", ...}``, as the scorer wants it. The articles go the way of
a researcher's own: imported as plain text into a new project, suggested, exported with suggestions. The
scorer is called as ``SCORER.py PRED.jsonl --gold GOLD.jsonl --table`` with lines ``{"id", "spans": [...]}``.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any


def main() -> int:
    """Run the whole way and print the scorer's table; returns the scorer's exit code."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("gold", type=Path)
    parser.add_argument("scorer", type=Path)
    parser.add_argument("--model", help="an installed spaCy pipeline (default: the best one)")
    options = parser.parse_args()
    gold = [
        json.loads(line) for line in options.gold.read_text(encoding="utf-8").splitlines() if line.strip()
    ]
    with tempfile.TemporaryDirectory() as folder:
        predictions = Path(folder, "predictions.jsonl")
        write_lines(predictions, predicted(gold, Path(folder), options.model))
        command = [sys.executable, options.scorer, predictions, "--gold", options.gold, "--table"]
        return subprocess.run(command, check=False).returncode


def predicted(gold: list[dict[str, str]], folder: Path, model: str | None) -> list[dict[str, object]]:
    """Return the open entity suggestions of the articles in ``gold``, by way of a project in ``folder``."""
    return [
        {
            "id": article["id"],
            "spans": [
                {key: row[key] for key in ("start", "end", "label")}
                for row in rows
                if row["layer"] == "entity"
            ],
        }
        for article, rows in zip(gold, suggested(gold, folder, model), strict=True)
    ]


def suggested(gold: list[dict[str, str]], folder: Path, model: str | None) -> list[list[dict[str, Any]]]:
    """Return all open suggestions of each article in ``gold``, by way of a project in ``folder``."""
    texts = folder / "texts"
    texts.mkdir()
    for number, article in enumerate(gold):
        # As bytes: the platform's line ends must not get into the offsets.
        Path(texts, f"{number:05}.txt").write_bytes(article["text"].encode())
    project = folder / "gold.annot"
    annotator("new", project)
    annotator("import", project, texts)
    annotator("suggest", project, *(["--model", model] if model else []))
    annotator("export", project, folder / "out.jsonl", "--with-suggestions")
    found: dict[int, list[dict[str, Any]]] = {}
    for line in Path(folder, "out.jsonl").read_text(encoding="utf-8").splitlines():
        exported = json.loads(line)
        number = int(Path(exported["meta"]["file"]).stem)
        if exported["text"] != gold[number]["text"]:
            raise SystemExit(
                f"The import changed the text of {gold[number]['id']}: its offsets cannot be compared."
            )
        found[number] = exported["suggestions"]
    return [found[number] for number in range(len(gold))]


def annotator(*arguments: object) -> None:
    """Run one sub-command of the program; its messages go to stderr. Raises where it fails."""
    subprocess.run([sys.executable, "-m", "annotator", *map(str, arguments)], check=True, stdout=sys.stderr)


def write_lines(path: Path, rows: list[dict[str, object]]) -> None:
    """Write ``rows`` as JSON lines."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
