"""The panorama of actors: which places around help with what, where, when, for whom; and where communes are."""
