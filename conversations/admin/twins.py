"""Two admins who add the same thing at once: the second is told so by the form."""

from typing import Any, TypeVar

from django.db import IntegrityError, models
from django.http import HttpRequest, HttpResponse
from psycopg.errors import UniqueViolation

from conversations.admin.pages import SettingsAdmin

Row = TypeVar("Row", bound=models.Model)


class TwinsAdmin(SettingsAdmin[Row]):
    """Saves once more where another was quicker: by then the form sees the other, and refuses."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except IntegrityError as error:
            if not isinstance(error.__cause__, UniqueViolation):
                raise
            return super().changeform_view(request, object_id, form_url, extra_context)
