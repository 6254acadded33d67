"""A mail server that keeps what it gets. Mailboxes: gone@ is unknown, full@ is full, all others are there."""

from __future__ import annotations

import base64
import email
import email.policy
import socketserver
import ssl
import threading
from email.message import EmailMessage
from typing import Any


class MailServer:
    """`with MailServer() as server: server.port`. server.closed: turns everybody away for now.

    tls: speaks TLS from the first byte. server.password: whoever signs in must know it ("no-reply" is the name).
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.mails: list[tuple[str, EmailMessage]] = []
        self.closed = False
        self.password = ""
        stand_in = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                if stand_in.closed:
                    self._say("421 closing, come back later")
                    return
                self._say("220 mail.example.edu.cn")
                recipient = ""
                for raw in self.rfile:
                    line = raw.decode().strip()
                    verb = line[:4].upper()
                    if verb == "EHLO":
                        self._say("250-mail.example.edu.cn\r\n250 AUTH PLAIN")
                    elif verb == "AUTH":
                        given = base64.b64decode(line.split()[-1]).decode().split("\0")[1:]
                        known = given == ["no-reply", stand_in.password]
                        self._say("235 welcome" if known else "535 who are you")
                    elif verb == "RCPT":
                        recipient = line.partition("<")[2].partition(">")[0]
                        name = recipient.partition("@")[0]
                        self._say({"gone": "550 no such user", "full": "452 mailbox full"}.get(name, "250 fine"))
                    elif verb == "DATA":
                        self._say("354 go on")
                        body = b""
                        for part in self.rfile:
                            if part == b".\r\n":
                                break
                            body += part.removeprefix(b".") if part.startswith(b"..") else part
                        mail = email.message_from_bytes(body, policy=email.policy.default)
                        assert isinstance(mail, EmailMessage)
                        stand_in.mails.append((recipient, mail))
                        self._say("250 taken")
                    elif verb == "QUIT":
                        self._say("221 bye")
                        return
                    else:
                        self._say("250 fine")

            def _say(self, line: str) -> None:
                self.wfile.write(f"{line}\r\n".encode())

        class Threads(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

            def get_request(self) -> Any:
                line, address = super().get_request()
                return (tls.wrap_socket(line, server_side=True) if tls else line), address

            def handle_error(self, request: Any, client_address: Any) -> None:
                pass  # who does not trust us hangs up

        self._server = Threads(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.port = self._server.server_address[1]

    def __enter__(self) -> Any:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
