#!/usr/bin/env python3
"""Every process killed at any moment is back, and the log's numbers go on.

Runs the real supervisor, zygotes, privileges and system call lists around roles that only answer
(tests/system/skeleton). The engine's status line arrives as sd_notify's STATUS: its sequence, how many
deaths it was told of, how many of them were given up before, and which roles answered it lately.
"""
import fcntl
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.join(os.environ["BALLAST_BUILD"], "tests", "system", "skeleton")
ROLES = {"scribe", "courier", "web", "runner", "discoverer", "scenario",
         "prober0", "prober1", "prober2", "prober3", "prober4", "prober7"}  # 5 and 6 are another executable's
COMM = {"discoverer": "ballast-discove", "scenario": "ballast-scenari"}


class Skeleton:
    started = []

    def __init__(self, stderr=None, env=None, args=(), folder=HERE):
        self.dir = tempfile.mkdtemp(prefix="skeleton-")
        os.chmod(self.dir, 0o755)
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(os.path.join(self.dir, "notify"))
        self.control = os.path.join(self.dir, "control.sock")
        self.log = os.path.join(self.dir, "log")
        self.args = [os.path.join(folder, "ballastd"), "--control", self.control,
                     "--state", os.path.join(self.dir, "state"), *args]
        self.process = subprocess.Popen(
            self.args, stderr=stderr if stderr is not None else open(self.log, "ab"), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, env=dict(os.environ, NOTIFY_SOCKET=os.path.join(self.dir, "notify"), WATCHDOG_USEC="30000000",
                     **(env or {})))
        self.ready = False
        Skeleton.started.append(self)

    def status(self, seconds=60):
        """The engine's next status: sequence, deaths told, given up, who answered."""
        self.notify.settimeout(1)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise AssertionError("ballastd ended with %d\n%s" % (self.process.returncode, self.tail()))
            try:
                text = self.notify.recv(4096).decode()
            except TimeoutError:
                continue
            self.ready = self.ready or "READY=1" in text
            m = re.search(r"^STATUS=s=(\d+) d=(\d+) a=(\d+) (.*)$", text, re.M)
            if m:
                return int(m[1]), int(m[2]), int(m[3]), set(m[4].split(",")) - {""}
        raise AssertionError("the engine has said nothing for %d s\n%s" % (seconds, self.tail()))

    def drain(self):
        self.notify.setblocking(False)
        try:
            while True:
                self.notify.recv(4096)
        except BlockingIOError:
            pass

    def wait(self, what, condition, seconds=30):
        self.drain()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            s = self.status()
            if condition(*s):
                return s
        raise AssertionError("waited in vain: %s; last %s\n%s" % (what, s, self.tail()))

    def whole(self):
        return self.wait("all roles answer", lambda s, d, a, who: who == ROLES)

    def children(self, pid=None):
        pid = pid or self.process.pid
        with open("/proc/%d/task/%d/children" % (pid, pid)) as f:
            return [int(c) for c in f.read().split()]

    def named(self, name):
        found = []
        for pid in self.children():
            try:
                with open("/proc/%d/comm" % pid) as f:
                    if f.read().strip() == name:
                        found.append(pid)
            except OSError:
                pass
        return found

    def tail(self):
        with open(self.log, errors="replace") as f:
            return "".join(f.readlines()[-30:])

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


def test_every_role_comes_back(s):
    last = s.whole()[0]
    for name in ["scribe", "courier", "web", "runner", "discoverer", "scenario", "engine", "prober"]:
        comm = COMM.get(name, "ballast-" + name)
        for _ in range(3):
            before = s.named(comm)
            assert before, "%s is not there\n%s" % (name, s.tail())
            began = time.monotonic()
            for pid in before:
                os.kill(pid, signal.SIGKILL)
            s.wait("%s is another process" % name,
                   lambda *_: len(s.named(comm)) == len(before) and not set(s.named(comm)) & set(before))
            now = s.whole()[0]
            took = time.monotonic() - began
            assert now > last, "the sequence went back from %d to %d after %s" % (last, now, name)
            last = now
        print("%-10s back and answering after %d ms" % (name, took * 1000))


def test_dead_zygotes(s):
    """A zygote that dies is started again; what it forked lives on; what died meanwhile comes back."""
    s.whole()
    zygotes = [p for p in s.children() if open("/proc/%d/comm" % p).read().startswith("zygote-")]
    assert len(zygotes) == 5, zygotes
    living = s.named("ballast-engine") + s.named("ballast-scribe")
    for pid in zygotes + s.named("ballast-courier"):
        os.kill(pid, signal.SIGKILL)
    s.wait("new zygotes", lambda *_: len([p for p in s.children() if p not in zygotes]) >= 5 and s.named("ballast-courier"))
    s.whole()
    assert living == s.named("ballast-engine") + s.named("ballast-scribe")


def test_zygote_that_hangs(s):
    """A stopped zygote is replaced when it does not answer in time; the role waits for that, nobody else."""
    s.whole()
    courier, = s.named("ballast-courier")
    zygotes = [p for p in s.children() if open("/proc/%d/cmdline" % p).read().endswith("ballast-courier\0--zygote\0")
               and open("/proc/%d/comm" % p).read().startswith("zygote-")]
    assert len(zygotes) == 1
    os.kill(zygotes[0], signal.SIGSTOP)
    os.kill(courier, signal.SIGKILL)
    s.wait("the rest goes on", lambda q, d, a, who: who == ROLES - {"courier"})
    s.whole()


def test_stopped_follower_delays_nobody(s):
    """A role that may wait for a device, so that nobody replaces it."""
    s.whole()
    discoverer, = s.named(COMM["discoverer"])
    os.kill(discoverer, signal.SIGSTOP)
    first = s.wait("it is silent", lambda q, d, a, who: who == ROLES - {"discoverer"})[0]
    s.wait("the engine goes on for more than a link holds", lambda q, d, a, who: q > first + 800, 120)
    os.kill(discoverer, signal.SIGCONT)
    s.whole()
    assert s.named(COMM["discoverer"]) == [discoverer]


def test_follower_that_hangs_is_replaced(s):
    """Those whose loop never waits answer the supervisor, or are another process; nobody else is touched."""
    _, told, _, _ = s.whole()
    names = ["ballast-courier", "ballast-scribe", "ballast-web"]
    before = {pid: name for name in names for pid in s.named(name)}
    others = set(s.children()) - set(before)
    for pid in before:
        os.kill(pid, signal.SIGSTOP)
    s.wait("other ones", lambda *_: all(s.named(n) and not set(s.named(n)) & set(before) for n in names), 120)
    s.wait("their ends are told", lambda q, d, a, who: d >= told + 3)
    s.whole()
    assert others <= set(s.children())
    for name in names:
        assert name.replace("ballast-", "") + " has not answered for 20 s, replacing it" in open(s.log).read()


def test_engine_that_does_not_decide_is_replaced(s):
    last = s.whole()[0]
    engine, = s.named("ballast-engine")
    os.kill(engine, signal.SIGSTOP)
    now = s.wait("another engine", lambda *_: s.named("ballast-engine") not in ([], [engine]), 90)[0]
    assert now >= last
    s.whole()


def test_given_up_prober(s):
    """Reload makes the skeleton's engine give up one prober: killed, told when it has ended, replaced on demand."""
    _, _, given_up, _ = s.whole()
    s.process.send_signal(signal.SIGHUP)
    s.wait("its end is told", lambda q, d, a, who: a == given_up + 1)
    s.whole()


def test_refused_reload_keeps_the_old(_):
    """A configuration that cannot be read any more is told to the engine, and everything stays as it was."""
    config = tempfile.NamedTemporaryFile(suffix=".yaml", delete=False)
    s = Skeleton(args=["-c", config.name])
    s.whole()
    everybody = sorted(s.children())
    s.process.send_signal(signal.SIGHUP)
    s.wait("the good one is taken", lambda *_: "reloaded ok=1" in s.tail())
    assert "configuration generation=2" in s.tail(), s.tail()
    s.whole()
    everybody = sorted(s.children())
    os.unlink(config.name)
    s.process.send_signal(signal.SIGHUP)
    s.wait("the refusal is told", lambda *_: "reloaded ok=0 error='no such file'" in s.tail())
    s.whole()
    assert sorted(s.children()) == everybody
    assert s.end() == 0


def test_left_over_processes_are_ended(_):
    s = Skeleton(env={"SKELETON_LEFTOVER": "1"})
    s.whole()
    runner, = s.named("ballast-runner")

    def below(pid):
        return [p for c in s.children(pid) for p in [c] + below(c)]

    left = below(runner)
    assert len(left) == 3, left
    os.kill(runner, signal.SIGKILL)
    s.wait("left-overs are gone", lambda *_: not [p for p in left if os.path.exists("/proc/%d" % p)])
    s.whole()
    # and the same when Ballast itself is stopped: nothing may outlive it
    runner, = s.named("ballast-runner")
    left = below(runner)
    assert len(left) == 3, left
    assert s.end() == 0, s.tail()
    assert not [p for p in left if os.path.exists("/proc/%d" % p)], left


def test_unread_stderr(_):
    """Nobody reads the pipe, and the engine logs ten times what it holds."""
    r, w = os.pipe()
    fcntl.fcntl(w, fcntl.F_SETPIPE_SZ, 4096)
    s = Skeleton(stderr=w, env={"SKELETON_NOISE": "50"})
    first = s.wait("all roles answer", lambda q, d, a, who: who == ROLES)[0]
    s.wait("the engine goes on", lambda q, d, a, who: q > first + 60 and who == ROLES)
    assert not fcntl.fcntl(w, fcntl.F_GETFL) & os.O_NONBLOCK, "the flags of a shared pipe were changed"
    assert s.end() == 0
    os.close(w)
    os.close(r)


def test_unread_socket_stderr(_):
    """The same as a journal stream that nobody reads."""
    a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    s = Skeleton(stderr=a, env={"SKELETON_NOISE": "50"})
    first = s.wait("all roles answer", lambda q, d, a, who: who == ROLES)[0]
    s.wait("the engine goes on", lambda q, d, a, who: q > first + 60 and who == ROLES)
    assert b.recv(10).startswith(b"<"), "no journal prefix"
    assert s.end() == 0


def test_log_file_whose_disk_hangs(_):
    """The one process that writes the file is stopped, as a write to a dead disk would stop it."""
    s = Skeleton(env={"SKELETON_NOISE": "50"})
    s.whole()
    pump, = s.named("ballast-log")
    os.kill(pump, signal.SIGSTOP)
    first = s.whole()[0]
    s.wait("the engine goes on", lambda q, d, a, who: q > first + 60 and who == ROLES)
    os.kill(pump, signal.SIGCONT)
    s.wait("what was lost is told", lambda *_: "lines of log were dropped" in open(s.log).read())
    assert s.end() == 0


def test_log_file_whose_writer_is_killed(_):
    s = Skeleton(env={"SKELETON_NOISE": "50"})
    s.whole()
    for _ in range(2):
        pump, = s.named("ballast-log")
        time.sleep(1.1)  # one that ends within a second is not replaced at once
        os.kill(pump, signal.SIGKILL)
        s.wait("another one", lambda *_: s.named("ballast-log") not in ([], [pump]))
        size = os.path.getsize(s.log)
        s.wait("the log goes on", lambda *_: os.path.getsize(s.log) > size)
    assert "what writes the log had ended" in open(s.log).read()
    assert s.end() == 0


def test_executable_on_a_disk_that_hangs(_):
    """A write lease makes open and exec wait as a dead disk does. Nobody waits with them but the one role."""
    folder = tempfile.mkdtemp(prefix="skeleton-exe-")
    os.chmod(folder, 0o755)
    for name in ["ballastd", "ballast-probe", "ballast-courier", "ballast-scribe", "ballast-web"]:
        shutil.copy(os.path.join(HERE, name), folder)
    s = Skeleton(folder=folder)
    s.whole()
    path = os.path.join(folder, "ballast-courier")
    shutil.copy(path, path + ".new")
    os.rename(path + ".new", path)
    signal.signal(signal.SIGIO, signal.SIG_IGN)
    lease = os.open(path, os.O_RDWR)
    fcntl.fcntl(lease, fcntl.F_SETLEASE, fcntl.F_WRLCK)
    for pid in s.children():
        with open("/proc/%d/cmdline" % pid) as f:
            if f.read().startswith(path + "\0"):
                os.kill(pid, signal.SIGKILL)
    first = s.wait("the rest goes on", lambda q, d, a, who: who == ROLES - {"courier"})[0]
    scribe, = s.named("ballast-scribe")
    os.kill(scribe, signal.SIGKILL)
    s.wait("others still come back", lambda q, d, a, who: who == ROLES - {"courier"} and q > first + 40 and
           s.named("ballast-scribe") not in ([], [scribe]))
    os.close(lease)
    s.whole()
    assert s.end() == 0
    shutil.rmtree(folder)


def expect_refusal(args, *words):
    p = subprocess.run([os.path.join(HERE, "ballastd"), *args], stderr=subprocess.PIPE, text=True, timeout=30)
    lines = p.stderr.strip().splitlines()
    assert p.returncode == 1 and len(lines) == 1 and all(w in lines[0] for w in words), (p.returncode, p.stderr)
    print("refused: " + lines[0])


def test_what_cannot_be_used_is_one_clear_line(s):
    busy = socket.socket()
    busy.bind(("127.0.0.1", 0))
    busy.listen()
    port = "127.0.0.1:%d" % busy.getsockname()[1]
    other = os.path.join(s.dir, "other.sock")
    state = ["--state", os.path.join(s.dir, "other")]
    expect_refusal(["--control", other, "--listen", port] + state, port, "another program listens there", "--listen")
    expect_refusal(["--control", other, "--listen", "nonsense"] + state, "nonsense", "ADDRESS:PORT")
    expect_refusal(["--control", s.control] + state, s.control, "another ballastd", "--control")
    expect_refusal(["--control", "/proc/no/such/dir/x"] + state, "/proc/no/such/dir/x", "--control")
    expect_refusal(["--control", os.path.join(s.dir, "x" * 120)] + state, "xxx", "--control")


def test_orderly_end(_):
    s = Skeleton()
    s.whole()
    assert s.ready, "READY=1 was not sent"
    everybody = s.children()
    assert s.end() == 0, s.tail()
    left = [p for p in everybody if os.path.exists("/proc/%d" % p)]
    end = time.monotonic() + 20
    while left and time.monotonic() < end:
        time.sleep(0.05)
        left = [p for p in left if os.path.exists("/proc/%d" % p)]
    assert not left, left
    assert not os.path.exists(s.control)


def test_death_of_the_supervisor_ends_all(_):
    s = Skeleton()
    s.whole()
    everybody = s.children()
    s.process.kill()
    s.process.wait()
    end = time.monotonic() + 20
    while time.monotonic() < end and [p for p in everybody if os.path.exists("/proc/%d" % p)]:
        time.sleep(0.05)
    left = [p for p in everybody if os.path.exists("/proc/%d" % p)]
    assert not left, left
    # and the socket it left behind is in nobody's way
    again = Skeleton(args=["--control", s.control])
    again.whole()
    assert again.end() == 0


def main():
    only = sys.argv[1:]
    shared = None
    for name, test in [(n, t) for n, t in globals().items() if n.startswith("test_")]:
        if only and not any(o in name for o in only):
            continue
        if test.__code__.co_varnames[0] == "s":
            shared = shared or Skeleton()
        began = time.monotonic()
        test(shared)
        print("ok %s (%.1f s)" % (name, time.monotonic() - began), flush=True)
    if shared:
        assert shared.end() == 0, shared.tail()


if __name__ == "__main__":
    try:
        main()
    finally:
        for one in Skeleton.started:
            if one.process.poll() is None:
                one.process.kill()
            shutil.rmtree(one.dir, ignore_errors=True)
