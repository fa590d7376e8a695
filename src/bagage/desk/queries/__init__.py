"""What a person's file shows beside the panels of each activity."""

from bagage.desk.queries.person import (
    Given,
    age_on,
    appointment_when,
    contact_ways_of,
    given_by,
    line_about,
    moment_words,
    next_appointment,
    referral_of,
    situation_of,
    way_to_reach,
)
from bagage.desk.queries.timeline import SHORT_TIMELINE, Happening, timeline

__all__ = [
    "SHORT_TIMELINE",
    "Given",
    "Happening",
    "age_on",
    "appointment_when",
    "contact_ways_of",
    "given_by",
    "line_about",
    "moment_words",
    "next_appointment",
    "referral_of",
    "situation_of",
    "timeline",
    "way_to_reach",
]
