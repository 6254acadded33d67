"""Every word exists in every language, with the same values; every key is used; every template parses."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader

from backend.adapters.tables import Record
from backend.exchange.resting import columns_about_students
from backend.settings import PROJECT
from backend.words import LANGUAGES, read_catalogue

WORDS = PROJECT / "webapp" / "i18n"
TEMPLATES = PROJECT / "webapp" / "templates"
CATALOGUES = {language: read_catalogue(WORDS / language) for language in LANGUAGES}
CALL = re.compile(r"""(?<![\w.])t\(\s*["']([\w.\-]+)["']\s*([~+%]|,|\))""")
# keys put together at run time: "area.prefix." ~ something
PREFIX = re.compile(r"""["']([a-z_]+(?:\.[\w\-]+)*\.)["']\s*[~+]|f["']([a-z_]+(?:\.[\w\-]+)*\.)\{""")


def sources() -> list[Path]:
    templates = [path for path in TEMPLATES.rglob("*") if path.is_file()]
    return [*templates, *(PROJECT / "backend").rglob("*.py")]


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys() -> None:
    first, *others = (set(words) for words in CATALOGUES.values())
    for other in others:
        assert first ^ other == set()


def test_a_key_takes_the_same_values_in_each_language() -> None:
    first, *others = CATALOGUES.values()
    for other in others:
        different = [key for key in first if placeholders(first[key]) != placeholders(other[key])]
        assert different == []


def test_no_text_is_empty_or_left_in_the_other_language() -> None:
    chinese = re.compile(r"[\u4e00-\u9fff]")
    assert [key for words in CATALOGUES.values() for key, text in words.items() if not text.strip()] == []
    allowed = ("中文", "学信网", "大字", "学照通")  # names that the English pages show too
    for key, text in CATALOGUES["en"].items():
        for name in allowed:
            text = text.replace(name, "")
        text = re.sub(
            r"「.*?」|\(.*?\)|（.*?）|\".*?\"|“.*?”", "", text
        )  # a button's or form's Chinese name beside its English one
        assert not chinese.search(text), f"{key} has Chinese in the English catalogue: {text}"


def test_every_key_that_is_asked_for_exists() -> None:
    missing = [
        f"{path.relative_to(PROJECT)}: {key}"
        for path in sources()
        for key, end in CALL.findall(path.read_text())
        if end in ",)" and key not in CATALOGUES["zh-CN"]
    ]
    assert missing == []


def test_no_key_is_unused() -> None:
    everything = "\n".join(path.read_text() for path in sources())
    prefixes = {first or second for first, second in PREFIX.findall(everything)}
    unused = [
        key
        for key in CATALOGUES["zh-CN"]
        if f'"{key}"' not in everything
        and f"'{key}'" not in everything
        and not any(key.startswith(prefix) for prefix in prefixes)
    ]
    assert unused == []


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_a_template_parses_and_has_no_inline_script_or_style(path: Path) -> None:
    text = path.read_text()
    Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True).parse(text)
    without_comments = re.sub(r"\{#.*?#\}", "", text, flags=re.DOTALL)
    assert not re.search(r"\son\w+\s*=\s*[\"']", without_comments), "a handler in the markup is refused by our policy"
    assert not re.search(r"\sstyle\s*=\s*[\"']", without_comments), "a style in the markup is refused by our policy"


def test_every_table_about_students_has_words_for_what_holds_an_import() -> None:
    assert len(Record.metadata.tables) > len(columns_about_students()), "every table is known"
    asked = {f"imports.depends.{table.name}" for table in columns_about_students()}
    assert asked - set(CATALOGUES["zh-CN"]) == set()


# kinds of things that belong to one student: what happens to them is told on the student's page
OF_STUDENTS = (
    "alumni_application", "alumni_case", "batch_item", "bulk_item", "capture_code", "channel", "chsi_record",
    "conclusion", "consent", "contact", "correction", "erratum", "fee", "identity_review", "linked_photo", "photo",
    "proofreading", "reminder", "returned", "returned_photo", "sign_up", "stage_evidence", "student",
)  # fmt: skip

NO_VERBS = {"alumni_application.code", "bulk_item.mark", "returned.not_judged", "student.id_number"}  # names of others


def test_everything_that_happens_to_a_student_has_words() -> None:
    written, about, about_nobody = set(), set(), set()
    for path in (PROJECT / "backend").glob("*/*.py"):
        text = path.read_text()
        if ("Fact(" not in text and "VERBS" not in text) or path.parent.name == "demo":
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Constant) and re.fullmatch(r"[a-z_]+\.[a-z_]+", str(node.value)):
                written.add(str(node.value))
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Fact":
                verb, owned = node.args[0], len(node.args) > 2 or any(word.arg == "owner_id" for word in node.keywords)
                if isinstance(verb, ast.Constant):
                    (about if owned else about_nobody).add(str(verb.value))
    told = {verb for verb in written if verb.partition(".")[0] in OF_STUDENTS} - (about_nobody - about) - NO_VERBS
    missing = {f"students.verb.{verb}" for verb in told | about} - set(CATALOGUES["zh-CN"])
    assert missing == set()
