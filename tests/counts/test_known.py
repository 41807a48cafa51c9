"""The door: only names that were known before anybody came get through it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from counting import KNOWN

from bot.counts.known import lost_key
from bot.counts.models import AUDIENCES, WHATS, WITH_ITEM

WEEK = date(2026, 11, 23)
GOOD = {"what": "page_opened", "campaign": "cheshire_2027", "language": "cy", "audience": "self", "item": ""}


def key(**changes: Any) -> tuple[Any, ...] | None:
    return KNOWN.key(WEEK, **{**GOOD, **changes})


def test_what_is_known_is_counted_under_its_names() -> None:
    assert key() == (WEEK, "cheshire_2027", "cheshire", "cy", "self", "page_opened", "")
    shown = key(what="pointer_shown", item="samaritans")
    assert shown == (WEEK, "cheshire_2027", "cheshire", "cy", "self", "pointer_shown", "samaritans")


@pytest.mark.parametrize("campaign", [None, "", "none", "devon", "Cheshire", "cheshire ", "en", "north_west", "x" * 10_000])
def test_an_unknown_campaign_counts_as_none(campaign: str | None) -> None:
    assert key(campaign=campaign) == (WEEK, "none", "none", "cy", "self", "page_opened", "")


@pytest.mark.parametrize("language", ["", "fr", "EN", "none", "cheshire"])
def test_an_unknown_language_counts_as_none(language: str) -> None:
    assert key(language=language) == (WEEK, "cheshire_2027", "cheshire", "none", "self", "page_opened", "")


@pytest.mark.parametrize("audience", ["", "own_behaviour", "a person", "none"])
def test_an_unknown_audience_counts_as_unknown(audience: str) -> None:
    assert key(audience=audience) == (WEEK, "cheshire_2027", "cheshire", "cy", "unknown", "page_opened", "")


@pytest.mark.parametrize("item", ["", "none", "gp", "0808 1000 900", "cheshire"])
@pytest.mark.parametrize("what", WITH_ITEM)
def test_a_pointer_that_is_in_no_catalogue_is_not_counted(what: str, item: str) -> None:
    assert key(what=what, item=item) is None


@pytest.mark.parametrize("what", [what for what in WHATS if what not in WITH_ITEM])
def test_an_item_stands_only_where_a_pointer_is_meant(what: str) -> None:
    assert key(what=what) is not None
    assert key(what=what, item="samaritans") is None


@pytest.mark.parametrize("what", ["", "typed", "conversation_ended", "page_opened "])
def test_an_unknown_kind_of_event_is_not_counted(what: str) -> None:
    assert key(what=what) is None


def test_every_name_that_can_be_counted_is_written_down_beforehand() -> None:
    pointers = [key(what=what, item=item) for what in WITH_ITEM for item in KNOWN.pointers]
    others = [key(what=what, audience=audience) for what in WHATS if what not in WITH_ITEM for audience in AUDIENCES]
    nobody = [key(campaign=None, language="", audience=""), lost_key(WEEK)]
    for found in (*pointers, *others, *nobody):
        assert found is not None
        assert set(found[1:]) <= KNOWN.names()
