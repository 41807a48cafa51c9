"""What the actions have in common: reading a turn's facts and sending a plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

#: For those in danger or despair.
CRISIS = ("emergency_999", "samaritans")
WHO = ("own_behaviour", "another_adult", "young_person_behaviour", "professional")


def facts(tracker: Tracker) -> Mapping[str, Any]:
    """What the conversation told us about this turn (see `bot.conversation`)."""
    return tracker.latest_message.get("metadata") or {}


def send(dispatcher: CollectingDispatcher, say: Sequence[str], point_to: Sequence[str], offer: Sequence[str]) -> None:
    """Answer with a plan."""
    dispatcher.utter_message(json_message={"say": say, "point_to": point_to, "offer": offer})
