"""Addresses of webhooks: what is taken at the registration already."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from backend.programs.rules import address_problem


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("https://registry.example.edu.cn/hooks/photos", None),
        ("https://93.184.216.34/hook", None),
        ("http://registry.example.edu.cn/hook", "address"),
        ("https://user@registry.example.edu.cn/", "address"),
        ("https://registry.example.edu.cn:0/", "address"),
        ("https://registry.example.edu.cn/#x", "address"),
        ("https://[::1", "address"),
        ("https://localhost/hook", "inside"),
        ("https://127.0.0.1/hook", "inside"),
        ("https://10.1.2.3/hook", "inside"),
        ("https://[::ffff:10.1.2.3]/hook", "inside"),
    ],
)
def test_an_address_is_taken_or_not(address: str, problem: str | None) -> None:
    assert address_problem(address, plain=False) == problem


def test_a_network_of_the_house_that_the_settings_name_is_taken() -> None:
    own = (ip_network("10.1.0.0/16"),)
    assert address_problem("https://10.1.2.3/hook", plain=False, own=own) is None
    assert address_problem("https://10.2.2.3/hook", plain=False, own=own) == "inside"
