"""spaCy's DocBin, and the folder that ``spacy train`` takes."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import tracemalloc
import zlib
from pathlib import Path
from typing import Any

import numpy
import pytest
import spacy
import srsly
from hypothesis import given
from hypothesis import strategies as st
from spacy.attrs import HEAD
from spacy.tokens import Doc, DocBin, Span

from annotator.cli import main
from annotator.formats import check_export, docbin, docbin_writer, export, import_paths, registry
from annotator.formats.docbin import FORMAT
from annotator.formats.docbin_packing import Bin, Tokens
from annotator.formats.docbin_unpacking import unpacked
from annotator.formats.item import Item
from annotator.model import Annotation, ArticleInput, ArticleRecord, InputFileError, Progress
from annotator.project import Project
from annotator.text import sha256

from .conftest import finish

SAMPLES = Path(__file__).parents[3] / "shared" / "samples" / "spacy"
TEXT = "A rocket 🚀 over Kyiv."


def document(text: str = TEXT) -> Doc:
    return spacy.blank("en").make_doc(text)


def read(folder: Path, *documents: Doc) -> list[Item]:
    path = folder / "docs.spacy"
    DocBin(docs=documents, store_user_data=True).to_disk(path)
    assert registry.recognise(path, path.read_bytes()[: registry.HEAD]) is FORMAT
    return list(FORMAT.read(path, {}))  # type: ignore[misc]


def documents(folder: Path) -> list[Doc]:
    vocab = spacy.blank("en").vocab
    files = sorted(folder.rglob("*.spacy"))
    return [doc for file in files for doc in DocBin().from_disk(file).get_docs(vocab)]


def test_ents_spans_and_cats_come_in_once_each(tmp_path: Path) -> None:
    doc = document()
    kyiv, rocket = doc.char_span(16, 20, label="GPE"), doc.char_span(2, 10, label="PRODUCT")
    doc.ents = [kyiv]
    doc.spans["sc"] = [kyiv, rocket]
    doc.spans["other"] = [doc.char_span(0, 10, label="frame")]
    doc.cats = {"pro-West": 0.0, "neutral": 1.0}
    doc.user_data["source"] = "b.example"
    (item,) = read(tmp_path, doc)
    found = sorted((a.label, a.start or 0, a.quote) for a in item.record.annotations)
    assert found == [
        ("GPE", 16, "Kyiv"),
        ("PRODUCT", 2, "rocket 🚀"),
        ("frame", 0, "A rocket 🚀"),
        ("neutral", 0, None),
    ]
    assert item.record.article.source == "b.example"


def test_several_categories_get_a_layer_that_takes_several(tmp_path: Path, project: Project) -> None:
    one, doc = document("One."), document()
    one.cats = {"war": 1.0}
    doc.cats = {"war": 1.0, "trade": 0.7, "peace": 0.2}
    read(tmp_path, one, doc)
    assert finish(import_paths(project, [tmp_path / "docs.spacy"])).failed == ()
    found = [(a.layer, a.label) for record in project.records.read() for a in record.annotations]
    assert sorted(found) == [("category", "trade"), ("category", "war"), ("category", "war")]


def test_wrong_heads_of_a_parse_are_not_followed(tmp_path: Path) -> None:
    doc = document()
    doc.ents = [doc.char_span(16, 20, label="GPE")]
    parsed = DocBin(attrs=["ORTH", "HEAD", "ENT_IOB", "ENT_TYPE"], docs=[doc])
    parsed.tokens[0][:, parsed.attrs.index(HEAD)] = 10**9
    parsed.to_disk(tmp_path / "docs.spacy")
    (item,) = FORMAT.read(tmp_path / "docs.spacy", {})  # type: ignore[misc]
    assert [a.quote for a in item.record.annotations] == ["Kyiv"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"\x78no zlib", "cannot be unpacked"),
        (zlib.compress(b"no msgpack \xc1"), "is no DocBin of spaCy 3, or is damaged"),
        (zlib.compress(b"\x80"), "is no DocBin of spaCy 3, or is damaged"),
    ],
)
def test_what_is_no_docbin_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "docs.spacy"
    path.write_bytes(content)
    with pytest.raises(InputFileError, match=reason):
        list(FORMAT.read(path, {}))  # type: ignore[misc]


def test_a_bomb_is_refused_before_it_fills_the_memory(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(docbin, "LARGEST", 50_000_000)
    path = tmp_path / "docs.spacy"
    path.write_bytes(zlib.compress(bytes(100_000_000)))
    with pytest.raises(InputFileError, match=r"unpacks to more than 50,000,000 bytes\. Split it"):
        list(FORMAT.read(path, {}))  # type: ignore[misc]


def test_an_export_has_ents_where_they_are_disjoint_and_always_spans(
    suggested: Project, tmp_path: Path
) -> None:
    suggested.annotations.accept(1, 1)
    suggested.annotations.add(1, "stance", "pro-West")
    suggested.annotations.add(1, "stance", "neutral", 0, 29)
    suggested.annotations.add(2, "entity", "ORG", 0, 6)
    suggested.annotations.add(2, "entity", "PERSON", 0, 14)
    report = finish(export(suggested, tmp_path / "out", FORMAT))
    first, second, third = sorted(documents(tmp_path / "out"), key=lambda doc: doc.text)
    assert [(e.text, e.label_) for e in first.ents] == [("Armenia", "GPE")]
    assert [(s.text, s.label_) for s in first.spans["sc"]] == [
        ("A rocket 🚀 flew over Armenia.", "neutral"),
        ("Armenia", "GPE"),
    ]
    assert first.cats == {"pro-West": 1.0, "neutral": 0.0, "pro-Russia": 0.0}
    assert sorted(s.text for s in second.spans["sc"]) == ["Gyumri", "Gyumri's mayor"]
    # Overlapping entities, and an article that nobody labelled: missing, which is not the same as none.
    assert not second.has_annotation("ENT_IOB")
    assert not third.has_annotation("ENT_IOB")
    assert report.lost == (
        "1 document with overlapping entities: they have no ents, which cannot overlap; "
        "their entities are in spans['sc'] like all others.",
    )


def test_a_span_inside_a_token_is_widened_named_and_read_back_exactly(
    with_articles: Project, tmp_path: Path
) -> None:
    with_articles.annotations.add(1, "entity", "GPE", 21, 25)  # Arme
    report = finish(export(with_articles, tmp_path / "out", FORMAT))
    assert report.lost == (
        "Spans with an edge inside a token of spaCy, widened to whole tokens (1): “Arme” (GPE) in “Rocket”. "
        "All of them are listed in README.md.",
    )
    assert "“Arme” (GPE) in “Rocket”: now “Armenia”" in (tmp_path / "out" / "README.md").read_text("utf-8")
    (entity,) = [e for doc in documents(tmp_path / "out") for e in doc.ents]
    assert entity.text == "Armenia"
    items = [i for f in (tmp_path / "out").rglob("*.spacy") for i in FORMAT.read(f, {})]  # type: ignore[misc]
    assert [a.quote for item in items for a in item.record.annotations] == ["Arme"]


def test_what_would_be_widened_is_listed_before_anything_is_written(
    with_articles: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    with_articles.annotations.add(1, "entity", "ORG", 0, 8)  # whole tokens
    assert finish(check_export(with_articles, FORMAT)).spans == ()
    with_articles.annotations.add(1, "entity", "GPE", 21, 25)  # Arme
    with_articles.articles.set_status(2, "done")
    seen = finish(check_export(with_articles, FORMAT))
    assert seen.spans == ("“Arme” (GPE) in “Rocket”: now “Armenia”",)
    assert seen.said[0].startswith("1 span has an edge inside a token of spaCy, and would be widened")
    assert (seen.articles, seen.verified) == (3, 2)
    assert finish(check_export(with_articles, FORMAT, status="done")).spans == ()
    assert finish(check_export(with_articles, FORMAT, annotator="nobody")).spans == ()
    path = str(with_articles.path)
    with_articles.close()
    out = tmp_path / "out"
    before = sorted(tmp_path.iterdir())
    assert main(["export", path, str(out), "--format", "spacy", "--dry-run"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "3 lines (3 articles) to write, 2 of 2 spans verified.",
        seen.said[0],
        "  “Arme” (GPE) in “Rocket”: now “Armenia”",
        "Nothing was written.",
        "spaCy DocBin cannot hold: rejections; suggestions; where annotations came from; when each was made.",
    ]
    assert sorted(tmp_path.iterdir()) == before


def test_documents_go_to_files_of_some_hundreds(
    with_articles: Project, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr(docbin_writer, "_AT_A_TIME", 1)
    finish(export(with_articles, tmp_path / "out", FORMAT))
    assert len(list((tmp_path / "out").rglob("*.spacy"))) == 3
    assert len(documents(tmp_path / "out")) == 3


def labelled(project: Project, number: int) -> None:
    """Put in articles with an entity, a passage that overlaps another one, and a stance each."""
    records = []
    for index in range(number):
        text = f"The mayor of Gyumri met envoy {index} in Moscow. Nobody was pleased."
        places = [("entity", "GPE", "Gyumri"), ("entity", "GPE", "Moscow"), ("zone", "quote", "in Moscow")]
        spans = [(layer, label, text.index(words), words) for layer, label, words in places]
        stance = ("pro-West", "neutral")[index % 2]
        annotations = [
            Annotation(
                0, f"{index}-{layer}-{start}", 0, "", layer, label, start, start + len(words), words, None,
                None, None, None, "", "manual", None, "", None, 1, "", "",
            )
            for layer, label, start, words in spans
        ]  # fmt: skip
        annotations.append(
            Annotation(
                0, f"{index}-s", 0, "", "stance", stance, None, None, None, None, None, None, None, "",
                "manual", None, "", None, 1, "", "",
            )
        )  # fmt: skip
        article = ArticleInput(text, f"Article {index}", uuid=f"article-{index}")
        records.append(
            ArticleRecord(article, sha256(text), "anna", Progress("done"), tuple(annotations), (), ())
        )
    with project.act("came in"):
        project.records.add_all(records)


def test_spacy_trains_on_an_export_as_it_is(project: Project, tmp_path: Path) -> None:
    labelled(project, 24)
    assert finish(export(project, tmp_path / "out", FORMAT)).lost == ()
    assert list((tmp_path / "out" / "dev").iterdir())
    said = subprocess.run(
        [
            sys.executable, "-m", "spacy", "train", "config.cfg", "--output", "model",
            "--training.max_epochs", "1", "--training.eval_frequency", "1",
        ],
        cwd=tmp_path / "out", capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stdout + said.stderr
    trained = spacy.load(tmp_path / "out" / "model" / "model-last")
    assert trained.pipe_names == ["tok2vec", "ner", "spancat", "textcat"]
    assert set(trained.get_pipe("spancat").labels) == {"GPE", "quote"}
    assert set(trained.get_pipe("textcat").labels) == {"pro-West", "neutral", "pro-Russia"}
    assert "W030" not in said.stdout + said.stderr  # misaligned entities


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples are not here")
def test_the_sample_comes_in_as_its_jsonl_does(project: Project) -> None:
    report = finish(import_paths(project, [SAMPLES / "demo.spacy", SAMPLES / "demo.jsonl"]))
    assert (report.new, report.same_text, report.annotations, report.failed) == (1, 1, 2, ())
    found = [(a.label, a.quote) for record in project.records.read() for a in record.annotations]
    assert found == [("PERSON", "Ed Sheeran")] * 2


def packed(found: DocBin, **changed: Any) -> bytes:
    """A DocBin's bytes with some parts changed; None leaves one out."""
    parts = srsly.msgpack_loads(zlib.decompress(found.to_bytes())) | changed
    return zlib.compress(srsly.msgpack_dumps({k: v for k, v in parts.items() if v is not None}))


def test_documents_are_read_as_spacy_reads_them(tmp_path: Path) -> None:
    """All attributes, white space in rows, unknown spaces, several groups, an entity without a label."""
    texts = ["Two  spaces,\n\nlines 🚀 and Երևան ", "", "x", "Ann met Bob Lee in Kyiv"]
    docs = [document(text) for text in texts]
    docs.append(Doc(docs[0].vocab, words=["no", "spaces", "known"]))
    docs[3].ents = [docs[3].char_span(0, 3, label="PERSON"), docs[3].char_span(8, 15, label="PERSON")]
    docs[3].set_ents([docs[3][5:6]], default="unmodified")  # touches the next; without a label
    docs[0].spans["a"] = [docs[0][0:2], docs[0][1:3]]
    docs[0].spans["b"] = [docs[0][0:1]]
    (tmp_path / "a.spacy").write_bytes(DocBin(docs=docs, store_user_data=True).to_bytes())
    with unpacked(tmp_path / "a.spacy", 10**6) as file:
        found = list(file.documents())
    theirs = list(DocBin().from_disk(tmp_path / "a.spacy").get_docs(spacy.blank("xx").vocab))
    assert [each.text for each in found] == [doc.text for doc in theirs]
    for each, doc in zip(found, theirs, strict=True):
        spans = [*doc.ents, *(span for group in doc.spans.values() for span in group)]
        assert each.spans == [(span.start_char, span.end_char, span.label_) for span in spans]
    assert [span[2] for span in found[3].spans] == ["PERSON", "PERSON"]


@given(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0\u2028\u2029"), max_size=60),
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20), st.sampled_from(["GPE", "б"])), max_size=8),
)
def test_what_is_packed_is_what_spacy_would_have_packed(
    text: str, wanted: list[tuple[int, int, str]]
) -> None:
    blank = docbin_writer._blank("en")
    doc = blank.make_doc(text)
    places = [(a, min(a + n, len(text)), name) for a, n, name in wanted if a < len(text)]
    found = Tokens(text, blank).stretches([place[:2] for place in places], [place[2] for place in places])
    for (start, end, name), stretch in zip(places, found, strict=True):
        span = doc.char_span(start, end, label=name, alignment_mode="expand")
        if text[start:end].strip(" "):
            assert (stretch.first, stretch.last) == (span.start, span.end)
        assert stretch[2:] == (doc[stretch.first].idx, doc[stretch.first : stretch.last].end_char, name)
    made = Bin()
    spans = list(dict.fromkeys(found))
    made.add(
        Tokens(text, blank), entities=None, group="sc", spans=spans, cats={"a": 1.0}, user_data={"k": "v"}
    )
    doc.spans["sc"] = [Span(doc, s.first, s.last, s.label) for s in spans]
    doc.set_ents([], default="missing")
    doc.cats, doc.user_data = {"a": 1.0}, {"k": "v"}
    theirs = DocBin(attrs=["ENT_IOB", "ENT_TYPE"], store_user_data=True, docs=[doc])
    ours = made._bin
    assert [rows.tolist() for rows in ours.tokens] == [rows.tolist() for rows in theirs.tokens]
    assert [rows.tolist() for rows in ours.spaces] == [rows.tolist() for rows in theirs.spaces]
    assert (ours.span_groups, ours.cats, ours.user_data, ours.flags, ours.attrs) == (
        theirs.span_groups, theirs.cats, theirs.user_data, theirs.flags, theirs.attrs
    )  # fmt: skip


def test_what_older_releases_leave_out_is_not_missed(tmp_path: Path) -> None:
    doc = document()
    doc.ents = [doc.char_span(16, 20, label="GPE")]
    old = packed(DocBin(docs=[doc]), span_groups=None, flags=None, user_data=None)
    (tmp_path / "docs.spacy").write_bytes(old)
    (item,) = FORMAT.read(tmp_path / "docs.spacy", {})  # type: ignore[misc]
    assert [a.quote for a in item.record.annotations] == ["Kyiv"]


@pytest.mark.parametrize(
    "changed",
    [{"strings": ["A"]}, {"lengths": b"\xff\xff\xff\xff"}, {"tokens": b""}, {"cats": []}, {"strings": None}],
)
def test_a_file_whose_parts_do_not_fit_is_refused(tmp_path: Path, changed: dict[str, Any]) -> None:
    (tmp_path / "docs.spacy").write_bytes(packed(DocBin(docs=[document()]), **changed))
    with pytest.raises(InputFileError, match="is damaged"):
        list(FORMAT.read(tmp_path / "docs.spacy", {}))  # type: ignore[misc]


@given(st.binary(max_size=30), st.integers(0, 400))
def test_no_bytes_make_the_reader_stumble(noise: bytes, at: int) -> None:
    doc = document()
    doc.spans["sc"] = [doc.char_span(16, 20, label="GPE")]
    whole = bytearray(zlib.decompress(DocBin(docs=[doc]).to_bytes()))
    whole[at : at + len(noise)] = noise
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "docs.spacy"
        path.write_bytes(zlib.compress(bytes(whole)))
        with contextlib.suppress(InputFileError):
            list(FORMAT.read(path, {}))  # type: ignore[misc]


def test_a_refused_file_is_closed_at_once(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(docbin, "LARGEST_TEXT", 3)
    with pytest.raises(InputFileError, match="document 1: the text ") as caught:
        read(tmp_path, document())
    if Path("/proc/self/fd").is_dir():
        opened = [os.path.realpath(each) for each in Path("/proc/self/fd").iterdir()]
        assert str(tmp_path / "docs.spacy") not in opened
    assert caught.value.path == tmp_path / "docs.spacy"


def test_what_json_cannot_hold_is_left_out_and_told(tmp_path: Path) -> None:
    doc = document()
    doc.user_data["vector"] = numpy.zeros(3)
    doc.user_data["page"] = 4
    (item,) = read(tmp_path, doc)
    assert item.record.article.meta == {"page": 4}
    assert item.lost == ("values of user_data that are no JSON",)


def test_a_large_file_is_read_in_little_memory(tmp_path: Path) -> None:
    words = ["word"] * 200_000
    found = DocBin(docs=[Doc(spacy.blank("en").vocab, words=words)])
    for part in (found.tokens, found.spaces, found.cats, found.flags, found.span_groups):
        part *= 8
    (tmp_path / "docs.spacy").write_bytes(found.to_bytes())
    assert len(zlib.decompress((tmp_path / "docs.spacy").read_bytes())) > 150_000_000
    list(zip(range(1), FORMAT.read(tmp_path / "docs.spacy", {}), strict=False))  # type: ignore[misc]
    tracemalloc.start()
    try:
        assert sum(1 for _ in FORMAT.read(tmp_path / "docs.spacy", {})) == 8  # type: ignore[misc]
        assert tracemalloc.get_traced_memory()[1] < 100_000_000
    finally:
        tracemalloc.stop()
