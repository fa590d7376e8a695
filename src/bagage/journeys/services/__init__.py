"""What is done in a journey: opening it, requests, evidence, the interview, exit, follow-up, coming back."""

from bagage.journeys.services.bookings import book_request, unbook_request
from bagage.journeys.services.evidence import record_evidence, record_evidences
from bagage.journeys.services.follow_ups import answer_follow_up, note_try
from bagage.journeys.services.interview import (
    answer_interview,
    enter_paper_interview,
    finish_interview,
    start_interview,
)
from bagage.journeys.services.journeys import (
    exit_journey,
    follow_up_months,
    open_journey,
    reopen_journey,
)
from bagage.journeys.services.requests import WORDS_MAX, add_request, change_request, set_topic

__all__ = [
    "WORDS_MAX",
    "add_request",
    "answer_follow_up",
    "answer_interview",
    "book_request",
    "change_request",
    "enter_paper_interview",
    "exit_journey",
    "finish_interview",
    "follow_up_months",
    "note_try",
    "open_journey",
    "record_evidence",
    "record_evidences",
    "reopen_journey",
    "set_topic",
    "start_interview",
    "unbook_request",
]
