"""Reading a message: from a clean text to a route, a tier, and what to offer when it is not sure."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from bot.understanding.routes import CORRECT_ME, OUT_OF_SCOPE, ROUTES
from bot.understanding.safety import CRISIS_ROUTES, Finding, Lexicon, Tier
from bot.understanding.text import LONG, parts

#: Labels with their probabilities, likeliest first. A label is a route or `out_of_scope/<kind>`.
Ranking = Sequence[tuple[str, float]]
Rank = Callable[[str], Awaitable[Ranking]]

#: Below this share of certainty the visitor is asked which of the likeliest routes is meant.
SURE: Final = 0.45
#: Offered are at most so many routes, each at least this likely.
OFFERED: Final = 3
WORTH_OFFERING: Final = 0.08
#: A crisis that the classifier sees: sure enough to replace the answer, or to stand beside it.
CRISIS_CERTAIN: Final = 0.5
CRISIS_POSSIBLE: Final = 0.12
#: Not buttons: what a visitor can hardly mean by a whole message that was not understood.
_NEVER_OFFERED: Final = frozenset(
    {"greet", "thanks", "goodbye", "abusive", "refuse_illegal", OUT_OF_SCOPE, CORRECT_ME, "restart"}
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a message was understood to be.

    `offered` is empty when the route is sure enough to be answered; otherwise it names the routes to offer as buttons.
    `kind` is the kind of an `out_of_scope` message, where it has one.
    """

    route: str
    tier: Tier = Tier.NONE
    confidence: float = 1.0
    offered: tuple[str, ...] = ()
    kind: str | None = None
    long: bool = False


class Reader:
    """The lexicon first, then the classifier."""

    def __init__(self, lexicon: Lexicon, rank: Rank) -> None:
        self._lexicon, self._rank = lexicon, rank

    async def read(self, text: str) -> Reading:
        """Understand a clean text of any length."""
        if not text:
            return Reading(OUT_OF_SCOPE, kind="nothing_typed")
        found = self._lexicon.check(text)
        if found.tier is Tier.CERTAIN and found.route in CRISIS_ROUTES:
            return Reading(found.route or OUT_OF_SCOPE, Tier.CERTAIN, long=len(text) > LONG)
        labels = await self._labels(text)
        return _weigh(labels, found, long=len(text) > LONG)

    async def _labels(self, text: str) -> dict[str, float]:
        """Each label's probability: for a long text, the surest part's (a need is often one sentence among many)."""
        best: dict[str, float] = {}
        crisis = dict.fromkeys(CRISIS_ROUTES, 0.0)  # the most of any part, the surest or not
        for part in parts(text):
            ranking = dict(await self._rank(part))
            crisis = {route: max(share, ranking.get(route, 0.0)) for route, share in crisis.items()}
            if not best or max(ranking.values()) > max(best.values()):
                best = ranking
        return {**best, **crisis}


def _weigh(labels: dict[str, float], found: Finding, *, long: bool) -> Reading:
    routes = dict.fromkeys(ROUTES, 0.0)
    for label, share in labels.items():
        routes[label.partition("/")[0]] += share
    if found.tier is Tier.CERTAIN and found.route:  # child_at_risk or refuse_illegal: no crisis, but no doubt either
        route, confidence = found.route, 1.0
    else:
        route = max(routes, key=lambda name: routes[name])
        confidence = routes[route]
    crisis = max(CRISIS_ROUTES, key=lambda name: routes[name])
    if route == crisis and confidence >= CRISIS_CERTAIN:
        return Reading(route, Tier.CERTAIN, confidence, long=long)
    possible = found.tier is Tier.POSSIBLE or routes[crisis] >= CRISIS_POSSIBLE
    return Reading(
        route=route,
        tier=Tier.POSSIBLE if possible else Tier.NONE,
        confidence=confidence,
        offered=() if confidence >= SURE else _offered(routes),
        kind=_kind(labels) if route == OUT_OF_SCOPE else None,
        long=long,
    )


def _offered(routes: dict[str, float]) -> tuple[str, ...]:
    likely = sorted((name for name in routes if name not in _NEVER_OFFERED), key=lambda name: -routes[name])
    return tuple(name for name in likely[:OFFERED] if routes[name] >= WORTH_OFFERING) or tuple(likely[:2])


def _kind(labels: dict[str, float]) -> str | None:
    kinds = {label: share for label, share in labels.items() if label.startswith(f"{OUT_OF_SCOPE}/")}
    return max(kinds, key=lambda label: kinds[label]).partition("/")[2] if kinds else None
