"""Web pages (.html): the article's own text through trafilatura, or all of the page.

Nothing is fetched: what is not in the file does not exist. Parts of the page that are not the article are
kept in ``meta["cut"]`` with the place in the text where they stood.
"""

from __future__ import annotations

import codecs
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any

from annotator.formats import mhtml
from annotator.formats.item import AS_TEXT, REPORT, Item, advised, unreadable, written_only
from annotator.formats.page_parts import (
    HEADLINES,
    better,
    headlines,
    is_list,
    links,
    own_text,
    prune,
    set_apart,
)
from annotator.formats.page_text import cut_parts, text_of
from annotator.formats.registry import Format
from annotator.formats.txt import decode, guess_title, record
from annotator.model import ArticleInput, InputFileError
from annotator.text import LARGEST_TEXT, normalise, too_long

MAIN, WHOLE = "main text", "whole page"
LARGEST_CUT = 100_000
"""Characters of what was cut that are kept with an article: more is no boilerplate."""
_LARGEST = 64_000_000  # bytes of a page with its pictures
_LARGEST_WITHOUT = 10_000_000  # characters of one without
_PICTURE = re.compile(
    r"data:[\w/+.;=-]{0,100},[^\s\"'<>)]{200,}"
)  # within the page: "SingleFile" saves them so
_HEAD = 8192  # bytes within which a page says what its encoding is
_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
_SAVED_FROM = re.compile(
    r"<!--\s*saved from url=\(\d+\)(https?://\S+)|<!--[^>]{0,200}?\burl:\s*(https?://\S+)"
)
_LANGUAGE = re.compile(r"([a-z]{2,3})(?:[-_]|$)", re.IGNORECASE)
# What browsers and the Encoding Standard read where a page says otherwise.
_AS_BROWSERS_DO = {"iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030"}


def read(path: Path, mapping: Mapping[str, str] | None = None) -> Iterator[Item]:
    """Yield the one article of a page, all of it where ``mapping`` says so; raises ``InputFileError``."""
    page, encoding, address = _decoded(path)
    if REPORT in page[:_HEAD]:
        raise InputFileError(path, written_only("report"))
    whole = (mapping or {}).get("text") == WHOLE
    tree = _parsed(path, page)
    saved = _SAVED_FROM.search(page[:20_000])
    url = _address(address) or (next((group for group in saved.groups() if group), None) if saved else None)
    for maker in ("trafilatura", "htmldate", "courlan", "justext"):
        logging.getLogger(maker).addHandler(logging.NullHandler())  # else Python prints their warnings
    if not whole:
        set_apart(tree)
    everything, language = text_of(tree, headless=True), _language(tree)  # before trafilatura prunes it
    linked, items = headlines(tree), links(tree)
    said = () if whole else prune(tree)
    own, left = own_text(tree), deepcopy(tree)
    found, published, text = None, None, everything if whole else ""
    with suppress(Exception):  # what a wild page leads them to is no reason to stop an import
        published = _date(tree, url)
        found = _extracted(tree, url)
        if not whole:
            text = better(text_of(found.body).strip() if found is not None else "", own, left)
    if not text.strip():
        raise InputFileError(
            path,
            "has no text; leave it out"
            if not everything.strip()
            else f"has no article that can be told from the rest. Import it with text = {WHOLE}",
        )
    if len(text) > LARGEST_TEXT:
        raise InputFileError(path, too_long(len(text)))
    name = path.name.encode(errors="surrogateescape").decode(errors="replace")
    meta: dict[str, Any] = {"file": name} if encoding == "utf-8" else {"file": name, "encoding": encoding}
    text = normalise(text)
    lost: tuple[str, ...] = ()
    if not whole:
        meta["cut"], lost = _kept(cut_parts(normalise(everything), text))
        if not meta["cut"]:
            del meta["cut"]
        if is_list(linked, items, normalise(everything), text):
            said = (*said, HEADLINES)
    given = {field: _words(getattr(found, field, None)) for field in _GIVEN}
    article = ArticleInput(
        text,
        given["title"] or guess_title(text, Path(name).stem),
        source=given["sitename"] or given["hostname"],
        url=_address(given["url"]) or _address(url),
        author=_BY.sub("", given["author"]) or None if given["author"] else None,
        published=published,
        language=language,
        meta=meta,
    )
    yield Item(record(article), lost=(*said, *lost))


_BY = re.compile(
    r"\s*(?:by|(?-i:Par(?=\s[A-ZÀ-Ý]))|автор[ыи]?|հեղինակ(?:ներ)?)\b\s*[:՝—–-]?\s*", re.IGNORECASE
)
_GIVEN = ("title", "sitename", "hostname", "url", "author")


def columns(path: Path) -> Sequence[str]:
    """Return what the text may be: the article's own, or all of the page."""
    return MAIN, WHOLE


def _decoded(path: Path) -> tuple[str, str, str | None]:
    """Return (page, name of its encoding, address where the file has it beside the page)."""
    try:
        size = path.stat().st_size
        if size > _LARGEST:
            raise InputFileError(
                path,
                f"is {size:,} bytes long, and a page may have {_LARGEST:,}. Save it without pictures",
            )
        data = path.read_bytes()
    except OSError as error:
        raise InputFileError(path, unreadable(error)) from error
    address = None
    try:
        if path.suffix.lower() in mhtml.SUFFIXES:
            data, sent_in, address = mhtml.page_of(data)
            if sent_in:
                with suppress(LookupError, UnicodeDecodeError):
                    data = data.decode(sent_in).encode()
        page, encoding = decode_page(data)
    except ValueError as error:
        raise InputFileError(path, advised(error, AS_TEXT)) from error
    page = _PICTURE.sub("", page)
    if len(page) > _LARGEST_WITHOUT:
        raise InputFileError(
            path, f"is {len(page):,} characters long, and a page may have {_LARGEST_WITHOUT:,}; leave it out"
        )
    return page, encoding, address


def decode_page(data: bytes) -> tuple[str, str]:
    """Return (text, name of its encoding); raises ``ValueError`` for what is no text.

    UTF-8 goes before what the page says: browsers save in it and leave the older words standing, and no
    text in another encoding is UTF-8 by chance.
    """
    declared = _CHARSET.search(data[:_HEAD])
    if declared and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            data.decode()
        except UnicodeDecodeError:
            try:
                name = codecs.lookup(declared[1].decode("ascii", "replace")).name
                name = _AS_BROWSERS_DO.get(name, name)
                if not name.startswith("utf"):  # it is none
                    return data.decode(name, "replace"), name
            except (LookupError, ValueError):
                pass
    return decode(data)


def _parsed(path: Path, page: str) -> Any:
    from lxml import etree, html

    try:
        return html.document_fromstring(
            _DECLARATION.sub("", page, count=1),
            parser=html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True),
        )
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise InputFileError(path, "is no page, or empty; leave it out") from error


def _extracted(tree: Any, url: str | None) -> Any:
    """Return trafilatura's ``Document``, None where it finds no article."""
    from trafilatura import bare_extraction

    found = bare_extraction(
        tree,
        url=url,
        include_comments=False,
        include_tables=True,
        with_metadata=True,
    )
    return found if found is not None and getattr(found, "body", None) is not None else None


def _date(tree: Any, url: str | None) -> str | None:
    """Return the date that a page gives as its own, without looking into its paragraphs.

    One that stands there is more often another's than the article's.
    """
    from htmldate import find_date

    bare = deepcopy(tree)
    for element in list(bare.iter("p", "li", "td", "blockquote", "figcaption", "script", "style")):
        is_linked_data = element.tag == "script" and "json" in (element.get("type") or "")
        says_more = any(element.get(name) for name in ("class", "id", "itemprop")) and element.tag != "script"
        if not is_linked_data and not says_more and element.find(".//time") is None:
            tail = element.tail
            element.clear()
            element.tail = tail
    found: str | None = find_date(bare, extensive_search=False, original_date=True, url=url)
    return found


def _kept(parts: Sequence[tuple[int, str]]) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    kept: list[dict[str, Any]] = []
    size = 0
    for place, words in parts:
        size += len(words)
        if size > LARGEST_CUT:
            return kept, ("rest of a page that is too long to be kept",)
        kept.append({"at": place, "text": words})
    return kept, ()


def _language(tree: Any) -> str | None:
    said = tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or tree.get("xml:lang")
    match = _LANGUAGE.match((said or "").strip())
    return match[1].lower() if match else None


def _words(value: Any) -> str | None:
    return " ".join(normalise(str(value)).split()) or None if value else None


def _address(url: str | None) -> str | None:
    return url if url and url.startswith(("http://", "https://")) else None


FORMAT = Format(
    "html",
    "web page",
    (".html", ".htm", ".xhtml", *mhtml.SUFFIXES),
    read,
    many=False,
    fields={"text": (MAIN,)},
    columns=columns,
)
