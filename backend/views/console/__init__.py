"""Pages for: console."""

from __future__ import annotations

from flask import Flask

from backend.views.console import (
    alumni,
    alumni_applications,
    alumni_packages,
    batches,
    bulk,
    bulk_file,
    cases,
    centres,
    chasing,
    cohorts,
    deliveries,
    errata,
    fees,
    identity,
    imports,
    jobs,
    missing,
    notices,
    pictures,
    proofreading,
    returned,
    review,
    review_sheet,
    rounds,
    session_results,
    sessions,
    settings,
    staff,
    statistics,
    students,
    today,
    tokens,
)


def register_console(app: Flask) -> None:
    """One line for each topic."""
    for topic in (
        deliveries,
        today,
        review,
        review_sheet,
        returned,
        pictures,
        students,
        proofreading,
        missing,
        statistics,
        chasing,
        imports,
        bulk,
        bulk_file,
        cases,
        alumni,
        alumni_applications,
        alumni_packages,
        rounds,
        session_results,
        sessions,
        batches,
        fees,
        errata,
        identity,
        notices,
        settings,
        staff,
        centres,
        cohorts,
        jobs,
        tokens,
    ):
        app.register_blueprint(topic.blueprint)
