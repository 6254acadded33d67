"""`make lighthouse`: the student's pages in Lighthouse, on a running demo; the middle of three runs as a table.

Not a test: one noisy machine gives noisy numbers. Run it when nothing else is running.
"""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright._impl._driver import compute_driver_executable
from playwright.sync_api import Page, sync_playwright
from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.adapters.database import make_engine
from backend.adapters.faces import FaceNetworks
from backend.demo.people import PEOPLE
from backend.demo.pictures import Studio
from backend.notices.records import NoticeLink
from backend.settings import PROJECT
from tests.journeys.conftest import CHROMIUM_OPTIONS, chromium_path
from tests.journeys.people import check_picture, sign_in
from tests.journeys.server import Server

RUNS = int(os.environ.get("RUNS", "3"))
TRIES = 3  # a browser that does not start on a busy machine is started again
CATEGORIES = ("performance", "accessibility", "best-practices")
METRICS = {
    "LCP": "largest-contentful-paint",
    "CLS": "cumulative-layout-shift",
    "TBT": "total-blocking-time",
    "bytes": "total-byte-weight",
}
FEWEST = 95  # points that every page should have


def main(folder: Path) -> int:
    """folder: where the locked Lighthouse is installed."""
    chromium = chromium_path()
    with tempfile.TemporaryDirectory(prefix="xuezhao-lighthouse-") as temporary:
        server = Server(Path(temporary) / "data", XUEZHAO_DEMO_ENABLED="true")
        prepared = server.command("prepare")
        if prepared.returncode:
            print(prepared.stderr, file=sys.stderr)
            return 1
        server.start()
        try:
            pages, cookie = _pages(server, Path(temporary), chromium)
            rows = [
                (
                    name,
                    _middle(
                        [
                            _look(folder, server.address + path, cookie if signed_in else "", chromium)
                            for _ in range(RUNS)
                        ]
                    ),
                )
                for name, (path, signed_in) in pages.items()
            ]
        finally:
            server.stop()
    _print(rows)
    return 0 if all(row[name] >= FEWEST for _, row in rows for name in CATEGORIES) else 1


def _pages(server: Server, folder: Path, chromium: str) -> tuple[dict[str, tuple[str, bool]], str]:
    """What is looked at, and the cookie of a student who has a checked picture."""
    picture = folder / "me.jpg"
    picture.write_bytes(Studio(FaceNetworks(PROJECT / "models")).take())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_OPTIONS)
        page: Page = browser.new_page(base_url=server.address, locale="zh-CN")
        sign_in(page, PEOPLE[42].student_number)
        check_picture(page, picture)
        result = "/photo/draft/" + page.url.rpartition("/")[2]
        cookie = "; ".join(f"{one['name']}={one['value']}" for one in page.context.cookies())
        browser.close()
    engine = make_engine(f"sqlite:///{server.data / 'xuezhao.sqlite3'}", busy_seconds=10, pool_size=1)
    with Session(engine) as session:
        token = session.scalars(select(NoticeLink.token)).first()
    engine.dispose()
    return {
        "notice": (f"/n/{token}", False),
        "sign-in": ("/sign-in", False),
        "home": ("/home", True),
        "my data": ("/enrollment", True),
        "consent": ("/consent", True),
        "guide": ("/photo/guide", True),
        "camera": ("/photo/camera", True),
        "result": (result, True),
        "photo": ("/photo", True),
        "versions": ("/photo/versions", True),
        "proofread": ("/task/proofread", True),
        "errata": ("/errata", True),
        "alumni": ("/alumni", False),
        "sessions": ("/sessions", True),
        "messages": ("/messages", True),
        "mine": ("/mine", True),
    }, cookie


def _look(folder: Path, address: str, cookie: str, chromium: str) -> dict[str, float]:
    """One run: points of each category, and the measures behind the first."""
    node = str(compute_driver_executable()[0])
    command = [
        *(node, str(folder / "node_modules/lighthouse/cli/index.js"), address, "--quiet", "--output=json"),
        f"--only-categories={','.join(CATEGORIES)}",
        f"--extra-headers={json.dumps({'Cookie': cookie, 'Accept-Language': 'zh-CN'})}",
        f"--chrome-flags=--headless=new {' '.join(CHROMIUM_OPTIONS)}",
    ]
    environment = os.environ | {"CHROME_PATH": chromium}
    for _ in range(TRIES):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            break
    else:
        raise SystemExit(f"Lighthouse could not measure {address}:\n{done.stderr.strip()[-600:]}")
    answer = done.stdout
    report: dict[str, Any] = json.loads(answer)
    if kept := os.environ.get("REPORTS"):
        name = re.sub(r"\W+", "_", address.partition("//")[2].partition("/")[2]) or "root"
        Path(kept).mkdir(parents=True, exist_ok=True)
        (Path(kept) / f"{name}.json").write_text(answer)
    if report["finalDisplayedUrl"].rstrip("/") != address.rstrip("/"):
        raise SystemExit(f"{address} led to {report['finalDisplayedUrl']}")
    points = {name: round(100 * report["categories"][name]["score"]) for name in CATEGORIES}
    return points | {name: report["audits"][audit]["numericValue"] for name, audit in METRICS.items()}


def _middle(runs: list[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def _print(rows: list[tuple[str, dict[str, float]]]) -> None:
    print(
        "| page | performance | accessibility | best practices | largest paint | layout shift | blocked | first view |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for name, row in rows:
        points = " | ".join(f"{row[category]:.0f}" for category in CATEGORIES)
        measures = f"{row['LCP'] / 1000:.1f} s | {row['CLS']:.3f} | {row['TBT']:.0f} ms | {row['bytes'] / 1024:.0f} KB"
        print(f"| {name} | {points} | {measures} |")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
