"""(f): how long it takes to make a site, by replaying the schema template and by migrating."""

PROGRAM = """
import json
from time import perf_counter
from tenants import provisioning
from tenants.models import Site

made, seconds = [], []
for number in range({count}):
    site = Site.objects.create(
        slug=f"bench-{{number}}", cloud_id=f"bench-{{number}}", url="https://bench.example",
        schema_name=f"site_bench_{{number}}",
    )
    began = perf_counter()
    provisioning.provision(site)
    seconds.append(perf_counter() - began)
    key = site.inbound_keys.get()
    made.append({{"schema": site.schema_name, "webhook_url": key.webhook_url}})
began = perf_counter()
provisioning.migrate_new_schema("site_bench_migrated")
print(json.dumps({{
    "sites": made, "replayed": sorted(seconds), "migrated": perf_counter() - began,
    "template": provisioning.TEMPLATE.exists(),
}}))
"""
COUNT = 4


def provision(run):
    """Make sites; returns them with the seconds each took."""
    return run.ask_product(PROGRAM.format(count=COUNT))
