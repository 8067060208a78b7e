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
    control,
    media,
    pulls,
    reports,
    sms,
    subscription_routes,
    whatsapp,
)
from sandbox.infobip.accounts import Accounts
from sandbox.infobip.clock import clock, now
from sandbox.infobip.envelopes import Refused, answer, refusal
from sandbox.infobip.ledger import Ledger
from sandbox.infobip.limits import Limits
from sandbox.infobip.media import MediaStore
from sandbox.infobip.service import Infobip
from sandbox.infobip.subscriptions import Subscriptions
from sandbox.infobip.webhooks import Webhooks

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sandbox.config import Config
    from sandbox.store import Store


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
        subscriptions=Subscriptions(store),
        client=client,
    )
    infobip.webhooks.on_taken = lambda number: _note_taken(infobip, number)
    app = Starlette(
        routes=[
            *sms.routes,
            *pulls.routes,
            *whatsapp.routes,
            *media.routes,
            *account.routes,
            *subscription_routes.routes,
            *account_control.routes,
            *control.routes,
            control_route(faults),
        ],
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
    yield
    await infobip.webhooks.close()


def _note_taken(infobip: Infobip, number: int) -> None:
    message = infobip.ledger.with_number(number)
    if message is not None and message.taken_at is None:
        message.taken_at = now()
        infobip.ledger.save(message)
