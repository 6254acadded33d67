"""Requests to servers of other houses: one set of trusted certificates for all, read once."""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from urllib.request import getproxies, proxy_bypass

import httpx

from backend.programs.rules import Address, Network, is_inside

Resolve = Callable[[str, int], Sequence[Address]]  # host, port -> its addresses
MOST_TRIED = 3  # addresses of one host, one after another while none takes the line


class LeadsInside(OSError):
    """The host stands for an address inside this house, or of this machine: it is not called."""


def client(*, timeout: float, base_url: str = "") -> httpx.Client:
    """For a `with`. The proxy that the environment names is used, as the college may ask for one."""
    return httpx.Client(timeout=timeout, base_url=base_url, verify=_trusted())


def resolve(host: str, port: int) -> list[Address]:
    """Every address of a host, in the order in which they are to be tried. Raises OSError when there is none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found))


def calling(
    timeout: float, *, own: Sequence[Network] = (), resolve: Resolve = resolve
) -> Callable[[str, str, Mapping[str, str]], int]:
    """Posts a text to an address that another system gave, and says the status; follows nobody elsewhere.

    own: networks inside that may be called. The host is looked up once for each call, every address of it is checked,
    and the line goes to a checked address: a name that means another machine a moment later leads nowhere.
    Raises LeadsInside, OSError, httpx.HTTPError.
    """

    def call(address: str, body: str, headers: Mapping[str, str]) -> int:
        url = httpx.URL(address)
        port = url.port or (443 if url.scheme == "https" else 80)
        by_proxy = _by_proxy(url)
        try:
            found = resolve(url.host, port)
        except OSError:
            if not by_proxy:
                raise
            found = ()  # behind a proxy the names of the world are often unknown
        if any(is_inside(one, own=own) for one in found):
            raise LeadsInside
        if by_proxy:  # it looks the name up itself: where it lets nobody go is its keeper's to say
            return _status(client(timeout=timeout), url, body, headers)
        for place, one in enumerate(found[:MOST_TRIED], start=1):
            straight = httpx.Client(transport=_Pinned(one), timeout=timeout)
            try:
                return _status(straight, url, body, headers)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if place == min(len(found), MOST_TRIED):
                    raise
        raise OSError

    return call


def _status(line: httpx.Client, url: httpx.URL, body: str, headers: Mapping[str, str]) -> int:
    # streamed and not read: what the other system says beyond its status is nothing to us
    with line, line.stream("POST", url, content=body.encode(), headers=headers, follow_redirects=False) as answer:
        return answer.status_code


class _Pinned(httpx.BaseTransport):
    """Leads every request to one address. The name stays in the Host header and is what the certificate must bear."""

    def __init__(self, address: Address) -> None:
        self._address = str(address)
        self._inner = httpx.HTTPTransport(verify=_trusted(), trust_env=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.extensions = {**request.extensions, "sni_hostname": request.url.host}
        request.url = request.url.copy_with(host=self._address)
        return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()


def _by_proxy(url: httpx.URL) -> bool:
    proxies = getproxies()
    return bool(proxies.get(url.scheme) or proxies.get("all")) and not proxy_bypass(url.host)


@cache
def _trusted() -> ssl.SSLContext:
    # reading them takes tens of milliseconds, for every client that makes its own
    return httpx.create_ssl_context()
