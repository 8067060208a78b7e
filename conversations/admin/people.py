"""What the console calls the people who use it."""

from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy

MACHINES = {"setup_site": gettext_lazy("OmniChat's set-up")}


def called(username: str) -> str:
    """Return somebody's name; the account itself where no name is known."""
    user = User.objects.filter(username=username).first()
    return (user.get_full_name() if user else "") or name_of_account(username)


def name_of_account(actor: str) -> str:
    """Return what an account without a person is called; others as they are recorded."""
    return str(MACHINES.get(actor, actor))
