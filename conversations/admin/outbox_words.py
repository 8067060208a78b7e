"""What the outbox promises, in words; and what is lost when a promise is not kept."""

from django.utils.translation import gettext_lazy

WHAT = {
    "message.deliver": gettext_lazy("Send a message"),
    "message.read": gettext_lazy("Show messages as read"),
    "customer.typing": gettext_lazy("Show that an agent types"),
    "customer.erase": gettext_lazy("Erase a customer"),
    "numbers.forget": gettext_lazy("Forget an erased customer's numbers"),
    "audit.check": gettext_lazy("Check the audit log"),
    "templates.sync": gettext_lazy("List the templates"),
    "file.fetch": gettext_lazy("Fetch a customer's file"),
    "file.remove": gettext_lazy("Remove a file from the storage"),
    "webhook.readdress": gettext_lazy("Tell the provider the webhook's new address"),
    "senders.check": gettext_lazy("Test the key and the senders"),
    "provider.reconcile": gettext_lazy("Fetch missed messages and reports"),
    "blocklist.check": gettext_lazy("Read a page of the provider's blocklist"),
    "blocklist.release": gettext_lazy("Lift a customer's block at the provider"),
    "identity.confirm": gettext_lazy("Confirm a changed WhatsApp account"),
    "request.open": gettext_lazy("Open a request"),
    "request.annotate": gettext_lazy("Note the conversation's state in a request"),
    "request.reporter": gettext_lazy("Set a request's reporter"),
    "request.attach": gettext_lazy("Attach a file to a request"),
    "request.transcript": gettext_lazy("Keep a transcript in a request"),
    "request-types.check": gettext_lazy("Look at a request type"),
    "request.refresh": gettext_lazy("Look at a request's status"),
    "requests.reconcile": gettext_lazy("Look for requests whose status has changed"),
}
REPEATED = gettext_lazy("It is promised anew by itself when its time comes.")
# What becomes of it when it is dismissed.
MEANING = {
    "message.deliver": gettext_lazy(
        "The message stays in the conversation as it is shown there. An agent can send it again."
    ),
    "message.read": gettext_lazy("The customer does not see that the messages were read."),
    "customer.typing": gettext_lazy("Nothing is lost: the agent has long stopped typing."),
    "file.fetch": gettext_lazy(
        "The customer's file stays at the provider. An agent can ask for it again in the panel."
    ),
    "blocklist.release": gettext_lazy(
        "The provider goes on refusing messages to this number until its block is lifted there."
    ),
    "identity.confirm": gettext_lazy(
        "WhatsApp may refuse messages to this number until its account is confirmed on the"
        " customer's page."
    ),
    "request.open": gettext_lazy("Nothing is lost: no message waits for this request any more."),
    "request.annotate": gettext_lazy(
        "The request's property tells an older state until the conversation changes next:"
        " queues and filters in Jira may be wrong."
    ),
    "request.reporter": gettext_lazy("The request keeps the reporter that it has."),
    "request.attach": gettext_lazy(
        "The file is not attached to the request in Jira. It stays in the conversation."
    ),
    "request.transcript": gettext_lazy(
        "The transcript is not kept in the request. The conversation stays readable here."
    ),
    "request.refresh": gettext_lazy("Nothing is lost: the status is asked for again each hour."),
}
