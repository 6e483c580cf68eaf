"""What the system tests share: start the real daemon, a receiver that misbehaves on order, ask, wait."""
import http.server
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

BUILD = os.environ["BALLAST_BUILD"]
SKIP = 77


def skip(why):
    print("skipped: " + why)
    sys.exit(SKIP)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait(what, condition, seconds=90):
    """Until condition() is true; the limit is generous, because a busy machine is slow, not wrong."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError("waited %d s in vain: %s" % (seconds, what))


def allow_locked_memory():
    """As the unit file does; where even root may not, Ballast goes on and says so."""
    try:
        resource.setrlimit(resource.RLIMIT_MEMLOCK, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    except (OSError, ValueError):
        pass


class Receiver:
    """Takes webhooks on loopback. `answers` is what it says next, in order: a status, (status, headers),
    "stall" or "close"; afterwards always 204."""

    def __init__(self, port=0):
        self.got, self.answers, self.lock = [], [], threading.Lock()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                with receiver.lock:
                    answer = receiver.answers.pop(0) if receiver.answers else 204
                    receiver.got.append({"at": time.monotonic(), "answer": answer, "headers": dict(self.headers),
                                         "raw": body, "body": json.loads(body)})
                if answer == "stall":
                    time.sleep(60)
                    return
                if answer == "close":
                    self.close_connection = True
                    return
                status, headers = answer if isinstance(answer, tuple) else (answer, {})
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def accepted(self, **want):
        """Messages we said 2xx to whose data has all of `want` (type is matched too)."""
        with self.lock:
            mine = [g["body"] for g in self.got if g["answer"] == 204]
        return [b for b in mine if all(b.get(k) == v if k == "type" else b["data"].get(k) == v for k, v in want.items())]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Ballast:
    """One daemon with its own folder under the build folder (a folder others cannot write to)."""

    def __init__(self, config="", args=(), wrapper=(), env=None, name="run"):
        self.dir = tempfile.mkdtemp(prefix=name + "-", dir=os.path.join(BUILD, "tests"))
        os.chmod(self.dir, 0o755)
        self.port = free_port()
        self.control = os.path.join(self.dir, "control.sock")
        self.state = os.path.join(self.dir, "state")
        os.mkdir(self.state)
        self.args, self.wrapper = list(args), list(wrapper)
        self.env = dict(os.environ, **(env or {}))
        self.process, self.log = None, os.path.join(self.dir, "log")
        if config:
            self.write("ballast.yaml", config.replace("@DIR@", self.dir), 0o600)

    def write(self, name, text, mode=0o755):
        path = os.path.join(self.dir, name)
        with open(path + ".new", "w") as f:
            f.write(text)
        os.chmod(path + ".new", mode)
        os.rename(path + ".new", path)
        return path

    def command(self):
        own = [] if "--demo" in " ".join(self.args) else ["-c", os.path.join(self.dir, "ballast.yaml"), "--state", self.state]
        return self.wrapper + [os.path.join(BUILD, "agent", "ballastd"), "--listen", "127.0.0.1:%d" % self.port,
                               "--control", self.control] + own + self.args

    def start(self, ready=True):
        self.process = subprocess.Popen(self.command(), stdout=subprocess.DEVNULL, stderr=open(self.log, "ab"),
                                        stdin=subprocess.DEVNULL, env=self.env, preexec_fn=allow_locked_memory)
        if ready:
            wait("ready", lambda: self.alive() and self.get_ok("/readyz"))
        return self

    def alive(self):
        if self.process.poll() is not None:
            raise AssertionError("ballastd ended with %d:\n%s" % (self.process.returncode, self.tail()))
        return True

    def tail(self, lines=60):
        with open(self.log, errors="replace") as f:
            return "".join(f.readlines()[-lines:])

    def get(self, path):
        with urllib.request.urlopen("http://127.0.0.1:%d%s" % (self.port, path), timeout=5) as answer:
            return answer.read().decode()

    def get_ok(self, path):
        try:
            self.get(path)
            return True
        except (urllib.error.URLError, OSError):
            return False

    def json(self, path):
        try:
            return json.loads(self.get(path))
        except (urllib.error.URLError, OSError):
            return None

    def status(self):
        return self.json("/api/v1/status")

    def array(self, name):
        return next((a for a in (self.status() or {"arrays": []})["arrays"] if a["name"] == name), None)

    def verdict(self, name):
        return (self.array(name) or {}).get("verdict")

    def findings(self, **want):
        return [f for f in (self.status() or {"findings": []})["findings"] if all(f.get(k) == v for k, v in want.items())]

    def plan(self, name):
        return next((p for p in (self.status() or {"failover": []})["failover"] if p["plan"] == name), None)

    def ctl(self, *args, check=None):
        r = subprocess.run([os.path.join(BUILD, "agent", "ballastctl"), "--control", self.control, *args],
                           capture_output=True, text=True, timeout=60)
        if check is not None and r.returncode != check:
            raise AssertionError("ballastctl %s: exit %d, not %d\n%s%s" %
                                 (" ".join(args), r.returncode, check, r.stdout, r.stderr))
        return r

    def roles(self):
        """pid of every living process of this daemon by its name"""
        found, todo = {}, [self.process.pid]
        while todo:
            pid = todo.pop()
            try:
                with open("/proc/%d/task/%d/children" % (pid, pid)) as f:
                    todo += [int(c) for c in f.read().split()]
                with open("/proc/%d/comm" % pid) as f:
                    found.setdefault(f.read().strip(), []).append(pid)
            except OSError:
                pass
        return found

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise AssertionError("SIGTERM did not end ballastd within 20 s:\n" + self.tail())
        return self.process.returncode if self.process else None

    def cleanup(self):
        try:
            self.stop()
        finally:
            shutil.rmtree(self.dir, ignore_errors=True)


def main(*tests):
    """Run the tests in order; say which, and the daemon's last words when one fails."""
    only = sys.argv[1:]
    failed = 0
    for test in tests:
        if only and test.__name__ not in only:
            continue
        try:
            test()
            print("ok: " + test.__name__)
        except Exception as e:  # report all of them, not only the first
            failed += 1
            print("FAILED: %s: %s: %s" % (test.__name__, type(e).__name__, e))
        sys.stdout.flush()
    sys.exit(1 if failed else 0)
