"""Strikes at the running product, and takes them back."""

import signal
from contextlib import suppress

import httpx
import redis

NEIGHBOURS = ("infobip", "jira")
SLOW_SECONDS = 0.02  # that every piece takes on a slow line


def strike(stage, blow):
    """Do what a blow of the plan says, and return what ends it, if anything does."""
    return STRIKES[blow.kind](stage, blow)


def call_off(stage):
    """Take back what the neighbours have still in store: from now on they behave."""
    for neighbour in NEIGHBOURS:
        url = f"{stage.run.described[neighbour]}/_sandbox/faults"
        httpx.delete(url, trust_env=False, timeout=20).raise_for_status()


def _kill(stage, blow):
    for victim in blow.whom.split("+"):
        # With all that it started: an orphaned web worker would still answer.
        _send(stage, victim, signal.SIGKILL, group=True)


def _freeze(stage, blow):
    _send(stage, blow.whom, signal.SIGSTOP, group=True)
    return lambda: _send(stage, blow.whom, signal.SIGCONT, group=True)


def _wipe(stage, _blow):
    path = str(stage.broker.socket)
    with suppress(redis.RedisError), redis.Redis(unix_socket_path=path, socket_timeout=5) as broker:
        broker.flushall()


def _stop(stage, blow):
    # PostgreSQL's immediate end: no connection is closed, no buffer written.
    _send(stage, blow.whom, signal.SIGQUIT)


def _cut(stage, blow):
    stage.network.cut(blow.whom)


def _slow(stage, blow):
    stage.network.slow(blow.whom, SLOW_SECONDS)
    return lambda: stage.network.slow(blow.whom, 0.0)


def _hold(stage, blow):
    stage.network.hold(blow.whom)
    return lambda: stage.network.release(blow.whom)


def _vanish(stage, blow):
    """As when a machine goes without a word: its successor knows nothing of the connections."""
    stage.network.hold(blow.whom)

    def come_back():
        stage.network.cut(blow.whom)
        stage.network.release(blow.whom)

    return come_back


def _fill(stage, _blow):
    stage.disk.fill()
    return stage.disk.empty


def _fault(stage, blow):
    url = f"{stage.run.described[blow.whom.split()[0]]}/_sandbox/faults"
    httpx.post(url, json=blow.fault, trust_env=False, timeout=20).raise_for_status()


STRIKES = {
    "kill": _kill,
    "freeze": _freeze,
    "wipe": _wipe,
    "stop": _stop,
    "cut": _cut,
    "slow": _slow,
    "hold": _hold,
    "vanish": _vanish,
    "fill": _fill,
    "fault": _fault,
}


def _send(stage, victim, number, *, group=False):
    with suppress(FileNotFoundError):  # it is being started again
        stage.run.signal(victim, number, group=group)
