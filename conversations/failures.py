"""Why a message was not delivered, in words for agents, by the provider's code or ours."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

REASONS = {
    # The domain's own.
    "conversation-ended": gettext_lazy("the request was closed before it could leave."),
    "opted-out": gettext_lazy("the customer asked not to be messaged here."),
    "unlicensed": gettext_lazy("the licence of OmniChat had ended. Ask an admin to renew it."),
    "sender-off": gettext_lazy("the sender was switched off."),
    "no-account": gettext_lazy("no provider account is connected."),
    "gave-up": gettext_lazy("it could not be sent for a day."),
    # HTTP refusals.
    "400": gettext_lazy("the provider did not accept the message."),
    "401": gettext_lazy("the provider refused our key. Ask an admin to check it."),
    "403": gettext_lazy("the provider's key may not send. Ask an admin to check it."),
    "404": gettext_lazy("the provider does not know this sender."),
    # Infobip's statuses and errors.
    "1": gettext_lazy("the number is not in use."),
    "5": gettext_lazy("the phone could not be found."),
    "6": gettext_lazy("the phone was unreachable."),
    "9": gettext_lazy("it could not be delivered."),
    "27": gettext_lazy("the phone was unreachable."),
    "31": gettext_lazy("the phone was busy."),
    "12": gettext_lazy("the provider account has no credit left."),
    "13": gettext_lazy("this sender may not send there."),
    "14": gettext_lazy("the customer has opted out."),
    "15": gettext_lazy("it could not be delivered in time."),
    "18": gettext_lazy("the number is not registered for testing."),
    "19": gettext_lazy("the provider has no route to this country."),
    "20": gettext_lazy("this number got too many messages within an hour."),
    "25": gettext_lazy("it is longer than a phone can receive."),
    "52": gettext_lazy("the number is not valid."),
    "351": gettext_lazy("the number is not valid."),
    "573": gettext_lazy("the customer blocked messages from businesses."),
    "603": gettext_lazy("the customer has opted out."),
    "2052": gettext_lazy("the customer has opted out."),
    "4103": gettext_lazy("this number got too many messages within an hour."),
    "7001": gettext_lazy("the sender is not set up at the provider."),
    "7002": gettext_lazy("this number is not on WhatsApp."),
    "7003": gettext_lazy("the customer has blocked you."),
    "7010": gettext_lazy("the reply window is closed."),
    "7016": gettext_lazy("WhatsApp limits this sender for its quality."),
    "7017": gettext_lazy("too many messages were sent at once."),
    "7032": gettext_lazy("WhatsApp limits how often this person is messaged."),
    "7033": gettext_lazy("the customer has opted out."),
    "7034": gettext_lazy("the sender is not registered at WhatsApp."),
}


def reason_of(code: str) -> str:
    """Return why a send failed, as the end of a sentence."""
    known = REASONS.get(code)
    return str(known) if known else _("the provider gave no reason we know.")
