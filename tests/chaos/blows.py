"""Strikes at the running product."""

import signal
from contextlib import suppress

import redis

from sandbox.broker import Broker


def strike(run, what):
    """Do what a blow of the plan says."""
    verb, victim = what.split()
    match verb:
        case "kill":
            # With all that it started: an orphaned web worker would still answer.
            run.signal(victim, signal.SIGKILL, group=True)
        case "wipe":
            with redis.Redis(unix_socket_path=str(Broker(run.state / "valkey").socket)) as broker:
                broker.flushall()
        case "restart":
            # PostgreSQL's immediate end: no connection is closed, no buffer written.
            with suppress(FileNotFoundError):
                run.signal(victim, signal.SIGQUIT)
