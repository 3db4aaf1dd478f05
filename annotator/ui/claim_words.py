"""What is said about an annotation beside its label, in words: whose stance, towards whom, how sure, why."""

from __future__ import annotations

from annotator.model import Annotation, Suggestion
from annotator.ui.chips import cut
from annotator.weighing import SUREST

_NOTE = 300  # characters of a note in a tool-tip


def claim(item: Annotation | Suggestion) -> str:
    """Return who stands how towards whom: "Dmitry Peskov → West"; "" where neither is named."""
    if item.holder is None and item.target is None:
        return ""
    return f"{item.holder or 'somebody'} → {item.target or 'somebody'}"


def certainty_words(certainty: int | None) -> str:
    """Return "certainty 2 of 3", without the scale where it is not ours; "" where none was given."""
    if certainty is None:
        return ""
    return f"certainty {certainty}" + (f" of {SUREST}" if certainty <= SUREST else "")


def claim_lines(item: Annotation | Suggestion) -> list[str]:
    """Return what a tool-tip says about it, line by line."""
    lines = [f"Holder: {item.holder}"] if item.holder else []
    lines += [f"Target: {item.target}"] if item.target else []
    if isinstance(item, Annotation):
        words = certainty_words(item.certainty)
        lines += [words[:1].upper() + words[1:]] if words else []
        lines += [f"Note: {cut(item.note, _NOTE)}"] if item.note else []
    return lines


def claim_row(item: Annotation | Suggestion) -> str:
    """Return the same on one line for the panel's row."""
    parts = [claim(item)]
    if isinstance(item, Annotation):
        parts += [certainty_words(item.certainty), f"“{cut(item.note, 80)}”" if item.note else ""]
    return " · ".join(part for part in parts if part)
