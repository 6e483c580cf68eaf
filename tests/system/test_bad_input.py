#!/usr/bin/env python3
"""Bad input gets a clear error and nothing is lost."""
import os
import signal
import socket
import sqlite3
import subprocess

from harness import BUILD, Ballast, Receiver, main, wait

GOOD = """
version: 1
arrays:
  - name: san1
    expect: {canisters: 2}
    clear: {canister: 1s, path: 1s}
    sources:
      - {type: exec, command: [@DIR@/status], interval: 1s, timeout: 3s}
sinks:
  - {name: oncall, type: webhook, url: "http://127.0.0.1:@PORT@/hook", secret_file: @DIR@/key, min_severity: info}
"""

STATUS = """#!/bin/sh
echo '{"kind":"canister","id":"A","state":"ok","raw":"online"}'
echo '{"kind":"canister","id":"B","state":"'$(cat @DIR@/b)'","raw":"x"}'
echo '{"end":true,"count":2}'
"""


def prepared(receiver, config=GOOD, name="bad"):
    b = Ballast(config.replace("@PORT@", str(receiver.port)), name=name)
    b.write("key", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", 0o600)
    b.write("b", "ok\n", 0o644)
    b.write("status", STATUS.replace("@DIR@", b.dir))
    return b


def run_to_end(b, *args):
    r = subprocess.run(b.command() + list(args), capture_output=True, text=True, timeout=60)
    return r.returncode, r.stderr


def test_port_in_use():
    receiver = Receiver()
    b = prepared(receiver)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", b.port))
        taken.listen()
        code, said = run_to_end(b)
    b.cleanup()
    receiver.stop()
    assert code == 1 and "127.0.0.1:%d" % b.port in said and "use" in said, (code, said)


def test_state_directory_in_use():
    receiver = Receiver()
    b, other = prepared(receiver), prepared(receiver)
    try:
        b.start()
        other.state = b.state
        code, said = run_to_end(other)
        assert code == 1 and b.state in said and "--state" in said, (code, said)
        b.process.kill()
        b.process.wait()
        other.start()
    finally:
        b.cleanup()
        other.cleanup()
        receiver.stop()


def test_every_mistake_at_once():
    receiver = Receiver()
    b = prepared(receiver, """
version: 1
lisen: ["127.0.0.1:9877"]
arrays:
  - name: san1
    expect: {canisters: two}
    sources:
      - {type: exec, comand: [@DIR@/status], interval: 5}
      - {type: exec, command: [@DIR@/missing]}
      - {type: telepathy}
sinks:
  - {name: oncall, type: webhook, url: "gopher://x", secret_file: @DIR@/nokey, min_severity: loud}
plans:
  - {name: p, array: san2, when: [access_lost], mode: aproove, steps: []}
""")
    code, said = run_to_end(b, "--check")
    code_start, _ = run_to_end(b)
    b.cleanup()
    receiver.stop()
    errors = [line for line in said.splitlines() if ": error: " in line]
    assert code == 1 and code_start == 1, (code, code_start)
    assert len(errors) >= 10, said
    for hint in ("'listen'", "'command'", "san2"):
        assert hint in said, "no hint at %s in:\n%s" % (hint, said)
    assert all(line.split(":")[1].isdigit() and line.split(":")[2].isdigit() for line in errors), said


def test_scripts_that_are_missing_or_others_can_write():
    receiver = Receiver()
    plan = """
plans:
  - {name: p, array: san1, when: [access_lost], steps: [{name: one, run: @DIR@/step, verbs: [promote], timeout: 5s}]}
"""
    b = prepared(receiver, GOOD + plan)
    missing = run_to_end(b, "--check")
    b.write("step", "#!/bin/sh\n# ballast-plan: 1\n", 0o777)
    writable = run_to_end(b, "--check")
    b.write("step", "#!/bin/sh\n", 0o755)
    unmarked = run_to_end(b, "--check")
    b.write("step", "#!/bin/sh\n# ballast-plan: 1\n", 0o755)
    good = run_to_end(b, "--check")
    b.cleanup()
    receiver.stop()
    for code, said in (missing, writable, unmarked):
        assert code == 1 and "/step" in said, said
    assert good[0] == 0, good[1]


def test_reload_keeps_what_works():
    receiver = Receiver()
    b = prepared(receiver).start()
    try:
        wait("redundant", lambda: b.verdict("san1") == "redundant")
        good = open(os.path.join(b.dir, "ballast.yaml")).read()
        b.write("ballast.yaml", good + "nonsense: true\n", 0o600)
        b.process.send_signal(signal.SIGHUP)
        wait("finding", lambda: [f for f in b.findings() if "config" in f["rule"]])
        wait("metric", lambda: "ballast_config_last_reload_successful 0" in b.get("/metrics"))
        assert b.verdict("san1") == "redundant"
        b.write("ballast.yaml", good.replace("name: san1", "name: san9"), 0o600)
        b.process.send_signal(signal.SIGHUP)
        wait("new array", lambda: b.verdict("san9") == "redundant")
        wait("metric again", lambda: "ballast_config_last_reload_successful 1" in b.get("/metrics"))
    finally:
        b.cleanup()
        receiver.stop()


def test_full_disk_under_the_state_directory():
    receiver = Receiver()
    b = prepared(receiver)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", b.state]).returncode == 0
    assert mounted, "no tmpfs can be mounted here"
    try:
        filler = os.open(os.path.join(b.state, "filler"), os.O_WRONLY | os.O_CREAT)
        try:
            while os.write(filler, b"x" * 4096):
                pass
        except OSError:
            os.close(filler)
        b.start()
        wait("said on the page", lambda: b.status()["self"]["journal"] == "failing")
        b.write("b", "service\n", 0o644)
        wait("alert goes out all the same", lambda: receiver.accepted(type="finding.firing", severity="critical"))
        os.unlink(os.path.join(b.state, "filler"))
        wait("journal works again by itself", lambda: b.status()["self"]["journal"] == "ok", 90)
    finally:
        try:
            b.stop()
        finally:
            subprocess.run(["umount", b.state])
            b.cleanup()
            receiver.stop()


def journal_says(b, word):
    """what another program reads in the journal, which may not be there"""
    try:
        db = sqlite3.connect("file:%s?mode=ro" % os.path.join(b.state, "journal.db"), uri=True)
        try:
            return [row for row in db.execute("SELECT text FROM events") if word in row[0]]
        finally:
            db.close()
    except sqlite3.Error:
        return []


def test_journal_that_is_removed_or_damaged():
    receiver = Receiver()
    b = prepared(receiver).start()
    try:
        wait("the journal", lambda: journal_says(b, "san1"))
        for name in os.listdir(b.state):
            os.unlink(os.path.join(b.state, name))
        b.write("b", "service\n", 0o644)
        wait("what happens next is in a file that has a name", lambda: journal_says(b, "anister B"))
        b.stop()
        with open(os.path.join(b.state, "journal.db"), "wb") as f:
            f.write(b"no database" * 1000)
        b.start()
        wait("it says what it did", lambda: "journal.db.bad" in b.tail())
        assert os.path.exists(os.path.join(b.state, "journal.db.bad"))
        wait("a new one", lambda: b.status()["self"]["journal"] == "ok")
    finally:
        b.cleanup()
        receiver.stop()


def test_nothing_is_lost_over_a_restart():
    receiver = Receiver()
    b = prepared(receiver).start()
    try:
        wait("redundant", lambda: b.verdict("san1") == "redundant")
        b.write("b", "service\n", 0o644)
        f = wait("finding", lambda: [f for f in b.findings() if f["rule"] == "canister.service"])[0]
        b.ctl("ack", str(f["id"]), "--why", "on it", "--for", "2h", check=0)
        wait("acknowledged", lambda: [f for f in b.findings() if f["rule"] == "canister.service" and f["acknowledged"]])
        wait("on disk", lambda: b.status()["self"]["journal"] == "ok")
        b.stop()
        b.start()
        wait("still acknowledged", lambda: [f for f in b.findings() if f["rule"] == "canister.service" and f["acknowledged"]])
        ids = [g["body"]["data"]["id"] for g in receiver.got if g["body"]["data"].get("rule") == "canister.service"
               and g["body"]["type"] == "finding.firing"]
        assert len(set(ids)) == len(ids) == 1, "paged again for what was told and acknowledged: %s" % ids
    finally:
        b.cleanup()
        receiver.stop()


if not os.path.exists(os.path.join(BUILD, "agent", "ballastd")):
    raise SystemExit("no ballastd in the build folder")
main(test_port_in_use, test_state_directory_in_use, test_every_mistake_at_once, test_scripts_that_are_missing_or_others_can_write,
     test_reload_keeps_what_works, test_full_disk_under_the_state_directory, test_journal_that_is_removed_or_damaged,
     test_nothing_is_lost_over_a_restart)
