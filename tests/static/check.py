#!/usr/bin/env python3
"""check.py RULE - what the house promises about the source, checked by reading it."""
import os
import re
import shutil
import subprocess
import sys

ROOT = os.environ["BALLAST_SOURCE"]
SKIP = 77


def files(*folders, ends=(".c", ".h")):
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", "-z", *folders], capture_output=True, text=True)
    names = listed.stdout.split("\0") if listed.returncode == 0 else [
        os.path.relpath(os.path.join(d, f), ROOT) for folder in folders for d, _, fs in os.walk(os.path.join(ROOT, folder))
        for f in fs]
    return [n for n in names if n and n.endswith(ends) and os.path.exists(os.path.join(ROOT, n))]


def read(name):
    with open(os.path.join(ROOT, name), errors="replace") as f:
        return f.read()


def includes(name):
    return re.findall(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]', read(name), re.M)


def meson_list(name, *variables):
    """The C files that a variable of a meson.build names."""
    found = []
    for variable in variables:
        text = re.search(r"^%s = (.*?)\n(?=[^\s)])" % variable, read(name) + "\nend", re.S | re.M).group(1)
        found += [os.path.join(os.path.dirname(name), f) for f in re.findall(r"'([^']+\.c)'", text)]
    return found


def layers():
    """web -> agent -> probes, never back"""
    for name in files("probes"):
        for i in includes(name):
            if i.startswith(("agent/", "web/")):
                yield "%s includes %s" % (name, i)
    for name in files("agent"):
        for i in includes(name):
            if i.startswith("web/"):
                yield "%s includes %s" % (name, i)


def pure():
    """pure files include no system I/O header"""
    bad = re.compile(r"^(unistd|fcntl|poll|dirent|signal|pthread|netdb|spawn|syslog)\.h$|^(sys|linux|net|arpa|netinet|scsi|"
                     r"systemd|curl|microhttpd|seccomp)/|^(libudev|sqlite3|atasmart|seccomp|cap-ng|microhttpd)\.h$")
    for name in meson_list("agent/meson.build", "decide_sources", "middle_sources", "core_sources") + meson_list("probes/meson.build", "decode_sources", "manage_sources"):
        for i in includes(name):
            if bad.search(i):
                yield "%s includes <%s>" % (name, i)
        for call in re.findall(r"\b(clock_gettime|gettimeofday|time|boot_ms|wall_ms)\s*\((?:\)|NULL|CLOCK)", read(name)):
            yield "%s asks a clock: %s()" % (name, call)


def lengths():
    for name in files("agent", "probes", "web", ends=(".c",)):
        n = read(name).count("\n")
        if n > 440:
            yield "%s has %d lines" % (name, n)


def words():
    """nothing of a developer's machine, nothing left open"""
    bad = re.compile(r"\b(TODO|FIXME|XXX)\b|/home/[a-z]|/wor" + "k/")
    for name in files(".", ends=(".c", ".h", ".py", ".sh", ".md", ".build", ".yaml", ".js", ".css")):
        for n, line in enumerate(read(name).splitlines(), 1):
            if bad.search(line) and not name.startswith("tests/static/"):
                yield "%s:%d: %s" % (name, n, line.strip())


def run_tool(tool, *args):
    if not shutil.which(tool):
        print("%s is not installed" % tool)
        sys.exit(SKIP)
    r = subprocess.run([tool, *args], capture_output=True, text=True, cwd=ROOT)
    return [] if r.returncode == 0 else (r.stdout + r.stderr).splitlines()[:60]


def shell():
    """shellcheck on every script"""
    scripts = [n for n in files("packaging", "tests", ends=("",)) if re.match(r"#!/bin/(ba)?sh|# shellcheck shell", read(n)[:200])]
    return run_tool("shellcheck", "-x", "-S", "warning", *scripts)


def man():
    """every manual page renders without a warning"""
    pages = [n for n in files("packaging", ends=tuple(".%d" % i for i in range(1, 9)))]
    for page in pages:
        for line in run_tool("man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", os.path.join(ROOT, page)):
            yield "%s: %s" % (page, line)
    if not pages:
        yield "no manual pages"


found = list(globals()[sys.argv[1]]())
print("\n".join(found) or "clean")
sys.exit(1 if found else 0)
