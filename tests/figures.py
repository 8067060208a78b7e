"""What this process has counted, as monitoring reads it."""

from prometheus_client import REGISTRY


def counted(name, **labels):
    return REGISTRY.get_sample_value(name, labels) or 0.0
