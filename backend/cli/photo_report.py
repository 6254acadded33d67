"""HTML for people who look at many judged pictures: one file, one card each, nothing loaded from outside."""

from __future__ import annotations

import base64
import html
from collections import Counter
from collections.abc import Iterable

from backend.cli.checked import Checked
from backend.compliance.findings import Finding, Mark, PictureVerdict, Verdict

STYLE = """
body{font:15px/1.5 system-ui,"Noto Sans SC",sans-serif;margin:1.5rem;color:#1c1c1e;background:#f5f5f7}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(260px,1fr));gap:1rem}
.card{background:#fff;border-radius:8px;padding:.75rem;border-top:6px solid #2a9d5c}
.review{border-color:#d98c00}.retake,.error{border-color:#c8362b}
svg,img{width:100%;height:auto;display:block}figure{margin:0;position:relative}svg{position:absolute;inset:0}
path,rect,polygon,polyline{fill:none;stroke:#c8362b;stroke-width:2}.limit{stroke:#0a66c2;stroke-dasharray:6 4}
h2{font-size:14px;margin:.5rem 0;word-break:break-all}ul{margin:.25rem 0;padding-left:1.2rem}
td,th{padding:.1rem .8rem .1rem 0;text-align:left}
"""


def page(title: str, summary: str, cards: Iterable[str]) -> str:
    return (
        f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f"<style>{STYLE}</style><h1>{html.escape(title)}</h1>{summary}"
        f'<div class="cards">{"".join(cards)}</div></html>'
    )


def sheet(items: list[tuple[Checked, str, str]]) -> str:
    """Pictures to look at, each with why it is here and what it shows."""
    return page("To look at", f"<p>{len(items)}</p>", (card(done, f"{why}: {shows}", ()) for done, why, shows in items))


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
        f'<article class="card {report.verdict.value}"><figure><img alt="" src="data:image/jpeg;base64,{picture}">'
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


def summary(done: list[Checked]) -> str:
    """How many of each verdict, and the commonest findings, as an HTML table."""
    verdicts = Counter(one.report.verdict for one in done if one.report)
    codes = Counter(
        finding.code.value
        for one in done
        if one.report
        for finding in one.report.findings
        if finding.verdict is not Verdict.OK
    )
    rows = [(verdict.value, verdicts[verdict]) for verdict in PictureVerdict]
    rows.append(("error", sum(one.error is not None for one in done)))
    rows.extend(codes.most_common(15))
    return "<table>" + "".join(f"<tr><th>{html.escape(name)}<td>{count}" for name, count in rows) + "</table>"


def _short(finding: Finding) -> str:
    value = "" if finding.value is None else f" {finding.value:g} {finding.unit}"
    return f"{finding.code.value} {finding.verdict.value}{value}"
