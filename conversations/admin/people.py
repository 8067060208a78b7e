"""What the console calls those whom it knows by account: its users, agents, our own commands."""

from collections.abc import Iterable

from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy

from conversations.models import AgentProfile

MACHINES = {"setup_site": gettext_lazy("OmniChat's set-up")}


def names_of(accounts: Iterable[str]) -> dict[str, str]:
    """Return the names that are known, by account."""
    wanted = {account for account in accounts if account}
    if not wanted:
        return {}
    users = User.objects.filter(username__in=wanted)
    agents = AgentProfile.objects.filter(account_id__in=wanted)
    return {
        **{account: str(MACHINES[account]) for account in wanted & MACHINES.keys()},
        **{user.username: user.get_full_name() for user in users if user.get_full_name()},
        **dict(agents.exclude(name="").values_list("account_id", "name")),
    }


def called(account: str) -> str:
    """Return somebody's name; the account itself where no name is known."""
    return names_of([account]).get(account, account)
