"""`standard show`: the table that a person holds against the documents."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from backend.cli.compliance import standard as command
from backend.cli.standard_table import WIDTH, columns_of
from backend.compliance.codes import MACHINE
from backend.compliance.standard import Standard

PROFILES = ("base", "xinhua-fujian", "aopeng-2020", "white-only", "review-photo", "live-capture")


def shown(*arguments: str) -> str:
    done = CliRunner().invoke(command, ["show", *arguments])
    assert done.exit_code == 0, done.output
    return done.output


def block(output: str, code: str) -> list[str]:
    """The row of one check and what is said under it."""
    lines = output.splitlines()
    start = next(number for number, line in enumerate(lines) if re.match(rf"[▶ ] {code} ", line))
    after = next(number for number, line in enumerate(lines[start + 1 :], start + 1) if not line.startswith("      "))
    return lines[start:after]


@pytest.mark.parametrize("profile", PROFILES)
def test_every_check_is_in_it_and_it_fits_in_100_columns(profile: str) -> None:
    output = shown("--profile", profile)
    assert all(block(output, code.value) for code in MACHINE)
    assert max(columns_of(line) for line in output.splitlines()) <= WIDTH == 100


def test_a_number_that_no_document_gives_has_a_star() -> None:
    output = shown("--profile", "base")
    head_top = "HEAD_TOP 头顶位置 R35 hard 50 .. 110 ±3* 42* .. 118* px"
    assert block(output, "HEAD_TOP")[0].split() == head_top.split()
    assert ">= 60" in block(output, "JPEG_QUALITY")[0]
    assert "<= 5.5*" in block(output, "EYE_TILT")[0]
    assert "* 自定，没有文件写明这个数 ours: no document gives this number" in output


def test_what_a_raw_picture_may_be_stands_under_it() -> None:
    assert any("1* .. 160*" in line for line in block(shown(), "HEAD_TOP"))


def test_a_profile_says_at_its_head_and_at_each_check_what_it_changes() -> None:
    output = shown("--profile", "white-only")
    assert "differs from base: TOO_OLD, BG_COLOR" in output
    assert [line.split()[1] for line in output.splitlines() if line.startswith("▶")] == ["TOO_OLD", "BG_COLOR"]
    age = block(output, "TOO_OLD")
    assert "<= 183 " in age[0]
    assert age[1].split() == ["通用标准", "base", "soft", "<=", "366", "无", "none"]
    colours = "\n".join(block(output, "BG_COLOR"))
    assert "颜色 colours: RGB(255,255,255)" in colours
    assert "通用标准 base: RGB(100,197,255) RGB(255,255,255) RGB(240,240,240)" in colours


def test_a_limit_changed_by_us_within_a_profile_has_its_star() -> None:
    assert "180 .. 260* ±3*" in block(shown("--profile", "aopeng-2020"), "FACE_WIDTH")[0]


def test_without_a_name_the_base_is_whole_and_of_the_others_only_what_differs() -> None:
    output = shown()
    assert output.count(" EYE_LINE ") == 1
    assert output.count(" BG_COLOR ") == 4
    for profile in PROFILES:
        assert f"规则 profile {profile}:" in output
    assert "只收现场拍摄 live_only" in output


def test_an_unknown_name_is_answered_with_those_that_there_are() -> None:
    done = CliRunner().invoke(command, ["show", "--profile", "blue"])
    assert done.exit_code == 2
    assert "no profile named 'blue'; there are: aopeng-2020, base" in done.output


def test_what_is_said_to_be_stated_stands_in_the_words_of_the_source(standard: Standard) -> None:
    base = standard.profile("base")
    for profile in standard.profiles.values():
        for code, rule in profile.rules.items():
            if rule.unit not in ("px", "KB", "dpi", "bit") and code.value != "JPEG_QUALITY":
                continue
            for key in rule.stated:
                number = f"{getattr(rule.band, key):g}"
                assert re.search(rf"\b{number}\b", rule.source + base.rule(code).source), (profile.name, code, key)
