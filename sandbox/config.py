"""Where the sandbox listens, where the product answers and where the sandbox keeps its state."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Config:
    app_url: str = "http://127.0.0.1:8000"
    jira_port: int = 8081
    infobip_port: int = 8082
    phones_port: int = 8083
    state_dir: Path = Path("var/sandbox")
    report_delay: float = 0.3
    """Seconds from accepting a message to its delivery report."""
    review_delay: float = 3.0
    """Seconds that WhatsApp takes to approve a new template."""
    retry_unit: float = 1.0
    """Seconds that stand for Infobip's minute in its table of webhook retries."""
    event_unit: float | None = None
    """Seconds that stand for half a minute of Forge's; without it the same as `retry_unit`."""

    @classmethod
    def from_environment(cls) -> Config:
        env = os.environ
        event_unit = env.get("SANDBOX_EVENT_UNIT")
        return cls(
            app_url=env.get("APP_URL", cls.app_url).rstrip("/"),
            jira_port=int(env.get("JIRA_PORT", cls.jira_port)),
            infobip_port=int(env.get("INFOBIP_PORT", cls.infobip_port)),
            phones_port=int(env.get("PHONES_PORT", cls.phones_port)),
            state_dir=Path(env.get("SANDBOX_STATE", cls.state_dir)),
            report_delay=float(env.get("SANDBOX_REPORT_DELAY", cls.report_delay)),
            review_delay=float(env.get("SANDBOX_REVIEW_DELAY", cls.review_delay)),
            retry_unit=float(env.get("SANDBOX_RETRY_UNIT", cls.retry_unit)),
            event_unit=None if event_unit is None else float(event_unit),
        )

    @property
    def jira_url(self) -> str:
        # Another host name than the product's: the panel's inner frame is cross-site, as in Jira.
        return f"http://localhost:{self.jira_port}"

    @property
    def infobip_url(self) -> str:
        return f"http://127.0.0.1:{self.infobip_port}"

    @property
    def phones_url(self) -> str:
        return f"http://127.0.0.1:{self.phones_port}"
