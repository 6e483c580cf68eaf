#!/usr/bin/env python3
"""The whole daemon among simulated drives: hot-plug, hangs, nonsense, and what it never sends."""
import json
import os
import shutil
import socket
import sys
import tempfile
import time
import urllib.request

from fleet import BUILD, Fleet, check, check_only_reads

DAEMON = os.environ.get("BALLAST_DAEMON", os.path.join(BUILD, "agent", "ballastd"))
CONFIG = """version: 1
listen: ["127.0.0.1:{port}"]
state_directory: {home}/state
arrays:
  - name: local
    sources:
      - {{type: drives, interval: 1s, timeout: 2s}}
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Daemon:
    def __init__(self, specs):
        self.home = tempfile.mkdtemp(prefix="ballast-mock-")
        os.chmod(self.home, 0o755)
        os.mkdir(os.path.join(self.home, "state"))
        self.port = free_port()
        config = os.path.join(self.home, "ballast.yaml")
        with open(config, "w") as f:
            f.write(CONFIG.format(port=self.port, home=self.home))
        self.log = open(os.path.join(self.home, "log"), "w")
        self.fleet = Fleet(specs, DAEMON, "-c", config, "--control", os.path.join(self.home, "control.sock"), log=self.log)

    def get(self, path):
        try:
            with urllib.request.urlopen("http://127.0.0.1:%d%s" % (self.port, path), timeout=5) as r:
                return json.load(r)
        except OSError:
            return None

    def drives(self):
        return {d["serial"]: d for d in self.get("/api/v1/components?kind=drive") or []}

    def findings(self, serial):
        status = self.get("/api/v1/status") or {"findings": []}
        name = self.drives().get(serial, {}).get("name", "?")
        return [f for f in status["findings"] if (f["component"] or "").endswith(name)]

    def wait(self, what, condition, seconds=60):
        """Until it is true; the limit is generous, because a busy machine is slow, not wrong."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            value = condition()
            if value:
                return value
            time.sleep(0.1)
        self.log.flush()
        with open(self.log.name) as f:
            print(f.read()[-4000:])
        raise AssertionError("waited %d s in vain: %s; drives: %s" % (seconds, what, {
            s: {k: d[k] for k in ("health", "state", "message", "stuck", "asleep", "age_s")} for s, d in self.drives().items()}))

    def wait_health(self, serial, *healths):
        return self.wait("%s is %s" % (serial, " or ".join(healths)),
                         lambda: self.drives().get(serial, {}).get("health") in healths)

    def fresh(self, serial):
        """It is looked at again from now on, and well."""
        before = self.fleet.report()
        self.wait("%s is read again" % serial, lambda: any(
            d["serial"] == serial and d["commands"] > before.get(n, d)["commands"] + 5
            for n, d in self.fleet.report().items()) and (self.drives()[serial]["age_s"] or 0) < 10)

    def end(self):
        status = self.fleet.end()
        self.log.close()
        shutil.rmtree(self.home, ignore_errors=True)
        return status


def fact(drive, name):
    return next((f["value"] for f in drive["facts"] if f["fact"] == name), None)


def all_kinds_are_read(d):
    d.wait("six drives", lambda: len(d.drives()) == 6)
    check(set(d.drives()) == {"SIM00000000", "SAS00000001", "NVM00000002", "SIM00000003", "SIM00000004", "SIM00000005"},
          "not the simulated drives", d.drives().keys())
    for serial in ("SIM00000000", "SAS00000001", "NVM00000002", "SIM00000003", "SIM00000005"):
        d.wait_health(serial, "ok")
    check(d.fleet.report()["sda"]["block"] > 0, "not through libatasmart")
    check(fact(d.drives()["NVM00000002"], "temperature_celsius") == 40, "no temperature")


def sleep_is_respected(d):
    check(d.drives()["SIM00000004"]["health"] == "unknown", "it slept since the start, so nothing is known")

    def send_to_sleep():
        # a look that is under way may wake it once more
        d.fleet.order("set sde power 0")
        time.sleep(2)
        return d.drives()["SIM00000005"]["asleep"]

    d.wait("sde sleeps, marked", send_to_sleep)
    check(d.drives()["SIM00000005"]["health"] == "ok", "it keeps what was read")
    before = d.fleet.report()
    time.sleep(3)
    after = d.fleet.report()
    check(after["sde"]["power"] == 0 and after["sde"]["inside"][0xb0] == before["sde"]["inside"][0xb0], "it was woken", after)
    check(after["sde"]["inside"][0xe5] > before["sde"]["inside"][0xe5], "it is not even asked whether it sleeps", after)
    check(after["sdd"]["inside"].keys() == {0xe5} and after["sdd"]["power"] == 0, "the other was woken", after["sdd"])
    d.fleet.order("set sde power 130")
    d.wait("sde is back", lambda: not d.drives()["SIM00000005"]["asleep"])


def what_does_nothing_is_left_alone(d):
    commands = lambda: d.fleet.report()["sda"]["commands"]
    d.fleet.order("io sda 100")
    # each worker of the pool has to see it once
    def rests():
        before = commands()
        time.sleep(4)
        return commands() == before
    d.wait("sda is left alone", rests)
    check(d.drives()["SIM00000000"]["health"] == "ok", "it keeps what was read")
    before = commands()
    d.fleet.order("io sda 101")
    d.wait("sda is read after it did something", lambda: commands() > before)


def values_become_findings(d):
    d.fleet.order("set nvme0 warning 4")
    d.wait("critical warning", lambda: d.findings("NVM00000002"))
    d.fleet.order("set sda pending 60")
    d.fleet.order("io sda 102")
    d.wait("pending sectors", lambda: any(f["severity"] in ("warning", "critical") for f in d.findings("SIM00000000")))
    d.fleet.order("set sdb ie_asc 0x5d")
    d.wait("predicted failure", lambda: d.findings("SAS00000001"))


def one_that_hangs_stops_nobody(d):
    d.fleet.order("fault sdc hang")
    d.wait("sdc is stuck", lambda: d.drives()["SIM00000003"]["stuck"])
    check(d.drives()["SIM00000003"]["health"] != "ok", "stuck is not ok")
    for serial in ("SAS00000001", "NVM00000002", "SIM00000005"):
        d.fresh(serial)
    status = d.get("/api/v1/status")
    check(any("sdc" in f["summary"] or "SIM00000003" in f["summary"] for f in status["findings"]), "no finding", status["findings"])


def nonsense_is_not_health(d):
    for serial, dev, faults in (("NVM00000002", "nvme0", ("garbage", "truncate@1:3", "nvmestatus")),
                                ("SIM00000005", "sde", ("garbage@1", "truncate@1:2"))):
        for fault in faults:
            d.fleet.order("fault %s %s" % (dev, fault))
            d.wait("%s with %s is not believed" % (dev, fault), lambda: d.drives()[serial]["age_s"] >= 4)
            check(d.drives()[serial]["health"] != "ok", dev, "is ok with", fault)
            temperature = fact(d.drives()[serial], "temperature_celsius")
            check(temperature in (None, 40, 30), fault, "gave", temperature)
            d.fleet.order("fault %s fine" % dev)
            d.wait("%s is believed again" % dev, lambda: d.drives()[serial]["age_s"] < 2)


def drives_come_and_go(d):
    d.fleet.order("add sas")
    d.wait("the new drive", lambda: "SAS00000006" in d.drives())
    d.wait_health("SAS00000006", "ok")
    d.fleet.order("remove sdf")
    d.wait("it is gone", lambda: d.drives()["SAS00000006"]["health"] in ("absent", "failed"))
    d.fleet.order("fault sdb enodev")
    d.wait("gone mid-look", lambda: d.drives()["SAS00000001"]["health"] in ("absent", "failed", "unknown"))


def only_reads_were_sent(d):
    report = d.fleet.report()
    check_only_reads(report)
    # five it came with, and what nvmestatus made it refuse; a look by itself adds none
    before = report["nvme0"]["errors"]
    d.fresh("NVM00000002")
    check(d.fleet.report()["nvme0"]["errors"] == before, "looking added to the error log")


def main():
    if not os.path.exists(DAEMON):
        print("skipped: no daemon here")
        sys.exit(77)
    d = Daemon(["ata", "sas", "nvme", "ata", "standby", "idleb", "loop", "partition"])
    failed = 0
    for part in (all_kinds_are_read, sleep_is_respected, nonsense_is_not_health,
                 what_does_nothing_is_left_alone, values_become_findings, one_that_hangs_stops_nobody, drives_come_and_go, only_reads_were_sent):
        started = time.monotonic()
        try:
            part(d)
            print("ok   %s (%.1f s)" % (part.__name__, time.monotonic() - started), flush=True)
        except AssertionError as e:
            failed += 1
            print("FAIL %s: %s" % (part.__name__, e), flush=True)
    d.end()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
