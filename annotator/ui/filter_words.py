"""Filters in words: what fields and values are called in chips, lists and for screen readers."""

from __future__ import annotations

from annotator.model import ALL_OF, NONE, Condition, Field

FIELD_WORDS: dict[Field, str] = {
    "status": "Status",
    "flagged": "Flag",
    "stance": "Stance",
    "suggested": "Suggested stance",
    "sureness": "Sureness",
    "label": "Label",
    "actor": "Actor",
    "open": "Open suggestions",
    "alike": "Near-duplicates",
    "source": "Source",
    "published": "Date",
    "language": "Language",
    "annotator": "Annotator",
}
FIELD_HINTS: dict[Field, str] = {
    "status": "to do, done, skipped",
    "flagged": "flagged or not",
    "stance": "as you set it",
    "suggested": "and not decided yet",
    "sureness": "of the suggestion",
    "label": "that you gave",
    "actor": "named in it",
    "open": "left or none left",
    "alike": "the same text elsewhere",
    "source": "where it is from",
    "published": "a year, a month, a range",
    "language": "given or found",
    "annotator": "who worked on it",
}
_CHIP: dict[Field, str] = {"suggested": "Suggested", "open": "Suggestions"}
_VALUES: dict[tuple[Field, str], str] = {
    ("status", "todo"): "to do",
    ("status", "in_progress"): "in progress",
    ("flagged", "yes"): "flagged",
    ("flagged", "no"): "not flagged",
    ("open", "yes"): "open",
    ("open", "no"): "none open",
    ("alike", "yes"): "has some",
    ("alike", "no"): "none",
    ("stance", NONE): "not set",
    ("suggested", NONE): "none, or decided",
    ("label", NONE): "none yet",
    ("actor", NONE): "nobody",
    ("source", NONE): "unknown",
    ("published", NONE): "unknown",
    ("language", NONE): "unknown",
    ("annotator", NONE): "nobody yet",
}


def value_words(field: Field, value: str) -> str:
    """Return a value as people read it."""
    if field == "label" and value != NONE:
        layer, _, name = value.partition("/")
        return name if layer == "entity" else f"{layer[:1].upper()}{layer[1:]}: {name}"
    if field == "published" and value != NONE:
        low, dots, high = (part.strip() for part in value.partition(".."))
        if dots:
            return f"from {low} to {high}" if low and high else f"from {low}" if low else f"until {high}"
    return _VALUES.get((field, value), value)


def chip_words(condition: Condition, again: bool) -> str:
    """Return what stands in a chip; ``again``: the one before it is about the same field."""
    words = value_words(condition.field, condition.value)
    if again:
        return f"{'and' if condition.field in ALL_OF else 'or'} {words}"
    return f"{_CHIP.get(condition.field, FIELD_WORDS[condition.field])}: {words}"
