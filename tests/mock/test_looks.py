#!/usr/bin/env python3
"""One look at one drive, through the real libudev, libatasmart and ioctls, for everything that can go wrong."""
import json
import os
import shutil

from fleet import PROBE, check, look, main, run

DATA = os.environ.get("BALLAST_DATA", "")


def test_the_simulated_drive_answers():
    """First of all: a drive of this machine must not be what is looked at."""
    status, r, asked = look("ata", "/dev/sda")
    check(status == 0 and r["serial"] == "SIM00000000" and r["name"] == "wwn-0x5000c50000000000", r)
    check(r["class"] == "ATA HDD" and r["capacity_bytes"] == 2000398934016, r)
    check(r["facts"]["power_on_hours"] == 8760 and r["facts"]["smart_passed"] == 1 and r["facts"]["io_errors"] == 0, r)
    check(asked["inside"] == {0xe5: 1, 0xec: 1, 0xb0: 3}, "power mode, identify, thresholds, data, status:", asked)
    check(asked["block"] == 4, "the pages came through libatasmart:", asked)


def test_every_class_is_read():
    _, r, _ = look("sas", "/dev/sda")
    check(r["outcome"] == "ok" and r["serial"] == "SAS00000000" and r["facts"]["grown_defects"] == 2, r)
    check(r["facts"]["smart_passed"] == 1 and r["facts"]["temperature_celsius"] == 34, r)
    _, r, _ = look("nvme", "/dev/nvme0")
    check(r["outcome"] == "ok" and r["serial"] == "NVM00000000" and r["facts"]["temperature_celsius"] == 40, r)
    check(r["facts"]["firmware_active_slot"] == 1 and r["facts"]["error_log_entries"] == 5, r)


def test_nothing_that_is_wrong_reads_as_ok():
    cases = [
        ("ata+enodev@2", {"gone"}), ("ata+enodev@4", {"gone"}), ("sas+enodev@3", {"gone"}), ("nvme+enodev@2", {"gone"}),
        ("ata+eio@1", {"error"}), ("sas+eio@3", {"error"}), ("nvme+eio@2", {"error"}),
        ("ata+truncate@2:0", {"short", "nonsense", "bad checksum"}),
        ("ata+truncate@2:2", {"short", "nonsense", "bad checksum"}),
        ("ata+truncate@3:510", {"short", "nonsense", "bad checksum"}),
        ("ata+garbage@2", {"bad checksum", "nonsense"}), ("ata+garbage@4", {"bad checksum", "nonsense"}),
        ("sas+garbage@5", {"nonsense", "short"}), ("sas+truncate@5:6", {"short", "nonsense"}),
        ("nvme+garbage@2", {"nonsense"}), ("nvme+truncate@2:3", {"nonsense"}), ("nvme+truncate@1:80", {"nonsense"}),
        ("nvme+nvmestatus@2", {"error"}), ("nvme+nvmestatus@2:8194", {"unsupported"}),
        ("ata+hostbyte@1:1", {"gone"}), ("ata+hostbyte@1:3", {"timeout"}), ("sas+hostbyte@4:7", {"error"}),
        ("sas+notready", {"error"}),
    ]
    for spec, wanted in cases:
        status, r, _ = look(spec, "/dev/nvme0" if spec.startswith("nvme") else "/dev/sda")
        check(r["outcome"] in wanted and status == 2, spec, "is", r["outcome"])
        check(set(r["facts"]) <= {"io_errors", "io_pending"}, spec, "has", r["facts"])
        check(r["message"], spec, "says nothing")


def test_sleep_is_respected():
    status, r, asked = look("standby", "/dev/sda")
    check(r["outcome"] == "asleep" and asked["inside"] == {0xe5: 1}, r, asked)
    check(asked["power"] == 0, "it was woken")
    # heads parked, platters turning: libatasmart takes this for sleep
    _, r, _ = look("idleb", "/dev/sda")
    check(r["outcome"] == "ok", r)


def test_fixed_format_sense_is_read_by_hand():
    _, r, asked = look("ata+fixedsense", "/dev/sda")
    check(asked["commands"] > asked["block"] + 1, "not by hand", asked)
    check(r["outcome"] == "ok" and r["facts"]["smart_passed"] == 1 and r["serial"] == "SIM00000000", r)


def test_a_translator_without_ata_is_asked_in_scsi():
    _, r, asked = look("sas-as-ata", "/dev/sda")
    check(r["outcome"] == "ok" and r["class"] == "SAS HDD" and r["facts"]["grown_defects"] == 2, r, asked)


def test_a_unit_attention_is_asked_again_once():
    _, r, _ = look("sas+attention", "/dev/sda")
    check(r["outcome"] == "ok" and r["facts"]["smart_passed"] == 1, r)


def test_a_slow_drive_is_waited_for():
    _, r, _ = look("sas+delay@1:300", "/dev/sda")
    check(r["outcome"] == "ok", r)


def test_ten_looks_add_no_error():
    loop = "for i in 1 2 3 4 5 6 7 8 9 10; do %s --once /dev/nvme0 >/dev/null; done" % PROBE
    _, _, drives = run(["nvme"], "sh", "-c", loop)
    check(drives["nvme0"]["commands"] >= 40 and drives["nvme0"]["errors"] == 5, drives)


def test_only_drives_are_found():
    specs = ["ata", "sas", "nvme", "path=sdb", "loop", "partition", "nvmepath", "standby"]
    status, out, asked = run(specs, PROBE, "--list")
    found = [json.loads(line) for line in out.splitlines()]
    names = {d["dev"]: d["name"] for d in found}
    check(status == 0 and names == {"/dev/sda": "wwn-0x5000c50000000000", "/dev/sdb": "wwn-0x5000c50000000001",
                                    "/dev/nvme0": "serial-NVM00000002", "/dev/sdd": "wwn-0x5000c50000000003"}, names)
    check(found[0]["sg"] == "/dev/sg0" and found[-1]["capacity_bytes"] == 1024209543168, found)
    check(all(d["commands"] == 0 for d in asked.values()), "looking for drives sent commands", asked)


def test_sixty_drives_are_found():
    status, out, _ = run(["20xata", "20xsas", "20xnvme"], PROBE, "--list")
    check(status == 0 and len(out.splitlines()) == 60, "not 60 but", len(out.splitlines()))


def test_blobs_of_real_drives():
    folder = os.path.join(DATA, "ata-blobs")
    wanted = {"WDC_WD5000AAKS--00TMA0-12.01C01": ("pending_sectors", 529), "Maxtor_96147H8--BAC51KJ0--2": ("smart_passed", 0)}
    for name, (fact, value) in wanted.items():
        path = os.path.join(folder, name)
        if not os.path.exists(path):
            print("no blobs of real drives here")
            return
        _, r, _ = look("ata=" + path, "/dev/sda")
        check(r["outcome"] == "ok" and r["facts"][fact] == value, name, r)


def test_smartctl_agrees():
    if not shutil.which("smartctl"):
        print("no smartctl here")
        return
    for spec, dev in (("ata", "/dev/sda"), ("sas", "/dev/sda"), ("nvme", "/dev/nvme0")):
        _, ours, _ = look(spec, dev)
        kind = ["-d", {"ata": "sat", "sas": "scsi", "nvme": "nvme"}[spec]]
        _, out, _ = run([spec], "smartctl", "--json", "-H", "-A", "-i", "-l", "ssd" if spec == "sas" else "error", *kind, dev)
        theirs = json.loads(out)
        check(theirs["serial_number"] == ours["serial"], spec, theirs.get("serial_number"))
        check(theirs["temperature"]["current"] == ours["facts"]["temperature_celsius"], spec, theirs["temperature"])
        if spec != "nvme":
            check(theirs["smart_status"]["passed"] == bool(ours["facts"]["smart_passed"]), spec, theirs["smart_status"])
        if spec != "sas":
            check(theirs["power_on_time"]["hours"] == ours["facts"]["power_on_hours"], spec, theirs["power_on_time"])
        if spec == "sas":
            check(theirs["scsi_grown_defect_list"] == ours["facts"]["grown_defects"], spec, theirs)


def test_nvme_and_sg_logs_agree():
    if shutil.which("nvme"):
        _, ours, _ = look("nvme", "/dev/nvme0")
        _, out, _ = run(["nvme"], "nvme", "smart-log", "-o", "json", "/dev/nvme0")
        theirs = json.loads(out)
        check(int(theirs["percent_used"]) == ours["facts"]["wear_percent"], theirs)
        check(theirs["temperature"] - 273 == ours["facts"]["temperature_celsius"], theirs)
        check(int(theirs["num_err_log_entries"]) == ours["facts"]["error_log_entries"], theirs)
    if shutil.which("sg_logs"):
        _, out, _ = run(["sas"], "sg_logs", "-p", "0x11", "/dev/sg0")
        check("indicator: 17 %" in out, out)


if __name__ == "__main__":
    main([f for name, f in sorted(globals().items(), key=lambda i: getattr(getattr(i[1], "__code__", None), "co_firstlineno", 0))
          if name.startswith("test_")])
