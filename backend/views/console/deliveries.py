"""Messages by WeChat, mail and text: how many, and those that were given up."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from backend.accounts.rules import Permission
from backend.errors import NotFound
from backend.notifications.operations import revive_deliveries, revive_delivery
from backend.notifications.queries import dead_deliveries, dead_groups, delivery_counts
from backend.notifications.rules import Channel, DeliveryState
from backend.views import access
from backend.views.words import t

blueprint = Blueprint("console_deliveries", __name__)

SHOWN = 100  # messages that were given up, one by one


@blueprint.get("/console/settings/deliveries")
@access.needs(Permission.JOB_VIEW)
def list() -> str:
    """Numbers and reasons; not whom a message is for: that is none of an administrator's business."""
    return render_template(
        "console/deliveries.html",
        counts=delivery_counts(access.session()),
        channels=[*Channel],
        states=[*DeliveryState],
        switched_on=access.parts().messengers,
        groups=dead_groups(access.session()),
        dead=dead_deliveries(access.session(), limit=SHOWN),
        shown=SHOWN,
    )


@blueprint.post("/console/settings/deliveries/retry")
@access.needs(Permission.JOB_VIEW)
def retry_all() -> Response:
    """All of one way and reason. Those whose time is over, or which were read meanwhile, are not sent after all."""
    channel = request.form.get("channel", "")
    if channel not in {*Channel}:
        raise NotFound(channel=channel)
    count = revive_deliveries(
        access.session(),
        channel=Channel(channel),
        reason=request.form.get("reason", ""),
        actor=access.actor(),
        now=access.now(),
    )
    flash(t("channels.desk.retried_all", count=count), "good" if count else "info")
    return redirect(url_for("console_deliveries.list"), 303)


@blueprint.post("/console/settings/deliveries/<int:delivery_id>/retry")
@access.needs(Permission.JOB_VIEW)
def retry(delivery_id: int) -> Response:
    revive_delivery(access.session(), delivery_id=delivery_id, actor=access.actor(), now=access.now())
    flash(t("channels.desk.retried"), "good")
    return redirect(url_for("console_deliveries.list"), 303)
