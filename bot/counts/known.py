"""The names that may be counted. Whatever else comes to the door is not written down, wherever it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bot.counts.models import AUDIENCES, NO_ITEM, NONE, WHATS, WITH_ITEM
from bot.counts.periods import GRAINS

#: First day of the week, campaign, area, language, audience, what, item.
Key = tuple[date, str, str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class Known:
    """Campaigns with their areas, languages, and the ids of the catalogue's pointers."""

    campaigns: Mapping[str, str]
    languages: frozenset[str]
    pointers: frozenset[str]

    def names(self) -> set[str]:
        """All of them, with those of the program itself."""
        own = {*GRAINS, *WHATS, *AUDIENCES, NONE, NO_ITEM}
        return own.union(self.campaigns, self.campaigns.values(), self.languages, self.pointers)

    def key(self, week: date, what: str, campaign: str | None, language: str, audience: str, item: str) -> Key | None:
        """What to count under. A campaign, language or audience that is not known is none; another `what` or item can't be."""
        if what not in WHATS or (item not in self.pointers if what in WITH_ITEM else item != NO_ITEM):
            return None
        area = self.campaigns.get(campaign or NONE)
        return (
            week,
            campaign if campaign and area else NONE,
            area or NONE,
            language if language in self.languages else NONE,
            audience if audience in AUDIENCES else "unknown",
            what,
            item,
        )


def lost_key(week: date) -> Key:
    """What to count under when it is no longer known what was to be counted."""
    return (week, NONE, NONE, NONE, "unknown", "lost", NO_ITEM)
