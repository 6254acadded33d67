"""One line for each request, and numbers for the monitor. No names, numbers, addresses or query strings."""

from __future__ import annotations

import hmac
import logging
import os
import secrets
import sys
import time
import traceback

import structlog
from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess
from sqlalchemy import text
from structlog.typing import EventDict

from backend.jobs.queries import job_counts
from backend.views import access

log = structlog.get_logger()

REQUESTS = Counter("xuezhao_requests", "Requests answered", ["view", "method", "status"])
SECONDS = Histogram("xuezhao_request_seconds", "Time to answer, seconds", ["view"])


def configure(level: str, form: str) -> None:
    """Lines on standard error, as JSON or for people."""
    renderer = structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            told_without_words,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )


def told_without_words(_logger: object, _method: str, event: EventDict) -> EventDict:
    """An exception as its kind and the last places it came through.

    Not its text, nor the values in those places: either may hold personal data.
    """
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()
    if isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)[-12:]
        cause = error.__cause__ or error.__context__
        event["error"] = type(error).__name__
        event["cause"] = type(cause).__name__ if cause else None
        event["places"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return event


def _begin() -> None:
    g.started = time.perf_counter()
    g.request_id = secrets.token_hex(6)
    structlog.contextvars.bind_contextvars(request=g.request_id)


def _end(answer: Response) -> Response:
    seconds = time.perf_counter() - g.get("started", time.perf_counter())
    view = request.endpoint or "none"  # never the path: it may hold a token or a number
    REQUESTS.labels(view, request.method, answer.status_code).inc()
    SECONDS.labels(view).observe(seconds)
    answer.headers["X-Request-Id"] = g.get("request_id", "")
    if view not in ("assets.own", "assets.vendored", "healthz"):
        person = g.get("_login_user")  # whom flask-login has found already: a line of the log asks no database
        log.info(
            "request",
            view=view,
            method=request.method,
            status=answer.status_code,
            ms=round(seconds * 1000),
            role=getattr(person, "role", None),
        )
    return answer


def _forget(_error: BaseException | None) -> None:
    structlog.contextvars.clear_contextvars()


def register(app: Flask) -> None:
    settings = app.parts.settings  # type: ignore[attr-defined]
    configure(settings.logs.level, settings.logs.format)
    app.before_request(_begin)
    app.after_request(_end)
    app.teardown_request(_forget)

    @app.get("/healthz")
    @access.public
    def healthz() -> Response:
        """The process answers."""
        return Response("ok\n", mimetype="text/plain")

    @app.get("/readyz")
    @access.public
    def readyz() -> Response:
        """The database answers with the schema that this program knows, and the models are there."""
        from backend.adapters.migrations import is_current

        problems = []
        try:
            access.session().execute(text("SELECT 1"))
            if not is_current(access.parts().engine):
                problems.append("the database is not migrated: run `flask --app wsgi migrate`")
        except Exception as error:
            problems.append(f"database: {type(error).__name__}")
        if not any(settings.data.models_dir.glob("*")):
            problems.append("the face models are missing: run `make setup`")
        body = "\n".join(problems or ["ready"]) + "\n"
        return Response(body, status=503 if problems else 200, mimetype="text/plain")

    @app.get("/metrics")
    @access.public
    def metrics() -> Response:
        """Numbers for Prometheus: for the loopback address, or for who has the token."""
        token = settings.server.metrics_token
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not (hmac.compare_digest(given, token) if token else request.remote_addr in ("127.0.0.1", "::1")):
            return Response("not for you\n", status=403, mimetype="text/plain")
        lines = [f'xuezhao_jobs{{state="{state}"}} {n}' for state, n in job_counts(access.session()).items()]
        body = generate_latest(_registry()).decode() + "# TYPE xuezhao_jobs gauge\n" + "\n".join(lines) + "\n"
        return Response(body, mimetype="text/plain; version=0.0.4")


def _registry() -> CollectorRegistry:
    """The sum over all web processes when gunicorn gave them a common folder, else this process alone."""
    from prometheus_client import REGISTRY

    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry
