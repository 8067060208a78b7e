"""What operators read of a site."""

from tenants.models import SiteEvent


def story(cloud_id):
    """Return what happened to a site, the oldest first: what, and with which ids."""
    events = SiteEvent.objects.filter(cloud_id=cloud_id).order_by("pk")
    return list(events.values_list("action", "detail"))


def actions(cloud_id):
    return [action for action, _detail in story(cloud_id)]
