"""What beat starts, and how often: seconds between two starts.

What is done to each site once an hour starts each minute, for the sites in turn (`tenants.turns`):
a thousand sites are spread over the hour.
"""

from typing import Any


def _fresh(task: str, *, every: int) -> dict[str, Any]:
    """Return a task that is not made up for: nobody takes it any more once the next is there."""
    return {"task": task, "schedule": every, "options": {"expires": every}}


SCHEDULE: dict[str, dict[str, Any]] = {
    "sweep": _fresh("conversations.tasks.dispatch_sweeps", every=3),
    "sweep-every-site": {"task": "conversations.tasks.mark_every_site", "schedule": 3600},
    "provision": _fresh("jira_bridge.tasks.provision_sites", every=15),
    "watch-providers": _fresh("channels.tasks.watch_providers", every=60),
    "watch-connections": {"task": "jira_bridge.tasks.watch_connections", "schedule": 300},
    "forgotten-uploads": _fresh("conversations.tasks.remove_forgotten_uploads", every=60),
    "figures": _fresh("omnichat.tasks.refresh_figures", every=60),
    "keep-records": _fresh("conversations.tasks.keep_records", every=60),
    "console-sessions": _fresh("conversations.tasks.end_console_sessions", every=60),
    "operator-sessions": {"task": "omnichat.tasks.end_operator_sessions", "schedule": 900},
    "pulses": {"task": "conversations.tasks.forget_pulses", "schedule": 3600},
    "erase": {"task": "conversations.tasks.erase_sites", "schedule": 3600},
}
