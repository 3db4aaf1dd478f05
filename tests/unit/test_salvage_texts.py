"""Rescuing projects of which a text is torn: no label is thrown away for that."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from annotator.cli import main
from annotator.model import ArticleInput, DamagedProjectError
from annotator.project import Project, create_project, open_project
from annotator.project.backup import make_backup
from annotator.project.check import check
from annotator.project.salvage import SalvageReport, damage, salvage
from annotator.project.torn_texts import LOST
from annotator.text import sha256

PAGE = 4096
_NUMBERS = random.Random(5)
_WORDS = ["Пашинян", "Ереван", "заявил", "не", "ОДКБ", "Москва", "молчанием", "Баку", "Brussels", "🚀", "a"]
RUSSIAN = " ".join(_NUMBERS.choice(_WORDS) for _ in range(9000))
ENGLISH = " ".join(
    _NUMBERS.choice(["Kyiv", "Moscow", "denied", "it", "and", "Yerevan"]) for _ in range(20_000)
)
SHORT = "Ереван и Москва обсудили работу авиалиний. " * 3

Spoil = Callable[[bytearray], object]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three articles, two of them of many pages, each with a label every 97 characters and a stance."""
    path = tmp_path_factory.mktemp("whole") / "news.annot"
    with create_project(path, annotator="anna") as project:
        with project.act("imported"):
            for title, text in (("long", RUSSIAN), ("English", ENGLISH), ("short", SHORT)):
                project.articles.add(ArticleInput(text, title, source="a.example", published="2024-02-04"))
        for article, text in ((1, RUSSIAN), (2, ENGLISH), (3, SHORT)):
            for start in range(7, len(text) - 12, 97 if article == 3 else 997):
                project.annotations.add(article, "entity", "GPE", start, start + 12)
            project.annotations.add(article, "stance", "neutral")
            project.articles.set_note(article, "замечание")
    return path


@pytest.fixture
def spoilt(whole: Path, tmp_path: Path) -> Callable[[Spoil], Path]:
    def write(spoil: Spoil) -> Path:
        data = bytearray(whole.read_bytes())
        spoil(data)
        path = tmp_path / "news.annot"
        path.write_bytes(data)
        return path

    return write


def rescue(path: Path) -> SalvageReport:
    new = path.with_name("new.annot")
    report = salvage(path, new)
    assert report.problems == ()
    assert main(["check", str(new)]) == 0
    return report


def labels(path: Path) -> dict[str, tuple[int, int, str]]:
    """Return start, end and words of each span by its uuid."""
    with closing(sqlite3.connect(path)) as db:
        rows = db.execute('SELECT uuid, "start", "end", quote FROM annotations WHERE "start" IS NOT NULL')
        return {uuid: (start, end, quote) for uuid, start, end, quote in rows}


def text_of(path: Path, article: int) -> str:
    with open_project(path, read_only=True) as project:
        return project.articles.text(article)


def places_of(data: bytes, text: str) -> list[int]:
    """Return the numbers (from 0) of the pages that hold nothing but a part of a text."""
    needle = text.encode()
    return [start // PAGE for start in range(0, len(data), PAGE) if data[start + 4 : start + PAGE] in needle]


@pytest.mark.parametrize("text", [RUSSIAN, ENGLISH], ids=["Cyrillic", "English"])
@pytest.mark.parametrize("junk", [b"\xff" * PAGE, bytes(PAGE), random.Random(1).randbytes(PAGE)])
def test_a_torn_page_in_a_text_costs_its_words_and_no_label(
    text: str, junk: bytes, whole: Path, spoilt: Callable[[Spoil], Path]
) -> None:
    number = places_of(whole.read_bytes(), text)[3]
    path = spoilt(lambda data: data.__setitem__(slice(number * PAGE, (number + 1) * PAGE), junk))
    report = rescue(path)
    assert not any(report.lost.values()), report.summary()
    assert labels(path.with_name("new.annot")) == labels(whole)
    article = 1 if text is RUSSIAN else 2
    found = text_of(path.with_name("new.annot"), article)
    assert len(found) == len(text)
    assert all(a in (b, LOST) for a, b in zip(found, text, strict=True))
    assert 1000 < found.count(LOST) < PAGE
    assert "of whose text a part is lost" in report.summary()
    with open_project(path.with_name("new.annot"), annotator="anna") as project:
        known = project.articles.get(article)
        assert known.meta["salvaged_sha256"] == sha256(text)
        assert known.meta["salvaged"] == "the text was damaged"
        assert known.sha256 == sha256(found)
        # The history is whole, so all can be undone: the labels, the note, the import.
        while project.undo() is not None:
            assert check(project).problems == ()
        assert project.articles.count() == 0
        while project.redo() is not None:
            pass
        assert check(project).problems == ()


def test_pages_torn_here_and_there_cost_no_label(whole: Path, spoilt: Callable[[Spoil], Path]) -> None:
    places = places_of(whole.read_bytes(), ENGLISH)

    def spoil(data: bytearray) -> None:
        for number in (places[2], places[3], places[7]):
            data[number * PAGE : (number + 1) * PAGE] = b"\xff" * PAGE

    path = spoilt(spoil)
    report = rescue(path)
    assert not any(report.lost.values()), report.summary()
    assert labels(path.with_name("new.annot")) == labels(whole)
    assert text_of(path.with_name("new.annot"), 2).count(LOST) in range(2 * PAGE, 3 * PAGE)
    assert "  3 of " in "\n".join(damage(path))


@pytest.mark.parametrize("seed", range(6))
def test_a_wrong_byte_in_cyrillic_is_put_right_as_the_hash_proves(
    seed: int, whole: Path, spoilt: Callable[[Spoil], Path], human_rows: Callable[[Project], object]
) -> None:
    numbers = random.Random(seed)
    text, article = numbers.choice([(SHORT, 3), (RUSSIAN, 1)])
    data = whole.read_bytes()
    place = data.index(text.encode()[:300]) + numbers.randrange(0, 200)
    while data[place] < 0x80:
        place += 1
    path = spoilt(lambda data: data.__setitem__(place, numbers.choice([0x41, 0xFF, data[place] ^ 0x80])))
    with pytest.raises(DamagedProjectError), open_project(path, read_only=True) as project:
        check(project)
    report = rescue(path)
    assert not any(report.lost.values())
    assert f"whole again, as its SHA-256 proves: {'long' if article == 1 else 'short'}." in report.summary()
    with open_project(path.with_name("new.annot"), read_only=True) as project:
        rescued = human_rows(project)
    with open_project(whole, read_only=True) as project:
        assert rescued == human_rows(project)


def test_several_wrong_bytes_in_cyrillic_cost_their_characters(
    whole: Path, spoilt: Callable[[Spoil], Path]
) -> None:
    place = whole.read_bytes().index(SHORT.encode())

    def spoil(data: bytearray) -> None:
        for letter in (21, 30, 38):
            data[place + len(SHORT[:letter].encode()) + 1] = 0xFF

    path = spoilt(spoil)
    report = rescue(path)
    assert not any(report.lost.values()), report.summary()
    found = text_of(path.with_name("new.annot"), 3)
    assert [n for n, (a, b) in enumerate(zip(found, SHORT, strict=True)) if a != b] == [21, 30, 38]
    assert labels(path.with_name("new.annot")) == labels(whole)


def test_a_wrong_byte_in_other_words_costs_only_itself(whole: Path, spoilt: Callable[[Spoil], Path]) -> None:
    note = "замечание".encode()
    place = whole.read_bytes().index(note)
    path = spoilt(lambda data: data.__setitem__(place + 1, 0xFF))
    report = rescue(path)
    assert report.rescued["progress"] == 3
    assert "have characters that cannot be read" in report.summary()
    with open_project(path.with_name("new.annot"), annotator="anna") as project:
        notes = {project.articles.progress(article).note for article in (1, 2, 3)}
    assert notes == {"замечание", f"{LOST}амечание"}


def test_a_file_cut_off_keeps_every_label_that_is_there(whole: Path, spoilt: Callable[[Spoil], Path]) -> None:
    data = whole.read_bytes()
    cut = places_of(data, ENGLISH)[2] * PAGE
    path = spoilt(lambda data: data.__delitem__(slice(cut, None)))
    said = "\n".join(damage(path))
    assert f"{(len(data) - cut) // PAGE:,} of {len(data) // PAGE:,} pages are missing." in said
    report = rescue(path)
    assert report.rescued["articles"] == 3
    kept = labels(path.with_name("new.annot"))
    with closing(sqlite3.connect(path.with_name("new.annot"))) as db:
        (number,) = db.execute("SELECT count(*) FROM annotations").fetchone()
    assert f"annotations: {number:,} rows" in said
    assert number > 0
    assert kept.items() <= labels(whole).items()


def lose_texts(path: Path) -> None:
    """Tear the pages on which the texts begin."""
    with closing(sqlite3.connect(path)) as db:
        (root,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'texts'").fetchone()
    data = bytearray(path.read_bytes())
    start = (root - 1) * PAGE
    leaves = [start]
    if data[start] == 5:  # an inner page: https://www.sqlite.org/fileformat.html, 1.6
        count = int.from_bytes(data[start + 3 : start + 5], "big")
        places = [
            start + 8,
            *(start + int.from_bytes(data[start + 12 + 2 * n :][:2], "big") for n in range(count)),
        ]
        leaves += [(int.from_bytes(data[place : place + 4], "big") - 1) * PAGE for place in places]
    for leaf in leaves:
        data[leaf : leaf + PAGE] = b"\xff" * PAGE
    path.write_bytes(data)


def test_an_article_without_its_text_keeps_metadata_labels_and_words(
    spoilt: Callable[[Spoil], Path], whole: Path
) -> None:
    path = spoilt(lambda data: None)
    lose_texts(path)
    report = rescue(path)
    assert (report.rescued["texts"], report.lost["texts"]) == (0, 3)
    assert (report.rescued["articles"], report.lost["annotations"], report.lost["progress"]) == (3, 0, 0)
    assert "only the passages that were labelled are left of it: long, English, short" in report.summary()
    assert labels(path.with_name("new.annot")) == labels(whole)
    with open_project(path.with_name("new.annot"), annotator="anna") as project:
        article = project.articles.get(2)
        assert (article.title, article.source, article.published) == ("English", "a.example", "2024-02-04")
        assert article.meta["salvaged_sha256"] == sha256(ENGLISH)
        assert project.articles.text(2).endswith("Only what was labelled is left of it.")
        # From its source it can be imported anew.
        with project.act("imported"):
            assert project.articles.add(
                ArticleInput(ENGLISH, "English", source="a.example", published="2024-02-04")
            ) == (4, "new")


def test_a_lost_text_comes_from_the_newest_backup_that_has_it(
    spoilt: Callable[[Spoil], Path], whole: Path, human_rows: Callable[[Project], object]
) -> None:
    path = spoilt(lambda data: None)
    make_backup(path)
    with open_project(path, annotator="anna") as project:
        project.annotations.add(3, "entity", "ORG", 0, 6)
        expected = human_rows(project)
    lose_texts(path)
    report = rescue(path)
    assert report.lost["texts"] == 0
    assert "whole again, as its SHA-256 proves: long, English, short." in report.summary()
    with open_project(path.with_name("new.annot"), read_only=True) as project:
        assert human_rows(project) == expected


def test_labels_of_an_article_of_which_nothing_else_is_left_are_kept(
    spoilt: Callable[[Spoil], Path], whole: Path
) -> None:
    path = spoilt(lambda data: None)
    lose_texts(path)
    data = bytearray(path.read_bytes())
    with closing(sqlite3.connect(whole)) as db:
        names = ("articles", "articles_title", "articles_source", "sqlite_autoindex_articles_1")
        roots = [
            db.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", [name]).fetchone()[0]
            for name in names
        ]
    for root in roots:
        data[(root - 1) * PAGE : root * PAGE] = b"\xff" * PAGE
    path.write_bytes(data)
    report = rescue(path)
    assert labels(path.with_name("new.annot")) == labels(whole)
    assert (report.rescued["articles"], report.lost["articles"]) == (0, 3)
    with open_project(path.with_name("new.annot"), read_only=True) as project:
        article = project.articles.get(3)
        assert article.title == "Article 3 (title lost)"
        assert article.published == "2024-02-04"
        assert article.meta["salvaged_sha256"] == sha256(SHORT)


def test_a_label_whose_quote_or_place_is_damaged_is_mended_by_the_text(
    spoilt: Callable[[Spoil], Path], whole: Path
) -> None:
    path = spoilt(lambda data: None)
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE annotations SET quote = replace(quote, 'в', 'Z') WHERE article = 3 AND start = 7")
        db.execute(
            'UPDATE annotations SET "start" = 900001, "end" = 900043, '
            "quote = (SELECT substr(text, 501, 42) FROM texts WHERE id = 1) "
            "WHERE article = 1 AND start = 7"
        )
        db.commit()
    report = rescue(path)
    assert report.lost["annotations"] == 0
    assert "2 annotations did not hold the words of their text" in report.summary()
    found = labels(path.with_name("new.annot")).values()
    assert (7, 19, SHORT[7:19]) in found
    assert (500, 542, RUSSIAN[500:542]) in found


def test_an_export_of_a_damaged_project_names_the_article_and_the_way_on(
    spoilt: Callable[[Spoil], Path], whole: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = whole.read_bytes().index(SHORT.encode())
    path = spoilt(lambda data: data.__setitem__(place + 1, 0xFF))
    for name in ("out.jsonl", "out.csv"):
        assert main(["export", str(path), str(path.with_name(name))]) == 1
        said = capsys.readouterr().err
        assert "“short”" in said
        assert f"annotator salvage {path.name} NEW.annot" in said
        assert not path.with_name(name).exists()
