"""A customer, the numbers that are theirs, and the addresses they wrote from."""

from collections.abc import Iterable
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy

from conversations.contracts import Channel
from conversations.phone_numbers import ERASED


class CustomerQuerySet(models.QuerySet["Customer"]):
    def lock(self, customer_ids: Iterable[int]) -> list["Customer"]:
        """Return the customers, row-locked in the order of their ids.

        A customer's row is the lock for everything that is theirs. Take it first.
        """
        return list(self.select_for_update().filter(pk__in=set(customer_ids)).order_by("pk"))

    def lock_owners(self, owned: models.QuerySet[Any]) -> list["Customer"]:
        """Return the customers whose some rows are, row-locked in the same order.

        The rows may have become another's before the lock was had: read them with it.
        """
        owners = self.select_for_update().filter(pk__in=owned.values("customer"))
        return list(owners.order_by("pk"))


class Customer(models.Model):
    """A person. The row is the lock for everything that is theirs."""

    name = models.CharField(max_length=200, blank=True)
    jira_account_id = models.CharField(max_length=128, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    erased_at = models.DateTimeField(
        null=True, blank=True, help_text="Name, numbers, texts and files are gone since."
    )

    objects = CustomerQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("customer")
        verbose_name_plural = gettext_lazy("customers")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name or f"Customer {self.pk}"


class PhoneNumberQuerySet(models.QuerySet["PhoneNumber"]):
    def claim(self, key: str, *, customer: Customer | None = None) -> tuple["PhoneNumber", bool]:
        """Return the subscriber with this key, and whether it was made here.

        A new one is `customer`'s, whom the caller has made in this transaction or locked, or gets a
        customer of its own. Of two processes that meet a new key at once, one makes it, the other
        finds it. A key that was `customer`'s already counts as made here.
        """
        with transaction.atomic(savepoint=False):
            owner = customer or Customer.objects.create()
            self.bulk_create([self.model(key=key, customer=owner)], ignore_conflicts=True)
            claimed = self.select_related("customer").get(key=key)
            created = claimed.customer_id == owner.pk
            if not created and customer is None:
                owner.delete()
            return claimed, created


class PhoneNumber(models.Model):
    """One subscriber: a number in canonical form or a business-scoped user id, on every channel.

    Of an erased person the key is a keyed hash: it is found by nothing, and leads to the proofs.
    """

    ERASING = "erasing:"  # before the key while what holds it is still looked for
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="phone_numbers")
    key = models.CharField(max_length=160)
    created_at = models.DateTimeField(default=timezone.now)

    objects = PhoneNumberQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("phone number")
        verbose_name_plural = gettext_lazy("phone numbers")
        constraints = [
            models.UniqueConstraint(fields=["key"], name="one_customer_per_phone_number")
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def erased_hash(self) -> str:
        """The hash that is left of an erased number; empty for others."""
        return self.key.split(":")[1] if self.key.startswith(ERASED) else ""


class Address(models.Model):
    """Where a subscriber can be reached on one channel: exactly what wrote."""

    class OptedOutBy(models.TextChoices):
        CUSTOMER = "customer"  # said so
        PROVIDER = "provider"  # refused a send, or told us
        ADMIN = "admin"

    phone_number = models.ForeignKey(
        PhoneNumber, on_delete=models.PROTECT, related_name="addresses"
    )
    channel = models.CharField(max_length=10, choices=Channel)
    value = models.CharField(max_length=160)
    answerable = models.BooleanField(default=True)
    opted_out_at = models.DateTimeField(null=True, blank=True)
    opted_out_by = models.CharField(max_length=10, choices=OptedOutBy, blank=True)
    consent_at = models.DateTimeField(
        null=True, blank=True, help_text="Of the newest word about opting out or in."
    )
    no_marketing_since = models.DateTimeField(null=True, blank=True)
    marketing_consent_at = models.DateTimeField(
        null=True, blank=True, help_text="Of the newest word about marketing alone."
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = gettext_lazy("address")
        verbose_name_plural = gettext_lazy("addresses")
        constraints = [
            models.UniqueConstraint(fields=["channel", "value"], name="one_address_per_channel")
        ]

    def __str__(self) -> str:
        return f"{self.value} ({self.get_channel_display()})"


class NumberDeletionQuerySet(models.QuerySet["NumberDeletion"]):
    def in_force(self) -> "NumberDeletionQuerySet":
        return self.filter(lifted_at=None)

    def of_hashes(self, hashes: Iterable[str], channel: str) -> "NumberDeletionQuerySet":
        return self.filter(number_hash__in=set(hashes), channel=channel)


class NumberDeletion(models.Model):
    """The proof that a number was deleted: it holds when the number itself is long forgotten.

    One for each channel, since START brings a customer back on one channel alone.
    """

    class Reason(models.TextChoices):
        STOP = "stop", gettext_lazy("Asked by SMS or WhatsApp to stop")
        ASKED = "asked", gettext_lazy("Asked in another way")
        WRONG = "wrong", gettext_lazy("The number is another person's")
        ERASURE = "erasure", gettext_lazy("Asked for erasure of personal data")
        OTHER = "other", gettext_lazy("Another reason")

    number_hash = models.CharField(
        max_length=64, help_text="Keyed, of the number's canonical form."
    )
    channel = models.CharField(max_length=10, choices=Channel)
    reason = models.CharField(max_length=10, choices=Reason)
    note = models.CharField(max_length=300, blank=True)
    deleted_at = models.DateTimeField(default=timezone.now)
    deleted_by = models.CharField(max_length=150)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.CharField(
        max_length=150, blank=True, help_text="An admin, or empty: the customer's own START."
    )
    lifted_because = models.CharField(
        max_length=300,
        blank=True,
        default="",
        db_default="",
        help_text="How the customer consented, as the admin says.",
    )

    objects = NumberDeletionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["number_hash", "channel"],
                condition=models.Q(lifted_at=None),
                name="one_deletion_in_force_per_number",
            )
        ]

    def __str__(self) -> str:
        return f"Deletion {self.pk}"
