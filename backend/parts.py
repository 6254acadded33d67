"""What the application is made of, built once from the settings: for the web server, the worker and the commands."""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from backend.accounts.rules import Policy
from backend.adapters import tables
from backend.adapters.archives import photo_reader
from backend.adapters.database import make_engine, make_sessions
from backend.adapters.faces import FaceNetworks
from backend.adapters.files import LocalFiles
from backend.adapters.job_queue import EmbeddedQueue
from backend.adapters.messengers import make_mail, make_sms
from backend.adapters.outside import calling
from backend.adapters.sheets import read_heads, read_sheet
from backend.adapters.watermark import page_count, watermarked_pages
from backend.adapters.wechat import WechatMessenger, WechatServer
from backend.alumni.rules import AlumniRules, read_rules
from backend.bulk.operations import Terms
from backend.bulk.work import BulkTools
from backend.capture.rules import CaptureRules, read_capture
from backend.chasing.rules import Reminders, read_reminders
from backend.compliance.assess import Assessment, assess
from backend.compliance.findings import Mode
from backend.compliance.standard import Standard, load_standard
from backend.consent.rules import Purpose, read_purposes
from backend.errata.forms import Forms, read_forms
from backend.exchange.judging import Judge
from backend.exchange.kinds import ExchangeRules, read_exchange
from backend.exchange.reading import Readers
from backend.identity.rules import Rounds, read_rounds
from backend.notifications.operations import Outside
from backend.notifications.rules import Channel, Plans, read_plans
from backend.notifications.words import code_words, outside_words
from backend.ports import FaceAnalyser, Messenger, SignOn
from backend.programs.operations import Caller
from backend.proofreading.rules import Table, read_table
from backend.records import Keys, install_keys
from backend.settings import PROJECT, Secrets, Settings, load_secrets
from backend.statistics.rules import Limits, read_limits
from backend.wechat.credentials import Credentials
from backend.words import say


@dataclass(frozen=True)
class Parts:
    """The joined parts. `files`, `sessions` and `clock` are what operations ask for."""

    settings: Settings
    secrets: Secrets
    engine: Engine
    sessions: sessionmaker[Session]
    files: LocalFiles
    purposes: Mapping[str, Purpose]
    alumni: AlumniRules
    forms: Forms
    rounds: Rounds
    policy: Policy
    proofreading: Table
    clock: Callable[[], datetime]
    webapp: Path
    vendor: Path

    @cached_property
    def _check_room(self) -> ThreadPoolExecutor:
        # a few threads that keep their models, whatever the number of the web server's threads
        return ThreadPoolExecutor(self.settings.photos.check_threads, thread_name_prefix="check")

    @cached_property
    def sign_on(self) -> SignOn | None:
        """None when single sign-on is off; its libraries, 13 MB, are not loaded then."""
        if self.settings.sso.protocol == "off":
            return None
        from backend.adapters.sign_on import make_sign_on

        return make_sign_on(self.settings.sso)

    @cached_property
    def wechat(self) -> WechatServer:
        """WeChat's server; used only where settings name an app."""
        return WechatServer(self.settings.wechat)

    @cached_property
    def wechat_credentials(self) -> Credentials:
        return Credentials(self.sessions, self.wechat, clock=self.clock, pause=time.sleep)

    @cached_property
    def plans(self) -> Plans:
        with (PROJECT / "config" / "messages.toml").open("rb") as file:
            return read_plans(tomllib.load(file))

    @cached_property
    def messengers(self) -> Mapping[Channel, Messenger]:
        """The ways out of the house that the settings switch on."""
        settings = self.settings
        found: dict[Channel, Messenger | None] = {
            Channel.MAIL: make_mail(settings.mail),
            Channel.SMS: make_sms(settings.sms, clock=self.clock),
        }
        if settings.wechat.appid:
            found[Channel.WECHAT] = WechatMessenger(
                settings.wechat, self.wechat, self.wechat_credentials, self.sessions
            )
        return {channel: messenger for channel, messenger in found.items() if messenger is not None}

    @cached_property
    def call_outside(self) -> Caller:
        return calling(self.settings.api.webhook_seconds, own=self.settings.api.own_networks)

    @cached_property
    def outside(self) -> Outside:
        return Outside(
            messengers=self.messengers,
            plans=self.plans,
            words=outside_words(partial(say, self.webapp / "i18n")),
            words_of_code=code_words(partial(say, self.webapp / "i18n")),
            link=f"{self.settings.server.public_url.rstrip('/')}/messages" if self.settings.server.public_url else "",
        )

    @cached_property
    def standard(self) -> Standard:
        return load_standard(PROJECT / "config" / "photo-standard.toml")

    @cached_property
    def exchange(self) -> ExchangeRules:
        with (PROJECT / "config" / "exchange.toml").open("rb") as file:
            return read_exchange(tomllib.load(file))

    @cached_property
    def readers(self) -> Readers:
        return Readers(read_sheet, read_heads, photo_reader(self.standard.intake), self.exchange.limits)

    @cached_property
    def bulk_terms(self) -> Terms:
        settings, profiles = self.settings, self.standard.profiles
        return Terms(
            intake=self.standard.intake,
            max_bytes=settings.photos.max_bytes,
            most_files=settings.bulk.most_files,
            keep_days=settings.bulk.keep_days,
            default_profile=settings.photos.default_profile,
            live_only=lambda name: name in profiles and profiles[name].live_only,
        )

    @cached_property
    def bulk_tools(self) -> BulkTools:
        settings = self.settings
        own = {"picture_bytes": settings.photos.max_bytes, "pictures": settings.bulk.most_files}
        return BulkTools(
            sessions=self.sessions,
            files=self.files,
            terms=self.bulk_terms,
            open_archive=photo_reader(self.standard.intake, as_they_are=True),
            limits=replace(self.exchange.limits, **own),
            check=self.check,
            threads=settings.photos.check_threads,
        )

    @cached_property
    def capture(self) -> CaptureRules:
        with (PROJECT / "config" / "capture.toml").open("rb") as file:
            return read_capture(tomllib.load(file))

    @cached_property
    def reminders(self) -> Reminders:
        with (PROJECT / "config" / "reminders.toml").open("rb") as file:
            return read_reminders(tomllib.load(file))

    @cached_property
    def limits(self) -> Limits:
        with (PROJECT / "config" / "statistics.toml").open("rb") as file:
            return read_limits(tomllib.load(file))

    @cached_property
    def analyser(self) -> FaceAnalyser:
        return FaceNetworks(self.settings.data.models_dir)

    def check(self, content: bytes, *, file_name: str | None, mode: Mode, profile: str) -> Assessment:
        """Judge a picture in one of the check threads. Raises compliance.assess.Unreadable."""
        return self._check_room.submit(
            assess,
            content,
            file_name=file_name,
            mode=mode,
            standard=self.standard,
            profile=profile,
            analyser=self.analyser,
        ).result()

    @property
    def judge(self) -> Judge:
        """The engine for pictures that a job judges."""
        return Judge(self.check, self.standard.edition, self.settings.photos.default_profile)

    def pages_of(self, content: bytes, *, media_type: str) -> int:
        """How many pages a piece of evidence has. Raises adapters.watermark.Undrawable."""
        return self._check_room.submit(page_count, content, media_type=media_type).result()

    def watermarked(self, content: bytes, *, media_type: str, lines: tuple[str, ...], page: int) -> bytes | None:
        """One page as JPEG with the lines over it; None when there is no such page. Raises Undrawable."""
        drawn = self._check_room.submit(
            watermarked_pages, content, media_type=media_type, lines=lines, intake=self.standard.intake, only=page
        ).result()
        return drawn[0] if drawn else None


def make_parts(settings: Settings, *, clock: Callable[[], datetime]) -> Parts:
    """Read secrets and rules, open the database lazily; nothing is migrated here."""
    secrets = load_secrets(settings.data.dir)
    keys = Keys(bytes.fromhex(secrets.data_key))
    install_keys(keys)
    tables.Record.registry.configure()  # every table is known before anybody asks what refers to whom
    engine = make_engine(
        settings.database_url,
        busy_seconds=settings.database.busy_seconds,
        pool_size=settings.database.pool_size,
        durable=settings.data.durable,
    )
    return Parts(
        settings=settings,
        secrets=secrets,
        engine=engine,
        sessions=make_sessions(engine, EmbeddedQueue(clock)),
        files=LocalFiles(settings.files_dir, keys, durable=settings.data.durable),
        alumni=read_rules(_data("alumni.toml")),
        purposes=read_purposes(_data("consent.toml")),
        forms=read_forms(_data("forms.toml")),
        rounds=read_rounds(_data("identity.toml")),
        policy=policy_of(settings),
        proofreading=read_table(_data("proofreading.toml")),
        clock=clock,
        webapp=PROJECT / "webapp",
        vendor=PROJECT / "static" / "vendor",
    )


def _data(name: str) -> dict[str, Any]:
    with (PROJECT / "config" / name).open("rb") as file:
        return tomllib.load(file)


def policy_of(settings: Settings) -> Policy:
    security = settings.security
    return Policy(
        lockout_failures=security.lockout_failures,
        lockout_minutes=security.lockout_minutes,
        min_length_student=security.password_min_length,
        min_length_staff=security.password_min_length_staff,
        hours_student=security.session_hours_student,
        hours_staff=security.session_hours_staff,
        idle_minutes_staff=security.idle_minutes_staff,
        password_memory_kib=security.password_memory_kib,
        staff_totp_required=security.staff_totp == "required",
        passwords_for="everybody" if settings.sso.protocol == "off" else settings.sso.local_passwords,
    )
