"""The routes: what a visitor may need, by the names that everything else uses (design, section 3)."""

from __future__ import annotations

from typing import Final

#: Grouped as in the design, and in the order of precedence within the first group.
GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "safety": ("immediate_danger", "suicide_crisis", "child_at_risk"),
    "who": (
        *("own_behaviour", "another_adult", "young_person_behaviour", "under_18"),
        *("police_involved", "survivor", "image_of_me", "professional"),
    ),
    "asked": ("seen_images", "refuse_illegal", "ask_advice"),
    "help": (
        *("ask_contact", "ask_hours", "ask_cost", "ask_confidentiality"),
        *("ask_self_help", "ask_helpline", "ask_language", "ask_outside_uk"),
    ),
    "bot": ("ask_bot", "ask_privacy"),
    "talk": ("greet", "thanks", "goodbye", "restart", "correct_me", "abusive", "out_of_scope"),
}
ROUTES: Final = tuple(route for group in GROUPS.values() for route in group)
OUT_OF_SCOPE: Final = "out_of_scope"
CORRECT_ME: Final = "correct_me"
