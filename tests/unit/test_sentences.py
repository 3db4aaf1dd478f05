"""Each error that a person can mend says what to do: all the sentences in the code, looked over."""

from __future__ import annotations

import ast
import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import annotator
from annotator import model
from annotator.formats import import_paths, jsonl
from annotator.formats.importing import ImportReport, format_of
from annotator.model import AnnotatorError, InputFileError
from annotator.project import Project

ROOT = Path(annotator.__file__).parent
KINDS = {
    name for name, kind in vars(model).items() if isinstance(kind, type) and issubclass(kind, AnnotatorError)
} | {"GazetteerError", "SearchError"}
KINDS |= {"AdvisedError", "wrong", "Found"}  # what the readers call that make an InputFileError of it
# What a sentence that tells what to do has: an order, or the name of a constant that holds one.
_ORDERS = (
    "add|ask|assign|bring|check|choose|chosen|close|copy|cut|delete|divide|export|give|import|install|keep|make"
    "|mend|merge|move|must|needs|open|put|remove|rename|restore|retire|save|select|split|take|try|type|unpack"
    "|update|wait|write"
)
ADVICE = re.compile(
    rf"\b({_ORDERS}|do (it|this step|the step) again|go (on|to)|import articles|is a number from|"
    r"label it|leave it out|lists? them|look again|print it|run OCR|only a name|tells more|those that"
    r" there are|work on)\b"
    r"|\{((advised|unreadable|written_only|too_long|self\._complaint)\(.*\)|(error\.)?reason|(\w+\.)?MEND|HOW_TO_INSTALL"
    r"|hints\..*|_RESCUE)\}",
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
            if isinstance(node, ast.Call) and (name := called(node.func)) in KINDS:
                where = f"{path.relative_to(ROOT)}:{node.lineno}"
                if name == "InputFileError":  # of a path, the reason, the line
                    for text in choices(node.args[1]):
                        yield where, written(text) or "{" + ast.unparse(text) + "}"
                    continue
                given = [*node.args, *(keyword.value for keyword in node.keywords)]
                texts = [text for text in map(written, given) if text is not None]
                if texts:
                    yield where, max(texts, key=len)


def called(function: ast.expr) -> str:
    """Return the name of what is called, the last one of several with dots."""
    return getattr(function, "id", "") or getattr(function, "attr", "")


def choices(node: ast.expr) -> list[ast.expr]:
    """Return what an expression may be: both of "a if b else c"."""
    return [*choices(node.body), *choices(node.orelse)] if isinstance(node, ast.IfExp) else [node]


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
    found = list(sentences())
    assert len(found) > 250
    dumb = [
        f"{where}: {text}" for where, text in found if not ADVICE.search(text) and text not in NOTHING_TO_MEND
    ]
    assert dumb == [], "\n".join(dumb)


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


WRONG_FILES = {
    "a.txt": (bytes(range(256)) * 40, "does not look like text"),
    "b.txt": (b"\xff\xfea\x00\x00\xd8", "it begins like UTF-16"),
    "c.txt": (b" \n", "is empty"),
    "a.jsonl": (b'{"schema": "annotator/9", "text": "It rained."}', "of a newer Annotator"),
    "b.jsonl": (b'{"schema": "annotator/9 without texts", "id": "a", "sha256": "b"}', "of a newer Annotator"),
    "c.jsonl": (b'{"text": "It rained."}\n7\n', "line 2: is no JSON object"),
    "d.jsonl": (b'{"text": "It rained."}\n' + b'{"a":' * 100_000, "line 2: is n"),
    "e.jsonl": (b'{"text": "It rained."}\n{"text": NaN}\n', "line 2: holds NaN"),
    "f.jsonl": (
        b'{"text": "It rained.", "spans": [{"start": 4, "end": 99, "label": "X"}]}',
        "outside the text",
    ),
    "g.jsonl": (
        b'{"text": "It rained.", "spans": [{"start": 4, "label": "X"}], "answer": "accept"}',
        "no start",
    ),
    "h.jsonl": (b'{"text": "It rained.", "label": [[1, "b", "X"]]}', "no whole number"),
    "i.jsonl": (b'{"image": "a.png", "_task_hash": 1}', "about image"),
    "j.jsonl": (b'{"words": "It rained."}', "no key that is called text"),
    "k.jsonl": (b"", "is empty"),
    "a.json": (b"7", "is no JSON object"),
    "b.json": (b"[" * 100_000, "is n"),
    "c.json": (b'[{"text": "It rained."} 7]', "a comma is missing"),
    "d.json": (b'{"text": "It rained."} 7', "something follows"),
    "e.json": (b"\xff", "is not UTF-8"),
    "f.json": (b"", "is empty"),
    "g.json": (b'[{"id": 1, "data": {"image": "/data/a.png"}, "annotations": []}]', "about image"),
    "h.json": (
        b'[{"id": 1, "data": {"a": "It rained.", "b": "It did."}, "annotations": []}]',
        "which of a, b",
    ),
    "i.json": (
        b'[{"id": 1, "data": {"text": "It"}, "annotations": [{"result": [7]}]}]',
        "no list of objects",
    ),
    "a.csv": (b"words\nIt rained.\n", "has no column that is called text"),
    "b.csv": (b"text,title\n,Rain\n", "holds no words in any row"),
    "c.csv": (b'text\n"It rained.\nIt snowed.\n', "never closed"),
    "d.csv": (bytes(range(256)) * 40, "does not look like text"),
    "e.csv": (b"text,title\nIt rained,Rain,more\n", "has 3 cells"),
    "a.tsv": (b"#FORMAT=WebAnno TSV 3.3\n\n#Text=It\n1-1\tx\tIt\n", "is no token"),
    "b.tsv": (b"#FORMAT=WebAnno TSV 3.3\n", "has no text"),
    "a.conll": (b"It O\nrained X-Y\n", "is no tag"),
    "b.conll": (b"\n", "has no tokens"),
    "c.conll": (b"It O O\nrained O\n", "has 2 columns"),
    "a.ann": (b"T1\tX 0 2\tIt\n", "needs its text"),
    "a.html": (b"", "leave it out"),
    "b.html": (b"<p></p>", "has no text"),
    "a.docx": (b"PK", "is damaged, or no docx file"),
    "a.odt": (b"PK", "is damaged, or no odt file"),
    "a.pdf": (b"%PDF-1.7", "is damaged, or no PDF"),
    "a.xlsx": (b"PK", "leave it out|Save it anew"),
    "a.spacy": (b"\x78\x9c", "is no DocBin"),
    "b.spacy": (b"", "is empty"),
    "a.qdpx": (b"PK", "is damaged"),
    "a.zip": (b"PK", "is damaged, or no zip file"),
    "a.odp": (b"PK", "is no kind of file"),
}


@pytest.mark.parametrize("name", WRONG_FILES)
def test_a_wrong_file_is_refused_with_the_cause_and_what_to_do(
    project: Project, tmp_path: Path, name: str
) -> None:
    data, cause = WRONG_FILES[name]
    path = tmp_path / name
    path.write_bytes(data)
    report = imported(project, [path])
    assert report.imported == 0
    [(where, reason)] = report.failed
    assert where == str(path)
    assert re.search(cause, reason), reason
    assert ADVICE.search(reason), reason


_KEYS = st.sampled_from(
    [
        *(
            "text",
            "meta",
            "label",
            "labels",
            "entities",
            "spans",
            "start",
            "end",
            "answer",
            "accept",
            "tokens",
        ),
        *(
            "data",
            "annotations",
            "result",
            "value",
            "type",
            "id",
            "relations",
            "Comments",
            "schema",
            "sha256",
        ),
        *("choices", "user", "_task_hash", "from_name", "layer"),
    ]
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 99) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=12,
)
_OBJECTS = st.dictionaries(_KEYS, _JSON, max_size=6).map(lambda some: {"text": "It rained 🌧️."} | some)


@given(st.lists(_OBJECTS, min_size=1, max_size=3), st.sampled_from([".jsonl", ".json"]))
def test_whatever_is_wrong_with_json_is_said_with_what_to_do(objects: list[object], suffix: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"in{suffix}"
        lines = [json.dumps(each) for each in objects]
        path.write_text("\n".join(lines) if suffix == ".jsonl" else f"[{', '.join(lines)}]")
        wrong = None
        try:
            list(format_of(path).read(path, {}))  # type: ignore[misc]
        except InputFileError as error:
            wrong = error.reason
    assert wrong is None or ADVICE.search(wrong)


def imported(project: Project, paths: list[Path]) -> ImportReport:
    steps = import_paths(project, paths)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]


def test_a_file_that_failed_stands_in_the_report_with_what_to_do(project: Project, tmp_path: Path) -> None:
    (tmp_path / "binary.txt").write_bytes(bytes(range(256)) * 40)
    (tmp_path / "empty.txt").write_bytes(b"")
    report = imported(project, [tmp_path / "binary.txt", tmp_path / "empty.txt"])
    failed = [reason for _, reason in report.failed]
    assert failed == [
        "does not look like text; save it as UTF-8 text, or leave it out",
        "is empty; leave it out",
    ]
    assert report.summary().endswith(
        "Mend them and import again: what is in the project already is passed over."
    )
