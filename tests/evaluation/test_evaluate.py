"""`./signpost evaluate`: the held-apart files are whole; a run with a stand-in for the reader reports and ends as it should."""

from __future__ import annotations

import asyncio
import io
import re
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import numpy as np
import pytest
from rich.console import Console

from bot.errors import StartError
from bot.evaluation.report import WORDS
from bot.evaluation.run import evaluate
from bot.evaluation.sets import (
    KINDS,
    Floors,
    Line,
    load_floors,
    read_routes,
    read_safety,
    read_training_lines,
    with_typing_errors,
)
from bot.settings import ROOT, Settings
from bot.understanding.reading import Reading
from bot.understanding.routes import ROUTES
from bot.understanding.safety import Tier

HELD_APART = ROOT / "data" / "held_apart"
#: The project's own aims. A floor may rise above them, a ceiling sink below them; never the other way round.
AIMS = {
    "right": 0.85,
    "right_or_asked": 0.93,
    "who_right": 0.88,
    "who_right_or_asked": 0.95,
    "unrelated_left_alone": 0.95,
    "crisis_found": 0.99,
    "danger_found": 0.99,
    "ordinary_certain_at_most": 0.01,
    "ordinary_either_at_most": 0.04,
    "typos_cost_at_most": 0.03,
    "cpu_ms_p50_at_most": 5,
    "cpu_ms_p99_at_most": 12,
}
#: Ten lines, too short for typing errors.
ROUTES_FILE = """route\ttags\ttext
own_behaviour\tclean\tme
survivor\tshort\told
ask_cost\tclean,short\tfee
greet\temoji\thi 👋 <b>
out_of_scope\t\tfog
"""
SAFETY_FILE = """kind\troute\ttags\ttext
crisis\tsuicide_crisis\tshort\tdie
danger\timmediate_danger\tclean\tnow
danger\timmediate_danger\t\tsos
ordinary\tout_of_scope/food\tidiom\tpie
ordinary\tgreet\tidiom\they
"""
KNOWN = {
    "me": Reading("own_behaviour", confidence=0.9),
    "old": Reading("survivor", confidence=0.7),
    "fee": Reading("ask_cost", confidence=0.9),
    "hi 👋 <b>": Reading("greet", confidence=0.8),
    "fog": Reading("out_of_scope", confidence=0.9),
    "die": Reading("suicide_crisis", Tier.CERTAIN),
    "now": Reading("immediate_danger", Tier.CERTAIN),
    "sos": Reading("another_adult", Tier.POSSIBLE, 0.4, ("another_adult", "survivor")),
}


class StandIn:
    """Reads what it is told to, and takes all else for a greeting."""

    def __init__(self, known: dict[str, Reading]) -> None:
        self._known = known

    async def read(self, text: str) -> Reading:
        await asyncio.sleep(0)
        return self._known.get(text, Reading("greet"))


class Shape(HTMLParser):
    """What stands open, and the pictures."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.pictures: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            assert dict(attrs)["alt"]
            self.pictures.append(dict(attrs)["src"] or "")
        elif tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture
def small(tmp_path: Path) -> Settings:
    """Settings whose data are ten lines, the shipped floors and thresholds."""
    (tmp_path / "held_apart").mkdir()
    (tmp_path / "held_apart" / "routes.tsv").write_text(ROUTES_FILE, encoding="utf-8")
    (tmp_path / "held_apart" / "safety.tsv").write_text(SAFETY_FILE, encoding="utf-8")
    for name in ("floors.yml", "thresholds.yml"):
        (tmp_path / name).write_text((ROOT / "data" / name).read_text(encoding="utf-8"), encoding="utf-8")
    return Settings(data=tmp_path)


def ran(settings: Settings, out: Path, known: dict[str, Reading]) -> tuple[int, str, str]:
    """Evaluate with the stand-in. Returns the exit code, what was printed, and the report."""
    printed = io.StringIO()
    code = evaluate(settings, Console(file=printed, width=200), out, reader=StandIn(known))
    return code, printed.getvalue(), out.read_text(encoding="utf-8")


def test_all_right_holds_every_floor(small: Settings, tmp_path: Path) -> None:
    code, printed, page = ran(small, tmp_path / "results" / "evaluation.html", KNOWN)
    assert code == 0
    assert f"{len(AIMS)} figures hold, 0 do not." in printed
    assert "Under its floor" not in printed
    assert "Nothing: every figure is as good as it has to be." in page
    assert "No first guess was wrong." in page and "No crisis or danger was missed" in page


def test_what_is_under_its_floor_is_told_in_the_terminal_and_on_the_page(small: Settings, tmp_path: Path) -> None:
    wrong = {
        **KNOWN,
        "old": Reading("another_adult", Tier.NONE, 0.4, ("another_adult", "survivor")),
        "hi 👋 <b>": Reading("ask_bot", confidence=0.8),
        "die": Reading("greet", confidence=0.8),
        "pie": Reading("suicide_crisis", Tier.CERTAIN),
    }
    code, printed, page = ran(small, tmp_path / "evaluation.html", wrong)
    assert code == 1
    low = printed[printed.index("Under its floor") :]
    assert re.findall(r"^│ (.+?) +│", low, re.M) == [
        WORDS[name]
        for name in (
            *("right", "right_or_asked", "who_right", "crisis_found"),
            *("ordinary_certain_at_most", "ordinary_either_at_most"),
        )
    ]
    assert "noticed 0 of 1 messages from or about somebody who may die by suicide, and 2 of 2 about danger" in page
    assert "Of 2 ordinary messages, many of which sound alarming, 1 were shown crisis numbers." in page
    assert "right for 60.0 % of them, and for 80.0 %" in page  # three and four of five
    misses = page[page.index("What it got wrong") :]
    rows = [re.findall(r"<t[hd].*?>(.*?)</t[hd]>", row) for row in re.findall(r"<tr.*?>(.*?)</tr>", misses)]
    cells = [[re.sub(r"<.*?>", "", cell) for cell in row] for row in rows]
    assert ["survivor", "another_adult", "0.40", "another_adult, survivor", "old"] in cells
    assert ["greet", "ask_bot", "0.80", "–", "hi 👋 &lt;b&gt;"] in cells
    assert ["crisis", "none", "greet", "die"] in cells
    assert ["ordinary", "certain", "suicide_crisis", "pie"] in cells
    assert len(cells) == 2 + 2 + 2  # the two heads among them


def test_the_page_is_whole_and_needs_nothing_from_elsewhere(small: Settings, tmp_path: Path) -> None:
    _, _, page = ran(small, tmp_path / "evaluation.html", KNOWN)
    shape = Shape()
    shape.feed(page)
    assert shape.open == []
    assert len(shape.pictures) == 3
    assert all(picture.startswith("data:image/png;base64,iVBOR") for picture in shape.pictures)
    assert not re.search(r"https?://|<script|@import|url\(", page)
    for words in WORDS.values():
        assert words in page
    for figure in ("(5 of 5; 56.6 % to 100.0 %)", "(2 of 2; 34.2 % to 100.0 %)", "1.000 (1 is perfect)"):
        assert figure in page


def test_cross_validation_stands_in_the_report_when_it_is_asked_for(small: Settings, tmp_path: Path) -> None:
    (small.data / "nlu").mkdir()
    examples = "\n".join(f"    - line {number}" for number in range(4))
    entries = [f"- intent: {intent}\n  examples: |\n{examples}" for intent in ("greet", "thanks")]
    (small.data / "nlu" / "talk.yml").write_text("nlu:\n" + "\n".join(entries), encoding="utf-8")
    out, printed = tmp_path / "evaluation.html", io.StringIO()
    console = Console(file=printed, width=200)
    code = evaluate(small, console, out, folds=2, encode=lambda text: np.ones(2, np.float32), reader=StandIn(KNOWN))
    assert code == 0  # many of the lines wrong, which has no floor
    assert re.search(r"over 8 training lines in 2 parts, which flatters: macro F1 0\.\d+ \(.+\), right .+%", printed.getvalue())
    page = out.read_text(encoding="utf-8")
    assert "Cross-validation over the training lines" in page and "These figures flatter." in page
    shape = Shape()
    shape.feed(page)
    assert shape.open == []
    rows = re.findall(r"<tr>.*</tr>", page[page.index("Training lines by route") :].partition("</table>")[0])
    assert [re.sub(r"<.*?>", " ", row).split()[0] for row in rows[1:]] == ["greet", "thanks"]
    with pytest.raises(StartError, match="--folds 5: greet has 4 lines only"):
        evaluate(small, console, out, folds=5, encode=lambda text: np.ones(2, np.float32), reader=StandIn(KNOWN))


def test_cross_validation_is_left_out_with_no_folds(small: Settings, tmp_path: Path) -> None:
    _, printed, page = ran(small, tmp_path / "evaluation.html", KNOWN)
    assert "ross-validation" not in printed + page


@pytest.mark.parametrize("folds", [1, -1])
def test_a_number_of_folds_that_cant_be_is_named(folds: int, small: Settings, tmp_path: Path) -> None:
    with pytest.raises(StartError, match=f"--folds {folds}: give 2 or more, or 0"):
        evaluate(small, Console(file=io.StringIO()), tmp_path / "evaluation.html", folds=folds, reader=StandIn(KNOWN))


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("routes.tsv", "survivor\t", "survivour\t", r"routes\.tsv: line 3: no route is called 'survivour'"),
        ("routes.tsv", "survivor\tshort\told", "survivor\told", r"routes\.tsv: line 3: should have 3 columns"),
        ("routes.tsv", "\tfog", "\t ", r"routes\.tsv: line 6: should have 3 columns"),
        ("routes.tsv", "route\ttags\ttext\n", "", r"routes\.tsv: line 1: should be the columns' names"),
        ("routes.tsv", "out_of_scope\t", "greet\t", r"routes\.tsv: needs lines of who-routes and of out_of_scope"),
        ("safety.tsv", "out_of_scope/food", "out_of_scoop/food", r"safety\.tsv: line 5: no route is called 'out_of_scoop'"),
        ("safety.tsv", "danger\t", "dangr\t", r"safety\.tsv: line 3: no kind is called 'dangr'"),
        ("safety.tsv", "crisis\t", "danger\t", r"safety\.tsv: has no line of the kind crisis"),
    ],
)
def test_a_wrong_line_is_named(name: str, old: str, new: str, said: str, small: Settings, tmp_path: Path) -> None:
    path = small.data / "held_apart" / name
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(StartError, match=said):
        evaluate(small, Console(file=io.StringIO()), tmp_path / "evaluation.html", reader=StandIn(KNOWN))


def test_a_missing_file_and_a_report_that_cant_be_written_are_named(small: Settings, tmp_path: Path) -> None:
    console, reader = Console(file=io.StringIO()), StandIn(KNOWN)
    with pytest.raises(StartError, match=r"evaluation\.html: can't write the report"):
        evaluate(small, console, small.data / "floors.yml" / "evaluation.html", reader=reader)
    (small.data / "held_apart" / "safety.tsv").unlink()
    with pytest.raises(StartError, match=r"safety\.tsv"):
        evaluate(small, console, tmp_path / "evaluation.html", reader=reader)


@pytest.mark.parametrize(("old", "new", "named"), [("right:", "write:", "write"), ("right: 0", "right: 7", "right")])
def test_a_wrong_floor_is_named(old: str, new: str, named: str, small: Settings) -> None:
    path = small.data / "floors.yml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(StartError, match=rf"floors\.yml: .*{named}"):
        load_floors(path)


def test_no_floor_was_lowered_and_each_has_its_words() -> None:
    floors = msgspec.structs.asdict(load_floors(ROOT / "data" / "floors.yml"))
    assert set(floors) == set(AIMS) == set(WORDS) == set(Floors.__struct_fields__)
    for name, aim in AIMS.items():
        assert floors[name] <= aim if name.endswith("_at_most") else floors[name] >= aim, name


def test_the_held_apart_sets_cover_every_route_and_kind() -> None:
    routes, safety = read_routes(HELD_APART / "routes.tsv"), read_safety(HELD_APART / "safety.tsv")
    assert {line.route for line in routes} == set(ROUTES)
    assert {line.kind for line in safety} == set(KINDS)
    assert all(sum(line.kind == kind for line in safety) >= 70 for kind in KINDS)


def same_words(text: str) -> str:
    """A text without capitals and punctuation, or as it is where nothing else is in it."""
    return " ".join(re.sub(r"[^\w\s]", "", text.lower()).split()) or text.strip()


def test_no_held_apart_line_is_a_training_line() -> None:
    texts, _ = read_training_lines(ROOT / "data" / "nlu")
    trained = {same_words(text) for text in texts}
    held_apart = [*read_routes(HELD_APART / "routes.tsv"), *read_safety(HELD_APART / "safety.tsv")]
    assert [line.text for line in held_apart if same_words(line.text) in trained] == []


def test_training_lines_carry_their_kinds() -> None:
    texts, labels = read_training_lines(ROOT / "data" / "nlu")
    assert len(texts) == len(labels)
    assert {label.partition("/")[0] for label in labels} == set(ROUTES)
    assert any(label.startswith("out_of_scope/") for label in labels)


def test_typing_errors_are_always_the_same_and_in_longer_words_only() -> None:
    lines = read_routes(HELD_APART / "routes.tsv")
    mistyped = [with_typing_errors(line) for line in lines]
    assert mistyped == [with_typing_errors(line) for line in lines]
    longer, changed = 0, 0
    for before, after in zip(lines, mistyped, strict=True):
        assert msgspec.structs.replace(after, text=before.text) == before
        words = [re.findall(r"[^\W\d_]+|[\W\d_]+", text) for text in (before.text, after.text)]
        assert len(words[0]) == len(words[1])
        for old, new in zip(*words, strict=True):
            assert old == new or len(old) >= 4
            assert abs(len(old) - len(new)) <= 1
            longer += len(old) >= 4 and old.isalpha()
            changed += old != new
    assert 0.25 < changed / longer < 0.35


def test_short_words_are_left_alone() -> None:
    assert with_typing_errors(Line("he is in my bed", "immediate_danger")).text == "he is in my bed"
