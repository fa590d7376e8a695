"""What is asked of persons: their facts, the files that are one person, and who someone may be."""

from bagage.people.queries.duplicates import (
    alike_pairs,
    duplicates_among,
    possible_duplicates,
    possible_duplicates_of_many,
    why_alike,
)
from bagage.people.queries.facts import (
    access_requests_count,
    access_requests_waiting,
    agreements_now,
    contact_ways_now,
    identity_ids,
    persons_followed,
    place_of,
    situation_now,
    whole_person,
)
from bagage.people.queries.finding import Elsewhere, Hit, LookUp, alike_files, look_up, look_up_many

__all__ = [
    "Elsewhere",
    "Hit",
    "LookUp",
    "access_requests_count",
    "access_requests_waiting",
    "agreements_now",
    "alike_files",
    "alike_pairs",
    "contact_ways_now",
    "duplicates_among",
    "identity_ids",
    "look_up",
    "look_up_many",
    "persons_followed",
    "place_of",
    "possible_duplicates",
    "possible_duplicates_of_many",
    "situation_now",
    "whole_person",
    "why_alike",
]
