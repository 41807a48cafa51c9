"""How often one address may ask. None is kept: a keyed hash is, for the minute, under a key that dies with the process."""

from __future__ import annotations

import ipaddress
import secrets
import time
from collections import Counter
from collections.abc import Callable
from hashlib import blake2b
from typing import Final

#: Beyond so many addresses in one minute nobody more is counted: the queue's bound holds all the same.
MAX_ADDRESSES: Final = 100_000


class Rates:
    """Counts requests by address within the present minute, and forgets all of them when it ends.

    An IPv6 visitor has a whole /64 network to choose addresses from, so it is the network that counts. A loopback address is
    not limited: it is somebody at this machine, or a proxy that was not named as one, behind which everybody looks the same.
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute, self._clock = per_minute, clock
        self._key = secrets.token_bytes(32)
        self._minute = 0
        self._asked: Counter[bytes] = Counter()

    def allows(self, address: str | None) -> bool:
        """Count one request; whether it is within the limit. What is no address (a Unix socket's peer) is not limited."""
        self.forget_old()
        try:
            parsed = ipaddress.ip_address(address or "")
        except ValueError:
            return True
        parsed = getattr(parsed, "ipv4_mapped", None) or parsed
        if parsed.is_loopback:
            return True
        network = parsed.packed[:8] if parsed.version == 6 else parsed.packed
        who = blake2b(network, key=self._key, digest_size=16).digest()
        if who not in self._asked and len(self._asked) >= MAX_ADDRESSES:
            return True
        self._asked[who] += 1
        return self._asked[who] <= self._per_minute

    def forget_old(self) -> None:
        """Forget the minutes before this one."""
        minute = int(self._clock() // 60)
        if minute != self._minute:
            self._minute = minute
            self._asked = Counter()
