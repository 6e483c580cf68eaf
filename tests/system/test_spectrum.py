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


def started(receiver, addresses, tls, password="s3cret", name="spectrum", ready=True, serial=None):
    text = CONFIG.replace("    expect:", "    serial: %s\n    expect:" % serial) if serial else CONFIG
    text = text.replace("@PORT@", str(receiver.port)).replace("@TLS@", tls)
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


def event(number, kind, ident, name, code, text):
    return {"sequence_number": str(number), "last_timestamp": "261124023600", "object_type": kind, "object_id": ident,
            "object_name": name, "status": "alert", "fixed": "no", "event_id": "074565", "error_code": str(code), "description": text}


def test_a_new_error_on_the_survivor_is_impending_loss():
    """The log names the object: what is logged of the one that is lost is no cause, of the one that is left it is."""
    w = World()
    try:
        b = w.start()
        w.spectrum.views["lseventlog"] = [event(1, "drive", "0", "", 1686, "Drive fault"), event(2, "cluster", "", "san1", 2600, "No mail")]
        wait("redundant", lambda: b.verdict("san1") == "redundant")
        wait("a drive's error is the drive's", lambda: b.findings(rule="component.error-code"), 90)
        wait("the rest is the system's", lambda: b.findings(rule="canister.error-code"))
        w.spectrum.service("2")
        w.spectrum.views["lseventlog"].append(event(3, "node", "2", "node2", 690, "Node held in service state"))
        wait("asks for service", lambda: any(f["component"].endswith("canister/1-2") for f in b.findings(rule="canister.needs-service")), 90)
        assert b.verdict("san1") == "not_redundant", "an error of the lost one is not a new cause"
        w.spectrum.views["lseventlog"].append(event(4, "node", "1", "node1", 1195, "Node missing"))
        wait("impending loss", lambda: b.verdict("san1") == "impending_loss", 90)
        wait("what it says", lambda: "1195" in (component(b, "san1/canister/1-1").get("message") or ""))
        wait("the webhook", lambda: w.receiver.accepted(type="array.verdict", verdict="impending_loss"))
    finally:
        w.end()


def test_no_quorum_device_is_left():
    w = World()
    try:
        b = w.start()
        wait("the fact", lambda: "no_quorum_device" in str(component(b, "san1/system/system").get("facts")), 60)
        w.spectrum.views["lsquorum"][0]["status"] = "offline"
        assert not b.findings(rule="array.no-quorum"), "two more are candidates"
        for q in w.spectrum.views["lsquorum"]:
            q["status"] = "offline"
        wait("nobody decides", lambda: b.findings(rule="array.no-quorum"), 90)
        assert b.verdict("san1") == "redundant"
    finally:
        w.end()


def test_an_array_loses_a_drive():
    """Arrays are groups of their drives; the log says when it is worth asking again."""
    w = World()
    try:
        views = w.spectrum.views
        views["lsdrive"] = [dict(views["lsdrive"][0], id=str(n), slot_id=str(n + 1)) for n in range(3)]
        views["lsarray"] = [{"mdisk_id": "0", "mdisk_name": "mdisk0", "status": "online", "raid_status": "online", "raid_level": "raid5",
                             "redundancy": "1", "distributed": "no"}]
        views["lsarraymember"] = [{"mdisk_id": "0", "mdisk_name": "mdisk0", "member_id": str(n), "drive_id": str(n)} for n in range(3)]
        views["lsarraymemberprogress"] = []
        b = w.start()

        def margin(n, serving):
            return any(g["name"] == "mdisk0" and (g["members"], g["need"], g["serving"], g["margin"]) == (3, 2, serving, n)
                       for g in b.array("san1")["groups"])
        wait("its margin", lambda: margin(1, 3), 90)
        wait("it is well", lambda: state(b, "san1/pool/mdisk0") == "ok")
        views["lsarray"][0].update(status="degraded", raid_status="degraded", redundancy="0")
        views["lsmdisk"][0]["status"] = "degraded"
        views["lsarraymember"][1]["drive_id"] = ""
        views["lsdrive"][1].update(status="offline", use="failed")
        views["lseventlog"] = [event(1, "mdisk", "0", "mdisk0", 1640, "Array is degraded")]
        wait("nothing to spare", lambda: margin(0, 2), 120)
        wait("the array says so", lambda: state(b, "san1/pool/mdisk0") == "degraded")
        wait("and its drive", lambda: state(b, "san1/drive/1-2") == "failed")
    finally:
        w.end()


def test_a_mute_canister_is_unreachable_whatever_its_peer_says():
    w = World()
    mute = arrays.Mute("127.0.1.2")
    try:
        w.spectrum.nodes[1]["service_IP_address"] = "127.0.1.2"
        b = w.start([w.plane.address, mute.address])
        wait("unreachable", lambda: state(b, "san1/canister/1-2") == "unreachable")
        assert state(b, "san1/canister/1-1") == "ok"
        wait("its finding", lambda: b.findings(rule="canister.unreachable"))
    finally:
        mute.stop()
        w.end()


def test_bad_answers_are_no_health():
    w = World()
    try:
        b = w.start()
        wait("redundant", lambda: b.verdict("san1") == "redundant")
        for order in ("truncated", "deep", "huge", "500", "cut"):
            w.plane.order = order
            wait(order, lambda: b.findings(rule="source.failing"))
            w.plane.order = ""
            wait("well after " + order, lambda: not b.findings(rule="source.failing"))
        w.plane.order = "stall"
        wait("not ok any more", lambda: b.verdict("san1") not in ("redundant", None), 90)
        assert state(b, "san1/canister/1-1") != "ok"
        w.plane.order = ""
        wait("redundant again", lambda: b.verdict("san1") == "redundant", 90)
    finally:
        w.end()


def another():
    other = arrays.Spectrum()
    for node in other.nodes:
        node["enclosure_serial_number"] = "OTHER99"
    other.views["lsenclosure"][0]["serial_number"] = "OTHER99"
    other.views["lssystem"]["id"] = "00000FFFF"
    return other


def test_another_array_at_the_address_is_not_believed():
    w = World()
    try:
        b = w.start()
        wait("redundant", lambda: b.verdict("san1") == "redundant")
        wait("its serial", lambda: b.array("san1")["serial"] == "78N16G4")
        w.spectrum.service("2")
        wait("not redundant", lambda: b.verdict("san1") == "not_redundant")
        w.plane.spectrum = another()
        wait("a finding", lambda: source_says(b, "another array answers: its serial is OTHER99, not 78N16G4"))
        wait("not ok any more", lambda: state(b, "san1/canister/1-1") == "unknown" and state(b, "san1/canister/1-2") == "unknown")
        wait("nothing seen", lambda: b.array("san1")["visibility"] == "blind")
        assert b.verdict("san1") == "not_redundant", "silence does not heal"
        # what it was is known after a restart too
        b.stop()
        b.start(False)
        wait("still", lambda: source_says(b, "OTHER99"))
        assert state(b, "san1/canister/1-1") == "unknown" and b.verdict("san1") != "redundant"
        b.ctl("adopt", "san1", check=0)
        wait("it is the one", lambda: b.array("san1")["serial"] == "OTHER99" and b.verdict("san1") == "redundant")
        assert not b.findings(rule="source.failing")
    finally:
        w.end()


def test_the_serial_that_is_configured_is_the_one_that_is_meant():
    w = World()
    try:
        b = w.start(serial="WRONG12")
        wait("a finding", lambda: source_says(b, "its serial is 78N16G4, not WRONG12"))
        assert state(b, "san1/canister/1-1") in (None, "unknown") and b.verdict("san1") != "redundant"
        b.cleanup()
        for serial in ("78n16g4", "00000200A1207E1F"):
            b = w.start(serial=serial, name="meant")
            wait("redundant", lambda: b.verdict("san1") == "redundant")
            assert not b.findings(rule="source.failing")
            b.cleanup()
        w.b = None
    finally:
        w.end()


def test_a_token_that_dies_costs_one_login():
    w = World()
    try:
        b = w.start()
        wait("redundant", lambda: b.verdict("san1") == "redundant")
        w.plane.tokens.clear()
        wait("a second login", lambda: w.plane.logins == 2)
        queries = w.plane.queries()
        wait("it goes on", lambda: w.plane.queries() > queries + 2)
        assert w.plane.logins == 2 and not b.findings(rule="source.failing")
    finally:
        w.end()


def test_a_wrong_password_is_not_tried_again_and_again():
    w = World()
    try:
        b = w.start(password="wrong")
        wait("a finding", lambda: b.findings(rule="source.failing"))
        asked = [0]
        wait("rounds", lambda: asked.__setitem__(0, asked[0] + 1) or asked[0] > 100, 60)
        assert w.plane.logins == 1, w.plane.logins
    finally:
        w.end()


def test_the_wrong_key_is_a_finding_and_not_an_array_that_is_down():
    w = World()
    try:
        b = w.start(tls='tls: pin, pin: ["sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="]')
        wait("a finding", lambda: b.findings(rule="source.failing"))
        wait("says so", lambda: "pin" in str(b.findings(rule="source.failing")))
        assert w.plane.logins == 0, "the password went to a stranger"
        assert b.verdict("san1") not in ("not_redundant", "access_lost", "redundant")
    finally:
        w.end()


def test_ca_and_insecure():
    w = World()
    try:
        b = w.start(tls="tls: ca, ca_file: %s" % w.cert)
        wait("redundant", lambda: b.verdict("san1") == "redundant")
        b.cleanup()
        b = w.start(tls="tls: insecure", name="insecure")
        wait("redundant", lambda: b.verdict("san1") == "redundant")
        wait("said openly", lambda: "certificate not checked" in str(component(b, "san1/target/" + w.plane.address)))
        b.cleanup()
        w.b = None
        b = w.start(tls="tls: ca", name="stranger")
        wait("not trusted", lambda: b.findings(rule="source.failing"))
        assert w.plane.queries("auth") == 2
    finally:
        w.end()


if __name__ == "__main__":
    if not shutil.which("openssl"):
        skip("openssl is not installed")
    main(test_one_canister_goes_into_service, test_no_quorum_device_is_left, test_an_array_loses_a_drive, test_a_new_error_on_the_survivor_is_impending_loss,
         test_a_mute_canister_is_unreachable_whatever_its_peer_says,
         test_another_array_at_the_address_is_not_believed, test_the_serial_that_is_configured_is_the_one_that_is_meant,
         test_bad_answers_are_no_health, test_a_token_that_dies_costs_one_login,
         test_a_wrong_password_is_not_tried_again_and_again,
         test_the_wrong_key_is_a_finding_and_not_an_array_that_is_down, test_ca_and_insecure)
