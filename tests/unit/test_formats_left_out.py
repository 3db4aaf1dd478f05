"""What is said of what was left out: one and several, in one way."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from annotator import formats
from annotator.formats.left_out import counted, not_held


@pytest.mark.parametrize(
    ("several", "one"),
    [
        ("relations", "1 relation"),
        ("discontinuous spans", "1 discontinuous span"),
        ("notes on what was left out", "1 note on what was left out"),
        ("taxonomy choices", "1 taxonomy choice"),
        ("rows without text (a.csv, line 2)", "1 row without text (a.csv, line 2)"),
        ("offers to subscribe (is the article whole?)", "1 offer to subscribe (is the article whole?)"),
        ("labels of whole articles", "1 label of a whole article"),
        ("deletions under tracked changes", "1 deletion under tracked changes"),
        ("codings with an unknown code", "1 coding with an unknown code"),
        (
            "texts as they were written (tokens alone came: these may be near copies)",
            "1 text as it was written (tokens alone came: this may be a near copy)",
        ),
        ("stretches of hidden text", "1 stretch of hidden text"),
        ("signs of symbol fonts", "1 sign of a symbol font"),
        ("line ends in notes", "1 line end in a note"),
        ("page headers, footers and page numbers", "1 page header, footer or page number"),
    ],
)
def test_one_and_several(several: str, one: str) -> None:
    assert counted(1, several) == one
    assert counted(2000, several) == f"2,000 {several}"


def test_what_has_no_place_is_one_sentence() -> None:
    assert not_held("this file", {"rejections": 0}) == []
    lost = {"rejections": 2, "notes": 0, "labels of whole articles": 1}
    assert not_held("this file", lost) == ["Not in this file: 2 rejections, 1 label of a whole article."]


def test_no_format_has_a_way_of_its_own_to_say_it() -> None:
    for module in Path(formats.__file__).parent.glob("*.py"):
        found = re.search(r"has no place for them\.|\} times\.", module.read_text("utf-8"))
        assert found is None, module.name
