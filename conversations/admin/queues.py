"""Lists of what is stuck: tried again by those who may, or dismissed for a reason."""

from collections.abc import Iterable, Sequence
from types import ModuleType
from typing import Any, ClassVar, TypeVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.request import QueryDict
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from conversations.admin import trail
from conversations.admin.keys import key_in
from conversations.admin.lozenges import Level
from conversations.admin.pages import ReadOnlyAdmin
from conversations.admin.site import RECORDS
from conversations.masking import hide_numbers

Row = TypeVar("Row", bound=models.Model)

MOST_CHOSEN = 200
MOST_NAMED = 50  # ids in one audit event
MOST_REASONS = 30
ALL = "all"


class DismissForm(forms.Form):
    because = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=300,
        help_text=gettext_lazy("It is kept with them. No names, numbers or words of customers."),
        widget=forms.TextInput(attrs={"size": 60}),
    )


class StandingFilter(admin.SimpleListFilter):
    """By state: what is stuck unless something else is chosen; counts where they are cheap."""

    title = gettext_lazy("State")
    parameter_name = "state__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        self.usual = model_admin.usual
        return [(state, str(words)) for state, (words, _level) in model_admin.standings.items()]

    def choices(self, changelist: Any) -> Any:
        model_admin = changelist.model_admin
        yield self._choice(changelist, None, model_admin.usual_words)
        stuck = changelist.root_queryset.filter(state__in={*model_admin.usual, model_admin.failed})
        counts = dict(stuck.order_by().values_list("state").annotate(Count("pk")))
        for state, words in self.lookup_choices:
            count = f" ({counts[state]})" if state in counts else ""
            yield self._choice(changelist, state, f"{words}{count}")
        yield self._choice(changelist, ALL, _("All"))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == ALL:
            return queryset
        chosen = [self.value()] if self.value() else self.usual
        return queryset.filter(state__in=chosen)

    def _choice(self, changelist: Any, value: str | None, words: Any) -> dict[str, Any]:
        remove = [self.parameter_name] if value is None else []
        change = {} if value is None else {self.parameter_name: value}
        return {
            "selected": self.value() == value,
            "query_string": changelist.get_query_string(change, remove),
            "display": words,
        }


class ReasonFilter(admin.SimpleListFilter):
    """By why it failed: the reasons of what has failed, the most frequent first."""

    title = gettext_lazy("Reason")
    parameter_name = "reason"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        self.field = model_admin.reason_field
        failed = model_admin.get_queryset(request).filter(state=model_admin.failed)
        reasons = failed.values_list(self.field).annotate(count=Count("pk"))
        frequent = reasons.exclude(**{self.field: ""}).order_by("-count", self.field)
        return [
            (reason, f"{hide_numbers(Truncator(reason).chars(60))} ({count})")
            for reason, count in frequent[:MOST_REASONS]
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(**{self.field: self.value()}) if self.value() else queryset


class QueueAdmin(ReadOnlyAdmin[Row]):
    """Entries of inbox or outbox; the services decide which of the chosen may still be moved."""

    group = RECORDS
    keyset = ("-id",)
    list_display_links = None
    actions = ("try_again", "dismiss")
    change_list_template = "admin/conversations/queue/change_list.html"
    change_form_template = "admin/conversations/queue/change_form.html"
    queue: ModuleType  # conversations.inbox or conversations.outbox
    logged_as: ClassVar[str]
    failed: ClassVar[str]
    usual: ClassVar[Sequence[str]]
    usual_words: ClassVar[Any]
    reason_field: ClassVar[str]
    standings: ClassVar[dict[str, tuple[Any, Level]]]
    retry_name: ClassVar[str]
    dismiss_name: ClassVar[str]

    def get_action_choices(
        self, request: HttpRequest, default_choices: Any = None
    ) -> list[tuple[str, str]]:
        return super().get_action_choices(request, [("", _("Choose one"))])

    def has_work_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(f"conversations.change_{self.opts.model_name}")

    def get_urls(self) -> list[URLPattern]:
        guarded = self.admin_site.admin_view
        dismissal = require_http_methods(["GET", "HEAD", "POST"])(self.dismissal)
        return [
            path(
                "try-all-again/",
                guarded(require_POST(self.try_all_again)),
                name=self.retry_name,
            ),
            path("dismiss/", guarded(dismissal), name=self.dismiss_name),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context: dict[str, Any] = {"may_work": self.has_work_permission(request)}
        if context["may_work"]:
            reason = request.GET.get(ReasonFilter.parameter_name, "")
            context |= {
                "reason": reason,
                "failed_count": self._failed(request, reason=reason).count(),
                "retry_url": reverse(f"admin:{self.retry_name}"),
                "dismiss_url": reverse(f"admin:{self.dismiss_name}"),
            }
        return super().changelist_view(request, context | (extra_context or {}))

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,  # noqa: FBT001, FBT002 - Django's own signature
        change: bool = False,  # noqa: FBT001, FBT002
        form_url: str = "",
        obj: Row | None = None,
    ) -> HttpResponse:
        state = getattr(obj, "state", "")
        if self.has_work_permission(request):
            context |= {
                "retry_url": reverse(f"admin:{self.retry_name}") if self.may_retry(state) else "",
                "dismiss_url": (
                    reverse(f"admin:{self.dismiss_name}") if state == self.failed else ""
                ),
            }
        return super().render_change_form(request, context, add, change, form_url, obj)

    def may_retry(self, state: str) -> bool:
        return state in {self.failed, "dismissed"}

    @admin.action(description=gettext_lazy("Try again"), permissions=["work"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[Row]) -> None:
        self._retry(request, queryset.only("pk"))

    @admin.action(description=gettext_lazy("Dismiss\N{HORIZONTAL ELLIPSIS}"), permissions=["work"])
    def dismiss(self, request: HttpRequest, queryset: QuerySet[Row]) -> HttpResponse:
        """Lead to the page that asks why."""
        chosen = QueryDict(mutable=True)
        chosen.setlist("entry", [str(row.pk) for row in queryset.only("pk")[:MOST_CHOSEN]])
        return HttpResponseRedirect(f"{reverse(f'admin:{self.dismiss_name}')}?{chosen.urlencode()}")

    def try_all_again(self, request: HttpRequest) -> HttpResponse:
        """Have tried again one, or all that failed, or all that failed for one reason."""
        self._demand(request)
        entry = key_in(request.POST.get("entry", ""))
        if entry is not None:
            chosen = self.get_queryset(request).filter(pk=entry)
        else:
            chosen = self._failed(request, reason=request.POST.get("reason", ""))
        self._retry(request, chosen.only("pk"))
        return HttpResponseRedirect(self.address_of("changelist"))

    def dismissal(self, request: HttpRequest) -> HttpResponse:
        """Ask why, and put away what has failed: those chosen, or all for one reason."""
        self._demand(request)
        chosen = self._asked(request)
        needed = self.needed(chosen)
        going = chosen.exclude(pk__in=needed.values("pk")) if needed is not None else chosen
        back = self.address_of("changelist")
        if not chosen.exists():
            self.message_user(request, _("Nothing that has failed is chosen."), messages.WARNING)
            return HttpResponseRedirect(back)
        form = DismissForm(request.POST or None)
        if request.method == "POST" and form.is_valid() and going.exists():
            self._dismiss(request, going, because=form.cleaned_data["because"])
            return HttpResponseRedirect(back)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Dismiss"),
            "crumbs": self.crumbs(),
            "sentences": self._sentences(chosen, going),
            "form": form if going.exists() else None,
            "button": _("Dismiss"),
            "back_url": back,
        }
        return TemplateResponse(request, "admin/conversations/queue/dismiss.html", context)

    def needed(self, chosen: QuerySet[Row]) -> QuerySet[Row] | None:
        """Return those of the chosen that cannot be dismissed."""
        return None

    def meaning(self, going: QuerySet[Row]) -> Iterable[str]:
        """Yield what becomes of the rest once these are put away."""
        raise NotImplementedError

    def _sentences(self, chosen: QuerySet[Row], going: QuerySet[Row]) -> list[str]:
        count, kept = going.count(), chosen.count() - going.count()
        sentences = []
        if count:
            words = ngettext(
                "%(count)d entry is put away and counts as failed no more."
                " It can be brought back: Try again does that.",
                "%(count)d entries are put away and count as failed no more."
                " They can be brought back: Try again does that.",
                count,
            )
            sentences += [words % {"count": count}, *self.meaning(going)]
        if kept:
            words = ngettext(
                "%(count)d entry cannot be dismissed: a customer's messages wait for its request,"
                " or a person asked to be forgotten. Mend what stopped it, then try it again.",
                "%(count)d entries cannot be dismissed: customers' messages wait for their"
                " requests, or people asked to be forgotten. Mend what stopped them, then try"
                " them again.",
                kept,
            )
            sentences.append(words % {"count": kept})
        return sentences

    def _asked(self, request: HttpRequest) -> QuerySet[Row]:
        ids = [key for entry in request.GET.getlist("entry") if (key := key_in(entry)) is not None]
        if ids:
            return self._failed(request).filter(pk__in=ids[:MOST_CHOSEN])
        reason = request.GET.get("reason", "")
        return self._failed(request, reason=reason) if reason else self.get_queryset(request).none()

    def _failed(self, request: HttpRequest, *, reason: str = "") -> QuerySet[Row]:
        failed = self.get_queryset(request).filter(state=self.failed)
        if "\0" in reason:  # which no row can hold
            return failed.none()
        return failed.filter(**{self.reason_field: reason}) if reason else failed

    def _demand(self, request: HttpRequest) -> None:
        if not self.has_work_permission(request):
            raise PermissionDenied

    def _retry(self, request: HttpRequest, chosen: QuerySet[Row]) -> None:
        count = self.queue.retry(chosen)
        trail.record(request, f"{self.logged_as}.retried", count=count)
        said = ngettext(
            "%(count)d entry will be tried again.", "%(count)d entries will be tried again.", count
        )
        self.message_user(request, said % {"count": count})

    def _dismiss(self, request: HttpRequest, chosen: QuerySet[Row], *, because: str) -> None:
        rows = list(chosen.only("pk"))
        with transaction.atomic():
            count = self.queue.dismiss(rows, because=because)
            trail.record(
                request,
                f"{self.logged_as}.dismissed",
                count=count,
                entries=[row.pk for row in rows[:MOST_NAMED]],
            )
        said = ngettext("%(count)d entry is dismissed.", "%(count)d entries are dismissed.", count)
        self.message_user(request, said % {"count": count})
