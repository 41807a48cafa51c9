"""Reading: how the lexicon's finding and the classifier's shares become a route, a tier, and what to offer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.settings import ROOT
from bot.understanding.reading import OFFERED, Reader, Reading, Shares
from bot.understanding.routes import ROUTES
from bot.understanding.safety import CRISIS_ROUTES, Lexicon, Tier
from bot.understanding.text import LONG
from bot.understanding.thresholds import Thresholds

#: What nobody means by a whole message that was not understood, or what isn't a need.
NEVER_OFFERED = {"greet", "thanks", "goodbye", "abusive", "refuse_illegal", "out_of_scope", "correct_me", "restart"}
SURE, WORTH_OFFERING, CRISIS_CERTAIN, CRISIS_POSSIBLE = 0.45, 0.08, 0.5, 0.12
LIMITS = Thresholds(
    sure=SURE,
    out_of_scope=0.4,
    worth_offering=WORTH_OFFERING,
    crisis_certain=CRISIS_CERTAIN,
    crisis_possible=CRISIS_POSSIBLE,
    crisis_with_word=0.05,
    crisis_negated=0.03,
    word_absurd=0.01,
    after_crisis=0.5,
)
#: Clearly nothing that the lexicon knows.
PLAIN = "something about somebody"


class Classifier:
    """Stands in for the model: gives each text the shares that a test wants, and remembers what it was asked."""

    def __init__(self, shares: Callable[[str], Mapping[str, float]]) -> None:
        self._shares = shares
        self.asked: list[str] = []

    async def classify(self, text: str) -> Shares:
        self.asked.append(text)
        return full(self._shares(text))


def full(shares: Mapping[str, float]) -> Shares:
    """Shares of every label, as the model gives them; what is left of 1 is spread over the others."""
    rest = (1 - sum(shares.values())) / len(ROUTES)
    return {**dict.fromkeys(ROUTES, rest / 10), **shares}


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon(ROOT / "data" / "lexicon")


@pytest.fixture(scope="module")
def read(lexicon: Lexicon) -> Callable[..., Reading]:
    """Read a text: `read("text", own_behaviour=0.9)` with a classifier of these shares."""

    def read(text: str = PLAIN, /, **shares: float) -> Reading:
        named = {label.replace("__", "/"): share for label, share in shares.items()}
        return asyncio.run(Reader(lexicon, Classifier(lambda _: named).classify, LIMITS).read(text))

    return read


@pytest.mark.parametrize(
    ("text", "route"), [("i want to kill myself", "suicide_crisis"), ("call an ambulance", "immediate_danger")]
)
def test_a_certain_word_decides_however_little_the_classifier_sees(read: Callable[..., Reading], text: str, route: str) -> None:
    assert read(text, greet=0.97, **{route: 0.02}) == Reading(route, Tier.CERTAIN)


@pytest.mark.parametrize("text", ["the chance of suicide in a card game", "a suicide in the book that we read"])
def test_a_certain_word_where_a_crisis_is_absurd_only_brings_the_numbers_beside(
    read: Callable[..., Reading], text: str
) -> None:
    reading = read(text, out_of_scope=0.999)
    assert (reading.route, reading.tier) == ("out_of_scope", Tier.POSSIBLE)


@pytest.mark.parametrize(
    ("share", "tier"),
    [(0.3, Tier.CERTAIN), (0.2, Tier.CERTAIN), (0.1, Tier.POSSIBLE), (0.05, Tier.POSSIBLE), (0.03, Tier.NONE)],
)
def test_a_likely_word_is_certain_possible_or_nothing_as_the_classifier_finds(
    lexicon: Lexicon, share: float, tier: Tier
) -> None:
    limits = msgspec.structs.replace(LIMITS, word_absurd=0.2)
    assert limits.crisis_with_word < CRISIS_POSSIBLE < limits.word_absurd
    classifier = Classifier(lambda _: {"suicide_crisis": share, "out_of_scope": 1 - share})
    reading = asyncio.run(Reader(lexicon, classifier.classify, limits).read("how many do you need"))
    assert reading.tier is tier


@pytest.mark.parametrize(
    ("text", "route"), [("mae plentyn mewn perygl nawr", "immediate_danger"), ("dwi eisiau marw", "suicide_crisis")]
)
def test_the_classifier_knows_too_little_welsh_to_find_it_absurd(read: Callable[..., Reading], text: str, route: str) -> None:
    assert read(text, out_of_scope=0.999) == Reading(route, Tier.CERTAIN)


@pytest.mark.parametrize(
    ("text", "route"), [("my sister is being abused", "child_at_risk"), ("where can i find cp", "refuse_illegal")]
)
def test_a_certain_line_of_another_route_wins_over_the_classifier(read: Callable[..., Reading], text: str, route: str) -> None:
    assert read(text, greet=0.99) == Reading(route, Tier.NONE)


def test_a_crisis_that_only_the_classifier_sees_stands_beside_a_certain_line(read: Callable[..., Reading]) -> None:
    assert read("my sister is being abused", suicide_crisis=0.3) == Reading("child_at_risk", Tier.POSSIBLE)


def test_a_possible_crisis_keeps_the_route_of_the_classifier(read: Callable[..., Reading]) -> None:
    reading = read("i dont want to kill myself", own_behaviour=0.9, suicide_crisis=0.05)
    assert (reading.route, reading.tier, reading.offered) == ("own_behaviour", Tier.POSSIBLE, ())


def test_a_denial_that_the_classifier_believes_is_believed(read: Callable[..., Reading]) -> None:
    assert read("i dont want to kill myself", own_behaviour=0.99).tier is Tier.NONE


@pytest.mark.parametrize("route", CRISIS_ROUTES)
@pytest.mark.parametrize(
    ("share", "tier"),
    [
        (CRISIS_CERTAIN + 0.01, Tier.CERTAIN),
        (CRISIS_CERTAIN - 0.01, Tier.POSSIBLE),
        (CRISIS_POSSIBLE + 0.01, Tier.POSSIBLE),
        (CRISIS_POSSIBLE - 0.01, Tier.NONE),
    ],
)
def test_the_more_the_classifier_sees_a_crisis_the_surer_the_tier(
    read: Callable[..., Reading], route: str, share: float, tier: Tier
) -> None:
    assert read(own_behaviour=1 - share, **{route: share}).tier is tier


@pytest.mark.parametrize("route", [route for route in ROUTES if route not in CRISIS_ROUTES])
def test_a_sure_route_is_answered_and_nothing_is_offered(read: Callable[..., Reading], route: str) -> None:
    assert read(**{route: 0.9}) == Reading(route, Tier.NONE, 0.9)


def test_an_unsure_message_offers_the_likeliest_routes_in_order(read: Callable[..., Reading]) -> None:
    reading = read(ask_cost=0.2, ask_hours=0.3, professional=0.15, survivor=0.1)
    assert reading.offered == ("ask_hours", "ask_cost", "professional")
    assert reading.confidence == 0.3


def test_what_is_hardly_likely_is_not_offered(read: Callable[..., Reading]) -> None:
    assert read(ask_cost=SURE - 0.01, ask_hours=0.1, survivor=WORTH_OFFERING - 0.01).offered == ("ask_cost", "ask_hours")


def test_where_nothing_is_likely_two_are_offered_all_the_same(read: Callable[..., Reading]) -> None:
    assert read(abusive=0.4, ask_hours=0.05, ask_cost=0.04, survivor=0.03).offered == ("ask_hours", "ask_cost")


def test_what_is_never_offered_is_passed_over(read: Callable[..., Reading]) -> None:
    unwanted = dict.fromkeys(NEVER_OFFERED, 0.09)
    assert read(**unwanted, ask_cost=0.08).offered[0] == "ask_cost"
    assert not NEVER_OFFERED & set(read(**unwanted).offered)


@settings(deadline=None)
@given(st.lists(st.integers(0, 1000), min_size=len(ROUTES), max_size=len(ROUTES)).filter(any))
def test_whatever_the_shares_an_answer_is_sure_or_offers_one_to_three_routes_likeliest_first(
    read: Callable[..., Reading], weights: list[int]
) -> None:
    shares = {route: weight / sum(weights) for route, weight in zip(ROUTES, weights, strict=True)}
    reading = read(**shares)
    assert reading.route in ROUTES
    unsure = max(shares.values()) < SURE
    assert shares[reading.route] == max(shares.values()) or (unsure and reading.route == "out_of_scope")
    assert bool(reading.offered) == (shares[reading.route] < SURE)
    assert len(reading.offered) <= OFFERED == 3
    assert not NEVER_OFFERED & set(reading.offered)
    assert len(set(reading.offered)) == len(reading.offered)
    assert list(reading.offered) == sorted(reading.offered, key=lambda route: -shares[route])


def test_the_kinds_of_out_of_scope_count_together_and_the_likeliest_is_named(read: Callable[..., Reading]) -> None:
    reading = read(out_of_scope__low_mood=0.3, out_of_scope__other_language=0.25, ask_cost=0.4)
    assert (reading.route, reading.kind) == ("out_of_scope", "low_mood")
    assert reading.confidence == pytest.approx(0.55, abs=0.01)
    assert reading.offered == ()


def test_a_need_has_no_kind(read: Callable[..., Reading]) -> None:
    assert read(ask_cost=0.6, out_of_scope__low_mood=0.3).kind is None


def test_out_of_scope_without_kinds_has_none(read: Callable[..., Reading]) -> None:
    assert read(out_of_scope=0.9).kind is None


def test_an_unsure_message_that_may_well_be_about_something_else_is_taken_to_be(read: Callable[..., Reading]) -> None:
    assert read(ask_cost=0.43, out_of_scope=0.41).route == "out_of_scope"
    assert read(ask_cost=0.46, out_of_scope=0.41).route == "ask_cost"


def test_the_crisis_head_counts_as_much_as_the_routes(read: Callable[..., Reading]) -> None:
    assert read(greet=0.9, suicide_crisis=0.05, crisis__suicide_crisis=0.5).tier is Tier.POSSIBLE
    assert read(greet=0.2, suicide_crisis=0.4, crisis__suicide_crisis=0.9).tier is Tier.CERTAIN
    assert read(greet=0.9, suicide_crisis=0.05, crisis__suicide_crisis=0.05).tier is Tier.NONE


def test_after_a_crisis_less_is_enough(lexicon: Lexicon) -> None:
    classifier = Classifier(lambda _: {"thanks": 0.6, "suicide_crisis": 0.3})
    reader = Reader(lexicon, classifier.classify, LIMITS)
    assert asyncio.run(reader.read(PLAIN)).tier is Tier.POSSIBLE
    assert asyncio.run(reader.read(PLAIN, "suicide_crisis")).tier is Tier.CERTAIN


def test_a_word_that_may_mean_a_crisis_lowers_what_is_enough(read: Callable[..., Reading]) -> None:
    assert read("i feel so hopeless", own_behaviour=0.9, suicide_crisis=0.06).tier is Tier.POSSIBLE
    assert read(PLAIN, own_behaviour=0.9, suicide_crisis=0.06).tier is Tier.NONE


def test_violence_that_goes_on_has_the_numbers_beside_it_whatever_the_classifier_sees(read: Callable[..., Reading]) -> None:
    assert read("my husband beats me", survivor=0.99) == Reading("survivor", Tier.POSSIBLE, 0.99)


def test_an_empty_text_asks_without_the_classifier(lexicon: Lexicon) -> None:
    classifier = Classifier(lambda _: {"greet": 1.0})
    assert asyncio.run(Reader(lexicon, classifier.classify, LIMITS).read("")) == Reading("out_of_scope", kind="nothing_typed")
    assert classifier.asked == []


FILLER = "It was an ordinary day with ordinary weather and ordinary people in it. "


def long_text(*sentences: str) -> str:
    return " ".join(FILLER * 5 + sentence for sentence in (*sentences, "", "")).strip()


def part_shares(text: str) -> Mapping[str, float]:
    if "MARKED" in text:
        return {"suicide_crisis": 0.6}
    return {"police_involved": 0.9} if "police" in text else {"out_of_scope": 0.3}


def test_a_long_text_takes_the_route_of_its_surest_part(lexicon: Lexicon) -> None:
    classifier = Classifier(part_shares)
    reading = asyncio.run(Reader(lexicon, classifier.classify, LIMITS).read(long_text("We are fine.", "The police came.")))
    assert (reading.route, reading.confidence, reading.long) == ("police_involved", 0.9, True)
    assert len(classifier.asked) > 3


@pytest.mark.parametrize("sentences", [("MARKED.", "The police came."), ("The police came.", "MARKED."), ("MARKED.", "Fine.")])
def test_a_crisis_in_any_part_of_a_long_text_is_kept(lexicon: Lexicon, sentences: tuple[str, ...]) -> None:
    reading = asyncio.run(Reader(lexicon, Classifier(part_shares).classify, LIMITS).read(long_text(*sentences)))
    assert reading.tier is not Tier.NONE
    assert reading.long


def test_in_a_long_text_the_classifier_alone_is_never_certain(lexicon: Lexicon, read: Callable[..., Reading]) -> None:
    assert read(PLAIN, suicide_crisis=0.6).tier is Tier.CERTAIN
    text = long_text("MARKED.", "The police came.")
    reading = asyncio.run(Reader(lexicon, Classifier(part_shares).classify, LIMITS).read(text))
    assert (reading.route, reading.tier) == ("police_involved", Tier.POSSIBLE)


@pytest.mark.parametrize("place", range(3))
def test_certain_words_anywhere_in_a_long_text_are_found(lexicon: Lexicon, place: int) -> None:
    sentences = ["Nothing."] * 3
    sentences[place] = "MARKED. I want to kill myself."
    reading = asyncio.run(Reader(lexicon, Classifier(part_shares).classify, LIMITS).read(long_text(*sentences)))
    assert (reading.route, reading.tier, reading.long) == ("suicide_crisis", Tier.CERTAIN, True)


@pytest.mark.parametrize(("length", "long"), [(LONG, False), (LONG + 1, True)])
def test_a_text_is_long_from_a_thousand_characters(read: Callable[..., Reading], length: int, long: bool) -> None:
    assert read("x" * length, ask_cost=0.9).long is long
