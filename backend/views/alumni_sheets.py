"""From a graduate's case to the sheet that is printed, signed and sealed, always in Chinese."""

from __future__ import annotations

from backend.adapters.alumni_sheet import Opinion, Sheet, render_sheet
from backend.alumni.records import AlumniCase
from backend.alumni.rules import Route
from backend.views import access
from backend.words import say

LANGUAGE = "zh-CN"  # the sheet goes to Chinese offices, whatever language the printing person reads


def sheet_of(case: AlumniCase) -> bytes:
    """The PDF. It bears the whole ID number: write it into the history before it is shown."""
    parts = access.parts()
    return render_sheet(
        sheet_content(case), templates=parts.webapp / "print", font_file=parts.settings.notices.poster_font
    )


def sheet_content(case: AlumniCase) -> Sheet:
    student = case.student
    values = (
        ("name", student.name),
        ("gender", _say("students.gender." + student.gender)),
        ("id_number", student.id_number),
        ("certificate_number", student.certificate_number or ""),
        ("student_number", student.student_number),
        ("graduated_on", student.graduated_on.isoformat() if student.graduated_on else ""),
        ("level", student.level),
        ("programme", student.programme),
        ("study_form", student.study_form),
        ("centre", student.centre.name),
    )
    needs = access.parts().alumni.needs[Route(case.route)]
    kinds = [*needs.scans] if needs.scans else ["prints"] if needs.prints else []
    return Sheet(
        title=_say("alumni_desk.sheet.title"),
        form=_say("alumni_desk.sheet.form", number=case.id),
        rows=tuple((_say("alumni_desk.sheet.field." + name), value) for name, value in values),
        papers_title=_say("alumni_desk.sheet.papers"),
        papers=tuple(_say("alumni.paper.name." + kind) for kind in kinds),
        opinions=(
            Opinion(
                _say("alumni_desk.sheet.centre"),
                case.opinion,
                (_say("alumni_desk.sheet.sign"), _say("alumni_desk.sheet.seal"), _say("alumni_desk.sheet.date")),
            ),
            Opinion(
                _say("alumni_desk.sheet.college"),
                "",
                (_say("alumni_desk.sheet.sign"), _say("alumni_desk.sheet.seal"), _say("alumni_desk.sheet.date")),
            ),
        ),
        footer=_say("alumni_desk.sheet.footer"),
    )


def _say(key: str, **values: object) -> str:
    return say(access.parts().webapp / "i18n", LANGUAGE, key, **values)
