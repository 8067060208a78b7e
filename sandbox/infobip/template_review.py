"""Who reads new templates at WhatsApp: by itself after a while, or by hand; and what is told."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.infobip.account_control import account_wanted, wrong
from sandbox.infobip.publishing import Occasion, publish_later
from sandbox.infobip.reports import told_time
from sandbox.infobip.service import infobip_of
from sandbox.infobip.template_rules import CATEGORIES
from sandbox.infobip.validation import read_object

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from sandbox.infobip.service import Infobip
    from sandbox.infobip.template_store import Template

STATUSES = (
    "APPROVED",
    "IN_APPEAL",
    "PENDING",
    "REJECTED",
    "PENDING_DELETION",
    "DELETED",
    "REINSTATED",
    "FLAGGED",
    "FIRST_PAUSED",
    "SECOND_PAUSED",
    "DISABLED",
)
REASONS = ("ABUSIVE_CONTENT", "INCORRECT_CATEGORY", "INVALID_FORMAT", "NONE", "SCAM", "UNKNOWN")
QUALITIES = ("HIGH", "MEDIUM", "LOW", "UNKNOWN")
AT_THE_EDGE = re.compile(r"^\{\{\d+\}\}|\{\{\d+\}\}$")


def promise_review(infobip: Infobip, template: Template) -> None:
    """Decide after a while; a name that ends in _hold waits for somebody to review it."""
    if not template.name.endswith("_hold"):
        infobip.webhooks.spawn(_review_later(infobip, template.id))


def resume_reviews(infobip: Infobip) -> None:
    for account in infobip.accounts.all():
        for template in infobip.templates.all(account.site):
            if template.status == "PENDING":
                promise_review(infobip, template)


def decide(infobip: Infobip, template: Template, status: str, reason: str = "NONE") -> None:
    template.status = status
    infobip.templates.save(template)
    _tell(infobip, template, "STATUS", {"newStatus": status, "reason": reason})


async def _review_later(infobip: Infobip, template_id: str) -> None:
    await asyncio.sleep(infobip.config.review_delay)
    template = infobip.templates.with_id(template_id)
    if template is None or template.status != "PENDING":
        return
    body = str((template.structure.get("body") or {}).get("text") or "").strip()
    if template.name.endswith("_reject"):
        decide(infobip, template, "REJECTED", "ABUSIVE_CONTENT")
    elif AT_THE_EDGE.search(body):
        # WhatsApp takes no body that begins or ends with a placeholder.
        decide(infobip, template, "REJECTED", "INVALID_FORMAT")
    else:
        decide(infobip, template, "APPROVED")


def _tell(infobip: Infobip, template: Template, about: str, change: dict[str, Any]) -> None:
    account = infobip.accounts.of_site(template.site)
    if account is None:
        return
    body = {
        "messageTemplateId": template.id,
        "messageTemplateName": template.name,
        "messageTemplateLanguage": template.language,
        "timestamp": told_time(template.updated_at),
        "change": {"type": f"TEMPLATE_{about}_UPDATE"} | change,
    }
    occasion = Occasion("WHATSAPP", "TEMPLATE_UPDATE", names=("template",))
    publish_later(infobip, account, occasion, lambda _format: body)


async def listed(request: Request) -> Response:
    infobip = infobip_of(request)
    account = account_wanted(infobip, dict(request.query_params))
    if account is None:
        return wrong("no such account")
    return JSONResponse({"templates": [t.shown() for t in infobip.templates.all(account.site)]})


async def review(request: Request) -> Response:
    infobip, wanted = infobip_of(request), await read_object(request)
    template = infobip.templates.with_id(request.path_params["template_id"])
    status, reason = wanted.get("status"), wanted.get("reason", "NONE")
    if template is None or status not in STATUSES or reason not in REASONS:
        return wrong(f"status is one of {', '.join(STATUSES)}, reason of {', '.join(REASONS)}")
    decide(infobip, template, str(status), str(reason))
    return JSONResponse(template.shown())


async def change(request: Request) -> Response:
    """Change a template's quality or category, as WhatsApp does of its own accord."""
    infobip, wanted = infobip_of(request), await read_object(request)
    template = infobip.templates.with_id(request.path_params["template_id"])
    quality, category = wanted.get("quality"), wanted.get("category")
    if template is None or not (quality in QUALITIES or category in CATEGORIES):
        return wrong(f"quality is one of {', '.join(QUALITIES)}, category {', '.join(CATEGORIES)}")
    if quality in QUALITIES:
        told = {"previousQualityScore": template.quality, "newQualityScore": quality}
        template.quality = str(quality)
        infobip.templates.save(template)
        _tell(infobip, template, "QUALITY", told)
    if category in CATEGORIES:
        told = {"previousCategory": template.category, "newCategory": category}
        template.category = str(category)
        infobip.templates.save(template)
        _tell(infobip, template, "CATEGORY", told)
    return JSONResponse(template.shown())


routes = [
    Route("/_sandbox/templates", listed, methods=["GET"]),
    Route("/_sandbox/templates/{template_id}/review", review, methods=["POST"]),
    Route("/_sandbox/templates/{template_id}", change, methods=["POST"]),
]
