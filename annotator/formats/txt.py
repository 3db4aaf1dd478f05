"""Plain text files in any encoding: one file, one article."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from charset_normalizer import from_bytes

from annotator.formats.disguised import refuse_disguised
from annotator.formats.item import AS_TEXT, Item, advised, unreadable
from annotator.formats.registry import HEAD, Format
from annotator.model import ArticleInput, ArticleRecord, InputFileError, Progress
from annotator.text import LARGEST_TEXT, first_line, normalise, sha256, too_long

_BOMS = (  # UTF-32 first: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What news articles of before UTF-8 are in; in case of a tie the earlier one. More of them would only
# make short texts worse: 30 letters of KOI8-R are fine Hebrew too.
_LEGACY = [
    "cp1252",
    "cp1251",
    "koi8_r",
    "cp866",
    "cp1250",
    "cp1254",
    "iso8859_5",
    "mac_cyrillic",
    "koi8_u",
    "iso8859_2",
    "mac_roman",
    "cp1253",
    "cp1257",
    "cp1256",
    "cp1255",
    "gb18030",
    "big5",
    "shift_jis",
    "euc_jp",
    "euc_kr",
]

_CONTROLS = re.compile("[\0-\x08\x0e-\x19\x1c-\x1f\x7f-\x84\x86-\x9f]")

_TITLE_LIMIT = 200  # a longer first line is prose
_CUT = 90  # where prose has to serve as a title
_NO_TITLE = re.compile(  # cookie notices, consent buttons and navigation above the headline
    r"""(our\ |your\ )? privacy\ (policy|statement|notice|settings|preferences)\b
    | (we|this\ (web)?site)\ uses?\ cookies | we\ value\ your\ privacy
    | we\ (and\ our|store|care\ about)\b .* \b(cookies|data|device|privacy)\b
    | by\ (continuing|using|clicking)\b .* \b(site|cookies|accept|agree)\b
    | cookie\ (policy|settings|notice) | manage\ (cookies|preferences)
    | (i\ |we\ )? (agree|accept) (\ all)? (\ cookies)? ($|\ reject) | (accept|reject)\ all\b
    | more\ (choices|options)$ | (home|search|share|continue|ok|log\ ?in|read\ more|close)$
    | skip\ to\b | (main\ )? (menu|navigation)$ | advertisement | subscribe\b | sign\ (in|up)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_FIRST_SENTENCE = re.compile(r"(.+?[.!?։…])(?=\s|$)")
_HASH = re.compile(r"(?=\w*\d)[0-9a-f]{6,}|\d+", re.IGNORECASE)


def read(path: Path, mapping: Mapping[str, str] | None = None) -> Iterator[Item]:
    """Yield the one article of a text file; raises ``InputFileError``."""
    try:
        size = path.stat().st_size
        if size > 4 * LARGEST_TEXT:  # bytes: no encoding takes more for a character
            raise InputFileError(path, too_long(size, "bytes"))
        data = path.read_bytes()
    except OSError as error:
        raise InputFileError(path, unreadable(error)) from error
    refuse_disguised(path, data[:HEAD])
    yield Item(record(decode_file(path, data)))


def record(article: ArticleInput) -> ArticleRecord:
    """Return the record of an article that nobody has touched."""
    article = replace(article, text=normalise(article.text))
    return ArticleRecord(article, sha256(article.text), None, Progress(), (), (), ())


def decode_file(path: Path, data: bytes) -> ArticleInput:
    """Return the article in the bytes of the file called ``path``; raises ``InputFileError``."""
    try:
        text, encoding = decode(data)
    except ValueError as error:
        raise InputFileError(path, advised(error, AS_TEXT)) from error
    text = text.removeprefix("\ufeff")
    if len(text) > LARGEST_TEXT:
        raise InputFileError(path, too_long(len(text)))
    if not text.strip():
        raise InputFileError(path, "is empty; leave it out")
    # On Linux a file name may hold bytes that are no UTF-8; Python smuggles them in as surrogates.
    name = path.name.encode(errors="surrogateescape").decode(errors="replace")
    meta = {"file": name} if encoding == "utf-8" else {"file": name, "encoding": encoding}
    return ArticleInput(text, guess_title(normalise(text), Path(name).stem), meta=meta)


def decode(data: bytes, *, is_text: bool = False) -> tuple[str, str]:
    """Return (text, name of its encoding); raises ``ValueError`` for what is no text.

    ``is_text``: it is known to be one, however many control characters it has.

    A byte order mark decides; then strict UTF-8; then UTF-16 by its zero bytes; then charset-normalizer
    among the encodings that articles come in.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            try:
                return data[len(mark) :].decode(encoding), encoding
            except UnicodeDecodeError as error:
                raise ValueError(
                    f"does not look like text: it begins like {encoding.upper()} "
                    f"but byte {error.start + len(mark)} is not"
                ) from error
    # UTF-16 has one for each space at least; a few in a long text are dirt, which normalising drops.
    if data.count(b"\0") > len(data) / 50:
        return _wide(data)
    try:
        text, encoding = data.decode(), "utf-8"
    except UnicodeDecodeError:
        text, encoding = _legacy(data)
    if not is_text and len(_CONTROLS.findall(text)) > len(text) / 50:
        raise ValueError("does not look like text")
    return text, encoding


def _wide(data: bytes) -> tuple[str, str]:
    """Decode UTF-16 without a byte order mark: the byte order that gives more spaces."""
    found = []
    for encoding in ("utf-16-le", "utf-16-be"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if all(c in "\t\n\v\f\r" or unicodedata.category(c) not in ("Cc", "Cn", "Co") for c in text):
            found.append((text.count(" ") + text.count("\n"), text, encoding))
    if not found or not max(found)[0]:
        raise ValueError("does not look like text")
    _, text, encoding = max(found)
    return text, encoding


def _legacy(data: bytes) -> tuple[str, str]:
    matches = list(from_bytes(data, cp_isolation=_LEGACY))
    if not matches:
        raise ValueError("does not look like text")

    def place(encodings: list[str]) -> int:
        return min((_LEGACY.index(e) for e in encodings if e in _LEGACY), default=len(_LEGACY))

    best = min(
        matches, key=lambda m: (round(m.chaos, 3), -round(m.coherence, 3), place(m.could_be_from_charset))
    )
    names = best.could_be_from_charset  # all that give the same text
    return str(best), min(names, key=lambda name: place([name]))


def guess_title(text: str, name: str) -> str:
    """Return a title for normalised ``text`` from a file called ``name`` (without suffix; may be '').

    The first line that is no cookie notice or navigation, where it is no longer than 200 characters;
    else the file's name, where it has words; else the beginning of the first sentence.
    """
    lines = (" ".join(line.split()) for line in text.split("\n", 200)[:200])
    candidates = [line for line in lines if any(c.isalnum() for c in line)]
    line = next((line for line in candidates[:20] if not _NO_TITLE.match(line)), "")
    if line and len(line) <= _TITLE_LIMIT:
        return line
    return readable(name) or _beginning(line or first_line(text, 10_000)) or name or "Untitled"


def readable(name: str) -> str:
    """Return a file's name as words ("02_western-dreams": "Western dreams"), '' where it has none."""
    words = [word for word in re.split(r"[\s_\-.]+", name) if word and not _HASH.fullmatch(word)]
    if not any(sum(c.isalpha() for c in word) >= 3 for word in words):
        return ""
    title = " ".join(words)
    return title[:1].upper() + title[1:]


def _beginning(line: str) -> str:
    """Return the first sentence of ``line``, cut at a word to about 90 characters."""
    sentence = _FIRST_SENTENCE.match(line)
    if sentence and len(sentence[1]) <= _CUT:
        return sentence[1]
    if len(line) <= _CUT:
        return line
    cut = line.rfind(" ", _CUT // 2, _CUT)
    return line[: cut if cut > 0 else _CUT].rstrip(" ,;:–—-") + "…"


FORMAT = Format("txt", "plain text", (".txt",), read, many=False)
