"""The console's users and their roles: who may enter, as what, and how they come in."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.admin import trail
from conversations.admin.site import RECORDS, console
from conversations.admin.user_forms import InviteForm, RoleForm, SureForm
from conversations.admin.user_pages import ask, change, page, row_of, show_link
from conversations.admin.user_rows import Row, users_shown
from logins import invitations, people
from logins.roles import Role


@console.page(
    "users/",
    gettext_lazy("Users and roles"),
    permission="logins.view_person",
    group=RECORDS,
    place=50,
)
def users(request: HttpRequest) -> HttpResponse:
    """List who may enter."""
    rows = [Row(user, is_me=user.pk == request.user.pk) for user in users_shown()]
    return page(request, "admin/users.html", title=_("Users and roles"), rows=rows, crumbs=[])


@console.page("users/invite/", gettext_lazy("Invite"), permission="logins.add_person")
def invite_user(request: HttpRequest) -> HttpResponse:
    """Make a user, and the link by which they come in."""
    form = InviteForm(request.POST or None)
    if not form.is_valid():
        return page(request, "admin/user_invite.html", title=_("Invite"), form=form)
    with transaction.atomic():
        user = form.save()
        token = invitations.invite(user, by=request.user.get_username())
        trail.record(
            request,
            "user.invited",
            subject=user,
            user=user.get_username(),
            role=form.cleaned_data["role"],
        )
    return show_link(request, user, token)


@console.page("users/<int:user_id>/", gettext_lazy("User"), permission="logins.change_person")
def user_details(request: HttpRequest, user_id: int) -> HttpResponse:
    """Show one user, and change the role."""
    row = row_of(request, user_id)
    form = RoleForm(request.POST or None, initial={"role": row.role})
    if not form.is_valid():
        return page(request, "admin/user.html", title=row.name, row=row, form=form)
    role = Role(form.cleaned_data["role"])
    if row.is_me and role != row.role and "sure" not in request.POST:
        return ask(
            request,
            row,
            title=_("Change your own role?"),
            sentences=[
                _("You will be %(role)s at once. Only another owner can make you an owner again.")
                % {"role": role.label}
            ],
            button=_("Change my role"),
            form=SureForm(initial={"role": role}),
        )
    return change(request, row, lambda: _change_role(request, row, role))


def _change_role(request: HttpRequest, row: Row, role: Role) -> str:
    before = row.role
    if before == role:
        return _("Nothing has changed.")
    people.change_role(row.user, role)
    user = row.user.get_username()
    after = str(role)
    trail.record(
        request, "user.role-changed", subject=row.user, user=user, before=before, after=after
    )
    return _("The role has been changed.")
