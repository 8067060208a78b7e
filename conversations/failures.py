"""Why a message was not delivered, in words for agents, and what they can do about it."""

from enum import StrEnum

from django.utils.translation import gettext_lazy

from conversations.contracts import FailureKind


class Remedy(StrEnum):
    """What an agent may do with a message that was not delivered."""

    RESEND = "resend"
    OTHER_CHANNEL = "other-channel"
    TEMPLATE = "template"


# Each reason is the end of a sentence that begins with "Not delivered:".
REASONS = {
    FailureKind.CONVERSATION_ENDED: gettext_lazy("the request was closed before it could leave."),
    FailureKind.OPTED_OUT: gettext_lazy("the customer asked not to be messaged here."),
    FailureKind.UNLICENSED: gettext_lazy(
        "the licence of OmniChat had ended. Ask an admin to renew it."
    ),
    FailureKind.SENDER_OFF: gettext_lazy("the sender was switched off."),
    FailureKind.NO_ACCOUNT: gettext_lazy(
        "no provider account is connected. Ask an admin to connect one."
    ),
    FailureKind.GAVE_UP: gettext_lazy("it could not be sent for a day."),
    FailureKind.KEY_REFUSED: gettext_lazy(
        "the provider refused our key. Ask an admin to check it."
    ),
    FailureKind.KEY_LIMITED: gettext_lazy(
        "the provider's key may not send. Ask an admin to check it."
    ),
    FailureKind.ACCOUNT_BLOCKED: gettext_lazy(
        "the provider has a problem with the account. Ask an admin to check it."
    ),
    FailureKind.NO_CREDIT: gettext_lazy(
        "the provider account has no credit left. Ask an admin to top it up."
    ),
    FailureKind.SENDER_UNKNOWN: gettext_lazy(
        "the sender is not set up at the provider. Ask an admin to check it."
    ),
    FailureKind.SENDER_REFUSED: gettext_lazy("this sender may not send there."),
    FailureKind.NOT_ACCEPTED: gettext_lazy("the provider did not accept the message."),
    FailureKind.TOO_LONG: gettext_lazy("it is longer than a phone can receive. Send it in pieces."),
    FailureKind.BAD_NUMBER: gettext_lazy("the number is not valid."),
    FailureKind.NOT_IN_USE: gettext_lazy("the number is not in use."),
    FailureKind.NOT_FOR_TESTS: gettext_lazy(
        "the provider's trial account may not send to this number."
    ),
    FailureKind.NO_ROUTE: gettext_lazy("the provider has no route to this number."),
    FailureKind.UNREACHABLE: gettext_lazy("the phone was unreachable."),
    FailureKind.PHONE_FULL: gettext_lazy("the phone's memory is full."),
    FailureKind.CANNOT_RECEIVE: gettext_lazy("this phone cannot receive such messages."),
    FailureKind.EXPIRED: gettext_lazy("it could not be delivered in time."),
    FailureKind.FLOODED: gettext_lazy("this number got too many messages within an hour."),
    FailureKind.TOO_FAST: gettext_lazy("too many messages were sent at once."),
    FailureKind.TAKEN_FOR_SPAM: gettext_lazy("the customer's network took it for spam."),
    FailureKind.BLOCKED: gettext_lazy("the customer has blocked you."),
    FailureKind.NO_MARKETING: gettext_lazy("the customer wants no marketing messages."),
    FailureKind.CAPPED: gettext_lazy("WhatsApp limits how often this person gets marketing."),
    FailureKind.NOT_ON_WHATSAPP: gettext_lazy("this number is not on WhatsApp."),
    FailureKind.WINDOW_CLOSED: gettext_lazy("the reply window is closed."),
    FailureKind.BAD_TEMPLATE: gettext_lazy("WhatsApp does not take the template like this."),
    FailureKind.TEMPLATE_NOT_READY: gettext_lazy("the template is not ready at WhatsApp yet."),
    FailureKind.QUALITY_LIMIT: gettext_lazy("WhatsApp limits this sender for its quality."),
    FailureKind.FILE_NOT_FETCHED: gettext_lazy("the provider could not fetch the file."),
    FailureKind.FILE_REFUSED: gettext_lazy("WhatsApp does not take this file."),
    FailureKind.IDENTITY_CHANGED: gettext_lazy(
        "the number may be another person's now. Ask an admin to confirm it."
    ),
    FailureKind.NOT_NOW: gettext_lazy("it may not be sent at this time of day."),
    FailureKind.NETWORK: gettext_lazy("the customer's network did not deliver it."),
    FailureKind.PROVIDER_TROUBLE: gettext_lazy("the provider had a problem."),
    FailureKind.UNKNOWN: gettext_lazy("the provider gave no reason we know."),
}

# What failed for good here may still arrive on the other channel, or not at all. Reasons that are
# not named, such as a phone that was unreachable, are for good or not as the provider says.
REMEDIES: dict[FailureKind, tuple[Remedy, ...]] = {
    **dict.fromkeys(
        (
            FailureKind.CONVERSATION_ENDED,
            FailureKind.OPTED_OUT,
            FailureKind.BLOCKED,
            FailureKind.NO_MARKETING,
            FailureKind.BAD_NUMBER,
            FailureKind.NOT_IN_USE,
            FailureKind.NOT_FOR_TESTS,
            FailureKind.NOT_ACCEPTED,
            FailureKind.TOO_LONG,
            FailureKind.FILE_REFUSED,
        ),
        (),
    ),
    **dict.fromkeys(
        (
            FailureKind.UNLICENSED,
            FailureKind.NO_ACCOUNT,
            FailureKind.GAVE_UP,
            FailureKind.KEY_REFUSED,
            FailureKind.KEY_LIMITED,
            FailureKind.ACCOUNT_BLOCKED,
            FailureKind.NO_CREDIT,
            FailureKind.FILE_NOT_FETCHED,
            FailureKind.TEMPLATE_NOT_READY,
            FailureKind.TOO_FAST,
            FailureKind.NOT_NOW,
            FailureKind.PROVIDER_TROUBLE,
        ),
        (Remedy.RESEND,),
    ),
    **dict.fromkeys(
        (
            FailureKind.SENDER_REFUSED,
            FailureKind.NO_ROUTE,
            FailureKind.CANNOT_RECEIVE,
            FailureKind.CAPPED,
            FailureKind.NOT_ON_WHATSAPP,
            FailureKind.QUALITY_LIMIT,
            FailureKind.TAKEN_FOR_SPAM,
            FailureKind.FLOODED,
        ),
        (Remedy.OTHER_CHANNEL,),
    ),
    # An admin can mend these, and then the same message goes.
    **dict.fromkeys(
        (FailureKind.SENDER_OFF, FailureKind.SENDER_UNKNOWN, FailureKind.IDENTITY_CHANGED),
        (Remedy.RESEND, Remedy.OTHER_CHANNEL),
    ),
    FailureKind.WINDOW_CLOSED: (Remedy.TEMPLATE,),
    FailureKind.BAD_TEMPLATE: (Remedy.TEMPLATE,),
}


def reason_of(kind: str) -> str:
    """Return why a send failed, as the end of a sentence."""
    return str(REASONS[_known(kind)])


def remedies_of(kind: str, *, permanent: bool) -> tuple[Remedy, ...]:
    """Return what may be offered; of other reasons the provider's own flag decides."""
    known = _known(kind)
    if known in REMEDIES:
        return REMEDIES[known]
    return (Remedy.OTHER_CHANNEL,) if permanent else (Remedy.RESEND, Remedy.OTHER_CHANNEL)


def _known(kind: str) -> FailureKind:
    return FailureKind(kind) if kind in FailureKind.values else FailureKind.UNKNOWN
