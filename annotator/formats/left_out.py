"""How many of what was left out, in words: "1 relation", "3 labels of whole articles"."""

from __future__ import annotations

import re
from collections.abc import Mapping

_PLURAL = re.compile(
    r"((?:[\w-]+ )*?[\w-]+?)(ies|s)(?=$|,| \(| (?:at|of|on|outside|that|to|under|with|without)\b)", re.ASCII
)
_ONE = {
    "colours and descriptions of codes": "colour or description of a code",
    "ends of cells of more than 32,767 characters": "end of a cell of more than 32,767 characters",
    "holders or targets": "holder or target",
    "labels of whole articles": "label of a whole article",
    "line ends in notes": "line end in a note",
    "names of labels, of which the file has only the numbers": "name of a label, of which the file has only "
    "the number",
    "notes that are not in the file": "note that is not in the file",
    "page headers, footers and page numbers": "page header, footer or page number",
    "rejections or notes": "rejection or note",
    "signs of symbol fonts": "sign of a symbol font",
    "stretches of hidden text": "stretch of hidden text",
    "texts as they were written (tokens alone came: these may be near copies)": "text as it was written "
    "(tokens alone came: this may be a near copy)",
    "values of user_data that are no JSON": "value of user_data that is no JSON",
}


def counted(number: int, things: str) -> str:
    """Return how many of the things, which are in the plural: "1 relation", "2,000 relations"."""
    if number != 1:
        return f"{number:,} {things}"
    if things in _ONE:
        return f"1 {_ONE[things]}"
    found = _PLURAL.match(things)
    if found is None:
        return f"1 {things}"
    return f"1 {found[1]}{'y' if found[2] == 'ies' else ''}{things[found.end() :]}"


def not_held(where: str, lost: Mapping[str, int]) -> list[str]:
    """Return a sentence on what has no place in ``where``, a file or folder; none where nothing was lost."""
    things = ", ".join(counted(number, what) for what, number in lost.items() if number)
    return [f"Not in {where}: {things}."] if things else []
