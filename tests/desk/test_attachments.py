import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from bagage.people.models import Attachment
from tests.people.domain.test_papers import jpeg
from tests.rights.world import build_world

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture(autouse=True)
def files(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "files"
    return settings.MEDIA_ROOT


@pytest.fixture
def world(now):
    return build_world(now)


@pytest.fixture
def adviser(client, world):
    client.force_login(world.users["adviser_here"], backend=BACKEND)
    return client


def address(world) -> str:
    return f"/people/{world.person.uuid}/papers/"


def send(client, world, content=b"%PDF-1.7 a bill", name="facture.pdf", **more):
    data = {"file": SimpleUploadedFile(name, content), "kind": "bill", "keep": "366", "key": "one", **more}
    return client.post(address(world), data)


def test_a_paper_is_kept_shown_and_taken_out_as_a_file(adviser, world):
    assert send(adviser, world).headers["Location"] == address(world)
    paper = Attachment.objects.get()
    assert "facture.pdf" in adviser.get(address(world)).content.decode()
    answer = adviser.get(f"{address(world)}{paper.uuid}/")
    assert answer.content == b"%PDF-1.7 a bill"
    assert {
        name: answer.headers[name]
        for name in (
            "Content-Type", "Content-Disposition", "Content-Security-Policy", "X-Content-Type-Options", "Cache-Control",
        )
    } == {
        "Content-Type": "application/pdf",
        "Content-Disposition": 'attachment; filename="facture.pdf"',
        "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }  # fmt: skip


def test_a_photograph_is_taken_with_the_telephone(adviser, world):
    send(adviser, world, file="", photo=SimpleUploadedFile("IMG_2041.JPG", jpeg(), "image/jpeg"))
    assert Attachment.objects.get().name == "IMG_2041.jpg"


def test_a_form_sent_twice_keeps_one(adviser, world):
    send(adviser, world)
    send(adviser, world)
    assert Attachment.objects.count() == 1


def test_a_file_that_lies_about_itself_is_refused_with_the_rule(adviser, world):
    answer = send(adviser, world, b"<html><script>alert(1)</script></html>", name="facture.pdf")
    assert answer.status_code == 422
    assert "Ce n’est ni un PDF ni une photo" in answer.content.decode()
    assert Attachment.objects.count() == 0


def test_nothing_chosen_is_said(adviser, world):
    answer = adviser.post(address(world), {"kind": "bill", "keep": "366"})
    assert answer.status_code == 422
    assert "Photographiez le papier, ou choisissez un fichier" in answer.content.decode()


def test_a_file_that_is_too_large_is_refused(adviser, world, settings):
    settings.ATTACHMENT_MEGABYTES = 1
    answer = send(adviser, world, b"%PDF-" + bytes(1024 * 1024))
    assert answer.status_code == 422
    assert "plus de 1 Mo" in answer.content.decode()


def test_a_paper_of_someone_else_is_not_found_under_her_address(adviser, world, now):
    from bagage.people.models import Following, Person

    send(adviser, world)
    other = Person.objects.create(code="AAA222", chosen_name="Autre", created_at=now, last_contact_at=now)
    Following.objects.create(person=other, node=world.node_a, started_at=now)
    paper = Attachment.objects.get()
    assert adviser.get(f"/people/{other.uuid}/papers/{paper.uuid}/").status_code == 404


def test_a_paper_is_in_the_pocket_of_her_file(adviser, world):
    send(adviser, world)
    page = adviser.get(f"/people/{world.person.uuid}/").content.decode()
    assert "facture.pdf" in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_the_same_whatever_its_length(adviser, world, count, django_assert_num_queries):
    for number in range(count):
        send(adviser, world, b"%PDF-1.7 " + bytes([65 + number]), key=str(number))
    adviser.get(address(world))
    with django_assert_num_queries(16):
        adviser.get(address(world))


@pytest.mark.parametrize(("size", "status"), [(500, 302), (1500, 400)])
def test_a_form_heavier_than_any_page_takes_is_refused_before_it_is_read(
    adviser, world, settings, size, status
):
    settings.LARGEST_UPLOAD = 1500  # the frame around the file weighs something too
    assert send(adviser, world, b"%PDF-" + bytes(size)).status_code == status
