"""Each error that a person can mend says what to do: all the sentences in the code, looked over."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import annotator
from annotator import model
from annotator.formats import import_paths, jsonl
from annotator.model import AnnotatorError, InputFileError
from annotator.project import Project

ROOT = Path(annotator.__file__).parent
KINDS = {
    name for name, kind in vars(model).items() if isinstance(kind, type) and issubclass(kind, AnnotatorError)
} | {"GazetteerError", "SearchError"}
KINDS -= {"InputFileError"}  # it names file, line and cause; the report says below them what to do
# What a sentence that tells what to do has: an order, or the name of a constant that holds one.
_ORDERS = (
    "add|ask|assign|bring|check|choose|chosen|close|copy|cut|delete|export|give|install|keep|make|mend|merge|"
    "move|must|needs|open|put|remove|rename|restore|retire|save|select|take|try|type|update|wait"
)
ADVICE = re.compile(
    rf"\b({_ORDERS}|do (it|this step|the step) again|go (on|to)|import articles|is a number from|"
    r"label it|leave it out|lists? them|look again|only a name|tells more|those that there are|work on)\b"
    r"|\{(MEND|READABLE|HOW_TO_INSTALL|hints\..*|_RESCUE|too_long\(.*\))\}",
    re.IGNORECASE,
)
NOTHING_TO_MEND = {
    "Nothing was changed.": "the person said so",
    "The project has no annotator called {name}; {there}.": "who there is, is said",
    "This is no regular expression: {error.msg}{where}.": "where it is wrong, is said",
    "Stopped: {name} is not installed.": "the person said so",
    "the project has an article with the id {uuid_} but another text": "said with file and line",
}


def sentences() -> Iterator[tuple[str, str]]:
    """Yield where a sentence stands, and the sentence with its gaps in braces."""
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS:
                texts = [text for text in map(written, node.args) if text is not None]
                if texts:
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", max(texts, key=len)


def written(node: ast.expr) -> str | None:
    """Return a text as it is written in the code, None for anything else."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(
            "{" + ast.unparse(part.value) + "}"
            if isinstance(part, ast.FormattedValue)
            else str(written(part))
            for part in node.values
        )
    return None


def test_every_sentence_says_what_to_do() -> None:
    found = dict(sentences())
    assert len(found) > 80
    dumb = {
        where: text
        for where, text in found.items()
        if not ADVICE.search(text) and text not in NOTHING_TO_MEND
    }
    assert dumb == {}


def test_the_exceptions_are_still_needed() -> None:
    assert set(NOTHING_TO_MEND) <= {text for _, text in sentences()}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b'{"text": ""}', 'is no line of Annotator\'s, since it lacks "schema": "annotator/1"'),
        (b"[]", "is no JSON object"),
        (b"{", "is not JSON"),
        (b"\xff", "is not UTF-8"),
    ],
)
def test_a_line_that_is_not_ours_names_file_line_cause_and_what_to_do(
    tmp_path: Path, line: bytes, words: str
) -> None:
    path = tmp_path / "in.jsonl"
    path.write_bytes(b"\n" + line + b"\n")
    with pytest.raises(InputFileError) as caught:
        list(jsonl.read(path))
    said = str(caught.value)
    assert said.startswith("in.jsonl, line 2: ")
    assert words in said
    assert said.endswith("; mend the line as docs/jsonl.md describes, or take it out")


def test_a_file_that_failed_stands_in_the_report_with_what_to_do(project: Project, tmp_path: Path) -> None:
    (tmp_path / "binary.txt").write_bytes(bytes(range(256)) * 40)
    (tmp_path / "empty.txt").write_bytes(b"")
    steps = import_paths(project, [tmp_path / "binary.txt", tmp_path / "empty.txt"])
    while True:
        try:
            next(steps)
        except StopIteration as end:
            report = end.value
            break
    failed = [reason for _, reason in report.failed]
    assert failed == [
        "does not look like text; save it as UTF-8 text, or leave it out",
        "is empty; leave it out",
    ]
    assert report.summary().endswith(
        "Mend them and import again: what is in the project already is passed over."
    )
