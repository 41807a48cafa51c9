"""How often one address may ask: counted for a minute, and never kept."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Iterable

import pytest

from bot.web import rates
from bot.web.rates import Rates

VISITOR = "203.0.113.7"


class Clock:
    def __init__(self) -> None:
        self.now = 6_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def asked(counting: Rates, addresses: Iterable[str | None]) -> list[bool]:
    return [counting.allows(address) for address in addresses]


def test_the_limit_holds_within_a_minute_and_for_each_address_alone(clock: Clock) -> None:
    counting = Rates(3, clock)
    assert asked(counting, [VISITOR] * 5) == [True, True, True, False, False]
    clock.now += 59
    assert asked(counting, [VISITOR, "203.0.113.8"]) == [False, True]
    clock.now += 1
    assert asked(counting, [VISITOR] * 4) == [True, True, True, False]


@pytest.mark.parametrize(
    ("first", "second", "are_one"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:1:2:3", True),
        ("2001:db8:1:2::1", "2001:DB8:1:2::0001", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        (VISITOR, f"::ffff:{VISITOR}", True),
        ("203.0.113.7", "203.0.113.8", False),
    ],
)
def test_who_counts_as_one(first: str, second: str, are_one: bool, clock: Clock) -> None:
    """An IPv6 visitor has a whole /64 to choose from; an IPv4 address may come written as an IPv6 one."""
    counting = Rates(1, clock)
    assert counting.allows(first)
    assert counting.allows(second) is not are_one


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1", None, "", "unix", "203.0.113.7:80"])
def test_this_machine_and_what_is_no_address_are_not_limited(address: str | None, clock: Clock) -> None:
    assert all(asked(Rates(1, clock), [address] * 5))


def strings_within(thing: object) -> list[bytes]:
    """Every string and bytes that can be reached from a thing."""
    found, seen, waiting = [], set[int](), [thing]
    while waiting:
        item = waiting.pop()
        if id(item) not in seen and not isinstance(item, type):
            seen.add(id(item))
            found += [item.encode()] if isinstance(item, str) else [item] if isinstance(item, bytes) else []
            waiting += gc.get_referents(item)
    return found


def test_neither_an_address_nor_its_plain_hash_is_kept(clock: Clock) -> None:
    """A plain hash would be as good as the address: there are only four thousand million to try."""
    counting = Rates(3, clock)
    for address in (VISITOR, "2001:db8:1:2::1"):
        assert counting.allows(address)
    kept = strings_within([vars(counting)[name] for name in ("_asked", "_minute", "_per_minute", "_key")])
    packed = bytes([203, 0, 113, 7])
    plain = [VISITOR.encode(), packed, b"2001:db8", bytes.fromhex("20010db800010002")]
    plain += [hashlib.new(name, what).digest()[:16] for name in ("sha256", "sha1", "md5", "blake2b") for what in plain]
    plain += [hashlib.blake2b(packed, digest_size=16).digest()]
    assert len([digest for digest in kept if len(digest) == 16]) == 2
    assert [one for one in kept for other in plain if other in one] == []


def test_after_the_minute_nothing_is_left_even_if_nobody_comes(clock: Clock) -> None:
    counting = Rates(3, clock)
    counting.allows(VISITOR)
    clock.now += 60
    counting.forget_old()
    assert len(vars(counting)["_asked"]) == 0


def test_each_process_has_a_key_of_its_own(clock: Clock) -> None:
    digests = set()
    for _ in range(5):
        counting = Rates(3, clock)
        counting.allows(VISITOR)
        digests |= set(vars(counting)["_asked"])
    assert len(digests) == 5


def test_a_flood_of_addresses_takes_no_more_room(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "MAX_ADDRESSES", 10)
    counting = Rates(1, clock)
    assert all(asked(counting, (f"203.0.113.{number}" for number in range(200))))
    assert len(vars(counting)["_asked"]) == 10
    assert not counting.allows("203.0.113.5")  # who was counted stays so
