"""Counts what became of a round: all who wrote something down must tell the same story."""

import json
from collections import Counter
from dataclasses import dataclass

import httpx

from sandbox.infobip.ledger import Message

VISIBLY_OPEN = {"failed", "unconfirmed"}
# How Infobip's last word on a message is called by us; what is not named has failed.
TOLD = {"delivered": "delivered", "seen": "read", "pending": "sent"}
WORDS_OF_CONSENT = {"STOP", "START"}


@dataclass(frozen=True)
class Figure:
    """A line of the table; without an expectation it is only told."""

    name: str
    found: int
    expected: int | None = None

    @property
    def breached(self):
        return self.expected is not None and self.found != self.expected


def judge(plan, people, stories):
    """Return the figures of a round over all its sites."""
    figures = []
    for told in stories:
        written, said = people.written[told.site], people.said[told.site]
        figures += _inbound(told, written)
        figures += _requests(told)
        figures += _replies(told, said)
        figures += _crossed(plan, told, [other.site for other in stories if other is not told])
    planned = len(plan.inbound)
    figures.append(Figure("written by customers", _sum(people.written), planned))
    figures.append(Figure("refused at first, pushed again", people.refused_at_first))
    figures.append(Figure("tried again by agents", people.repeated))
    figures.append(Figure("moves of agents", len(people.moved)))
    unheard = sum(not status for _move, status in people.moved)
    figures.append(Figure("moves never answered", unheard, 0))
    return added_up(figures)


def added_up(figures):
    """Return the figures with those of one name as one."""
    sums = {}
    for each in figures:
        before = sums.get(each.name, Figure(each.name, 0, None if each.expected is None else 0))
        expected = None if each.expected is None else before.expected + each.expected
        sums[each.name] = Figure(each.name, before.found + each.found, expected)
    return list(sums.values())


def breaches(figures):
    return [each for each in figures if each.breached]


def _inbound(told, written):
    accepted = {each["message_id"] for each in told.heard if each["taken_at"]} & set(written)
    kept = Counter(provider_id for provider_id, _text, _key in told.inbound)
    texts = Counter(
        text for _provider_id, text, _key in told.inbound if text not in WORDS_OF_CONSENT
    )
    keys = {request["key"] for request in told.requests}
    astray = [
        provider_id
        for provider_id, _text, key in told.inbound
        if provider_id in written and key not in keys
    ]
    unstored = [state for state, _problem in told.files if state != "stored"]
    return [
        Figure("accepted by the webhook", len(accepted), len(written)),
        Figure("messages lost", len(accepted - set(kept)), 0),
        Figure("messages doubled", sum(texts.values()) - len(texts), 0),
        Figure("messages that nobody wrote", len(set(kept) - set(written)), 0),
        Figure("messages in nobody's hand", len(astray), 0),
        Figure("files", len(told.files)),
        Figure("files lost", len(unstored), 0),
    ]


def _requests(told):
    belongs = Counter(key for _customer, key, _state in told.conversations)
    keys = {request["key"] for request in told.requests}
    active = Counter(
        customer for customer, _key, state in told.conversations if state in {"opening", "active"}
    )
    return [
        Figure("requests", len(keys)),
        Figure("requests of no conversation", len(keys - set(belongs)), 0),
        Figure("conversations without their request", len(set(belongs) - keys), 0),
        Figure("requests of two conversations", sum(n > 1 for n in belongs.values()), 0),
        Figure("second active conversations", sum(n > 1 for n in active.values()), 0),
        Figure("resolves not heard of", len(told.unheard), 0),
    ]


def _replies(told, said):
    accepted = {
        client_id for client_id, each in said.items() if httpx.codes.is_success(each.status)
    }
    stored = {client_id for client_id, *_ in told.outgoing if client_id}
    texts = Counter(text for client_id, text, *_ in told.outgoing if client_id)
    sends = {each["message_id"]: each for each in told.sent}
    by_text = Counter((each["customer"], each["text"]) for each in told.sent)
    settled = [(send, state) for *_, send, state in told.outgoing if state not in VISIBLY_OPEN]
    apart = [
        send
        for *_, send, state in told.outgoing
        if send in sends and TOLD.get(Message(**sends[send]).state, "failed") != state
    ]
    ours = {send for *_, send, _state in told.outgoing}
    return [
        Figure("answers of agents", len(said)),
        Figure("answers accepted by the panel", len(accepted)),
        Figure("answers never answered", sum(not each.status for each in said.values()), 0),
        Figure("answers lost", len(accepted - stored), 0),
        Figure("answers stored twice", sum(texts.values()) - len(texts), 0),
        Figure("answers that nobody wrote", len(stored - set(said)), 0),
        Figure("answers sent twice", sum(count > 1 for count in by_text.values()), 0),
        Figure("neither sent once nor visibly open", sum(s not in sends for s, _ in settled), 0),
        Figure("sent and not ours", len(set(sends) - ours), 0),
        Figure("shown as failed or not confirmed", len(told.outgoing) - len(settled)),
        Figure("repeats that Infobip refused", sum(each["duplicates"] for each in told.sent)),
        Figure("states other than reported", len(apart), 0),
    ]


def _crossed(plan, told, others):
    """Count what of another site's is on this one: all texts say whose they are."""
    texts = [text for _provider_id, text, _key in told.inbound]
    texts += [text for _client_id, text, *_ in told.outgoing]
    texts += [each["text"] for each in (*told.heard, *told.sent)]
    texts += [json.dumps(request) for request in told.requests]
    foreign = sum(f"[{other}]" in text for other in others for text in texts)
    stale = sum(f"[{told.site}]" in text and plan.mark not in text for text in texts)
    return [Figure("crossed between sites", foreign, 0), Figure("of another round", stale, 0)]


def _sum(by_site):
    return sum(len(each) for each in by_site.values())
