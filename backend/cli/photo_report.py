"""HTML for people who look at many judged pictures: one file, one card each, nothing loaded from outside."""

from __future__ import annotations

import base64
import html
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from backend.cli.checked import Checked
from backend.compliance.findings import Finding, Mark, Verdict

STYLE = """
body{font:15px/1.5 system-ui,"Noto Sans SC",sans-serif;margin:1rem;color:#1c1c1e;background:#f5f5f7}
h1{font-size:1.4rem;margin:.25rem 0 .75rem}h2{font-size:14px;margin:.5rem 0;word-break:break-all}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,260px),1fr));gap:1rem;align-items:start}
.card{background:#fff;border-radius:8px;padding:.75rem;border-top:6px solid #2a9d5c;min-width:0}
.review{border-color:#d98c00}.retake,.error{border-color:#c8362b}
svg,img{width:100%;height:auto;display:block}figure{margin:0;position:relative}svg{position:absolute;inset:0}
path,rect,polygon,polyline{fill:none;stroke:#c8362b;stroke-width:2}.limit{stroke:#0a66c2;stroke-dasharray:6 4}
ul{margin:.25rem 0;padding-left:1.2rem}p{margin:.25rem 0}
.summary{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;margin:.25rem 0;padding:0;list-style:none}
.summary b{font-variant-numeric:tabular-nums}.verdicts{font-size:1.1rem}
.show{display:inline-flex;align-items:center;min-height:44px;margin:0 1rem .5rem 0;gap:.4rem}
#pass:checked~.cards>:not(.pass),#review:checked~.cards>:not(.review),#retake:checked~.cards>:not(.retake),
#error:checked~.cards>:not(.error){display:none}
"""
VERDICTS = {"pass": "合格", "review": "需人工查看", "retake": "需重拍", "error": "读不出来"}


def page_start(title: str, summary: str, *, choose: bool = False) -> str:
    """Everything above the cards. choose: whether the cards can be narrowed to one verdict (needs no script)."""
    chosen = "".join(
        f'<input type="radio" name="show" id="{name}"{" checked" if name == "all" else ""}>'
        f'<label class="show" for="{name}">{words}</label>'
        for name, words in {"all": "全部", **VERDICTS}.items()
    )
    return (
        '<!doctype html><html lang="zh-CN"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{STYLE}</style><h1>{html.escape(title)}</h1>{summary}"
        f'{chosen if choose else ""}<div class="cards">'
    )


PAGE_END = "</div></html>"


def sheet(items: list[tuple[Checked, str, str]]) -> str:
    """Pictures to look at, each with why it is here and what it shows."""
    cards = (card(done, f"{why}: {shows}", ()) for done, why, shows in items)
    return page_start("To look at", f"<p>{len(items)}</p>") + "".join(cards) + PAGE_END


def card(done: Checked, note: str, sentences: Iterable[str]) -> str:
    """One picture with its marks and what was found."""
    if done.assessment is None:
        why = "".join(html.escape(text) for text in sentences) or html.escape(note)
        return f'<article class="card error"><h2>{html.escape(str(done.path))}</h2><p>{why}</p></article>'
    report = done.assessment.report
    open_findings = [finding for finding in report.findings if finding.verdict is not Verdict.OK]
    picture = base64.b64encode(done.assessment.judged_jpeg).decode("ascii")
    width, height = report.judged_size
    listed = "".join(f"<li>{html.escape(text)}</li>" for text in sentences) or "".join(
        f"<li>{html.escape(_short(finding))}</li>" for finding in open_findings
    )
    marks = "".join(drawn(mark) for finding in open_findings for mark in finding.marks)
    return (
        f'<article class="card {report.verdict.value}"><figure>'
        f'<img alt="" width="{width}" height="{height}" loading="lazy" src="data:image/jpeg;base64,{picture}">'
        f'<svg viewBox="0 0 {width} {height}">{marks}</svg></figure>'
        f"<h2>{html.escape(str(done.path))}</h2><p>{html.escape(note)}</p><ul>{listed}</ul></article>"
    )


def drawn(mark: Mark) -> str:
    """One mark as SVG."""
    tone = ' class="limit"' if mark.tone == "limit" else ""
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in mark.points)
    if mark.kind == "box":
        (left, top), (right, bottom) = mark.points[0], mark.points[1]
        return f'<rect{tone} x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" height="{bottom - top:.1f}"/>'
    if mark.kind == "points":
        return "".join(f'<path{tone} d="M{x:.1f} {y:.1f}m-3 0h6m-3 -3v6"/>' for x, y in mark.points)
    return f'<{"polygon" if mark.kind == "outline" else "polyline"}{tone} points="{points}"/>'


@dataclass
class Tally:
    """How many pictures of each verdict there are, and how often each finding; grows while pictures are judged."""

    verdicts: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)

    def add(self, done: Checked) -> None:
        self.verdicts[done.report.verdict.value if done.report else "error"] += 1
        if done.report is not None:
            self.codes.update(one.code.value for one in done.report.findings if one.verdict is not Verdict.OK)

    def table(self, names: Mapping[str, str]) -> str:
        """As HTML: the verdicts, then the commonest findings by their names."""
        verdicts = [(words, self.verdicts[name]) for name, words in VERDICTS.items()]
        findings = [(names.get(code, code), count) for code, count in self.codes.most_common(15)]
        return _listed(verdicts, "summary verdicts") + _listed(findings, "summary")


def _listed(rows: list[tuple[str, int]], style: str) -> str:
    return (
        f'<ul class="{style}">' + "".join(f"<li>{html.escape(name)} <b>{count}</b>" for name, count in rows) + "</ul>"
    )


def _short(finding: Finding) -> str:
    value = "" if finding.value is None else f" {finding.value:g} {finding.unit}"
    return f"{finding.code.value} {finding.verdict.value}{value}"
