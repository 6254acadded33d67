"""HTML for people who look at many judged pictures: one file, one card each, nothing loaded from outside."""

from __future__ import annotations

import base64
import html
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from PIL import Image

from backend.cli.checked import Checked
from backend.compliance.findings import Finding, Mark, Verdict

STYLE = """
:root{color-scheme:light dark;--page:#f5f5f7;--card:#fff;--text:#1c1c1e;--line:#8e8e93;--chosen:#0a66c2}
@media(prefers-color-scheme:dark){:root{--page:#1c1c1e;--card:#2c2c2e;--text:#f2f2f7}}
body{font:15px/1.5 system-ui,"Noto Sans SC",sans-serif;margin:1rem;color:var(--text);background:var(--page)}
h1{font-size:1.4rem;margin:.25rem 0 .75rem}h2{font-size:14px;margin:.5rem 0;word-break:break-all}a{color:inherit}
.about{word-break:break-all}details{margin:.5rem 0}
summary{min-height:44px;line-height:44px;font-weight:600;cursor:pointer}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,260px),1fr));gap:1rem;align-items:start}
.card{background:var(--card);border-radius:8px;padding:.75rem;border-top:6px solid #2a9d5c;min-width:0;
content-visibility:auto;contain-intrinsic-size:auto 560px}
.review{border-color:#d98c00}.retake,.error{border-color:#c8362b}
svg,img{width:100%;height:auto;display:block}figure{margin:0;position:relative}svg{position:absolute;inset:0}
svg{filter:drop-shadow(0 0 1px #fff)}
path,rect,polygon,polyline{fill:none;stroke:#c8362b;stroke-width:2}.limit{stroke:#0a66c2;stroke-dasharray:6 4}
ul{margin:.25rem 0;padding-left:1.2rem}p{margin:.25rem 0}
.by{font-weight:600;margin:.5rem 0 .25rem}.cards{margin-top:1rem}
.pick{position:absolute;opacity:0}.row{display:flex;flex-wrap:wrap;gap:.5rem}
.show{display:inline-flex;align-items:center;flex:none;min-height:44px;box-sizing:border-box;padding:0 .75rem;gap:.4rem;
background:var(--fill,var(--card));border:var(--edge,1px) solid var(--rim,var(--line));color:var(--ink,inherit);
border-radius:22px}.show b{font-variant-numeric:tabular-nums}
@media(max-width:600px){.row{flex-wrap:nowrap;overflow-x:auto;padding:3px}}
@media print{@page{size:A4;margin:10mm}:root{color-scheme:light;--page:#fff;--card:#fff;--text:#000}
body{margin:0;font-size:11px;line-height:1.35}h2{font-size:11px;margin:.25rem 0}
summary{min-height:0;line-height:inherit}
.row{overflow:visible;flex-wrap:wrap;gap:4px}
.show{min-height:0;font-size:10px;padding:0 6px;background:none;color:#000}
.cards{grid-template-columns:repeat(4,1fr);gap:3mm}
.card{content-visibility:visible;break-inside:avoid;padding:6px;border:1px solid var(--line);border-top-width:5px}}
"""
VERDICTS = {"pass": "合格", "review": "需人工查看", "retake": "需重拍", "error": "读不出来"}
ALL = "全部"
THUMBNAIL, QUALITY = (360, 480), 80  # a picture of 480x640 becomes a third of its size: 500 of them are some 10 MB


def page_start(title: str, summary: str = "", style: str = "", *, language: str = "zh-CN") -> str:
    """Everything above the cards."""
    return (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{STYLE}{style}</style>"
        f'<h1>{html.escape(title)}</h1>{summary}<div class="cards">'
    )


PAGE_END = "</div></html>"

HOW_TO_READ = """<details open><summary>怎么看这份报告</summary><ul>
<li><b>合格</b>：不用处理。</li>
<li><b>需人工查看</b>：机器拿不准，或只是文件的小问题。请看标“?”的几项，由您决定照片能不能用。</li>
<li><b>需重拍</b>：标“✗”的几项不符合规定。请把这几句话告诉学生，重拍后再检查；扫描件也可以重新扫描。</li>
<li><b>读不出来</b>：文件打不开，没有检查。请重新导出、重新扫描，或向学生要原文件。</li>
<li>红线是在照片上量到的位置，蓝色虚线是允许的范围。</li>
<li>不是 480×640 的照片，显示的是按规定裁好以后的样子；原文件没有改动。</li>
<li>点下面的按钮，只看这一类照片，打印时也只印这一类；点文件名，打开原文件（照片要留在检查时的文件夹里）。</li>
<li>报告里有学生的照片，请妥善保管，用完删除。</li>
</ul></details>"""


def about(facts: Mapping[str, str]) -> str:
    """Which folder, by which rules, on which day; and how to read the report."""
    said = " · ".join(f"{html.escape(name)}：{html.escape(value)}" for name, value in facts.items())
    return f'<p class="about">{said}</p>{HOW_TO_READ}'


def left_out(names: Iterable[str]) -> str:
    """The files that were not looked at, or nothing when there are none."""
    listed = [f"<li>{html.escape(name)}</li>" for name in names]
    summary = f"<summary>不是照片、没有检查的文件 {len(listed)} 个</summary>"
    return f"<details>{summary}<ul>{''.join(listed)}</ul></details>" if listed else ""


@dataclass(frozen=True)
class Entry:
    """One picture on a sheet: why it is there, what was measured on it, what it is called and where it lies."""

    done: Checked
    why: str
    measured: Sequence[str]
    name: str
    href: str


def sheet(title: str, kinds: Mapping[str, Sequence[Entry]]) -> str:
    """Pictures to look at, kind by kind, each with why it is here."""
    counts = "".join(f"<li>{html.escape(kind)}: {len(entries)}</li>" for kind, entries in kinds.items())
    parts = [page_start(title, f"<ul>{counts}</ul>", language="en")]
    for kind, entries in kinds.items():
        cards = "".join(card(one.done, one.why, one.measured, name=one.name, href=one.href) for one in entries)
        parts.append(f'</div><p class="by">{html.escape(kind)}: {len(entries)}</p><div class="cards">{cards}')
    return "".join(parts) + PAGE_END


def card(
    done: Checked, note: str, sentences: Iterable[str], *, name: str | None = None, href: str | None = None
) -> str:
    """One picture with its marks and what was found.

    name: what the picture is called, else its path; href: where the file itself lies, from the report. With one the
    picture shown is a small copy.
    """
    title = html.escape(str(done.path) if name is None else name)
    if href is not None:
        title = f'<a href="{html.escape(href)}">{title}</a>'
    if done.assessment is None:
        why = "".join(html.escape(text) for text in sentences) or html.escape(note)
        return f'<article class="card error"><h2>{title}</h2><p>{why}</p></article>'
    report = done.assessment.report
    open_findings = [finding for finding in report.findings if finding.verdict is not Verdict.OK]
    shown = done.assessment.judged_jpeg if href is None else _thumbnail(done.assessment.judged_jpeg)
    width, height = report.judged_size
    listed = "".join(f"<li>{html.escape(text)}</li>" for text in sentences) or "".join(
        f"<li>{html.escape(_short(finding))}</li>" for finding in open_findings
    )
    marks = "".join(drawn(mark) for finding in open_findings for mark in finding.marks)
    kinds = " ".join([report.verdict.value, *sorted({finding.code.value for finding in open_findings})])
    return (
        f'<article class="card {kinds}"><figure><img alt="" width="{width}" height="{height}" '
        f'decoding="async" src="data:image/jpeg;base64,{base64.b64encode(shown).decode("ascii")}">'
        f'<svg viewBox="0 0 {width} {height}">{marks}</svg></figure>'
        f"<h2>{title}</h2><p>{html.escape(note)}</p><ul>{listed}</ul></article>"
    )


def _thumbnail(jpeg: bytes) -> bytes:
    with Image.open(io.BytesIO(jpeg)) as picture:
        picture.thumbnail(THUMBNAIL)
        buffer = io.BytesIO()
        picture.convert("RGB").save(buffer, "JPEG", quality=QUALITY)
    return buffer.getvalue()


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

    def choice(self, names: Mapping[str, str]) -> tuple[str, str]:
        """The summary as HTML, and the style that goes with it: each number is also a button that leaves only those.

        Needs no script. The two rows work together: of the pictures to be taken again those with closed eyes.
        """
        total = sum(self.verdicts.values())
        verdicts = [("all", ALL, total), *((name, words, self.verdicts[name]) for name, words in VERDICTS.items())]
        codes = [("all", ALL, total), *((code, names.get(code, code), n) for code, n in self.codes.most_common())]
        rows = ("verdict", "按结论", verdicts), ("code", "按没有达到的要求", codes)
        chosen = [f"{group}-{name}" for group, _, choices in rows for name, _, _ in choices]
        hidden = [
            f"#{group}-{name}:checked~.cards>:not(.{name})"
            for group, _, choices in rows
            for name, _, _ in choices
            if name != "all"
        ]
        style = (
            f"{','.join(hidden)}{{display:none}}"
            f"{','.join(f'#{one}:checked~.row [for={one}]' for one in chosen)}"
            "{--fill:var(--chosen);--rim:var(--chosen);--ink:#fff;--edge:2px}"
            f"{','.join(f'#{one}:focus-visible~.row [for={one}]' for one in chosen)}"
            "{outline:3px solid var(--chosen);outline-offset:2px}"
        )
        return "".join(_buttons(*row) for row in rows), style


def _buttons(group: str, title: str, choices: list[tuple[str, str, int]]) -> str:
    picks = "".join(
        f'<input class="pick" type="radio" name="{group}" id="{group}-{name}"{" checked" if name == "all" else ""}>'
        for name, _, _ in choices
    )
    labels = "".join(
        f'<label class="show" for="{group}-{name}">{html.escape(words)} <b>{count}</b></label>'
        for name, words, count in choices
    )
    return f'<p class="by">{title}</p>{picks}<div class="row">{labels}</div>'


def _short(finding: Finding) -> str:
    value = "" if finding.value is None else f" {finding.value:g} {finding.unit}"
    return f"{finding.code.value} {finding.verdict.value}{value}"
