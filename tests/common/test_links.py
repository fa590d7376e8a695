"""Signed links open what they were made for, until their time is over."""

from datetime import timedelta

import pytest

from bagage.common import links

HOUR = timedelta(hours=1)


def test_token_gives_back_its_payload() -> None:
    token = links.make_token("follow", {"id": "4f0c"}, HOUR)
    assert links.read_token("follow", token) == {"id": "4f0c"}


def test_token_that_was_changed_is_refused() -> None:
    token = links.make_token("follow", "4f0c", HOUR)
    other = links.make_token("follow", "9999", HOUR)
    head, rest = other.split(":", 1)[0], token.split(":", 1)[1]
    for forged in [f"{head}:{rest}", token[:-1], token + "a", "", "a", "a:b:c", "é", token.replace(":", "")]:
        with pytest.raises(links.LinkForged):
            links.read_token("follow", forged)


def test_token_of_another_purpose_is_refused() -> None:
    token = links.make_token("follow", "4f0c", HOUR)
    with pytest.raises(links.LinkForged):
        links.read_token("invitation", token)


def test_token_made_with_another_key_is_refused(settings: object) -> None:
    token = links.make_token("follow", "4f0c", HOUR)
    settings.SECRET_KEY = "another"  # type: ignore[attr-defined]
    with pytest.raises(links.LinkForged):
        links.read_token("follow", token)


def test_token_after_its_time_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    now = links.time.time()
    monkeypatch.setattr(links.time, "time", lambda: now)
    token = links.make_token("follow", "4f0c", HOUR)
    monkeypatch.setattr(links.time, "time", lambda: now + 3599)
    assert links.read_token("follow", token) == "4f0c"
    monkeypatch.setattr(links.time, "time", lambda: now + 3602)
    with pytest.raises(links.LinkExpired):
        links.read_token("follow", token)


def test_forged_link_is_logged_without_what_it_held(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(links.LinkForged):
        links.read_token("follow", "mariam-traore")
    assert [record.getMessage() for record in caplog.records] == [
        "A link that is not ours was tried, for follow"
    ]
