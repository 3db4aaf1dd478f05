"""What the spans panel and the tool-tips say of the open article's spans."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from annotator.ui.chips import one_line
from annotator.ui.claim_words import claim_lines, claim_row
from annotator.ui.span_layout import Key, ShownSpan
from annotator.ui.spans_model import GATHERED, ZONE, PanelSpan, Told

if TYPE_CHECKING:
    from annotator.ui.labelling import Labelling

CONTEXT = 28  # characters of context on each side of a mention in the spans panel


class SpanRows:
    """The panel's row of each span, made once; its words are found out when somebody sees it."""

    def __init__(self, labelling: Labelling) -> None:
        self._labelling = labelling
        self._rows: dict[Key, PanelSpan] = {}

    def forget(self, key: Key) -> None:
        """Make the row of this span anew."""
        self._rows.pop(key, None)

    def of(self, spans: Iterable[ShownSpan]) -> list[PanelSpan]:
        """Return the rows of ``spans``, in their order."""
        rows, known = [], self._rows
        about: dict[
            tuple[str | None, str], tuple[str, str, bool]
        ] = {}  # the same actors come again and again
        for shown in spans:
            row = known.get(shown.key)
            if row is None:
                if shown.layer == "entity":
                    item = self._labelling.item(shown)
                    named = item.actor if item is not None else None, shown.label
                    if named not in about:
                        about[named] = self._about(*named)
                    row = self._row(shown, about[named])
                else:
                    row = self._row(shown, ("", "", False))
                known[shown.key] = row
            rows.append(row)
        return rows

    def _row(self, shown: ShownSpan, about: tuple[str, str, bool]) -> PanelSpan:
        quote = self._labelling.text[shown.start : shown.end]
        return PanelSpan(
            shown.key, shown.start, shown.end, quote, shown.layer, shown.label, shown.color,
            shown.suggested, self._tell, *about,
        )  # fmt: skip

    def _tell(self, row: PanelSpan) -> Told:
        labelling = self._labelling
        item = labelling.item(row)
        if item is None:
            return Told()
        context = ""
        if row.layer not in GATHERED:
            words = labelling.text[max(0, row.start - CONTEXT) : row.end + CONTEXT]
            context = one_line(f"…{words}…")
        said = "" if row.layer == ZONE else claim_row(item)
        return Told(context, for_reader(item.reason, labelling.annotator), said)

    def _about(self, actor: str | None, label: str) -> tuple[str, str, bool]:
        """Return an actor's name and bloc, "" where it is not known, and whether the project has them."""
        from annotator.project.facts import facts  # late: the window does not wait for the project's modules

        blocs = self._labelling.blocs
        if actor is None:
            return "", "", False
        if actor in blocs:
            return actor, blocs[actor] or "", True
        return actor, facts(actor, label)[1] or "", False

    def explain(self, shown: ShownSpan) -> str:
        """Return the plain words that a span's tool-tip shows."""
        labelling = self._labelling
        quote = " ".join(labelling.text[shown.start : shown.end].split())
        quote = quote if len(quote) <= 80 else quote[:79] + "…"
        state = "suggested" if shown.suggested else labelling.annotations[shown.key[1]].origin
        lines = [f"{shown.label} · {state}", f"“{quote}”"]
        if (item := labelling.item(shown)) is not None:
            if item.actor and item.actor != quote:
                lines.append(f"Actor: {item.actor}")
            lines += claim_lines(item)
            if reason := for_reader(item.reason, labelling.annotator):
                lines.append(reason)
        return "\n".join(lines)


def for_reader(reason: str, annotator: str) -> str:
    """Return a reason as ``annotator`` reads it: "you labelled Yerevan GPE" where it names them."""
    for after in (" labelled ", " and ", ", "):
        if reason.startswith(annotator + after):
            return "you" + reason[len(annotator) :]
    return reason
