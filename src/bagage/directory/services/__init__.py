"""What one does with the panorama: bringing in the places of public files."""

from bagage.directory.services.loading import NEAR_KM, Loaded, load_shipped_places, search_text

__all__ = ["NEAR_KM", "Loaded", "load_shipped_places", "search_text"]
