"""Which parts of the local run are not up yet."""

import socket

import httpx
from celery import Celery
from kombu.exceptions import OperationalError

from sandbox.environment import Addresses

SECONDS = 1.0


def sandbox_down(addresses: Addresses) -> list[str]:
    ports = {
        "jira": addresses.jira_port,
        "infobip": addresses.infobip_port,
        "phones": addresses.phones_port,
    }
    return [name for name, port in ports.items() if not _listens(port)]


def product_down(addresses: Addresses, broker_url: str) -> list[str]:
    down = [] if _web_is_ready(addresses) else ["web"]
    if not _listens(addresses.stream_port):
        down.append("stream")
    # Last, for it takes longest.
    return down or ([] if _worker_answers(broker_url) else ["worker"])


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(SECONDS)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _web_is_ready(addresses: Addresses) -> bool:
    try:
        answer = httpx.get(f"{addresses.app}/readyz", timeout=SECONDS, trust_env=False)
    except httpx.TransportError:
        return False
    return answer.status_code == httpx.codes.OK


def _worker_answers(broker_url: str) -> bool:
    with Celery(broker=broker_url) as celery:
        try:
            return bool(celery.control.ping(timeout=0.5, limit=1))
        except OperationalError:
            return False
