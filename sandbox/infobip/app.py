"""The Infobip app: one file of routes per area of the real API."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import httpx
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from sandbox.faults import FaultMiddleware, Faults, control_route
from sandbox.infobip import (
    account,
    account_control,
    blocklist,
    control,
    identities,
    marketing,
    media,
    messages_api,
    pulls,
    reports,
    senders,
    sms,
    sms_v2,
    subscription_routes,
    template_review,
    template_sends,
    templates,
    whatsapp,
    whatsapp_events,
)
from sandbox.infobip.accounts import Accounts
from sandbox.infobip.batches import Batches
from sandbox.infobip.blocklist import Blocklist
from sandbox.infobip.clock import clock, now
from sandbox.infobip.envelopes import Refused, answer, refusal
from sandbox.infobip.identities import Identities
from sandbox.infobip.ledger import Ledger
from sandbox.infobip.limits import Limits
from sandbox.infobip.marketing import Marketing
from sandbox.infobip.media import MediaStore
from sandbox.infobip.service import Infobip
from sandbox.infobip.subscriptions import Subscriptions
from sandbox.infobip.template_store import Templates
from sandbox.infobip.webhooks import Webhooks

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.config import Config
    from sandbox.store import Store

AREAS = (
    account,
    account_control,
    blocklist,
    control,
    identities,
    marketing,
    media,
    messages_api,
    pulls,
    senders,
    sms,
    sms_v2,
    subscription_routes,
    template_review,
    template_sends,
    templates,
    whatsapp,
    whatsapp_events,
)


def create_app(config: Config, store: Store, client: httpx.AsyncClient | None = None) -> Starlette:
    """Build the app; `client` is what pushes webhooks. Its state holds the `infobip`."""
    clock.resume(store)
    faults = Faults()
    # No proxy of the environment: the product is next door.
    timeout = httpx.Timeout(10, connect=2, pool=None)
    client = client or httpx.AsyncClient(timeout=timeout, trust_env=False)
    infobip = Infobip(
        config=config,
        accounts=Accounts(store),
        ledger=Ledger(store),
        faults=faults,
        webhooks=Webhooks(store, faults, client, config.retry_unit),
        store=store,
        media=MediaStore(store, config.state_dir / "media"),
        limits=Limits(),
        batches=Batches(),
        subscriptions=Subscriptions(store),
        templates=Templates(store),
        blocklist=Blocklist(store),
        identities=Identities(store),
        marketing=Marketing(store),
        client=client,
    )
    infobip.webhooks.on_taken = lambda number: _note_taken(infobip, number)
    app = Starlette(
        routes=[*(route for area in AREAS for route in area.routes), control_route(faults)],
        middleware=[Middleware(FaultMiddleware, faults=faults, refusal=refusal)],
        exception_handlers={Refused: answer, HTTPException: answer, Exception: answer},
        lifespan=_lifespan,
    )
    app.state.infobip = infobip
    return app


@contextlib.asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    infobip: Infobip = app.state.infobip
    infobip.webhooks.resume()
    reports.resume_reports(infobip)
    template_review.resume_reviews(infobip)
    yield
    await infobip.webhooks.close()


def _note_taken(infobip: Infobip, number: int) -> None:
    message = infobip.ledger.with_number(number)
    if message is not None and message.taken_at is None:
        message.taken_at = now()
        infobip.ledger.save(message)
