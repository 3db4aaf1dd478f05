"""Parts of a page that are no part of its article, by what they are called and made of.

trafilatura knows most of them; these are what it lets pass: advertisements and offers between the
paragraphs, and menus in the same table as the article.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

# Words in an element's class, id or data-testid, apart by hyphens, underlines and spaces.
_OFFER = re.compile(r"(?<![^\W_])(ad|ads|adv|advert\w*|promo\w*|newsletter\w*)(?![^\W_])")
# Sites call so both the offer to subscribe and the paragraphs that only subscribers see.
_PAYWALL = re.compile(r"(?<![^\W_])(paywall|subscri)")
_ASKS = re.compile(
    r"subscri|sign in|log in|free article|подписк|подписчик|подпишитесь|подписаться|оформите|войдите"
    r"|передплат|увійдіть|բաժանորդ",
    re.IGNORECASE,
)
_LONGEST_OFFER = 600  # characters: more is an article in an element with an odd name
_NEVER = frozenset(("html", "body", "main", "article", "head"))
_FEWEST_LINKS = 3  # of a menu
_LONGEST_MENU = 1000
_ARTICLE = 200  # characters of the cell beside a menu, at least

PAYWALL = "offers to subscribe (is the article whole?)"
HEADLINES = "lists of headlines with links (is the page a list of articles?)"
"""What is said to have been left out."""


def prune(tree: Any) -> tuple[str, ...]:
    """Take offers and the menus of layout tables out of a tree; return what a person should hear of."""
    said = []
    for element in [each for each in tree.iter() if isinstance(each.tag, str) and each.tag not in _NEVER]:
        names = " ".join(element.get(name) or "" for name in ("class", "id", "data-testid")).lower()
        at_wall = _PAYWALL.search(names) is not None
        if element.getparent() is None or not (at_wall or _OFFER.search(names)):
            continue
        words = " ".join(element.text_content().split())
        if len(words) > _LONGEST_OFFER:
            continue
        if at_wall:
            if element.tag == "p" or not _ASKS.search(words):
                continue
            if PAYWALL not in said:
                said.append(PAYWALL)
        element.drop_tree()
    for cell in [*tree.iter("td")]:
        if cell.getparent() is not None and _is_menu(cell):
            cell.drop_tree()
    return tuple(said)


def _is_menu(cell: Any) -> bool:
    """Tell whether a cell holds links alone, beside one that holds an article."""
    links = cell.findall(".//a")
    length = _length(cell)
    if len(links) < _FEWEST_LINKS or length > _LONGEST_MENU or cell.find(".//table") is not None:
        return False
    others = (other for other in cell.getparent() if other is not cell)
    return sum(map(_length, links)) >= 0.9 * length and any(_length(other) >= _ARTICLE for other in others)


def _length(element: Any) -> int:
    return len("".join(element.text_content().split()))


def headlines(tree: Any) -> list[str]:
    """Return the headings of a tree that are links, or in one, as lines of its text."""
    found = []
    for heading in tree.iter("h1", "h2", "h3", "h4"):
        linked = heading.find(".//a[@href]") is not None or next(heading.iterancestors("a"), None) is not None
        if linked and (words := " ".join(heading.text_content().split())):
            found.append(words)
    return found


def is_list(headings: list[str], page: str, text: str) -> bool:
    """Tell whether the paragraphs of ``text`` stand each under a headline of the page that is a link."""
    linked, kept = set(headings), set(text.split("\n")) - {""}
    lines = [line for line in page.split("\n") if line]
    under = sum(above in linked and above not in kept and line in kept for above, line in pairwise(lines))
    return under >= 3 and 2 * under >= len(kept)
