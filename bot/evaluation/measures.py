"""The measures: plain functions from answers to figures. Shares are from 0 to 1."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from bot.evaluation.sets import KINDS, WHO, Line
from bot.understanding.reading import Reading
from bot.understanding.routes import GROUPS, OUT_OF_SCOPE
from bot.understanding.safety import Tier

BINS: Final = 10


@dataclass(frozen=True, slots=True)
class Answer:
    """A line and what it was understood to be, with the time that took: by the clock and of the processor, in ms."""

    line: Line
    reading: Reading
    ms: float = 0.0
    cpu_ms: float = 0.0

    @property
    def right(self) -> bool:
        """Whether the route is the one that was meant, sure or not."""
        return self.reading.route == self.line.route

    @property
    def right_or_asked(self) -> bool:
        """Whether the route is the one that was meant, or that one is on a button."""
        return self.right or self.line.route in self.reading.offered


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    count: int
    of: int

    @property
    def value(self) -> float:
        """The share; 0 of nothing is 0."""
        return self.count / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Where the true share lies with 95 % confidence (Wilson); of nothing, anywhere."""
        from scipy.stats import binomtest  # evaluation only

        if not self.of:
            return 0.0, 1.0
        found = binomtest(self.count, self.of).proportion_ci(method="wilson")
        return float(found.low), float(found.high)


@dataclass(frozen=True, slots=True)
class RouteFigures:
    """One route: how many of its lines were found, how many of those taken for it were its own, and both in one figure."""

    route: str
    recall: Share
    precision: Share

    @property
    def f1(self) -> float:
        """The harmonic mean of recall and precision."""
        return 2 * self.recall.count / (self.recall.of + self.precision.of)


@dataclass(frozen=True, slots=True)
class Bin:
    """The answers whose confidence is between two tenths: how many, how confident on average, what share is right."""

    low: float
    count: int
    confidence: float
    right: float


@dataclass(frozen=True, slots=True)
class Point:
    """With this threshold: the share that is answered without asking, and the share of those that is right."""

    sure: float
    answered: float
    right: float | None


@dataclass(frozen=True, slots=True)
class Fold:
    """One part of a cross-validation."""

    macro_f1: float
    accuracy: float


def share(holds: Iterable[bool]) -> Share:
    """How many hold, of how many."""
    all_of_them = list(holds)
    return Share(sum(all_of_them), len(all_of_them))


def by_route(meant: Sequence[str], found: Sequence[str]) -> list[RouteFigures]:
    """The figures of each route that was meant at least once, in the order of first mention."""
    pairs = list(zip(meant, found, strict=True))
    return [
        RouteFigures(
            route,
            recall=share(one == route for wanted, one in pairs if wanted == route),
            precision=share(wanted == route for wanted, one in pairs if one == route),
        )
        for route in dict.fromkeys(meant)
    ]


def macro_f1(meant: Sequence[str], found: Sequence[str]) -> float:
    """The mean F1 of the routes that were meant at least once; each counts the same, rare or not."""
    return float(np.mean([figures.f1 for figures in by_route(meant, found)]))


def unrelated_score(reading: Reading) -> float:
    """How likely it seems that a message is about something else.

    A reading carries the share of its own route only: it is that share for `out_of_scope`, and what is left of 1 for others.
    """
    return reading.confidence if reading.route == OUT_OF_SCOPE else 1 - reading.confidence


def auroc(unrelated: Sequence[bool], scores: Sequence[float]) -> float:
    """How often an unrelated message scores higher than a related one: 0.5 is a guess, 1 always."""
    from sklearn.metrics import roc_auc_score  # evaluation only

    return float(roc_auc_score(unrelated, scores))


def calibration(confidences: Sequence[float], right: Sequence[bool]) -> list[Bin]:
    """The bins that are not empty. A confidence of 1 belongs to the last."""
    confident, holds = np.asarray(confidences, dtype=float), np.asarray(right, dtype=bool)
    places = np.minimum((confident * BINS).astype(int), BINS - 1)
    masks = [(number, places == number) for number in range(BINS)]
    return [
        Bin(number / BINS, int(mask.sum()), float(confident[mask].mean()), float(holds[mask].mean()))
        for number, mask in masks
        if mask.any()
    ]


def expected_calibration_error(bins: Sequence[Bin]) -> float:
    """How far confidence and truth lie apart, over all bins, each weighed by its answers."""
    return sum(bin.count * abs(bin.confidence - bin.right) for bin in bins) / sum(bin.count for bin in bins)


def threshold_curve(answers: Sequence[Answer]) -> list[Point]:
    """What another `sure` would do, in steps of a hundredth. A certain crisis is answered whatever the threshold."""
    points = []
    for sure in np.linspace(0, 1, 101).tolist():
        answered = [one.right for one in answers if one.reading.tier is Tier.CERTAIN or one.reading.confidence >= sure]
        points.append(Point(sure, len(answered) / len(answers), sum(answered) / len(answered) if answered else None))
    return points


def tiers(answers: Sequence[Answer]) -> dict[str, tuple[Share, Share]]:
    """For each kind of safety line, how many are `certain`, and how many `certain` or `possible`."""
    readings = {kind: [one.reading.tier for one in answers if one.line.kind == kind] for kind in KINDS}
    return {
        kind: (share(tier is Tier.CERTAIN for tier in found), share(tier is not Tier.NONE for tier in found))
        for kind, found in readings.items()
    }


def with_floors(routes: Sequence[Answer], mistyped: Sequence[Answer], safety: Sequence[Answer]) -> dict[str, float]:
    """Every figure that has a floor, by the floor's name. The time for `mistyped`, which nobody wrote so, does not count."""
    who = [one for one in routes if one.line.route in WHO]
    unrelated = [one for one in routes if one.line.route == OUT_OF_SCOPE]
    tier = {name: (certain.value, either.value) for name, (certain, either) in tiers(safety).items()}
    right = share(one.right for one in routes).value
    cpu = [one.cpu_ms for one in (*routes, *safety)]
    return {
        "right": right,
        "right_or_asked": share(one.right_or_asked for one in routes).value,
        "who_right": share(one.right for one in who).value,
        "who_right_or_asked": share(one.right_or_asked for one in who).value,
        "unrelated_left_alone": share(one.reading.route in GROUPS["talk"] for one in unrelated).value,
        "crisis_found": tier["crisis"][1],
        "danger_found": tier["danger"][1],
        "ordinary_certain_at_most": tier["ordinary"][0],
        "ordinary_either_at_most": tier["ordinary"][1],
        "typos_cost_at_most": right - share(one.right for one in mistyped).value,
        "cpu_ms_p50_at_most": float(np.percentile(cpu, 50)),
        "cpu_ms_p99_at_most": float(np.percentile(cpu, 99)),
    }
