"""Addresses of desk."""

from django.urls import path

from bagage.desk.views import (
    appointments,
    attachments,
    backups,
    card,
    first_start,
    home,
    identity,
    interview,
    look_up,
    person,
    today,
)

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
    path("people/", identity.people, name="people"),
    path("people/look-up/", look_up.look_up_page, name="look_up"),
    path("people/look-up/elsewhere/", look_up.look_up_elsewhere, name="look_up_elsewhere"),
    path("people/new/", identity.person_new, name="person_new"),
    path("people/<uuid:uuid>/identity/", identity.person_identity, name="person_identity"),
    path("people/<uuid:uuid>/identity/name/", identity.person_name_add, name="person_name_add"),
    path("people/<uuid:uuid>/identity/contact/", identity.person_contact_add, name="person_contact_add"),
    path(
        "people/<uuid:uuid>/identity/contact/<uuid:way>/end/",
        identity.person_contact_end,
        name="person_contact_end",
    ),
    path(
        "people/<uuid:uuid>/identity/agreement/", identity.person_agreement_add, name="person_agreement_add"
    ),
    path("people/<uuid:uuid>/papers/", attachments.attachment_list, name="attachments"),
    path("people/<uuid:uuid>/papers/<uuid:paper>/", attachments.attachment_open, name="attachment_open"),
    path(
        "people/<uuid:uuid>/papers/<uuid:paper>/remove/",
        attachments.attachment_remove,
        name="attachment_remove",
    ),
    path("people/<uuid:uuid>/same/", look_up.person_same, name="person_same"),
    path("people/<uuid:uuid>/same/<uuid:other>/", look_up.person_merge, name="person_merge"),
    path("people/<uuid:uuid>/card/", card.person_card, name="person_card"),
    path("people/<uuid:uuid>/card.pdf", card.person_card_pdf, name="person_card_pdf"),
    path("people/<uuid:uuid>/card/new/", card.person_card_new, name="person_card_new"),
    path("c/<str:code>/", card.card_scan, name="card_scan"),
    path("people/<uuid:uuid>/", person.person, name="person"),
    path("people/<uuid:uuid>/evidence/", person.person_evidence, name="person_evidence"),
    path("people/<uuid:uuid>/readings/", person.person_readings, name="person_readings"),
    path("people/<uuid:uuid>/requests/", person.person_request_add, name="person_request_add"),
    path("people/<uuid:uuid>/requests/<uuid:request_uuid>/", person.person_request, name="person_request"),
    path("people/<uuid:uuid>/interview/", interview.interview, name="interview"),
    path("people/<uuid:uuid>/interview/paper/", interview.interview_paper, name="interview_paper"),
    path("people/<uuid:uuid>/interview/entry/", interview.interview_entry, name="interview_entry"),
    path("house/backups/", backups.backup_list, name="backups"),
    path("house/backups/now/", backups.backup_now, name="backup_now"),
    path("house/backups/key/", backups.backup_key, name="backup_key"),
    path("house/backups/key/noted/", backups.backup_key_noted, name="backup_key_noted"),
    path("interview-form/", interview.interview_blank, name="interview_blank"),
    path("interview-form/enter/", interview.interview_sheets, name="interview_sheets"),
]
