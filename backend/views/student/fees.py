"""What a student owes or paid for the capture. There is no payment in the app, and the page says so."""

from __future__ import annotations

from flask import Blueprint, render_template

from backend.accounts.rules import Permission
from backend.capture.rules import yuan
from backend.fees.queries import fees_of
from backend.views import access

blueprint = Blueprint("student_fees", __name__)


@blueprint.get("/fees")
@access.needs(Permission.OWN_DATA)
def show() -> str:
    student = access.student()
    fees = fees_of(access.session(), student.id)
    return render_template("student/fees.html", fees=fees, student=student, yuan=yuan)
