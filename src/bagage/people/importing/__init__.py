"""Persons from the spreadsheets of an association: a row is read, compared, written, and taken back."""

from bagage.imports.kinds import register
from bagage.people.importing.kinds import Persons
from bagage.people.importing.reading import COMMUNE_FINDERS

__all__ = ["COMMUNE_FINDERS", "Persons"]

register(Persons())
