#!/usr/bin/env python3
"""Syslog over UDP and TCP and SNMP traps through the whole daemon: they raise, and never lower."""
import socket
import subprocess
import time

from harness import Ballast, Receiver, free_port, main, wait

CONFIG = """
version: 1
state_directory: @DIR@/state
local: false
arrays:
  - name: san1
    serial: 78N16G4
    clear: {canister: 1s, path: 1s}
    sources:
      - {type: exec, command: [@DIR@/status], interval: 1s, timeout: 3s}
      - {type: listen, from: [127.0.0.2], syslog: "127.0.0.1:@SYSLOG@", traps: "127.0.0.1:@TRAPS@"}
  - name: san2
    sources:
      - {type: listen, from: [127.0.0.3], syslog: "127.0.0.1:@SYSLOG@", traps: "127.0.0.1:@TRAPS@"}
sinks:
  - {name: oncall, type: webhook, url: "http://127.0.0.1:@PORT@/hook", secret_file: @DIR@/key, min_severity: info}
"""

STATUS = """#!/bin/sh
echo '{"kind":"canister","id":"A","state":"ok"}'
echo '{"kind":"canister","id":"B","state":"ok"}'
echo '{"end":true,"count":2}'
"""


class World:
    def __init__(self):
        self.receiver = Receiver()
        self.syslog, self.traps = free_port(), free_port()
        config = CONFIG.replace("@PORT@", str(self.receiver.port)).replace("@SYSLOG@", str(self.syslog))
        self.b = Ballast(config.replace("@TRAPS@", str(self.traps)), name="listen")
        self.b.write("key", "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" + "\n", 0o600)
        self.b.write("status", STATUS)

    def __enter__(self):
        self.b.start()
        wait("redundant", lambda: self.b.verdict("san1") == "redundant")
        return self

    def __exit__(self, *args):
        self.b.cleanup()
        self.receiver.stop()

    def send(self, data, port, sender="127.0.0.2"):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind((sender, 0))
            s.sendto(data, ("127.0.0.1", port))

    def check(self, array="san1"):
        return self.b.json("/api/v1/components/%s/check/listen" % array) or {"facts": []}

    def fact(self, name, array="san1"):
        return next((f["value"] for f in self.check(array)["facts"] if f.get("fact", f.get("name")) == name), None)


def ber(tag, body):
    return bytes([tag]) + (bytes([len(body)]) if len(body) < 128 else bytes([0x82, len(body) >> 8, len(body) & 255])) + body


def oid(text):
    arcs = [int(a) for a in text.split(".")]
    out = bytes([40 * arcs[0] + arcs[1]])
    for a in arcs[2:]:
        part = [a & 127]
        while a > 127:
            a >>= 7
            part.insert(0, 128 | (a & 127))
        out += bytes(part)
    return ber(6, out)


IBM = "1.3.6.1.4.1.2.6.190"


def variables(*pairs):
    return ber(0x30, b"".join(ber(0x30, oid(o) + v) for o, v in pairs))


def trap1(text):
    pdu = oid(IBM) + ber(0x40, bytes([127, 0, 0, 2])) + ber(2, b"\6") + ber(2, b"\1") + ber(0x43, b"\0")
    return ber(0x30, ber(2, b"\0") + ber(4, b"public") + ber(0xa4, pdu + variables((IBM + ".4.4", ber(4, text)))))


def trap2(text):
    head = ber(2, b"\1") + ber(2, b"\0") + ber(2, b"\0")
    return ber(0x30, ber(2, b"\1") + ber(4, b"public") + ber(0xa7, head + variables(
        ("1.3.6.1.2.1.1.3.0", ber(0x43, b"\0")), ("1.3.6.1.6.3.1.1.4.1.0", oid(IBM + ".1")), (IBM + ".4.4", ber(4, text)))))


def test_syslog_over_udp_raises_and_an_acknowledgement_ends_it():
    with World() as w:
        wait("it listens", lambda: w.check().get("state") == "ok")
        assert not w.b.findings(rule="source.unknown-word"), w.b.findings()
        w.send(b"<187>Oct 11 22:14:15 san1 svc: the storage system needs service", w.syslog)
        told = wait("told", lambda: w.receiver.accepted(type="finding.firing", rule="listen.needs-service"))
        assert told[0]["data"]["array"] == "san1" and "needs service" in str(told), told
        found = wait("shown", lambda: w.b.findings(rule="listen.needs-service"))[0]
        assert found["evidence"][0]["fact"] == "messages", found
        assert w.b.verdict("san1") == "redundant", "a message changed the verdict"
        w.b.ctl("ack", found["id"], "--why", "case is open", check=0)
        wait("over", lambda: not w.b.findings(rule="listen.needs-service"))
        wait("resolved", lambda: w.receiver.accepted(type="finding.resolved", rule="listen.needs-service"))


def test_syslog_over_tcp_in_both_framings():
    with World() as w:
        s = socket.socket()
        s.bind(("127.0.0.2", 0))
        s.connect(("127.0.0.1", w.syslog))
        s.sendall(b"<13>nothing of interest\n<187>enclosure battery fault")
        time.sleep(0.1)
        s.sendall(b" type 1\n")
        wait("line feed", lambda: w.b.findings(rule="listen.battery"))
        m = b"<27>1 2026-11-24T10:00:00Z san1 svc - - - Power supply 2 failed"
        s.sendall(b"%d %s" % (len(m), m))
        wait("octets counted", lambda: w.b.findings(rule="listen.power"))
        wait("counted", lambda: w.fact("messages") == 3 and w.fact("messages_not_known") == 1)
        s.sendall(b"x" * 9000)
        s.settimeout(20)
        try:
            assert s.recv(1) == b"", "an endless line is taken"
        except ConnectionResetError:
            pass
        s.close()


def test_traps_of_both_versions_and_a_poll_that_ends_them():
    with World() as w:
        w.send(trap1(b"# Error Code = 690"), w.traps)
        wait("v1", lambda: w.b.findings(rule="listen.node-error", severity="critical"))
        w.send(trap2(b"node 2 offline"), w.traps)
        wait("v2c", lambda: w.receiver.accepted(type="finding.firing", rule="listen.canister-failed"))
        wait("the poll ends both", lambda: not w.b.findings(rule="listen.node-error") and
             not w.b.findings(rule="listen.canister-failed"), 60)


def test_strangers_floods_and_rubbish():
    with World() as w:
        w.send(b"<187>controller A failed", w.syslog, sender="127.0.0.9")
        w.send(trap2(b"controller A failed"), w.traps, sender="127.0.0.9")
        s = socket.socket()
        s.bind(("127.0.0.9", 0))
        s.connect(("127.0.0.1", w.syslog))
        s.settimeout(20)
        assert s.recv(1) == b"", "a stranger is not hung up on"
        s.close()
        for data in (b"", b"\0", b"\x30\x84\xff\xff\xff\xff", b"\x30" * 2000, b"\xff" * 9000, trap1(b"x")[:20]):
            w.send(data, w.traps)
            w.send(data, w.syslog)
        for i in range(2000):
            w.send(b"<13>chatter %d" % i, w.syslog)
        wait("some were too many", lambda: (w.fact("messages_dropped") or 0) > 100)
        w.send(b"<187>controller B failed", w.syslog, sender="127.0.0.3")
        wait("the other array is heard all the same", lambda: w.b.findings(rule="listen.canister-failed", array="san2"))
        assert not w.b.findings(rule="listen.canister-failed", array="san1"), "a stranger was believed"
        assert w.b.verdict("san1") == "redundant"


def test_the_listener_dies_and_a_port_is_taken():
    with World() as w:
        pid = w.b.roles()["ballast-listene"][0]
        subprocess.run(["kill", "-9", str(pid)], check=True)
        wait("another one", lambda: w.b.roles().get("ballast-listene", [pid])[0] != pid)
        wait("it hears", lambda: w.send(b"<187>power supply 1 failed", w.syslog) or w.b.findings(rule="listen.power"))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        w = World()
        taken.bind(("127.0.0.1", w.traps))
        with w:
            wait("told", lambda: [f for f in w.b.findings(rule="source.failing") if "SNMP traps" in str(f)])
            w.send(b"<187>power supply 1 failed", w.syslog)
            wait("the rest hears", lambda: w.b.findings(rule="listen.power"))


main(test_syslog_over_udp_raises_and_an_acknowledgement_ends_it, test_syslog_over_tcp_in_both_framings,
     test_traps_of_both_versions_and_a_poll_that_ends_them, test_strangers_floods_and_rubbish,
     test_the_listener_dies_and_a_port_is_taken)
