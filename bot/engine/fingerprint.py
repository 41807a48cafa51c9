"""What a model was made from, as one digest. Needs no Rasa, so that a fresh model costs nothing to recognise."""

from __future__ import annotations

import sys
from hashlib import sha256
from pathlib import Path
from typing import Final

from bot.engine.import_guard import RASA_VERSION
from bot.settings import ROOT
from bot.understanding.made_from import made_from

CONFIG: Final = ROOT / "bot" / "config.yml"
DOMAIN: Final = ROOT / "bot" / "domain"


def fingerprint(data: Path) -> str:
    """A digest of configuration, domain, rules, and all that understanding stands on."""
    understanding = made_from(data, ROOT / "bot" / "understanding")
    digest = sha256(f"{RASA_VERSION} {sys.version_info[:2]} {understanding}".encode())
    for path in (CONFIG, *sorted(DOMAIN.glob("*.yml")), *sorted((data / "rules").glob("*.yml"))):
        digest.update(path.name.encode() + b"\0" + sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def stamp(model: Path) -> Path:
    """The file beside a model that holds the fingerprint of what it was made from."""
    return model.with_name(model.name.removesuffix(".tar.gz") + ".made_from")


def is_fresh(model: Path, data: Path) -> bool:
    """Whether the model was trained from what is here now."""
    return model.is_file() and stamp(model).is_file() and stamp(model).read_text() == fingerprint(data)
