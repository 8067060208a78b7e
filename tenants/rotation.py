"""Having every stored secret made anew with the newest key, so that an old key can be dropped."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cryptography.fernet import InvalidToken
from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import QuerySet, TextField, Value
from django.db.models.functions import Cast

from tenants.context import public_context, tenant_context
from tenants.encryption import EncryptedTextField, is_newest, renewed
from tenants.models import Site
from tenants.provisioning import is_provisioned

ROWS_AT_ONCE = 500


@dataclass
class Rotated:
    """How many secrets were made anew, were so already, and can be read by none of our keys."""

    renewed: int = 0
    newest: int = 0
    unreadable: int = 0

    def add(self, other: "Rotated") -> None:
        self.renewed += other.renewed
        self.newest += other.newest
        self.unreadable += other.unreadable


def rotate_operators() -> Rotated:
    """Renew the secrets that belong to no site: the operators' own."""
    done = Rotated()
    with public_context():
        for model, name in _secrets(settings.SHARED_APPS):
            if not _is_of_sites(model):
                done.add(_rotate(QuerySet(model), name))
    return done


def rotate_site(site: Site) -> Rotated:
    """Renew a site's secrets, in the public schema and in its own.

    May be called again and be cut short: each row is done by itself, and once.
    """
    done = Rotated()
    with public_context():
        for model, name in _secrets(settings.SHARED_APPS):
            if _is_of_sites(model):
                rows: QuerySet[Any] = QuerySet(model)
                done.add(_rotate(rows.filter(site=site), name))
    if is_provisioned(site):
        with tenant_context(site):
            for model, name in _secrets(settings.TENANT_APPS):
                done.add(_rotate(QuerySet(model), name))
    return done


def _secrets(applications: list[str]) -> Iterator[tuple[type[models.Model], str]]:
    """Yield each encrypted field of these applications with its model."""
    for model in apps.get_models():
        if model._meta.app_config.name in applications:
            for field in model._meta.concrete_fields:
                if isinstance(field, EncryptedTextField):
                    yield model, field.name


def _is_of_sites(model: type[models.Model]) -> bool:
    return any(field.name == "site" for field in model._meta.fields)


def _rotate(rows: QuerySet[Any], name: str) -> Rotated:
    done = Rotated()
    # As it is stored, past the field, which would decrypt it.
    stored = rows.annotate(stored=Cast(name, TextField())).exclude(stored="").order_by("pk")
    for pk, token in _tokens(stored):
        try:
            if is_newest(token):
                done.newest += 1
                continue
            fresh = Value(renewed(token), output_field=TextField())
        except InvalidToken:
            done.unreadable += 1
            continue
        # Unless it was saved meanwhile: then it has turned by that.
        done.renewed += stored.order_by().filter(pk=pk, stored=token).update(**{name: fresh})
    return done


def _tokens(stored: QuerySet[Any]) -> Iterator[tuple[Any, str]]:
    """Yield keys and tokens, some rows at a time: no transaction spans them all."""
    after: Any = None
    while True:
        batch = stored if after is None else stored.filter(pk__gt=after)
        found = list(batch.values_list("pk", "stored")[:ROWS_AT_ONCE])
        yield from found
        if len(found) < ROWS_AT_ONCE:
            return
        after = found[-1][0]
