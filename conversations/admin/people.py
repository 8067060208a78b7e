"""What the console calls the people who use it."""

from django.contrib.auth.models import User


def called(username: str) -> str:
    """Return somebody's name; the account itself where no name is known."""
    user = User.objects.filter(username=username).first()
    return (user.get_full_name() if user else "") or username
