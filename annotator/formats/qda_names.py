"""How ours stands in a REFI-QDA project: what its writer and its reader agree on."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

ORIGIN = "Annotator"
BETWEEN = "::"
"""What stands between the names of a code and those it stands under, as in ATLAS.ti."""

METADATA = {
    "source": "Source",
    "url": "URL",
    "author": "Author",
    "published": "Published",
    "language": "Language",
}
"""Our metadata and the names of the variables that hold them."""
META = "Annotator metadata"
"""The variable for metadata without a name of its own, as JSON."""

DETAILS = ("certainty", "actor", "holder", "target", "status", "flagged")
"""What the description of a note says in a line each: the name, a colon, a value as JSON."""

_GUID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_MOMENT = re.compile(r"20\d\d-(?:0[1-9]|1[012])-(?:[01]\d|2[0-8])T(?:[01]\d|2[0-3])(?::[0-5]\d){2}\.\d{3}Z")
_OURS = uuid.UUID("6a1f2f0e-8f0b-5c52-9d3f-0c6f2b7a9e41")


def guid(kind: str, *names: str) -> str:
    """Return the GUID of something of ours that has none: always the same for the same names.

    It is ``uuid.uuid5``, without its objects in a third of the time.
    """
    digits = hashlib.sha1(_OURS.bytes + "\0".join((kind, *names)).encode(), usedforsecurity=False).hexdigest()
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-5{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"


def own_guid(text: str) -> str:
    """Return the id of an article or annotation as a GUID: itself where it is one."""
    if _GUID.fullmatch(text):
        return text
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return guid("id", text)


def beside(id_: str) -> str:
    """Return the GUID of what an annotation stands on: its own, of version 8 (RFC 9562: custom)."""
    return f"{id_[:14]}8{id_[15:]}" if id_[14] in "1234567" else guid("beside", id_)


def details(values: Mapping[str, Any]) -> str:
    """Return what is there of ``values`` in lines that people and :func:`detailed` can read."""
    return "\n".join(
        f"{name}: {json.dumps(values[name], ensure_ascii=False)}"
        for name in DETAILS
        if values.get(name) not in (None, False)
    )


def detailed(words: str) -> dict[str, Any] | None:
    """Return what :func:`details` wrote; None for other words."""
    values: dict[str, Any] = {}
    for line in words.strip().split("\n"):
        name, _, value = line.partition(": ")
        if name not in DETAILS:
            return None
        try:
            values[name] = json.loads(value)
        except (ValueError, RecursionError):
            return None
    return values


def moment(words: str | None) -> str:
    """Return a time of the file as ours are written (UTC, milliseconds), "" where it is none."""
    if words and _MOMENT.fullmatch(words):
        return words
    try:
        time = datetime.fromisoformat(words or "")
        time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):
        return ""
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
