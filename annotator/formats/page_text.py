"""The text of trees of elements: pages as they are, and what trafilatura made of them.

A blank line stands between paragraphs; items of a list and rows of a table have a line each, and a tab
stands between the cells of a row.
"""

from __future__ import annotations

import re
from typing import Any

_APART = frozenset(
    (
        *("p", "div", "article", "section", "main", "header", "footer", "nav", "aside", "figure"),
        *("figcaption", "blockquote", "quote", "pre", "h1", "h2", "h3", "h4", "h5", "h6"),
        *("head", "form", "fieldset", "hr", "address", "table", "ul", "ol", "dl", "list", "body"),
        *("title", "details", "summary", "dialog", "caption"),
    )
)
_LINES = frozenset(["li", "item", "tr", "row", "dt", "dd", "option", "button"])
_BREAKS = frozenset(["br", "lb"])  # two of them stand between paragraphs
_CELLS = frozenset(("td", "th", "cell"))
_UNSEEN = frozenset(
    (
        *("script", "style", "noscript", "template", "svg", "iframe", "object", "canvas", "math"),
        *("select", "textarea"),
    )
)
_BREAK = "\v"
_SPACE = re.compile(r"[ \t\n\r\f\v]+")  # no-break spaces are somebody's intention
_ANY_SPACE = re.compile(r"\s+")
_LONG = 25  # characters; a shorter line may stand within another by chance


def text_of(tree: Any, *, headless: bool = False) -> str:
    """Return the text of an lxml tree; ``headless``: without its ``<head>``, which on a page is unseen."""
    from lxml import etree

    pieces: list[str] = []  # text, and "\n", "\n\n", "\t" where there are edges
    unseen: Any = None
    for event, element in etree.iterwalk(tree, events=("start", "end", "comment", "pi")):
        if event in ("comment", "pi"):
            if unseen is None and element.tail:
                pieces.append(_SPACE.sub(" ", element.tail))
            continue
        tag = element.tag if isinstance(element.tag, str) else ""
        if unseen is None and event == "start" and (tag in _UNSEEN or (headless and tag == "head")):
            unseen = element
        edge = "\n\n" if tag in _APART else "\n" if tag in _LINES else "\t" if tag in _CELLS else ""
        if unseen is None and edge:
            pieces.append(edge)
        if unseen is None and event == "end" and tag in _BREAKS:
            pieces.append(_BREAK)
        if unseen is None and event == "start" and element.text:
            pieces.append(element.text if tag == "pre" else _SPACE.sub(" ", element.text))
        if event == "end":
            if unseen is element:
                unseen = None
            if unseen is None and element.tail and element is not tree:
                pieces.append(_SPACE.sub(" ", element.tail))
    return _joined(pieces).replace("\u00ad", "")  # a soft hyphen says where a line may end, nothing else


def _joined(pieces: list[str]) -> str:
    """Return the pieces with the widest of the edges between any two that have words."""
    made: list[str] = []
    edge, space, breaks = "", False, 0
    for piece in pieces:
        if piece == _BREAK:
            piece = "\n\n" if breaks else "\n"
            breaks += 1
        if piece in ("\n", "\n\n", "\t"):
            edge = max(edge, piece, key=lambda each: ("", "\t", "\n", "\n\n").index(each))
            continue
        words = piece.strip(" ")
        if not words:
            space = space or bool(piece)
            continue
        if made:
            made.append(edge or (" " if space or piece.startswith(" ") else ""))
        made.append(words)
        edge, space, breaks = "", piece.endswith(" "), 0
    return "".join(made)


def cut_parts(page: str, text: str) -> list[tuple[int, str]]:
    """Return the parts of ``page`` that are not in ``text``, each with the place in ``text`` where it stood.

    Places are code points. A line counts as there where its words are, whatever the white space.
    """
    places: dict[str, list[tuple[int, int]]] = {}
    start = 0
    for line in text.split("\n"):
        if key := _key(line):
            places.setdefault(key, []).append((start, start + len(line)))
        start += len(line) + 1
    whole = _key(text)
    parts: list[tuple[int, list[str]]] = []
    at = 0
    open_part = False
    for line in page.split("\n"):
        key = _key(line)
        if not key:
            continue
        there = places.get(key)
        if there:
            start, end = there.pop(0)
            at, open_part = max(at, end), False
        elif len(key) >= _LONG and key in whole:
            open_part = False
        elif open_part:
            parts[-1][1].append(line.strip())
        else:
            parts.append((at, [line.strip()]))
            open_part = True
    return [(place, "\n".join(lines)) for place, lines in parts]


def _key(words: str) -> str:
    return _ANY_SPACE.sub("", words)
