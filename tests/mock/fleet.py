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
    env = dict(os.environ, LD_PRELOAD=os.path.join(MOCK, "fstat_shim.so"), ASAN_OPTIONS="verify_asan_link_order=0")
    env.update(more)
    return env


def parse_report(lines):
    drives = {}
    for line in lines:
        found = re.match(r"drive (\S+) serial=(\S+) commands=(\d+) errors=(\d+) power=(\w+) asked(.*) inside(.*)", line)
        if found:
            pairs = [dict((int(a, 16), int(b)) for a, b in re.findall(r"(\w\w)\*(\d+)", found.group(g))) for g in (6, 7)]
            drives[found.group(1)] = {"serial": found.group(2), "commands": int(found.group(3)),
                                      "errors": int(found.group(4)), "power": int(found.group(5), 16),
                                      "asked": pairs[0], "inside": pairs[1]}
    return drives


def check_only_reads(drives):
    for name, d in drives.items():
        nvme = name.startswith("nvme")
        check(set(d["asked"]) <= READS["nvme" if nvme else "scsi"], name, "was asked", d["asked"])
        check(set(d["inside"]) <= READS["log" if nvme else "ata"], name, "was asked inside", d["inside"])


def run(specs, *command, timeout=60):
    """One program among the drives: exit status, stdout, what the drives were asked."""
    done = subprocess.run(["umockdev-wrapper", os.path.join(MOCK, "mockfleet"), *specs, "--", *command], env=environment(),
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout)
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
            ["umockdev-wrapper", os.path.join(MOCK, "mockfleet"), *specs, "--", *command], pass_fds=(orders[0], answers[1]),
            env=environment(MOCK_CONTROL="%d,%d" % (orders[0], answers[1]), **env), stdin=subprocess.DEVNULL,
            stdout=log, stderr=log)
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
