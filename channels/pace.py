"""The pace at which messages may leave: each takes its turn, at once or at a time to come.

One row a key holds when the next turn is free; taking one is a single statement, so that workers
of all processes share it. A turn that was given is kept: what comes back for it goes.
"""

from datetime import timedelta

from django.db import connection
from django.db.models import Exists
from django.utils import timezone

from channels.models import Pace
from conversations.contracts import Channel, OutgoingMessage, Promise
from conversations.errors import NotYetItsTurn
from conversations.models import Sender
from conversations.sms_text import measure

# Parts or messages a second, where an admin has set nothing for a sender. Infobip publishes no
# pace for SMS and queues what networks take slower; WhatsApp's own is 80 a second for a number.
PER_SECOND = {Channel.SMS: 30.0, Channel.WHATSAPP: 80.0}
BURST_SECONDS = 1.0  # of unused pace that may be spent at once
# One person's, once WhatsApp has said that they get too many: one message in six seconds.
SLOW_PER_SECOND = 1 / 6
SLOW_FOR = timedelta(minutes=10)


def take_turn(promise: Promise, key: str, *, per_second: float, cost: int = 1) -> None:
    """Go on if it is this promise's turn; `cost` is how many steps of the pace it takes.

    Raises NotYetItsTurn.
    """
    if not _waited(promise):
        _wait(_reserve(key, per_second=per_second, cost=cost))


def take_senders_turn(promise: Promise, message: OutgoingMessage) -> None:
    """Keep to the pace of the message's sender, and to a slower one with a person who needs it.

    Raises NotYetItsTurn.
    """
    if _waited(promise):
        return
    cost = measure(message.text).parts if message.channel == Channel.SMS else 1
    pair = _pair_key(message.sender_id, message.address_id)
    per_second, slow = _pace_of(message, pair)
    wait = _reserve(_sender_key(message.sender_id), per_second=per_second, cost=cost)
    if slow:
        wait = max(wait, _reserve(pair, per_second=SLOW_PER_SECOND, cost=1))
    _wait(wait)


def slow_down(sender_id: int, address_id: int) -> None:
    """Send slower from a sender to one address for a while: the provider says it is too much."""
    now = timezone.now()
    Pace.objects.filter(key__startswith="pair:", slow_until__lt=now).delete()
    Pace.objects.update_or_create(
        key=_pair_key(sender_id, address_id), defaults={"slow_until": now + SLOW_FOR}
    )


def hold(sender_id: int, seconds: float) -> None:
    """Let nothing leave a sender for so many seconds: the provider has asked for it."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO channels_pace AS pace (key, free_at)
            VALUES (%(key)s, clock_timestamp() + %(hold)s * interval '1 second')
            ON CONFLICT (key) DO UPDATE SET free_at = GREATEST(pace.free_at, EXCLUDED.free_at)
            """,
            {"key": _sender_key(sender_id), "hold": seconds},
        )


def _waited(promise: Promise) -> bool:
    # What an earlier try may have sent is looked up first, and that costs no turn.
    return promise.has_turn or promise.uncertain_since is not None


def _wait(seconds: float) -> None:
    if seconds > 0:
        raise NotYetItsTurn("Waits for its turn.", retry_after=seconds)


def _pace_of(message: OutgoingMessage, pair: str) -> tuple[float, bool]:
    """Return the pace of the message's sender, and whether this person needs a slower one."""
    slow = Exists(Pace.objects.filter(key=pair, slow_until__gt=timezone.now()))
    sender = Sender.objects.filter(pk=message.sender_id).annotate(slow=slow)
    own, is_slow = sender.values_list("messages_per_second", "slow").get()
    return float(own or PER_SECOND[message.channel]), is_slow


def _reserve(key: str, *, per_second: float, cost: int) -> float:
    """Take the next free turn and return in how many seconds it comes; none or less: now."""
    step = cost / per_second
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO channels_pace AS pace (key, free_at)
            VALUES (
                %(key)s,
                clock_timestamp() + (%(step)s - %(burst)s) * interval '1 second'
            )
            ON CONFLICT (key) DO UPDATE SET free_at =
                GREATEST(pace.free_at + %(step)s * interval '1 second', EXCLUDED.free_at)
            RETURNING extract(epoch FROM free_at - clock_timestamp()) - %(step)s
            """,
            {"key": key, "step": step, "burst": max(BURST_SECONDS - step, 0)},
        )
        (seconds,) = cursor.fetchone()
    return float(seconds)


def _sender_key(sender_id: int) -> str:
    return f"sender:{sender_id}"


def _pair_key(sender_id: int, address_id: int) -> str:
    return f"pair:{sender_id}:{address_id}"
