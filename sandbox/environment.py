"""What the processes of the local run are told: ports, addresses and secrets."""

import json
import os
import secrets
import socket
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cryptography.fernet import Fernet

SITE = "demo"
CLOUD_ID = uuid.uuid5(uuid.NAMESPACE_URL, f"omnichat-sandbox/{SITE}")
INSTALLATION_ID = uuid.uuid5(uuid.NAMESPACE_URL, f"omnichat-sandbox/{SITE}/installation")
FORGE_APP_ID = "ari:cloud:ecosystem::app/6a1f6f4e-2b1b-4b8e-9a55-0d6a3f0c7e21"
INFOBIP_API_KEY = f"sandbox-key-{SITE}"
SENDERS = {"sms": "385951006719", "whatsapp": "385951006720"}
CONSOLE_USER = "admin"
OPERATOR_USER = "operator"
DEFAULT_PORTS = {"PORT": 8000, "JIRA_PORT": 8081, "INFOBIP_PORT": 8082, "PHONES_PORT": 8083}


class CannotStart(Exception):
    """What keeps the run from starting, in words for whoever started it."""


@dataclass(frozen=True)
class Addresses:
    port: int
    jira_port: int
    infobip_port: int
    phones_port: int

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Addresses":
        """Read the ports and refuse those that are taken."""
        ports = {}
        for name, default in DEFAULT_PORTS.items():
            value = environment.get(name) or str(default)
            if not value.isdigit() or not 0 < int(value) < 2**16:
                raise CannotStart(f"{name}={value} is not a port number.")
            if not _is_free(int(value)):
                raise CannotStart(
                    f"Port {value} is taken. Choose another one: {name}=<port> make run"
                )
            ports[name.lower()] = int(value)
        return cls(**ports)

    @property
    def app(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def jira(self) -> str:
        # Another host name than the product's: the panel's inner frame is cross-site, as in Jira.
        return f"http://localhost:{self.jira_port}"

    @property
    def jira_api(self) -> str:
        return f"http://127.0.0.1:{self.jira_port}"

    @property
    def infobip(self) -> str:
        return f"http://127.0.0.1:{self.infobip_port}"

    @property
    def phones(self) -> str:
        return f"http://127.0.0.1:{self.phones_port}"

    @cached_property
    def stream_port(self) -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return int(probe.getsockname()[1])


def product_environment(addresses: Addresses, state: Path) -> dict[str, str]:
    """Return the product's settings for this run; the stores' addresses come on top."""
    stream = f"http://127.0.0.1:{addresses.stream_port}/stream/"
    return {
        **kept_secrets(state),
        **os.environ,
        **{name: str(getattr(addresses, name.lower())) for name in DEFAULT_PORTS},
        "DJANGO_SETTINGS_MODULE": "omnichat.settings",
        "DEBUG": "false",
        "SANDBOX": "true",
        "PASSWORD_ALONE": f"{CONSOLE_USER},{OPERATOR_USER}",
        "APP_URL": addresses.app,
        "SITE_BASE_HOST": f"localhost:{addresses.port}",
        "STREAM_URL": stream,
        "FORGE_APP_ID": FORGE_APP_ID,
        "FORGE_JWKS_URL": f"{addresses.jira_api}/.well-known/jwks.json",
        # Nobody has a mailbox there: customers who have a number only get accounts of Jira's.
        "CUSTOMER_MAIL_DOMAIN": "numbers.omnichat.example",
        "JIRA_API_HOSTS": f"127.0.0.1:{addresses.jira_port}",
        "INFOBIP_HOSTS": f"127.0.0.1:{addresses.infobip_port}",
        "PANEL_PARENT_ORIGINS": addresses.jira,
        "FILES_DIR": str(state / "files"),
        "STATE_DIR": str(state),
        "SANDBOX_STATE": str(state / "sandbox"),
    }


def kept_secrets(state: Path) -> dict[str, str]:
    """Return the run's own secrets, made at the first start and kept for its owner's eyes."""
    path = state / "secrets.json"
    kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    made = {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "AUDIT_KEYS": Fernet.generate_key().decode(),
        "CONSOLE_PASSWORD": secrets.token_urlsafe(12),
        "OPERATOR_PASSWORD": secrets.token_urlsafe(12),
    }
    if made.keys() - kept.keys():  # also of a folder from before one of them was needed
        kept = made | kept
        write_private(path, kept)
    return kept


def write_private(path: Path, content: object) -> None:
    """Write the file at once and for its owner only."""
    unfinished = path.with_name(path.name + ".new")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file, indent=2)
        file.write("\n")
    unfinished.replace(path)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # Without it a port is "taken" for a minute after the run before.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
