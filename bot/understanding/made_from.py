"""A digest of everything that understanding stands on, so that a change in any of it makes a model stale."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Final

#: Folders and files below `data/`: the training lines, the lexicon, the encoder (by its manifest), the English words.
_DATA: Final = ("nlu/*.yml", "lexicon/*.yml", "encoder/manifest.json", "spelling/english.txt")


def made_from(data: Path, code: Path = Path(__file__).parent) -> str:
    """The digest of this package's code and of what it reads in `data`."""
    paths = sorted(code.glob("*.py"))
    for pattern in _DATA:
        paths += sorted(data.glob(pattern))
    digest = sha256()
    for path in paths:
        digest.update(path.name.encode() + b"\0" + sha256(path.read_bytes()).digest())
    return digest.hexdigest()
