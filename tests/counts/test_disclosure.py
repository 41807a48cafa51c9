"""No small count can be worked out from what is shown: an attack with an optimiser of its own, on tables of all kinds."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from attack import bounds_of, intervals
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bot.counts.disclosure import SMALL, Hidden, Shown, Table, protect

Cells = tuple[str, ...]
FEWER, NOT_SHOWN = Hidden.FEWER, Hidden.NOT_SHOWN

#: Mostly small, as they are.
COUNTS = st.one_of(st.just(0), st.integers(0, 7), st.integers(0, 30), st.integers(100, 2000))


def total(name: str, **parts: int) -> Table[str]:
    """One total and its parts."""
    return Table({name: sum(parts.values()), **parts}, [(name, list(parts))], costs={name: 10})


def grid(counts: dict[tuple[str, str], int], *, region: frozenset[str] = frozenset()) -> Table[Cells]:
    """Areas by weeks with all sums, and those of a region: what a report is."""
    areas, weeks = (sorted({cell[place] for cell in counts}) for place in (0, 1))
    table: Table[Cells] = Table({(area, week): counts.get((area, week), 0) for area in areas for week in weeks})

    def add(whole: Cells, parts: list[Cells], cost: float) -> None:
        table.counts[whole] = sum(table.counts[part] for part in parts)
        table.sums.append((whole, parts))
        table.costs[whole] = cost

    for area in areas:
        add((area, "all"), [(area, week) for week in weeks], 3)
    inside = [area for area in areas if area in region]
    outside = [area for area in areas if area not in region]
    for week in (*weeks, "all"):
        if inside:
            add(("region", week), [(area, week) for area in inside], 2)
        add(("all", week), [*([("region", week)] if inside else []), *((area, week) for area in outside)], 9)
    for row in ("region", "all") if inside else ("all",):
        table.sums.append(((row, "all"), [(row, week) for week in weeks]))
    return table


@st.composite
def grids(draw: st.DrawFn) -> Table[Cells]:
    areas = draw(st.lists(st.sampled_from("abcd"), min_size=1, max_size=4, unique=True))
    weeks = draw(st.lists(st.sampled_from("1234"), min_size=1, max_size=4, unique=True))
    counts = {(area, week): draw(COUNTS) for area in areas for week in weeks}
    return grid(counts, region=frozenset(draw(st.sets(st.sampled_from(areas)))))


@st.composite
def ways(draw: st.DrawFn) -> Table[Cells]:
    """Conversations and those given a pointer, by area and audience: never more of these than of those."""
    table: Table[Cells] = Table()
    areas = draw(st.lists(st.sampled_from("abc"), min_size=1, max_size=3, unique=True))
    for area in areas:
        begun = draw(COUNTS)
        given_one = draw(st.integers(0, begun))
        own = draw(st.integers(0, given_one))
        table.counts |= {
            ("begun", area): begun,
            ("given", area): given_one,
            ("given", area, "own"): own,
            ("given", area, "other"): given_one - own,
        }
        table.sums.append((("given", area), [("given", area, "own"), ("given", area, "other")]))
    for what in (("begun",), ("given",), ("given", "own"), ("given", "other")):
        parts = [(what[0], area, *what[1:]) for area in areas]
        whole = (what[0], "all", *what[1:])
        table.counts[whole] = sum(table.counts[part] for part in parts)
        table.sums.append((whole, parts))
        table.costs[whole] = 5
    table.sums.append((("given", "all"), [("given", "all", "own"), ("given", "all", "other")]))
    table.at_most = [(("given", area), ("begun", area)) for area in (*areas, "all")]
    return table


def assert_safe(table: Table[Cells] | Table[str]) -> dict[object, Shown]:
    """Nothing small is shown, nothing shown is wrong, and nothing hidden can be worked out."""
    shown = protect(table)  # type: ignore[arg-type]
    assert shown.keys() == table.counts.keys()
    for cell, count in table.counts.items():
        assert shown[cell] in ((FEWER, NOT_SHOWN) if count < SMALL else (count, NOT_SHOWN))  # type: ignore[index]
    for cell, (low, high) in intervals(table, shown).items():  # type: ignore[arg-type]
        assert low < high, cell
        count = table.counts[cell]  # type: ignore[index]
        if count < SMALL:
            assert low <= 1 and high - low >= SMALL - 2, cell
        elif cell in table.few:
            assert low <= max(SMALL, count // 2) and high >= 2 * count, cell
    return dict(shown)


@hypothesis_settings(max_examples=150)
@given(grids())
@example(grid({("a", "1"): 4, ("a", "2"): 3}))
@example(grid({("a", "1"): 0, ("b", "1"): 0, ("c", "1"): 40}, region=frozenset("abc")))
@example(grid({("a", "1"): 3, ("a", "2"): 3, ("b", "1"): 4, ("b", "2"): 4}, region=frozenset("a")))
def test_areas_by_weeks_withstand_the_attack(table: Table[Cells]) -> None:
    assert_safe(table)


@hypothesis_settings(max_examples=150)
@given(ways())
def test_the_way_to_a_pointer_withstands_the_attack(table: Table[Cells]) -> None:
    assert_safe(table)


@hypothesis_settings(max_examples=60)
@given(st.lists(st.integers(0, 9), min_size=4, max_size=4))
@example([0, 0, 3, 9])
@example([4, 3, 5, 5])
@example([1, 1, 4, 4])
def test_going_through_all_tables_leaves_four_values_or_five(counts: list[int]) -> None:
    """Two areas in two weeks are few enough to try every table there is, in whole numbers."""
    leaves = list(product("ab", "12"))
    table = grid(dict(zip(leaves, counts, strict=True)))
    shown = protect(table)
    told = all(shown[cell] is FEWER for cell, count in table.counts.items() if count < SMALL)
    tables = np.array(list(product(range(16), repeat=4)))
    possible = np.ones(len(tables), dtype=bool)
    values: dict[Cells, Any] = {}
    for cell in table.counts:
        inside = [
            place for place, leaf in enumerate(leaves) if all(own in (one, "all") for own, one in zip(cell, leaf, strict=True))
        ]
        values[cell] = tables[:, inside].sum(axis=1)
        low, high = bounds_of(shown[cell], told)
        possible &= (values[cell] >= low) & (values[cell] <= high)
    for cell, count in table.counts.items():
        if count < SMALL:
            seen = set(values[cell][possible].tolist())
            assert seen > {1, 2, 3} and count in seen


@hypothesis_settings(max_examples=75)
@given(grids(), st.data())
def test_what_a_few_conversations_did_withstands_the_attack(table: Table[Cells], data: st.DataObject) -> None:
    table.few = set(data.draw(st.lists(st.sampled_from(sorted(table.counts)), max_size=3)))
    shown = assert_safe(table)
    assert not any(isinstance(shown[cell], int) for cell in table.few)


@hypothesis_settings(max_examples=75)
@given(grids(), st.data())
def test_an_earlier_report_can_not_be_subtracted(table: Table[Cells], data: st.DataObject) -> None:
    """Some counts were shown before, of a longer or a shorter period. What lies between is a count like any other."""
    for cell in data.draw(st.lists(st.sampled_from(sorted(table.counts)), max_size=3, unique=True)):
        longer, between = data.draw(st.booleans()), data.draw(st.integers(0, 9))
        other = table.counts[cell] + (between if longer else -between)
        if other >= SMALL:
            table.earlier[cell] = [(other, longer)]
    shown = assert_safe(table)
    possible = intervals(table, protect(table))
    for cell, [(other, longer)] in table.earlier.items():
        between = abs(other - table.counts[cell])
        if table.counts[cell] >= SMALL and between < SMALL and isinstance(shown[cell], Hidden):
            low, high = possible[cell]
            least, most = (other - high, other - low) if longer else (low - other, high - other)
            assert least <= min(between, 1)
            assert most >= min(SMALL - 1, other - SMALL if longer else SMALL)
        assert not (table.counts[cell] >= SMALL and between < SMALL and isinstance(shown[cell], int))


def test_the_attack_finds_what_is_hidden_alone() -> None:
    """So that a test which never fails is not taken for a proof."""
    table = total("all", a=3, b=20, c=40)
    assert intervals(table, {"all": 63, "a": FEWER, "b": 20, "c": 40}) == {"a": (3, 3)}
    assert intervals(table, {"all": 63, "a": FEWER, "b": NOT_SHOWN, "c": 40}) == {"a": (0, 4), "b": (19, 23)}


@pytest.mark.parametrize("way", ["row", "column", "region", "pair"])
def test_the_attack_uses_every_relation(way: str) -> None:
    table = grid({("a", "1"): 2, ("a", "2"): 9, ("b", "1"): 9, ("b", "2"): 9}, region=frozenset("ab"))
    shown: dict[Cells, Shown] = dict(table.counts)
    hidden = {"row": [("a", "1"), ("b", "1")], "column": [("a", "1"), ("a", "2")], "region": [("a", "1")]}
    for cell in hidden.get(way, []):
        shown[cell] = FEWER if table.counts[cell] < SMALL else NOT_SHOWN
    if way == "pair":
        table.counts |= {("more",): 6, ("less",): 6}
        table.at_most.append((("less",), ("more",)))
        shown |= {("more",): 6, ("less",): NOT_SHOWN}
        assert intervals(table, shown)["less",] == (5, 6)
    else:
        assert intervals(table, shown)["a", "1"] == (2, 2)


def test_where_nothing_is_small_everything_is_shown() -> None:
    table = grid({("a", "1"): 5, ("a", "2"): 9, ("b", "1"): 7, ("b", "2"): 11})
    assert protect(table) == table.counts


def test_one_small_part_hides_one_other_and_not_the_total() -> None:
    assert protect(total("all", a=3, b=20, c=40)) == {"all": 63, "a": FEWER, "b": NOT_SHOWN, "c": 40}


def test_two_small_parts_that_hide_each_other_need_no_third() -> None:
    assert protect(total("all", a=2, b=2, c=40)) == {"all": 44, "a": FEWER, "b": FEWER, "c": 40}


def test_two_small_parts_of_which_nothing_would_be_left_to_guess_need_one() -> None:
    shown = protect(total("all", a=1, b=0, c=40, d=60))
    assert shown == {"all": 101, "a": FEWER, "b": FEWER, "c": NOT_SHOWN, "d": 60}


def test_a_zero_is_not_told_from_the_other_small_ones() -> None:
    with_zero, with_two = (protect(total("all", a=a, b=2 - a, c=40, d=50)) for a in (0, 2))
    assert with_zero == with_two


def test_of_two_small_parts_of_a_larger_total_1_to_4_is_left() -> None:
    table = total("all", a=4, b=3)
    shown = protect(table)
    assert shown == {"all": NOT_SHOWN, "a": FEWER, "b": FEWER}
    assert intervals(table, shown) == {"all": (5, 8), "a": (1, 4), "b": (1, 4)}


def test_when_everything_is_small_everything_is_called_so() -> None:
    assert set(protect(grid({("a", "1"): 1, ("b", "1"): 0, ("b", "2"): 2})).values()) == {FEWER}


def test_a_pair_protects_both_sides() -> None:
    """Five began and fewer than five were given a pointer: nothing else need be hidden. All five: nothing at all."""
    pair: Table[str] = Table({"begun": 5, "given": 4}, at_most=[("given", "begun")])
    assert protect(pair) == {"begun": 5, "given": FEWER}
    pair.counts["given"] = 5
    assert protect(pair) == pair.counts


def test_a_pair_that_does_not_hold_is_not_relied_on() -> None:
    """A conversation began in one week and was given its pointer in the next."""
    assert protect(Table({"begun": 5, "given": 6}, at_most=[("given", "begun")])) == {"begun": 5, "given": 6}


def test_what_two_conversations_did_seven_times_is_hidden() -> None:
    table = Table({"all": 57, "a": 7, "b": 20, "c": 30}, [("all", ["a", "b", "c"])], few={"a"}, costs={"all": 9})
    assert protect(table) == {"all": 57, "a": NOT_SHOWN, "b": NOT_SHOWN, "c": 30}


def test_tables_that_have_nothing_to_do_with_each_other_are_protected_apart() -> None:
    table = total("all", a=3, b=20)
    table.counts |= {"x": 9, "y": 9}
    assert [sorted(piece.counts) for piece in table.pieces()] == [["a", "all", "b"], ["x"], ["y"]]
    assert protect(table)["x"] == 9


def test_of_two_counts_the_cheaper_is_hidden_and_of_two_alike_the_smaller() -> None:
    table = total("all", a=3, b=20, c=40)
    table.costs |= {"b": 5}
    assert protect(table)["c"] is NOT_SHOWN
    table.costs |= {"c": 5}
    assert protect(table)["b"] is NOT_SHOWN


def test_where_a_small_count_can_be_nothing_else_nothing_of_its_table_is_shown() -> None:
    table: Table[str] = Table({"all": 20, "a": 0, "b": 20, "apart": 9}, [("all", ["a", "b"]), ("a", [])])
    assert protect(table) == {"all": NOT_SHOWN, "a": NOT_SHOWN, "b": NOT_SHOWN, "apart": 9}


def test_the_same_table_is_protected_the_same_way_again() -> None:
    table = grid({("a", "1"): 2, ("a", "2"): 9, ("b", "1"): 12, ("b", "2"): 0}, region=frozenset("b"))
    assert protect(table) == protect(table)
