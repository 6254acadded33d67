"""The photo standard as a table for people."""

from __future__ import annotations

from backend.compliance.standard import Band, Profile, Rule, Standard


def table(standard: Standard, profile: Profile) -> str:
    """Every check of one profile: requirement, severity, limits with unit, and where they come from."""
    lines = [
        f"{standard.title} ({standard.edition})",
        f"  {standard.source}",
        f"profile {profile.name}: {profile.title}",
        f"  {profile.source}",
        f"  {'check':16s} {'req':4s} {'sev':5s} {'allowed':>16s} {'doubt up to':>16s} {'unit':5s} source",
    ]
    lines.extend(_line(rule) for rule in profile.rules.values())
    target = profile.target
    lines.append(
        f"  file written: {target.width}x{target.height} px, {target.dpi} dpi, quality >= {target.min_quality}, "
        f"{target.min_bytes / 1024:g}-{target.max_bytes / 1024:g} KB; head top {target.head_top:g}, "
        f"eyes {target.eye_line:g}, face width {target.face_width:g} px"
    )
    lines.append(f"    {target.source}")
    if profile.live_only:
        lines.append("  pictures are taken in the camera page; none from an album")
    return "\n".join(lines) + "\n"


def _line(rule: Rule) -> str:
    band = rule.band
    extra = f"  [{' '.join(map(str, rule.colours))}]" if rule.colours else ""
    doubt = _span(band.bad_low, band.bad_high) if _has_bad(band) else "always"
    return (
        f"  {rule.code.value:16s} {rule.requirement:4s} {rule.severity.value:5s} {_span(band.low, band.high):>16s}"
        f" {doubt:>16s} {rule.unit:5s} {rule.source}{extra}"
    )


def _has_bad(band: Band) -> bool:
    return band.bad_low is not None or band.bad_high is not None


def _span(low: float | None, high: float | None) -> str:
    return f"{'' if low is None else f'{low:g}'} .. {'' if high is None else f'{high:g}'}"
