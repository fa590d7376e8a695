"""Addresses of accounts. They come before those of the sign-in library, and take the place of some."""

from django.urls import path

from bagage.accounts.views import invitations, library, me, organisations, staff, tokens

app_name = "accounts"

urlpatterns = [
    path("me/", me.me, name="me"),
    path("here/", me.here, name="here"),
    path("me/tokens/", tokens.tokens, name="tokens"),
    path("me/tokens/<uuid:uuid>/revoke/", tokens.token_revoke, name="token_revoke"),
    path("invitation/", invitations.invitation, name="invitation"),
    path("invitation/<str:code>/", invitations.invitation_accept, name="invitation_accept"),
    path("staff/", staff.staff, name="staff"),
    path("staff/invite/", staff.staff_invite, name="staff_invite"),
    path("staff/<uuid:uuid>/", staff.staff_member, name="staff_member"),
    path("staff/<uuid:uuid>/edit/", staff.staff_edit, name="staff_edit"),
    path("staff/<uuid:uuid>/roles/", staff.role_give, name="role_give"),
    path("staff/<uuid:uuid>/invitation/", staff.staff_invite_again, name="staff_invite_again"),
    path("staff/<uuid:uuid>/invitation/sheet/", staff.invitation_sheet, name="invitation_sheet"),
    path("staff/<uuid:uuid>/invitation/sheet.pdf", staff.invitation_pdf, name="invitation_pdf"),
    path("staff/<uuid:uuid>/close/", staff.staff_close, name="staff_close"),
    path("roles/<uuid:uuid>/end/", staff.role_end, name="role_end"),
    path("organisations/", organisations.organisations, name="organisations"),
    path("organisations/<uuid:uuid>/add/", organisations.organisation_add, name="organisation_add"),
    path("organisations/<uuid:uuid>/", organisations.organisation_edit, name="organisation_edit"),
    path("organisations/<uuid:uuid>/close/", organisations.organisation_close, name="organisation_close"),
    path("organisations/<uuid:uuid>/reopen/", organisations.organisation_reopen, name="organisation_reopen"),
    # In the place of pages of the sign-in library.
    path("signup/", library.not_here, name="no_sign_up"),
    path("email/", library.to_me, name="no_email_page"),
    path("confirm-email/", library.not_here, name="no_email_confirmation"),
    path("confirm-email/<str:key>/", library.not_here, name="no_email_confirmation_key"),
    path("login/code/confirm/", library.not_here, name="no_login_code"),
    path("3rdparty/", library.to_me, name="no_identities_page"),
    path("3rdparty/signup/", library.not_here, name="no_identity_sign_up"),
]
