"""The real scribe on real disks: what must be there after a crash, and what happens when there is no room."""
import json
import os
import re
import resource
import signal
import sqlite3
import subprocess
import sys
import time

from driver import Harness, folder_for, main, wait

CONFIG = """version: 1
state_directory: %s
arrays: [{name: san1, serial: 78N16G4, sources: [{type: exec, command: [/bin/true]}]}]
sinks:
  - {name: oncall, type: webhook, url: "http://127.0.0.1:1/", min_severity: info}
"""


def scribe(state=None, prepare=None):
    folder = folder_for("scribe")
    state = state or os.path.join(folder, "state")
    os.makedirs(state, exist_ok=True)
    if os.geteuid() == 0:
        os.chmod(state, 0o777)
    h = Harness("scribe", CONFIG % state, folder, prepare)
    h.state = state
    return h


def events(h):
    with sqlite3.connect("file:%s/journal.db?mode=ro" % h.state, uri=True) as db:
        return [t for t, in db.execute("SELECT text FROM events ORDER BY sequence")]


def marks(h):
    with open(os.path.join(h.state, "marks.json")) as f:
        return json.load(f)


def rows(h, table):
    t = marks(h)["tables"][table] if "tables" in marks(h) else marks(h)[table]
    return [dict(zip(t["columns"], row)) for row in t["rows"]]


def test_events_and_marks_reach_the_disk():
    h = scribe()
    h.wait(r"journal ok .*")
    n = h.ask("event critical canister B is out of service", r"event (\d+)").group(1)
    h.wait(r"journal ok durable=(?!0)\d+ waiting=0 error=")
    wait("the event", lambda: "canister B is out of service" in events(h))
    with sqlite3.connect("file:%s/journal.db?mode=ro" % h.state, uri=True) as db:
        row = db.execute("SELECT type, array, severity FROM events WHERE text LIKE 'canister B%'").fetchone()
    assert row == ("verdict", "san1", "critical"), row
    h.tell("component A")
    wait("the baseline", lambda: [c for c in rows(h, "component") if c["name"] == "A"])
    seq = h.alert()
    wait("the alert in the spool", lambda: [a for a in rows(h, "alert") if a["sequence"] == int(seq) and a["wanted"] == ["oncall"]])
    assert not [f for f in os.listdir(h.state) if f.endswith(".new")]
    h.tell("noise 500")
    h.ask("event info quiet ones are not events", r"event (\d+)")
    wait("the last event", lambda: "quiet ones are not events" in events(h))
    assert len(events(h)) < 10, "quiet records are nobody's history"
    h.stop()


def test_killed_at_any_moment_nothing_durable_is_lost():
    h = scribe()
    h.wait(r"journal ok .*")
    for i in range(15):
        seq = int(h.alert(subject="san1/canister/%d" % i))
        h.wait(r"journal ok .*", after=len(h.lines) - 1) if i % 3 == 0 else time.sleep(0.002 * i)
        os.kill(h.pid_now(), signal.SIGKILL)
        marks(h)  # whole at every moment, or json would raise
        h.ask("kill", r"forked \d+")
        wait("the alert in the spool", lambda: seq in [a["sequence"] for a in rows(h, "alert")])
    assert len(rows(h, "alert")) == 15
    h.stop()


def test_orderly_end_writes_what_is_known():
    h = scribe()
    h.wait(r"journal ok .*")
    h.ask("event info the last words", r"event \d+")
    h.tell("component Z")
    h.ask("stop", r"stopped")
    assert "the last words" in events(h)
    assert "Z" in [c["name"] for c in rows(h, "component")]
    h.stop()


def test_a_journal_that_is_none_is_kept_aside():
    folder = folder_for("state")
    with open(os.path.join(folder, "journal.db"), "w") as f:
        f.write("this is not a database, but it may be somebody's\n" * 200)
    os.chmod(os.path.join(folder, "journal.db"), 0o666)
    h = scribe(folder)
    h.ask("event warning a new beginning", r"event \d+")
    h.wait(r"journal ok durable=(?!0)\d+ .*")
    wait("the event", lambda: "a new beginning" in events(h))
    assert "somebody's" in open(os.path.join(folder, "journal.db.bad")).read()
    h.stop()


def fill(path):
    with open(path, "wb") as f:
        try:
            while True:
                f.write(b"x" * 65536)
                f.flush()
        except OSError:
            pass


class SmallDisk:
    """A file system of 2 MB that can be filled; unmounted whatever happens."""

    def __enter__(self):
        self.path = folder_for("small")
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2M,mode=0777", "ballast-test", self.path], check=True)
        self.filler = os.path.join(self.path, "filler")
        return self

    def fill(self):
        with open(self.filler, "wb", buffering=0) as f:
            try:
                while True:
                    f.write(b"x" * 4096)
            except OSError:
                pass

    def make_room(self):
        os.unlink(self.filler)

    def __exit__(self, *unused):
        subprocess.run(["umount", "-l", self.path], check=True)
        os.rmdir(self.path)


def without_small_disks():
    if os.geteuid():
        print("   needs root for a small disk: left out")
    return os.geteuid() != 0


def test_a_full_disk_says_so_and_recovers_by_itself():
    if without_small_disks():
        return
    with SmallDisk() as disk:
        h = scribe(disk.path)
        h.wait(r"journal ok .*")
        disk.fill()
        for i in range(40):
            h.ask("event warning number %d while the disk is full %s" % (i, "x" * 80), r"event \d+")
        h.wait(r"journal failing .* waiting=[1-9]\d* error=no space for (journal.db|marks.json): free space under %s" % disk.path)
        seq = int(h.alert())
        disk.make_room()
        h.wait(r"journal ok durable=\d+ waiting=0 error=", after=len(h.lines))
        wait("nothing was lost", lambda: len([e for e in events(h) if e.startswith("number")]) == 40)
        wait("the spool", lambda: seq in [a["sequence"] for a in rows(h, "alert")])
        assert not [f for f in os.listdir(disk.path) if f.endswith(".new")], "half a file was left behind"
        h.stop()


def test_a_limit_on_file_size_is_told():
    h = scribe(prepare=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (700 * 1024, resource.RLIM_INFINITY)))
    h.wait(r"journal ok .*")
    for i in range(400):
        h.ask("event warning number %d %s" % (i, "x" * 100), r"event \d+")
    h.wait(r"journal failing .* waiting=[1-9]\d* error=.*under .*")
    h.tell("component A")
    wait("marks are written all the same", lambda: "A" in [c["name"] for c in rows(h, "component")])
    assert "link closed" not in h.lines
    h.stop()


def test_bounded_memory_keeps_the_critical_ones():
    if without_small_disks():
        return
    with SmallDisk() as disk:
        h = scribe(disk.path)
        h.wait(r"journal ok .*")
        disk.fill()
        for i in range(9000):
            h.tell("event %s number %d" % ("critical" if i % 40 == 0 else "info", i))
        h.wait(r"journal failing .* error=.*; [1-9]\d* events dropped")
        disk.make_room()
        wait("all the critical ones",
             lambda: len([e for e in events(h) if e.startswith("number") and int(e.split()[1]) % 40 == 0]) == 225)
        assert len(events(h)) < 9000
        h.stop()


def test_a_disk_that_hangs_blocks_nobody():
    """A writer in fsync for ever, played by stopping the thread alone with a tracer's means is not to be had
    without ptrace; a named pipe that nobody reads, in place of the temporary file, hangs open() the same way."""
    h = scribe()
    h.wait(r"journal ok .*")
    os.mkfifo(os.path.join(h.state, "marks.json.new"), 0o666)
    os.chmod(os.path.join(h.state, "marks.json.new"), 0o666)
    h.tell("component A")
    h.wait(r"journal failing .* error=the disk under .* has not answered for 10 s", seconds=90)
    h.tell("noise 3000")
    h.ask("event warning it still follows", r"event \d+")
    assert "follower does not read" not in h.lines
    fifo = os.open(os.path.join(h.state, "marks.json.new"), os.O_RDWR)
    os.unlink(os.path.join(h.state, "marks.json.new"))
    h.wait(r"journal ok .*", after=len(h.lines))
    os.close(fifo)
    wait("the event", lambda: "it still follows" in events(h))
    wait("the baseline", lambda: "A" in [c["name"] for c in rows(h, "component")])
    h.stop()


if __name__ == "__main__":
    main([v for k, v in list(globals().items()) if k.startswith("test_") and (len(sys.argv) < 2 or sys.argv[1] in k)])
