"""When the helpline is open."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.plans import facts, send

_HOURS = "fact.stop_it_now_helpline.hours"
#: What is said when the helpline is open, and when nobody knows. Closed, the reply itself says when it opens.
_SAY = {True: ["ask_hours_open", _HOURS], None: ["ask_hours_unknown", _HOURS], False: [_HOURS]}


class ActionTellHours(Action):  # type: ignore[misc]
    """Say whether the helpline is open now, and its hours."""

    def name(self) -> str:
        return "action_tell_hours"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        send(
            dispatcher,
            _SAY[facts(tracker).get("helpline_open")],
            ["stop_it_now_helpline", "self_help_own", "stop_it_now_message", "samaritans"],
            ["ask_contact", "ask_cost", "ask_outside_uk"],
        )
        return []
