"""Every page, as each audience sees it: axe finds nothing serious in three themes, nothing is wider than the screen."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import insert, literal, select
from sqlalchemy.orm import Session

from backend.adapters.database import make_engine
from backend.batches.records import Batch
from backend.batches.rules import State
from backend.demo.alumni import GRADUATES
from backend.demo.college import PASSWORD
from backend.demo.people import PEOPLE
from backend.demo.proofreading import PROOFREADERS
from backend.enrollment.records import Correction, Student
from backend.exchange.records import Import, ReturnedPhoto
from backend.exchange.rules import ImportState
from backend.follow_ups import import_key
from backend.jobs.records import Job
from backend.jobs.rules import JobState
from backend.notices.records import Notice, NoticeLink
from backend.onsite.records import TeamList
from backend.photos.records import Photo
from backend.settings import PROJECT, load_settings
from tests.journeys.people import sign_in
from tests.journeys.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("server")]

AXE = PROJECT / "tests" / "vendor" / "axe-core" / "axe.min.js"
SERIOUS = ("serious", "critical")
THEMES = {"light": "light no", "dark": "dark no", "care": "light yes"}

# sets theme and care mode as the server would, then asks axe
LOOK = """([theme, care]) => {
  for (const node of [document.documentElement, document.body]) {
    node.setAttribute('data-weui-theme', theme);
    node.setAttribute('data-weui-mode', care === 'yes' ? 'care' : 'default');
  }
  document.querySelector('meta[name=color-scheme]').content = theme;
}"""
ASK = """async (rules) => (await axe.run(document, {resultTypes: ['violations'],
  ...(rules.length ? {runOnly: {type: 'rule', values: rules}} : {})})).violations
  .map(v => ({id: v.id, impact: v.impact,
    where: v.nodes.slice(0, 3).map(n => n.target.join(' ') + ' ' + n.html.slice(0, 120))}))"""
WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll('body *')].filter(n => n.getBoundingClientRect().right > width + 1)
    .slice(0, 3).map(n => n.outerHTML.slice(0, 120));
}"""

# titles of two lines whose first line ends inside a word
BROKEN = """() => {
  const words = new Intl.Segmenter('zh', {granularity: 'word'}), range = document.createRange(), found = [];
  for (const title of document.querySelectorAll('h1, h2')) {
    const walk = document.createTreeWalker(title, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      const text = walk.currentNode, starts = new Set([...words.segment(text.data)].map(part => part.index));
      let line = null;
      for (let at = 0; at < text.length; at++) {
        range.setStart(text, at);
        range.setEnd(text, at + 1);
        const {top, bottom, width} = range.getBoundingClientRect();
        if (!width) continue;
        if (line && top >= line && !starts.has(at)) found.push(`${text.data.slice(0, at)}|${text.data.slice(at)}`);
        line = bottom - (bottom - top) / 3;
      }
    }
  }
  return found;
}"""

# what a thumb does not hit: lower than 44 pixels; links within a sentence may be
SMALL = """() => [...document.querySelectorAll('button, summary, .links__note a, .quiet > a:only-child, .foot a')]
  .filter(node => node.checkVisibility({visibilityProperty: true}) && node.getBoundingClientRect().height < 43.9)
  .map(node => node.outerHTML.slice(0, 120))"""


# what a theme can change: colours and, in large type, sizes and what has to scroll; the rest is asked in the first only
OF_THEME = ["color-contrast", "link-in-text-block", "scrollable-region-focusable"]

# the pages that an audience has for itself; the public ones are looked at once
INSIDE = {
    "": r"/(?!assets|vendor|gallery)",
    "student": r"/(home|enrollment|consent|photo|task|messages|mine|case|alumni|errata|papers|sessions|fees|capture-)",
    "staff": r"/(console|staff)",
}
FILES = re.compile(r"\.(pdf|png|jpg|svg|xlsx|csv|zip|ics|json)|/picture|/original|/file|/registration|/evidence")


# imports by where they stand
IMPORTS = {
    "columns": select(Import.id).where(Import.state == ImportState.UPLOADED, Import.kind == "roster"),
    "disc_columns": select(Import.id).where(Import.state == ImportState.UPLOADED, Import.kind == "disc"),
    "checked": select(Import.id).where(Import.state == ImportState.CHECKED),
    "written": select(Import.id).where(Import.state == ImportState.DONE, Import.kind == "match"),
}


def _give_up(session: Session) -> int:
    """An import in the middle of its writing, whose job has failed too often."""
    table = Import.__table__
    session.connection(execution_options={"write": True})  # the worker writes beside this
    made = select(Import.id, Import.uploaded_at).where(
        Import.state == ImportState.COMMITTING, Import.total_rows == 1200
    )
    if (before := session.execute(made).first()) is not None:
        return int(before.id)
    instead = {"state": ImportState.COMMITTING.value, "done_rows": 500, "total_rows": 1200}
    # copied by the database: what is encrypted is nothing that this process could read
    names = [column.name for column in table.columns if column.name != "id"]
    values = [literal(instead[name]).label(name) if name in instead else table.c[name] for name in names]
    like = select(*values).where(table.c.state == ImportState.CHECKED).order_by(table.c.id).limit(1)
    session.execute(insert(table).from_select(names, like))
    stuck, since = session.execute(made).one()
    job = Job(
        kind="commit_import",
        payload={"import_id": stuck},
        key=import_key("import.committed", stuck),
        state=JobState.DEAD,
        run_at=since,
        created_at=since,
        attempts=8,
        last_error="OSError: No space left on device",
    )
    session.add(job)
    session.commit()
    return int(stuck)


class Demo:
    """Numbers of things in the demo, for addresses."""

    def __init__(self, data: Path) -> None:
        load_settings({"DATA_DIR": str(data)})
        self.engine = make_engine(f"sqlite:///{data / 'xuezhao.sqlite3'}", busy_seconds=10, pool_size=1)

    def __getattr__(self, name: str) -> int | str:
        with Session(self.engine) as session:
            if name == "token":
                return session.scalars(select(NoticeLink.token)).first() or ""
            if name == "disc":
                return session.scalars(select(ReturnedPhoto.import_id)).first() or 0
            if name == "photo_back":  # the dark one, which has findings on both sides
                return session.scalars(select(ReturnedPhoto.id).order_by(ReturnedPhoto.id).offset(1)).first() or 0
            if name == "listed":  # the session whose team brought its list back
                return session.scalars(select(TeamList.session_id).order_by(TeamList.id)).first() or 0
            if name in set(State):  # the demo's batch that stands so
                return session.scalars(select(Batch.id).where(Batch.state == name).order_by(Batch.id)).first() or 0
            if name in IMPORTS:
                return session.scalars(IMPORTS[name].order_by(Import.id)).first() or 0
            if name == "given_up":
                return _give_up(session)
            table = {"photo": Photo, "student": Student, "case": Correction, "notice": Notice}[name]
            return session.scalars(select(table.id).order_by(table.id)).first() or 0


# who looks -> the addresses; {photo}, {student}, {case}, {notice}, {token}, {draft} ... are filled in from the demo
PAGES: dict[str, list[str]] = {
    "": [
        "/", "/sign-in", "/activate", "/staff/sign-in", "/privacy", "/help", "/n/{token}", "/n/gone2345", "/nowhere",
        "/alumni", "/alumni?graduated=before&diploma=yes&captured=no", "/api/v1",
    ],
    f"student {PEOPLE[48].student_number}": ["/home", "/enrollment", "/consent"],
    f"student {PEOPLE[42].student_number}": [
        "/home", "/enrollment", "/consent", "/photo/guide", "/photo", "/photo/camera", "/messages", "/mine",
        "/task/proofread", "/task/errata", "/task/alumni", "/photo/versions",
    ],
    f"student {GRADUATES[4].student_number}": ["/alumni/case"],
    f"student {PEOPLE[45].student_number}": ["/home", "/enrollment"],
    f"student {PEOPLE[47].student_number}": ["/home", "/enrollment", "/messages"],
    f"student {PEOPLE[0].student_number}": ["/home", "/photo/versions", "/messages", "/mine"],
    f"student {PEOPLE[10].student_number}": ["/home", "/photo/versions", "/messages"],
    f"student {PEOPLE[18].student_number}": ["/home", "/photo/versions"],
    f"student {PEOPLE[1].student_number}": ["/errata"],
    f"student {PEOPLE[5].student_number}": ["/errata"],
    f"student {PEOPLE[12].student_number}": ["/papers"],
    f"student {PEOPLE[15].student_number}": ["/errata"],
    f"student {PROOFREADERS[0].student_number}": [
        "/home", "/task/proofread", "/task/proofread/confirm?photo=right&info=wrong",
    ],
    f"student {PROOFREADERS[10].student_number}": ["/task/proofread"],
    f"student {PROOFREADERS[12].student_number}": ["/task/proofread"],
    f"student {PROOFREADERS[13].student_number}": ["/home", "/task/proofread"],
    "staff fz": [
        "/console", "/console/review", "/console/review/{photo}", "/console/students", "/console/students/{student}",
        "/console/cases", "/console/notices", "/console/settings", "/console/review/99999", "/console/alumni",
        "/console/missing", "/console/imports", "/console/imports/{disc_columns}",
        "/console/students/{student}/contacts", "/console/missing/remind", "/console/missing/remind?all=1",
        "/console/errata", "/console/statistics", "/console/returned", "/console/returned/parcel/{disc}",
        "/console/returned/parcel/{disc}/check-list", "/console/returned/{photo_back}",
        "/console/returned/{photo_back}?medium=paper",
        "/console/bulk", "/console/bulk/1", "/console/bulk/1?show=retake",
        "/console/bulk/1/close", "/console/bulk/1/files/1", "/console/bulk/1/files/2", "/console/bulk/1/files/10",
    ],
    "staff fz-head": ["/console", "/console/notices", "/console/notices/{notice}", "/console/settings"],
    "staff xueji": [
        "/console", "/console/review", "/console/students", "/console/cases", "/console/cases/{case}",
        "/console/notices", "/console/notices/{notice}", "/console/settings",
        "/console/missing", "/console/imports", "/console/imports/{columns}", "/console/imports/{checked}",
        "/console/imports/{written}", "/console/imports/{written}/undo", "/console/imports/{given_up}",
        "/console/statistics", "/console/statistics/missing", "/console/statistics/waiting",
        "/console/statistics/reasons", "/console/statistics/posters", "/console/statistics/centres",
        "/console/statistics/report",
        "/console/batches", "/console/batches/{draft}", "/console/batches/{draft}/choose",
        "/console/batches/{draft}/choose?ticked=1", "/console/batches/{handed_over}",
        "/console/sessions/{listed}", "/console/sessions/{listed}/results", "/console/sessions/{listed}/door",
        "/console/alumni", "/console/alumni/packages", "/console/errata?state=approved", "/console/identity",
    ],
    "staff admin": ["/console", "/console/settings", "/console/settings/cohorts"],
}  # fmt: skip


@pytest.fixture(scope="module")
def demo(installation: Server) -> Demo:
    return Demo(installation.data)


# pages reached by links that one of an audience has looked at need no second look by the next one
LOOKED: dict[tuple[str, str], set[str]] = {}


def addresses(page: Page, who: str, screen: str, demo: Demo) -> Iterator[str]:
    """The list above, then every page that those pages link to and nobody of the same audience has looked at."""
    seen: set[str] = set()
    looked = LOOKED.setdefault((who.partition(" ")[0], screen), set())
    listed = [re.sub(r"\{(\w+)\}", lambda match: str(getattr(demo, match[1])), text) for text in PAGES[who]]
    waiting = list(listed)
    while waiting:
        address = waiting.pop(0)
        # of pages that are linked one of each kind is looked at: other numbers and filters are the same page
        kind = re.sub(r"\d+|(?<=/n/)\w+", "#", address.split("?")[0])
        wanted = bool(listed) and address == listed[0]
        if wanted:
            listed.pop(0)
        elif kind in seen or kind in looked:
            seen.add(kind)
            continue
        seen.add(kind)
        looked.add(kind)
        yield address
        for href in page.locator("a[href^='/']").evaluate_all("links => links.map(a => a.getAttribute('href'))"):
            if re.match(INSIDE[who.partition(" ")[0]], href) and not FILES.search(href):
                waiting.append(href.split("#")[0])


@pytest.mark.parametrize("who", PAGES)
@pytest.mark.parametrize("screen", ["phone", "desk"])
def test_a_page_is_accessible_and_fits(
    who: str, screen: str, browser: Browser, installation: Server, demo: Demo
) -> None:
    if screen == "phone":
        size = {"width": 360, "height": 780}
    else:
        size = {"width": 1280, "height": 800}
    context = browser.new_context(
        base_url=installation.address, viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai"
    )
    page = context.new_page()
    if who:
        kind, login = who.split()
        sign_in(page, login, PASSWORD, staff=kind == "staff")
    problems = []
    axe = AXE.read_text()
    for address in addresses(page, who, screen, demo):
        answer = page.goto(address)
        assert answer
        if answer.status >= 500:
            problems.append(f"{address}: status {answer.status}")
            continue
        # what axe finds depends on the theme, hardly on the width: staff pages are asked on the desk
        asked = (screen == "desk") == who.startswith("staff")
        if asked:
            page.evaluate(axe)
        for theme, words in THEMES.items():
            page.evaluate(LOOK, words.split())
            if asked:
                problems += _serious(page, f"{address} ({theme})", () if theme == "light" else OF_THEME)
            problems += [f"{address} ({theme}): wider than the screen: {node}" for node in page.evaluate(WIDE)]
            _keep(page, who, address, screen, theme)
        page.evaluate(LOOK, ["light", "no"])
        if screen == "phone":
            problems += [f"{address}: a title breaks inside a word: {text}" for text in page.evaluate(BROKEN)]
            if not who.startswith("staff") and address != "/api/v1":
                problems += [f"{address}: too low for a thumb: {node}" for node in page.evaluate(SMALL)]
        for share in ("150%", "200%") if screen == "phone" and not who.startswith("staff") else ("150%",):
            page.evaluate("share => { document.documentElement.style.fontSize = share }", share)
            problems += [f"{address} (text {share}): wider than the screen: {node}" for node in page.evaluate(WIDE)]
    context.close()
    assert problems == []


def _serious(page: Page, where: str, rules: Sequence[str] = ()) -> list[str]:
    """What these rules of axe find, or all of them when there are none."""
    return [
        f"{where}: {found['id']} {json.dumps(found['where'], ensure_ascii=False)}"
        for found in page.evaluate(ASK, list(rules))
        if found["impact"] in SERIOUS
    ]


def _keep(page: Page, who: str, address: str, screen: str, theme: str) -> None:
    """With SHOTS=folder every page is kept as a picture, for looking."""
    folder = os.environ.get("SHOTS")
    if folder:
        name = re.sub(r"\W+", "_", f"{who or 'anybody'} {address} {screen} {theme}")
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
