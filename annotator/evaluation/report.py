"""The figures as tables, the same on the command line, in the window and in files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from annotator.evaluation.answers import AnswerFigures, LayerFigures
from annotator.evaluation.shares import LEAST, BlindFigures, Share
from annotator.evaluation.stances import NOT_SURE, STANCES, Bin, StanceFigures
from annotator.text import safe_cell

LAYERS = {
    "entity": "Entities",
    "zone": "Zones",
    "stance": "Stances, as answered",
    "passage": "Passages",
}
NOTHING = (
    "Nothing can be said yet: nobody has answered a suggestion. Let the machine suggest (Tools > Suggest), "
    "accept, correct and reject in some articles, mark them done, and come back."
)


Cell = str | Share


def words_of(cell: Cell) -> str:
    """Return what a cell says."""
    return cell if isinstance(cell, str) else cell.words()


@dataclass(frozen=True, slots=True)
class Table:
    """A table with what is to be known about it; ``group`` is the part of the report that it stands in."""

    group: str
    title: str
    words: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything: the layers' answers, blind against seen, and the stances replayed.

    ``stances`` is None where they were not replayed; ``why`` says why, in a sentence.
    """

    layers: tuple[LayerFigures, ...]
    blind: BlindFigures
    stances: StanceFigures | None
    why: str = ""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to say yet."""
        answered = any(layer.total.answered or layer.total.missed for layer in self.layers)
        return not answered and (self.stances is None or not self.stances.n)

    def as_dict(self) -> dict[str, Any]:
        """Return all numbers as JSON knows them (docs/suggestions.md explains them)."""
        return {
            "least": LEAST,
            "layers": [layer.as_dict() for layer in self.layers],
            "blind": self.blind.as_dict() | {"sentence": self.blind.sentence()},
            "stances": self.stances.as_dict() if self.stances else None,
            "stances_why": self.why or None,
        }

    def tables(self) -> list[Table]:
        """Return all figures as tables, without those that would be empty."""
        tables = [table for layer in self.layers for table in _layer(layer)]
        if self.stances is not None and (self.stances.n or self.stances.unread):
            tables += _stances(self.stances)
        tables.append(_blind(self.blind))
        return tables

    def text(self) -> str:
        """Return the report as plain text, for a terminal or the clipboard."""
        if self.empty:
            return NOTHING
        parts, group = [], ""
        for table in self.tables():
            if table.group != group:
                group = table.group
                parts.append(f"{group}\n{'=' * len(group)}")
            parts.append(plain_table(table))
        if self.why:
            parts.append(self.why)
        return "\n\n".join(parts)

    def csv(self) -> str:
        """Return all numbers as CSV: where each stands in :meth:`as_dict`, and its value."""
        out = io.StringIO()
        # All words are quoted: where only some are, csv leaves a lone carriage return to end the line.
        writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)
        writer.writerow(("figure", "value"))
        for path, value in _flat("", self.as_dict()):
            writer.writerow((path, safe_cell(value)))
        return out.getvalue()


def _flat(path: str, value: Any) -> Iterable[tuple[str, Any]]:
    """Yield the leaves of nested dicts and lists, with where they stand: ``layers/0/total/accepted``."""
    if isinstance(value, dict):
        inner: Iterable[tuple[Any, Any]] = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    else:
        yield path, value
        return
    for key, entry in inner:
        yield from _flat(f"{path}/{key}" if path else str(key), entry)


def plain_table(table: Table) -> str:
    """Return a table as plain text."""
    lines = [table.title] + ([table.words] if table.words else [])
    if table.rows:
        grid = [table.columns, *(tuple(map(words_of, row)) for row in table.rows)]
        widths = [max(len(row[column]) for row in grid) for column in range(len(table.columns))]
        for row in grid:
            cells = [
                cell.ljust(width) if column == 0 else cell.rjust(width)
                for column, (cell, width) in enumerate(zip(row, widths, strict=True))
            ]
            lines.append("  " + "  ".join(cells).rstrip())
    return "\n".join(lines)


def _layer(layer: LayerFigures) -> Iterable[Table]:
    if not (layer.total.answered or layer.total.missed or layer.total.bulk):
        return
    group = LAYERS.get(layer.layer, layer.layer)
    answers = ("answered", "accepted (precision)", "corrected", "rejected")
    found = ("found (recall)", "missed", "F1", "left open")
    notes = (
        "Shares with their 95% interval and what they were counted from. Recall is of articles that are done."
    )
    if layer.total.bulk:
        notes += f" {layer.total.bulk:,} accepted in the whole project at once, unseen, are in no share."
    rows = [*layer.labels, layer.total] if len(layer.labels) != 1 else layer.labels
    yield Table(group, "By label", notes, ("label", *answers, *found), _rows(rows))
    columns = ("component", *answers, "of all found", "left open")
    yield Table(
        group,
        "By component",
        "",
        columns,
        tuple((f.name, *_answered(f), f.found, f"{f.open:,}") for f in layer.components),
    )
    if layer.changes:
        yield Table(
            group,
            "Relabelled most often",
            "",
            ("suggested", "given", "times"),
            tuple((label, became, f"{number:,}") for label, became, number in layer.changes),
        )
    if len(layer.periods) > 1:
        note = f"{layer.undated:,} without a known time are left out." if layer.undated else ""
        columns = ("when", *answers, *found[:2])
        over = [("all", layer.periods)]
        over += [(name, parts) for name, parts in layer.component_periods.items() if len(parts) > 1]
        over += [(name, parts) for name, parts in layer.label_periods.items() if len(parts) > 1]
        for name, parts in over:
            title = "Over time" if name == "all" else f"Over time: {name}"
            rows_ = tuple((f.name, *_answered(f), f.found, f.miss_rate) for f in parts)
            yield Table(group, title, note, columns, rows_)
            note = ""


def _answered(figures: AnswerFigures) -> tuple[Cell, ...]:
    return (f"{figures.answered:,}", figures.precision, figures.corrected, figures.refused)


def _rows(figures: Sequence[AnswerFigures]) -> tuple[tuple[Cell, ...], ...]:
    return tuple(
        (
            f.name,
            *_answered(f),
            f.found,
            f.miss_rate,
            "" if f.f1 is None else f"{f.f1:.2f}",
            f"{f.open:,}",
        )
        for f in figures
    )


def _stances(figures: StanceFigures) -> Iterable[Table]:
    group = "Stances, judged again"
    unread = ""
    if figures.unread:
        unread = f" {figures.unread:,} in languages without cue words were not judged."
    shown = (
        ("a label is said (coverage)", figures.sure),
        ("right, where one is said", figures.right_when_sure),
        ("opposite side, of all", figures.opposite),
        ("likeliest label right", figures.likeliest_right),
        ("opposite side, likeliest label", figures.likeliest_opposite),
    )
    numbers = (
        ("macro-F1, not sure is wrong", figures.macro_f1),
        ("macro-F1 of the likeliest label", figures.likeliest_macro_f1),
        ("calibration error", figures.calibration_error),
        ("Brier score (0 best, 0.67 by chance)", figures.brier),
    )
    yield Table(
        group,
        "In short",
        f"{figures.n:,} labelled articles, each judged by what had been learnt before its label.{unread}",
        ("figure", "value"),
        (
            *shown,
            *((name, _number(value, figures.n)) for name, value in numbers),
        ),
    )
    heads = ("people say", *(f"machine: {name}" for name in (*STANCES, NOT_SURE)), "opposite side")
    yield Table(
        group,
        "Who said what",
        "",
        heads,
        tuple(
            (
                label,
                *(f"{figures.confusion.get((label, said), 0):,}" for said in (*STANCES, NOT_SURE)),
                _opposite(figures, label),
            )
            for label in STANCES
        ),
    )
    yield Table(
        group,
        "By label",
        "",
        ("label", "right when said (precision)", "found (recall)"),
        tuple((score.label, score.precision, score.recall) for score in figures.labels),
    )
    yield Table(
        group,
        "Calibration: what a probability is worth",
        "The probability of the likeliest stance, and how often it was right.",
        ("stated", "on average", "right"),
        tuple((_range(b), f"{b.stated:.0%}", b.right) for b in figures.bins),
    )
    yield Table(
        group,
        "Learning curve",
        "How often the likeliest stance was right, beside the rules alone on the same articles.",
        ("labels learnt from", "right", "rules alone", "a label is said", "right, where said"),
        tuple(
            (
                f"{p.first:,}" if p.first == p.last else f"{p.first:,} to {p.last:,}",
                p.right,
                p.by_rules,
                p.sure,
                p.right_when_sure,
            )
            for p in figures.curve
        ),
    )


def _range(one: Bin) -> str:
    return f"{one.low:.0%} to {one.high:.0%}" if one.low else f"under {one.high:.0%}"


def _opposite(figures: StanceFigures, label: str) -> Cell:
    other = {"pro-West": "pro-Russia", "pro-Russia": "pro-West"}.get(label)
    if other is None:
        return ""
    n = sum(number for (given, _), number in figures.confusion.items() if given == label)
    return Share(figures.confusion.get((label, other), 0), n)


def _number(value: float | None, n: int) -> str:
    return f"{n} articles, too few" if value is None else f"{value:.2f} ({n:,} articles)"


def _blind(figures: BlindFigures) -> Table:
    return Table(
        "Do they sway people?",
        "Agreement of people and machine on an article's stance",
        figures.sentence(),
        ("suggestion", "agreed"),
        (("seen", figures.seen), ("hidden (blind)", figures.blind)),
    )
