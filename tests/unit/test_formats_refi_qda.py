"""REFI-QDA: what others' projects say, what ours say, valid against the schema, and there and back."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotator.formats import export, import_paths, qda_archive, registry
from annotator.formats.refi_qda import read
from annotator.model import ArticleInput, InputFileError
from annotator.project import Project, create_project

from .conftest import finish

SAMPLES = Path(__file__).parents[3] / "shared" / "samples" / "refi-qda"
needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="other tools' files are not here")

NS = {"q": "urn:QDA-XML:project:1.0"}
FORMAT = registry.named("refi-qda")


def guid(number: int) -> str:
    return f"{number:08X}-0000-4000-8000-000000000000"


TEXT = "A rocket 🚀 flew over Armenia.\r\nRussia denied it."
CODES = f"""<CodeBook><Codes>
<Code guid="{guid(1)}" name="pro-West" isCodable="true" color="#112233"/>
<Code guid="{guid(2)}" name="Feelings" isCodable="true">
  <Code guid="{guid(3)}" name="joy" isCodable="true">
    <Code guid="{guid(4)}" name="calm" isCodable="true"/></Code>
</Code>
<Code guid="{guid(5)}" name="unused" isCodable="true"/>
<Code guid="{{{guid(6).lower()}}}" name="PERSON" isCodable="true"/>
</Codes></CodeBook>"""
USERS = f'<Users><User guid="{guid(11)}" name="Ann"/><User guid="{guid(12)}" name="Бо"/></Users>'


def coding(number: int, code: int, user: int | None = 11, inside: str = "") -> str:
    who = f'creatingUser="{guid(user)}"' if user else ""
    return (
        f'<Coding guid="{guid(number)}" {who} creationDateTime="2018-03-27T19:29:27Z">'
        f'<CodeRef targetGUID="{guid(code)}"/>{inside}</Coding>'
    )


def selection(number: int, start: int, end: int, inside: str, name: str = "") -> str:
    return (
        f'<PlainTextSelection guid="{guid(number)}" startPosition="{start}" endPosition="{end}" '
        f'name="{name}">{inside}</PlainTextSelection>'
    )


def source(inside: str, path: str = "internal://a.txt", number: int = 21, name: str = "A rocket.docx") -> str:
    return f'<TextSource guid="{guid(number)}" name="{name}" plainTextPath="{path}">{inside}</TextSource>'


def value(variable: int, inside: str) -> str:
    return f'<VariableValue><VariableRef targetGUID="{guid(variable)}"/>{inside}</VariableValue>'


def note(number: int, user: int, words: str) -> str:
    content = f"<PlainTextContent>{words}</PlainTextContent>"
    return f'<Note guid="{guid(number)}" creatingUser="{guid(user)}">{content}</Note>'


def qde(inside: str, head: str = "") -> str:
    return (
        f'<?xml version="1.0"?>{head}<Project xmlns="{NS["q"]}" name="p" origin="Other 1">{inside}</Project>'
    )


def archive(path: Path, xml: str, texts: dict[str, str] | None = None) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("project.qde", xml)
        for name, text in (texts if texts is not None else {"Sources/a.txt": TEXT}).items():
            file.writestr(name, text.encode())
    return path


def stored(project: Project, article: int = 1) -> list[tuple[Any, ...]]:
    people = [row[0] for row in project.db.execute("SELECT id FROM annotators")]
    return sorted(
        (
            (
                a.annotator, a.layer, a.label, a.start, a.end, a.quote, a.actor, a.holder, a.target,
                a.certainty, a.note, a.uuid, a.created_at,
            )
            for person in people
            for a in project.annotations.of(article, person)
        ),
        key=repr,
    )  # fmt: skip


def short(project: Project) -> list[tuple[Any, ...]]:
    return [row[:6] for row in stored(project)]


def test_codes_users_notes_and_variables_come_in(project: Project, tmp_path: Path) -> None:
    xml = qde(
        USERS + CODES + f'<Variables><Variable guid="{guid(31)}" name="source" typeOfVariable="Text"/>'
        f'<Variable guid="{guid(32)}" name="Wave" typeOfVariable="Integer"/></Variables>'
        + f'<Cases><Case guid="{guid(41)}"/></Cases>'
        + "<Sources>"
        + source(
            "<Description>as sent</Description>"
            + selection(
                51, 2, 10, f"<Description>why?</Description>{coding(61, 4)}{coding(62, 6, 12)}", "rocket 🚀"
            )
            + selection(52, 2, 8, "")
            + coding(63, 1, 12, f'<NoteRef targetGUID="{guid(71)}"/>')
            + f'<NoteRef targetGUID="{guid(72)}"/>'
            + value(31, "<TextValue>x.example</TextValue>")
            + value(32, "<IntegerValue>3</IntegerValue>")
        )
        + f'<PictureSource guid="{guid(22)}">{coding(64, 1)}</PictureSource></Sources><Notes>'
        + note(71, 12, "sure")
        + note(72, 11, "read twice")
        + note(73, 11, "on nothing")
        + f'</Notes><Sets><Set guid="{guid(81)}" name="s"/><Set guid="{guid(82)}" name="t"/></Sets>'
    )
    report = finish(import_paths(project, [archive(tmp_path / "p.qdpx", xml)]))
    assert report.failed == ()
    assert (report.new, report.annotations, report.verified) == (1, 3, 2)
    assert short(project) == [
        ("Ann", "Feelings", "joy::calm", 2, 10, "rocket 🚀"),
        ("Бо", "entity", "PERSON", 2, 10, "rocket 🚀"),
        ("Бо", "stance", "pro-West", None, None, None),
    ]
    assert [row[10] for row in stored(project)] == ["why?", "why?", "sure"]
    assert stored(project)[0][11:] == (guid(61).lower(), "2018-03-27T19:29:27.000Z")
    article = project.articles.get(1)
    assert (article.uuid, article.title, article.source) == (guid(21).lower(), "A rocket.docx", "x.example")
    assert article.meta == {"file": "p.qdpx", "description": "as sent", "Wave": "3"}
    notes = project.db.execute(
        "SELECT annotators.name, note FROM progress JOIN annotators ON annotators.id = annotator ORDER BY 1"
    ).fetchall()
    assert notes == [("Ann", "read twice"), ("Бо", "")]
    assert dict(report.lost) == {
        "cases": 1,
        "sets": 2,
        "pictures": 1,
        "codings of other sources than texts": 1,
        "selections without a code": 1,
        "codes that no text is coded with": 3,  # Feelings and joy are those above one that is used
        "colours and descriptions of codes": 1,
        "notes on other things than texts": 1,
    }
    again = finish(import_paths(project, [tmp_path / "p.qdpx"]))
    assert (again.new, again.known, again.known_annotations) == (0, 1, 3)


AFTER = TEXT.index("Armenia")


@pytest.mark.parametrize(
    ("shift", "name"),
    [
        (0, "Armenia"),
        (1, "Armenia"),  # UTF-16 units: the rocket counts two
        (0, "Arm…"),
        (1, "Arm..."),
        (0, ""),  # nothing tells: characters
    ],
)
def test_the_unit_of_positions_is_found_by_the_names_of_selections(
    shift: int, name: str, project: Project, tmp_path: Path
) -> None:
    start = AFTER + shift
    xml = qde(
        USERS + CODES + f"<Sources>{source(selection(51, start, start + 7, coding(61, 6), name))}</Sources>"
    )
    report = finish(import_paths(project, [archive(tmp_path / "p.qdpx", xml)]))
    assert report.failed == ()
    assert short(project) == [("Ann", "entity", "PERSON", AFTER, AFTER + 7, "Armenia")]


@pytest.mark.parametrize("as_one", [False, True])
def test_a_windows_line_end_counts_one_or_two(as_one: bool, project: Project, tmp_path: Path) -> None:
    start = TEXT.index("Russia") - as_one
    xml = qde(
        USERS
        + CODES
        + f"<Sources>{source(selection(51, start, start + 6, coding(61, 6), 'Russia'))}</Sources>"
    )
    finish(import_paths(project, [archive(tmp_path / "p.qdpx", xml)]))
    assert [row[5] for row in short(project)] == ["Russia"]


def test_text_may_stand_in_the_xml_and_coders_may_be_unnamed(project: Project, tmp_path: Path) -> None:
    inside = f"<PlainTextContent>A rocket.</PlainTextContent>{selection(51, 2, 8, coding(61, 6, None))}"
    xml = qde(f'{CODES}<Sources><TextSource guid="{guid(21)}">{inside}</TextSource></Sources>')
    finish(import_paths(project, [archive(tmp_path / "p.qdpx", xml, {})]))
    assert short(project) == [("anna", "entity", "PERSON", 2, 8, "rocket")]
    assert project.articles.get(1).title == "A rocket."


def test_an_article_may_have_several_codes(project: Project, tmp_path: Path) -> None:
    xml = qde(USERS + CODES + f"<Sources>{source(coding(61, 5) + coding(62, 6) + coding(63, 3))}</Sources>")
    report = finish(import_paths(project, [archive(tmp_path / "p.qdpx", xml)]))
    assert report.failed == ()
    assert [row[1:3] for row in short(project)] == [
        ("Feelings", "joy"),
        ("code", "PERSON"),
        ("code", "unused"),
    ]


def wrong_zip(path: Path) -> None:
    path.write_bytes(b"PK\3\4 but no more")


def no_qde(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("a.txt", "x")


def bomb(path: Path) -> None:
    archive(path, qde(f"<Sources>{source('')}</Sources>"), {"sources/a.txt": "x" * 3_000_000})


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (wrong_zip, "is damaged, or no REFI-QDA project"),
        (no_qde, r"holds no project\.qde"),
        (bomb, "unpacks to .* bytes, many times its own size"),
    ],
)
def test_a_wrong_archive_is_refused(
    make: Callable[[Path], None], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(qda_archive, "_HARMLESS", 1_000_000)
    make(tmp_path / "p.qdpx")
    with pytest.raises(InputFileError, match=said):
        list(read(tmp_path / "p.qdpx"))


@pytest.mark.parametrize(
    ("xml", "said"),
    [
        (
            qde(f"<Sources>{source('')}</Sources>", '<!DOCTYPE p [<!ENTITY a "b">]>'),
            "declares a document type",
        ),
        (qde(f"<Sources>{source('')}"), "is not whole XML"),
        ("<Project/>", "not with a Project of REFI-QDA"),
        (qde("<a>" * 200 + "</a>" * 200), "nested more than 100 deep"),
        (qde(CODES), "holds no texts. Annotator reads texts alone"),
        (
            qde(f'<Sources><PDFSource guid="{guid(1)}"/><PDFSource guid="{guid(2)}"/></Sources>'),
            "holds no texts, but 2 PDF files",
        ),
        (qde(f"<Sources>{source('', 'internal://b.txt')}</Sources>"), "lacks the text of “A rocket.docx”"),
        (qde(f"<Sources>{source('', 'internal://../../a.txt')}</Sources>"), "lacks the text of"),
        (qde(f"<Sources>{source('', 'absolute:///etc/passwd')}</Sources>"), "keeps the text .* outside"),
        (qde(f'<Sources><TextSource guid="{guid(1)}" name="n"/></Sources>'), "without its plain text"),
        (
            qde(f"{CODES}<Sources>{source(selection(51, 2, 800, coding(61, 6)))}</Sources>"),
            "does not fit its text “A rocket.docx”: the span 2 to 800 lies outside",
        ),
        (
            qde(f"{CODES}<Sources>{source(selection(51, 2, 8, coding(61, 6)).replace('8', 'x'))}</Sources>"),
            "without a place",
        ),
    ],
)
def test_a_wrong_project_is_refused_with_what_to_do(
    xml: str, said: str, project: Project, tmp_path: Path
) -> None:
    archive(tmp_path / "p.qdpx", xml)
    with pytest.raises(InputFileError, match=said):
        list(read(tmp_path / "p.qdpx"))
    report = finish(import_paths(project, [tmp_path / "p.qdpx"]))
    assert (len(report.failed), project.articles.count()) == (1, 0)


def test_a_path_out_of_the_archive_is_never_opened(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    xml = qde(f"<Sources>{source('', f'internal://{tmp_path}/secret.txt')}</Sources>")
    with pytest.raises(InputFileError, match="lacks the text"):
        list(read(archive(tmp_path / "p.qdpx", xml)))


@needs_samples
def test_the_standards_own_example_lacks_its_texts_and_says_so(project: Project) -> None:
    report = finish(import_paths(project, [SAMPLES / "TestProject.qdpx"]))
    (failed,) = report.failed
    assert failed[1].startswith("lacks the text of “1960s Coca Cola commercial - Audio.docx” (internal://")
    assert failed[1].endswith("Export it again, together with its sources")
    assert project.articles.count() == 0


@needs_samples
def test_the_standards_own_example_comes_in_with_texts_beside_it(project: Project, tmp_path: Path) -> None:
    with zipfile.ZipFile(SAMPLES / "TestProject.qdpx") as sample:
        xml = sample.read("Project.qde").decode()
    texts = {
        f"sources/{each.get('plainTextPath', '').removeprefix('internal://')}": f"{number} " + "word " * 400
        for number, each in enumerate(ElementTree.fromstring(xml).findall("q:Sources/q:TextSource", NS))
    }
    report = finish(import_paths(project, [archive(tmp_path / "p.qdpx", xml, texts)]))
    assert report.failed == ()
    assert (report.new, report.annotations, report.verified) == (6, 7, 7)
    assert dict(report.lost)["sets"] == 16
    assert dict(report.lost)["PDF files"] == 2
    assert dict(report.lost)["codings of other sources than texts"] == 9


# What we write


def written(project: Project, path: Path) -> Any:
    return finish(export(project, path, FORMAT))


def test_every_reference_in_what_we_write_has_its_target(rich: Project, tmp_path: Path) -> None:
    report = written(rich, tmp_path / "out.qdpx")
    with zipfile.ZipFile(tmp_path / "out.qdpx") as file:
        root = ElementTree.fromstring(file.read("project.qde"))
        names = set(file.namelist())
        sources = root.findall("q:Sources/q:TextSource", NS)
        for each in sources:
            name = (each.get("plainTextPath") or "").replace("internal://", "sources/")
            assert name in names
            text = file.read(name).decode()
            for found in each.findall("q:PlainTextSelection", NS):
                a, b = int(found.get("startPosition", "")), int(found.get("endPosition", ""))
                assert text[a:b] == found.get("name")
    assert len(sources) == 3
    guids = [each.get("guid") for each in root.iter() if each.get("guid")]
    assert len(guids) == len(set(guids))
    for each in root.iter():
        for key in ("targetGUID", "creatingUser"):
            assert each.get(key) is None or each.get(key) in guids
    colors = {each.get("name"): each.get("color") for each in root.iter(f"{{{NS['q']}}}Code")}
    assert colors["GPE"] == rich.codebook.read().label("entity", "GPE").color
    assert report.lost == ("Not in this file: 1 control character outside the texts.",)


def test_words_of_a_selection_come_back_letter_by_letter(with_articles: Project, tmp_path: Path) -> None:
    """In an attribute a reader of XML makes a space of a line end that is not escaped."""
    text = "One\nline \t\"quoted\" & <b> 'x' > é 🚀"
    with with_articles.act("came in"):
        with_articles.articles.add(ArticleInput(text, text))
    article = with_articles.articles.count()
    with_articles.annotations.add(article, "stance", "neutral", 0, len(text))
    written(with_articles, tmp_path / "out.qdpx")
    with zipfile.ZipFile(tmp_path / "out.qdpx") as file:
        root = ElementTree.fromstring(file.read("project.qde"))
    (found,) = root.iter(f"{{{NS['q']}}}PlainTextSelection")
    assert found.get("name") == text
    ids = [each.get("guid") for each in root.iter() if each.get("guid")]
    assert len(ids) == len(set(ids))


def test_the_same_project_gives_the_same_guids(rich: Project, tmp_path: Path) -> None:
    found = []
    for name in ("a", "b"):
        written(rich, tmp_path / f"{name}.qdpx")
        with zipfile.ZipFile(tmp_path / f"{name}.qdpx") as file:
            root = ElementTree.fromstring(file.read("project.qde"))
        found.append([each.get("guid") for each in root.iter()])
    assert found[0] == found[1]


def test_two_annotators_come_back_as_two(rich: Project, tmp_path: Path) -> None:
    rich.annotator = "bo"
    rich.annotations.add(1, "entity", "ORG", 30, 36)
    rich.articles.set_status(2, "skipped")
    rich.articles.set_flagged(1, True)
    rich.articles.set_note(1, "read twice")
    written(rich, tmp_path / "out.qdpx")
    with create_project(tmp_path / "b.annot", annotator="carl") as other:
        report = finish(import_paths(other, [tmp_path / "out.qdpx"]))
        assert report.failed == ()
        assert stored(other) == [
            (*row[:10], row[10].replace("\x0b", "\ufffd"), *row[11:]) for row in stored(rich)
        ]
        assert {row[0] for row in stored(other)} == {"anna", "bo"}
        for article in (1, 2, 3):
            mine, theirs = rich.articles.get(article), other.articles.get(article)
            assert (mine.uuid, mine.title, mine.text, mine.source, mine.published, mine.meta) == (
                theirs.uuid, theirs.title, theirs.text, theirs.source, theirs.published, theirs.meta,
            )  # fmt: skip
        query = (
            "SELECT article, annotators.name, status, flagged, note FROM progress "
            "JOIN annotators ON annotators.id = annotator ORDER BY 1, 2"
        )
        assert other.db.execute(query).fetchall() == rich.db.execute(query).fetchall()


LETTERS = st.sampled_from(
    [*"abc .,'-<&\"", "é", "\u0301", "🚀", "ա", "ש", "ל", "\n", "\r\n", "\x0b", "\u2028", "\ufeff"]
)
LABELS = st.sampled_from([("entity", "GPE"), ("entity", "ORG"), ("stance", "pro-West"), ("zone", "caption")])


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), raw=st.lists(LETTERS, min_size=1, max_size=60))
def test_whatever_is_labelled_comes_back_exactly(data: st.DataObject, raw: list[str]) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        create_project(Path(folder) / "a.annot", annotator="anna") as project,
        create_project(Path(folder) / "b.annot", annotator="bo") as other,
    ):
        with project.act("imported"):
            project.articles.add(ArticleInput(f"x{''.join(raw)}y", "a title"))
        text = project.articles.text(1)
        for _ in range(data.draw(st.integers(0, 6))):
            start = data.draw(st.integers(0, len(text) - 1))
            end = data.draw(st.integers(start + 1, len(text)))
            project.annotations.add(1, *data.draw(LABELS), start, end)
            with project.act("details"):
                who = project.actors.called(data.draw(st.sampled_from(["Anna: B", '🚀"Ա'])))
                project.db.execute(
                    "UPDATE annotations SET certainty = ?, note = ?, actor = ? WHERE id = "
                    "(SELECT max(id) FROM annotations)",
                    [
                        data.draw(st.sampled_from([None, 1, 3])),
                        data.draw(st.sampled_from(["", "a\nnote 🚀", "actor: nobody"])),
                        who,
                    ],
                )
        if data.draw(st.booleans()):
            project.annotations.add(1, "stance", "neutral", None, None)
        written(project, Path(folder) / "out.qdpx")
        report = finish(import_paths(other, [Path(folder) / "out.qdpx"]))
        assert report.failed == ()
        assert other.articles.text(1) == text
        assert stored(other) == stored(project)


def test_guids_and_times_are_what_the_standard_library_makes() -> None:
    import uuid

    from annotator.formats import qda_names

    for names in (("code", "entity", "GPE"), ("user", "Бо"), *(("note", str(n)) for n in range(50))):
        assert qda_names.guid(*names) == str(uuid.uuid5(qda_names._OURS, "\0".join(names)))
    assert qda_names.moment("2018-03-27T19:29:27+02:00") == "2018-03-27T17:29:27.000Z"
    assert qda_names.moment("2018-03-27T19:29:27.123Z") == "2018-03-27T19:29:27.123Z"
    assert [qda_names.moment(words) for words in (None, "", "yesterday", "2018-02-30T00:00:00.000Z")] == [
        ""
    ] * 4
