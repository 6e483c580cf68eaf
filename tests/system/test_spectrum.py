#!/usr/bin/env python3
"""A Spectrum Virtualize system behind real TLS: from fine to one canister in service, and everything that can go wrong."""
import os
import shutil

import arrays
from harness import Ballast, Receiver, main, skip, wait

CONFIG = """
version: 1
state_directory: @DIR@/state
local: false
arrays:
  - name: san1
    expect: {canisters: 2}
    clear: {canister: 1s, path: 1s}
    sources:
      - {type: spectrum, address: [@ADDRESS@], user: monitor, password_file: @DIR@/password, interval: 1s, timeout: 8s, @TLS@}
sinks:
  - {name: oncall, type: webhook, url: "http://127.0.0.1:@PORT@/hook", secret_file: @DIR@/key, min_severity: info}
"""


def started(receiver, addresses, tls, password="s3cret", name="spectrum", ready=True):
    text = CONFIG.replace("@PORT@", str(receiver.port)).replace("@TLS@", tls)
    b = Ballast(text.replace("@ADDRESS@", ", ".join('"%s"' % a for a in addresses)), name=name)
    b.write("key", "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" + "\n", 0o600)
    b.write("password", password + "\n", 0o600)
    return b.start(ready)


def component(b, ident):
    return b.json("/api/v1/components/" + ident) or {}


def state(b, ident):
    return component(b, ident).get("state")


def source_says(b, text):
    return any(text in f["summary"] or text in str(f) for f in b.findings(rule="source.failing"))


class World:
    def __init__(self, **more):
        self.receiver = Receiver()
        self.folder = os.path.join(os.environ["BALLAST_BUILD"], "tests", "spectrum-%d" % os.getpid())
        os.makedirs(self.folder, exist_ok=True)
        self.cert, self.key, self.pin = arrays.certificate(self.folder, "san1")
        self.spectrum = arrays.Spectrum()
        self.plane = arrays.Plane(self.spectrum, self.cert, self.key, **more)
        self.b = None

    def start(self, addresses=None, tls=None, **more):
        self.b = started(self.receiver, addresses or [self.plane.address], tls or 'tls: pin, pin: ["%s"]' % self.pin, **more)
        return self.b

    def end(self):
        if self.b:
            self.b.cleanup()
        self.plane.stop()
        self.receiver.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def test_one_canister_goes_into_service():
    w = World()
    try:
        b = w.start()
        wait("redundant", lambda: b.verdict("san1") == "redundant")
        wait("both", lambda: state(b, "san1/canister/1-1") == "ok" and component(b, "san1/canister/1-2").get("firmware") == "8.2.1.0")
        w.spectrum.service("2")
        wait("not redundant", lambda: b.verdict("san1") == "not_redundant")
        assert (b.array("san1")["margin"], b.array("san1")["expected"]) == (0, 1)
        wait("its word", lambda: state(b, "san1/canister/1-2") == "service" and component(b, "san1/canister/1-2")["raw"] == "service")
        wait("the webhook", lambda: w.receiver.accepted(type="finding.firing", rule="canister.service"))
        assert w.plane.logins == 1, "a token is used again: %d logins" % w.plane.logins
        everything = b.tail(1000) + b.get("/") + b.get("/metrics") + b.get("/api/v1/status") + b.get("/api/v1/components")
        assert "s3cret" not in everything, "the password is somewhere it must not be"
        for pids in b.roles().values():
            for pid in pids:
                try:
                    with open("/proc/%d/cmdline" % pid, "rb") as f, open("/proc/%d/environ" % pid, "rb") as e:
                        assert b"s3cret" not in f.read() + e.read()
                except OSError:
                    pass
    finally:
        w.end()


if __name__ == "__main__":
    if not shutil.which("openssl"):
        skip("openssl is not installed")
    main(test_one_canister_goes_into_service)
