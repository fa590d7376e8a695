import io
import stat

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from bagage.common import sealing

OTHER = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"


@pytest.fixture(autouse=True)
def home(tmp_path, settings):
    settings.BAGAGE_HOME = tmp_path
    return tmp_path


def sealed(content: bytes) -> io.BytesIO:
    target = io.BytesIO()
    sealing.seal(io.BytesIO(content), target)
    target.seek(0)
    return target


def opened(source: io.BytesIO, key: str) -> bytes:
    target = io.BytesIO()
    sealing.open_sealed(source, target, sealing.read_keys(key))
    return target.getvalue()


def test_a_pair_is_made_once_and_only_its_owner_reads_it(home):
    assert [sealing.first_key(), sealing.recipients()] == [sealing.first_key(), [sealing.first_key()]]
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in home.iterdir()} == {
        "backup_key": 0o600,
        "backup_recipients": 0o600,
    }


def test_what_is_sealed_opens_with_the_key_as_it_was_typed_from_paper():
    source = sealed(b"Fanta" * 50_000)
    key = sealing.key_that_waits()
    typed = f"# noted on Monday\n{key[:20].lower()} {key[20:40]}\n  {key[40:]}  \n"
    assert opened(source, typed) == b"Fanta" * 50_000


def test_what_is_sealed_does_not_open_with_another_key():
    source = sealed(b"Fanta")
    sealing.new_key()
    with pytest.raises(CommandError, match="sealed for another key"):
        opened(source, sealing.key_that_waits())


def test_what_was_changed_does_not_open():
    source = sealed(b"Fanta" * 50_000)
    content = bytearray(source.getvalue())
    content[100_000] ^= 1
    with pytest.raises(CommandError, match="it ends too soon, or was changed"):
        opened(io.BytesIO(bytes(content)), sealing.key_that_waits())


def test_what_was_cut_does_not_open():
    source = sealed(b"Fanta" * 50_000)
    with pytest.raises(CommandError, match="it ends too soon, or was changed"):
        opened(io.BytesIO(source.getvalue()[:-9]), sealing.key_that_waits())


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "There is no key here"),
        ("hello", "There is no key here"),
        ("AGE-SECRET-KEY-1QQ", "compare it with the paper, sign by sign"),
    ],
)
def test_what_is_no_key_is_refused(text, rule):
    with pytest.raises(CommandError, match=rule):
        sealing.read_keys(text)


def test_backup_key_is_shown_once(home, capsys):
    call_command("backup_key")
    key, said = capsys.readouterr()
    assert key.startswith("AGE-SECRET-KEY-1")
    assert "not shown again" in said
    assert not (home / "backup_key").exists()
    with pytest.raises(CommandError, match="no longer here"):
        call_command("backup_key")


def test_backup_key_opens_what_was_sealed_before_it_was_shown(capsys):
    source = sealed(b"Fanta")
    call_command("backup_key")
    assert opened(source, capsys.readouterr().out) == b"Fanta"


def test_backup_key_stays_when_asked(home, capsys):
    call_command("backup_key", keep=True)
    assert capsys.readouterr().out.strip() == sealing.key_that_waits()
    assert (home / "backup_key").exists()


def test_another_pair_can_be_made(capsys):
    first = sealing.first_key()
    call_command("backup_key", new=True)
    assert sealing.recipients() != [first]
    assert opened(sealed(b"Fanta"), capsys.readouterr().out) == b"Fanta"


def test_a_key_kept_elsewhere_can_be_named(home):
    sealing.first_key()
    call_command("backup_key", recipient=[OTHER])
    assert sealing.recipients() == [OTHER]
    assert not (home / "backup_key").exists()
    with pytest.raises(CommandError, match="sealed for another key"):
        opened(
            sealed(b"Fanta"),
            "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX",
        )


def test_what_is_no_public_key_is_refused_and_changes_nothing():
    first = sealing.first_key()
    with pytest.raises(CommandError, match="'age1hello' is not a public key of age"):
        call_command("backup_key", recipient=[OTHER, "age1hello"])
    assert sealing.recipients() == [first]
