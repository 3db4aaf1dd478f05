"""Web pages: every paragraph kept, everything around them gone but not lost, and nothing fetched."""

from __future__ import annotations

import socket
import subprocess
import sys
import tomllib
from contextlib import suppress
from email.charset import QP, Charset
from email.mime.image import MIMEImage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path
from typing import Any

import pytest

from annotator.cli import main
from annotator.formats import import_paths, pages
from annotator.formats.page_parts import HEADLINES
from annotator.formats.page_text import cut_parts, text_of
from annotator.formats.pages import MAIN, WHOLE, decode_page
from annotator.model import Article, InputFileError
from annotator.project import Project

from .conftest import finish

PAGES = Path(__file__).parents[1] / "data" / "pages"
EXPECTED = tomllib.loads((PAGES / "expected.toml").read_text("utf-8"))
CYRILLIC = (PAGES / "windows1251.html").read_text("utf-8")


@pytest.fixture(autouse=True)
def nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("the network was asked for")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def page_of(name: str, folder: Path) -> Path:
    path = folder / f"{name}.html"
    words = (PAGES / f"{name}.html").read_text("utf-8")
    path.write_bytes(words.encode("cp1251" if name == "windows1251" else "utf-8"))
    return path


def read(path: Path, **mapping: str) -> Article:
    (item,) = pages.read(path, mapping)
    return item.record.article  # type: ignore[return-value]


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_every_paragraph_is_kept_and_what_is_around_them_is_gone(name: str, tmp_path: Path) -> None:
    article, expected = read(page_of(name, tmp_path)), EXPECTED[name]
    lines = article.text.split("\n")
    assert [words for words in expected["keep"] if words not in lines] == []
    assert [words for words in expected["gone"] if words in article.text] == []
    about = [article.title, article.source, article.url, article.author, article.published, article.language]
    assert [words or "" for words in about] == expected["about"]
    # Paragraphs keep apart, in their order.
    places = [article.text.index(words) for words in expected["keep"]]
    assert places == sorted(places)
    first, second = [words for words in expected["keep"] if len(words) > 80][:2]
    between = article.text[article.text.index(first) + len(first) : article.text.index(second)]
    assert between.startswith("\n\n")


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_what_was_cut_is_kept_with_its_place_and_can_be_put_back(name: str, tmp_path: Path) -> None:
    path = page_of(name, tmp_path)
    article = read(path)
    cut = "\n".join(part["text"] for part in article.meta["cut"])
    seen = [words for words in EXPECTED[name]["gone"] if words not in ("tracking", "color: red")]
    assert [words for words in seen if words not in cut] == []
    assert [words for words in EXPECTED[name]["keep"] if words in cut.split("\n")] == []
    assert all(0 <= part["at"] <= len(article.text) for part in article.meta["cut"])
    whole = read(path, text=WHOLE)
    assert [words for words in (*seen, *EXPECTED[name]["keep"]) if words not in whole.text] == []
    assert "cut" not in whole.meta
    assert "tracking" not in whole.text
    # The cut parts at their places give the page again, but for white space.
    again, at = [], 0
    for part in article.meta["cut"]:
        again += [article.text[at : part["at"]], part["text"]]
        at = part["at"]
    again.append(article.text[at:])
    assert "".join("".join(again).split()) == "".join(whole.text.split())


def test_the_whole_page_can_be_chosen_on_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project, path = str(tmp_path / "p.annot"), str(page_of("classic", tmp_path))
    assert main(["new", project]) == 0
    assert main(["import", project, path, "--dry-run"]) == 0
    assert "web page, 1 article\n  fields: text = main text" in capsys.readouterr().out
    assert main(["import", project, path, "--map", f"text={WHOLE}", "--no-backup"]) == 0
    assert pages.columns(Path(path)) == (MAIN, WHOLE)


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (CYRILLIC.encode("cp1251"), "cp1251"),
        (CYRILLIC.encode("koi8-r", "replace").replace(b"windows-1251", b"koi8-r"), "koi8-r"),
        (CYRILLIC.encode("utf-8"), "utf-8"),  # saved anew by a browser, the older words left standing
        (CYRILLIC.encode("utf-16"), "utf-16-le"),
        (b"\xef\xbb\xbf" + CYRILLIC.encode("utf-8"), "utf-8"),
        (b'<?xml version="1.0" encoding="windows-1251"?>' + CYRILLIC[130:].encode("cp1251"), "cp1251"),
    ],
)
def test_the_encoding_of_a_page_is_what_it_says_unless_it_is_utf_8(data: bytes, encoding: str) -> None:
    text, found = decode_page(data)
    assert found == encoding
    assert "озабоченность расширением альянса" in text


@pytest.mark.parametrize("sent", ["quoted-printable", "base64"])
def test_a_page_that_a_browser_saved_in_one_file_is_read(tmp_path: Path, sent: str) -> None:
    words = (PAGES / "russian.html").read_text("utf-8")
    page = MIMEText(words, "html", "utf-8" if sent == "base64" else _quoted())
    page["Content-Location"] = "https://news.example/saved"
    whole = MIMEMultipart("related")
    whole["Snapshot-Content-Location"] = "https://news.example/saved"
    whole.attach(page)
    whole.attach(MIMEImage(b"no picture", "png"))
    whole.attach(MIMEText("<p>An advertisement in a frame of its own.</p>", "html"))
    (tmp_path / "a.mhtml").write_bytes(whole.as_bytes())
    article = read(tmp_path / "a.mhtml")
    assert article.text == read(page_of("russian", tmp_path)).text
    assert article.url == "https://news.example/politics/12-03"  # as the page itself says
    (tmp_path / "b.mht").write_bytes(whole.as_bytes().replace(b"canonical", b"other"))
    assert read(tmp_path / "b.mht").text == article.text


def _quoted() -> Charset:
    charset = Charset("utf-8")
    charset.body_encoding = QP
    return charset


def test_the_address_of_a_page_in_one_file_is_that_of_its_snapshot(tmp_path: Path) -> None:
    words = (PAGES / "facts_box.html").read_text("utf-8")
    head = b"From: <Saved>\nSnapshot-Content-Location: https://news.example/17\nContent-Type: text/html\n\n"
    (tmp_path / "a.mhtml").write_bytes(head + words.encode())
    assert read(tmp_path / "a.mhtml").url == "https://news.example/17"


@pytest.mark.parametrize("data", [b"", b"Content-Type: image/png\n\nx", b"Content-Type: text/html\n\n"])
def test_a_file_without_a_page_in_it_says_so(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.mhtml").write_bytes(data)
    with pytest.raises(InputFileError, match=r"holds no page\. Save|leave it out"):
        read(tmp_path / "a.mhtml")


def test_an_xhtml_page_with_its_declaration_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.xhtml"
    path.write_text(
        '<?xml version="1.0" encoding="utf-8"?>\n' + (PAGES / "saved.html").read_text("utf-8"), "utf-8"
    )
    assert read(path).text.startswith("Summit ends")


def test_the_folder_of_a_saved_page_is_passed_over(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    page_of("saved", folder)
    for beside in ("saved_files", "saved.files", "notes_files"):
        (folder / beside).mkdir()
        (folder / beside / "frame.html").write_text("<p>An advertisement in a frame of its own.</p>")
        (folder / beside / "style.css").write_text("p {}")
    report = finish(import_paths(project, [folder]))
    assert (report.new, report.passed_over) == (2, 1)  # the page, and what no page belongs to
    titles = {project.articles.get(number).title for number in (1, 2)}
    assert "Summit ends without a statement" in titles


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is no page, or empty; leave it out"),
        (b"<html><body><script>x</script></body></html>", "has no text"),
        (b"\x00\x01\x02\x03" * 300, "does not look like text"),
        (b"a " * 5_000_001, "is 10,000,002 characters long, and a page may have 10,000,000; leave it out"),
    ],
)
def test_what_is_no_page_is_refused_in_plain_words(tmp_path: Path, data: bytes, said: str) -> None:
    (tmp_path / "a.html").write_bytes(data)
    with pytest.raises(InputFileError, match=said):
        read(tmp_path / "a.html")


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 50_000 + "words of a page" + "</div>" * 50_000,
        "<!DOCTYPE html [<!ENTITY a 'bbbbbbbb'><!ENTITY c '&a;&a;&a;&a;'>]><p>&c; words of a page</p>",
        '<p>words of a page<img src="http://127.0.0.1:9/x"><link rel="stylesheet" href="file:///etc/passwd"></p>',
        "<p>words of a page</p><!--" + "-" * 100_000,
        "<p>words \x0c of \ud7ff a page &#0; &#xD800; &#1114112;</p>words of a page",
    ],
)
def test_hostile_pages_are_refused_or_mere_text(tmp_path: Path, page: str) -> None:
    (tmp_path / "a.html").write_text(page, "utf-8")
    text = ""
    with suppress(InputFileError):
        text = read(tmp_path / "a.html", text=WHOLE).text
    assert "bbbb" not in text
    assert "root:" not in text
    assert len(text) < 200


def test_a_page_in_one_file_with_its_pictures_is_read(tmp_path: Path) -> None:
    words = (PAGES / "captions.html").read_text("utf-8")
    saved = "<!--\n Page saved with SingleFile \n url: https://radio.example/night \n saved date: today\n-->"
    picture = 'src="data:image/png;base64,' + "iVBORw0KGgo" * 1_500_000 + '"'
    (tmp_path / "a.html").write_text(saved + words.replace('src="a.jpg"', picture), "utf-8")
    article = read(tmp_path / "a.html")
    assert article.url == "https://radio.example/night"
    assert article.text == read(page_of("captions", tmp_path)).text


def test_a_page_that_trips_the_extraction_does_not_stop_an_import(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trip(*_: Any) -> None:
        raise AttributeError("wild")

    monkeypatch.setattr(pages, "_extracted", trip)
    page_of("classic", tmp_path)
    report = finish(import_paths(project, [tmp_path / "classic.html"]))
    assert "Import it with text = whole page" in report.failed[0][1]
    assert finish(import_paths(project, [tmp_path / "classic.html"], mapping={"text": WHOLE})).new == 1


def test_a_date_in_the_text_is_not_taken_for_the_articles_own(tmp_path: Path) -> None:
    words = (PAGES / "captions.html").read_text("utf-8")
    later = "on Tuesday night, as on 2019-04-09, to protest"
    words = words.replace('<time datetime="2024-05-14T20:00:00Z">14 May 2024</time>', "")
    words = words.replace("on Tuesday night to protest", later)
    (tmp_path / "a.html").write_text(words, "utf-8")
    article = read(tmp_path / "a.html")
    assert later in article.text
    assert article.published is None


def test_a_long_rest_of_a_page_is_not_kept_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "LARGEST_CUT", 150)
    (item,) = pages.read(page_of("classic", tmp_path))
    assert item.lost == ("rest of a page that is too long to be kept",)
    assert sum(len(part["text"]) for part in item.record.article.meta["cut"]) <= 150


def test_white_space_of_a_page_is_what_a_reader_sees() -> None:
    from lxml import html

    page = html.document_fromstring(
        "<body>one <b>two</b>,\n <code>three</code><br>four<p>five</p>six<div> <span>seven</span> "
        "<pre>a\n  b</pre></div>"
        "<!-- no --> eight<table><tr><td>1<td>2<tr><td>3<td>4</table></body>"
    )
    assert text_of(page) == "one two, three\nfour\n\nfive\n\nsix\n\nseven\n\na\n  b\n\neight\n\n1\t2\n3\t4"


def test_a_page_that_lists_articles_is_said_to(tmp_path: Path) -> None:
    (item,) = pages.read(page_of("list_page", tmp_path))
    assert HEADLINES in item.lost
    for name in EXPECTED:  # pages with related headlines among them
        (item,) = pages.read(page_of(name, tmp_path))
        assert HEADLINES not in item.lost


def test_an_article_that_ends_at_an_offer_to_subscribe_is_said_to(project: Project, tmp_path: Path) -> None:
    report = finish(import_paths(project, [page_of("paywall", tmp_path)]))
    assert "Left out: 1 offer to subscribe (is the article whole?)." in report.summary()


def test_soft_hyphens_of_a_page_are_not_part_of_its_words() -> None:
    from lxml import html

    assert (
        text_of(html.document_fromstring("<p>Govern&shy;ment of the Uni\u00adon</p>"))
        == "Government of the Union"
    )


def test_two_breaks_stand_between_paragraphs_and_one_between_lines() -> None:
    from lxml import html

    page = html.document_fromstring("<body>one<br>two<br><br/>three<br> <br>four<p>five<br></p>six</body>")
    assert text_of(page) == "one\ntwo\n\nthree\n\nfour\n\nfive\n\nsix"


@pytest.mark.parametrize(
    "part",
    [
        '<div class="subscriber-content">{}</div>',  # long: the article itself
        '<article class="article promo">{}</article>',
        '<div class="adventure made-adequate"><p>We had added an advantage.</p>{}</div>',
    ],
)
def test_an_article_in_an_element_with_an_odd_name_is_kept(tmp_path: Path, part: str) -> None:
    story = "".join(
        f"<p>This is paragraph {number} of a story about the border and its guards.</p>"
        for number in range(12)
    )
    (tmp_path / "a.html").write_text(f"<html><body>{part.format(story)}</body></html>", "utf-8")
    text = read(tmp_path / "a.html").text
    assert all(f"This is paragraph {number} of" in text for number in range(12))
    assert ("advantage" in part) == ("advantage" in text)


def test_paragraphs_that_only_subscribers_see_are_kept(tmp_path: Path) -> None:
    paragraphs = [
        f"Министр {number} подписал соглашение, чтобы войти в союз, и оформил визу." for number in range(6)
    ]
    (tmp_path / "a.html").write_text(
        "<html><body><article>"
        + "".join(f'<p class="paywall">{words}</p>' for words in paragraphs[:3])
        + "".join(f'<div class="paywall subscriber-only"><p>{words}</p></div>' for words in paragraphs[3:])
        + "</article></body></html>",
        "utf-8",
    )
    (item,) = pages.read(tmp_path / "a.html")
    assert item.record.article.text.split("\n\n") == paragraphs
    assert item.lost == ()


def test_cells_of_links_in_a_table_of_the_article_are_kept(tmp_path: Path) -> None:
    words = (
        "The three parties have a majority together, the commission says, and will begin talks on Monday. "
    )
    links = ", ".join(f"<a href={name}>Party {name}</a>" for name in "ABC")
    row = f"<tr><td>{links}</td><td>60 seats</td></tr>"
    (tmp_path / "a.html").write_text(
        f"<html><body><article><p>{words * 3}</p><table>{row}</table><p>{words}</p></article></body></html>",
        "utf-8",
    )
    assert "Party A, Party B, Party C\t60 seats" in read(tmp_path / "a.html").text


def test_cut_parts_stand_where_they_were() -> None:
    page = "Menu\n\nTitle\n\nFirst paragraph.\nAd\nAd\n\nSecond paragraph.\n\nFoot"
    assert cut_parts(page, "Title\n\nFirst paragraph.\n\nSecond paragraph.") == [
        (0, "Menu"),
        (23, "Ad\nAd"),
        (42, "Foot"),
    ]


def test_nothing_heavy_is_loaded_before_the_first_page() -> None:
    heavy = ("trafilatura", "lxml", "openpyxl", "pdfminer", "babel", "dateparser")
    code = (
        "import sys, annotator.formats.registry as r; r.formats(); r.readable();"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("byline", "author"),
    [
        ("By Ann Lee", "Ann Lee"),
        ("Par Jean Dupont", "Jean Dupont"),
        ("Автор: Иван Петров", "Иван Петров"),
        ("Հեղինակ՝ Արամ Հակոբյան", "Արամ Հակոբյան"),
        ("Byron Parker", "Byron Parker"),
        ("Pär Lagerkvist", "Pär Lagerkvist"),
    ],
)
def test_an_author_is_a_name_without_what_stands_before_it(tmp_path: Path, byline: str, author: str) -> None:
    paragraphs = "".join(
        f"<p>The ministers met in Yerevan for the {n}th time, and said so.</p>" for n in range(9)
    )
    inner = f'<h1>Talks</h1><div class="byline">{byline}</div>{paragraphs}'
    (tmp_path / "a.html").write_text(f"<html><body><article>{inner}</article></body></html>", "utf-8")
    (item,) = pages.read(tmp_path / "a.html")
    assert item.record.article.author == author
