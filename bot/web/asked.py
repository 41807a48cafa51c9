"""What an address and a browser ask for: a language, and the campaign whose link was followed. Nothing else is read of them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final
from urllib.parse import parse_qsl

from starlette.types import Scope

ENGLISH: Final = "en"
#: What a campaign's code looks like. Whether there is such a campaign is the conversation's affair.
_CAMPAIGN: Final = re.compile(r"[a-z0-9_]{1,40}")
#: A language of `Accept-Language` with its weight: `cy`, `en-GB;q=0.8`.
_ACCEPTED: Final = re.compile(r"([a-z]{2,3})(?:-[a-z0-9-]*)?(?:\s*;\s*q=([01](?:\.\d{0,3})?))?", re.IGNORECASE)


def language_asked(scope: Scope, languages: Collection[str]) -> str:
    """The language to answer in: as the message says, else as the address says, else as the browser prefers, else English."""
    for language in (scope.get("language"), _query(scope).get("lang"), *_accepted(scope)):
        if language in languages:
            return str(language)
    return ENGLISH


def campaign_asked(scope: Scope) -> str | None:
    """The campaign's code in the address, if it looks like one."""
    code = _query(scope).get("c", "")
    return code if _CAMPAIGN.fullmatch(code) else None


def _query(scope: Scope) -> dict[str, str]:
    return dict(parse_qsl(scope.get("query_string", b"").decode("latin-1")))


def _accepted(scope: Scope) -> Iterator[str]:
    """The languages that the browser accepts, the most welcome first."""
    header = dict(scope["headers"]).get(b"accept-language", b"").decode("latin-1")
    matches = (_ACCEPTED.fullmatch(part.strip()) for part in header.split(","))
    weighed = [(float(match[2] or 1), match[1].lower()) for match in matches if match]
    for weight, language in sorted(weighed, key=lambda each: -each[0]):
        if weight > 0:
            yield language
