"""Parts of a page that are no part of its article, by what they are called and made of.

trafilatura knows most of them; these are what it lets pass: advertisements, offers and hints to other
articles between the paragraphs, and menus in the same table as the article; on short pages, of which it takes
all there is, also notices and navigation.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import deepcopy
from itertools import pairwise
from typing import Any

from annotator.formats.page_text import text_of

# Words in an element's class, id or data-testid, apart by hyphens, underlines and spaces.
_OFFER = re.compile(r"(?<![^\W_])(ad|ads|adv|advert\w*|promo\w*|newsletter\w*)(?![^\W_])")
# Sites call so both the offer to subscribe and the paragraphs that only subscribers see.
_PAYWALL = re.compile(r"(?<![^\W_])(paywall|subscri)")
_NOTICE = re.compile(r"(?<![^\W_])(cookies?|consent|gdpr|cmp)(?![^\W_])")
_AROUND = re.compile(
    r"(?<![^\W_])(nav\w*|menu\w*|breadcrumbs?|share|sharing|social|related|sidebar|comments?|footer)(?![^\W_])"
)
_AROUND_TAGS = ("nav", "footer", "aside", "form", "button", "dialog", "figcaption")
_HINT = re.compile(
    r"(?:read (?:more|also|next)|see also|more on this|related(?: (?:articles?|stories|story))?"
    r"|чита(?:йте|ть) (?:также|ещ[её]|далее)|по теме|смотрите также|читайте також|читати також"
    r"|կարդացե՛?ք նաև|տես նաև|(?:à )?lire (?:aussi|la suite)|voir aussi|lesen sie auch|mehr zum thema)\W*",
    re.IGNORECASE,
)
_NEWSLETTER = re.compile(
    r"\W*(?:(?:subscribe|sign up|подпи(?:шитесь|саться|сывайтесь)|підпи(?:шіться|сатися|суйтесь))\b"
    r"|բաժանորդագրվե|(?:abonnez|inscrivez)-vous\b)",
    re.IGNORECASE,
)
# The same without a link: it says to what.
_FOLLOW = re.compile(
    r"\W*(?:subscribe|sign up|follow us|join us|подпи(?:шитесь|сывайтесь)|підпи(?:шіться|суйтесь)"
    r"|следите за нами|հետևե՛?ք մեզ|բաժանորդագրվե\w*|(?:abonnez|inscrivez)-vous|suivez-nous)\b.*"
    r"(?:newsletter|telegram|телеграм|whatsapp|viber|facebook|twitter|instagram|youtube|channel|канал|рассылк"
    r"|розсилк|infolettre|lettre d['’]information)",
    re.IGNORECASE,
)
_RIGHTS = re.compile(r"\s*(?:©|\(c\) ?[0-9]{4}|copyright (?:©|\(c\)|[0-9]{4}))", re.IGNORECASE)
_LONGEST_HINT = 200  # characters
_ASKS = re.compile(
    r"subscri|sign in|log in|free article|подписк|подписчик|подпишитесь|подписаться|оформите|войдите"
    r"|подписыва|передплат|увійдіть|բաժանորդ|abonne|connectez-vous",
    re.IGNORECASE,
)
_LONGEST_OFFER = 600  # characters: more is an article in an element with an odd name
_NEVER = frozenset(("html", "body", "main", "article", "head"))
_FEWEST_LINKS = 3  # of a menu
_LONGEST_MENU = 1000
_ARTICLE = 200  # characters of the cell beside a menu, at least
_SHORT = 300  # characters; of less, trafilatura takes whatever paragraph of a page is the longest

PAYWALL = "offers to subscribe (is the article whole?)"
HEADLINES = "lists of headlines with links (is the page a list of articles?)"
"""What is said to have been left out."""


def prune(tree: Any) -> tuple[str, ...]:
    """Take offers and the menus of layout tables out of a tree; return what a person should hear of."""
    said = []
    for element in [each for each in tree.iter() if isinstance(each.tag, str) and each.tag not in _NEVER]:
        names = " ".join(element.get(name) or "" for name in ("class", "id", "data-testid")).lower()
        at_wall = _PAYWALL.search(names) is not None
        is_notice = _NOTICE.search(names) is not None and element.find(".//h1") is None
        if element.getparent() is None or not (at_wall or is_notice or _OFFER.search(names)):
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
    for element in [*tree.iter("p", "div", "li", "a")]:
        holds_more = any(each.tag in ("div", "p", "ul", "table") for each in element)
        if element.getparent() is None or holds_more:
            continue
        if _is_hint(element) or _is_newsletter(element) or _is_around(element):
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


def set_apart(tree: Any) -> None:
    """Give a link that asks the reader to subscribe a line of its own where it ends a paragraph."""
    for link in [*tree.iter("a")]:
        parent = link.getparent()
        if parent is not None and parent.tag == "p" and _ends(link) and _is_newsletter(link):
            link.addprevious(link.makeelement("br"))


def _is_hint(element: Any) -> bool:
    """Tell whether a paragraph says nothing but that one may read more, and where."""
    links = element.findall(".//a[@href]")
    words = " ".join(element.text_content().split())
    if not links or len(words) > _LONGEST_HINT * len(links):
        return False
    begun = _HINT.match(words)
    return begun is not None and _length(element) - sum(map(_length, links)) <= len(begun[0])


def _is_newsletter(element: Any) -> bool:
    """Tell whether a paragraph, or a link at the end of one, asks to subscribe, and says nothing else."""
    if element.tag != "a":
        links = element.findall(".//a")
        return len(links) == 1 and _length(links[0]) == _length(element) and _is_newsletter(links[0])
    words = " ".join(element.text_content().split())
    return _ends(element) and len(words) <= _LONGEST_HINT and _NEWSLETTER.match(words) is not None


def _is_around(element: Any) -> bool:
    """Tell whether a paragraph asks to follow the site elsewhere, or says whose the page is, and no more."""
    if element.tag == "a":
        return False
    words = " ".join(element.text_content().split())
    return len(words) <= _LONGEST_HINT and bool(_FOLLOW.match(words) or _RIGHTS.match(words))


def _ends(link: Any) -> bool:
    return link.getnext() is None and not (link.tail or "").strip(" \n\t.!")


def _length(element: Any) -> int:
    return len("".join(element.text_content().split()))


def own_text(tree: Any) -> str:
    """Return the text of what a page calls its article, without what stands around one; "" where it has none.

    That is the only element that is said to be the body of an article, or is one, or is the main one.
    """
    for path in ("//*[@itemprop='articleBody']", "//article[not(ancestor::article)]", "//main"):
        found = [each for each in tree.xpath(path) if _length(each)]
        if found:
            return _without_around(found[0]) if len(found) == 1 else ""
    return ""


def better(found: str, own: str, page: Any) -> str:
    """Return the text of a page: what trafilatura found, unless it found too little, or another part.

    "" where it found nothing and the page does not say what its article is.
    ``own`` is the :func:`own_text` of ``page``, a tree of which trafilatura took nothing away.
    """
    lines, ours = _lines(found), _lines(own)
    if own:
        is_most = lines <= ours and 2 * len(found) >= len(own)
        return found if is_most or (len(found) >= _SHORT and lines & ours) else own
    if len(found) >= _SHORT and len(lines) > 1:
        return found
    if not found:
        return ""
    bare = _without_around(page) or _without_around(page, lists=True)
    return found if lines <= _lines(bare) else bare


def _lines(text: str) -> set[str]:
    return {"".join(line.split()) for line in text.split("\n")} - {""}


def _without_around(element: Any, *, lists: bool = False) -> str:
    """Return the text of a part of a page without navigation; ``lists`` of links may be kept."""
    bare = deepcopy(element)
    bare.tail = None
    for each in [each for each in bare.iter() if isinstance(each.tag, str) and each.tag not in _NEVER]:
        if each is bare or each.getparent() is None:
            continue
        names = " ".join(each.get(name) or "" for name in ("class", "id", "role")).lower()
        is_named = _AROUND.search(names) is not None and _length(each) <= _LONGEST_OFFER
        is_menu = not lists and each.tag in ("ul", "ol") and _is_links(each)
        is_head = each.tag == "header" and each.find(".//h1") is None
        if is_named or is_menu or is_head or each.tag in _AROUND_TAGS:
            each.drop_tree()
    return text_of(bare, headless=True).strip()


def _is_links(items: Any) -> bool:
    length = _length(items)
    return length > 0 and sum(map(_length, items.iter("a"))) >= 0.9 * length


def headlines(tree: Any) -> list[str]:
    """Return the headings of a tree that are links, or in one, as lines of its text."""
    found = []
    for heading in tree.iter("h1", "h2", "h3", "h4"):
        linked = heading.find(".//a[@href]") is not None or next(heading.iterancestors("a"), None) is not None
        if linked and (words := " ".join(heading.text_content().split())):
            found.append(words)
    return found


def links(tree: Any) -> list[str]:
    """Return the items of lists that are links and nothing else, as lines of a tree's text."""
    return [" ".join(item.text_content().split()) for item in tree.iter("li") if _is_links(item)]


def is_list(headings: Sequence[str], items: Sequence[str], page: str, text: str) -> bool:
    """Tell whether the paragraphs of ``text`` stand each under a headline of the page that is a link.

    Or whether they are the ``items`` of lists of links themselves.
    """
    linked, kept = set(headings), set(text.split("\n")) - {""}
    lines = [line for line in page.split("\n") if line]
    under = sum(above in linked and above not in kept and line in kept for above, line in pairwise(lines))
    mere = kept.intersection(items)
    return (under >= 3 and 2 * under >= len(kept)) or (len(mere) >= 3 and 2 * len(mere) >= len(kept))
