"""Fees of a round at one centre: who owes and who paid, receipts, what is in hand and what went to the unit."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from backend.accounts.queries import names_of
from backend.accounts.rules import Permission
from backend.adapters.lists_out import Cell, Column, csv_bytes, xlsx
from backend.capture.queries import list_rounds, routes_in
from backend.capture.records import CaptureRound
from backend.capture.rules import is_open, yuan
from backend.centres.queries import centre_in_scope
from backend.centres.records import Centre
from backend.days import ZONE, day_of
from backend.errors import Invalid, NotFound
from backend.fees.operations import change_fee, charge_round, remit, take_payments
from backend.fees.queries import (
    counts_in,
    fee_in_scope,
    fees_in,
    remittance_in_scope,
    remittances_of,
    totals_of,
    unremitted,
)
from backend.fees.records import Fee
from backend.fees.rules import MAX_REASON, TRANSITIONS, Action, Method, State
from backend.views import access
from backend.views.addresses import row_number, sent_day
from backend.views.console.lists import Page, centre_choices, centre_wish, one_of, page_number
from backend.views.downloads import CSV, XLSX, download
from backend.views.words import t

blueprint = Blueprint("console_fees", __name__)

ROWS = 100
MOST_AT_ONCE = 500  # payments taken with one press


@blueprint.get("/console/fees", endpoint="list")
@access.needs(Permission.FEE_KEEP)
def list_page() -> str:
    return _list()


@blueprint.post("/console/fees/charge")
@access.needs(Permission.FEE_KEEP)
def charge() -> Response | tuple[str, int]:
    """Everybody of the round who is not on the list yet owes the price of the centre's route."""
    centre, found = _place()
    try:
        new = charge_round(
            access.session(),
            scope=access.scope(),
            centre_id=centre.id,
            round_id=found.id,
            actor=access.actor(),
            now=access.now(),
        )
    except Invalid:
        access.session().rollback()
        return _list(t("fees.error.price_unset")), 422
    flash(t("fees.charged", count=new) if new else t("fees.charged_none"), "good")
    return redirect(_address(centre, found), 303)


@blueprint.post("/console/fees/pay")
@access.needs(Permission.FEE_KEEP)
def pay() -> Response | tuple[str, int]:
    centre, found = _place()
    chosen = {number for sent in request.form.getlist("fees") if (number := row_number(sent))}
    if not chosen or len(chosen) > MOST_AT_ONCE:
        return _list(t("fees.error.nobody_chosen")), 422
    method = _method()
    if method is None:
        return _list(t("fees.error.method_needed")), 422
    paid = take_payments(
        access.session(), scope=access.scope(), fee_ids=chosen, method=method, actor=access.actor(), now=access.now()
    )
    amount = yuan(sum(fee.amount_fen for fee in paid))
    flash(t("fees.paid", count=len(paid), amount=amount), "good")
    return redirect(_address(centre, found, state=request.form.get("state") or None), 303)


@blueprint.get("/console/fees/<int:fee_id>")
@access.needs(Permission.FEE_KEEP)
def show(fee_id: int) -> str:
    return _one(_fee(fee_id))


@blueprint.post("/console/fees/<int:fee_id>")
@access.needs(Permission.FEE_KEEP)
def change(fee_id: int) -> Response | tuple[str, int]:
    form, fee = request.form, _fee(fee_id)
    if form.get("action") not in set(Action):
        raise NotFound(action="unknown")
    action = Action(form["action"])
    try:
        change_fee(
            access.session(),
            scope=access.scope(),
            fee_id=fee_id,
            seen_revision=row_number(form.get("seen_revision")) or 0,
            action=action,
            method=_method() if action is not Action.REVERSE else Method.CASH,
            reason=form.get("reason", ""),
            actor=access.actor(),
            now=access.now(),
        )
    except Invalid as error:
        access.session().rollback()
        errors = {field: t(f"fees.error.{why}") for field, why in error.problems.items()}
        return _one(fee, errors), 422
    flash(t(f"fees.done.{action.value}"), "good")
    return redirect(url_for(".show", fee_id=fee_id), 303)


@blueprint.get("/console/fees/<int:fee_id>/receipt")
@access.needs(Permission.FEE_KEEP)
def receipt(fee_id: int) -> str:
    """One receipt to be printed. It is ours, and no tax invoice."""
    fee = _fee(fee_id)
    if fee.receipt is None:
        raise NotFound(fee=fee_id)
    payment = next(move for move in reversed(fee.movements) if move.receipt == fee.receipt)
    centre = centre_in_scope(access.session(), scope=access.scope(), centre_id=fee.centre_id)
    names = names_of(access.session(), {payment.by_id})
    return render_template("console/fees/receipt.html", fee=fee, payment=payment, centre=centre, names=names, yuan=yuan)


@blueprint.route("/console/fees/remit", methods=["GET", "POST"])
@access.needs(Permission.FEE_KEEP)
def hand_over() -> str | Response | tuple[str, int]:
    """What is in hand goes to the unit: exactly the payments on this page, with the list of names."""
    centre, found = _place()
    if request.method == "GET":
        return _remit_page(centre, found)
    form = request.form
    method = _method()
    errors = {} if method else {"method": t("fees.error.method_needed")}
    try:
        if method is None:
            raise Invalid({})
        made = remit(
            access.session(),
            scope=access.scope(),
            centre_id=centre.id,
            round_id=found.id,
            seen_fees={number for sent in form.getlist("fees") if (number := row_number(sent))},
            method=method,
            reference=form.get("reference", ""),
            remitted_on=sent_day(form.get("remitted_on")),
            actor=access.actor(),
            now=access.now(),
        )
    except Invalid as error:
        access.session().rollback()
        errors |= {field: t(f"fees.error.{why}") for field, why in error.problems.items()}
        return _remit_page(centre, found, errors), 422
    flash(t("fees.remitted", count=made.people, amount=yuan(made.amount_fen)), "good")
    return redirect(url_for(".remittance", remittance_id=made.id), 303)


@blueprint.get("/console/fees/remittances/<int:remittance_id>")
@access.needs(Permission.FEE_KEEP)
def remittance(remittance_id: int) -> str:
    found, fees = remittance_in_scope(access.session(), scope=access.scope(), remittance_id=remittance_id)
    centre = centre_in_scope(access.session(), scope=access.scope(), centre_id=found.centre_id)
    names = names_of(access.session(), {found.by_id})
    return render_template(
        "console/fees/remittance.html", remittance=found, fees=fees, centre=centre, names=names, yuan=yuan
    )


@blueprint.get("/console/fees/remittances/<int:remittance_id>/list.<any(xlsx, csv):form>")
@access.needs(Permission.FEE_KEEP)
def remittance_list(remittance_id: int, form: str) -> Response:
    """The list of names that goes with the money."""
    found, fees = remittance_in_scope(access.session(), scope=access.scope(), remittance_id=remittance_id)
    rows = [(fee.student.student_number, fee.student.name, fee.receipt or "", _amount(fee.amount_fen)) for fee in fees]
    rows.append((t("fees.total"), "", "", _amount(found.amount_fen)))
    columns = [
        Column(t("fees.column.number"), 18),
        Column(t("fees.column.name"), 14),
        Column(t("fees.column.receipt"), 22),
        Column(t("fees.column.amount"), 12),
    ]
    name = t("fees.remittance_file", number=found.id)
    if form == "csv":
        return download(csv_bytes(columns, rows), name=name, media_type=CSV)
    return download(xlsx(name, columns, rows, note=t("fees.ours")), name=name, media_type=XLSX)


@blueprint.get("/console/fees/list.xlsx")
@access.needs(Permission.FEE_KEEP)
def as_xlsx() -> Response:
    centre, found = _place()
    columns, rows = _table(centre, found)
    name = t("fees.file", round=found.code, centre=centre.code)
    return download(xlsx(name, columns, rows, note=t("fees.ours")), name=name, media_type=XLSX)


@blueprint.get("/console/fees/list.csv")
@access.needs(Permission.FEE_KEEP)
def as_csv() -> Response:
    centre, found = _place()
    columns, rows = _table(centre, found)
    name = t("fees.file", round=found.code, centre=centre.code)
    return download(csv_bytes(columns, rows), name=name, media_type=CSV)


def _list(problem: str = "") -> str:
    session, scope = access.session(), access.scope()
    rounds, choices = list_rounds(session), centre_choices()
    page = {"rounds": rounds, "centres": choices, "problem": problem, "yuan": yuan}
    if not rounds or (scope.centre_id is None and not choices):
        return render_template("console/fees/list.html", round=None, centre=None, **page)
    centre, found = _place()
    state, text, number = one_of(State, "state"), request.args.get("q", "").strip()[:60], page_number()
    fees, total = fees_in(
        session,
        scope=scope,
        centre_id=centre.id,
        round_id=found.id,
        state=state,
        text=text,
        offset=(number - 1) * ROWS,
        limit=ROWS,
    )
    here: dict[str, Any] = {"scope": scope, "centre_id": centre.id, "round_id": found.id}
    return render_template(
        "console/fees/list.html",
        round=found,
        centre=centre,
        fees=fees,
        page=Page(number, ROWS, total),
        state=state,
        text=text,
        keep=_keep(centre, found) | ({"q": text} if text else {}),
        counts=counts_in(session, **here),
        totals=totals_of(session, **here),
        route=routes_in(session, scope=scope, round_id=found.id).get(centre.id),
        remittances=remittances_of(session, **here),
        methods=tuple(Method),
        **page,
    )


def _one(fee: Fee, errors: dict[str, str] | None = None) -> str:
    by = {move.by_id for move in fee.movements}
    return render_template(
        "console/fees/show.html",
        fee=fee,
        centre=centre_in_scope(access.session(), scope=access.scope(), centre_id=fee.centre_id),
        actions=[action for state, action in TRANSITIONS if state == fee.state and action is not Action.PAY],
        names=names_of(access.session(), by),
        methods=tuple(Method),
        errors=errors or {},
        sent=request.form,
        most=MAX_REASON,
        yuan=yuan,
    )


def _remit_page(centre: Centre, found: CaptureRound, errors: dict[str, str] | None = None) -> str:
    session, scope = access.session(), access.scope()
    fees = unremitted(session, scope=scope, centre_id=centre.id, round_id=found.id)
    return render_template(
        "console/fees/remit.html",
        centre=centre,
        round=found,
        fees=fees,
        amount=sum(fee.amount_fen for fee in fees),
        route=routes_in(session, scope=scope, round_id=found.id).get(centre.id),
        today=day_of(access.now()),
        methods=tuple(Method),
        errors=errors or {},
        sent=request.form,
        yuan=yuan,
    )


def _table(centre: Centre, found: CaptureRound) -> tuple[list[Column], list[Sequence[Cell]]]:
    """The whole list with its sum, as programs read it."""
    session, scope = access.session(), access.scope()
    fees, _ = fees_in(
        session, scope=scope, centre_id=centre.id, round_id=found.id, state=None, text="", offset=0, limit=None
    )
    names = ("number", "name", "amount", "state", "method", "receipt", "changed", "remitted")
    widths = (18, 14, 10, 10, 10, 22, 18, 10)
    columns = [Column(t(f"fees.column.{name}"), width) for name, width in zip(names, widths, strict=True)]
    rows: list[Sequence[Cell]] = [
        (
            fee.student.student_number,
            fee.student.name,
            _amount(fee.amount_fen),
            t(f"fees.state.{fee.state}"),
            _how(fee),
            fee.receipt or "",
            fee.changed_at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M"),
            t("fees.yes") if fee.remittance_id else "",
        )
        for fee in fees
    ]
    sums = totals_of(session, scope=scope, centre_id=centre.id, round_id=found.id)
    for name in ("owed", "paid", "remitted", "in_hand", "refunded", "waived"):
        rows.append((t(f"fees.sum.{name}"), "", _amount(getattr(sums, name))))
    return columns, rows


def _how(fee: Fee) -> str:
    moved = next((move for move in reversed(fee.movements) if move.method), None)
    return t(f"fees.method.{moved.method}") if moved else ""


def _amount(fen: int) -> Decimal:
    return Decimal(fen) / 100


def _place() -> tuple[Centre, CaptureRound]:
    """The centre and round of the address or form; without one: the own or first centre, the open or newest round."""
    session, scope = access.session(), access.scope()
    sent = request.form if request.method == "POST" else request.args
    wished = row_number(sent.get("centre")) if request.method == "POST" else centre_wish()
    choices = centre_choices()
    centre_id = scope.centre_id or wished or (choices[0].id if choices else 0)
    if scope.centre_id is not None and wished not in (None, scope.centre_id):
        raise NotFound(centre=wished)
    rounds, asked = list_rounds(session), row_number(sent.get("round"))
    day = day_of(access.now())
    opened = [found for found in rounds if is_open(opens_on=found.opens_on, closes_on=found.closes_on, today=day)]
    wanted = [found for found in rounds if found.id == asked] if asked else [*opened, *rounds]
    found = wanted[0] if wanted else None
    if found is None:
        raise NotFound(round=asked)
    return centre_in_scope(session, scope=scope, centre_id=centre_id), found


def _keep(centre: Centre, found: CaptureRound) -> dict[str, Any]:
    narrowed: dict[str, Any] = {"round": found.id}
    return narrowed if access.scope().centre_id is not None else narrowed | {"centre": centre.id}


def _address(centre: Centre, found: CaptureRound, *, state: str | None = None) -> str:
    return url_for(".list", **_keep(centre, found), state=state if state in set(State) else None)


def _fee(fee_id: int) -> Fee:
    return fee_in_scope(access.session(), scope=access.scope(), fee_id=fee_id)


def _method() -> Method | None:
    sent = request.form.get("method", "")
    return Method(sent) if sent in set(Method) else None
