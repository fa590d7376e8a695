"""Referrals that come in, orientations onward, and what is told to whoever referred."""

from bagage.referrals.models.news import ReferralNews
from bagage.referrals.models.onward import WAITING_STATES as ONWARD_WAITING
from bagage.referrals.models.onward import Onward, OnwardState, OnwardStep
from bagage.referrals.models.referrals import (
    OPEN_STATES,
    WAITING_STATES,
    EmailConfirmation,
    OrganisationLink,
    Referral,
    ReferralMessage,
    ReferralQuerySet,
    ReferralState,
    ReferralStep,
)

__all__ = [
    "ONWARD_WAITING",
    "OPEN_STATES",
    "WAITING_STATES",
    "EmailConfirmation",
    "Onward",
    "OnwardState",
    "OnwardStep",
    "OrganisationLink",
    "Referral",
    "ReferralMessage",
    "ReferralNews",
    "ReferralQuerySet",
    "ReferralState",
    "ReferralStep",
]
