"""Addresses of permanences."""

from django.urls import path

from bagage.permanences.views import attendance, reception, sessions, sites

app_name = "permanences"

urlpatterns = [
    path("", sites.site_list, name="site_list"),
    path("reception/", reception.reception, name="reception"),
    path("<uuid:uuid>/", sites.site, name="site"),
    path("<uuid:uuid>/edit/", sites.site_edit, name="site_edit"),
    path("<uuid:uuid>/closures/", sites.closure_add, name="closure_add"),
    path("<uuid:uuid>/closures/<slug:first>/remove/", sites.closure_remove, name="closure_remove"),
    path("<uuid:uuid>/blocks/", sites.blocks, name="blocks"),
    path("blocks/<uuid:uuid>/withdraw/", sites.block_withdraw, name="block_withdraw"),
    path("sessions/", sessions.session_list, name="session_list"),
    path("sessions/new/", sessions.session_new, name="session_new"),
    path("sessions/<uuid:uuid>/", sessions.session, name="session"),
    path("sessions/<uuid:uuid>/change/", sessions.session_change, name="session_change"),
    path("sessions/<uuid:uuid>/cancel/", sessions.session_cancel, name="session_cancel"),
    path("sessions/<uuid:uuid>/book/", sessions.session_book, name="session_book"),
    path("sessions/<uuid:uuid>/attendance/", attendance.attendance, name="attendance"),
    path("sessions/<uuid:uuid>/sheet/", attendance.session_sheet, name="session_sheet"),
    path("sessions/<uuid:uuid>/reopen/", attendance.session_reopen, name="session_reopen"),
    path("seats/<uuid:uuid>/leave/", sessions.session_seat_leave, name="session_seat_leave"),
    path("seats/<uuid:uuid>/excuse/", sessions.session_seat_excuse, name="session_seat_excuse"),
    path("seats/<uuid:uuid>/who/", attendance.session_seat_who, name="session_seat_who"),
]
