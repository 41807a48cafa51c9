"""The measures give the figures that can be worked out by hand."""

from __future__ import annotations

import msgspec
import pytest

from bot.evaluation.measures import (
    Answer,
    Bin,
    RouteFigures,
    Share,
    auroc,
    by_route,
    calibration,
    expected_calibration_error,
    macro_f1,
    share,
    threshold_curve,
    tiers,
    unrelated_score,
    with_floors,
)
from bot.evaluation.sets import KINDS, Floors, Line, under_floor
from bot.understanding.reading import Reading
from bot.understanding.safety import Tier

#: Three of "greet" with one taken for "thanks", two of "thanks" with none wrong.
MEANT = ["greet", "greet", "greet", "thanks", "thanks"]
FOUND = ["greet", "greet", "thanks", "thanks", "thanks"]
FLOORS = Floors(
    right=0.5,
    right_or_asked=0.75,
    who_right=0.5,
    who_right_or_asked=1,
    unrelated_left_alone=0.5,
    crisis_found=1,
    danger_found=0.5,
    ordinary_certain_at_most=0,
    ordinary_either_at_most=0.5,
    typos_cost_at_most=0.25,
    cpu_ms_p50_at_most=2,
    cpu_ms_p99_at_most=4,
)


def answer(route: str, found: str, *offered: str, kind: str = "", tier: Tier = Tier.NONE, sure: float = 0.5) -> Answer:
    """A line that was meant for `route`, and what it was taken for."""
    return Answer(Line("text", route, kind=kind), Reading(found, tier, sure, offered), ms=9, cpu_ms=2)


#: Of four, two right and one more on a button; of two who-routes, one right and the other on a button.
ROUTES = [
    answer("own_behaviour", "own_behaviour", sure=0.9),
    answer("survivor", "another_adult", "another_adult", "survivor", sure=0.4),
    answer("ask_cost", "ask_hours", sure=0.7),
    answer("out_of_scope", "greet", sure=0.6),
]
MISTYPED = [answer("own_behaviour", "greet")]
#: Both tiers of the first two kinds, one false alarm of two ordinary lines.
SAFETY = [
    answer("suicide_crisis", "suicide_crisis", kind="crisis", tier=Tier.CERTAIN),
    answer("suicide_crisis", "survivor", kind="crisis", tier=Tier.POSSIBLE),
    answer("immediate_danger", "greet", kind="danger"),
    answer("immediate_danger", "immediate_danger", kind="danger", tier=Tier.CERTAIN),
    answer("greet", "greet", kind="ordinary", tier=Tier.POSSIBLE),
    answer("greet", "greet", kind="ordinary"),
]


def test_recall_precision_and_f1_of_each_route() -> None:
    greet, thanks = by_route(MEANT, FOUND)
    assert greet == RouteFigures("greet", recall=Share(2, 3), precision=Share(2, 2))
    assert thanks == RouteFigures("thanks", recall=Share(2, 2), precision=Share(2, 3))
    assert (greet.f1, thanks.f1) == (0.8, 0.8)


def test_macro_f1_counts_each_route_the_same_and_agrees_with_scikit_learn() -> None:
    from sklearn.metrics import f1_score

    meant, found = [*MEANT, "goodbye", "goodbye"], [*FOUND, "greet", "greet"]
    assert macro_f1(MEANT, FOUND) == pytest.approx(0.8)
    assert macro_f1(meant, found) == pytest.approx(f1_score(meant, found, average="macro", zero_division=0))


def test_a_route_that_is_never_found_has_an_f1_of_nothing() -> None:
    [only] = by_route(["greet"], ["thanks"])
    assert (only.recall.value, only.precision.value, only.f1) == (0, 0, 0)


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [(0, 10, 0.0, 0.27753), (10, 10, 0.72247, 1.0), (8, 10, 0.49016, 0.94332), (50, 100, 0.40383, 0.59617), (0, 0, 0, 1)],
)
def test_wilsons_interval(count: int, of: int, low: float, high: float) -> None:
    assert Share(count, of).interval == pytest.approx((low, high), abs=1e-5)


def test_a_share_counts_what_holds() -> None:
    assert share(n > 1 for n in (1, 2, 3, 4)) == Share(3, 4)
    assert (Share(3, 4).value, Share(0, 0).value) == (0.75, 0)


@pytest.mark.parametrize(
    ("unrelated", "scores", "area"),
    [
        ([False, False, True, True], [0.1, 0.4, 0.35, 0.8], 0.75),
        ([False, True], [0.1, 0.9], 1),
        ([False, True], [0.9, 0.1], 0),
        ([False, True], [0.5, 0.5], 0.5),
    ],
)
def test_auroc(unrelated: list[bool], scores: list[float], area: float) -> None:
    assert auroc(unrelated, scores) == pytest.approx(area)


def test_a_reading_seems_unrelated_by_its_confidence_or_the_lack_of_it() -> None:
    assert unrelated_score(Reading("out_of_scope", confidence=0.7)) == pytest.approx(0.7)
    assert unrelated_score(Reading("ask_cost", confidence=0.7)) == pytest.approx(0.3)


def test_calibration_has_ten_bins_and_leaves_empty_ones_out() -> None:
    bins = calibration([0.05, 0.92, 0.98, 1.0], [False, True, False, True])
    assert [(one.low, one.count) for one in bins] == [(0.0, 1), (0.9, 3)]
    assert bins[1].confidence == pytest.approx(2.9 / 3)
    assert bins[1].right == pytest.approx(2 / 3)


def test_the_calibration_error_weighs_each_bin_by_its_answers() -> None:
    assert expected_calibration_error([Bin(0.0, 1, 0.05, 0), Bin(0.9, 3, 0.9, 0.5)]) == pytest.approx((0.05 + 3 * 0.4) / 4)
    assert expected_calibration_error([Bin(0.5, 8, 0.5, 0.5)]) == 0


def test_a_higher_threshold_answers_fewer_but_always_a_certain_crisis() -> None:
    certain = answer("suicide_crisis", "suicide_crisis", tier=Tier.CERTAIN, sure=0.3)
    curve = {round(point.sure, 2): point for point in threshold_curve([*ROUTES, certain])}
    assert len(curve) == 101
    assert (curve[0.0].answered, curve[0.0].right) == (1, 0.4)
    assert (curve[0.65].answered, curve[0.65].right) == (0.6, pytest.approx(2 / 3))
    assert (curve[1.0].answered, curve[1.0].right) == (0.2, 1)
    assert threshold_curve(ROUTES)[-1].right is None


def test_tiers_are_counted_for_each_kind() -> None:
    assert tiers(SAFETY) == {
        "crisis": (Share(1, 2), Share(2, 2)),
        "danger": (Share(1, 2), Share(1, 2)),
        "ordinary": (Share(0, 2), Share(1, 2)),
    }
    assert tuple(tiers(SAFETY)) == KINDS


def test_every_floor_has_a_figure() -> None:
    assert with_floors(ROUTES, MISTYPED, SAFETY) == {
        "right": 0.25,
        "right_or_asked": 0.5,
        "who_right": 0.5,
        "who_right_or_asked": 1,
        "unrelated_left_alone": 1,  # taken for "greet", which is talk
        "crisis_found": 1,
        "danger_found": 0.5,
        "ordinary_certain_at_most": 0,
        "ordinary_either_at_most": 0.5,
        "typos_cost_at_most": 0.25,
        "cpu_ms_p50_at_most": 2,
        "cpu_ms_p99_at_most": 2,
    }


def test_what_is_on_its_floor_is_good_enough_and_what_is_under_it_is_named() -> None:
    on_it = msgspec.structs.asdict(FLOORS)
    assert under_floor(on_it, FLOORS) == []
    assert [one.name for one in under_floor({**on_it, "right": 0.499}, FLOORS)] == ["right"]
    [slow] = under_floor({**on_it, "cpu_ms_p99_at_most": 4.1}, FLOORS)
    assert (slow.name, slow.measured, slow.floor) == ("cpu_ms_p99_at_most", 4.1, 4)
    assert [one.name for one in under_floor({**on_it, "danger_found": float("nan")}, FLOORS)] == ["danger_found"]


@pytest.mark.parametrize("name", Floors.__struct_fields__)
def test_a_better_figure_is_never_under_its_floor(name: str) -> None:
    better = -1.0 if name.endswith("_at_most") else 2.0
    assert under_floor({**msgspec.structs.asdict(FLOORS), name: better}, FLOORS) == []
    assert [one.name for one in under_floor({**msgspec.structs.asdict(FLOORS), name: 0.5 - better * 9}, FLOORS)] == [name]
