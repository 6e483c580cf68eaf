"""Drives mail-harness, which plays supervisor and engine for the real executable."""
import os
import queue
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time

BUILD = os.environ["BALLAST_BUILD"]


def wait(what, condition, seconds=60):
    """Until condition() is true; the limit is generous, because a busy machine is slow, not wrong."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError("waited %d s in vain: %s" % (seconds, what))


class Harness:
    def __init__(self, role, config, folder=None, prepare=None):
        self.dir = folder or folder_for(role)
        self.config = os.path.join(self.dir, "ballast.yaml")
        self.write_config(config)
        self.lines, self.log, self.pid = [], os.path.join(self.dir, "log"), 0
        exe = os.path.join(BUILD, "agent", "ballast-" + role)
        self.process = subprocess.Popen([os.path.join(BUILD, "tests", "system", "mail", "mail-harness"), role, exe, self.config],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=open(self.log, "a"), text=True,
                                        bufsize=1, preexec_fn=prepare)
        threading.Thread(target=self.read, daemon=True).start()
        self.wait(r"ready")

    def read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def write_config(self, text):
        with open(self.config + ".new", "w") as f:
            f.write(text)
        os.chmod(self.config + ".new", 0o600)
        os.rename(self.config + ".new", self.config)

    def matching(self, pattern, after=0):
        for line in self.lines[after:]:
            m = re.match(pattern + "$", line)
            if m:
                return m
        return None

    def all(self, pattern):
        return [m for m in (re.match(pattern + "$", line) for line in list(self.lines)) if m]

    def wait(self, pattern, after=0, seconds=60):
        try:
            return wait(pattern, lambda: self.matching(pattern, after), seconds)
        except AssertionError:
            print("\n".join(self.lines[-20:]))
            print(open(self.log).read()[-2000:])
            raise

    def tell(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def ask(self, line, pattern):
        after = len(self.lines)
        self.tell(line)
        return self.wait(pattern, after)

    def alert(self, severity="critical", subject="san1/canister/B", text="canister B is out of service"):
        return self.ask("alert %s %s %s" % (severity, subject, text), r"alert (\d+)").group(1)

    def pid_now(self):
        return int(self.all(r"forked (\d+)")[-1].group(1))

    def text_of_log(self):
        with open(self.log) as f:
            return f.read()

    def stop(self):
        self.process.stdin.close()
        self.process.wait(30)
        shutil.rmtree(self.dir, ignore_errors=True)


def folder_for(name):
    folder = tempfile.mkdtemp(prefix=name + "-", dir=os.path.join(BUILD, "tests"))
    os.chmod(folder, 0o755)
    return folder


def main(cases):
    """Run the functions in order; the first that fails ends it."""
    for case in cases:
        started = time.monotonic()
        case()
        print("ok %-60s %5.1f s" % (case.__name__[len("test_"):].replace("_", " "), time.monotonic() - started), flush=True)
