#!/usr/bin/env python3
"""Drives behind a RAID adapter through the whole daemon; smartctl is a script that says what we want."""
import json
import os

from harness import Ballast, Receiver, main, wait

SMARTCTL = """#!/bin/sh
echo "$*" >>@DIR@/said
grep -E '^(CapEff|NoNewPrivs|Uid)' /proc/self/status >@DIR@/privileges
case "$*" in
*--scan-open*)
	cat @DIR@/scan
	exit 0 ;;
esac
for last; do :; done
for word; do
	case "$word" in *megaraid,*) type=${word##*,} ;; esac
done
cat "@DIR@/drive-$type"
exit "$(sed -n 's/.*"exit_status": *\\([0-9]*\\).*/\\1/p' "@DIR@/drive-$type")"
"""

CONFIG = """
version: 1
state_directory: @DIR@/state
local: false
arrays:
  - name: raid
    sources:
      - {type: smartctl, program: @DIR@/smartctl, interval: 1s, timeout: 20s}
sinks:
  - {name: oncall, type: webhook, url: "http://127.0.0.1:@PORT@/hook", secret_file: @DIR@/key, min_severity: info}
"""

ROOT = os.geteuid() == 0


def attribute(id, raw, value=100, thresh=0):
    return {"id": id, "value": value, "worst": value, "thresh": thresh, "flags": {"value": 51}, "raw": {"value": raw}}


def drive(b, number, status=0, pending=0, **more):
    answer = {"json_format_version": [1, 0], "smartctl": {"exit_status": status}, "device": {"protocol": "ATA"},
              "model_name": "SIMDISK 2TB", "serial_number": "SER%d" % number, "firmware_version": "F1",
              "wwn": {"naa": 5, "oui": 3152, "id": number}, "rotation_rate": 7200, "smart_status": {"passed": True},
              "ata_smart_attributes": {"table": [attribute(5, 0), attribute(9, 8760), attribute(197, pending)]}}
    answer.update(more)
    b.write("drive-%d" % number, json.dumps({k: v for k, v in answer.items() if v is not None}), 0o644)


def started(receiver):
    b = Ballast(CONFIG.replace("@PORT@", str(receiver.port)), name="smartctl")
    b.write("key", "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" + "\n", 0o600)
    b.write("smartctl", SMARTCTL.replace("@DIR@", b.dir))
    for name in ("said", "privileges"):
        b.write(name, "", 0o666)
    b.write("scan", json.dumps({"smartctl": {"exit_status": 0}, "devices": [
        {"name": "/dev/sda", "type": "scsi"}, {"name": "/dev/bus/0", "type": "megaraid,8"},
        {"name": "/dev/bus/0", "type": "sat+megaraid,9"}]}), 0o644)
    drive(b, 8)
    drive(b, 9)
    return b.start()


def component(b, number):
    return b.json("/api/v1/components/raid/drive/wwn-0x5000c50%09x" % number) or {}


def test_drives_behind_an_adapter_have_the_same_rules():
    receiver = Receiver()
    b = started(receiver)
    try:
        wait("both are there", lambda: component(b, 8).get("health") == "ok" and component(b, 9).get("health") == "ok")
        with open(os.path.join(b.dir, "said")) as f:
            said = f.read()
        assert "/dev/sda" not in said, "a drive that is not behind the adapter was asked: " + said
        assert "-n standby," in said, said
        with open(os.path.join(b.dir, "privileges")) as f:
            privileges = dict(line.split(":", 1) for line in f.read().splitlines())
        if ROOT:
            assert int(privileges["CapEff"], 16) == 1 << 1 | 1 << 17 | 1 << 21 | 1 << 27, privileges
            assert privileges["Uid"].split()[0] != "0", privileges
            assert privileges["NoNewPrivs"].strip() == "1", privileges
        drive(b, 9, pending=60)
        wait("told", lambda: receiver.accepted(type="finding.firing", rule="drive.pending-sectors/critical"))
        found = wait("shown", lambda: b.findings(rule="drive.pending-sectors/critical"))[0]
        assert found["component"].endswith("wwn-0x5000c50%09x" % 9), found
        drive(b, 8, status=8, smart_status={"passed": False})
        wait("its own verdict", lambda: b.findings(rule="drive.smart-failing"))
    finally:
        b.cleanup()
        receiver.stop()


def test_exit_bits_are_data_and_doubt_is_not_health():
    receiver = Receiver()
    b = started(receiver)
    try:
        wait("both are there", lambda: component(b, 8).get("health") == "ok" and component(b, 9).get("health") == "ok")
        drive(b, 8, status=64)
        drive(b, 9, status=3, ata_smart_attributes=None, wwn=None, serial_number=None)
        wait("asleep", lambda: component(b, 9).get("asleep") is True or "sleep" in str(component(b, 9)))
        wait("fails no more than that", lambda: not b.findings(rule="source.failing"))
        drive(b, 8, status=2, ata_smart_attributes=None, wwn=None, serial_number=None)
        wait("told", lambda: [f for f in b.findings(rule="source.failing") if "megaraid,8" in str(f)])
        wait("nobody calls it healthy", lambda: component(b, 8).get("health") == "unknown")
        b.write("scan", json.dumps({"smartctl": {"exit_status": 0}, "devices": [
            {"name": "/dev/bus/0", "type": "sat+megaraid,9"}]}), 0o644)
        drive(b, 9)
        wait("absent", lambda: component(b, 8).get("state") == "absent")
        b.write("scan", "smartctl: command not understood", 0o644)
        wait("no JSON", lambda: [f for f in b.findings(rule="source.failing") if "JSON" in str(f)])
    finally:
        b.cleanup()
        receiver.stop()


main(test_drives_behind_an_adapter_have_the_same_rules, test_exit_bits_are_data_and_doubt_is_not_health)
