"""Changing the own password, the same for students and staff."""

from __future__ import annotations

from datetime import datetime

from flask import request

from backend.accounts.operations import change_password
from backend.accounts.rules import LockedOut, SignInFailed, WeakPassword
from backend.views import access
from backend.views.words import as_datetime, t


def change_own_password() -> tuple[dict[str, str], int]:
    """Take the form's `current` and `new`. Gives the errors by field and the status; no errors when it is done."""
    try:
        change_password(
            access.session(),
            account_id=access.account().id,
            current=request.form.get("current", ""),
            new=request.form.get("new", ""),
            keep_sign_in=access.sign_in_id(),
            policy=access.parts().policy,
            actor=access.actor(),
            now=access.now(),
        )
    except SignInFailed:
        return {"current": t("staff.password.wrong")}, 422
    except WeakPassword as error:
        return {"new": weak_words(error)}, 422
    except LockedOut as error:
        return {"current": locked_words(error)}, 429
    return {}, 200


def min_length() -> int:
    """Shortest password of whoever is signed in, characters."""
    policy = access.parts().policy
    return policy.min_length_staff if access.account().kind == "staff" else policy.min_length_student


def weak_words(error: WeakPassword) -> str:
    """Why the password cannot be taken, in words."""
    return t(f"sign_in.weak.{error.facts['reason']}", min_length=error.facts["min_length"])


def locked_words(error: LockedOut) -> str:
    """Until when the name waits, in words."""
    until = error.facts["until"]
    return t("sign_in.locked.text", until=as_datetime(until if isinstance(until, datetime) else None))
