"""The gate: the last step before anything leaves. Only approved strings pass.

Approved are the phrases, the catalogue's fields, and the opening-hours sentences made from both. They are kept as digests,
so a comparison is by exact content and nothing that was typed can be in the set.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import blake2b

from bot.answers.catalogue import Catalogue
from bot.answers.phrases import Phrases


def _digest(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


class Gate:
    """Knows every string that may be said. `refused` counts what it has kept in."""

    def __init__(self, approved: Iterable[str]) -> None:
        self._approved = frozenset(_digest(text) for text in approved)
        self.refused = 0

    def allows(self, texts: Iterable[str | None]) -> bool:
        """Whether each of the texts is approved. A missing text is nothing said, and passes."""
        refused = sum(text is not None and _digest(text) not in self._approved for text in texts)
        self.refused += refused
        return refused == 0


def approved_texts(catalogue: Catalogue, languages: Iterable[Phrases]) -> Iterator[str]:
    """Every string that a reply may hold."""
    for phrases in languages:
        yield from phrases.plain
        for pointer in catalogue.values():
            if pointer.hours:
                yield from phrases.all_openings(pointer.hours)
    for pointer in catalogue.values():
        yield from (text for text in (pointer.name, pointer.about, pointer.tel, pointer.url, pointer.note) if text)
        yield from pointer.facts.values()
