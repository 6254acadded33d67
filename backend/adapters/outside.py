"""Requests to servers of other houses: one set of trusted certificates for all, read once."""

from __future__ import annotations

import ssl
from functools import cache

import httpx


def client(*, timeout: float, base_url: str = "") -> httpx.Client:
    """For a `with`. The proxy that the environment names is used, as the college may ask for one."""
    return httpx.Client(timeout=timeout, base_url=base_url, verify=_trusted())


@cache
def _trusted() -> ssl.SSLContext:
    # reading them takes tens of milliseconds, for every client that makes its own
    return httpx.create_ssl_context()
