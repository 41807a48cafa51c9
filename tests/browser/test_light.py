"""The page is light: what it weighs on the wire, and how soon there is something to read on a slow phone."""

from __future__ import annotations

from collections.abc import Callable

from visiting import PHONE, Visit

Begin = Callable[..., Visit]
MAX_BYTES = 30 * 1024
#: One round trip, for the page with its style in it, is 400 of them.
MAX_MILLISECONDS = 1_000
#: A slow third-generation network: bytes a second, and milliseconds there and back for each request.
SLOW = {"offline": False, "downloadThroughput": 400_000 / 8, "uploadThroughput": 400_000 / 8, "latency": 400}


def test_on_a_slow_phone_the_first_picture_comes_soon_and_all_of_it_weighs_little(visit: Begin) -> None:
    here = visit(viewport=PHONE)
    cdp = here.page.context.new_cdp_session(here.page)
    cdp.send("Network.enable")
    cdp.send("Network.emulateNetworkConditions", SLOW)
    sizes: list[int] = []
    cdp.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    here.open()
    first = here.page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    assert len(sizes) >= 6
    assert sum(sizes) <= MAX_BYTES
    assert first <= MAX_MILLISECONDS, f"{first:.0f} ms"
