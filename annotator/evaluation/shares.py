"""Shares with what they were counted from, their intervals, and the comparison of two of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

LEAST = 10
"""A share of fewer is not said: its interval spans half of everything."""

_Z = 1.959964  # the normal distribution's 97.5th percentile: intervals hold in 95 of 100 cases


@dataclass(frozen=True, slots=True)
class Share:
    """``hits`` out of ``n``."""

    hits: int
    n: int

    @property
    def enough(self) -> bool:
        """Whether there are enough to say a share at all."""
        return self.n >= LEAST

    @property
    def value(self) -> float | None:
        """The share from 0 to 1, None where there are too few."""
        return self.hits / self.n if self.enough else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95% interval, None where there are too few."""
        return wilson(self.hits, self.n) if self.enough else None

    def words(self) -> str:
        """Return "71% (58-82% of 52)", or why there is no share."""
        if self.interval is None:
            return f"{self.hits} of {self.n}, too few" if self.n else "none yet"
        low, high = self.interval
        return f"{self.hits / self.n:.0%} ({low * 100:.0f}–{high:.0%} of {self.n:,})"

    def as_dict(self) -> dict[str, Any]:
        """Return the numbers as JSON knows them."""
        low, high = self.interval or (None, None)
        return {"hits": self.hits, "n": self.n, "share": self.value, "low": low, "high": high}


def wilson(hits: int, n: int) -> tuple[float, float]:
    """Return the 95% score interval of the share ``hits / n`` (``n`` above 0).

    With p = hits / n: (p + z²/2n ± z sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n). E. B. Wilson, Probable inference,
    the law of succession, and statistical inference, Journal of the American Statistical Association 22
    (1927), 209-212. It supposes that the cases do not depend on each other.
    """
    p, square = hits / n, _Z * _Z
    middle = p + square / (2 * n)
    reach = _Z * math.sqrt(p * (1 - p) / n + square / (4 * n * n))
    low, high = (middle - reach) / (1 + square / n), (middle + reach) / (1 + square / n)
    return max(0.0, low), min(1.0, high)


def newcombe(first: Share, second: Share) -> tuple[float, float]:
    """Return the 95% interval of the difference of two independent shares, the first less the second.

    With d = p1 - p2 and the Wilson intervals (l, u) of both: d - sqrt((p1-l1)² + (u2-p2)²) to
    d + sqrt((u1-p1)² + (p2-l2)²). R. G. Newcombe, Interval estimation for the difference between independent
    proportions: comparison of eleven methods, Statistics in Medicine 17 (1998), 873-890, method 10.
    """
    p, q = first.hits / first.n, second.hits / second.n
    (l1, u1), (l2, u2) = wilson(first.hits, first.n), wilson(second.hits, second.n)
    return p - q - math.hypot(p - l1, u2 - q), p - q + math.hypot(u1 - p, q - l2)


@dataclass(frozen=True, slots=True)
class BlindFigures:
    """How often people and machine agreed on an article's stance: who saw what it said, and who did not.

    ``left_out`` are blind ones whose suggestion is gone, or came after the machine had learnt from that very
    article.
    """

    seen: Share
    blind: Share
    left_out: int

    @property
    def difference(self) -> tuple[float, float] | None:
        """The 95% interval of how much oftener those who saw it agreed; None where either are too few."""
        return newcombe(self.seen, self.blind) if self.seen.enough and self.blind.enough else None

    def sentence(self) -> str:
        """Return what the comparison says."""
        seen, blind = self.seen, self.blind
        if not blind.n and not self.left_out:
            return (
                "No stance was chosen blind yet, so nobody can tell whether the suggestions sway people: "
                "set a blind share in Tools > Project settings."
            )
        left_out = ""
        if self.left_out:
            left_out = (
                f" {self.left_out:,} blind {'one is' if self.left_out == 1 else 'ones are'} left out: the "
                "machine made no suggestion there, or has learnt from the answer since."
            )
        difference = self.difference
        if difference is None:
            return (
                f"Too few to compare: {seen.n:,} stances were chosen with the suggestion in sight and "
                f"{blind.n:,} blind ones can be counted; it takes {LEAST} of each.{left_out}"
            )
        low, high = difference
        if low > 0:
            meaning = "seeing it sways them"
        elif high < 0:
            meaning = "seeing it puts them off"
        else:
            meaning = "the difference may be chance"
        return (
            f"People agreed with the machine in {seen.hits / seen.n:.0%} of {seen.n:,} articles when they "
            f"saw its suggestion and in {blind.hits / blind.n:.0%} of {blind.n:,} blind ones: {meaning} "
            f"(difference {low * 100:+.0f} to {high * 100:+.0f} points).{left_out}"
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the numbers as JSON knows them."""
        return {
            "seen": self.seen.as_dict(),
            "blind": self.blind.as_dict(),
            "left_out": self.left_out,
            "difference": list(self.difference) if self.difference else None,
        }
