#!/usr/bin/env python3
"""Runs the browser tests when Node, Chromium and playwright-core are here or can be had; else says why not (77)."""
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def skip(why):
    print("skipped: " + why)
    sys.exit(77)


if not shutil.which("node"):
    skip("no node")
if not os.path.exists(os.environ.get("BALLAST_CHROMIUM", "/usr/bin/chromium")):
    skip("no chromium")
if not os.path.isdir(os.path.join(HERE, "node_modules", "playwright-core")):
    if not shutil.which("npm"):
        skip("playwright-core is not installed and there is no npm")
    got = subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=HERE)
    if got.returncode:
        skip("npm ci failed: no network?")
names = sys.argv[1:] or [os.path.join(HERE, "page.test.js")]
sys.exit(subprocess.run(["node", "--test", "--test-concurrency=1", *names]).returncode)
