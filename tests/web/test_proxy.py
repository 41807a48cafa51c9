"""Behind a proxy: only one that is named is believed, about the visitor's address and about TLS."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from socket_server import listening

from bot.conversation import Assistant
from bot.web.app import make_app
from bot.web.guards import STRICT_TRANSPORT

VISITOR, ANOTHER = "203.0.113.7", "203.0.113.8"


@contextmanager
def behind(assistant: Assistant, trusted: str) -> Iterator[httpx.Client]:
    """A client that stands where the proxy would, at a loopback address, of a server that lets one address ask twice."""
    app = make_app(assistant, max_per_minute=2)
    with (
        listening(assistant.answers, app, trusted_proxies=trusted, request_seconds=5.0) as port,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client,
    ):
        yield client


def statuses(client: httpx.Client, *forwarded: str) -> list[int]:
    asked = (client.post("/chat", data={"text": "hello"}, headers={"x-forwarded-for": chain}) for chain in forwarded)
    return [answer.status_code for answer in asked]


@pytest.mark.parametrize("trusted", ["127.0.0.1", "127.0.0.0/8", "10.0.0.1,127.0.0.1"])
def test_a_named_proxy_is_believed(trusted: str, assistant: Assistant) -> None:
    with behind(assistant, trusted) as client:
        over_tls = client.get("/", headers={"x-forwarded-proto": "https"})
        assert over_tls.headers.get("strict-transport-security") == STRICT_TRANSPORT
        assert "strict-transport-security" not in client.get("/", headers={"x-forwarded-proto": "http"}).headers
        assert statuses(client, VISITOR, VISITOR, VISITOR, ANOTHER) == [200, 200, 429, 200]


def test_behind_a_named_proxy_nobody_hides_behind_an_address_of_their_own(assistant: Assistant) -> None:
    """A proxy writes the address that it sees behind whatever the visitor had sent."""
    with behind(assistant, "127.0.0.1") as client:
        chains = [f"198.51.100.{number}, {VISITOR}" for number in range(3)]
        assert statuses(client, *chains) == [200, 200, 429]


@pytest.mark.parametrize("trusted", ["", "10.0.0.1"])
def test_nobody_else_is_believed(trusted: str, assistant: Assistant) -> None:
    with behind(assistant, trusted) as client:
        over_tls = client.get("/", headers={"x-forwarded-proto": "https"})
        assert "strict-transport-security" not in over_tls.headers
        assert statuses(client, VISITOR, VISITOR, VISITOR) == [200, 200, 200]
