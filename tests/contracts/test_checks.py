"""Every check has a rule with a source, words in each language, a relation test and a row in the golden table."""

from __future__ import annotations

import pytest

from backend.compliance.checks import CHECKS
from backend.compliance.codes import MACHINE, REVIEWER_ONLY, Code
from backend.compliance.decode import UNREADABLE_REASONS
from backend.compliance.standard import load_standard
from backend.settings import PROJECT
from backend.words import LANGUAGES, read_catalogue
from tests.compliance.portraits import SERIES
from tests.compliance.test_relations import BY_NAME
from tests.golden import portraits

STANDARD = load_standard(PROJECT / "config" / "photo-standard.toml")
WORDS = {language: read_catalogue(PROJECT / "webapp" / "i18n" / language) for language in LANGUAGES}


def test_each_machine_code_has_exactly_one_check_in_a_file_of_its_name() -> None:
    assert sorted(check.code for check in CHECKS) == sorted(MACHINE)
    files = {path.stem for path in (PROJECT / "backend" / "compliance" / "checks").glob("*/*.py")}
    assert {code.value.lower() for code in MACHINE} <= files


@pytest.mark.parametrize("profile", STANDARD.profiles.values(), ids=lambda profile: profile.name)
def test_each_rule_has_a_source_and_a_limit(profile: object) -> None:
    for check in CHECKS:
        rule = STANDARD.profile(profile.name).rule(check.code)  # type: ignore[attr-defined]
        assert rule.source.strip()
        assert rule.requirement[0] in "RX"
        assert rule.band.low is not None or rule.band.high is not None


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_code_and_reason_has_words(language: str) -> None:
    words = WORDS[language]
    missing = [
        f"{code.value.lower()}.{part}"
        for code in Code
        for part in ("name", "wrong", "fix")
        if f"finding.{code.value.lower()}.{part}" not in words
    ]
    missing += [reason for reason in UNREADABLE_REASONS if f"finding.reason.{reason}" not in words]
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_fill_with_numbers(language: str) -> None:
    for code in Code:
        text = WORDS[language][f"finding.{code.value.lower()}.wrong"]
        assert text.format(value=38, low=50, high=110)


def test_each_check_has_a_relation_and_a_golden_row() -> None:
    assert set(SERIES) | BY_NAME == set(MACHINE)
    assert {code for code, _, _ in portraits.kept()} == {code.value for code in SERIES}


def test_the_reviewer_has_every_code() -> None:
    assert set(MACHINE) | REVIEWER_ONLY == set(Code)
