"""What happened to a site, for operators: ids and versions, no word of its people."""

from tenants.models import Site, SiteEvent


def record(site: Site, action: str, **detail: str | bool | int) -> None:
    """Write down what happened to `site`; the row outlives it."""
    SiteEvent.objects.create(slug=site.slug, cloud_id=site.cloud_id, action=action, detail=detail)


def record_news(site: Site, action: str, **detail: str | bool | int) -> None:
    """Write down what is tried again and again, unless it is what happened last as well."""
    last = SiteEvent.objects.filter(cloud_id=site.cloud_id).first()
    if last is None or (last.action, last.detail) != (action, detail):
        record(site, action, **detail)
