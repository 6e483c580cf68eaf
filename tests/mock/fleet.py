"""What the mock tests share: a fleet of simulated drives around a program, and what the fleet was asked."""
import json
import os
import re
import subprocess
import sys
import time

BUILD = os.environ["BALLAST_BUILD"]
MOCK = os.path.join(BUILD, "tests", "mock")
PROBE = os.path.join(BUILD, "agent", "ballast-probe")
# all a probe may ever send: SCSI opcodes, ATA commands in pass-throughs, NVMe admin opcodes and log pages
READS = {"scsi": {0x00, 0x03, 0x12, 0x37, 0x4d, 0x85}, "ata": {0xe5, 0xec, 0xb0},
         "nvme": {0x02, 0x06}, "log": {0x01, 0x02, 0x03, 0x06}}


def check(condition, *what):
    if not condition:
        raise AssertionError(" ".join(str(w) for w in what))


def environment(**more):
    return dict(os.environ, ASAN_OPTIONS="verify_asan_link_order=0", **more)


def command_line(specs, command):
    """The shim stands before umockdev's own library, which the wrapper puts into LD_PRELOAD."""
    return ["umockdev-wrapper", "sh", "-c", 'export LD_PRELOAD="%s:$LD_PRELOAD"; exec "$@"' %
            os.path.join(MOCK, "umockdev_shim.so"), "sh", os.path.join(MOCK, "mockfleet"), *specs, "--", *command]


def parse_report(lines):
    drives = {}
    for line in lines:
        found = re.match(r"drive (\S+) (serial=.*) asked(.*) inside(.*)", line)
        if found:
            d = dict(word.split("=") for word in found.group(2).split())
            d = {k: v if k == "serial" else int(v, 16 if k == "power" else 10) for k, v in d.items()}
            for key, group in (("asked", 3), ("inside", 4)):
                d[key] = {int(a, 16): int(b) for a, b in re.findall(r"(\w\w)\*(\d+)", found.group(group))}
            drives[found.group(1)] = d
    return drives


def check_only_reads(drives):
    for name, d in drives.items():
        nvme = name.startswith("nvme")
        check(set(d["asked"]) <= READS["nvme" if nvme else "scsi"], name, "was asked", d["asked"])
        check(set(d["inside"]) <= READS["log" if nvme else "ata"], name, "was asked inside", d["inside"])


def run(specs, *command, timeout=60):
    """One program among the drives: exit status, stdout, what the drives were asked."""
    done = subprocess.run(command_line(specs, command), env=environment(), stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=timeout)
    drives = parse_report(done.stderr.splitlines())
    return done.returncode, done.stdout, drives


def look(spec, dev):
    """One reading of one simulated drive by ballast-probe, and what that drive was asked."""
    status, out, drives = run([spec], PROBE, "--once", dev)
    check(out, "no reading of", spec)
    check_only_reads(drives)
    return status, json.loads(out), drives[os.path.basename(dev)]


class Fleet:
    """A program that stays, and orders to the fleet while it does."""

    def __init__(self, specs, *command, log=None, **env):
        orders, answers = os.pipe(), os.pipe()
        self.process = subprocess.Popen(
            command_line(specs, command), pass_fds=(orders[0], answers[1]),
            env=environment(MOCK_CONTROL="%d,%d" % (orders[0], answers[1]), **env),
            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        os.close(orders[0])
        os.close(answers[1])
        self.orders, self.answers = os.fdopen(orders[1], "w"), os.fdopen(answers[0])

    def order(self, line):
        self.orders.write(line + "\n")
        self.orders.flush()
        lines = []
        while True:
            answer = self.answers.readline()
            check(answer, "the fleet died at:", line)
            if answer.strip() in ("ok", "no"):
                check(answer.strip() == "ok", "the fleet refused:", line)
                return lines
            lines.append(answer.strip())

    def report(self):
        return parse_report(self.order("report"))

    def end(self, seconds=30):
        self.orders.close()
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise


def main(tests):
    failed = 0
    for test in tests:
        started = time.monotonic()
        try:
            test()
            print("ok   %s (%.1f s)" % (test.__name__, time.monotonic() - started))
        except AssertionError as e:
            failed += 1
            print("FAIL %s: %s" % (test.__name__, e))
    sys.exit(1 if failed else 0)
