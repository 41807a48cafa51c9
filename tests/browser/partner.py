"""A partner's website on an origin of its own, with a strict policy, and on it the button that leads to us."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HERE = Path(__file__).parent


class Partner:
    """The website. `home` is our origin, which has to be known before the page is asked for."""

    def __init__(self, port: int) -> None:
        self.origin = f"http://localhost:{port}"  # another site than 127.0.0.1, as a partner's is
        self.home = ""

    @property
    def policy(self) -> str:
        """Nothing but what README.md says that the button needs, and the partner's own style."""
        return f"default-src 'none'; style-src 'self'; script-src {self.home}; frame-src {self.home}"

    def page(self) -> bytes:
        """The page with our snippet on it."""
        return (HERE / "host.html").read_text(encoding="utf-8").replace("{home}", self.home).encode()


@contextmanager
def partner_website() -> Iterator[Partner]:
    """Serve it on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            style = self.path.endswith(".css")
            self.send_response(200 if style or self.path == "/" else 404)
            self.send_header("Content-Type", "text/css" if style else "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", partner.policy)
            self.end_headers()
            self.wfile.write((HERE / "host.css").read_bytes() if style else partner.page())

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    partner = Partner(server.server_port)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield partner
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
