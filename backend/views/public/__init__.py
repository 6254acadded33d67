"""Pages for: public."""

from __future__ import annotations

from flask import Flask


def register_public(app: Flask) -> None:
    """One line for each topic."""
    from backend.views.public import (
        activation,  # noqa: F401 - adds its pages to the blueprint of sign_in
        alumni,
        gallery,
        help,
        home,
        look,
        notice,
        privacy,
        sign_in,
        sign_on,
        staff,
        wechat,
    )
    from backend.views.public import (
        app as web_app,
    )

    app.register_blueprint(web_app.blueprint)
    app.register_blueprint(home.blueprint)
    app.register_blueprint(alumni.blueprint)
    app.register_blueprint(gallery.blueprint)
    app.register_blueprint(look.blueprint)
    app.register_blueprint(notice.blueprint)
    app.register_blueprint(privacy.blueprint)
    app.register_blueprint(help.blueprint)
    app.register_blueprint(sign_in.blueprint)
    app.register_blueprint(sign_on.blueprint)
    app.register_blueprint(staff.blueprint)
    app.register_blueprint(wechat.blueprint)
