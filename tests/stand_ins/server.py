"""A small HTTP server in a thread, for stand-ins."""

from __future__ import annotations

import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


class StandIn:
    """Answers GET and POST by `answer`; remembers what it was asked. `with StandIn() as server: server.address`."""

    def __init__(self) -> None:
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._serve("GET")

            def do_POST(self) -> None:
                self._serve("POST")

            def _serve(self, method: str) -> None:
                parts = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                query = dict(parse_qsl(parts.query, keep_blank_values=True))
                with stand_in.lock:
                    stand_in.asked.append((method, parts.path))
                stand_in.answer(Exchange(self, method, parts.path, query, body))

            def log_message(self, format: str, *arguments: Any) -> None:
                pass

        self.lock = threading.Lock()
        self.asked: list[tuple[str, str]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, exchange: Exchange) -> None:
        raise NotImplementedError

    def speak_tls(self, context: ssl.SSLContext) -> None:
        """From the next call on, behind this certificate."""
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    def times(self, path: str) -> int:
        """How often this path was asked for."""
        with self.lock:
            return sum(asked == path for _, asked in self.asked)

    def __enter__(self) -> Any:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class Exchange:
    """One request and the way to answer it."""

    def __init__(
        self, handler: BaseHTTPRequestHandler, method: str, path: str, query: dict[str, str], body: bytes
    ) -> None:
        self._handler, self.method, self.path, self.query, self.body = handler, method, path, query, body
        self.headers = handler.headers

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @property
    def json(self) -> Any:
        return json.loads(self.body or b"{}")

    def send(self, body: bytes | str, *, status: int = 200, media_type: str = "text/html; charset=utf-8") -> None:
        content = body.encode() if isinstance(body, str) else body
        self._handler.send_response(status)
        self._handler.send_header("Content-Type", media_type)
        self._handler.send_header("Content-Length", str(len(content)))
        self._handler.end_headers()
        self._handler.wfile.write(content)

    def send_json(self, value: object, *, status: int = 200) -> None:
        self.send(json.dumps(value), status=status, media_type="application/json")

    def redirect(self, address: str) -> None:
        self._handler.send_response(302)
        self._handler.send_header("Location", address)
        self._handler.send_header("Content-Length", "0")
        self._handler.end_headers()

    def hang_up(self) -> None:
        """Break the line in the middle of an answer."""
        self._handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
        self._handler.close_connection = True
