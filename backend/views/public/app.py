"""The student web app on the home screen: manifest, offline page, service worker. An extra: nothing depends on it."""

from __future__ import annotations

import hashlib
import json

from flask import Blueprint, Response, current_app, make_response, render_template, url_for

from backend.views import access
from backend.views.words import t

blueprint = Blueprint("public_app", __name__)

ICONS = (192, 512)
# what the offline page needs; a test compares it with the page
FILES = ("css/common.css", "figures/error-offline.svg", "figures/favicon.svg")


@blueprint.get("/app.webmanifest")
@access.public
def manifest() -> Response:
    """In the reader's language; begins at the first page, which leads on whoever is signed in."""
    asset = current_app.jinja_env.globals["asset"]
    icons = [
        {"src": asset(f"figures/app-icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png"}  # type: ignore[operator]
        for size in ICONS
    ]
    answer = make_response(
        {
            "name": t("ui.product"),
            "short_name": t("ui.product"),
            "description": t("ui.app.description"),
            "id": "/",
            "start_url": "/",
            "scope": "/",
            "display": "standalone",
            "background_color": "#f3f5f4",
            "theme_color": "#f3f5f4",
            # the drawing keeps to the middle, so it may be cut to any shape
            "icons": [{**icon, "purpose": purpose} for icon in icons for purpose in ("any", "maskable")],
        }
    )
    answer.mimetype = "application/manifest+json"
    return answer


@blueprint.get("/offline")
@access.public
def offline() -> str:
    """What the service worker shows without a network. It holds nothing of anybody, and no form."""
    return render_template("public/offline.html")


@blueprint.get("/service-worker.js")
@access.public
def service_worker() -> Response:
    """At the root, because a worker rules only what lies below it. Its text changes with every release."""
    asset, vendor = (current_app.jinja_env.globals[name] for name in ("asset", "vendor"))
    files = [*(asset(path) for path in FILES), vendor("weui/weui.min.css")]  # type: ignore[operator]
    page = url_for("public_app.offline")
    mark = hashlib.sha256(json.dumps(files).encode()).hexdigest()[:12]
    shell = json.dumps({"name": f"shell-{mark}", "page": page, "files": files})
    text = (access.parts().webapp / "assets" / "js" / "service-worker.js").read_text()
    return Response(f"const SHELL = {shell};\n{text}", mimetype="text/javascript")
