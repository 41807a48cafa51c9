"""The thresholds are checked at the start, each by its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import StartError
from bot.settings import ROOT
from bot.understanding.thresholds import load_thresholds

SHIPPED = ROOT / "data" / "thresholds.yml"


def test_the_shipped_ones_are_in_order() -> None:
    shipped = load_thresholds(SHIPPED)
    assert shipped.crisis_with_word < shipped.crisis_possible < shipped.crisis_certain
    assert shipped.worth_offering < shipped.out_of_scope < shipped.sure


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [("sure:", "shure:", "shure"), ("sure: 0", "sure: 7", "sure"), ("sure: 0", "sure: x0", "sure")],
)
def test_a_wrong_one_is_named(tmp_path: Path, old: str, new: str, named: str) -> None:
    path = tmp_path / "thresholds.yml"
    path.write_text(SHIPPED.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(StartError, match=rf"thresholds\.yml: .*{named}"):
        load_thresholds(path)
