#!/usr/bin/env python3
"""Names are resolved once and kept: when the name server dies, polls go on, through a reload too."""
import os
import re
import shutil
import signal
import socket
import subprocess
import threading

import arrays
import planes
from harness import Ballast, main, skip, wait

CONFIG = """
version: 1
state_directory: @DIR@/state
local: false
arrays:
"""
ARRAY = """  - name: @NAME@
    expect: {canisters: 2}
    sources:
      - {type: mc, address: ["@ADDRESS@"], user: monitor, password_file: @DIR@/password, interval: @INTERVAL@, timeout: 8s, tls: pin,
         pin: ["@PIN@"]}
"""


class NameServer:
    """A records by UDP on a loopback address of its own; mute: it takes questions and answers none."""

    def __init__(self, address, names):
        self.names, self.mute, self.asked = names, False, []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.settimeout(0.2)
        self.socket.bind((address, 53))
        self.ends = False
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while not self.ends:
            try:
                question, who = self.socket.recvfrom(512)
            except TimeoutError:
                continue
            at, labels = 12, []
            while question[at]:
                labels.append(question[at + 1:at + 1 + question[at]].decode())
                at += 1 + question[at]
            name, kind = ".".join(labels), question[at + 2]
            self.asked.append((name, kind))
            if self.mute:
                continue
            known = self.names.get(name)
            answers = b"\xc0\x0c\0\1\0\1\0\0\0\0\0\4" + socket.inet_aton(known) if known and kind == 1 else b""
            self.socket.sendto(question[:2] + (b"\x81\x80" if known else b"\x81\x83") + b"\0\1\0" + bytes([bool(answers)]) + b"\0\0\0\0" +
                               question[12:at + 5] + answers, who)

    def lookups(self, name):
        return sum(1 for n, kind in self.asked if n == name and kind == 1)

    def stop(self):
        self.ends = True
        self.thread.join()
        self.socket.close()


def own_names(folder, address):
    """A wrapper: the daemon sees a resolver's configuration of its own, in a mount namespace."""
    binds = []
    for name, text in (("resolv.conf", "nameserver %s\noptions timeout:1 attempts:1\n" % address), ("nsswitch.conf", "hosts: dns\n"),
                       ("hosts", "")):
        with open(os.path.join(folder, name), "w") as f:
            f.write(text)
        os.chmod(f.name, 0o644)
        binds.append("mount --bind '%s' /etc/%s" % (f.name, name))
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", " && ".join(binds) + ' && exec "$@"', "sh"]


def config(pin, *wanted):
    return CONFIG + "".join(ARRAY.replace("@NAME@", n).replace("@ADDRESS@", a).replace("@INTERVAL@", i).replace("@PIN@", pin)
                            for n, a, i in wanted)


def test_a_dead_name_server_stops_no_poll():
    folder = os.path.join(os.environ["BALLAST_BUILD"], "tests", "resolve-%d" % os.getpid())
    os.makedirs(folder, exist_ok=True)
    cert, key, pin = arrays.certificate(folder, "resolve")
    canister = planes.Canister(planes.Msa(), cert, key)
    server = NameServer(SERVER, {"san1.test": canister.host})
    port = canister.address.rsplit(":", 1)[1]
    one = ("san1", "san1.test:" + port, "1s")
    b = Ballast(config(pin, one), wrapper=own_names(folder, SERVER), name="resolve")

    def goes_on(why):
        asked = len(canister.asked)
        wait("asked on, " + why, lambda: len(canister.asked) > asked + 10, 60)
        assert b.verdict("san1") == "redundant" and not b.findings(rule="source.failing", array="san1"), why

    try:
        b.write("password", planes.PASSWORD + "\n", 0o600)
        b.start()
        wait("redundant", lambda: b.verdict("san1") == "redundant")
        once = server.lookups("san1.test")
        assert once >= 1, "nobody asked for the name"
        goes_on("the name server is well")
        assert server.lookups("san1.test") == once, "a name is resolved once and kept"
        server.mute = True
        goes_on("the name server is mute")
        # a reload with another interval, and with an array whose name nobody can resolve any more
        for wanted in ((("san1", "san1.test:" + port, "2s"),), (one, ("san2", "san2.test:" + port, "1s"))):
            b.write("ballast.yaml", config(pin, *wanted).replace("@DIR@", b.dir), 0o600)
            b.process.send_signal(signal.SIGHUP)
            wait("reloaded", lambda: set(a["name"] for a in (b.status() or {"arrays": []})["arrays"]) == set(w[0] for w in wanted))
            goes_on("after a reload")
        wait("what cannot be resolved says so", lambda: any("cannot be resolved" in str(f) for f in b.findings(rule="source.failing")), 60)
        assert b.verdict("san2") != "redundant"
        goes_on("beside one that cannot be resolved")
        server.stop()
        goes_on("the name server is gone")
        assert server.lookups("san1.test") == once, "a name is resolved once and kept"
    finally:
        b.cleanup()
        server.stop()
        canister.stop()
        shutil.rmtree(folder, ignore_errors=True)


SERVER = "127.0.53.%d" % (os.getpid() % 250 + 1)


def needs():
    if not shutil.which("openssl"):
        return "openssl is not installed"
    if subprocess.run(["unshare", "--mount", "true"], stderr=subprocess.DEVNULL).returncode:
        return "no mount namespace of its own"
    try:
        NameServer(SERVER, {}).stop()
    except OSError as e:
        return "no name server on port 53: %s" % re.sub(r"^\[.*?\] ", "", str(e))
    return None


if __name__ == "__main__":
    if needs():
        skip(needs())
    main(test_a_dead_name_server_stops_no_poll)
