"""Tables of fair connection: the catalogue, advice, lines."""

from bagage.connection.models.catalogue import Catalogue, CatalogueImport, Line, LineTerms, Offer

__all__ = ["Catalogue", "CatalogueImport", "Line", "LineTerms", "Offer"]
