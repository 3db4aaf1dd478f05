"""PDF: paragraphs put together, words and ligatures mended, headers dropped and counted, pictures told."""

from __future__ import annotations

import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.formats import pdf as reader
from annotator.formats.item import Item
from annotator.formats.pdf_layout import in_order
from annotator.formats.pdf_lines import Line, joined, without_ligatures, without_running
from annotator.model import ArticleInput, InputFileError

WIDTH, HEIGHT = 420, 595  # points: A5


@dataclass
class Page:
    """Lines as (x, y from below, size, words) in Courier: a letter is 0.6 of the size wide."""

    lines: list[tuple[float, float, float, str]] = field(default_factory=list)
    picture: bool = False


@dataclass(frozen=True)
class Stretch:
    """A box by its corner and its size."""

    x0: float
    y0: float
    width: float
    tall: float

    @property
    def x1(self) -> float:
        return self.x0 + self.width

    @property
    def y1(self) -> float:
        return self.y0 + self.tall


def down(
    words: Sequence[str], *, x: float = 40, y: float = 500, size: float = 10, leading: float = 12
) -> Page:
    """Return a page with lines one below the other; "" leaves one out."""
    return Page([(x, y - n * leading, size, line) for n, line in enumerate(words) if line])


def pdf(pages: Sequence[Page], title: str = "", author: str = "", *, content: bytes | None = None) -> bytes:
    """Return the bytes of a PDF; ``content`` stands for that of its first page, packed already."""
    objects: list[bytes] = [b"<</Type/Catalog/Pages 2 0 R>>", b""]
    objects.append(
        b"<</Type/Font/Subtype/Type1/BaseFont/Courier/Encoding<</Type/Encoding/BaseEncoding/WinAnsiEncoding"
        b"/Differences[1/fi/fl/ffi]>>>>"
    )
    objects.append(
        b"<</Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8/Length 1>>"
        b"stream\n\x00\nendstream"
    )
    kids = []
    for page in pages:
        parts = [
            f"BT /F1 {size} Tf 1 0 0 1 {x} {y} Tm ({_escaped(words)}) Tj ET".encode("cp1252")
            for x, y, size, words in page.lines
        ]
        if page.picture:
            parts.append(b"q 300 0 0 400 50 50 cm /I1 Do Q")
        packed = content if content is not None and not kids else zlib.compress(b"\n".join(parts))
        objects.append(b"<</Filter/FlateDecode/Length %d>>stream\n" % len(packed) + packed + b"\nendstream")
        kids.append(len(objects) + 1)
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {WIDTH} {HEIGHT}]/Contents {len(objects)} 0 R"
            "/Resources<</Font<</F1 3 0 R>>/XObject<</I1 4 0 R>>>>>>".encode()
        )
    objects[1] = f"<</Type/Pages/Count {len(kids)}/Kids[{' '.join(f'{kid} 0 R' for kid in kids)}]>>".encode()
    objects.append(f"<</Title({_escaped(title)})/Author({_escaped(author)})>>".encode("cp1252"))
    made = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(made)
    made += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    made += b"".join(b"%010d 00000 n \n" % place for place in places)
    made += b"trailer<</Size %d/Root 1 0 R/Info %d 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        len(objects),
        start,
    )
    return bytes(made)


def _escaped(words: str) -> str:
    for letter in "\\()":
        words = words.replace(letter, f"\\{letter}")
    return words.replace("ﬁ", "\x01").replace("ﬂ", "\x02").replace("ﬃ", "\x03")


def read(path: Path, data: bytes) -> Item:
    path.write_bytes(data)
    (item,) = reader.read(path)
    return item


def article(path: Path, data: bytes) -> ArticleInput:
    return read(path, data).record.article


FIRST = [
    "Armenia signed a partnership pact with the Euro-",
    "pean Union on Sunday, said the prime minister of",
    "the country. It is the ﬁrst of its kind, and an of-",
    "ﬁcial called it diﬃcult.",
]
SECOND = [
    "The pro-Western party was glad, the pro-",
    "Russian one was not. A well-known critic, well-",
    "known in Europe for the self-",
    "confident tone of his ﬂights, asked for a pact.",
]
JOINED = (
    "Armenia signed a partnership pact with the European Union on Sunday, said the "
    "prime minister of the country. "
    "It is the first of its kind, and an official called it difficult.",
    "The pro-Western party was glad, the pro-Russian one was not. A well-known "
    "critic, well-known in Europe for "
    "the self-confident tone of his flights, asked for a pact.",
)


def test_words_ligatures_and_paragraphs_are_put_together(tmp_path: Path) -> None:
    page = down([*FIRST, "", *SECOND])
    found = article(tmp_path / "a.pdf", pdf([page], "A pact", "Anna"))
    assert found.text == "\n\n".join(JOINED)
    assert (found.title, found.author, found.published) == ("A pact", "Anna", None)
    assert found.meta == {"file": "a.pdf", "pages": 1, "hyphens mended": 2, "ligatures mended": 4}


@pytest.mark.parametrize("leading", [11.0, 15.0, 22.0])
def test_paragraphs_are_told_by_their_distance_whatever_the_leading(tmp_path: Path, leading: float) -> None:
    page = Page()
    y = 540.0
    for paragraph in (FIRST, SECOND, FIRST):
        for line in paragraph:
            page.lines.append((40, y, 10, line))
            y -= leading
        y -= leading * 0.5
    assert article(tmp_path / "a.pdf", pdf([page])).text == "\n\n".join((*JOINED, JOINED[0]))


def test_paragraphs_are_told_by_their_indent(tmp_path: Path) -> None:
    lines = [(40 + 15 * (n == 0), line) for paragraph in (FIRST, SECOND) for n, line in enumerate(paragraph)]
    page = Page([(x, 500 - 12 * n, 10, line) for n, (x, line) in enumerate(lines)])
    assert article(tmp_path / "a.pdf", pdf([page])).text == "\n\n".join(JOINED)


def test_a_headline_in_larger_letters_keeps_apart(tmp_path: Path) -> None:
    page = down(FIRST, y=480)
    page.lines.insert(0, (40, 500, 18, "A pact with Brussels"))
    found = article(tmp_path / "a.pdf", pdf([page]))
    assert found.text == f"A pact with Brussels\n\n{JOINED[0]}"
    assert found.title == "A pact with Brussels"


def test_a_sentence_goes_on_in_the_next_column_and_on_the_next_page(tmp_path: Path) -> None:
    left = ["The talks on the new pact", "went on for months, and", "nobody in the capital"]
    right = ["believed that they would", "come to an end this year,", "because of the elec-"]
    first = down(left, x=30)
    first.lines += down(right, x=230).lines
    second = down(["tions in March and the", "war. Then they signed."], x=30)
    found = article(tmp_path / "a.pdf", pdf([first, second]))
    assert found.text == (
        "The talks on the new pact went on for months, and nobody in the capital "
        "believed that they would come "
        "to an end this year, because of the elections in March and the war. Then they signed."
    )


WORDS = (
    "Moscow said that it would watch closely what the neighbour does next and who signs which paper in the "
    "capital of the union where ministers met for talks about roads and grain that nobody had expected to "
    "end before the winter came and the passes closed again for months as they do in every year of late there"
)


def justified(x: float, y: float, width: float, words: Sequence[str]) -> Page:
    """Return a column that is stretched to its width, each word by itself, four of them a line."""
    page, letter = Page(), 6.0
    for number in range(0, len(words), 4):
        line = words[number : number + 4]
        space = (width - letter * sum(map(len, line))) / max(1, len(line) - 1)
        for word in line:
            page.lines.append((x, y, 10, word))
            x += letter * len(word) + space
        x, y = page.lines[0][0], y - 12
    return page


def test_lines_that_are_stretched_to_a_columns_width_stay_whole(tmp_path: Path) -> None:
    words = WORDS.split()
    half = len(words) // 8 * 4
    left = justified(40, 500, 160, [*words[:half]])
    right = justified(220, 500, 160, [*words[half:]])
    by_column = Page([*left.lines, *right.lines])
    assert article(tmp_path / "a.pdf", pdf([by_column])).text == WORDS
    by_row = Page(sorted(by_column.lines, key=lambda line: (-line[1], line[0])))
    assert article(tmp_path / "a.pdf", pdf([by_row])).text == WORDS


def test_cells_of_a_table_are_no_stretched_line(tmp_path: Path) -> None:
    rows = [("Party", "Seats"), ("Citizens", "71"), ("Together", "29"), ("Honour", "7"), ("Others", "0")]
    cells = [
        (x, 500 - n * 12, 10, word)
        for n, row in enumerate(rows)
        for x, word in zip((40, 140), row, strict=True)
    ]
    page = Page(cells)
    text = article(tmp_path / "a.pdf", pdf([page])).text
    assert "Party Citizens Together" in " ".join(text.split())


def test_columns_are_read_one_after_the_other_and_a_headline_before_them(tmp_path: Path) -> None:
    def column(x: float, word: str, top: float) -> list[tuple[float, float, float, str]]:
        return [(x, top - n * 12 - (n // 3) * 8, 10, f"{word} {n} goes along here.") for n in range(9)]

    page = Page(
        [
            (40, 570, 8, "The Daily Example"),
            *column(220, "Second", 500),
            (40, 530, 18, "A headline over both of them"),
            *column(40, "First", 503),
            (205, 20, 8, "1"),
        ]
    )
    text = article(tmp_path / "a.pdf", pdf([page])).text
    places = [text.index(f"{word} {n} goes") for word in ("First", "Second") for n in range(9)]
    assert places == sorted(places)
    assert text.index("A headline") < places[0]


@given(
    st.lists(
        st.builds(Stretch, *(st.floats(0, 500) for _ in range(2)), *(st.floats(1, 300) for _ in range(2))),
        max_size=30,
    )
)
def test_whatever_stands_on_a_page_has_an_order(boxes: list[Stretch]) -> None:
    found = in_order(boxes)
    assert sorted(map(id, found)) == sorted(map(id, boxes))


def test_many_blocks_are_ordered_in_time() -> None:
    boxes = [Stretch(40, 10 * n, 200, 8) for n in range(300)] + [
        Stretch(260, 10 * n, 200, 8) for n in range(5_000)
    ]
    began = time.process_time()
    assert len(in_order(boxes[:400])) == 400
    assert len(in_order(boxes)) == len(boxes)
    assert time.process_time() - began < 2


def test_headers_footers_and_page_numbers_are_dropped_and_counted(tmp_path: Path) -> None:
    pages = []
    for number in range(1, 5):
        page = down([*FIRST, "", "In 2024 it began anew."], y=480)
        page.lines += [(40, 570, 8, "The Daily Example"), (200, 25, 8, f"Page {number} of 4")]
        pages.append(page)
    pages[0].lines.append((40, 40, 8, "A footnote that stands once."))
    item = read(tmp_path / "a.pdf", pdf(pages))
    text = item.record.article.text
    assert item.lost == ("page headers, footers and page numbers",) * 8
    assert "Daily" not in text
    assert "Page" not in text
    assert "A footnote that stands once." in text
    assert text.count("In 2024 it began anew.") == 4  # repeated, but not in the margin


def test_a_scanned_page_says_so(tmp_path: Path) -> None:
    scan, words = Page(picture=True), down(FIRST)
    item = read(tmp_path / "a.pdf", pdf([words, words, scan]))
    assert item.lost == ("scanned parts without a text layer (page 3 is a picture; run OCR first)",)
    with pytest.raises(InputFileError, match="has no text layer: page 1 is a picture; run OCR first"):
        read(tmp_path / "a.pdf", pdf([scan]))
    with pytest.raises(InputFileError, match="has no text layer: its pages are pictures; run OCR first"):
        read(tmp_path / "a.pdf", pdf([scan, scan]))
    with pytest.raises(InputFileError, match="has no text layer: pages 1 and 3 are pictures; run OCR first"):
        read(tmp_path / "a.pdf", pdf([scan, Page(), scan]))
    with pytest.raises(InputFileError, match="has no text; leave it out"):
        read(tmp_path / "a.pdf", pdf([Page()]))
    assert read(tmp_path / "a.pdf", pdf([words, Page()])).lost == ()  # empty, no picture


def test_a_title_that_a_program_made_up_is_none(tmp_path: Path) -> None:
    for title in ("Microsoft Word - draft.doc", "untitled", "layout_3.indd"):
        found = article(tmp_path / "a.pdf", pdf([down(["A short headline", "", *FIRST])], title))
        assert found.title == "A short headline"


def test_damaged_and_hostile_files_end_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, whole = tmp_path / "a.pdf", pdf([down(FIRST)])
    for data in (b"", b"%PDF-1.4", b"no pdf at all", whole[:100], whole.replace(b"/Pag", b"/Pog")):
        with pytest.raises(InputFileError):
            read(path, data)
    monkeypatch.setattr(reader, "_MOST_PAGES", 2)
    with pytest.raises(InputFileError, match="more than 2 pages"):
        read(path, pdf([down(FIRST)] * 3))
    monkeypatch.setattr(reader, "LARGEST_STREAM", 1_000_000)
    with pytest.raises(InputFileError, match="unpacks to more than 1,000,000 bytes"):
        read(path, pdf([Page()], content=zlib.compress(b" " * 1_100_000)))


def test_a_protected_file_says_so(tmp_path: Path) -> None:
    data = pdf([down(FIRST)])
    locked = (
        b"/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<"
        + b"00" * 32
        + b">/U<"
        + b"11" * 32
        + b">>>/ID[<00><00>]"
    )
    with pytest.raises(InputFileError, match=r"protected by a password\. Save it without one"):
        read(tmp_path / "a.pdf", data.replace(b"/Root 1 0 R/Info", b"/Root 1 0 R" + locked + b"/Info"))


def lines(*words: str, page: int = 0, y: float = 400) -> list[Line]:
    return [
        Line(w, page, 40, 40 + 6 * len(w), y - 12 * n, y - 12 * n + 10, 10, 600) for n, w in enumerate(words)
    ]


@pytest.mark.parametrize(
    ("first", "second", "whole"),
    [
        ("the nego-", "tiations of the two sides", "the negotiations of the two sides"),
        ("the pro-", "russian side of the house", "the pro-russian side of the house"),
        ("the EU-", "Armenia pact of the year 2024", "the EU-Armenia pact of the year 2024"),
        ("the cease\u00ad", "fire that holds till now", "the ceasefire that holds till now"),
        ("the talks -", "which went on for a year", "the talks - which went on for a year"),
        ("вице-", "премьер сказал это вчера", "вице-премьер сказал это вчера"),
        ("перего-", "воры шли до самого утра", "переговоры шли до самого утра"),
        ("from 2020-", "2024 nothing happened there", "from 2020-2024 nothing happened there"),
    ],
)
def test_a_hyphen_goes_only_where_it_parts_a_word(first: str, second: str, whole: str) -> None:
    assert joined(lines(first, second))[0] == whole


def test_how_the_text_writes_a_word_elsewhere_decides() -> None:
    text = joined(lines("a short-", "lived truce that was", "short-lived, as we know"))[0]
    assert text == "a short-lived truce that was short-lived, as we know"


def test_ligatures_become_letters_and_nothing_else_changes() -> None:
    assert without_ligatures("ﬁﬂﬀﬃﬄﬆ ﬓﬔ æ œ ß ½ … Ⅳ") == ("fiflffffifflst մնմե æ œ ß ½ … Ⅳ", 8)


def test_a_line_in_the_text_that_repeats_is_no_header() -> None:
    same = [line for page in range(3) for line in lines("Again.", page=page, y=300)]
    assert without_running(same) == (same, 0)


def test_lines_beyond_the_edge_of_a_page_are_left_out(tmp_path: Path) -> None:
    page = down(FIRST)
    page.lines += [(40, HEIGHT + 2, 10, "cut off above"), (40, -12, 10, "cut off below")]
    assert article(tmp_path / "a.pdf", pdf([page])).text == JOINED[0]
