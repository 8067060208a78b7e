"""A browser at a site's console: its requests end where they began, in the test's schema."""

from django.contrib.auth.models import User
from django.test import Client

from logins import sessions
from logins.roles import Role, give_role
from tenants.context import current_site, tenant_context

PASSWORD = "correct horse battery"


class ConsoleClient(Client):
    """Asks the console of the site whose schema the test is in when it is made."""

    def __init__(self, **kwargs):
        self.site = current_site()
        super().__init__(HTTP_HOST=self.site.host, **kwargs)

    def request(self, **request):
        # The middleware leaves every request in the public schema.
        with tenant_context(self.site):
            return super().request(**request)


def client_of(username, role, **kwargs):
    """Return a client in which somebody with this role is in, by a link from Jira."""
    user = User.objects.filter(username=username).first()
    user = user or User.objects.create_user(username, password=PASSWORD)
    give_role(user, role)
    return admitted(ConsoleClient(**kwargs), user)


def owners_client(**kwargs):
    """Return a client in which Ana, an owner of the current site, is in."""
    return client_of("ana", Role.OWNER, **kwargs)


def admitted(client, user):
    """Let a user in as a link from Jira does."""
    client.force_login(user)
    session = client.session
    session[sessions.VIA] = sessions.Via.JIRA
    session.save()
    return client
