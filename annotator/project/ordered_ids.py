"""UUIDs for many rows at once, which lie side by side in an index."""

from __future__ import annotations

import os
import time


def ordered_ids() -> tuple[str, int]:
    """Return what UUIDs of version 7 begin with, and the number that the last 12 digits run on from.

    They are the time, 26 random bits, and a number that runs on from a random one, so that their places in
    the index lie side by side: scattered, each of a million would cost a page. Monotonic like this they are
    as in RFC 9562, 6.2, method 2.
    """
    millis, digits = f"{time.time_ns() // 1_000_000:012x}", os.urandom(4).hex()
    head = f"{millis[:8]}-{millis[8:]}-7{digits[:3]}-{'89ab'[int(digits[3], 16) & 3]}{digits[4:7]}-"
    return head, int.from_bytes(os.urandom(6)) >> 1
