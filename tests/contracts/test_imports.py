"""Imports follow the arrows of docs/architecture.md."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

BACKEND = Path(__file__).resolve().parents[2] / "backend"

# a domain may use those before it, never one after it
ORDER = (
    "history",
    "jobs",
    "centres",
    "enrollment",
    "accounts",
    "wechat",
    "notices",
    "consent",
    "photos",
    "errata",
    "identity",
    "proofreading",
    "alumni",
    "capture",
    "fees",
    "onsite",
    "batches",
    "exchange",
    "bulk",
    "progress",
    "notifications",
    "programs",
    "chasing",
    "statistics",
)
PURE = ("rules.py",)
OUTSIDE = {"flask", "flask_login", "flask_wtf", "flask_limiter", "werkzeug", "jinja2", "markupsafe"}
IMPURE = OUTSIDE | {"sqlalchemy", "alembic", "structlog", "httpx", "typst", "os", "pathlib", "socket"}


def imports_of(path: Path) -> Iterator[str]:
    """Dotted names that a file imports at run time, TYPE_CHECKING blocks left out."""

    def walk(nodes: list[ast.stmt]) -> Iterator[ast.AST]:
        for node in nodes:
            if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
                continue
            yield node
            for body in ("body", "orelse", "finalbody", "handlers"):
                yield from walk([child for child in getattr(node, body, []) if isinstance(child, ast.AST)])  # type: ignore[misc]

    for node in walk(ast.parse(path.read_text()).body):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def files(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((BACKEND / folder).rglob("*.py"))]


def top(name: str) -> str:
    return name.partition(".")[0]


def test_every_domain_has_a_place_in_the_order() -> None:
    known = set(ORDER) | {"adapters", "cli", "compliance", "demo", "views", "__pycache__"}
    assert {path.name for path in BACKEND.iterdir() if path.is_dir()} <= known


@pytest.mark.parametrize("domain", ORDER)
def test_a_domain_uses_earlier_domains_only(domain: str) -> None:
    later = ORDER[ORDER.index(domain) + 1 :]
    for path in files(domain):
        used = {name.split(".")[1] for name in imports_of(path) if name.startswith("backend.") and name.count(".")}
        assert not used & set(later), f"{path} imports a later domain"


@pytest.mark.parametrize("domain", ORDER)
def test_a_domain_knows_no_flask_and_no_adapter(domain: str) -> None:
    for path in files(domain):
        names = set(imports_of(path))
        assert not {top(name) for name in names} & OUTSIDE, f"{path} knows the web"
        assert not any(name.startswith(("backend.adapters", "backend.views", "backend.parts")) for name in names), path


def test_parts_adapters_and_the_demo_know_no_pages() -> None:
    for path in [*BACKEND.glob("*.py"), *files("adapters", "demo")]:
        if path != BACKEND / "__init__.py":
            assert not any(name.startswith("backend.views") for name in imports_of(path)), f"{path} knows the pages"


def test_the_pages_know_no_commands() -> None:
    for path in files("views"):
        assert not any(name.startswith("backend.cli") for name in imports_of(path)), f"{path} knows the commands"


def test_rules_are_pure() -> None:
    rules = [path for domain in ORDER for path in files(domain) if path.name in PURE]
    for path in [*rules, BACKEND / "follow_ups.py", BACKEND / "ports.py"]:
        assert not {top(name) for name in imports_of(path)} & (IMPURE - {"os"}), f"{path} is not pure"
        assert "datetime.now" not in path.read_text(), f"{path} reads the clock"


def test_the_compliance_engine_is_pure() -> None:
    allowed = {"numpy", "cv2", "PIL", "pillow_heif", "backend"} | set(sys.stdlib_module_names)
    for path in files("compliance"):
        names = set(imports_of(path))
        assert {top(name) for name in names} <= allowed, f"{path} uses more than arrays and pictures"
        used = {name for name in names if name.startswith("backend.")}
        assert all(name.startswith(("backend.compliance", "backend.ports")) for name in used), (
            f"{path} leaves the engine: {used}"
        )


def test_a_worker_that_judges_pictures_carries_neither_readings_nor_printing_nor_sign_on() -> None:
    unused = {"authlib", "cas", "pypinyin", "typst"}
    program = f"import sys, backend.parts, backend.views\nassert not {unused!r} & set(sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=BACKEND.parent)
    assert done.returncode == 0, done.stderr


def test_the_core_imports_without_flask() -> None:
    modules = [f"backend.{domain}.operations" for domain in ORDER if (BACKEND / domain / "operations.py").exists()]
    program = f"import sys\nfor m in {modules!r}: __import__(m)\nassert 'flask_login' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=BACKEND.parent)
    assert done.returncode == 0, done.stderr
