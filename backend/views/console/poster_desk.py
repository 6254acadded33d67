"""The codes of a notice at the desk, and its posters to print."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from io import BytesIO
from urllib.parse import urlsplit

import structlog
from flask import flash, redirect, send_file, url_for
from werkzeug.wrappers import Response

from backend.adapters.posters import Form, PosterFailed, missing_on, render_poster
from backend.adapters.qr import draw_qr
from backend.errors import NotAllowed
from backend.notices.queries import link_in_scope
from backend.notices.records import NoticeLink
from backend.notices.rules import NoticeState, is_open
from backend.views import access
from backend.views.addresses import root_address
from backend.views.posters import address_of, poster_content, short_address_of
from backend.views.words import t

log = structlog.get_logger()

MEDIA_TYPES: dict[Form, str] = {"pdf": "application/pdf", "png": "image/png"}


def print_poster(notice_id: int, link_id: int, form: Form) -> Response:
    """The poster as a file to save. Raises NotFound for other centres' links, NotAllowed when the link is over."""
    link = link_in_scope(access.session(), scope=access.scope(), notice_id=notice_id, link_id=link_id)
    if not is_open(NoticeState(link.notice.state), expires_at=link.expires_at, now=access.now()):
        raise NotAllowed(link=link_id)
    parts = access.parts()
    try:
        poster = render_poster(
            poster_content(link),
            form=form,
            templates=parts.webapp / "print",
            font_file=parts.settings.notices.poster_font,
        )
    except PosterFailed as error:
        log.error("poster_failed", link=link_id, reason=str(error)[:200])
        flash(t("notices.show.broken"), "bad")
        return redirect(url_for("console_notices.show", notice_id=notice_id), 303)
    answer = send_file(
        BytesIO(poster.content),
        mimetype=MEDIA_TYPES[form],
        as_attachment=True,
        download_name=f"{link.centre.code}-{link.token}.{form}",
    )
    if poster.missing:
        points = " ".join(f"U+{ord(sign):04X}" for sign in poster.missing)
        log.warning("poster_characters_missing", link=link_id, characters=points)
        answer.headers["X-Missing-Characters"] = points
    return answer


def links_with_codes(links: Sequence[NoticeLink]) -> list[dict[str, object]]:
    """For the table: link, address, the same without its scheme, picture of the code, whether its time is over."""
    now = access.now()
    return [
        {
            "link": link,
            "address": address_of(link),
            "short": short_address_of(link),
            "picture": "data:image/svg+xml;base64," + b64encode(draw_qr(address_of(link)).svg.encode()).decode(),
            "expired": link.expires_at <= now,
        }
        for link in links
    ]


def missing_on_posters(links: Sequence[NoticeLink]) -> str | None:
    """Characters that the posters of these links would show as boxes; None when no poster can be made."""
    font_file = access.parts().settings.notices.poster_font
    try:
        return "".join(dict.fromkeys("".join(missing_on(poster_content(link), font_file) for link in links)))
    except PosterFailed as error:
        log.error("poster_failed", reason=str(error)[:200])
        return None


def local_root() -> str | None:
    """This site's address when phones cannot reach it, else None."""
    host = urlsplit(root_address()).hostname or ""
    return root_address() if host in ("localhost", "::1") or host.startswith("127.") else None
