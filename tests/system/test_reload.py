#!/usr/bin/env python3
"""The configuration is changed while scripts are at work: what they say stays what they were asked about."""
import grp
import os
import signal
import time

from harness import Ballast, main, wait

STATUS = """#!/bin/sh
sleep 1
echo '{"kind":"canister","id":"A","state":"@STATE@"}'
echo '{"kind":"canister","id":"B","state":"@STATE@"}'
echo '{"end":true,"count":2}'
"""
ARRAY = """  - name: @NAME@
    expect: {canisters: 2}
    clear: {canister: 1s, path: 1s}
    sources:
      - {type: exec, command: [@DIR@/@NAME@], interval: 1s, timeout: 20s}
"""


def config(*names):
    return "version: 1\narrays:\n" + "".join(ARRAY.replace("@NAME@", n) for n in names)


def test_other_order_of_arrays():
    b = Ballast(config("good", "bad"), name="reload")
    try:
        for name, state in (("good", "ok"), ("bad", "failed"), ("third", "ok")):
            b.write(name, STATUS.replace("@STATE@", state))
        b.start()
        wait("both are known", lambda: b.verdict("good") == "redundant" and b.verdict("bad") == "access_lost")
        for names in (("bad", "good"), ("third", "good", "bad"), ("good", "bad"), ("bad", "good")):
            b.write("ballast.yaml", config(*names).replace("@DIR@", b.dir), 0o600)
            b.process.send_signal(signal.SIGHUP)
            # a look takes a second: everything that was under way comes in meanwhile
            end = time.monotonic() + 3
            while time.monotonic() < end:
                s = b.status()
                seen = {a["name"]: a["verdict"] for a in s["arrays"]} if s else {}
                assert seen.get("good", "redundant") == "redundant", "the good one has the bad one's answer: %s" % seen
                assert seen.get("bad", "access_lost") == "access_lost", "the bad one has the good one's answer: %s" % seen
                time.sleep(0.05)
        assert not b.findings(rule="source.stuck") and not b.findings(rule="source.failing"), b.findings()
    finally:
        b.cleanup()


def test_who_may_use_the_control_socket():
    group = grp.getgrnam("daemon")
    b = Ballast(config("good"), name="reload-group")
    try:
        b.write("good", STATUS.replace("@STATE@", "ok"))
        b.start()
        assert os.stat(b.control).st_gid == 0
        for line, gid in (("control_group: daemon\n", group.gr_gid), ("control_group: nobody-has-this\n", 0),
                          ("control_group: daemon\n", group.gr_gid), ("", 0)):
            b.write("ballast.yaml", line + config("good").replace("@DIR@", b.dir), 0o600)
            b.process.send_signal(signal.SIGHUP)
            wait("the socket is given to %s" % (line.strip() or "root"), lambda gid=gid: os.stat(b.control).st_gid == gid)
    finally:
        b.cleanup()


main(test_other_order_of_arrays, *([test_who_may_use_the_control_socket] if os.geteuid() == 0 else []))
