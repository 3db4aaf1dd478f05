"""brat, CoNLL and WebAnno: what they write, what we write, and the way there and back."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from annotator.formats import brat, conll, export, import_paths, preview, registry, webanno
from annotator.model import Annotation, ArticleInput, InputFileError, StorageError
from annotator.project import Project, create_project, open_project

from .conftest import finish

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
WORDS = ["This", "is", "a", "test", "."]
needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="other tools' files are not here")


def spans(annotations: Iterator[Annotation] | tuple[Annotation, ...]) -> list[tuple[Any, ...]]:
    return sorted(
        (a.layer, a.label, a.start, a.end, a.quote, a.actor, a.holder, a.target, a.certainty, a.note)
        for a in annotations
        if a.start is not None
    )


def stored(project: Project, article: int = 1) -> list[tuple[Any, ...]]:
    return spans(tuple(project.annotations.of(article, project.annotator_id())))


# brat

BRAT_TEXT = "A rocket 🚀 flew.\nNikol\nPashinyan met Anna."
BRAT = """T1\tPERSON 17 22;23 32\tNikol Pashinyan
A1\tCertainty T1 3
N1\tReference T1 Wikidata:Q1\tNikol Pashinyan
#1\tAnnotatorNotes T1\tsurely
T2\tORG 2 8\trocket
T3\tLOC 0 1;37 41\tA Anna
T4\tpro-West 2 15\trocket 🚀 flew
R1\tMeets Arg1:T1 Arg2:T2
E1\tMeet:T2 Who:T1
A2\tNegated E1
*\tEquiv T1 T2
"""


def test_brat_comes_in_with_notes_references_and_certainty(project: Project, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(BRAT_TEXT, "utf-8")
    (tmp_path / "a.ann").write_text(BRAT, "utf-8")
    report = finish(import_paths(project, [tmp_path / "a.ann", tmp_path / "a.txt"]))
    assert report.failed == ()
    assert (report.new, report.annotations, report.verified) == (1, 3, 3)
    assert dict(report.lost) == {
        "relations": 1,
        "events": 1,
        "attributes": 1,
        "equivalences": 1,
        "discontinuous spans": 1,
    }
    assert stored(project) == [
        ("entity", "ORG", 2, 8, "rocket", None, None, None, None, ""),
        (
            "entity",
            "PERSON",
            17,
            32,
            "Nikol\nPashinyan",
            "Nikol Pashinyan",
            None,
            None,
            3,
            "Wikidata:Q1\nsurely",
        ),
        ("stance", "pro-West", 2, 15, "rocket 🚀 flew", None, None, None, None, ""),
    ]


def test_a_second_reference_and_what_stands_behind_a_tab_are_in_the_note(
    project: Project, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("Kyiv said so.", "utf-8")
    lines = [
        "T1\tGPE 0 4\tKyiv",
        "N1\tReference T1 Wikipedia:585629\tKyiv city",
        "#1\tAnnotatorNotes T1\ta\tb",
    ]
    lines += ["N2\tReference T1 Wikidata:Q1899\tKyiv", "N3\tReference T1 GeoNames:703448\t"]
    (tmp_path / "a.ann").write_text("\n".join(lines), "utf-8")
    report = finish(import_paths(project, [tmp_path / "a.ann"]))
    assert report.lost == ()
    note = "Wikipedia:585629\na\tb\nWikidata:Q1899 Kyiv\nGeoNames:703448"
    assert stored(project) == [("entity", "GPE", 0, 4, "Kyiv", "Kyiv city", None, None, None, note)]


def test_line_ends_at_the_edges_of_a_span_come_back_from_brat(project: Project, tmp_path: Path) -> None:
    article, _ = project.articles.add(ArticleInput("Kyiv\n\nsaid so.\n", "Kyiv"))
    project.annotations.add(article, "entity", "GPE", 0, 6)
    project.annotations.add(article, "entity", "ORG", 4, 10)
    finish(export(project, tmp_path / "out", brat.FORMAT))
    assert (tmp_path / "out/anna/000001.ann").read_text("utf-8") == "T1\tGPE 0 4\tKyiv\nT2\tORG 6 10\tsaid\n"
    assert finish(import_paths(project, [tmp_path / "out"])).annotations == 0
    moved = "T1\tGPE 0 3\tKyi\nT2\tORG 6 10\tsaid\n"
    (tmp_path / "out/anna/000001.ann").write_text(moved, "utf-8")
    with create_project(tmp_path / "b.annot", annotator="anna") as other:
        finish(import_paths(other, [tmp_path / "out"]))
        assert [(a[2], a[3]) for a in stored(other)] == [(0, 3), (4, 10)]


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("T1\tORG 2\trocket", r"line 1: is no span"),
        ("T1\tORG 2 8\tRocket", r"does not fit a.txt: the span 2 to 8 holds 'rocket', not 'Rocket'"),
        ("T1\tORG 2 800\trocket", r"outside the text"),
        ("Hello", r"begins with 'Hello'"),
        ("T1\tORG 2 8\trocket\nT1\tLOC 0 1\tA", r"line 2: gives T1 to a second span"),
    ],
)
def test_a_wrong_brat_file_is_refused_with_its_line(
    lines: str, said: str, project: Project, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text(BRAT_TEXT, "utf-8")
    (tmp_path / "a.ann").write_text(lines, "utf-8")
    with pytest.raises(InputFileError, match=said):
        list(brat.read(tmp_path / "a.ann"))
    assert finish(import_paths(project, [tmp_path])).new == 0


def test_a_line_of_brat_ends_where_brat_ends_it(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one\x0btwo\x85three", "utf-8")
    lines = "T1\tORG 0 13\tone\x0btwo\x85three\r\n#1\tAnnotatorNotes T1\tso\u2028there\r\n"
    (tmp_path / "a.ann").write_text(lines, "utf-8", newline="")
    (item,) = brat.read(tmp_path / "a.ann")
    assert [(a.quote, a.note) for a in item.record.annotations] == [("one\x0btwo\x85three", "so\u2028there")]


def test_annotations_without_their_text_say_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "a.ann").write_text(BRAT, "utf-8")
    with pytest.raises(InputFileError, match=r"put a\.txt beside it"):
        list(brat.read(tmp_path / "a.ann"))


@needs_samples
def test_brats_own_example_comes_in_whole(project: Project) -> None:
    report = finish(import_paths(project, [SAMPLES / "brat"]))
    assert (report.failed, report.new, report.passed_over) == ((), 3, 0)
    assert report.annotations == report.verified == 610
    assert report.lost == (("relations", 580),)


def test_a_brat_folder_can_be_opened_by_brat(with_articles: Project, tmp_path: Path) -> None:
    with_articles.annotations.add(1, "entity", "GPE", 21, 28)
    report = finish(export(with_articles, tmp_path / "out", brat.FORMAT))
    files = sorted(str(p.relative_to(tmp_path / "out")) for p in (tmp_path / "out").rglob("*") if p.is_file())
    assert files == [
        "anna/000001.ann", "anna/000001.txt", "annotation.conf", "annotators.cfg", "articles.cfg",
        "unlabelled/000002.ann", "unlabelled/000002.txt", "unlabelled/000003.ann", "unlabelled/000003.txt",
    ]  # fmt: skip
    assert (tmp_path / "out" / "anna" / "000001.ann").read_text("utf-8") == "T1\tGPE 21 28\tArmenia\n"
    conf = (tmp_path / "out" / "annotation.conf").read_text("utf-8")
    assert "[entities]\nPERSON\n" in conf
    assert "[attributes]\nCertainty Arg:<ENTITY>, Value:1|2|3" in conf
    assert report.verified == 1


def test_tabs_and_byte_order_marks_in_spans_come_back(project: Project, tmp_path: Path) -> None:
    with project.act("imported"):
        project.articles.add(ArticleInput("one\ttwo \ufeffthree", "t"))
    project.annotations.add(1, "entity", "GPE", 0, 7)
    project.annotations.add(1, "entity", "ORG", 8, 14)
    for name in ("brat", "webanno", "label-studio"):
        finish(export(project, tmp_path / name, registry.named(name)))
        with create_project(tmp_path / f"{name}.annot", annotator="ben") as copy:
            report = finish(import_paths(copy, [tmp_path / name]))
            assert (report.failed, report.annotations) == ((), 2)


# CoNLL

IOB = """-DOCSTART- -X- O

SOCCER NN O
JAPAN NNP I-LOC
GET VB O

Nadim NNP I-PER
Ladki NNP I-PER
Anna NNP B-PER

-DOCSTART- -X- O

AL-AIN NNP S-LOC
United NNP B-LOC
Arab NNP I-LOC
Emirates NNP E-LOC
"""


def test_every_kind_of_tags_gives_the_same_entities(tmp_path: Path) -> None:
    (tmp_path / "a.conll").write_text(IOB, "utf-8")
    first, second = list(conll.read(tmp_path / "a.conll"))
    assert first.record.article.text == "SOCCER JAPAN GET\nNadim Ladki Anna"
    assert [(a.label, a.quote) for a in first.record.annotations] == [
        ("LOC", "JAPAN"),
        ("PER", "Nadim Ladki"),
        ("PER", "Anna"),
    ]
    assert [a.quote for a in second.record.annotations] == ["AL-AIN", "United Arab Emirates"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1\tHe\the\tADV\tADV\t_\t2\tADV\t_\t_\n", "line 1: is of CoNLL-X"),
        ("A\tO\nB\n", "line 2: has 1 columns"),
        ("A\tO\nB\tPER\n", "line 2: ends in 'PER', which is no tag"),
        ("A\tO\n\tB-PER\n", "line 2: has a tag and no token"),
        ("\n\n", "has no tokens"),
    ],
)
def test_columns_without_entities_are_refused(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "a.conll").write_text(text, "utf-8")
    with pytest.raises(InputFileError, match=said):
        list(conll.read(tmp_path / "a.conll"))


@needs_samples
@pytest.mark.parametrize(
    ("name", "articles", "annotations"),
    [
        ("conll/labeling.conll2003", 1, 5),
        ("doccano/example.conll", 1, 2),
        ("doccano/labeling.trailing.conll", 1, 2),
    ],
)
def test_real_columns_come_in(name: str, articles: int, annotations: int, project: Project) -> None:
    report = finish(import_paths(project, [SAMPLES / name]))
    assert (report.failed, report.new, report.annotations) == ((), articles, annotations)


@needs_samples
@pytest.mark.parametrize("name", ["conll/user1.conll", "conll/user2.conll", "doccano/labeling.invalid.conll"])
def test_real_columns_that_hold_no_entities_are_refused(name: str, project: Project) -> None:
    report = finish(import_paths(project, [SAMPLES / name]))
    assert report.new == 0
    assert len(report.failed) == 1


def test_columns_go_out_with_every_entity_and_come_back(with_articles: Project, tmp_path: Path) -> None:
    add = with_articles.annotations.add
    add(1, "entity", "GPE", 21, 28)
    add(1, "entity", "ORG", 9, 28)
    add(1, "stance", "pro-West")
    add(1, "stance", "pro-West", 0, 8)
    add(2, "entity", "PERSON", 0, 6)  # Gyumri, of Gyumri's
    report = finish(export(with_articles, tmp_path / "a.conll", conll.FORMAT, annotator="anna"))
    assert report.lost == ("Not in this file: 1 label of a whole article.",)
    assert report.summary().endswith(
        "\n2 of 4 spans written and verified, 2 left out: an entity that overlaps with a longer one (1), "
        "no entity (1)"
    )
    items = list(conll.read(tmp_path / "a.conll"))
    assert [(a.label, a.quote) for item in items for a in item.record.annotations] == [
        ("ORG", "🚀 flew over Armenia"),
        ("PERSON", "Gyumri"),
    ]


def test_an_entity_over_a_line_end_comes_back_as_one(project: Project, tmp_path: Path) -> None:
    with project.act("imported"):
        project.articles.add(ArticleInput("Anna of\nKyiv  \nBob", "t"))
    project.annotations.add(1, "entity", "PERSON", 0, 12)
    project.annotations.add(1, "entity", "ORG", 12, 14)
    with project.act("a label"):
        project.codebook.ensure("entity", "a person", whole_article=False)
    project.annotations.add(1, "entity", "a person", 15, 18)
    report = finish(export(project, tmp_path / "a.conll", conll.FORMAT))
    assert report.left_out == (("white space alone", 1),)
    assert report.lost == ("Not in this file: 1 label with white space (it became _).",)
    (item,) = conll.read(tmp_path / "a.conll")
    assert item.record.article.text == "Anna of Kyiv\nBob"
    assert [(a.label, a.quote) for a in item.record.annotations] == [
        ("PERSON", "Anna of Kyiv"),
        ("a_person", "Bob"),
    ]


def test_numbers_before_tokens_and_comments_between_sentences_are_no_text(tmp_path: Path) -> None:
    lines = "# one\n1\tAnna\tB-PER\tO\n2\t#\tO\tO\n\n#\thttp://b.example\t[2009-10-17]\n1\tBerlin\tO\tB-LOC\n"
    (tmp_path / "a.conll").write_text(lines, "utf-8")
    (item,) = conll.read(tmp_path / "a.conll")
    assert item.record.article.text == "Anna #\nBerlin"
    assert [a.quote for a in item.record.annotations] == ["Berlin"]
    (tmp_path / "a.conll").write_text("# O\n1 O\n\n# B-X\n2 O\n", "utf-8")
    (item,) = conll.read(tmp_path / "a.conll")
    assert item.record.article.text == "# 1\n# 2"


def test_a_no_break_space_does_not_part_a_token(tmp_path: Path) -> None:
    (tmp_path / "a.conll").write_text("10\u00a0000  B-SUM\neuros O\n", "utf-8")
    (item,) = conll.read(tmp_path / "a.conll")
    assert [a.quote for a in item.record.annotations] == ["10\u00a0000"]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a name is Unicode")
def test_a_name_that_is_no_unicode_does_not_end_an_import(project: Project, tmp_path: Path) -> None:
    files = {
        b"a\xff.conll": "A\tO\n",
        b"b\xff.ann": "T1\tX 0 3\tTwo\n",
        b"b\xff.txt": "Two",
        b"c\xff.tsv": "#FORMAT=WebAnno TSV 3.3\n\n\n#Text=One\n1-1\t0-3\tOne\t\n",
    }
    for name, text in files.items():
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / os.fsdecode(name)).write_text(text, "utf-8")
    report = finish(import_paths(project, [tmp_path / "in"]))
    assert (report.failed, report.new) == ((), 3)
    assert finish(import_paths(project, [tmp_path / "in"])).known == 3
    files_kept = {record.article.meta["file"] for record in project.records.read()}
    assert files_kept == {"a\ufffd.conll", "b\ufffd.txt", "c\ufffd.tsv"}


# WebAnno

TSV = """#FORMAT=WebAnno TSV 3.3
#T_SP=de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity|identifier|value
#T_SP=webanno.custom.Mood|
#T_RL=webanno.custom.Rel|kind|BT_webanno.custom.Mood


#Text=I like 😊 Anna \\[x\\] .
1-1\t0-1\tI\t_\t_\t_\t_\t_\t
1-2\t2-6\tlike\t_\t_\t*\tnice\t1-4\t
1-3\t7-9\t😊\t_\t_\t_\t_\t_\t
1-4\t10-14\tAnna\t*[1]|*[2]\tPER[1]|A\\_B\\|C[2]\t_\t_\t_\t
1-5\t15-18\t[x]\t*[2]\tA\\_B\\|C[2]\t_\t_\t_\t
1-6\t19-20\t.\t_\t_\t_\t_\t_\t

#Text=Bye .
2-1\t21-24\tBye\t_\t_\t_\t_\t_\t
2-2\t25-26\t.\t_\t_\t_\t_\t_\t
"""


def test_webanno_counts_in_utf16_stacks_escapes_and_numbers(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text(TSV, "utf-8")
    (item,) = webanno.read(tmp_path / "a.tsv")
    assert item.record.article.text == "I like 😊 Anna [x] .\nBye ."
    assert [(a.label, a.quote) for a in item.record.annotations] == [
        ("Mood", "like"),
        ("PER", "Anna"),
        ("A_B|C", "Anna [x]"),
    ]
    assert item.lost == ("relations",)


CUSTOM = """#FORMAT=WebAnno TSV 3.3
#T_SP=webanno.custom.Stance|attitude|target
#T_SP=webanno.custom.Frame|sure|rank|ROLE_webanno.custom.Frame:who_webanno.custom.Link|webanno.custom.Who|frame
#T_SP=de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity|identifier|value


#Text=Kyiv said no
1-1\t0-4\tKyiv\tpro\tNATO\t_\t_\t_\t_\t_\thttp://wd/Q1\tGPE
1-2\t5-9\tsaid\tpro[2]\tNATO[2]\ttrue\t1\tagent\t1-1\tthreat\t_\t_
1-3\t10-12\tno\tpro[2]\tNATO[2]\t_\t_\t_\t_\t_\thttp://wd/Q2\t_
"""


def test_a_layer_of_ones_own_is_labelled_by_its_first_feature_with_words(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text(CUSTOM, "utf-8")
    (item,) = webanno.read(tmp_path / "a.tsv")
    assert [(a.layer, a.label, a.quote, a.target) for a in item.record.annotations] == [
        ("stance", "pro", "Kyiv", "NATO"),
        ("entity", "GPE", "Kyiv", None),
        ("stance", "pro", "said no", "NATO"),
        ("", "threat", "said", None),
        ("entity", "Named entity", "no", None),
    ]
    assert item.lost == ("further features",) * 4


@needs_samples
@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("testCrossSentenceSpanWithoutFeatureValue", [("Span", "He loves her .\nShe loves him not .")]),
        ("testMultiTokenSpanWithFeatureValue", [("PERSON", "This is a test .")]),
        ("testSentenceWithEmoji", [("Span", "😊")]),
        ("testTokenBoundedSpanWithFeatureValue", [(f"NE {n}", w) for n, w in enumerate(WORDS)]),
        ("testTokenBoundedStackedSpanWithFeatureValue", [("NE", w) for w in WORDS for _ in "12"]),
    ],
)  # fmt: skip
def test_real_webanno_files_come_in(name: str, found: list[tuple[str, str]], project: Project) -> None:
    (item,) = webanno.read(SAMPLES / "webanno-tsv" / f"{name}.tsv")
    assert [(a.label, a.quote) for a in item.record.annotations] == found
    report = finish(import_paths(project, [SAMPLES / "webanno-tsv" / f"{name}.tsv"]))
    assert (report.failed, report.new) == ((), 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("#FORMAT=WebAnno TSV 2\n", "is not of WebAnno TSV 3"),
        ("#FORMAT=WebAnno TSV 3.3\nword\n", "line 2: is no token"),
        ("#FORMAT=WebAnno TSV 3.3\n", "has no text"),
    ],
)
def test_a_wrong_webanno_file_is_refused(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text(text, "utf-8")
    with pytest.raises(InputFileError, match=said):
        list(webanno.read(tmp_path / "a.tsv"))


PLAIN = """#FORMAT=WebAnno TSV 3.3
#T_SP=webanno.custom.Mood|value
#T_RL=webanno.custom.Rel|kind


#Text=a b c d e
1-1\t0-1\ta\t_\t_\t
1-2\t2-3\tb\t_\t_\t
1-3\t4-5\tc\tnice\tx\t
1-4\t6-7\td\tnice\tx\t
1-5\t8-9\te\t_\t_\t
"""


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("1-2\t2-3\tb", "1-2\t2,3\tb", "line 8: is no token"),  # among those with nothing on them
        ("1-5\t8-9\te", "1-5\t8-\te", "line 11: is no token"),
        ("1-4\t6-7\td", "1-4\t7-7\td", "line 10: has no length: 7-7"),
        ("1-2\t2-3\tb", "#Text=b\n1-2\t0-1\tb", "line 9: begins at 0, before the last sentence ends"),
        ("1-3\t4-5\tc", f"1-3\t{'4' * 5000}-5\tc", "line 9: "),  # more than Python makes a number of
    ],
)
def test_a_wrong_line_of_webanno_is_named(
    ends: str, right: str, wrong: str, said: str, tmp_path: Path
) -> None:
    assert right in PLAIN
    text = PLAIN.replace(right, wrong).replace("\n", ends)
    (tmp_path / "a.tsv").write_text(text, "utf-8", newline="")
    with pytest.raises(InputFileError, match=said):
        list(webanno.read(tmp_path / "a.tsv"))


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_the_same_columns_twice_are_two_annotations(ends: str, tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text(PLAIN.replace("\n", ends).removesuffix(ends), "utf-8", newline="")
    (item,) = webanno.read(tmp_path / "a.tsv")
    assert item.record.article.text == "a b c d e"
    assert [(a.label, a.quote) for a in item.record.annotations] == [("nice", "c"), ("nice", "d")]
    assert item.lost == ("relations", "relations")


def test_a_webanno_file_has_the_layers_and_features_that_its_spans_use(
    project: Project, tmp_path: Path
) -> None:
    with project.act("imported"):
        for words in ("One two_ three", "Four five", "six"):
            project.articles.add(ArticleInput(words, "t"))
    project.annotations.add(1, "entity", "GPE", 0, 3)
    project.annotations.add(1, "entity", "ORG", 4, 14)
    project.annotations.add(2, "stance", "pro-West", 0, 4)
    project.annotations.add(2, "entity", "GPE", 0, 4)
    project.annotations.add(2, "entity", "ORG", 0, 9)
    with project.act("details"):
        project.db.execute("UPDATE annotations SET certainty = 2 WHERE id = 3")
    finish(export(project, tmp_path / "out", webanno.FORMAT))
    entity = "#T_SP=de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity|value\n"
    assert (tmp_path / "out" / "anna" / "000001.tsv").read_text("utf-8") == (
        f"#FORMAT=WebAnno TSV 3.3\n{entity}\n\n#Text=One two\\_ three\n"
        "1-1\t0-3\tOne\tGPE\t\n1-2\t4-8\ttwo_\tORG[2]\t\n1-3\t9-14\tthree\tORG[2]\t\n"
    )
    assert (tmp_path / "out" / "anna" / "000002.tsv").read_text("utf-8") == (
        f"#FORMAT=WebAnno TSV 3.3\n{entity}#T_SP=webanno.custom.Stance|value|certainty\n\n\n#Text=Four five\n"
        "1-1\t0-4\tFour\tGPE[1]|ORG[3]\tpro-West\t2\t\n1-2\t5-9\tfive\tORG[3]\t_\t_\t\n"
    )
    assert (tmp_path / "out" / "unlabelled" / "000003.tsv").read_text("utf-8") == (
        "#FORMAT=WebAnno TSV 3.3\n\n\n#Text=six\n1-1\t0-3\tsix\t\n"
    )


# There and back

LETTERS = st.sampled_from(
    [
        *"abc .,'-",
        "é",
        "\u0301",
        "🚀",
        "ա",
        "Я",
        "ש",
        "ל",
        "\n",
        "\r\n",
        "\t",
        "\ufeff",
        "\\",
        "[",
        "|",
        "_",
        "*",
    ]
)
LABELS = st.sampled_from([("entity", "GPE"), ("entity", "ORG"), ("stance", "pro-West"), ("zone", "caption")])


@st.composite
def labelled(draw: st.DrawFn) -> tuple[str, list[tuple[str, str, int, int, int | None, str, str | None]]]:
    text = "".join(draw(st.lists(LETTERS, min_size=1, max_size=60)))
    text = f"x{text}y".replace("\n ", "\nz ")
    clean = text.replace("\r\n", "\n")
    found = []
    for _ in range(draw(st.integers(0, 6))):
        start = draw(st.integers(0, len(clean) - 1))
        end = draw(st.integers(start + 1, len(clean)))
        layer, label = draw(LABELS)
        extra = draw(st.sampled_from([None, 1, 3])), draw(st.sampled_from(["", "a [note] | 🚀"]))
        actor = draw(st.sampled_from([None, "Anna|B_"])) if layer == "entity" else None
        found.append((layer, label, start, end, *extra, actor))
    return text, found


@pytest.mark.parametrize("name", ["brat", "webanno"])
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(case=labelled())
def test_spans_come_back_exactly(name: str, case: Any) -> None:
    text, wanted = case
    format = registry.named(name)
    blank = [line for line in text.replace("\r\n", "\n").split("\n") if line and not line.strip()]
    assume(not blank or name != "webanno")  # said to be lost
    with (
        tempfile.TemporaryDirectory() as folder,
        create_project(Path(folder) / "a.annot", annotator="anna") as project,
    ):
        with project.act("imported"):
            project.articles.add(ArticleInput(text, "t"))
        kept = project.articles.text(1)
        for layer, label, start, end, certainty, note, actor in wanted:
            quote = kept[start:end]
            if quote != quote.strip():
                continue  # said to be lost: see the next test
            project.annotations.add(1, layer, label, start, end)
            with project.act("details"):
                who = project.actors.called(actor) if actor else None
                project.db.execute(
                    "UPDATE annotations SET certainty = ?, note = ?, actor = ? WHERE id = "
                    "(SELECT max(id) FROM annotations)",
                    [certainty, note, who],
                )
        before = stored(project)
        report = finish(export(project, Path(folder) / "out", format))
        assert report.lost == ()
        with create_project(Path(folder) / "b.annot", annotator="anna") as back:
            again = finish(import_paths(back, [Path(folder) / "out"]))
            assert again.failed == ()
            assert back.articles.text(1) == kept
            assert stored(back) == before


def test_what_webanno_cannot_hold_is_said(project: Project, tmp_path: Path) -> None:
    with project.act("imported"):
        project.articles.add(ArticleInput("one two\n \nthree", "t"))
    project.annotations.add(1, "entity", "GPE", 3, 7)
    project.annotations.add(1, "stance", "neutral")
    report = finish(export(project, tmp_path / "out", webanno.FORMAT))
    assert report.lost == ("Not in these files: 1 label of a whole article.",)
    assert report.summary().endswith(
        "0 of 1 spans written and verified, 1 left out: white space at its edge (1)"
    )


def test_a_span_that_brat_cannot_hold_is_counted_as_left_out(project: Project, tmp_path: Path) -> None:
    with project.act("imported"):
        project.articles.add(ArticleInput("one\n\ntwo", "t"))
    project.annotations.add(1, "entity", "GPE", 3, 5)
    project.annotations.add(1, "entity", "GPE", 0, 3)
    report = finish(export(project, tmp_path / "out", brat.FORMAT))
    assert (report.verified, report.spans, report.left_out) == (1, 2, (("line ends alone", 1),))
    assert (tmp_path / "out" / "anna" / "000001.ann").read_text("utf-8").count("\n") == 1


def test_a_preview_takes_the_text_of_a_brat_file_for_a_part_of_it(project: Project, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text(BRAT_TEXT, "utf-8")
    (tmp_path / "in" / "a.ann").write_text(BRAT, "utf-8")
    (tmp_path / "in" / "b.txt").write_text("Another text.", "utf-8")
    seen = finish(preview(project, [tmp_path / "in"]))
    assert [(file.path.name, file.articles, file.spans) for file in seen.files] == [
        ("a.ann", 1, 3),
        ("b.txt", 1, 0),
    ]


@pytest.mark.parametrize("name", ["brat", "webanno"])
def test_each_annotators_folder_comes_back_as_theirs(
    name: str, with_articles: Project, tmp_path: Path
) -> None:
    with_articles.annotations.add(1, "entity", "GPE", 21, 28)
    path = with_articles.path
    with_articles.close()
    with open_project(path, annotator="Борис / 2") as theirs:
        theirs.annotations.add(1, "entity", "ORG", 21, 28)
        finish(export(theirs, tmp_path / "out", registry.named(name)))
    with create_project(tmp_path / "back.annot", annotator="somebody") as back:
        report = finish(import_paths(back, [tmp_path / "out"]))
        assert (report.failed, report.new) == ((), 3)
        found = set(
            back.db.execute(
                "SELECT annotators.name, labels.name FROM annotations "
                "JOIN annotators ON annotators.id = annotator JOIN labels ON labels.id = label"
            )
        )
    assert found == {("anna", "GPE"), ("Борис / 2", "ORG")}


@pytest.mark.parametrize(
    ("layer", "label"),
    [
        ("de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity", "Named entity"),
        ("webanno.custom.PolitenessMarker", "Politeness marker"),
        ("webanno.custom.NELink", "NE link"),
        ("webanno.custom.Чувство", "Чувство"),
        ("webanno.custom.Frame_2", "Frame_2"),
    ],
)
def test_an_annotation_without_a_value_has_a_name_for_people(layer: str, label: str, tmp_path: Path) -> None:
    head = f"#FORMAT=WebAnno TSV 3.3\n#T_SP={layer}|identifier|value\n\n\n"
    (tmp_path / "a.tsv").write_text(f"{head}#Text=Anna\n1-1\t0-4\tAnna\tkb:1\t*\t\n", "utf-8")
    (item,) = webanno.read(tmp_path / "a.tsv")
    assert [(a.label, a.note) for a in item.record.annotations] == [(label, "kb:1")]


# Back into the project that it left


@pytest.fixture
def labelled(with_articles: Project) -> Project:
    """One span in the first article, and a text that ends with a line end and has white space alone."""
    with_articles.annotations.add(1, "entity", "GPE", 21, 28)
    with with_articles.act("came"):
        with_articles.articles.add(ArticleInput("  one \n \t\ntwo\n\n", "Blanks", source="a.example"))
    return with_articles


def test_what_was_done_in_brat_comes_into_the_article_that_it_left(labelled: Project, tmp_path: Path) -> None:
    finish(export(labelled, tmp_path / "out", brat.FORMAT))
    file = tmp_path / "out" / "anna" / "000001.ann"
    assert file.read_text("utf-8") == "T1\tGPE 21 28\tArmenia\n"
    file.write_text("T1\tGPE 21 28\tArmenia\nT2\tORG 21 28\tArmenia\nT3\tORG 2 8\trocket\n", "utf-8")
    new = tmp_path / "out" / "unlabelled" / "000002.ann"
    new.write_text("T1\tGPE 0 6\tGyumri\n", "utf-8")
    report = finish(import_paths(labelled, [tmp_path / "out"]))
    assert (report.failed, report.imported, report.known) == ((), 0, 4)
    assert (report.annotations, report.known_annotations) == (3, 1)
    assert [row[1:4] for row in stored(labelled)] == [("GPE", 21, 28), ("ORG", 2, 8), ("ORG", 21, 28)]
    assert [row[1] for row in stored(labelled, 2)] == ["GPE"]
    row = labelled.db.execute("SELECT status FROM progress WHERE article = 2").fetchone()
    assert row == ("done",)  # whoever labelled it there had not begun here


@pytest.mark.parametrize("name", ["brat", "webanno"])
@pytest.mark.parametrize("kept", [True, False])
def test_articles_are_known_by_their_id_or_by_their_text(
    name: str, kept: bool, labelled: Project, tmp_path: Path
) -> None:
    finish(export(labelled, tmp_path / "out", registry.named(name)))
    if not kept:
        (tmp_path / "out" / "articles.cfg").unlink()
    report = finish(import_paths(labelled, [tmp_path / "out"]))
    lost = name == "webanno" and not kept  # the white space of the last
    assert (report.failed, report.imported, report.known) == ((), int(lost), 4 - lost)
    assert (report.annotations, report.known_annotations) == (0, 1)
    with create_project(tmp_path / "new.annot", annotator="ben") as new:
        assert finish(import_paths(new, [tmp_path / "out"])).new == 4
        last = new.articles.get(4)
        assert (last.text == labelled.articles.text(4)) is not lost
        assert (last.source == "a.example") is kept


def test_a_text_that_was_changed_meanwhile_is_another_article(labelled: Project, tmp_path: Path) -> None:
    finish(export(labelled, tmp_path / "out", brat.FORMAT))
    (tmp_path / "out" / "anna" / "000001.txt").write_text("Armenia is another.", "utf-8")
    (tmp_path / "out" / "anna" / "000001.ann").write_text("T1\tGPE 0 7\tArmenia\n", "utf-8")
    report = finish(import_paths(labelled, [tmp_path / "out"]))
    assert (report.failed, report.new, report.known, report.annotations) == ((), 1, 3, 1)


def test_two_articles_with_one_text_stay_two(labelled: Project, tmp_path: Path) -> None:
    with labelled.act("came"):
        labelled.articles.add(ArticleInput(labelled.articles.text(1), "A copy", source="b.example"))
    labelled.annotations.add(5, "entity", "ORG", 2, 8)
    for name in ("brat", "webanno", "csv-articles"):
        finish(export(labelled, tmp_path / name, registry.named(name)))
        path = tmp_path / name
        if path.is_file():
            path = path.rename(tmp_path / "a.csv")
        assert finish(import_paths(labelled, [path])).imported == 0
    assert [row[1:4] for row in stored(labelled, 5)] == [("ORG", 2, 8)]


@pytest.mark.parametrize(
    "line", ["", "000001", "anna/000001\t{", 'anna/000001\t{"form": 1}', "anna/000001\t[1]", "\xff\t\x00"]
)
def test_a_spoilt_list_of_articles_does_no_harm(line: str, labelled: Project, tmp_path: Path) -> None:
    finish(export(labelled, tmp_path / "out", brat.FORMAT))
    (tmp_path / "out" / "articles.cfg").write_bytes(line.encode("latin-1"))
    report = finish(import_paths(labelled, [tmp_path / "out"]))
    assert (report.failed, report.imported) == ((), 0)  # their texts tell


def test_conll_says_that_near_copies_come_in_and_that_annotators_become_one(
    project: Project, tmp_path: Path
) -> None:
    with project.act("came"):
        project.articles.add(ArticleInput("In Kyiv, they met.", "Near"))
        project.articles.add(ArticleInput("In Kyiv they met .", "The same"))
    for name in ("anna", "ben"):
        project.annotator = name
        project.annotations.add(1, "entity", "GPE", 3, 7)
    path = tmp_path / "a.conll"
    report = finish(export(project, path, conll.FORMAT))
    said = "Not in this file: 1 annotator of articles that others have labelled too."
    assert said in report.lost
    seen = finish(preview(project, [path])).report
    report = finish(import_paths(project, [path]))
    assert (report.new, report.known) == (seen.new, seen.known) == (1, 1)
    assert report.lost == seen.lost == ((conll.COPY, 1),)
    assert finish(import_paths(project, [path])).lost == ()
    held = " ".join(conll.FORMAT.cannot_hold)
    assert "near copy" in held
    assert "who labelled" in held
    page = (Path(__file__).parents[2] / "docs" / "formats.md").read_text("utf-8")
    assert "(brat, WebAnno, CoNLL) mean the article" not in page


@pytest.mark.parametrize("name", ["brat", "webanno"])
def test_files_are_whole_where_the_disk_takes_a_part_at_a_time(
    suggested: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    write = os.write
    finish(export(suggested, tmp_path / "at once", registry.named(name)))
    monkeypatch.setattr("annotator.formats.folders.os.write", lambda file, data: write(file, data[:7]))
    finish(export(suggested, tmp_path / "in parts", registry.named(name)))
    monkeypatch.undo()
    at_once = sorted(path for path in (tmp_path / "at once").rglob("*") if path.is_file())
    assert len(at_once) > 2
    for path in at_once:
        other = tmp_path / "in parts" / path.relative_to(tmp_path / "at once")
        assert other.read_bytes() == path.read_bytes()


@pytest.mark.parametrize("name", ["prodigy", "webanno"])
def test_what_is_open_is_closed_where_the_last_articles_cannot_be_written(
    suggested: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    made: Any = registry.named(name).writer
    monkeypatch.setattr(made, "write", full)
    path = tmp_path / "out"
    if registry.named(name).folder:
        path.mkdir()
    writer = made(path, suggested.codebook.read())
    for record in suggested.records.read():
        writer.add(record)
    with pytest.raises(OSError, match="No space"):
        writer.close()
    assert (writer._file if name == "prodigy" else writer._files._kept).closed
    with pytest.raises(StorageError, match="the disk is full"):
        finish(export(suggested, tmp_path / "exported", registry.named(name)))
    assert not (tmp_path / "exported").exists()
