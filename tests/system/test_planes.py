#!/usr/bin/env python3
"""HPE MSA, NetApp E-Series and Redfish behind real TLS: logins, both canisters' addresses, and everything that can go wrong."""
import os
import shutil

import arrays
import planes
from harness import Ballast, Receiver, main, skip, wait

CONFIG = """
version: 1
state_directory: @DIR@/state
local: false
arrays:
  - name: san1
    expect: {canisters: 2}
    clear: {canister: 1s, path: 1s}
    sources:
      - {type: @TYPE@, address: [@ADDRESS@], user: monitor, password_file: @DIR@/password, interval: @INTERVAL@, timeout: 8s, tls: pin,
         pin: ["@PIN@"]}
sinks:
  - {name: oncall, type: webhook, url: "http://127.0.0.1:@PORT@/hook", secret_file: @DIR@/key, min_severity: info}
"""


class World:
    def __init__(self, kind, model, password=planes.PASSWORD, canisters=2, interval="1s"):
        self.receiver, self.model = Receiver(), model
        self.folder = os.path.join(os.environ["BALLAST_BUILD"], "tests", "planes-%d" % os.getpid())
        os.makedirs(self.folder, exist_ok=True)
        cert, key, pin = arrays.certificate(self.folder, kind)
        self.canisters = [planes.Canister(model, cert, key) for _ in range(canisters)]
        text = CONFIG.replace("@TYPE@", kind).replace("@INTERVAL@", interval).replace("@PIN@", pin).replace("@PORT@", str(self.receiver.port))
        self.b = Ballast(text.replace("@ADDRESS@", ", ".join('"%s"' % c.address for c in self.canisters)), name="planes-" + kind)
        self.b.write("key", "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" + "\n", 0o600)
        self.b.write("password", password + "\n", 0o600)

    def __enter__(self):
        try:
            self.b.start(ready=False)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.b.cleanup()
        for c in self.canisters:
            c.stop()
        self.receiver.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def component(self, ident):
        return self.b.json("/api/v1/components/san1/" + ident) or {}

    def state(self, ident):
        return self.component(ident).get("state")

    def well(self, *canisters):
        wait("redundant", lambda: self.b.verdict("san1") == "redundant")
        wait("both ok", lambda: all(self.state("canister/" + c) == "ok" for c in canisters))

    def lost_one(self, rule):
        wait("not redundant", lambda: self.b.verdict("san1") == "not_redundant")
        array = self.b.array("san1")
        assert (array["margin"], array["expected"]) == (0, 1), array
        wait("the webhook", lambda: self.receiver.accepted(type="finding.firing", rule=rule))

    def secrets_kept(self):
        everything = self.b.tail(2000) + self.b.get("/") + self.b.get("/metrics") + self.b.get("/api/v1/status") + \
            self.b.get("/api/v1/components")
        for secret in (planes.PASSWORD, getattr(self.model, "hash", None) or planes.PASSWORD):
            assert secret not in everything, "a secret is somewhere it must not be"


def test_msa_loses_a_canister():
    with World("mc", planes.Msa()) as w:
        w.well("A", "B")
        assert w.component("canister/A")["firmware"] == "GLS210R04-01"
        wait("the inventory", lambda: w.state("drive/serial-6SL9CD561") == "ok" and w.state("psu/1.2") == "ok" and
             w.state("pool/dgA01") == "ok")
        wait("the pool's margin", lambda: any(g["name"] == "dgA01" and (g["members"], g["need"], g["margin"]) == (5, 3, 2)
                                              for g in w.b.array("san1")["groups"]))
        w.model.status["B"] = "Down"
        w.lost_one("canister.failed")
        assert "reported by" in w.component("canister/B")["message"], w.component("canister/B")
        wait("the takeover", lambda: w.b.findings(rule="canister.failed-over"))
        assert w.b.verdict("san1") == "not_redundant", "what a takeover brings is not a new cause"
        w.secrets_kept()


def not_believed(w, canister, other):
    was = w.model.serial
    wait("its serial", lambda: w.b.array("san1")["serial"] == was)
    w.model.serial = other
    wait("a finding", lambda: "another array answers: its serial is %s, not %s" % (other, was) in str(w.b.findings(rule="source.failing")))
    wait("not ok any more", lambda: w.state("canister/" + canister) == "unknown")
    w.model.serial = was
    wait("it is back", lambda: w.state("canister/" + canister) == "ok" and not w.b.findings(rule="source.failing"))


def test_another_array_at_the_address_is_not_believed():
    with World("mc", planes.Msa()) as w:
        w.well("A", "B")
        not_believed(w, "A", "00C0FF999999")
    with World("santricity", planes.ESeries()) as w:
        w.well("A", "B")
        not_believed(w, "A", "021699999999")


def test_msa_fills_a_pool():
    with World("mc", planes.Msa()) as w:
        w.well("A", "B")
        wait("the pool", lambda: w.state("pool/A") == "ok")
        wait("overcommitted", lambda: [f["component"] for f in w.b.findings(rule="pool.overcommitted")] == ["san1/pool/A"])
        assert not w.b.findings(rule="pool.nearly-full")
        w.model.pool, w.model.free = "Degraded", 3
        wait("degraded and nearly full", lambda: w.state("pool/A") == "degraded" and w.b.findings(rule="pool.nearly-full"), 120)


def test_msa_logs_an_error_and_a_port_is_unplugged():
    with World("mc", planes.Msa()) as w:
        w.well("A", "B")
        wait("a port", lambda: w.state("port/A1") == "ok")
        assert not w.component("port/A2"), "nothing was ever plugged in there"
        wait("the log", lambda: "open_errors" in str(w.component("system/system").get("facts")), 60)
        assert not w.b.findings(rule="canister.error-code"), "what was logged before is the past"
        w.model.ports["A1"] = "Disconnected"
        w.model.events.append(("A", 2, 84, "CRITICAL"))
        wait("the error", lambda: [f["component"] for f in w.b.findings(rule="canister.error-code")] == ["san1/system/system"], 90)
        assert w.b.verdict("san1") == "redundant", "who logs it is not whom it is about"
        wait("the port", lambda: w.state("port/A1") == "absent", 120)


def test_msa_old_ones_speak_xml_and_md5():
    with World("mc", planes.Msa(hash="md5", xml=True), canisters=1) as w:
        w.well("A", "B")
        w.model.status["B"] = "Down"
        w.lost_one("canister.failed")
        w.secrets_kept()


def test_msa_newest_take_basic_and_a_dead_token_is_renewed():
    with World("mc", planes.Msa(hash=None), canisters=1) as w:
        w.well("A", "B")
        logins = w.canisters[0].logins
        w.canisters[0].order = "expire"
        wait("a new login", lambda: w.canisters[0].logins == logins + 1)
        asked = len(w.canisters[0].asked)
        wait("asked on", lambda: len(w.canisters[0].asked) > asked + 4)
        assert w.canisters[0].logins == logins + 1 and w.b.verdict("san1") == "redundant"


def test_msa_half_dead_canister():
    """It takes logins and stalls each "show", while its partner still calls it Operational."""
    with World("mc", planes.Msa(), interval="5s") as w:
        w.well("A", "B")
        w.canisters[1].order = "stall"
        wait("unreachable", lambda: w.state("canister/B") == "unreachable")
        assert w.state("canister/A") == "ok"
        wait("at risk", lambda: w.b.verdict("san1") == "at_risk")
        w.model.status["B"] = "Down"
        w.lost_one("canister.failed")
        wait("its partner's word counts more than its silence", lambda: w.state("canister/B") == "failed")


def test_msa_first_address_fails():
    with World("mc", planes.Msa(), interval="5s") as w:
        w.well("A", "B")
        for order in ("stall-headers", "truncated", "garbage"):
            w.canisters[0].order = order
            asked = len(w.canisters[1].asked)
            wait("the other is asked, " + order, lambda: len(w.canisters[1].asked) > asked + 1)
            wait("the other is well, " + order, lambda: w.state("canister/B") == "ok")
        w.canisters[1].order = "garbage"
        w.canisters[0].order = "truncated"
        wait("nothing is known", lambda: w.state("canister/A") == w.state("canister/B") == "unknown")
        wait("and it is said", lambda: w.b.findings(rule="source.failing") and w.b.array("san1")["visibility"] != "full")
        w.canisters[0].order = w.canisters[1].order = ""
        w.well("A", "B")


def test_msa_wrong_password_is_not_tried_for_ever():
    with World("mc", planes.Msa(), password="wrong", canisters=1) as w:
        wait("the finding", lambda: w.b.findings(rule="source.failing"))
        tries = sum(1 for p in w.canisters[0].asked if p.startswith("/api/login"))
        assert tries == 3, "%d logins: three methods, once" % tries


def test_e_series_goes_into_service():
    with World("santricity", planes.ESeries()) as w:
        w.well("A", "B")
        assert w.component("canister/A")["firmware"] == "08.42.30.05"
        wait("the inventory", lambda: w.state("drive/wwn-0x5000cca0abcdef01") == "ok" and w.state("psu/99.1") == "ok")
        wait("the pool's margin", lambda: any(g["name"] == "pool1" and (g["members"], g["need"], g["margin"]) == (5, 3, 2)
                                              for g in w.b.array("san1")["groups"]))
        w.canisters[0].order = "expire"
        wait("a new login", lambda: w.canisters[0].logins == 2)
        w.model.status["B"], w.model.system, w.model.failures = "serviceMode", "needsAttn", [("offlineCtl", "controller", "0700B")]
        w.lost_one("canister.service")
        wait("asks for service", lambda: [f["component"] for f in w.b.findings(rule="canister.needs-service")] == ["san1/canister/B"])
        w.secrets_kept()


def test_e_series_lists_a_fault_of_the_survivor():
    with World("santricity", planes.ESeries()) as w:
        w.well("A", "B")
        wait("the inventory", lambda: "listed_faults" in str(w.component("drive/wwn-0x5000cca0abcdef02").get("facts")))
        w.model.failures = [("impendingDriveFailureRiskHigh", "drive", "0102")]
        wait("of the drive", lambda: [f["component"] for f in w.b.findings(rule="component.listed-fault")] ==
             ["san1/drive/wwn-0x5000cca0abcdef02"])
        w.model.status["B"] = "failed"
        w.model.failures += [("offlineCtl", "controller", "0700B"), ("wbCachingForciblyDisabled", "controller", "0700A"),
                             ("lostRedundancyDrive", "drive", "0101")]
        w.lost_one("canister.failed")
        wait("the list", lambda: "offlineCtl" in (w.component("canister/B")["message"] or ""))
        assert w.b.verdict("san1") == "not_redundant", "what a takeover brings is not a new cause"
        w.model.failures.append(("iocDiagFail", "controller", "0700A"))
        wait("a new cause", lambda: w.b.verdict("san1") == "impending_loss")
        wait("its words", lambda: "it lists: iocDiagFail" in (w.component("canister/A")["message"] or ""))


def test_e_series_logs_an_event():
    with World("santricity", planes.ESeries()) as w:
        w.well("A", "B")
        wait("the log", lambda: "open_errors" in str(w.component("system/system").get("facts")), 60)
        assert not w.b.findings(rule="canister.error-code"), "what was logged before is the past"
        w.model.events += [(n, "") for n in range(701, 780)] + [(780, "Drive failed")]
        wait("the event", lambda: [f["component"] for f in w.b.findings(rule="canister.error-code")] == ["san1/system/system"], 90)
        wait("its words", lambda: "Drive failed, Tray 99" in (w.component("system/system")["message"] or ""))
        assert w.b.verdict("san1") == "redundant", "the past of no canister"
        w.model.balanced = False
        wait("what was adopted is off", lambda: w.b.findings(rule="array.protection-off/load-balancing"))


def test_e_series_stops_mirroring_a_cache():
    with World("santricity", planes.ESeries()) as w:
        w.well("A", "B")
        wait("the setting", lambda: "cache_mirrored" in str(w.component("system/system").get("facts")))
        assert not w.b.findings(rule="array.protection-off/cache-mirroring")
        w.model.mirrored = False
        w.b.stop()
        w.b.start(ready=False)
        wait("what was adopted is off", lambda: w.b.findings(rule="array.protection-off/cache-mirroring"))


def test_e_series_without_sessions_locks_down():
    with World("santricity", planes.ESeries(sessions=False)) as w:
        w.well("A", "B")
        w.model.system = "lockDown"
        wait("both lost", lambda: w.state("canister/A") == w.state("canister/B") == "failed")
        wait("access lost", lambda: w.b.verdict("san1") == "access_lost")


def test_e_series_behind_a_proxy_that_lost_it():
    with World("santricity", planes.ESeries(), canisters=1) as w:
        w.well("A", "B")
        w.model.system = "offline"
        wait("nobody knows", lambda: w.state("canister/A") == w.state("canister/B") == "unreachable")
        assert w.b.verdict("san1") != "redundant"


def test_redfish_controller_is_critical():
    with World("redfish", planes.Redfish()) as w:
        w.well("controller_a", "controller_b")
        assert w.component("canister/controller_a")["firmware"] == "I200B009"
        wait("the inventory", lambda: w.state("psu/psu_0.1") == "ok" and w.state("drive/serial-ZS1") == "ok")
        wait("code that waits", lambda: [f["component"] for f in w.b.findings(rule="canister.code-waits")] == ["san1/canister/controller_b"])
        w.canisters[0].order = "expire"
        wait("a new login", lambda: w.canisters[0].logins == 2)
        w.model.health["b"] = "Critical"
        w.lost_one("canister.failed")
        w.secrets_kept()


def test_redfish_partner_does_not_answer():
    with World("redfish", planes.Redfish()) as w:
        w.well("controller_a", "controller_b")
        w.model.silent.add("controller_b")
        wait("unreachable", lambda: w.state("canister/controller_b") == "unreachable")
        assert w.state("canister/controller_a") == "ok"
        wait("at risk", lambda: w.b.verdict("san1") == "at_risk")


def test_no_session_is_left_behind():
    """At an orderly end every session is logged out of; those who have none are sent nothing of the kind."""
    for kind, model in (("mc", planes.Msa()), ("santricity", planes.ESeries()), ("redfish", planes.Redfish()),
                        ("santricity", planes.ESeries(sessions=False))):
        names = ("controller_a", "controller_b") if kind == "redfish" else ("A", "B")
        with World(kind, model) as w:
            w.well(*names)
            sessions = getattr(model, "sessions", True)
            wait("both were asked, " + kind, lambda: all(len(c.asked) > 1 for c in w.canisters))
            assert not sessions or all(c.tokens for c in w.canisters), "nobody logged in"
            w.b.stop()
            assert not any(c.tokens for c in w.canisters), (kind, [c.tokens for c in w.canisters], [c.asked[-3:] for c in w.canisters])
            assert sessions or not any(p.startswith("DELETE") for c in w.canisters for p in c.asked)


if __name__ == "__main__":
    if not shutil.which("openssl"):
        skip("openssl is not installed")
    main(test_another_array_at_the_address_is_not_believed, test_msa_loses_a_canister, test_msa_fills_a_pool, test_msa_logs_an_error_and_a_port_is_unplugged,
         test_msa_old_ones_speak_xml_and_md5,
         test_msa_newest_take_basic_and_a_dead_token_is_renewed, test_msa_half_dead_canister, test_msa_first_address_fails,
         test_msa_wrong_password_is_not_tried_for_ever, test_e_series_goes_into_service,
         test_e_series_lists_a_fault_of_the_survivor, test_e_series_logs_an_event, test_e_series_stops_mirroring_a_cache,
         test_e_series_without_sessions_locks_down, test_e_series_behind_a_proxy_that_lost_it,
         test_redfish_controller_is_critical, test_redfish_partner_does_not_answer, test_no_session_is_left_behind)
