import os
import time
from datetime import date, timedelta

import pytest
from django.db import transaction

from bagage.common.errors import BusinessError, Conflict
from bagage.people.models import Attachment, Freeze
from bagage.people.services import attachments
from bagage.trail.models import Entry
from tests.people.domain.test_papers import exif, jpeg, segment
from tests.rights.world import build_world

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 a bill"
NEXT_YEAR = date(2027, 11, 26)


@pytest.fixture(autouse=True)
def files(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "files"
    return settings.MEDIA_ROOT


@pytest.fixture
def world(now):
    return build_world(now)


def add(world, content=PDF, **more):
    values = {
        "name": "facture.pdf",
        "kind": "bill",
        "keep_until": NEXT_YEAR,
        "by": world.users["adviser_here"],
        "at": world.now,
    }
    return attachments.add_attachment(world.person, content=content, **{**values, **more})


def lying(files):
    return [path for path in files.rglob("*") if path.is_file()]


def verbs():
    return [entry.verb for entry in Entry.objects.order_by("pk")]


def test_a_paper_lies_under_a_name_that_says_nothing_for_its_owner_alone(world, files):
    paper = add(world)
    (path,) = lying(files)
    assert path == files / paper.path
    assert oct(path.stat().st_mode & 0o777) == "0o600"
    assert [word for word in ("facture", str(paper.uuid), world.person.uuid.hex) if word in str(path)] == []
    assert (paper.media_type, paper.size, paper.name) == ("application/pdf", 15, "facture.pdf")
    assert verbs() == ["add_attachment"]


def test_a_paper_is_what_its_bytes_say_and_not_what_it_is_called(world):
    assert add(world, jpeg(), name="../../etc/passwd.html").name == "passwd.jpg"
    assert add(world, PDF, name="<b>facture</b>\r\nmai.PDF").name == "b mai.pdf"
    assert add(world, b"%PDF-1.7 2", name="").name == "papier.pdf"


def test_a_photograph_is_kept_without_the_place_where_it_was_taken(world):
    paper = add(world, jpeg(segment(0xE1, exif())))
    assert attachments.read_attachment(paper, by=world.users["adviser_here"], at=world.now) == jpeg()


def test_sent_twice_it_is_kept_once(world, files):
    first = add(world, key="a")
    assert add(world, key="a") == first
    assert add(world, key="b") == first  # the same paper, from a form opened again
    assert len(lying(files)) == 1
    assert verbs() == ["add_attachment"]


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "est vide"),
        (b"<svg onload='alert(1)'/>", "ni un PDF ni une photo"),
        (b"\0\0\0\x18ftypheic", "HEIC"),
        (jpeg()[:40], "coupée ou abîmée"),
        (b"%PDF-" + bytes(1024 * 1024), "plus de 1 Mo"),
    ],
)
def test_what_is_no_paper_is_refused_and_leaves_nothing(world, files, settings, content, rule):
    settings.ATTACHMENT_MEGABYTES = 1
    with pytest.raises(BusinessError, match=rule) as refused:
        add(world, content)
    assert refused.value.field == "file"
    assert (Attachment.objects.count(), lying(files), verbs()) == (0, [], [])


@pytest.mark.parametrize("day", [date(2026, 11, 25), date(2036, 12, 30)])
def test_a_day_that_is_past_or_too_far_is_refused(world, day):
    with pytest.raises(BusinessError, match="entre aujourd’hui et dans dix ans"):
        add(world, keep_until=day)


def test_a_row_that_cannot_be_written_leaves_no_bytes(world, files, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(attachments, "note", fail)
    with pytest.raises(RuntimeError):
        add(world)
    assert (Attachment.objects.count(), lying(files)) == (0, [])


def test_reading_a_paper_is_noted_once_in_a_while(world):
    paper = add(world)
    for _ in range(2):
        assert attachments.read_attachment(paper, by=world.users["adviser_here"], at=world.now) == PDF
    assert verbs() == ["add_attachment", "read_attachment"]
    assert Entry.objects.last().thing == f"attachment:{paper.uuid}"


def test_a_paper_whose_bytes_were_changed_is_not_given(world, files):
    paper = add(world)
    (files / paper.path).write_bytes(b"%PDF-1.7 another bill")
    with pytest.raises(Conflict, match="n’est plus là"):
        attachments.read_attachment(paper, by=world.users["adviser_here"], at=world.now)
    assert verbs() == ["add_attachment"]


def test_a_removed_paper_leaves_neither_bytes_nor_name(world, files, django_capture_on_commit_callbacks):
    paper = add(world)
    with django_capture_on_commit_callbacks(execute=True):
        attachments.remove_attachment(paper, by=world.users["adviser_here"], at=world.now)
        attachments.remove_attachment(paper, by=world.users["adviser_here"], at=world.now)
    paper.refresh_from_db()
    assert (paper.removed_at, paper.name, lying(files)) == (world.now, "", [])
    assert verbs() == ["add_attachment", "remove_attachment"]
    with pytest.raises(Conflict):
        attachments.read_attachment(paper, by=world.users["adviser_here"], at=world.now)


def test_the_bytes_stay_when_the_removal_is_taken_back(world, files):
    paper = add(world)
    with transaction.atomic():
        attachments.remove_attachment(paper, by=world.users["adviser_here"], at=world.now)
        transaction.set_rollback(True)
    assert len(lying(files)) == 1


def test_a_paper_goes_after_its_last_day(world, files, django_capture_on_commit_callbacks):
    add(world, keep_until=date(2026, 11, 26))
    with django_capture_on_commit_callbacks(execute=True):
        assert attachments.remove_expired_attachments(at=world.now + timedelta(hours=12)) == 0
        assert attachments.remove_expired_attachments(at=world.now + timedelta(hours=24)) == 1
        assert attachments.remove_expired_attachments(at=world.now + timedelta(hours=24)) == 0
    assert lying(files) == []


def test_a_paper_of_a_frozen_file_stays_until_that_is_settled(world, files):
    paper = add(world, keep_until=date(2026, 11, 26))
    Freeze.objects.create(person=world.person, frozen_at=world.now)
    with pytest.raises(Conflict):
        attachments.remove_attachment(paper, by=world.users["adviser_here"], at=world.now)
    assert attachments.remove_expired_attachments(at=world.now + timedelta(days=2)) == 0
    assert len(lying(files)) == 1


def test_bytes_that_no_row_names_go_after_a_day(world, files):
    kept = add(world)
    orphan = files / "attachments" / "00" / "orphan"
    orphan.parent.mkdir(parents=True)
    orphan.write_bytes(b"bytes of an act that was taken back")
    assert attachments.sweep_attachments() == 0
    old = time.time() - 25 * 3600
    for path in lying(files):
        os.utime(path, (old, old))
    assert attachments.sweep_attachments() == 1
    assert lying(files) == [files / kept.path]
