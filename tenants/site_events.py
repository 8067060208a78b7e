"""What happened to a site, for operators: ids and versions, nobody's words."""

from tenants.models import Site, SiteEvent


def record(site: Site, action: str, **detail: str | bool) -> None:
    """Write down what happened to `site`; the row outlives it."""
    SiteEvent.objects.create(slug=site.slug, cloud_id=site.cloud_id, action=action, detail=detail)
