"""Communes by the names that people write in their files."""

from bagage.directory.domain.communes import find_communes, folded


def commune_of(text: str) -> tuple[str, str] | None:
    """``(INSEE code, name)`` when ``text`` surely names one commune: by its postcode, or by its whole name."""
    found = find_communes(text, limit=2)
    if not found:
        return None
    said = folded(text)
    first = found[0]
    sure = folded(first.name) in said or any(code in text.replace(" ", "") for code in first.postcodes)
    # A name that several communes bear says none of them, unless one is far larger.
    alone = (
        len(found) == 1
        or folded(found[1].name) != folded(first.name)
        or first.population > 10 * found[1].population
    )
    return (first.code, first.name) if sure and alone else None
