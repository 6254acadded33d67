"""Pages for: student."""

from __future__ import annotations

from flask import Flask

from backend.views.student import (
    alumni,
    channels,
    consent,
    enrollment,
    errata,
    fees,
    home,
    messages,
    mine,
    papers,
    photo_camera,  # noqa: F401 - adds the camera to the pages of photo_versions
    photo_versions,
    proofread,
    sessions,
    task,
    wechat,
    wizard,
)


def register_student(app: Flask) -> None:
    """One line for each topic."""
    for topic in (
        home,
        alumni,
        enrollment,
        consent,
        errata,
        papers,
        photo_versions,
        proofread,
        wizard,
        task,
        messages,
        mine,
        channels,
        wechat,
        fees,
        sessions,
    ):
        app.register_blueprint(topic.blueprint)
