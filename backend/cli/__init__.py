"""The commands of `flask --app wsgi ...`: one file for each group."""

from __future__ import annotations

from flask import Flask


def register_commands(app: Flask) -> None:
    from backend.cli import (
        bench_batches,
        bench_bulk,
        bench_imports,
        bench_statistics,
        compliance,
        demo,
        icons,
        operate,
        staff,
        weights,
    )

    measures = (bench_imports, bench_batches, bench_bulk, bench_statistics)
    for group in (operate, staff, demo, compliance, weights, icons, *measures):
        for command in group.COMMANDS:
            app.cli.add_command(command)
