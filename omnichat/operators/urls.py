"""The addresses of the operators' console: importing its pages registers them."""

from omnichat.operators import installation, people, site_page, sites
from omnichat.operators.site import operators

__all__ = ["installation", "operators", "people", "site_page", "sites", "urls"]

urls = operators.urls
