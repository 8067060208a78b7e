"""A browser at a site's console: its requests end where they began, in the test's schema."""

from django.contrib.auth.models import User
from django.test import Client

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


def superusers_client():
    """Return a client in which Ana, a superuser of the current site, has logged in."""
    client = ConsoleClient()
    ana = User.objects.filter(username="ana").first()
    client.force_login(ana or User.objects.create_superuser("ana", password=PASSWORD))
    return client
