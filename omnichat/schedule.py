"""What beat starts, and how often: seconds between two starts.

What is done to each site once an hour starts each minute, for the sites in turn (`tenants.turns`):
a thousand sites are spread over the hour.
"""

from typing import Any

SCHEDULE: dict[str, dict[str, Any]] = {
    "sweep": {
        "task": "conversations.tasks.dispatch_sweeps",
        "schedule": 3,
        "options": {"expires": 3},
    },
    "sweep-every-site": {"task": "conversations.tasks.mark_every_site", "schedule": 3600},
    "provision": {
        "task": "jira_bridge.tasks.provision_sites",
        "schedule": 15,
        "options": {"expires": 15},
    },
    "watch-providers": {
        "task": "channels.tasks.watch_providers",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "watch-connections": {"task": "jira_bridge.tasks.watch_connections", "schedule": 300},
    "forgotten-uploads": {
        "task": "conversations.tasks.remove_forgotten_uploads",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "figures": {
        "task": "omnichat.tasks.refresh_figures",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "keep-records": {
        "task": "conversations.tasks.keep_records",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "console-sessions": {
        "task": "conversations.tasks.end_console_sessions",
        "schedule": 60,
        "options": {"expires": 60},
    },
    "operator-sessions": {"task": "omnichat.tasks.end_operator_sessions", "schedule": 900},
    "pulses": {"task": "conversations.tasks.forget_pulses", "schedule": 3600},
    "erase": {"task": "conversations.tasks.erase_sites", "schedule": 3600},
}
