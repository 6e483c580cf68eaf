#!/usr/bin/env python3
"""Old code levels: the system's ssh against a real sshd on loopback whose forced command prints views."""
import os
import pwd
import shutil
import subprocess
import tempfile

from arrays import NODES
from harness import BUILD, Ballast, Receiver, free_port, main, skip, wait

CONFIG = """
version: 1
state_directory: @DIR@/state
local: false
arrays:
  - name: san1
    expect: {canisters: 2}
    clear: {canister: 1s, path: 1s}
    sources:
      - {type: spectrum, transport: ssh, address: ["127.0.0.1:@SSH@"], user: @USER@, identity_file: @DIR@/key.ssh,
         known_hosts: @DIR@/known_hosts, interval: 1s, timeout: 10s}
sinks:
  - {name: oncall, type: webhook, url: "http://127.0.0.1:@PORT@/hook", secret_file: @DIR@/key, min_severity: info}
"""

# what arrives on its standard input is kept: it has to be nothing
ARRAY = """#!/bin/sh
cat >>@DIR@/stdin
set -- $SSH_ORIGINAL_COMMAND
case "$1 $4" in
"lsnodecanister ") cat @DIR@/nodes ;;
"lsnodecanister 1") echo 'name|node1'; echo 'status|online'; echo 'enclosure_id|1'; echo 'canister_id|1'
	echo 'code_level|7.8.1.11 (build 135.9.1912100725000)' ;;
"lsenclosurecanister ") cat @DIR@/canisters ;;
*) echo "CMMVC5709E [$1] is not a supported command." >&2; exit 1 ;;
esac
"""

COLUMNS = ["id", "name", "status", "IO_group_id", "config_node", "iscsi_name", "panel_name", "enclosure_id", "canister_id"]


def nodes(folder, second):
    rows = [dict(NODES[0]), dict(NODES[1], status=second)]
    text = "|".join(COLUMNS) + "\n" + "".join("|".join(r[c] for c in COLUMNS) + "\n" for r in rows)
    path = os.path.join(folder, "nodes")
    with open(path + ".new", "w") as f:
        f.write(text)
    os.rename(path + ".new", path)


class Sshd:
    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="sshd-", dir=os.path.join(BUILD, "tests"))
        os.chmod(self.dir, 0o755)
        self.port = free_port()
        for key in ("host", "user", "other"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", os.path.join(self.dir, key)], check=True)
        script = os.path.join(self.dir, "array")
        with open(script, "w") as f:
            f.write(ARRAY.replace("@DIR@", self.dir))
        os.chmod(script, 0o755)
        public = open(os.path.join(self.dir, "user.pub")).read()
        with open(os.path.join(self.dir, "authorized"), "w") as f:
            f.write('command="%s",restrict %s' % (script, public))
        with open(os.path.join(self.dir, "canisters"), "w") as f:
            f.write("enclosure_id|canister_id|status|type|node_id|node_name\n1|1|online|node|1|node1\n1|2|online|node|2|node2\n")
        open(os.path.join(self.dir, "stdin"), "w").close()
        with open(os.path.join(self.dir, "config"), "w") as f:
            f.write("Port %d\nListenAddress 127.0.0.1\nHostKey %s/host\nAuthorizedKeysFile %s/authorized\nPidFile none\n"
                    "PasswordAuthentication no\nKbdInteractiveAuthentication no\nUsePAM no\nStrictModes no\n"
                    "PermitRootLogin yes\nMaxStartups 100\n" % (self.port, self.dir, self.dir))
        if os.geteuid() == 0:
            os.makedirs("/run/sshd", exist_ok=True)
        self.process = subprocess.Popen(["/usr/sbin/sshd", "-D", "-e", "-f", os.path.join(self.dir, "config")],
                                        stderr=open(os.path.join(self.dir, "log"), "w"))

    def public(self, name):
        return "[127.0.0.1]:%d %s" % (self.port, " ".join(open(os.path.join(self.dir, name + ".pub")).read().split()[:2]))

    def stop(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.dir, ignore_errors=True)


def started(sshd, receiver, host="host"):
    user = pwd.getpwuid(os.geteuid()).pw_name
    b = Ballast(CONFIG.replace("@PORT@", str(receiver.port)).replace("@SSH@", str(sshd.port)).replace("@USER@", user), name="ssh")
    b.write("key", "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" + "\n", 0o600)
    b.write("key.ssh", open(os.path.join(sshd.dir, "user")).read(), 0o600)
    b.write("known_hosts", sshd.public(host) + "\n", 0o644)
    return b.start()


def test_one_canister_goes_into_service():
    sshd, receiver = Sshd(), Receiver()
    nodes(sshd.dir, "online")
    b = started(sshd, receiver)
    try:
        wait("redundant", lambda: b.verdict("san1") == "redundant", 90)
        nodes(sshd.dir, "service")
        wait("not redundant", lambda: b.verdict("san1") == "not_redundant", 90)
        wait("the webhook", lambda: receiver.accepted(type="finding.firing", rule="canister.service"))
        assert os.path.getsize(os.path.join(sshd.dir, "stdin")) == 0, "the key was sent to the array"
    finally:
        b.cleanup()
        sshd.stop()
        receiver.stop()


def test_an_unknown_host_key_is_not_accepted():
    sshd, receiver = Sshd(), Receiver()
    nodes(sshd.dir, "online")
    b = started(sshd, receiver, host="other")
    try:
        wait("a finding", lambda: b.findings(rule="source.failing"), 90)
        assert b.verdict("san1") not in ("redundant", "not_redundant", "access_lost")
    finally:
        b.cleanup()
        sshd.stop()
        receiver.stop()


if __name__ == "__main__":
    if not os.path.exists("/usr/sbin/sshd") or not shutil.which("ssh"):
        skip("openssh-server and openssh-client are not installed")
    main(test_one_canister_goes_into_service, test_an_unknown_host_key_is_not_accepted)
