"""`./signpost catalogue check`: what a person should look at before the catalogue is relied on."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from bot.answers.catalogue import Catalogue, concerns, load_catalogue

_SECONDS: Final = 10.0


def check_catalogue(data: Path, out: Console, *, online: bool) -> int:
    """Print every entry with a concern. Returns 1 if there is one, else 0."""
    catalogue = load_catalogue(data / "catalogue")
    today = datetime.now(UTC).date()
    found = {id: concerns(pointer, today) for id, pointer in catalogue.items()}
    if online:
        for id, problem in _dead_links(catalogue):
            found[id].append(problem)
    table = Table("entry", "file", "checked", "what to look at")
    for id, problems in found.items():
        if problems:
            table.add_row(id, catalogue[id].file, str(catalogue[id].checked), ", ".join(problems))
    if table.row_count:
        out.print(table)
    out.print(f"{table.row_count} of {len(catalogue)} entries need a look.")
    return int(table.row_count > 0)


def _dead_links(catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    links = [(pointer.id, pointer.url) for pointer in catalogue.values() if pointer.url]
    with ThreadPoolExecutor(8) as pool:
        for (id, _), problem in zip(links, pool.map(_problem, (url for _, url in links)), strict=True):
            if problem:
                yield id, problem


def _problem(url: str) -> str | None:
    try:
        request = urllib.request.Request(url, headers={"User-Agent": "signpost-catalogue-check"})  # noqa: S310  # https only
        with urllib.request.urlopen(request, timeout=_SECONDS):  # noqa: S310
            return None
    except urllib.error.HTTPError as error:
        return f"the link answers {error.code}"
    except (OSError, http.client.HTTPException, ValueError):  # no connection, an answer that is not HTTP, no such address
        return "the link does not answer"
