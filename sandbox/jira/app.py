"""Puts the sandbox's Jira together as one ASGI app."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

import httpx
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.config import Config
from sandbox.faults import FaultMiddleware, Faults, control_route
from sandbox.jira import attachments, control, graphql, pages, platform_rest, servicedesk
from sandbox.jira.errors import Refused, answer_refusal, jsm_refusal, platform_refusal
from sandbox.jira.forge import Forge
from sandbox.jira.identity import Identity
from sandbox.jira.issues import Issues
from sandbox.jira.people import People
from sandbox.jira.sites import Sites
from sandbox.jira.state import Jira, jira_of
from sandbox.store import Store

_RATE_LIMIT = {
    "X-RateLimit-Limit": "100",
    "X-RateLimit-Remaining": "0",
    "X-RateLimit-NearLimit": "true",
    "RateLimit-Reason": "jira-burst-based",
    "RateLimit-Policy": '"tenant-burst";q=100;w=1',
    "RateLimit": '"tenant-burst";r=0;t=1',
}


def create_app(config: Config, store: Store, client: httpx.AsyncClient | None = None) -> Starlette:
    """Return the sandbox's Jira; its state lies in the store and its key in the state folder."""
    faults = Faults()
    app = Starlette(
        routes=[
            Route("/.well-known/jwks.json", key_set),
            control_route(faults),
            *control.routes,
            *servicedesk.routes,
            *attachments.routes,
            *platform_rest.routes,
            *graphql.routes,
            *pages.routes,
        ],
        middleware=[Middleware(FaultMiddleware, faults=faults, refusal=refuse)],
        exception_handlers={Refused: answer_refusal},
        lifespan=lifespan,
    )
    client = client or httpx.AsyncClient(trust_env=False)
    identity = Identity(config.state_dir)
    people = People(store)
    app.state.jira = Jira(
        config=config,
        store=store,
        identity=identity,
        sites=Sites(config, store),
        people=people,
        issues=Issues(store),
        forge=Forge(config, identity, people, client),
    )
    return app


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """Tick every installed site while the server runs."""
    jira: Jira = app.state.jira
    for site in jira.sites.all():
        if site.installed:
            jira.forge.keep_token_fresh(site)
    yield
    await jira.forge.close()


async def key_set(request: Request) -> Response:
    headers = {"cache-control": "public, max-age=300"}
    return JSONResponse(jira_of(request).identity.jwks(), headers=headers)


def refuse(path: str, status: int) -> Response:
    """Answer a fault that was asked for as Jira would."""
    too_many = status == HTTPStatus.TOO_MANY_REQUESTS
    text = "Rate limit exceeded." if too_many else "Internal server error"
    if "/servicedeskapi/" in path:
        body = jsm_refusal(status, text, "sd.sandbox.fault").body
    else:
        body = platform_refusal(status, text).body
    return JSONResponse(body, status_code=status, headers=_RATE_LIMIT if too_many else None)
