"""Addresses of desk."""

from django.urls import path

from bagage.desk.views import appointments, first_start, home, interview, person, today

app_name = "desk"

urlpatterns = [
    path("", home.home, name="home"),
    path("first-start/", first_start.first_start, name="first_start"),
    path("more/", home.more, name="more"),
    path("today/", today.today, name="today"),
    path("today/sheet/", today.today_sheet, name="today_sheet"),
    path("today/site/", home.choose_site, name="choose_site"),
    path("today/queue/", today.queue_join, name="queue_join"),
    path("today/queue/<uuid:uuid>/step/", today.queue_step, name="queue_step"),
    path("today/queue/<uuid:uuid>/who/", today.queue_who, name="queue_who"),
    path("today/help/", today.help_count, name="help_count"),
    path("today/help/<uuid:uuid>/undo/", today.help_undo, name="help_undo"),
    path("today/appointments/new/", appointments.appointment_new, name="appointment_new"),
    path("today/appointments/<uuid:uuid>/", appointments.appointment, name="appointment"),
    path("today/appointments/<uuid:uuid>/step/", appointments.appointment_step, name="appointment_step"),
    path("today/appointments/<uuid:uuid>/move/", appointments.appointment_move, name="appointment_move"),
    path("people/<uuid:uuid>/", person.person, name="person"),
    path("people/<uuid:uuid>/evidence/", person.person_evidence, name="person_evidence"),
    path("people/<uuid:uuid>/readings/", person.person_readings, name="person_readings"),
    path("people/<uuid:uuid>/requests/", person.person_request_add, name="person_request_add"),
    path("people/<uuid:uuid>/requests/<uuid:request_uuid>/", person.person_request, name="person_request"),
    path("people/<uuid:uuid>/interview/", interview.interview, name="interview"),
    path("people/<uuid:uuid>/interview/paper/", interview.interview_paper, name="interview_paper"),
    path("people/<uuid:uuid>/interview/entry/", interview.interview_entry, name="interview_entry"),
    path("interview-form/", interview.interview_blank, name="interview_blank"),
    path("interview-form/enter/", interview.interview_sheets, name="interview_sheets"),
]
