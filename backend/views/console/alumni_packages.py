"""The registry's packages for the supplementary report (补报): chosen, taken, reported."""

from __future__ import annotations

import tempfile
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from backend.accounts.queries import names_of
from backend.accounts.rules import Permission
from backend.alumni.packages import make_package, note_package_taken, send_package, write_package
from backend.alumni.queries import cases_in, packages_in
from backend.alumni.records import AlumniPackage
from backend.alumni.rules import CaseState
from backend.days import day_of
from backend.errors import Invalid, NotAllowed, NotFound
from backend.views import access
from backend.views.addresses import row_number
from backend.views.alumni_sheets import sheet_of
from backend.views.downloads import ZIP, download
from backend.views.words import t

blueprint = Blueprint("console_alumni_packages", __name__)

IN_MEMORY = 2**25  # bytes of a package held in memory; more goes to a file without a name


@blueprint.get("/console/alumni/packages", endpoint="list")
@access.needs(Permission.ALUMNI_REPORT)
def list_page() -> str:
    return _list()


@blueprint.post("/console/alumni/packages")
@access.needs(Permission.ALUMNI_REPORT)
def make() -> Response | tuple[str, int]:
    chosen = [number for text in request.form.getlist("case") if (number := row_number(text)) is not None]
    try:
        package = make_package(
            access.session(),
            case_ids=chosen,
            rules=access.parts().alumni,
            actor=access.actor(),
            now=access.now(),
        )
    except Invalid:
        return _list(t("alumni_desk.package.size", most=access.parts().alumni.package_most)), 422
    except NotAllowed:
        return _list(t("alumni_desk.package.moved_on")), 409
    return redirect(url_for(".show", package_id=package.id), 303)


@blueprint.get("/console/alumni/packages/<int:package_id>")
@access.needs(Permission.ALUMNI_REPORT)
def show(package_id: int) -> str:
    return _page(_package(package_id))


@blueprint.post("/console/alumni/packages/<int:package_id>/file")
@access.needs(Permission.ALUMNI_REPORT)
def take(package_id: int) -> Response:
    """The ZIP with the scans as they are; who took it is in the history of everybody in it."""
    parts, session = access.parts(), access.session()
    package = _package(package_id)
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as stream:
        write_package(
            stream, session=session, package=package, files=parts.files, sheet_of=sheet_of, rules=parts.alumni
        )
        stream.seek(0)
        content = stream.read()
    note_package_taken(session, package=_package(package_id), actor=access.actor(), now=access.now())
    return download(content, name=f"alumni-{package_id:04d}", media_type=ZIP)


@blueprint.post("/console/alumni/packages/<int:package_id>/sent")
@access.needs(Permission.ALUMNI_REPORT)
def sent(package_id: int) -> Response | tuple[str, int]:
    try:
        send_package(
            access.session(),
            package_id=package_id,
            sent_on=date.fromisoformat(request.form.get("sent_on", "")),
            rules=access.parts().alumni,
            actor=access.actor(),
            now=access.now(),
        )
    except (ValueError, Invalid):
        access.session().rollback()
        return _page(_package(package_id), error=t("alumni_desk.package.sent_day")), 422
    flash(t("alumni_desk.done.sent"), "good")
    return redirect(url_for(".show", package_id=package_id), 303)


def _list(error: str = "") -> str:
    session = access.session()
    ready, total = cases_in(session, scope=access.scope(), states=(CaseState.APPROVED,), limit=200)
    packages = packages_in(session)
    return render_template(
        "console/alumni/packages.html",
        ready=ready,
        total=total,
        most=access.parts().alumni.package_most,
        packages=packages,
        names=names_of(session, {package.made_by for package in packages}),
        error=error,
    )


def _package(package_id: int) -> AlumniPackage:
    found = access.session().get(AlumniPackage, package_id)
    if found is None:
        raise NotFound(package=package_id)
    return found


def _page(package: AlumniPackage, error: str = "") -> str:
    gone = any(item.case.scans_deleted_at is not None for item in package.items)
    return render_template(
        "console/alumni/package.html",
        package=package,
        gone=gone,
        error=error,
        today=day_of(access.now()),
        names=names_of(access.session(), {package.made_by}),
    )
