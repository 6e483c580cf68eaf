#!/usr/bin/env python3
"""Nagios plugins through the whole daemon: one that speaks for itself, one that speaks for a canister."""
from harness import Ballast, Receiver, main, wait

PLUGIN = """#!/bin/sh
read -r status text <@DIR@/%s
echo "$text"
exit "$status"
"""

CONFIG = """
version: 1
state_directory: @DIR@/state
local: false
arrays:
  - name: san1
    serial: 78N16G4
    clear: {canister: 1s, path: 1s}
    sources:
      - {type: nagios, command: [@DIR@/check_array, -H, 192.0.2.7], interval: 1s, timeout: 3s}
      - {type: nagios, command: [@DIR@/check_b], asserts: san1/canister/B, interval: 1s, timeout: 3s}
sinks:
  - {name: oncall, type: webhook, url: "http://127.0.0.1:@PORT@/hook", secret_file: @DIR@/key, min_severity: info}
"""


def says(b, plugin, status, text):
    b.write(plugin, "%d %s\n" % (status, text), 0o644)


def started(receiver):
    b = Ballast(CONFIG.replace("@PORT@", str(receiver.port)), name="nagios")
    b.write("key", "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" + "\n", 0o600)
    for plugin, answer in (("check_array", "array"), ("check_b", "b")):
        b.write(plugin, (PLUGIN % answer).replace("@DIR@", b.dir))
        says(b, answer, 0, "OK - fine | time=25ms")
    return b.start()


def component(b, name):
    return b.json("/api/v1/components/" + name) or {}


def test_a_plugin_is_a_finding_and_no_state():
    receiver = Receiver()
    b = started(receiver)
    try:
        wait("the check is there", lambda: component(b, "san1/check/check_array").get("state") == "ok")
        wait("its performance data is a fact",
             lambda: '"time_seconds"' in b.get("/api/v1/components/san1/check/check_array"))
        says(b, "array", 2, "CRITICAL - canister A is down | time=3s")
        wait("told", lambda: receiver.accepted(type="finding.firing", rule="nagios.critical", severity="critical"))
        found = wait("shown", lambda: b.findings(rule="nagios.critical"))[0]
        assert found["component"] == "san1/check/check_array", found
        assert "canister A is down" in str(found), found
        assert not component(b, "san1/canister/A"), "a plugin without asserts: made a canister"
        says(b, "array", 3, "UNKNOWN - no route to host")
        wait("unknown is not ok", lambda: b.findings(rule="nagios.unknown"))
        b.write("check_array", "#!/bin/sh\nexit 1\n")
        wait("a plugin that says nothing fails", lambda: [
            f for f in b.findings(rule="source.failing") if "printed nothing" in str(f)])
        b.write("check_array", "#!/bin/sh\nkill -9 $$\n")
        wait("one that is killed too", lambda: [f for f in b.findings(rule="source.failing") if "signal 9" in str(f)])
    finally:
        b.cleanup()
        receiver.stop()


def test_a_plugin_that_speaks_for_a_canister():
    receiver = Receiver()
    b = started(receiver)
    try:
        wait("B is ok", lambda: component(b, "san1/canister/B").get("state") == "ok")
        says(b, "b", 2, "CRITICAL - node offline")
        wait("B is lost", lambda: component(b, "san1/canister/B").get("state") == "failed")
        wait("told", lambda: receiver.accepted(type="finding.firing", rule="canister.failed"))
        says(b, "b", 0, "OK - online")
        wait("B is back", lambda: component(b, "san1/canister/B").get("state") == "ok")
    finally:
        b.cleanup()
        receiver.stop()


main(test_a_plugin_is_a_finding_and_no_state, test_a_plugin_that_speaks_for_a_canister)
