"""Addresses of sources: bounded in time, size and memory; never inside, even by a name that changes its answer."""

import datetime as dt
import http.server
import os
import socket
import ssl
import threading
import time
import tracemalloc

import httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bagage.common.installation import folder
from bagage.directory import fetching

OUTSIDE = "93.184.215.14"


class Gives(http.server.BaseHTTPRequestHandler):
    """Gives megabytes, or a few bytes very slowly; keeps what it was called."""

    size = 3
    hosts: list[str] = []

    def do_GET(self):
        type(self).hosts.append(self.headers["Host"])
        self.send_response(200)
        self.end_headers()
        piece = b"x" * 64_000
        left = self.size
        while left > 0:
            self.wfile.write(piece[:left])
            left -= len(piece)

    def log_message(self, *arguments):
        """Nothing."""


@pytest.fixture
def server(settings):
    settings.FETCH_PRIVATE = True
    Gives.size, Gives.hosts = 3, []
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Gives) as one:
        threading.Thread(target=one.serve_forever, daemon=True).start()
        yield one
        one.shutdown()


def url_of(server):
    return f"http://127.0.0.1:{server.server_port}/lieux.csv"


def led_to(monkeypatch, *answers):
    """Names lead there, one answer a look-up, the last one ever after; the names that were looked up."""
    asked = []

    def look_up(host, port, *_rest, **_more):
        found = answers[min(len(asked), len(answers) - 1)]
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in found]

    monkeypatch.setattr(fetching.socket, "getaddrinfo", look_up)
    return asked


# ---------- inside ----------
def connected(monkeypatch):
    """The addresses that were connected to; none of them takes the call."""
    found = []

    def refuse(_self, host, *_rest, **_more):
        found.append(host)
        raise httpcore.ConnectError("no answer")

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", refuse)
    return found


def test_a_name_that_answers_otherwise_the_second_time_leads_nowhere_else(monkeypatch):
    asked = led_to(monkeypatch, [OUTSIDE], ["127.0.0.1"])
    found = connected(monkeypatch)
    with pytest.raises(fetching.Unanswered, match="no answer"):
        fetching.fetch("http://lieux.example/lieux.csv")
    assert (asked, found) == (["lieux.example"], [OUTSIDE])


def test_a_name_that_leads_inside_among_others_is_never_connected_to(monkeypatch):
    led_to(monkeypatch, [OUTSIDE, "10.0.0.7"])
    found = connected(monkeypatch)
    with pytest.raises(fetching.Unanswered, match="private network"):
        fetching.fetch("https://lieux.example/lieux.csv")
    assert found == []


def test_each_of_its_addresses_is_tried(monkeypatch):
    led_to(monkeypatch, [OUTSIDE, "93.184.215.15"])
    found = connected(monkeypatch)
    with pytest.raises(fetching.Unanswered):
        fetching.fetch("http://lieux.example/")
    assert found == [OUTSIDE, "93.184.215.15"]


def test_a_redirection_inside_is_refused(monkeypatch, settings):
    class Turns(Gives):
        """Sends on to an address inside."""

        def do_GET(self):
            self.send_response(302)
            self.send_header("Location", "http://192.168.1.1/")
            self.end_headers()

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Turns) as one:
        threading.Thread(target=one.serve_forever, daemon=True).start()
        real = fetching.addresses_of
        # The first step alone is let in.
        monkeypatch.setattr(
            fetching,
            "addresses_of",
            lambda host, port: ["127.0.0.1"] if host == "lieux.example" else real(host, port),
        )
        with pytest.raises(fetching.Unanswered, match="private network"):
            fetching.fetch(f"http://lieux.example:{one.server_port}/")
        one.shutdown()


# ---------- sealed ----------
def certificate(tmp_path, name):
    """A certificate for a name that vouches for itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "essai")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "certificate.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


def test_the_certificate_is_asked_of_the_name(server, monkeypatch, tmp_path):
    path = certificate(tmp_path, "lieux.example")
    sealed = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    sealed.load_cert_chain(path)
    named = []
    sealed.sni_callback = lambda _socket, name, _context: named.append(name)
    server.socket = sealed.wrap_socket(server.socket, server_side=True)
    ours = ssl.create_default_context(cafile=path)
    led_to(monkeypatch, ["127.0.0.1"])
    # Nobody vouches for it.
    with pytest.raises(fetching.Unanswered, match="CERTIFICATE_VERIFY_FAILED"):
        fetching.fetch(f"https://lieux.example:{server.server_port}/")
    monkeypatch.setattr(fetching, "trusted", lambda: ours)
    with fetching.fetch(f"https://lieux.example:{server.server_port}/") as answer:
        assert answer.content.read() == b"xxx"
    assert Gives.hosts == [f"lieux.example:{server.server_port}"]
    with pytest.raises(fetching.Unanswered, match="Hostname mismatch"):
        fetching.fetch(f"https://autre.example:{server.server_port}/")
    assert set(named) == {"lieux.example", "autre.example"}
    assert len(Gives.hosts) == 1


# ---------- bounds ----------
def test_what_is_large_is_kept_in_a_file_without_a_name(server):
    Gives.size = 40_000_000
    before = sorted(os.listdir(folder("run")))
    tracemalloc.start()
    try:
        with fetching.fetch(url_of(server)) as answer:
            peak = tracemalloc.get_traced_memory()[1]
            assert sorted(os.listdir(folder("run"))) == before
            assert answer.content.seek(0, os.SEEK_END) == 40_000_000
    finally:
        tracemalloc.stop()
    assert peak < 10_000_000
    assert answer.content.closed


def test_more_than_the_most_is_refused(server, monkeypatch):
    monkeypatch.setattr(fetching, "LARGEST", 1_000_000)
    Gives.size = 1_000_001
    with pytest.raises(fetching.Unanswered, match="more than 1 MB"):
        fetching.fetch(url_of(server))


@pytest.mark.parametrize("beginning", [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_an_answer_that_trickles_in_ends(settings, monkeypatch, beginning):
    settings.FETCH_PRIVATE = True
    monkeypatch.setattr(fetching, "LONGEST", 0.6)
    stop = threading.Event()

    def trickle(listening):
        one, _address = listening.accept()
        with one:
            one.recv(65_536)
            one.sendall(beginning)
            while not stop.wait(0.05):
                try:
                    one.sendall(b"x")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=trickle, args=[listening])
        thread.start()
        begun = time.monotonic()
        with pytest.raises(fetching.Unanswered, match="more than 0 min"):
            fetching.fetch(f"http://127.0.0.1:{listening.getsockname()[1]}/")
        took = time.monotonic() - begun
        stop.set()
        thread.join()
    assert 0.5 < took < 3
