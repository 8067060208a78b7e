"""Asks the product whether its audit chains are whole."""

from tests.chaos.verdict import Figure

PROGRAM = """
import json
from conversations import audit, audit_chain
from conversations.models import AuditEvent, AuditSeal
from tenants.context import schema_context
found = []
for schema_name in {schemas!r}:
    with schema_context(schema_name):
        while audit.seal():
            pass
        broken = audit_chain.first_break()
        sealed = sum(AuditSeal.objects.values_list("events", flat=True))
        found.append([AuditEvent.objects.count(), sealed, broken is not None])
print(json.dumps({{"sites": found}}))
"""


def audit_figures(stage):
    """Seal what is new and check the chains of all sites from their beginning."""
    program = PROGRAM.format(schemas=list(stage.schemas.values()))
    sites = stage.run.ask_product(program)["sites"]
    events = sum(count for count, _sealed, _broken in sites)
    return [
        Figure("audit events", events),
        Figure("audit events sealed", sum(sealed for _count, sealed, _broken in sites), events),
        Figure("broken audit chains", sum(broken for *_, broken in sites), 0),
    ]
