"""The templates' API: listing, creating, editing and deleting."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.infobip import scopes
from sandbox.infobip.clock import now
from sandbox.infobip.envelopes import Refused
from sandbox.infobip.service import account_of, bare_number, infobip_of
from sandbox.infobip.template_review import promise_review
from sandbox.infobip.template_rules import CATEGORIES, check_new, check_structure, type_of
from sandbox.infobip.template_store import Template
from sandbox.infobip.validation import Fields, read_object

if TYPE_CHECKING:
    from starlette.requests import Request

    from sandbox.infobip.accounts import Account
    from sandbox.infobip.service import Infobip

PATH = "/whatsapp/2/senders/{sender}/templates"
VERSION_1 = "/whatsapp/1/senders/{sender}/templates"
DAY_SECONDS = 24 * 3600
DEFAULT_SIZE, LARGEST_SIZE = 10, 100
EDITABLE = ("APPROVED", "REJECTED", "FIRST_PAUSED", "SECOND_PAUSED")
CREATED, NO_CONTENT, NOT_FOUND = 201, 204, 404


async def of_sender(request: Request) -> Response:
    infobip, account = _place(request)
    shown = [template.shown() for template in infobip.templates.all(account.site)]
    return JSONResponse({"templates": shown})


async def of_sender_in_version_1(request: Request) -> Response:
    infobip, account = _place(request)
    shown = [template.shown_in_version_1() for template in infobip.templates.all(account.site)]
    return JSONResponse({"templates": shown})


async def of_account(request: Request) -> Response:
    infobip, account = infobip_of(request), account_of(request, scopes.WHATSAPP)
    infobip.limits.take(account.site, "templates of the account")
    query = request.query_params
    found = [
        template
        for template in infobip.templates.all(account.site)
        if all(
            not query.getlist(name) or getattr(template, name) in query.getlist(name)
            for name in ("status", "name", "language", "category")
        )
    ]
    senders = [bare_number(sender) for sender in query.getlist("sender")]
    if senders and not any(account.owns("whatsapp", sender) for sender in senders):
        found = []
    found.sort(
        key=lambda template: int(template.id), reverse=query.get("orderBy", "")[-4:] == "DESC"
    )
    fields = Fields({name: _whole(query.get(name)) for name in ("page", "size")}, "", [])
    fields.number("page", 0, 10**6)
    fields.number("size", 1, LARGEST_SIZE)
    fields.refuse_violations()
    page, size = fields.value["page"] or 0, fields.value["size"] or DEFAULT_SIZE
    paging = {
        "page": page,
        "size": size,
        "totalPages": math.ceil(len(found) / size),
        "totalResults": len(found),
    }
    shown = [template.shown() for template in found[page * size : (page + 1) * size]]
    return JSONResponse({"results": shown, "paging": paging})


async def one(request: Request) -> Response:
    _infobip, template = _template(request)
    return JSONResponse(template.shown())


async def create(request: Request) -> Response:
    infobip, account = _place(request, "templates POST")
    body = await read_object(request)
    fields = Fields(body, "", [])
    check_new(fields)
    name, language = body.get("name"), body.get("language")
    if infobip.templates.find(account.site, str(name), str(language)):
        fields.violate("name", "already exists in this language")
    if infobip.templates.is_blocked(account.site, str(name)):
        fields.violate("name", "was deleted and cannot be used again for 30 days")
    fields.refuse_violations()
    structure = {"type": type_of(body["structure"])} | body["structure"]
    template = infobip.templates.add(
        Template(account.site, str(name), str(language), body["category"], structure)
    )
    promise_review(infobip, template)
    return JSONResponse(template.shown(), CREATED)


async def edit(request: Request) -> Response:
    infobip, template = _template(request, "templates PATCH")
    body = await read_object(request)
    fields = Fields(body, "", [])
    if template.status not in EDITABLE:
        fields.violate("", "only approved, rejected and paused templates can be edited")
    _check_edit(fields, template)
    fields.refuse_violations()
    if template.status == "APPROVED":
        template.edited_at = now()
    template.category = body.get("category") or template.category
    if body.get("structure"):
        template.structure = {"type": type_of(body["structure"])} | body["structure"]
    template.status = "PENDING"
    infobip.templates.save(template)
    promise_review(infobip, template)
    return JSONResponse(template.shown())


async def delete(request: Request) -> Response:
    infobip, account = _place(request, "templates DELETE")
    if not infobip.templates.delete(account.site, request.path_params["template"]):
        raise Refused(NOT_FOUND)
    return Response(status_code=NO_CONTENT)


def _check_edit(fields: Fields, template: Template) -> None:
    approved = template.status == "APPROVED"
    if fields.value.get("category") is not None:
        category = fields.choice("category", CATEGORIES)
        if approved and category != template.category:
            fields.violate("category", "of an approved template cannot be changed")
    if approved and template.edited_at > now() - DAY_SECONDS:
        fields.violate("", "an approved template can be edited once in 24 hours")
    check_structure(fields.object("structure"), fields.value.get("category") or template.category)


def _place(request: Request, limit: str = "") -> tuple[Infobip, Account]:
    infobip, account = infobip_of(request), account_of(request, scopes.WHATSAPP)
    if not account.owns("whatsapp", bare_number(request.path_params["sender"])):
        raise Refused(NOT_FOUND)
    if limit:
        infobip.limits.take(account.site, limit)
    return infobip, account


def _template(request: Request, limit: str = "") -> tuple[Infobip, Template]:
    infobip, account = _place(request, limit)
    template = infobip.templates.with_id(request.path_params["template"])
    if template is None or template.site != account.site:
        raise Refused(NOT_FOUND)
    return infobip, template


def _whole(text: str | None) -> Any:
    return int(text) if text and text.lstrip("-").isdigit() else text


routes = [
    Route(PATH, of_sender, methods=["GET"]),
    Route(PATH, create, methods=["POST"]),
    Route(f"{PATH}/{{template}}", one, methods=["GET"]),
    Route(f"{PATH}/{{template}}", edit, methods=["PATCH"]),
    Route(f"{PATH}/{{template}}", delete, methods=["DELETE"]),
    Route(VERSION_1, of_sender_in_version_1, methods=["GET"]),
    Route("/whatsapp/1/templates", of_account, methods=["GET"]),
]
