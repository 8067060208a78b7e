"""What each role may do in a site's console: the one table of it."""

from logins.roles import Role

EVERYBODY = frozenset({"logins.view_overview", "conversations.view_report"})

# Settings that hold no secret.
SET_UP = frozenset(
    f"{verb}_{model}"
    for verb in ("view", "add", "change", "delete")
    for model in (
        "sender",
        "autoreplysettings",
        "autoreplytext",
        "openinghours",
        "holiday",
        "messagetemplate",
        "cannedreply",
        "sendingsettings",
        "retentionsettings",
    )
)
CHANGE_SET_UP = frozenset(f"conversations.{name}" for name in SET_UP) | frozenset(
    f"jira_bridge.{verb}_{model}"
    for verb in ("view", "add", "change", "delete")
    for model in ("requestdefaults", "senderrule")
)
VIEW_SET_UP = frozenset(name for name in CHANGE_SET_UP if ".view_" in name)

VIEW_CUSTOMERS = frozenset({"conversations.view_customer"})
MANAGE_CUSTOMERS = VIEW_CUSTOMERS | {
    "conversations.change_customer",  # a number's deletion, re-consent, merging
    "conversations.reveal_customer",
    "conversations.import_customer",
    "conversations.export_customer",
}

# What went and came, and what failed: without a word of anybody.
VIEW_TRAFFIC = frozenset({"conversations.view_outboxentry", "channels.view_reconciliation"})
MANAGE_TRAFFIC = VIEW_TRAFFIC | {"conversations.change_outboxentry"}

# What customers and agents wrote, and who did what.
READ_RECORDS = frozenset(
    {
        "conversations.view_conversation",
        "conversations.reveal_conversation",
        "conversations.view_auditevent",
        "conversations.export_auditevent",
        "conversations.view_inboxentry",
    }
)

OWNERS_ALONE = frozenset(
    {
        "channels.view_provideraccount",
        "channels.add_provideraccount",
        "channels.change_provideraccount",
        "conversations.change_inboxentry",
        "conversations.erase_customer",
        "logins.view_person",
        "logins.add_person",
        "logins.change_person",
        "logins.delete_person",
        "logins.view_licence",
    }
)

PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.AUDITOR: EVERYBODY | VIEW_SET_UP | VIEW_CUSTOMERS | VIEW_TRAFFIC | READ_RECORDS,
    Role.CONFIGURATOR: EVERYBODY | CHANGE_SET_UP | MANAGE_CUSTOMERS | MANAGE_TRAFFIC,
    Role.OWNER: (
        EVERYBODY | CHANGE_SET_UP | MANAGE_CUSTOMERS | MANAGE_TRAFFIC | READ_RECORDS | OWNERS_ALONE
    ),
}
