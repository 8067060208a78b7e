"""The panel's session: a token of ours, bound to site, issue, account and what the agent may do."""

from dataclasses import dataclass
from time import time

from django.core import signing

from conversations.contracts import Agent

LIFETIME_SECONDS = 900
SALT = "jira_bridge.panel_session"


@dataclass(frozen=True)
class PanelSession:
    """Who asks, until when (seconds since 1970)."""

    agent: Agent
    expires_at: int


def issue(agent: Agent) -> str:
    """Return a token for the Authorization header; never a cookie."""
    payload = {
        "site": agent.schema_name,
        "account": agent.account_id,
        "name": agent.name,
        "issue": agent.issue_id,
        "key": agent.issue_key,
        "reply": agent.may_reply,
        "zone": agent.time_zone,
        "reporter": agent.reporter_account_id,
        "other": agent.other_issue_id,
        "title": agent.other_issue_title,
        "admin": agent.may_administer,
        "expires": int(time()) + LIFETIME_SECONDS,
    }
    return signing.dumps(payload, salt=SALT)


def read(token: str) -> PanelSession | None:
    """Return what a token says; None when it is not ours or has run out."""
    try:
        payload = signing.loads(token, salt=SALT, max_age=LIFETIME_SECONDS)
    except signing.BadSignature:
        return None
    if payload["expires"] <= time():
        return None
    agent = Agent(
        schema_name=payload["site"],
        account_id=payload["account"],
        name=payload["name"],
        issue_id=payload["issue"],
        issue_key=payload["key"],
        may_reply=payload["reply"],
        time_zone=payload["zone"],
        reporter_account_id=payload.get("reporter", ""),
        other_issue_id=payload.get("other", ""),
        other_issue_title=payload.get("title", ""),
        may_administer=payload.get("admin", False),
    )
    return PanelSession(agent, payload["expires"])
