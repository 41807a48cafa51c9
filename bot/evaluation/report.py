"""The report: one HTML file with its pictures inside, for people who don't program."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.evaluation import measures, pictures
from bot.evaluation.cross_validation import CrossValidation
from bot.evaluation.measures import Answer, Share, share
from bot.evaluation.sets import WHO, Floors, under_floor
from bot.understanding.routes import OUT_OF_SCOPE, ROUTES
from bot.understanding.safety import Tier

#: What each figure with a floor says, in plain words.
WORDS: Final = {
    "right": "The first guess is the right route",
    "right_or_asked": "The first guess is right, or the right route is on a button",
    "who_right": "The same first guess, where the message says who it is about",
    "who_right_or_asked": "First guess or button, where the message says who it is about",
    "unrelated_left_alone": "Unrelated messages that are taken for unrelated, or for talk",
    "crisis_found": "Messages of somebody who may die by suicide that are noticed (certain or possible)",
    "danger_found": "Messages of danger to somebody now that are noticed (certain or possible)",
    "ordinary_certain_at_most": "Ordinary messages that get a crisis answer instead of their own",
    "ordinary_either_at_most": "Ordinary messages that get crisis numbers at all, instead or beside",
    "typos_cost_at_most": "What typing errors cost of the right first guesses",
    "cpu_ms_p50_at_most": "Processor time for a message, the middle one",
    "cpu_ms_p99_at_most": "Processor time for a message, 99 of 100 take less",
}


@dataclass(frozen=True, slots=True)
class Results:
    """What was measured. `mistyped` are the lines of `routes` with typing errors; `sure` is the threshold in use.

    `crossed` is None where the cross-validation was left out.
    """

    routes: Sequence[Answer]
    mistyped: Sequence[Answer]
    safety: Sequence[Answer]
    crossed: CrossValidation | None
    sure: float
    floors: Floors


@dataclass(frozen=True, slots=True)
class Held:
    """A figure beside its floor, both as people read them."""

    words: str
    measured: str
    floor: str
    holds: bool


def against_floors(results: Results) -> list[Held]:
    """Every figure that has a floor, in the order of the file."""
    measured = measures.with_floors(results.routes, results.mistyped, results.safety)
    low = {one.name for one in under_floor(measured, results.floors)}
    return [
        Held(
            WORDS[name],
            _written(name, measured[name]),
            f"at {'most' if name.endswith('_at_most') else 'least'} {_written(name, floor)}",
            name not in low,
        )
        for name, floor in msgspec.structs.asdict(results.floors).items()
    ]


def render(results: Results, today: date) -> str:
    """The whole page. Needs nothing from elsewhere: no script, no font, no other file."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["percent"] = percent
    return environment.get_template("report.html").render(
        {
            "today": today.isoformat(),
            "results": results,
            "certain": Tier.CERTAIN,
            "summary": _summary(results),
            "floors": against_floors(results),
            **_tables(results),
            **_misses(results),
            "pictures": _pictures(results),
        }
    )


def percent(value: float) -> str:
    """A share as people read it: `86.9 %`."""
    return f"{100 * value:.1f} %"


def _written(name: str, value: float) -> str:
    if "_ms_" in name:
        return f"{value:.1f} ms"
    return f"{100 * value:.1f} points" if name.startswith("typos_cost") else percent(value)


def _summary(results: Results) -> list[str]:
    """Three sentences that anybody understands."""
    tiers = measures.tiers(results.safety)
    crisis, danger, ordinary = (tiers[kind][1] for kind in ("crisis", "danger", "ordinary"))
    right, asked = (percent(one.value) for one in _right(results.routes))
    understood = (
        f"Signpost read {len(results.routes)} invented messages that it had not learnt from: its first guess at what the "
        f"visitor needs was right for {right} of them, and for {asked} the right answer was its first guess or one of the "
        "buttons that it offered."
    )
    noticed = (
        f"It noticed {crisis.count} of {crisis.of} messages from or about somebody who may die by suicide, and {danger.count} "
        f"of {danger.of} about danger to somebody at this moment."
    )
    alarmed = f"Of {ordinary.of} ordinary messages, many of which sound alarming, {ordinary.count} were shown crisis numbers."
    return [understood, noticed, alarmed]


def _right(answers: Sequence[Answer]) -> tuple[Share, Share]:
    return share(one.right for one in answers), share(one.right_or_asked for one in answers)


def _tables(results: Results) -> dict[str, Any]:
    routes, safety = results.routes, results.safety
    meant, found = [one.line.route for one in routes], [one.reading.route for one in routes]
    answered = [one for one in routes if not one.reading.offered]
    tags = sorted({tag for one in routes for tag in one.line.tags})
    times = np.array([(one.ms, one.cpu_ms) for one in (*routes, *safety)])
    bins = measures.calibration([one.reading.confidence for one in routes], [one.right for one in routes])
    return {
        "groups": {
            "all": _right(routes),
            "who it is about": _right([one for one in routes if one.line.route in WHO]),
            "with typing errors": _right(results.mistyped),
            **{f"tagged {tag}": _right([one for one in routes if tag in one.line.tags]) for tag in tags},
        },
        "answered": share(not one.reading.offered for one in routes),
        "answered_right": share(one.right for one in answered),
        "macro_f1": measures.macro_f1(meant, found),
        "by_route": measures.by_route(meant, found),
        "tiers": measures.tiers(safety),
        "safety_tags": _safety_tags(safety),
        "auroc": measures.auroc(
            [route == OUT_OF_SCOPE for route in meant], [measures.unrelated_score(one.reading) for one in routes]
        ),
        "bins": bins,
        "calibration_error": measures.expected_calibration_error(bins),
        "times": np.percentile(times, [50, 99], axis=0).T.tolist(),
    }


def _safety_tags(safety: Sequence[Answer]) -> dict[str, tuple[Share, Share]]:
    """For each tag: how many crisis and danger lines are noticed, and how many ordinary ones raise a false alarm."""
    found = {}
    for tag in sorted({tag for one in safety for tag in one.line.tags}):
        tagged = [(one.line.kind == "ordinary", one.reading.tier is not Tier.NONE) for one in safety if tag in one.line.tags]
        real, false = ([noticed for ordinary, noticed in tagged if ordinary is wanted] for wanted in (False, True))
        found[tag] = share(real), share(false)
    return found


def _misses(results: Results) -> dict[str, list[Answer]]:
    alarmed = {"crisis": True, "danger": True, "ordinary": False}
    return {
        "missed": [one for one in results.routes if not one.right],
        "missed_safety": [one for one in results.safety if (one.reading.tier is not Tier.NONE) != alarmed[one.line.kind]],
    }


def _pictures(results: Results) -> dict[str, str]:
    """The pictures as addresses that hold the picture itself."""
    routes = results.routes
    bins = measures.calibration([one.reading.confidence for one in routes], [one.right for one in routes])
    drawn = {
        "confusion": pictures.confusion_matrix(
            [one.line.route for one in routes], [one.reading.route for one in routes], ROUTES
        ),
        "threshold": pictures.threshold_curve(measures.threshold_curve(routes), results.sure),
        "reliability": pictures.reliability(bins),
    }
    return {name: "data:image/png;base64," + b64encode(png).decode("ascii") for name, png in drawn.items()}
