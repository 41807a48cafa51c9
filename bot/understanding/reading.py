"""Reading a message: from a clean text to a route, a tier, and what to offer when it is not sure."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Final

from bot.understanding.routes import CORRECT_ME, OUT_OF_SCOPE, ROUTES
from bot.understanding.safety import CRISIS, CRISIS_ROUTES, Finding, Lexicon, Tier
from bot.understanding.text import LONG, parts
from bot.understanding.thresholds import Thresholds

#: How likely each label is: a route, `out_of_scope/<kind>`, or `crisis/<route>` from the head that knows crises only.
Shares = Mapping[str, float]
Classify = Callable[[str], Awaitable[Shares]]

#: At most so many routes are offered.
OFFERED: Final = 3
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

    def __init__(self, lexicon: Lexicon, classify: Classify, thresholds: Thresholds) -> None:
        self._lexicon, self._classify, self._thresholds = lexicon, classify, thresholds

    async def read(self, text: str, previous_route: str | None = None) -> Reading:
        """Understand a clean text of any length. After a crisis answer less is enough for another."""
        if not text:
            return Reading(OUT_OF_SCOPE, kind="nothing_typed")
        found = self._lexicon.check(text)
        shares = await self._shares(text)
        return self._weigh(shares, found, long=len(text) > LONG, after_crisis=previous_route in CRISIS_ROUTES)

    async def _shares(self, text: str) -> dict[str, float]:
        """Each label's share: for a long text, the surest part's (a need is often one sentence among many).

        A crisis has those of the part that is likeliest to be one, the surest or not.
        """
        read = [await self._classify(part) for part in parts(text)]
        surest: Shares = max(read, key=_surest)
        best = dict(surest)
        for route in CRISIS_ROUTES:
            likeliest = max(read, key=lambda shares: _crisis(shares, route))
            best |= {label: likeliest[label] for label in (route, CRISIS + route) if label in likeliest}
        return best

    def _weigh(self, shares: Shares, found: Finding, *, long: bool, after_crisis: bool) -> Reading:
        routes = dict.fromkeys(ROUTES, 0.0)
        for label, share in shares.items():
            if not label.startswith(CRISIS):
                routes[label.partition("/")[0]] += share
        crises = {route: _crisis(shares, route) for route in CRISIS_ROUTES}
        crisis = max(crises, key=lambda route: crises[route])
        limits = self._thresholds
        eased = limits.after_crisis if after_crisis else 1.0
        either = sum(crises.values())
        crisis_word = found.tier is Tier.CERTAIN and found.route in CRISIS_ROUTES
        if found.route and crisis_word and (found.welsh or either >= limits.word_absurd):
            return Reading(found.route, Tier.CERTAIN, long=long)
        # Of many pieces the likeliest may be so by chance: of a long text the classifier alone is never certain.
        if not long and crises[crisis] >= limits.crisis_certain * eased:
            return Reading(crisis, Tier.CERTAIN, crises[crisis], long=long)
        enough = limits.crisis_possible
        if found.lowered or found.likely or found.tier is Tier.POSSIBLE:
            enough = limits.crisis_negated if found.lowered else limits.crisis_with_word
        possible = (crisis_word and not found.likely) or found.beside or either >= enough * eased
        # A certain word of child_at_risk or refuse_illegal: no crisis, but no doubt either.
        if found.tier is Tier.CERTAIN and found.route and not crisis_word:
            route, confidence = found.route, 1.0
        else:
            route = max(routes, key=lambda name: routes[name])
            if routes[route] < limits.sure and routes[OUT_OF_SCOPE] >= limits.out_of_scope:
                route = OUT_OF_SCOPE
            confidence = routes[route]
        return Reading(
            route=route,
            tier=Tier.POSSIBLE if possible else Tier.NONE,
            confidence=confidence,
            offered=() if confidence >= limits.sure else self._offered(routes),
            kind=_kind(shares) if route == OUT_OF_SCOPE else None,
            long=long,
        )

    def _offered(self, routes: Mapping[str, float]) -> tuple[str, ...]:
        likely = sorted((name for name in routes if name not in _NEVER_OFFERED), key=lambda name: -routes[name])
        return tuple(name for name in likely[:OFFERED] if routes[name] >= self._thresholds.worth_offering) or tuple(likely[:2])


def _crisis(shares: Shares, route: str) -> float:
    """How likely a crisis is: the geometric mean of what two heads think, which were taught differently and are wrong apart."""
    share = shares.get(route, 0.0)
    return sqrt(share * shares.get(CRISIS + route, share))


def _surest(shares: Shares) -> float:
    return max(share for label, share in shares.items() if not label.startswith(CRISIS))


def _kind(shares: Shares) -> str | None:
    kinds = {label: share for label, share in shares.items() if label.startswith(f"{OUT_OF_SCOPE}/")}
    return max(kinds, key=lambda label: kinds[label]).partition("/")[2] if kinds else None
