"""What is done in a journey: opening it, requests, evidence, the interview, exit, follow-up, coming back."""

from bagage.journeys.services.evidence import record_evidence, record_evidences
from bagage.journeys.services.interview import (
    answer_interview,
    enter_paper_interview,
    finish_interview,
    start_interview,
)
from bagage.journeys.services.requests import WORDS_MAX, add_request, change_request, open_journey

__all__ = [
    "WORDS_MAX",
    "add_request",
    "answer_interview",
    "change_request",
    "enter_paper_interview",
    "finish_interview",
    "open_journey",
    "record_evidence",
    "record_evidences",
    "start_interview",
]
