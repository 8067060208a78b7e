"""A browser at a site's console: its requests end where they began, in the test's schema."""

from django.contrib.auth.models import User
from django.test import Client

from tenants.context import current_site, tenant_context


class ConsoleClient(Client):
    """Asks the console of the site whose schema the test is in when it is made."""

    def __init__(self, **kwargs):
        self.site = current_site()
        super().__init__(HTTP_HOST=self.site.host, **kwargs)

    def request(self, **request):
        # The middleware leaves every request in the public schema.
        with tenant_context(self.site):
            return super().request(**request)


def superusers_client(username="ana"):
    """Return a client in which a superuser of the current site has logged in."""
    client = ConsoleClient()
    client.force_login(User.objects.create_superuser(username, password="correct horse battery"))
    return client
