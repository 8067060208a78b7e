"""Every address of a site's console, as the URLconf has them, and whose it is.

A new page fails in test_console_matrix until it is said here who may use it.
"""

import re
from typing import NamedTuple

from django.urls import URLResolver, get_resolver

from logins.roles import Role

LETTERS = {"O": Role.OWNER, "C": Role.CONFIGURATOR, "A": Role.AUDITOR}
EVERYBODY, NOBODY = "OCA", ""


class Rights(NamedTuple):
    """Whose GET shows something, and whose POST may do something."""

    see: str
    do: str = NOBODY


def rows_of(name, *, see, add=NOBODY, change=NOBODY, delete=NOBODY):
    """What Django's admin has of a model: a list, a form, a row, its history and its end."""
    return {
        f"{name}_changelist": Rights(see, change),
        f"{name}_add": Rights(add, add),
        f"{name}_change": Rights(see, change),
        f"{name}_delete": Rights(delete, delete),
        f"{name}_history": Rights("".join(set(see) & set("OA"))),  # it is the audit log's
    }


EXPECTED = {
    "index": Rights(EVERYBODY),
    "my_settings": Rights(EVERYBODY, EVERYBODY),
    "authenticator": Rights(EVERYBODY, EVERYBODY),
    "recovery_codes": Rights(EVERYBODY, EVERYBODY),
    "log_out_everywhere": Rights(EVERYBODY, EVERYBODY),
    "password_change": Rights(EVERYBODY, EVERYBODY),
    "password_change_done": Rights(EVERYBODY, EVERYBODY),
    # Set up.
    **rows_of("channels_provideraccount", see="O", change="O"),
    "add_senders": Rights(NOBODY, "O"),
    "new_webhook_address": Rights(NOBODY, "O"),
    "subscribe": Rights(NOBODY, "O"),
    "unsubscribe": Rights(NOBODY, "O"),
    "test_message": Rights("O", "O"),
    "watch_test": Rights("O", "O"),
    # A sender that was used stays, whoever asks; this one was.
    **rows_of("conversations_sender", see=EVERYBODY, add="OC", change="OC"),
    **rows_of("conversations_autoreplysettings", see=EVERYBODY, change="OC"),
    **rows_of("jira_bridge_requestdefaults", see=EVERYBODY, change="OC"),
    "jira_bridge_requestdefaults_reload": Rights(NOBODY, "OC"),
    **rows_of("jira_bridge_senderrule", see=EVERYBODY, add="OC", change="OC", delete="OC"),
    "jira_bridge_senderrule_reload": Rights(NOBODY, "OC"),
    **rows_of("conversations_messagetemplate", see=EVERYBODY, add="OC", change="OC", delete="OC"),
    "synchronise_templates": Rights(NOBODY, "OC"),
    "edit_template": Rights("OC", "OC"),
    **rows_of("conversations_cannedreply", see=EVERYBODY, add="OC", change="OC", delete="OC"),
    **rows_of("conversations_sendingsettings", see=EVERYBODY, change="OC"),
    **rows_of("conversations_retentionsettings", see=EVERYBODY, change="OC"),
    # Day to day.
    **rows_of("conversations_customer", see=EVERYBODY, change="OC"),
    "confirm_identity": Rights(NOBODY, "OC"),
    "reveal_customer": Rights(NOBODY, "OC"),
    "delete_number": Rights("OC", "OC"),
    "record_consent": Rights("OC", "OC"),
    "merge_customer": Rights("OC", "OC"),
    "merge_customers": Rights("OC", "OC"),
    "erase_customer": Rights("O", "O"),
    "export_customers": Rights(NOBODY, "OC"),
    "import_customers": Rights("OC", "OC"),
    "import_sample": Rights("OC"),
    **rows_of("conversations_conversation", see="OA"),
    "reveal_conversation": Rights(NOBODY, "OA"),
    "transcript_file": Rights("OA"),
    "reports": Rights(EVERYBODY),
    "reports_csv": Rights(EVERYBODY),
    # Records.
    **rows_of("conversations_auditevent", see="OA"),
    "check_audit": Rights(NOBODY, "OA"),
    "export_audit": Rights("OA"),
    **rows_of("conversations_inboxentry", see="OA", change="O"),
    "try_all_again": Rights(NOBODY, "O"),
    "dismiss_quarantined": Rights("O", "O"),
    "reveal_inboxentry": Rights(NOBODY, "OA"),
    **rows_of("conversations_outboxentry", see=EVERYBODY, change="OC"),
    "try_outbox_again": Rights(NOBODY, "OC"),
    "dismiss_failed": Rights("OC", "OC"),
    **rows_of("channels_reconciliation", see=EVERYBODY, change="O"),
    "fetch_missed": Rights(NOBODY, "O"),
    "users": Rights("O"),
    "user_details": Rights("O", "O"),
    "invite_user": Rights("O", "O"),
    "invite_user_again": Rights("O", "O"),
    "switch_user": Rights("O", "O"),
    "log_user_out": Rights("O", "O"),
    "remove_user": Rights("O", "O"),
    "licence": Rights("O"),
}
# Whoever has not come in yet is asked to: these open for everybody, and say nothing.
DOORS = {"login", "logout", "second_step", "invitation", "console-entry", "jsi18n"}
# What stands in an address and is no row: a section of the reports, the form of an export.
WORDS = {"section": "summary", "form": "csv"}
# What a page calls the row in its address, where that is not the model's name.
MEANT = {
    "template": "messagetemplate",
    "test": "waytest",
    "number": "phonenumber",
    "other_customer": "othercustomer",
}


class Route(NamedTuple):
    name: str
    pattern: str
    arguments: tuple[str, ...]

    def address(self, rows):
        filled = self.pattern
        for name in self.arguments:
            filled = re.sub(rf"<(\w+:)?{name}>", str(argument(self, name, rows)), filled)
        return "/" + filled


def argument(route, name, rows):
    if name == "object_id":
        return rows[route.pattern.split("/")[2]].pk
    if name in {"token", "key"}:
        return "not-a-token"
    if name in WORDS:
        return WORDS[name]
    short = name.removesuffix("_id")
    return rows[MEANT.get(short, short)].pk


def routes():
    found = walk(get_resolver("omnichat.urls_site").url_patterns)
    return [route for route in found if route.name and "(?P" not in route.pattern]


def walk(patterns, prefix=""):
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from walk(pattern.url_patterns, route)
        else:
            captures = tuple(pattern.pattern.converters) or tuple(pattern.pattern.regex.groupindex)
            yield Route(pattern.name, route, captures)
