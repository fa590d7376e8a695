"""Tables of fair connection: the catalogue, advice, lines."""

from bagage.connection.models.advice import Advice, Bill, LiftingText, UsageFigure
from bagage.connection.models.catalogue import Catalogue, CatalogueImport, Line, LineTerms, Offer

__all__ = [
    "Advice",
    "Bill",
    "Catalogue",
    "CatalogueImport",
    "LiftingText",
    "Line",
    "LineTerms",
    "Offer",
    "UsageFigure",
]
