"""Addresses of referrals: with an account under ``referrals/``, without one under ``r/``, ``f/`` and ``o/``."""

from django.urls import path

from bagage.referrals.views import arrival, follow, links, onward, onward_list, onward_new, refer, staff

app_name = "referrals"

urlpatterns = [
    # Whoever refers, with an account.
    path("referrals/new/", refer.refer, name="refer"),
    path("referrals/mine/", refer.mine, name="mine"),
    path("referrals/<uuid:uuid>/follow/", follow.follow, name="follow"),
    path("referrals/<uuid:uuid>/follow/sent/", follow.sent, name="sent"),
    path("referrals/<uuid:uuid>/follow/appointment.ics", follow.calendar, name="calendar"),
    path("referrals/<uuid:uuid>/follow/answer/", follow.answer, name="answer"),
    path("referrals/<uuid:uuid>/follow/ask/", follow.ask, name="ask"),
    path("referrals/<uuid:uuid>/follow/withdraw/", follow.withdraw, name="withdraw"),
    # Her slip: whoever referred, and the permanence.
    path("referrals/<uuid:uuid>/slip/", follow.slip, name="slip"),
    path("referrals/<uuid:uuid>/slip.pdf", follow.slip_pdf, name="slip_pdf"),
    # The permanence.
    path("referrals/", staff.inbox, name="inbox"),
    path("referrals/<uuid:uuid>/", staff.detail, name="detail"),
    path("referrals/<uuid:uuid>/accept/", staff.accept, name="accept"),
    path("referrals/<uuid:uuid>/decline/", staff.decline, name="decline"),
    path("referrals/<uuid:uuid>/question/", staff.question, name="question"),
    path("referrals/<uuid:uuid>/reply/", staff.reply, name="reply"),
    path("referrals/<uuid:uuid>/left-with/", staff.left_with, name="left_with"),
    path("referrals/<uuid:uuid>/new-link/", staff.new_link, name="new_link"),
    # Onward, to a place around; her paper; and the place that answers, without an account.
    path("referrals/onward/", onward_list.onward_list, name="onward_list"),
    path("referrals/onward/new/<uuid:uuid>/", onward_new.onward_new, name="onward_new"),
    path("referrals/onward/<uuid:uuid>/", onward.onward, name="onward"),
    path("referrals/onward/<uuid:uuid>/again/", onward.onward_again, name="onward_again"),
    path("referrals/onward/<uuid:uuid>/answer/", onward.onward_answer, name="onward_answer"),
    path("referrals/onward/<uuid:uuid>/call-off/", onward.onward_call_off, name="onward_call_off"),
    path("referrals/onward/<uuid:uuid>/seen/", onward.onward_seen, name="onward_seen"),
    path("referrals/onward/<uuid:uuid>/slip/", onward.onward_slip, name="onward_slip"),
    path("referrals/onward/<uuid:uuid>/slip.pdf", onward.onward_slip_pdf, name="onward_slip_pdf"),
    path("o/<str:token>/", arrival.arrival, name="arrival"),
    # The links of organisations, for who runs them.
    path("referrals/links/", links.links, name="links"),
    path("referrals/links/<uuid:uuid>/sheet/", links.sheet, name="link_sheet"),
    path("referrals/links/<uuid:uuid>/end/", links.end, name="link_end"),
    # Without an account: the organisation's link, then the code of a mail, then the same form.
    path("r/<str:secret>/", refer.enter, name="enter"),
    path("r/<str:secret>/code/", refer.enter_code, name="enter_code"),
    path("r/<str:secret>/new/", refer.refer_by_link, name="refer_by_link"),
    # Without an account: the signed link of one referral.
    path("f/<str:token>/", follow.signed, name="signed"),
    path("f/<str:token>/sent/", follow.signed_sent, name="signed_sent"),
    path("f/<str:token>/slip/", follow.signed_slip, name="signed_slip"),
    path("f/<str:token>/slip.pdf", follow.signed_slip_pdf, name="signed_slip_pdf"),
    path("f/<str:token>/appointment.ics", follow.signed_calendar, name="signed_calendar"),
    path("f/<str:token>/answer/", follow.signed_answer, name="signed_answer"),
    path("f/<str:token>/ask/", follow.signed_ask, name="signed_ask"),
    path("f/<str:token>/withdraw/", follow.signed_withdraw, name="signed_withdraw"),
    path("f/<str:token>/not-for-me/", follow.give_back, name="give_back"),
]
