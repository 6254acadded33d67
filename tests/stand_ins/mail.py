"""A mail server that keeps what it gets. Mailboxes: gone@ is unknown, full@ is full, all others are there."""

from __future__ import annotations

import email
import email.policy
import socketserver
import threading
from email.message import EmailMessage
from typing import Any


class MailServer:
    """`with MailServer() as server: server.port`. server.closed: turns everybody away for now."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, EmailMessage]] = []
        self.closed = False
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
                    if verb == "RCPT":
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

        self._server = Threads(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.port = self._server.server_address[1]

    def __enter__(self) -> Any:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
