"""Tables of fair connection: the catalogue, advice, lines."""

from bagage.connection.models.advice import Advice, Bill, LiftingText, UsageFigure
from bagage.connection.models.catalogue import Catalogue, CatalogueImport, Line, LineTerms, Offer
from bagage.connection.models.lines import HeldLine, LineEvent, LineState

__all__ = [
    "Advice",
    "Bill",
    "Catalogue",
    "CatalogueImport",
    "HeldLine",
    "LiftingText",
    "Line",
    "LineEvent",
    "LineState",
    "LineTerms",
    "Offer",
    "UsageFigure",
]
