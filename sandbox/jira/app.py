"""Puts the sandbox's Jira together as one ASGI app."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

import httpx
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.config import Config
from sandbox.faults import FaultMiddleware, Faults, control_route
from sandbox.jira import (
    attachments,
    control,
    customers,
    frames,
    graphql,
    pages,
    platform_rest,
    rest_control,
    scopes,
    searching,
    servicedesk,
)
from sandbox.jira.errors import (
    Refused,
    answer_refusal,
    answer_unknown_route,
    family_refusal,
    gateway_refusal,
    platform_refusal,
)
from sandbox.jira.event_line import EventLine
from sandbox.jira.forge import Forge
from sandbox.jira.identity import Identity
from sandbox.jira.issues import Issues
from sandbox.jira.limits import GLOBAL, SITE, Limits, burst_fault, quota_fault
from sandbox.jira.people import People
from sandbox.jira.remote import Remote
from sandbox.jira.request_types import RequestTypes
from sandbox.jira.sites import Sites
from sandbox.jira.state import Jira, jira_of
from sandbox.store import Store

_NOT_ALLOWED = "The IP address has been rejected because it is not on the allowed list."
_QUOTAS = {"429_quota": GLOBAL, "429_site_quota": SITE}


def create_app(config: Config, store: Store, client: httpx.AsyncClient | None = None) -> Starlette:
    """Return the sandbox's Jira; its state lies in the store and its key in the state folder."""
    faults = Faults()
    app = Starlette(
        routes=[
            Route("/.well-known/jwks.json", key_set),
            control_route(faults),
            *control.routes,
            *rest_control.routes,
            *servicedesk.routes,
            *customers.routes,
            *attachments.routes,
            *platform_rest.routes,
            *searching.routes,
            *graphql.graphql_routes(),
            *frames.routes,
            *pages.routes,
        ],
        middleware=[Middleware(FaultMiddleware, faults=faults, refusal=refuse, quota=quota)],
        exception_handlers={Refused: answer_refusal, HTTPException: answer_unknown_route},
        lifespan=lifespan,
    )
    client = client or httpx.AsyncClient(trust_env=False)
    app.state.jira = _assemble(config, store, faults, client)
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
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return _answer(burst_fault())
    if status == HTTPStatus.UNAUTHORIZED:
        return _answer(gateway_refusal(status, "Unauthorized"))
    if status == HTTPStatus.FORBIDDEN:
        return _answer(platform_refusal(status, _NOT_ALLOWED))
    return _answer(family_refusal(path, status, "Internal server error", "sd.sandbox.fault"))


def quota(kind: str) -> Response:
    """Answer as when the hour's points of all sites, or of this one, are used up."""
    return _answer(quota_fault(_QUOTAS[kind]))


def _answer(refused: Refused) -> Response:
    return JSONResponse(refused.body, status_code=refused.status, headers=refused.headers)


def _assemble(config: Config, store: Store, faults: Faults, client: httpx.AsyncClient) -> Jira:
    identity = Identity(config.state_dir)
    people = People(store)
    sites = Sites(config, store)
    remote = Remote(config, identity, client)
    unit = config.retry_unit if config.event_unit is None else config.event_unit
    line = EventLine(sites, remote, faults, unit)
    return Jira(
        config=config,
        store=store,
        identity=identity,
        sites=sites,
        people=people,
        issues=Issues(store),
        forge=Forge(sites, identity, people, remote, line),
        kinds=RequestTypes(store),
        limits=Limits(),
        scopes=scopes.granted_scopes(scopes.MANIFEST),
    )
