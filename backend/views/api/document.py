"""The API in OpenAPI 3.1, made of what stands beside every operation; and the same as a page for people."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request
from limits import parse
from pydantic import Field
from pydantic.json_schema import JsonSchemaMode, models_json_schema
from werkzeug.routing import Rule

from backend.programs.rules import Grant
from backend.views import access
from backend.views.addresses import LARGEST, root_address
from backend.views.api.codes import codes_said
from backend.views.api.contract import MAX_BODY, MAX_KEY, PAGE, Answer, Asked, Contract
from backend.views.limits import rates_of
from backend.views.problems import BUSY, WAITING
from backend.views.uploads import MAX_EVIDENCE
from backend.views.words import t

blueprint = Blueprint("api_document", __name__, url_prefix="/api/v1")

VERSION = "1.0.0"
REF = "#/components/schemas/{model}"
ITSELF = {"api_document.show", "api_document.openapi"}
ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")
MAX_PART = 500  # characters of a part of a form
PATH_EXAMPLES = {
    "purpose": "photo",
    "channel": "mail",
    "app": "mini",
    "question": "sees",
    "token": "K7QXM2PD",
}
PER = ("second", "minute", "hour", "day")
METHODS = ("GET", "POST", "PUT", "DELETE")


class Error(Answer):
    """Every error. `code` never changes its meaning; `message` is in the language of Accept-Language."""

    code: str = Field(examples=["outdated"])
    message: str = Field(examples=["Something changed after you opened the page, so nothing was saved."])
    fields: dict[str, str] | None = Field(None, description="Where -> the code of why.")
    retry_after_ms: int | None = Field(None, description="With 429 and 503; Retry-After says the same in seconds.")


@dataclass(frozen=True)
class Entry:
    """One operation as the document and the page tell it."""

    name: str
    topic: str
    method: str
    path: str
    rule: Rule
    contract: Contract
    who: str  # "public", "student", or the grant of a token
    rates: list[str]  # beside what holds for every operation


@blueprint.get("")
@access.public
def show() -> str:
    """The readable page: what to know first, then every operation with an example of both sides."""
    whole = document()
    topics: dict[str, list[dict[str, Any]]] = {}
    for entry in entries():
        said = whole["paths"][entry.path][entry.method.lower()]
        topics.setdefault(entry.topic, []).append(
            {
                "name": entry.name,
                "method": entry.method,
                "path": entry.path,
                "who": entry.who,
                "summary": said["summary"],
                "rates": [rate_said(rate) for rate in entry.rates],
                "limit": said.get("requestBody", {}).get("description", ""),
                "sent": _example_sent(said),
                "sent_as": ", ".join(said.get("requestBody", {}).get("content", {})),
                "got": _example_got(said, entry.contract.status),
                "status": entry.contract.status,
                "codes": sorted(said["responses"]),
            }
        )
    return render_template(
        "public/api.html",
        topics=topics,
        grants=[*Grant],
        base=root_address(),
        about=_about(),
        errors=codes_said(),
    )


@blueprint.get("/openapi.json")
@access.public
def openapi() -> Response:
    """Made anew for each language; asked again with its ETag it is not sent again."""
    answer = Response(json.dumps(document(), ensure_ascii=False), mimetype="application/json")
    answer.headers["Cache-Control"] = "no-cache"
    answer.vary.add("Accept-Language")
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def entries() -> Iterator[Entry]:
    """Every operation under /api, in the order of the topics."""
    for rule in sorted(current_app.url_map.iter_rules(), key=lambda rule: (rule.endpoint.split(".")[0], rule.rule)):
        view = current_app.view_functions[rule.endpoint]
        contract = getattr(view, "contract", None)
        if not rule.rule.startswith("/api/") or rule.endpoint in ITSELF or contract is None:
            continue
        topic, _, name = rule.endpoint.removeprefix("api_").partition(".")
        permission = getattr(view, "permission", "")
        who = "public" if permission == access.PUBLIC else "student"
        who = permission.value if isinstance(permission, Grant) else who
        for method in METHODS:
            if method in (rule.methods or ()):
                name_of_it = f"{topic}_{name.strip('_')}"
                yield Entry(name_of_it, topic, method, _path(rule), rule, contract, who, rates_of(view))


def document() -> dict[str, Any]:
    """The whole document, in the caller's language."""
    known = list(entries())
    models: list[tuple[Any, JsonSchemaMode]] = [(Error, "validation")]
    models += [(entry.contract.answer, "serialization") for entry in known if entry.contract.answer is not None]
    models += [(entry.contract.body, "validation") for entry in known if entry.contract.body is not None]
    names, schemas = models_json_schema(list(dict.fromkeys(models)), ref_template=REF)
    definitions = schemas["$defs"]
    code, known_codes = definitions["Error"]["properties"]["code"], codes_said()
    code["enum"] = [*known_codes]
    code["description"] = "\n".join(f"- `{name}`: {sentence}" for name, sentence in known_codes.items())
    topics = dict.fromkeys(entry.topic for entry in known)
    paths: dict[str, dict[str, Any]] = {}
    for entry in known:
        paths.setdefault(entry.path, {})[entry.method.lower()] = _said(entry, names, definitions)
    return {
        "openapi": "3.1.0",
        "info": {"title": t("api.title"), "version": VERSION, "description": "\n\n".join(_about())},
        "servers": [{"url": root_address()}],
        "tags": [{"name": topic, "description": t(f"api.topic.{topic}")} for topic in topics],
        "paths": paths,
        "components": {
            "schemas": definitions,
            "securitySchemes": {
                "student": {"type": "http", "scheme": "bearer", "description": t("api.token.student")},
                "system": {"type": "http", "scheme": "bearer", "description": t("api.token.system")},
            },
        },
    }


def _about() -> list[str]:
    """What to know first, in paragraphs."""
    settings = access.parts().settings
    photos, security = settings.photos, settings.security
    limits = t("api.about.limits", photo=photos.max_bytes, evidence=photos.evidence_max_bytes, body=MAX_BODY)
    rate = t("api.about.rate", rate=rate_said(settings.api.rate))
    narrower = t(
        "api.about.rates",
        sign_in=rate_said(security.rate_sign_in),
        upload=rate_said(security.rate_upload),
        frames=rate_said(security.rate_frames),
        application=rate_said(security.rate_application),
    )
    first = [t("api.about.token"), t("api.about.errors"), t("api.about.key"), t("api.about.page")]
    return [*first, limits, rate, narrower, t("api.about.hooks")]


def rate_said(rate: str) -> str:
    """ "240 per minute" in the caller's language."""
    found = parse(rate)
    unit = found.GRANULARITY.name
    return t(f"api.per.{unit}", count=found.amount) if found.multiples == 1 and unit in PER else rate


def _path(rule: Rule) -> str:
    """/a/<int:b> -> /a/{b}"""
    return ARGUMENT.sub(r"{\1}", rule.rule)


def _said(entry: Entry, names: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    contract = entry.contract
    said: dict[str, Any] = {
        "operationId": entry.name,
        "tags": [entry.topic],
        "summary": t(f"api.op.{entry.name}"),
        "parameters": _parameters(entry),
        "responses": _responses(entry, names, definitions),
        "security": {"public": [], "student": [{"student": []}]}.get(entry.who, [{"system": []}]),
    }
    needed = [] if entry.who in ("public", "student") else [t("api.needs_grant", grant=entry.who)]
    if notes := needed + [t("api.at_most", rate=rate_said(rate)) for rate in entry.rates]:
        said["description"] = " ".join(notes)
    if contract.body is not None:
        reference = names[(contract.body, "validation")]
        said["requestBody"] = {
            "required": True,
            "content": {
                "application/json": {"schema": reference, "example": example_of(reference, definitions, sent=True)}
            },
        }
    elif contract.raw:
        content = {contract.raw: {"schema": {"type": "string", "format": "binary"}}}
        most = t("api.upload", types=contract.raw, bytes=contract.raw_bytes)
        said["requestBody"] = {"required": True, "description": most, "content": content}
    elif contract.uploads:
        said["requestBody"] = {"required": True, "content": {"multipart/form-data": _multipart(contract)}}
    return said


def _multipart(contract: Contract) -> dict[str, Any]:
    limits = access.parts().settings.photos
    properties: dict[str, Any] = {}
    for part in contract.fields:
        bounds: dict[str, Any] = {"enum": list(part.known)} if part.known else {"maxLength": MAX_PART}
        properties[part.name] = {"type": "string", "examples": [part.example], **bounds}
    for upload in contract.uploads:
        most = limits.evidence_max_bytes if upload.evidence else limits.max_bytes
        one = {
            "type": "string",
            "format": "binary",
            "description": t("api.upload", types=", ".join(upload.types), bytes=most),
        }
        many = {"type": "array", "items": one, "minItems": int(upload.needed), "maxItems": MAX_EVIDENCE}
        properties[upload.name] = many if upload.many else one
    encoding = {upload.name: {"contentType": ", ".join(upload.types)} for upload in contract.uploads}
    needed = [part.name for part in contract.fields if part.needed]
    needed += [upload.name for upload in contract.uploads if upload.needed]
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    example: dict[str, Any] = {part.name: part.example for part in contract.fields if part.example}
    # one file goes with the example, whatever the ways are by which it may come
    sent = next((upload for upload in contract.uploads if upload.needed), contract.uploads[0])
    named = f"{sent.name}.jpg"
    example[sent.name] = [named] if sent.many else named
    shape = {"schema": {**schema, "required": needed} if needed else schema, "encoding": encoding}
    return {**shape, "example": example}


def _parameters(entry: Entry) -> list[dict[str, Any]]:
    number = {"type": "integer", "minimum": 0, "maximum": LARGEST}
    found: list[dict[str, Any]] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": number if f"<int:{name}>" in entry.rule.rule else {"type": "string", "minLength": 1},
            "example": 1 if f"<int:{name}>" in entry.rule.rule else PATH_EXAMPLES[name],
        }
        for name in sorted(entry.rule.arguments)
    ]
    if "limit" in entry.contract.query:
        found.append(_parameter("limit", "query", {"type": "integer", "minimum": 1, "maximum": 200, "default": PAGE}))
    if "cursor" in entry.contract.query:
        found.append(_parameter("cursor", "query", {"type": "string"}))
    for asked in entry.contract.query:
        if isinstance(asked, Asked):
            known = {"type": "string", "enum": list(asked.known)}
            found.append({**_parameter("answer", "query", known), "name": asked.name})
    found.append(_parameter("Accept-Language", "header", {"type": "string", "examples": ["zh-CN", "en"]}))
    if entry.method == "GET":
        found.append(_parameter("If-None-Match", "header", {"type": "string"}))
    elif entry.contract.keyed:
        key = {"type": "string", "minLength": 1, "maxLength": MAX_KEY, "pattern": "^[ -~]+$"}
        found.append(_parameter("Idempotency-Key", "header", key))
    return found


def _parameter(name: str, place: str, schema: dict[str, Any]) -> dict[str, Any]:
    key = name.lower().replace("-", "_")
    return {"name": name, "in": place, "required": False, "schema": schema, "description": t(f"api.parameter.{key}")}


def codes_of(entry: Entry) -> set[int]:
    """Every status that the operation can answer with, beside its own."""
    contract, codes = entry.contract, {400, 404, 429}
    if entry.who != "public":
        codes.add(401)
    if contract.body is not None or contract.uploads:
        codes |= {413, 415, 422}
    if contract.raw or contract.query:
        codes.add(422)
    if entry.method == "GET":
        codes.add(304)
    elif contract.keyed:
        codes.add(422)
    return codes | set(contract.errors)


def _responses(entry: Entry, names: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    contract, number = entry.contract, {"schema": {"type": "integer"}}
    limits = {f"RateLimit-{what}": number for what in ("Limit", "Remaining", "Reset")}
    good: dict[str, Any] = {"description": HTTPStatus(contract.status).phrase, "headers": dict(limits)}
    if entry.method == "GET":
        good["headers"]["ETag"] = {"schema": {"type": "string"}}
    elif contract.keyed:
        good["headers"]["Idempotency-Replayed"] = {"schema": {"const": "true"}}
    if contract.answer is not None:
        reference = names[(contract.answer, "serialization")]
        good["content"] = {"application/json": {"schema": reference, "example": example_of(reference, definitions)}}
    elif contract.media:
        good["content"] = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in contract.media}
    found = {str(contract.status): good}
    for code in sorted(codes_of(entry)):
        if code == 304:
            found["304"] = {"description": HTTPStatus(code).phrase}
            continue
        found[str(code)] = {
            "description": t(f"api.status.{code}"),
            "headers": {**limits, "Retry-After": number} if code in WAITING else limits,
            "content": {"application/json": {"schema": {"$ref": REF.format(model="Error")}, "example": _problem(code)}},
        }
    return found


def _problem(status: int) -> dict[str, Any]:
    """A whole example of an error with this status, in the caller's language."""
    code = {409: "outdated", 422: "invalid"}.get(status, f"http_{status}")
    said: dict[str, Any] = {"code": code, "message": t(f"error.{code}.text", size="64 KB")}
    if status == 422:
        said["fields"] = {"seen_revision": "missing"}
    if status in WAITING:
        said["retry_after_ms"] = BUSY * 1000
    return said


def example_of(schema: dict[str, Any], definitions: dict[str, Any], *, sent: bool = False) -> Any:
    """A whole example of what a schema describes: the given ones where there are any."""
    if "$ref" in schema:
        return example_of(definitions[schema["$ref"].rpartition("/")[2]], definitions, sent=sent)
    if schema.get("examples"):
        return schema["examples"][0]
    for key in ("const", "default"):
        if key in schema:
            return schema[key]
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return example_of(schema["anyOf"][0], definitions, sent=sent)
    if schema.get("type") == "object":
        if "properties" not in schema:
            return {}
        return {name: example_of(part, definitions, sent=sent) for name, part in schema["properties"].items()}
    if schema.get("type") == "array":
        return [example_of(schema.get("items", {}), definitions, sent=sent)]
    plain = {"integer": schema.get("minimum", 1), "number": 1.0, "boolean": True, "null": None}
    if schema.get("type") in plain:
        return plain[schema["type"]]
    return {"date-time": "2026-11-02T02:00:00Z", "date": "2026-11-02"}.get(schema.get("format", ""), "…")


def _example_sent(said: dict[str, Any]) -> str:
    content = said.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        return _shown(content["application/json"]["example"])
    if "multipart/form-data" in content:
        return _shown(content["multipart/form-data"]["example"])
    return ", ".join(content)


def _example_got(said: dict[str, Any], status: int) -> str:
    content = said["responses"][str(status)].get("content", {})
    if "application/json" in content:
        return _shown(content["application/json"]["example"])
    return ", ".join(content)


def _shown(example: Any) -> str:
    return json.dumps(example, ensure_ascii=False, indent=2)
