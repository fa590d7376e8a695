"""Tables of the panorama: places and what they give, the feeds they come from, what was corrected by hand."""

from bagage.directory.models.corrections import Correction, LikelySame, LinksEnded, Proposal
from bagage.directory.models.feeds import Feed, FeedRow, FeedRun
from bagage.directory.models.places import Service, Structure, StructureQuerySet

__all__ = [
    "Correction",
    "Feed",
    "FeedRow",
    "FeedRun",
    "LikelySame",
    "LinksEnded",
    "Proposal",
    "Service",
    "Structure",
    "StructureQuerySet",
]
