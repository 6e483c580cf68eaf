#!/usr/bin/env python3
"""The real daemon as root, under its real lists: any role killed at any moment is back, and what was
found, told and numbered goes on. Its log may say that a role ended, never that its list ended it."""
import os
import signal
import socket
import threading
import time

from harness import Ballast, Receiver, main, skip, wait

SCRIPT = """#!/bin/sh
echo '{"kind":"canister","id":"A","state":"ok","raw":"online"}'
echo '{"kind":"canister","id":"B","state":"service","raw":"service"}'
echo '{"end":true,"count":2}'
"""

CONFIG = """
version: 1
state_directory: @DIR@/state
arrays:
  - name: san1
    expect: {canisters: 2}
    sources:
      - {type: exec, command: [@DIR@/status], interval: 1s, timeout: 3s}
"""

ROLES = ["ballast-web", "ballast-scribe", "ballast-courier", "ballast-runner", "ballast-prober", "ballast-engine"]


def started():
    b = Ballast(CONFIG, name="roles")
    b.write("status", SCRIPT)
    b.start()
    wait("the lost canister is found", lambda: b.findings(component="san1/canister/B"))
    return b


def known(b):
    """what must not change when a process dies: finding ids with their times, and the verdict"""
    s = b.status()
    return s and (sorted((f["id"], f["rule"], f["since"]) for f in s["findings"] if f["array"] == "san1"),
                  [(a["name"], a["verdict"], a["since"]) for a in s["arrays"] if a["name"] == "san1"])


def last_record(b):
    s = b.status()
    return s and s["self"]["last_record"] or 0


def number_of(record):
    return record["sequence"] if isinstance(record, dict) else int(record)


def test_any_role_killed_is_back_and_nothing_is_lost():
    b = started()
    try:
        wait("verdict", lambda: b.verdict("san1") == "not_redundant")
        before, number = known(b), number_of(last_record(b))
        for role in ROLES * 3:
            old = wait("%s is there" % role, lambda: b.roles().get(role))
            for pid in old:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            wait("another %s" % role, lambda: b.alive() and set(b.roles().get(role, [])) - set(old))
            wait("%s knows what was known" % role, lambda: known(b) == before)
            after = wait("the page is there", lambda: last_record(b))
            assert number_of(after) >= number, "record %s came after %s" % (after, number)
            number = number_of(after)
        # the link to a new exec worker works: the source goes on answering
        wait("it still looks", lambda: number_of(last_record(b)) > 0 and b.get_ok("/healthz"))
        assert "does not have" not in b.tail(1000), b.tail()
        assert b.stop() == 0, b.tail()
        assert "does not have" not in b.tail(1000), b.tail()
    finally:
        b.cleanup()


def test_a_process_that_hangs_is_replaced():
    """The courier, the scribe and the page's process are stopped as a fault would stop them: people are told all the same."""
    receiver = Receiver()
    b = Ballast(CONFIG + """
sinks:
  - {name: oncall, type: webhook, url: "http://127.0.0.1:%d/hook", secret_file: @DIR@/key, min_severity: info}
""" % receiver.port, name="roles")
    try:
        b.write("key", "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" + "\n", 0o600)
        b.write("status", SCRIPT.replace('"service"', '"ok"'))
        b.start()
        names = ["ballast-courier", "ballast-scribe", "ballast-web"]
        old = {name: wait("%s is there" % name, lambda: b.roles().get(name)) for name in names}
        for pid in sum(old.values(), []):
            os.kill(pid, signal.SIGSTOP)
        b.write("status", SCRIPT)
        for name in names:
            wait("another %s" % name, lambda: b.alive() and set(b.roles().get(name, [])) - set(old[name]), 120)
        wait("people are told", lambda: receiver.accepted(type="finding.firing", severity="critical"), 120)
        wait("the page is there", lambda: b.verdict("san1") == "not_redundant")
        restarts = b.status()["self"]["role_restarts"]
        assert restarts >= 3, restarts
        for name in ["courier", "scribe", "web"]:
            assert name + " has not answered for 20 s, replacing it" in b.tail(1000), b.tail()
            wait("the event says so too", lambda: "Ballast's %s hung: it had not answered for 20 s" % name in b.tail(1000))
        assert b.stop() == 0, b.tail()
    finally:
        b.cleanup()
        receiver.stop()


MANY = """#!/bin/sh
i=0
while [ $i -lt 600 ]; do
	echo "{\\"kind\\":\\"drive\\",\\"id\\":\\"$i\\",\\"state\\":\\"failed\\"}"
	i=$((i + 1))
done
echo '{"end":true,"count":600}'
"""


def test_many_components_with_findings():
    b = Ballast(CONFIG.replace("interval: 1s, timeout: 3s", "interval: 5s, timeout: 20s"), name="roles")
    try:
        b.write("status", MANY)
        b.start()
        wait("all are known", lambda: len(b.json("/api/v1/components?array=san1") or []) == 600)
        wait("the page is there", lambda: b.get_ok("/") and b.get_ok("/metrics"))
        b.ctl("status", check=2)
        assert "does not have" not in b.tail(1000), b.tail()
    finally:
        b.cleanup()


def hold_connections(path, held, stop):
    """as scripts that hang with their connection open and are started again and again"""
    while not stop.is_set():
        client = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        client.setblocking(False)
        held.append(client)
        if len(held) > 400:
            held.pop(0).close()
        try:
            client.connect(path)
        except OSError:
            time.sleep(0.002)


def test_clients_do_not_take_the_places_of_roles():
    b = started()
    held, stop = [], threading.Event()
    threads = [threading.Thread(target=hold_connections, args=(b.control, held, stop)) for _ in range(4)]
    try:
        for t in threads:
            t.start()
        wait("the socket is full", lambda: "all the clients it takes" in b.tail())
        for role in ["ballast-web", "ballast-courier"]:
            old = b.roles()[role]
            for pid in old:
                os.kill(pid, signal.SIGKILL)
            wait("another %s" % role, lambda: set(b.roles().get(role, [])) - set(old))
        number = number_of(wait("the page is there", lambda: last_record(b)))
        wait("the page goes on", lambda: number_of(last_record(b)) > number)
    finally:
        stop.set()
        for t in threads:
            t.join()
        for client in held:
            client.close()
        b.cleanup()


def status_of(pid, key):
    with open("/proc/%d/status" % pid) as f:
        return next(line.split(":", 1)[1].split() for line in f if line.startswith(key + ":"))


def test_each_role_has_only_what_it_needs():
    b = started()
    try:
        uids = {}
        for name, pids in b.roles().items():
            if not name.startswith("ballast-"):
                continue
            # the courier's helper for commands is a second process of that name and has no list
            pid = min(pids)
            uid, caps = int(status_of(pid, "Uid")[1]), int(status_of(pid, "CapEff")[0], 16)
            nnp, mode = status_of(pid, "NoNewPrivs") == ["1"], status_of(pid, "Seccomp") == ["2"]
            print("%-16s uid=%d caps=%x no_new_privs=%d list=%d" % (name, uid, caps, nnp, mode))
            if name == "ballast-runner":
                assert uid == 0 and not nnp and not mode, "its scripts would inherit them"
                continue
            assert uid and uid not in uids, "%s shares uid %d with %s" % (name, uid, uids.get(uid))
            uids[uid] = name
            assert caps == 0, name
            if name == "ballast-log":
                assert nnp
            elif name == "ballast-prober":
                assert not nnp and not mode, "its programs would inherit them"
            else:
                assert nnp and mode, name
        assert len(uids) >= 5, uids
    finally:
        b.cleanup()


if __name__ == "__main__":
    if os.geteuid():
        skip("needs root: the roles' uids and lists are what is looked at")
    main(test_each_role_has_only_what_it_needs, test_clients_do_not_take_the_places_of_roles,
         test_many_components_with_findings,
         test_any_role_killed_is_back_and_nothing_is_lost, test_a_process_that_hangs_is_replaced)
