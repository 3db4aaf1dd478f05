"""How a stretch of an article is cited.

``Author, “Title”, Source, date, address, characters 402–417``: what is not known is left out. The numbers are
the offsets of every export: code points of the article's text, counted from 0, the second is the first
character that is no longer part of it.
"""

from __future__ import annotations

from annotator.model import Article, ArticleInput


def reference(article: Article | ArticleInput, start: int | None, end: int | None) -> str:
    """Return the reference of a stretch, or of the whole article (offsets None)."""
    title = _line(article.title)
    parts = [
        _line(article.author),
        f"“{title}”" if title else "",
        _line(article.source),
        _line(article.published),
        _line(article.url),
    ]
    whole = ", ".join(part for part in parts if part)
    return whole if start is None else within(whole, start, end)


def within(whole: str, start: int | None, end: int | None) -> str:
    """Return the reference of a stretch of an article, given that of the whole one."""
    return f"{whole}{', ' if whole else ''}characters {start}–{end}"


def quotation(text: str, article: Article | ArticleInput, start: int, end: int) -> str:
    """Return the words of a stretch, on one line, with their reference in brackets."""
    return f"“{_line(text[start:end])}” ({reference(article, start, end)})"


def _line(words: str | None) -> str:
    return " ".join((words or "").split())
