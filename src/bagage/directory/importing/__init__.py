"""What this activity gives to files that come in: places as a kind of file, communes found by their names."""

from bagage.directory.importing.communes import commune_of
from bagage.directory.importing.kind import Places
from bagage.imports.kinds import register
from bagage.people.importing import COMMUNE_FINDERS

__all__ = ["Places", "commune_of"]

register(Places())
if commune_of not in COMMUNE_FINDERS:
    COMMUNE_FINDERS.append(commune_of)
