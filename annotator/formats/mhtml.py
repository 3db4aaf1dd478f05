"""Pages that a browser saved in one file, with their pictures (MHTML): the page itself, taken out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from annotator.formats.item import AdvisedError

if TYPE_CHECKING:
    from email.message import Message

SUFFIXES = (".mhtml", ".mht")
_NONE = "holds no page. Save the page again, complete or in one file"


def page_of(data: bytes) -> tuple[bytes, str | None, str | None]:
    """Return (the page as it was sent, the encoding that it was sent in, its address), the last two if known.

    Raises ``AdvisedError`` where there is no page.
    """
    from email import message_from_bytes

    try:
        message = message_from_bytes(data)
        page = next(part for part in message.walk() if part.get_content_type() == "text/html")
        content = page.get_payload(decode=True)
    except (StopIteration, RecursionError, LookupError, TypeError) as error:
        raise AdvisedError(_NONE) from error
    if not isinstance(content, bytes):
        raise AdvisedError(_NONE)
    address = _header(message, "Snapshot-Content-Location") or _header(page, "Content-Location")
    return content, page.get_content_charset(), address


def _header(part: Message, name: str) -> str | None:
    value = part.get(name)
    return "".join(str(value).split()) or None if value is not None else None
