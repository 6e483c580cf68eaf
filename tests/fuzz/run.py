#!/usr/bin/env python3
"""run.py FUZZER RUNS - build seeds, try RUNS inputs; a failing input is kept and named."""
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
program, runs = sys.argv[1], sys.argv[2]
name = os.path.basename(program)

with tempfile.TemporaryDirectory() as scratch:
    subprocess.run([sys.executable, os.path.join(HERE, "seeds.py"), scratch], check=True)
    found = os.path.join(os.environ.get("BALLAST_BUILD", scratch), "tests", "fuzz", "found-")
    os.makedirs(os.path.join(scratch, name), exist_ok=True)
    # The same inputs each time and on each machine, so that a failure belongs to the change:
    # a seed and a count, no time, and no random addresses. FUZZ_SEED=0 with FUZZ_RUNS looks elsewhere.
    plain = ["setarch", "-R"] if subprocess.run(["setarch", "-R", "true"], stderr=subprocess.DEVNULL).returncode == 0 else []
    result = subprocess.run([*plain, program, "-seed=" + os.environ.get("FUZZ_SEED", "1"), "-runs=" + os.environ.get("FUZZ_RUNS", runs),
                             "-reload=0", "-max_len=8192", "-timeout=60", "-rss_limit_mb=1024",
                             "-print_final_stats=1", "-artifact_prefix=" + found + name + "-",
                             os.path.join(scratch, name)], stderr=subprocess.PIPE, text=True)
    tail = result.stderr.splitlines()[-40 if result.returncode else -8:]
    print("\n".join(tail))
# what libFuzzer ends with after a crash is what meson takes for a skipped test
sys.exit(1 if result.returncode else 0)
