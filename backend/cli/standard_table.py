"""The photo standard as a table for people, at most 100 columns wide, to be held against the documents."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping

from backend.compliance.codes import Code
from backend.compliance.standard import Band, Profile, Rule, Standard

WIDTH = 100
BASE = "base"
CHANGED = "▶"
COLUMNS = (34, 6, 6, 19, 19)  # check, requirement, severity, allowed, doubt; the unit takes the rest
KEY = (
    "* 自定，没有文件写明这个数 ours: no document gives this number",
    "hard 不合格须重拍 a new photo; soft 由老师决定 a person decides",
    "合格 allowed 之外、存疑 doubt 以内：老师看 a person looks; 再外 beyond: 不合格 BAD",
    "± 测量误差，仍算合格 the measuring's own error, still allowed",
)


def table(standard: Standard, profile: Profile, names: Mapping[str, str]) -> str:
    """Every check of one profile: requirement, severity, limits with unit, and where they come from.

    names: what each code is called. What the profile says otherwise than the base is marked, with what the base says.
    """
    base = standard.profile(BASE)
    lines = [*_head(standard, profile), *_differs(profile, base), "", *KEY, "", _titles()]
    for rule in profile.rules.values():
        lines += _rule(rule, base.rules[rule.code], profile, names)
    return "\n".join([*lines, *_written(profile, base), *_read(standard)]) + "\n"


def differences(standard: Standard, profile: Profile, names: Mapping[str, str]) -> str:
    """Only what the profile says otherwise than the base."""
    base = standard.profile(BASE)
    lines = [*_head(standard, profile), *_differs(profile, base)]
    for code in changed(profile, base):
        lines += _rule(profile.rule(code), base.rule(code), profile, names)
    if profile.target != base.target:
        lines += _written(profile, base)
    return "\n".join(lines) + "\n"


def changed(profile: Profile, base: Profile) -> list[Code]:
    """The checks that the profile states in its own way."""
    return [code for code, rule in profile.rules.items() if rule != base.rules[code]]


def _head(standard: Standard, profile: Profile) -> Iterator[str]:
    yield f"{standard.title}（{standard.edition}）"
    yield from _wrapped(f"来源 source: {standard.source}", "  ")
    yield f"规则 profile {profile.name}: {profile.title}"
    yield from _wrapped(f"来源 source: {profile.source}", "  ")


def _differs(profile: Profile, base: Profile) -> Iterator[str]:
    if profile.name == BASE:
        return
    own = [code.value for code in changed(profile, base)]
    own += ["输出的文件 the file written"] if profile.target != base.target else []
    own += ["只收现场拍摄 live_only"] if profile.live_only else []
    yield from _wrapped(f"{CHANGED} 与通用标准不同 differs from {BASE}: {', '.join(own) or '无 nothing'}", "  ")
    if profile.live_only:
        yield "    照片在拍照页面现拍，不收相册照片 taken in the camera page; none from an album"


def _titles() -> str:
    return _row("  检测项 check", "条款", "程度", "合格 allowed", "存疑至 doubt to", "单位 unit")


def _rule(rule: Rule, base: Rule, profile: Profile, names: Mapping[str, str]) -> Iterator[str]:
    own = rule != base
    unit = f"× {profile.target.width}x{profile.target.height} px" if rule.unit == "x" else rule.unit
    name = f"{CHANGED if own else ' '} {rule.code.value} {names.get(rule.code.value, '')}"
    yield _row(name, rule.requirement, rule.severity.value, _allowed(rule, rule.band), _doubt(rule, rule.band), unit)
    if rule.capture != rule.band:
        yield _row("      原始照片 a raw picture", "", "", _allowed(rule, rule.capture), _doubt(rule, rule.capture), "")
    if own:
        says = (base.severity.value, _allowed(base, base.band), _doubt(base, base.band))
        yield _row("      通用标准 base", "", *says, "")
        if rule.colours != base.colours:
            yield from _wrapped(f"通用标准 base: {_colours(base)}", "      ")
    if rule.colours:
        yield from _wrapped(f"颜色 colours: {_colours(rule)}", "      ")
    if rule.names and not _is_listed(rule):
        yield from _wrapped(f"名单 names: {', '.join(rule.names)}", "      ")
    yield from _wrapped(rule.source, "      ")


def _written(profile: Profile, base: Profile) -> Iterator[str]:
    target = profile.target
    mark = " " if target == base.target else CHANGED
    yield (
        f"{mark} 输出的文件 the file written: {target.width}x{target.height} px, {target.dpi} dpi, "
        f"quality >= {target.min_quality}, {target.min_bytes / 1024:g}-{target.max_bytes / 1024:g} KB"
    )
    yield (
        f"      头的位置 the head: 头顶 top {target.head_top:g}*, 眼睛 eyes {target.eye_line:g}*, "
        f"脸宽 face width {target.face_width:g}* px"
    )
    yield from _wrapped(target.source, "      ")


def _read(standard: Standard) -> Iterator[str]:
    intake = standard.intake
    yield (
        f"  能读入的文件 files that are read: <= {intake.max_bytes / 2**20:g}* MB, "
        f"<= {intake.max_pixels / 1e6:g}* 百万像素 megapixels"
    )
    yield f"      PNG, HEIF, progressive JPEG: <= {intake.max_pixels_whole / 1e6:g}* 百万像素 megapixels;"
    yield f"      短边 shorter side >= {intake.min_side}* px, 长宽比 longer to shorter <= {intake.max_aspect:g}*"
    yield from _wrapped(intake.source, "      ")


def _allowed(rule: Rule, band: Band) -> str:
    if _is_listed(rule):
        return ", ".join(rule.names)
    error = f" ±{band.tolerance:g}*" if band.tolerance else ""
    return _span(_number(rule, band, "low"), _number(rule, band, "high")) + error


def _doubt(rule: Rule, band: Band) -> str:
    low = None if band.bad_low == band.low else _number(rule, band, "bad_low")
    high = None if band.bad_high == band.high else _number(rule, band, "bad_high")
    if band.bad_low is None and band.bad_high is None:
        return "总是 always"
    return _span(low, high) or "无 none"


def _is_listed(rule: Rule) -> bool:
    """What is allowed is one of its names, not a number."""
    return bool(rule.names) and rule.band.low == 1


def _number(rule: Rule, band: Band, key: str) -> str | None:
    """The limit as it is printed: with a star where no document states it."""
    value: float | None = getattr(band, key)
    if value is None:
        return None
    stated = key in rule.stated and value == getattr(rule.band, key)
    return f"{value:g}" if stated else f"{value:g}*"


def _span(low: str | None, high: str | None) -> str:
    if low is not None and high is not None:
        return f"= {low}" if low == high else f"{low} .. {high}"
    return f">= {low}" if low is not None else f"<= {high}" if high is not None else ""


def _colours(rule: Rule) -> str:
    return " ".join(f"RGB({red},{green},{blue})" for red, green, blue in rule.colours)


def _row(*cells: str) -> str:
    padded = [cell + " " * (width - columns_of(cell)) for cell, width in zip(cells, COLUMNS, strict=False)]
    return ("".join(padded) + cells[-1]).rstrip()


def columns_of(text: str) -> int:
    """How many columns a terminal takes for it: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _wrapped(text: str, indent: str) -> Iterator[str]:
    """In lines of at most WIDTH columns, broken at spaces and between Chinese characters."""
    line = ""
    for part in _parts(text):
        if line and columns_of(indent + line + part.rstrip()) > WIDTH:
            yield indent + line.rstrip()
            line = ""
        line += part
    yield indent + line.rstrip()


def _parts(text: str) -> Iterator[str]:
    """Where a line may be broken: after each space and Chinese character, not behind or before a bracket's inside."""
    part = ""
    for letter, following in zip(text, f"{text[1:]} ", strict=True):
        part += letter
        chinese = columns_of(letter) == 2 and letter not in "〔（《" and following not in "〕）》，、；：。"
        if letter == " " or chinese:
            yield part
            part = ""
    yield part
