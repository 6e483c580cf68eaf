#!/usr/bin/env python3
"""--demo: the founding incident, live and on a loop, through the real courier, runner and page; nothing left behind."""
import html
import json
import os
import re
import shlex
import signal
import subprocess

from harness import BUILD, Ballast, main, wait

SOURCE = os.environ["BALLAST_SOURCE"]


def prepared():
    b = Ballast(args=["--demo"], name="demo")
    with open(os.path.join(SOURCE, "tests", "scenarios", "kolab-2023.yaml")) as f:
        text = f.read()
    # the same story, in 40 s
    assert "demo_speed: 12\n" in text
    b.args = ["--demo=" + b.write("scenario.yaml", text.replace("demo_speed: 12\n", "demo_speed: 40\n"), 0o644)]
    b.tmp = os.path.join(b.dir, "tmp")
    os.mkdir(b.tmp)
    b.env["TMPDIR"] = b.tmp
    return b


def run_of(b, number, states):
    plan = b.plan("san1-to-standby")
    return plan and plan["run"] and str(plan["run"]["id"]) in ("r%d" % number, str(number)) and plan["state"] in states


def alerts(folder):
    with open(os.path.join(folder, "alerts-oncall.jsonl")) as f:
        return [json.loads(line)["type"] for line in f if line.strip()]


def copied(b):
    """the commands that the page and the API tell to run, as a person copies them"""
    page = [html.unescape(c) for c in re.findall("<code>(.*?)</code>", b.get("/"))]
    return page + [t["command"] for t in (b.status() or {"todo": []})["todo"] if t["command"]]


def runs(command):
    """does it find its daemon? What it asks for may be refused"""
    words = shlex.split(command)
    assert words[0] in ("ballastctl", "sudo"), command
    if words[0] == "ballastctl":
        r = subprocess.run([os.path.join(BUILD, "agent", "ballastctl"), *words[1:]], capture_output=True, text=True, timeout=60)
        assert "nothing answers" not in r.stderr and r.returncode != 64, (command, r.stderr)
    return True


def test_commands_can_be_copied():
    b = prepared().start()
    try:
        wait("it wants to be acknowledged", lambda: any(" ack " in c for c in copied(b)))
        wait("a run waits", lambda: any("failover approve" in c for c in copied(b)))
        for command in copied(b):
            runs(command)
    finally:
        b.cleanup()


def test_two_rounds():
    b = prepared().start()
    try:
        folder = os.path.join(b.tmp, os.listdir(b.tmp)[0])
        assert all(a["simulated"] for a in b.status()["arrays"]), b.status()["arrays"]
        wait("redundant", lambda: b.verdict("san1") == "redundant")
        wait("critical", lambda: b.verdict("san1") in ("not_redundant", "impending_loss", "access_lost"))
        wait("first run done", lambda: run_of(b, 1, ("done",)), 90)
        # each address is rendered by itself: this one may be a moment older
        wait("its steps", lambda: [s["state"] for s in (b.json("/api/v1/failover/runs/r1") or {"steps": []})["steps"]] ==
             ["done"] * 3)
        wait("redundant again", lambda: b.verdict("san1") == "redundant", 90)
        wait("second run", lambda: run_of(b, 2, ("waiting_approval", "promoting", "verifying", "done")), 120)
        told = alerts(folder)
        for kind in ("finding.firing", "array.verdict", "failover.requested", "failover.finished"):
            assert kind in told, told
        b.process.send_signal(signal.SIGTERM)
        assert b.process.wait(20) == 0
        assert os.listdir(b.tmp) == [], os.listdir(b.tmp)
    finally:
        b.cleanup()


def test_an_unknown_scenario_is_an_error():
    b = prepared()
    b.args = ["--demo=kolab-1999"]
    b.start(ready=False)
    try:
        code = b.process.wait(30)
        assert code == 1, code
        wait("a list of those there are", lambda: "built in: " in b.tail() and "kolab-2023" in b.tail())
    finally:
        b.cleanup()


main(test_commands_can_be_copied, test_two_rounds, test_an_unknown_scenario_is_an_error)
