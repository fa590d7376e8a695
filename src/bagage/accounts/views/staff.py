"""The accounts of those who work here, for who administers them."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bagage.accounts import permissions, queries, services, sheets
from bagage.accounts.domain.roles import Ability, Role
from bagage.accounts.events import account_closing_foreseen
from bagage.accounts.forms import AccountForm, CloseForm, InviteForm, RoleForm, node_label
from bagage.accounts.models import ROLE_NAMES, Membership, Organisation, User
from bagage.accounts.sheets import keep_sheet, kept_code
from bagage.common import words
from bagage.common.codes import shown_code
from bagage.common.errors import BusinessError
from bagage.common.pdf import render_pdf
from bagage.common.qr import qr_file, qr_svg
from bagage.common.tables import Column, Filter, Table


def _me(request: HttpRequest) -> User:
    """Who asks; 403 unless she administers accounts somewhere."""
    user = request.user
    if not isinstance(user, User) or not permissions.can_see_staff(user):
        raise PermissionDenied
    return user


def _member(user: User, uuid: UUID) -> User:
    """An account of the user's scope; 404 otherwise."""
    return get_object_or_404(queries.staff_seen_by(user), uuid=uuid)


def _roles_in_words(member: Any) -> str:
    return words.joined([ROLE_NAMES[Role(each.role)] for each in member.held]) or _("aucun")


def _places_in_words(member: Any) -> str:
    return words.joined(sorted({each.organisation.name for each in member.held}))


def _state_in_words(member: Any) -> str:
    if not member.is_active:
        return _("compte fermé")
    if member.waiting:
        return (
            _("invitation à refaire")
            if member.waiting[0].expires_at <= timezone.now()
            else _("invitation en attente")
        )
    return _("compte ouvert")


STATES = [
    ("open", gettext_lazy("compte ouvert")),
    ("waiting", gettext_lazy("invitation en attente")),
    ("closed", gettext_lazy("compte fermé")),
]


def _in_state(rows: Any, state: str) -> Any:
    if state == "closed":
        return rows.filter(is_active=False)
    waiting = Q(invitations__used_at=None, invitations__ended_at=None, invitations__isnull=False)
    rows = rows.filter(is_active=True)
    return (
        rows.filter(waiting).distinct()
        if state == "waiting"
        else rows.exclude(pk__in=User.objects.filter(waiting).values("pk"))
    )


@require_safe
def staff(request: HttpRequest) -> HttpResponse:
    """Everyone with an account in the scope: search, filters, export."""
    user = _me(request)
    node_ids = queries.node_ids_seen(user)
    nodes = list(Organisation.objects.filter(pk__in=node_ids).order_by("path"))
    table = Table(
        request,
        queries.with_roles(queries.staff_seen_by(user)),
        name="staff",
        title=_("Équipe"),
        columns=[
            Column(
                "name",
                _("Nom"),
                lambda each: each.full_name,
                sort=("first_name", "last_name"),
                url=lambda each: reverse("accounts:staff_member", args=[each.uuid]),
                sub=lambda each: each.title,
            ),
            Column("role", _("Rôle"), _roles_in_words),
            Column("place", _("Où"), _places_in_words),
            Column("email", _("Mail"), lambda each: each.email, sort=("email",), only="export"),
            Column("state", _("Compte"), _state_in_words),
        ],
        filters=[
            Filter(
                "role",
                _("Rôle"),
                _("Tous les rôles"),
                [(role.value, ROLE_NAMES[role]) for role in Role],
                lambda rows, role: rows.filter(
                    pk__in=Membership.objects.current()
                    .filter(role=role, organisation__in=node_ids)
                    .values("user")
                ),
            ),
            Filter(
                "place",
                _("Où"),
                _("Tous les lieux"),
                [(str(node.uuid), node_label(node)) for node in nodes],
                lambda rows, place: rows.filter(
                    pk__in=Membership.objects.current()
                    .filter(
                        organisation__path__startswith=next(n.path for n in nodes if str(n.uuid) == place)
                    )
                    .values("user")
                ),
            ),
            Filter("state", _("Compte"), _("Tous les comptes"), STATES, _in_state),
        ],
        search=lambda rows, text: rows.filter(
            Q(first_name__icontains=text)
            | Q(last_name__icontains=text)
            | Q(username__icontains=text)
            | Q(email__icontains=text)
        ),
        search_hint=_("Prénom, nom, identifiant ou mail"),
        per_page=25,
        nouns=lambda count: ngettext("%(count)s compte", "%(count)s comptes", count),
        empty_icon="users",
        empty_title=_("Personne n’a encore de compte ici."),
        empty_text=_("Invitez quelqu’un : un prénom et un rôle suffisent."),
    )
    if table.export:
        response: Any = table.response()
        return response  # type: ignore[no-any-return]
    return render(request, "accounts/staff.html", {"table": table})


@require_http_methods(["GET", "HEAD", "POST"])
def staff_invite(request: HttpRequest) -> HttpResponse:
    """Someone who starts to work here: first name, role, place; without e-mail a sheet is printed."""
    user = _me(request)
    place = request.GET.get("place", "")
    form = InviteForm(
        request.POST or None,
        node_ids=queries.node_ids_seen(user),
        initial={"node": place, "role": request.GET.get("role", "")},
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            invited = services.invite(
                first_name=data["first_name"],
                last_name=data["last_name"],
                title=data["title"],
                email=data["email"],
                role=Role(data["role"]),
                node=data["node"],
                by=user,
            )
        except BusinessError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            return _to_sheet(request, invited)
    return render(request, "accounts/staff_invite.html", {"form": form}, status=422 if form.errors else 200)


def _to_sheet(request: HttpRequest, invited: services.Invited) -> HttpResponse:
    """To the sheet, which can be printed for a quarter of an hour."""
    keep_sheet(request, invited)
    if invited.user.email:
        messages.success(
            request,
            _("L’invitation part à %(email)s. La feuille sert si le mail n’arrive pas.")
            % {"email": invited.user.email},
        )
    return redirect("accounts:invitation_sheet", invited.user.uuid)


def _sheet(request: HttpRequest, member: User) -> dict[str, Any]:
    """What the sheet of a fresh invitation says; 404 once it is too old to be printed."""
    code = kept_code(request, member)
    invitation = services.find_invitation(code) if code else None
    if invitation is None or invitation.user_id != member.pk or invitation.used_at or invitation.ended_at:
        raise Http404
    return {
        "person": member,
        "roles": [
            f"{ROLE_NAMES[Role(each.role)]}, {node_label(each.organisation)}"
            for each in member.current_memberships
        ],
        "code": shown_code(code),
        "link": services.invitation_link(code),
        "address": settings.PUBLIC_URL + reverse("accounts:invitation"),
        "until": words.day(timezone.localtime(invitation.expires_at), year=True),
        "association": queries.installation().name,
    }


@require_safe
def invitation_sheet(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The printed invitation: code, address, QR, until when."""
    member = _member(_me(request), uuid)
    sheet = _sheet(request, member)
    return render(
        request,
        "accounts/invitation_sheet.html",
        {**sheet, "qr": qr_svg(sheet["link"], _("Ouvrir l’invitation")), "minutes": sheets.SECONDS // 60},
    )


@require_safe
def invitation_pdf(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The same sheet as PDF, A5."""
    member = _member(_me(request), uuid)
    sheet = _sheet(request, member)
    pdf = render_pdf(
        "accounts/invitation.typ",
        {
            **{key: sheet[key] for key in ("roles", "code", "address", "association")},
            "title": _("Votre invitation à Bagage"),
            "hello": _("Bonjour %(name)s,") % {"name": member.first_name},
            "waits": _("Un compte vous attend dans Bagage, le logiciel de la permanence."),
            "steps": [
                _(
                    "Sur un téléphone, visez ce carré. Ou bien, sur un ordinateur, ouvrez l’adresse ci-dessous."
                ),
                _("Tapez ce code."),
                _(
                    "Choisissez votre identifiant et votre mot de passe. Vous seule ou vous seul les connaissez."
                ),
            ],
            "until": _("Ce code sert une seule fois, jusqu’au %(day)s. Après, demandez-en un autre.")
            % {"day": sheet["until"]},
            "role_word": _("Votre rôle :"),
            "lang": "fr" if words.is_french() else "en",
        },
        files={"qr.svg": qr_file(sheet["link"])},
    )
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="invitation.pdf"'
    return response


@require_safe
def staff_member(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One account: roles, invitation, second step, leaving."""
    user = _me(request)
    return _show_member(request, user, _member(user, uuid))


def _show_member(
    request: HttpRequest, user: User, member: User, role_form: RoleForm | None = None, status: int = 200
) -> HttpResponse:
    held = [
        {
            "membership": each,
            "role": ROLE_NAMES[Role(each.role)],
            "place": node_label(each.organisation),
            "can_end": permissions.can_end_role(user, each),
        }
        for each in member.current_memberships
    ]
    past = member.memberships.exclude(ended_at=None).select_related("organisation").order_by("-ended_at")
    invitation = queries.newest_invitation(member)
    return render(
        request,
        "accounts/staff_member.html",
        {
            "person": member,
            "held": held,
            "past": [
                {
                    "role": ROLE_NAMES[Role(each.role)],
                    "place": node_label(each.organisation),
                    "ended_at": each.ended_at,
                }
                for each in past
                if user.can(Ability.RUN_STAFF, each.organisation)
            ],
            "invitation": invitation,
            "invitation_state": str(queries.invitation_state(invitation)) if invitation else "",
            "protection": queries.protection_of(member),
            "may_run": permissions.can_run_account(user, member),
            "is_me": member.pk == user.pk,
            "role_form": role_form or RoleForm(node_ids=queries.node_ids_seen(user)),
        },
        status=status,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def staff_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Name, title and e-mail of an account."""
    user = _me(request)
    member = _member(user, uuid)
    if not permissions.can_run_account(user, member):
        raise PermissionDenied
    initial = {name: getattr(member, name) for name in ("first_name", "last_name", "title", "email")}
    form = AccountForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_account(member, by=user, **form.cleaned_data)
        except BusinessError as error:
            form.add_error(error.field or None, str(error))
        else:
            messages.success(request, _("C’est noté."))
            return redirect("accounts:staff_member", member.uuid)
    return render(
        request,
        "accounts/staff_edit.html",
        {"form": form, "person": member},
        status=422 if form.errors else 200,
    )


@require_POST
def role_give(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One more role."""
    user = _me(request)
    member = _member(user, uuid)
    form = RoleForm(request.POST, node_ids=queries.node_ids_seen(user))
    if form.is_valid():
        try:
            services.give_role(member, Role(form.cleaned_data["role"]), form.cleaned_data["node"], by=user)
        except BusinessError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("Le rôle est donné."))
            return redirect("accounts:staff_member", member.uuid)
    return _show_member(request, user, member, form, status=422)


@require_POST
def role_end(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A role that holds no more."""
    user = _me(request)
    seen = Membership.objects.filter(organisation__in=queries.node_ids_seen(user))
    membership = get_object_or_404(seen.select_related("organisation", "user"), uuid=uuid)
    if not permissions.can_end_role(user, membership):
        raise PermissionDenied
    services.end_role(membership, by=user)
    messages.success(request, _("Le rôle est retiré."))
    return redirect("accounts:staff_member", membership.user.uuid)


@require_POST
def staff_invite_again(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A new invitation, that ends the one before."""
    user = _me(request)
    member = _member(user, uuid)
    if not permissions.can_run_account(user, member):
        raise PermissionDenied
    return _to_sheet(request, services.invite_again(member, by=user))


@require_http_methods(["GET", "HEAD", "POST"])
def staff_close(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Leaving in one act: what it will do, to whom the persons pass, then done."""
    user = _me(request)
    member = _member(user, uuid)
    if not permissions.can_run_account(user, member):
        raise PermissionDenied
    form = CloseForm(request.POST or None, colleagues=queries.colleagues_of(member))
    if request.method == "POST" and form.is_valid():
        try:
            services.close_account(member, handed_to=form.cleaned_data["handed_to"], by=user)
        except BusinessError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("Le compte de %(name)s est fermé.") % {"name": member.full_name})
            return redirect("accounts:staff" if member.pk != user.pk else settings.LOGIN_URL)
    foreseen = [
        line
        for _receiver, lines in account_closing_foreseen.send(sender=User, user=member)
        for line in lines or ()
    ]
    return render(
        request,
        "accounts/staff_close.html",
        {
            "form": form,
            "person": member,
            "held": member.current_memberships,
            "sessions": queries.open_sessions(member),
            "protection": queries.protection_of(member),
            "foreseen": foreseen,
            "is_last": queries.is_last_administrator(member),
        },
        status=422 if form.errors else 200,
    )
