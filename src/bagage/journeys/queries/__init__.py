"""What is read of a journey: the baggage of many persons at once, the interview, the requests."""

from bagage.journeys.queries.baggage import PocketWords, baggages, bags_of, files_of, in_words, pocket_words
from bagage.journeys.queries.exits import (
    attention,
    bag_of,
    exit_words,
    follow_ups_due,
    follow_ups_in,
    happened,
    journey_of,
    person_panel,
)
from bagage.journeys.queries.interview import (
    Progress,
    Question,
    QuestionGroup,
    current_interview,
    interview_groups,
    progress_of,
    three_questions,
)
from bagage.journeys.queries.requests import RequestRow, evidence_history, request_rows, suggested_items
from bagage.journeys.queries.sessions import unanswered_demand
from bagage.journeys.queries.words import headings

__all__ = [
    "PocketWords",
    "Progress",
    "Question",
    "QuestionGroup",
    "RequestRow",
    "attention",
    "bag_of",
    "baggages",
    "bags_of",
    "current_interview",
    "evidence_history",
    "exit_words",
    "files_of",
    "follow_ups_due",
    "follow_ups_in",
    "happened",
    "headings",
    "in_words",
    "interview_groups",
    "journey_of",
    "person_panel",
    "pocket_words",
    "progress_of",
    "request_rows",
    "suggested_items",
    "three_questions",
    "unanswered_demand",
]
