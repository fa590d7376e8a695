"""The home as a whole: one server at a time."""

from bagage.common import installation


def test_held_is_taken_by_one_at_a_time(tmp_path, settings):
    settings.BAGAGE_HOME = tmp_path
    with installation.held("serve") as first, installation.held("serve") as second:
        assert first is not None
        assert second is None
    with installation.held("serve") as again:
        assert again is not None
