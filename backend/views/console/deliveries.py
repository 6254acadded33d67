"""Messages by WeChat, mail and text: how many, and those that were given up."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from backend.accounts.rules import Permission
from backend.notifications.operations import revive_delivery
from backend.notifications.queries import dead_deliveries, delivery_counts
from backend.notifications.rules import Channel, DeliveryState
from backend.views import access
from backend.views.words import t

blueprint = Blueprint("console_deliveries", __name__)


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
        dead=dead_deliveries(access.session()),
    )


@blueprint.post("/console/settings/deliveries/<int:delivery_id>/retry")
@access.needs(Permission.JOB_VIEW)
def retry(delivery_id: int) -> Response:
    revive_delivery(access.session(), delivery_id=delivery_id, actor=access.actor(), now=access.now())
    flash(t("channels.desk.retried"), "good")
    return redirect(url_for("console_deliveries.list"), 303)
