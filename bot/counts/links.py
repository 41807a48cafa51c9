"""A campaign's link, and the same link as a QR code for a poster."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TextIO
from urllib.parse import urlsplit

from bot.errors import StartError

if TYPE_CHECKING:
    import segno

#: Pixels for each square of the picture: a poster's code is a hand's breadth wide at 300 dots an inch.
_SQUARE = 32


def campaign_link(base_url: str, code: str) -> str:
    """The address of the page with the campaign's code. Raises StartError when `base_url` is no such address."""
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise StartError(f"base_url: {base_url!r} is not an address such as https://chat.example.org")
    return f"{base_url.rstrip('/')}/?c={code}"


def write_qr_codes(link: str, code: str, folder: Path) -> list[Path]:
    """Write `<code>.svg` and `<code>.png` into `folder` and say where they are. Raises StartError when that fails."""
    paths = [folder / f"{code}.svg", folder / f"{code}.png"]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in paths:
            _qr_code(link).save(str(path), scale=_SQUARE, light="white")
    except OSError as error:
        raise StartError(f"{folder}: can't be written ({error.strerror}): choose another with --out") from error
    return paths


def show_qr_code(link: str, out: TextIO) -> None:
    """Draw the QR code with characters, to try it with a phone held to the screen."""
    _qr_code(link).terminal(out=out, compact=True)


def _qr_code(link: str) -> segno.QRCode:
    import segno

    # The level that can still be read with a quarter of it torn off or painted over.
    return segno.make_qr(link, error="q")
