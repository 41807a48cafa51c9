"""Run the `rasa_sdk` actions of `actions/` in this process, with no action server and no HTTP.

Rasa calls an action by posting the tracker to an endpoint. This endpoint answers the call itself, by the SDK's own executor:
the actions stay ordinary ones, and an error in one does not come back with the whole tracker in its text.
"""

from __future__ import annotations

from typing import Any

from rasa.utils.endpoints import EndpointConfig
from rasa_sdk.executor import ActionExecutor


class InProcessActions(EndpointConfig):  # type: ignore[misc]
    """An action endpoint that is not one: `request` runs the action here."""

    def __init__(self, package: str = "actions") -> None:
        # The domain is not handed over with each call; our actions need none of it.
        super().__init__(url="in-process", enable_selective_domain=True)
        self._executor = ActionExecutor()
        self._executor.register_package(package)

    @property
    def names(self) -> frozenset[str]:
        """The actions that were found."""
        return frozenset(self._executor.actions)

    async def request(self, *args: Any, json: dict[str, Any], **kwargs: Any) -> Any:
        """Answer what would be a POST to the action server."""
        return await self._executor.run(json)
