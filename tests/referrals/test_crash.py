"""kill -9 in the middle of a hundred referrals: nothing acknowledged is lost, nothing is there twice."""

import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.db.models import Count
from django.urls import reverse

from bagage.messaging.models import Message
from bagage.referrals.models import Referral, ReferralStep
from bagage.trail.models import Entry
from tests.processes import ROOT, environment
from tests.referrals.factories import form_data, make_town
from tests.servers import free_port
from tests.strict import StrictClient

REFERRALS = 100
KILL_AFTER = 35


class Web:
    """The real web server on the database of the test, in a process group of its own."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.start()

    def start(self) -> None:
        # A port of its own each time: the one before may still wait for the packets of who was cut off.
        self.port = free_port()
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bagage", "run_web", "--port", str(self.port), "--workers", "2"],
                env=environment(),
                stdout=subprocess.DEVNULL,
                stderr=log,
                cwd=ROOT,
                start_new_session=True,
            )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                if self.request("GET", "/ping", {})[0] == 204:
                    return
            except OSError:
                time.sleep(0.1)
            if self.process.poll() is not None:
                break
        raise AssertionError(f"the web server did not start: {self.log.read_text()[-2000:]}")

    def kill(self) -> None:
        """As a power cut would: all its processes at once, without a word."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def request(self, method: str, path: str, headers: dict[str, str], body: str = "") -> tuple[int, str]:
        """Status and ``Location`` of one request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body=body or None, headers=headers)
            response = connection.getresponse()
            response.read()
            return response.status, response.headers.get("Location", "")
        except http.client.HTTPException as error:
            raise ConnectionError(str(error)) from error
        finally:
            connection.close()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_web_killed_in_the_middle_of_a_hundred_referrals(tmp_path):
    town = make_town()
    client = StrictClient()
    client.force_login(town.samira, backend="allauth.account.auth_backends.AuthenticationBackend")
    client.get(reverse("referrals:refer"))
    csrf = client.cookies["csrftoken"].value
    headers = {
        "Cookie": f"sessionid={client.cookies['sessionid'].value}; csrftoken={csrf}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    forms = {
        f"crash-{number}": urlencode(
            {
                **form_data(town, key=f"crash-{number}", chosen_name=f"Awa {number}"),
                "csrfmiddlewaretoken": csrf,
            },
            True,
        )
        for number in range(REFERRALS)
    }
    acknowledged: dict[str, str] = {}
    wrong: list[tuple[str, int]] = []
    enough = threading.Event()
    killed = threading.Event()
    web = Web(tmp_path / "web.log")

    def send(key: str) -> None:
        if killed.is_set():
            return
        try:
            status, location = web.request("POST", reverse("referrals:refer"), headers, forms[key])
        except OSError:
            return
        if status == 302:
            acknowledged[key] = location
        else:
            wrong.append((key, status))
        if len(acknowledged) >= KILL_AFTER:
            enough.set()

    try:
        with ThreadPoolExecutor(8) as pool:
            for key in forms:
                pool.submit(send, key)
            assert enough.wait(60)
            web.kill()
            killed.set()
        before = dict(acknowledged)
        assert KILL_AFTER <= len(before) < REFERRALS
        kept = set(Referral.objects.values_list("key", flat=True))
        assert set(before) - kept == set()

        # The browser kept what was typed and its key: it sends again whatever it had no answer to.
        killed.clear()
        web.start()
        with ThreadPoolExecutor(8) as pool:
            for key in forms:
                # Twice at the same moment, as a double press would.
                pool.submit(send, key)
                pool.submit(send, key)
    finally:
        if web.process.poll() is None:
            web.kill()

    assert wrong == []
    assert len(acknowledged) == REFERRALS
    # What was acknowledged before is answered by the same page again.
    assert {key: acknowledged[key] for key in before} == before
    assert Referral.objects.count() == REFERRALS
    assert set(Referral.objects.values_list("key", flat=True)) == set(forms)
    assert ReferralStep.objects.count() == REFERRALS
    once = Message.objects.values("about").annotate(times=Count("pk")).values_list("times", flat=True)
    assert list(once) == [1] * REFERRALS
    assert Entry.objects.filter(verb="referral.send").values("thing").distinct().count() == REFERRALS
    assert Entry.objects.filter(verb="referral.send").count() == REFERRALS
