"""Short web pages and lists of links: what a page calls its article goes before its longest paragraph."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotator.formats import pages
from annotator.formats.item import Item
from annotator.formats.page_parts import HEADLINES
from annotator.formats.pages import WHOLE

_BANNER = (
    "<div class='cookie-consent'><p>We value your privacy. We and our 842 partners keep information about "
    "you on your device.</p><button>Accept all</button></div>"
)
_MENU = "<nav><ul><li><a href=/>Home</a></li><li><a href=/w>World</a></li></ul></nav>"
_FOOT = "<footer><p>© 2024 The Post. All rights reserved.</p><ul><li><a href=/t>Terms</a></li></ul></footer>"
_LONG = [
    f"Paragraph {n} of a long report on the war, with words enough to be taken for one." for n in range(6)
]


def page_of(folder: Path, inner: str, around: tuple[str, str] = (_MENU + _BANNER, _FOOT)) -> Path:
    path = folder / "a.html"
    path.write_text(
        f"<html><head><title>T</title></head><body>{around[0]}{inner}{around[1]}</body></html>", "utf-8"
    )
    return path


def read(path: Path) -> Item:
    (item,) = pages.read(path)
    return item


def cut(item: Item) -> str:
    return "\n".join(part["text"] for part in item.record.article.meta.get("cut", []))


@pytest.mark.parametrize(
    ("inner", "text"),
    [
        (
            "<article><h1>Brief</h1><p>Moscow said no.</p><p>Kyiv said yes.</p></article>",
            "Brief\n\nMoscow said no.\n\nKyiv said yes.",
        ),
        (
            "<main><h1>Brief</h1><p>The ministers met for an hour on Monday and said nothing.</p></main>",
            "Brief\n\nThe ministers met for an hour on Monday and said nothing.",
        ),
        (
            "<div itemprop=articleBody><p>Moscow said no.</p><figure><figcaption>A door.</figcaption>"
            "</figure><p>Kyiv said yes.</p></div>",
            "Moscow said no.\n\nKyiv said yes.",
        ),
        (
            "<div id=content><h1>Breaks</h1>The first paragraph has many words about a summit in Brussels."
            "<br><br>The second one goes on with the story of those who met.<br><br>“Third,” he said.</div>",
            "Breaks\n\nThe first paragraph has many words about a summit in Brussels."
            "\n\nThe second one goes on with the story of those who met.\n\n“Third,” he said.",
        ),
    ],
)
@pytest.mark.parametrize("name", ["cookie-consent", "bar"])
def test_a_short_article_is_not_taken_for_its_banner(
    tmp_path: Path, inner: str, text: str, name: str
) -> None:
    if "<br>" in inner:
        name = "cookie-consent"  # else nothing on this page says that the banner is one
    banner = _BANNER.replace("cookie-consent", name)
    item = read(page_of(tmp_path, inner, (_MENU + banner, _FOOT)))
    assert item.record.article.text == text
    assert all(words in cut(item) for words in ("Home\nWorld", "842 partners", "© 2024", "Terms"))
    assert not set(text.split("\n")) - {""} & set(cut(item).split("\n"))
    assert item.lost == ()


@pytest.mark.parametrize(
    "hint",
    [
        "<p><strong>READ MORE: <a href=/z>Another headline of ours</a></strong></p>",
        "<p>Читайте также: <a href=/z>Another headline of ours</a></p>",
        "<div><a href=/z>See also: Another headline of ours</a></div>",
        "<p><a href=/z>Subscribe to our newsletter: Another headline of ours</a></p>",
        "<p>À lire aussi : <a href=/z>Another headline of ours</a></p>",
        "<p>Abonnez-vous à notre newsletter: Another headline of ours</p>",
        "<p>Подписывайтесь на наш Telegram-канал: Another headline of ours</p>",
        "<div>Հետևեք մեզ Telegram-ում: Another headline of ours</div>",
        "<p>© 2024 Another headline of ours</p>",
        "<p>Copyright 2024 Another headline of ours</p>",
    ],
)
def test_hints_to_other_articles_are_cut(tmp_path: Path, hint: str) -> None:
    story = [f"<p>{words}</p>" for words in _LONG]
    item = read(page_of(tmp_path, "<article>" + "".join([*story[:3], hint, *story[3:]]) + "</article>"))
    text = item.record.article.text
    assert text == "\n\n".join(_LONG)
    at = next(part["at"] for part in item.record.article.meta["cut"] if "Another headline" in part["text"])
    assert at == text.index(_LONG[2]) + len(_LONG[2])


def test_an_offer_at_the_end_of_a_paragraph_is_cut_and_what_is_of_the_article_is_not(tmp_path: Path) -> None:
    last = "This was published elsewhere. <a href=/s>Subscribe to our newsletter</a>"
    kept = [
        "Read more books, said <a href=/m>the minister</a>, and fewer of the papers that print my words.",
        "Subscribers to <a href=/m>the paper</a> were asked to subscribe again, and few of them did so.",
        "Subscribe to such a view, he said, and you have to pay for it.",
        "Copyright is a matter of <i>law</i>, he said.",
        "(c) the borders of 1991, which both recognise;",
        "Related, he added, is <a href=/m>the question of borders</a>.",
    ]
    inner = "".join(f"<p>{words}</p>" for words in (*_LONG, *kept, last))
    path = page_of(tmp_path, f"<article>{inner}</article>")
    item = read(path)
    text = item.record.article.text
    assert text.endswith("This was published elsewhere.")
    assert "Subscribe to our newsletter" in cut(item).split("\n")
    for words in (
        "the minister, and fewer",
        "the paper were asked",
        "such a view",
        "a matter of law",
        "(c) the borders",
        "the question of borders.",
    ):
        assert words in text
    (whole,) = pages.read(path, {"text": WHOLE})
    assert "This was published elsewhere. Subscribe to our newsletter" in whole.record.article.text


def test_a_page_of_links_alone_is_said_to_be_a_list(tmp_path: Path) -> None:
    items = [f"Headline number {n} here" for n in range(30)]
    links = "<ul>" + "".join(f"<li><a href='{n}'>{words}</a></li>" for n, words in enumerate(items)) + "</ul>"
    item = read(page_of(tmp_path, links, ("<nav><a href=1>Start</a></nav>", "")))
    assert HEADLINES in item.lost
    assert item.record.article.text == "\n".join(items)
    assert cut(item) == "Start"


def test_a_short_article_in_an_element_named_by_cookies_is_kept(tmp_path: Path) -> None:
    inner = "<div class='page cookie-consent-given'><h1>Brief</h1><p>Moscow said no to all of it.</p></div>"
    assert "Moscow said no to all of it." in read(page_of(tmp_path, inner, ("", ""))).record.article.text
