"""The language of a paper that is handed to her."""

import pytest

from bagage.people.domain.languages import printed_language


@pytest.mark.parametrize(
    ("spoken", "written"),
    [
        ("", ""),
        ("dari", ""),
        ("français", "fr"),
        ("FRANCAIS", "fr"),
        ("bambara et français", "fr"),
        ("dari, anglais", "en"),
        ("anglais, français", "en"),
        ("français, anglais", "fr"),
        ("tigrinya / English", "en"),
        ("anglais, un peu de français", "en"),
        ("soninké, un peu français", ""),
        ("ne parle pas français, anglais", "en"),
        ("russe (pas anglais)", ""),
        ("little English but French", "fr"),
    ],
)
def test_printed_language_is_one_she_speaks(spoken, written):
    assert printed_language(spoken) == written
