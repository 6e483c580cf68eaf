#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/unit/lab.h"

/* Each rule: what fires it, what must not although it looks like it, and what ends it again after `fires`. */
struct rule_case {
	const char *rule, *fires, *not, *clears, *why;
};

/* clang-format off */
static const struct rule_case cases[] = {
	{"drive.reported-uncorrectable", "@hdd reported_uncorrectable=1 ;", "@hdd reported_uncorrectable=0 ; reported_uncorrectable=1 ;",
	 "serial=A ; serial=B reported_uncorrectable=0 ;", "what it came with is listed apart from what grew"},
	{"drive.reported-uncorrectable/growth", "@hdd reported_uncorrectable=0 ; reported_uncorrectable=1 ;",
	 "@hdd reported_uncorrectable=3 ; keep=3000", "keep=90000 adopt", "latched: only a new baseline ends it"},
	{"drive.reported-uncorrectable/critical", "@hdd reported_uncorrectable=20 ;", "@hdd reported_uncorrectable=19 ;",
	 "@hdd serial=A ; serial=B reported_uncorrectable=0 ;", "20 is the tier that fails within weeks"},
	{"drive.pending-sectors", "@hdd pending_sectors=1 ;", "@ssd pending_sectors=1 ;", "pending_sectors=0 ; keep=90000",
	 "the disk counters do not carry over to flash"},
	{"drive.pending-sectors/growth", "@hdd pending_sectors=0 ; pending_sectors=1 ;", "@hdd pending_sectors=4 ; pending_sectors=3 ;",
	 "pending_sectors=0 ; keep=90000", "no debounce, and fewer is not growth"},
	{"drive.pending-sectors/critical", "@hdd pending_sectors=50 ;", "@hdd pending_sectors=49 ;", "pending_sectors=0 ; keep=90000", "197 >= 50"},
	{"drive.offline-uncorrectable", "@hdd offline_uncorrectable=1 ;", "@hdd offline_uncorrectable=0 ;",
	 "offline_uncorrectable=0 ; keep=90000", "198 >= 1"},
	{"drive.offline-uncorrectable/growth", "@hdd offline_uncorrectable=0 ; offline_uncorrectable=2 ;", "@hdd offline_uncorrectable=2 ; keep=3000",
	 "offline_uncorrectable=0 ; keep=90000", "198 grew"},
	{"drive.reallocated-sectors", "@hdd reallocated_sectors=50 ;", "@hdd reallocated_sectors=49 ;", "gone forget", "5 >= 50, not > 0"},
	{"drive.reallocated-sectors/growth", "@hdd reallocated_sectors=0 ; reallocated_sectors=50 ;",
	 "@hdd reallocated_sectors=0 ; reallocated_sectors=49 ;", "adopt", "it grew, and is at 50"},
	{"drive.reallocated-sectors/critical", "@hdd reallocated_sectors=500 ;", "@hdd reallocated_sectors=499 ;", "gone forget", "5 >= 500"},
	{"drive.smart-failing", "@sas smart_passed=0 ;", "@hdd smart_passed=1 ;", "smart_passed=1 ; keep=90000", "its own verdict"},
	{"drive.attribute-failing", "@hdd attribute_failing=5 ;", "@nvme attribute_failing=5 ;", "attribute_failing=0 ; keep=90000", "at its threshold"},
	{"drive.attribute-failed-past", "@hdd attribute_failed_past=194 ;", "@hdd attribute_failed_past=0 ;",
	 "attribute_failed_past=0 ; keep=90000", "once, mostly heat"},
	{"drive.self-test-failed", "@nvme self_test_failed=1 ;", "@nvme self_test_failed=0 ;", "self_test_failed=0 ;", "a later test passed"},
	{"drive.too-hot", "@hdd temperature_celsius=61 temperature_trip_celsius=60 ;", "@hdd temperature_celsius=61 temperature_trip_celsius=0 ;",
	 "temperature_celsius=50 ; keep=900", "a limit of 0 is not reported"},
	{"drive.io-errors", "@sas io_errors=0 ; io_errors=10 ;", "@sas io_errors=500 ; io_errors=0 ; io_errors=9 ;", "keep=8000",
	 "the kernel starts over at 0: that is not a step back"},
	{"drive.cable-errors", "@ssd crc_errors=3 ; crc_errors=13 ;", "@ssd crc_errors=9000 ; keep=3000", "keep=180000", "a rate, not a count"},
	{"drive.program-failures", "@ssd program_failures=2 ; program_failures=3 ;", "@ssd program_failures=2 ; keep=3000", "adopt", "growth since adoption"},
	{"drive.erase-failures", "@ssd erase_failures=0 ; erase_failures=1 ;", "@ssd erase_failures=9 ;", "adopt", "growth since adoption"},
	{"drive.wear", "@nvme wear_percent=90 ;", "@nvme wear_percent=89 ;", "gone forget", "wear is a warning"},
	{"drive.wear/used-up", "@sassd wear_percent=100 ;", "@sas wear_percent=100 ;", "gone forget", "disks do not wear this way"},
	{"drive.spare-low", "@nvme available_spare_percent=9 spare_threshold_percent=10 ;",
	 "@nvme available_spare_percent=0 spare_threshold_percent=0 ;", "available_spare_percent=100 ; keep=4000", "spare 0 with threshold 0 is no fault"},
	{"drive.nvme-spare", "@nvme critical_warning=1 ;", "@nvme critical_warning=2 ;", "critical_warning=0 ; keep=4000", "bit 0"},
	{"drive.nvme-temperature", "@nvme critical_warning=2 ;", "@nvme critical_warning=1 ;", "critical_warning=0 ; keep=900", "bit 1"},
	{"drive.nvme-unreliable", "@nvme critical_warning=4 wear_percent=20 ;", "@nvme critical_warning=4 wear_percent=100 ;",
	 "critical_warning=0 ; keep=90000", "bit 2 with 100 % used is wear"},
	{"drive.nvme-read-only", "@nvme critical_warning=8 ;", "@nvme critical_warning=23 ;", "critical_warning=0 ; keep=4000", "bit 3"},
	{"drive.nvme-backup-failed", "@nvme critical_warning=16 ;", "@nvme critical_warning=15 ;", "critical_warning=0 ; keep=4000", "bit 4"},
	{"drive.nvme-memory-region", "@nvme critical_warning=32 ;", "@nvme critical_warning=31 ;", "critical_warning=0 ; keep=4000", "bit 5"},
	{"drive.media-errors", "@nvme media_errors=1 ;", "@nvme media_errors=0 error_log_entries=5000 ;", "gone forget", "the error log's count never alarms"},
	{"drive.media-errors/growth", "@nvme media_errors=1 ; media_errors=2 ;", "@nvme media_errors=2 ; keep=3000", "adopt", "it grew"},
	{"drive.predictive-failure", "@sas informational_exception_asc=93 ;", "@sas informational_exception_asc=11 ;",
	 "informational_exception_asc=0 ; keep=90000", "5D"},
	{"drive.scsi-warning", "@sas informational_exception_asc=11 ;", "@sas informational_exception_asc=0 ;",
	 "informational_exception_asc=0 ; keep=4000", "0B"},
	{"drive.read-uncorrected", "@sas read_uncorrected=5 ; read_uncorrected=6 ;", "@sas read_uncorrected=5 ; keep=3000", "adopt", "growth only"},
	{"drive.write-uncorrected", "@sas write_uncorrected=0 ; write_uncorrected=1 ;", "@sas write_uncorrected=1 ;", "adopt", "growth only"},
	{"drive.verify-uncorrected", "@sas verify_uncorrected=0 ; verify_uncorrected=1 ;", "@sas verify_uncorrected=1 ;", "adopt", "growth only"},
	{"drive.grown-defects", "@sas grown_defects=3 ; grown_defects=13 ;", "@sas grown_defects=3 ; grown_defects=12 ;", "adopt", "a few are normal"},
	{"drive.scan-defects", "@sas background_scan_defects=0 ; background_scan_defects=1 ;", "@sas background_scan_defects=1 ;", "adopt", "it grew"},
	{"drive.scan-halted", "@sas background_scan_status=3 ;", "@sas background_scan_status=8 ;", "background_scan_status=1 ; keep=4000", "8 waits"},
	{"drive.removed", "@hdd ; gone", "@hdd ;", "there ;", "pulled, and put back"},
	{"drive.failed", "@hdd state=failed raw=FAULTY ;", "@hdd state=degraded ;", "state=ok ;", "as reported"},
	{"drive.degraded", "@hdd state=degraded ;", "@hdd state=ok ;", "state=ok ; keep=700", "as reported"},
	{"drive.unreachable", "@hdd state=unreachable ;", "@hdd state=ok ;", "state=ok ; keep=700", "as reported"},
	{"drive.stuck", "@hdd ; stuck", "@hdd ; outcome=timeout ;", ";", "a good answer ends it"},
	{"drive.stale", "@hdd ; wait=1900", "@hdd ; wait=1700", ";", "older than three intervals"},
	{"drive.asleep-long", "@hdd ; outcome=asleep keep=90000", "@hdd ; outcome=asleep keep=80000", "outcome=ok ;", "values are kept for a day"},
	{"drive.unreadable", "@hdd there outcome=unsupported ;", "@hdd ; outcome=error ;", "outcome=ok ;", "never healthy"},
	{"drive.untrusted", "@hdd ; outcome=nonsense ;", "@hdd ; outcome=timeout ;", "outcome=ok ; keep=2500", "it does not count"},
	{"drive.counter-fell", "@hdd reallocated_sectors=9 ; reallocated_sectors=3 ;", "@hdd pending_sectors=9 ; pending_sectors=3 ;",
	 "reallocated_sectors=9 ; keep=2500", "pending sectors may fall, reallocated may not"},
	{"drive.replaced", "@hdd serial=A ; serial=B ;", "@hdd ; serial=A ;", "keep=90000", "another serial under the same name"},
	{"drive.firmware-changed", "@hdd fw=1 ; fw=2 ;", "@hdd ; fw=1 ;", "keep=90000", "first learned is not changed"},
	{"drive.firmware-pending", "@nvme firmware_next_slot=2 firmware_active_slot=1 ;", "@nvme firmware_next_slot=0 firmware_active_slot=1 ;",
	 "firmware_next_slot=0 firmware_active_slot=2 ; keep=700", "0 is none"},

	{"canister.service", "@canister:A ; @canister:B ; state=service ;", "@canister:A ; @canister:B state=degraded ;", "state=ok ;", "held out of service"},
	{"canister.failed", "@canister:A ; state=failed ;", "@canister:A ; state=transition ;", "state=ok ;", "as reported"},
	{"canister.absent", "@canister:A ; @canister:B ; end @canister:A ; end", "@canister:A ; @canister:B ; end @canister:A ; @canister:B ; end",
	 "@canister:B ;", "seen before and not in a complete answer"},
	{"canister.transition", "@canister:A state=transition ;", "@canister:A ;", "state=ok ;", "as reported"},
	{"canister.degraded", "@canister:A state=degraded ;", "@canister:A state=service ;", "state=ok ; keep=70", "as reported"},
	{"canister.unreachable", "@canister:A state=unreachable ;", "@canister:A ;", "state=ok ; keep=70", "no answer is not down"},
	{"canister.stale", "@canister:A ; wait=17", "@canister:A ; wait=13", ";", "three rounds of 5 s"},
	{"canister.needs-service", "@canister:A needs_service=1 ;", "@canister:A needs_service=0 ;", "needs_service=0 ; keep=310", "it asks"},
	{"canister.after-service-request", "@canister:A needs_service=1 ; needs_service=0 ; @canister:B ; keep=80000 state=degraded ;",
	 "@canister:A needs_service=1 ; needs_service=0 ; @canister:B ; keep=87000 state=degraded ;", "state=ok ; keep=310", "within a day, at once"},
	{"canister.restarted", "@canister:A booted=-99999 ; booted=-10 ;", "@canister:A ; booted=-10 ;", "keep=87000", "up again since just now"},
	{"canister.flapping", "@canister:A ; state=failed ; state=ok ; state=failed ; state=ok ; state=failed ;",
	 "@canister:A ; state=failed ; state=ok ; state=failed ; state=ok ;", "state=ok keep=93000", "3 in a day"},
	{"canister.failed-over", "@canister:A failed_over=1 ;", "@canister:A failed_over=0 ;", "failed_over=0 ; keep=70", "a consequence"},
	{"canister.write-through", "@canister:A write_through=1 ;", "@canister:A write_through=0 ;", "write_through=0 ; keep=70", "a consequence"},
	{"canister.partner-missing", "@canister:A partner_missing=1 ;", "@canister:A partner_missing=0 ;", "partner_missing=0 ; keep=70", "a consequence"},
	{"canister.error-code", "@canister:A error_code=690 ;", "@canister:A error_code=0 ;", "error_code=0 ; keep=310", "its own code"},
	{"canister.code-differs-from-system", "@system:san1 fw=8.2.0.2 ; @canister:A fw=7.8.1.6 ;",
	 "@system:san1 fw=GT280R008 ; @canister:A fw=GTS281R009 ;", "fw=8.2.0.2(build-145) ; keep=310", "a bundle is numbered apart"},
	{"canister.booted-together", "@canister:A booted=-900000 ; @canister:B booted=-898000 ;", "@canister:A booted=-900000 ; @canister:B booted=-810000 ;",
	 "booted=-60 ; keep=310", "25 hours apart is apart"},
	{"canister.code-waits", "@canister:A microcode_pending=1 ;", "@canister:A microcode_pending=0 ;", "microcode_pending=0 ; keep=70", "it is staged"},
	{"component.listed-fault", "@psu:1 listed_faults=1 ;", "@psu:1 listed_faults=0 ;", "listed_faults=0 ; keep=310", "the array's own list"},
	{"component.error-code", "@enclosure:1 error_code=1114 ;", "@enclosure:1 error_code=0 ;", "error_code=0 ; keep=310", "the array's own code"},
	{"path.lost", "@path:p1 state=failed ;", "@path:p1 ;", "state=ok ; keep=70", "as reported"},
	{"path.degraded", "@path:p1 state=degraded ;", "@path:p1 ;", "state=ok ; keep=70", "as reported"},
	{"path.unreachable", "@path:p1 state=unreachable ;", "@path:p1 ;", "state=ok ; keep=70", "undecided"},
	{"path.flapping", "@path:p1 ; state=failed ; state=ok ; state=failed ; state=ok ; state=failed ;",
	 "@path:p1 ; state=failed ; state=ok ; keep=3700 state=failed ; state=ok ; state=failed ;", "state=ok keep=7300", "3 in an hour"},
	{"path.flapping/sustained", "@path:p1 ; state=failed ; state=ok ; state=failed ; state=ok ; state=failed ; state=ok ; state=failed ; state=ok ; "
	 "state=failed ; state=ok ; state=failed ; state=ok ; state=failed ; state=ok ; state=failed ; state=ok ; state=failed ; state=ok ; state=failed ; state=ok ; "
	 "state=failed ; state=ok ; state=failed ; state=ok ; state=failed ; state=ok ; state=failed ; state=ok ; state=failed ; state=ok ; state=failed ;",
	 "@path:p1 ; state=failed ; state=ok ; state=failed ; state=ok ; state=failed ;", "state=ok keep=93000", "16 in a day"},
	{"path.errors", "@path:p1 path_errors=0 ; path_errors=3 ;", "@path:p1 path_errors=7 ; path_errors=9 ;", "keep=7300", "3 in an hour"},
	{"path.errors/sustained", "@path:p1 path_errors=0 ; path_errors=9 ; keep=7000 path_errors=16 ;", "@path:p1 path_errors=0 ; path_errors=15 ;",
	 "keep=93000", "16 in a day"},
	{"array.protection-off/takeover", "@system:system takeover_enabled=1 ; takeover_enabled=0 ;", "@system:system takeover_enabled=0 ; takeover_enabled=0 ; keep=60",
	 "takeover_enabled=1 ; keep=310", "off since adoption is how it was meant"},
	{"array.no-quorum", "@system:system no_quorum_device=1 ; adopt", "@system:system no_quorum_device=0 ;", "no_quorum_device=0 ; keep=310",
	 "adopted or not: it is no setting"},
	{"array.protection-off/cache-mirroring", "@system:system cache_mirrored=1 ; cache_mirrored=0 ;", "@system:system cache_mirrored=0 ; cache_mirrored=1 ;",
	 "adopt", "switched on is no loss; adopted anew it is meant"},
	{"array.protection-off/call-home", "@system:system call_home_enabled=1 ; call_home_enabled=0 ;", "@system:system call_home_enabled=0 ; call_home_enabled=0 ; keep=60",
	 "call_home_enabled=1 ; keep=310", "off since adoption"},
	{"array.protection-off/load-balancing", "@system:system load_balanced=1 ; load_balanced=0 ;", "@system:system load_balanced=0 ; load_balanced=0 ; keep=60",
	 "load_balanced=1 ; keep=310", "off since adoption"},
	{"array.protection-off/host-reporting", "@system:system host_paths_reported=1 ; host_paths_reported=0 ;",
	 "@system:system host_paths_reported=0 ; host_paths_reported=1 ;", "adopt", "adopted anew it is meant"},
	{"path.resets", "@path:p1 resets=0 ; resets=6 ;", "@path:p1 resets=0 ; resets=4 ;", "keep=7300", "5 in an hour"},
	{"map.queues-forever", "@map:mpatha queues_forever=1 ;", "@map:mpatha queues_forever=0 ;", "queues_forever=0 ; keep=10", "live features"},
	{"map.io-waits", "@map:mpatha state=failed io_waits=1 ;", "@map:mpatha queues_forever=1 io_waits=0 ;", "state=ok io_waits=0 ; keep=10", "it waits now"},
	{"path.trespassing", "@path:p1 access_state=0 ; access_state=1 ; access_state=0 ; access_state=1 ; access_state=0 ;",
	 "@path:p1 access_state=0 ; access_state=1 ; access_state=0 ; access_state=1 ; keep=60", "keep=7300", "4 changes in an hour"},
	{"component.slow-reads", "@canister:A read_ms=3 ; read_ms=480 ;", "@canister:A read_ms=300 ; read_ms=480 ;", "read_ms=4 ; keep=310", "against what it was"},
	{"component.failed", "@psu:1 state=failed ;", "@psu:1 ;", "state=ok ;", "as reported"},
	{"component.degraded", "@fan:1 state=degraded ;", "@fan:1 ;", "state=ok ; keep=70", "as reported"},
	{"component.unreachable", "@enclosure:1 state=unreachable ;", "@enclosure:1 ;", "state=ok ; keep=70", "as reported"},
	{"component.stale", "@psu:1 ; wait=17", "@psu:1 ; wait=13", ";", "three rounds"},
	{"component.stuck", "@psu:1 ; stuck", "@psu:1 ; outcome=timeout ;", "outcome=ok ;", "a good answer ends it"},
	{"psu.no-input", "@psu:1 input_ok=0 ;", "@psu:1 input_ok=1 ;", "input_ok=1 ; keep=70", "AC fail"},
	{"listen.needs-service", "@canister:A ; heard=needs-service", "@canister:A ; heard=service-window-begins", "keep=87000", "a day later"},
	{"listen.node-error", "heard=error-code-690", "heard=error-code-1690", "@canister:A ; @canister:B ; keep=310", "a poll finds them well"},
	{"listen.canister-failed", "heard=controller-B-failed", "heard=controller-B-recovered-after-it-failed", "@canister:A ; keep=310", "good news is none"},
	{"listen.failed-over", "heard=controller-A-failed-over", "heard=failback", "@canister:A ; keep=310", "a poll"},
	{"listen.battery", "heard=battery-fault-type-1", "heard=battery-is-charging", "@battery:1 ; keep=310", "a poll of batteries"},
	{"listen.power", "heard=power-supply-2-failed", "heard=power-supply-2-inserted", "@psu:1 ; keep=310", "a poll of power supplies"},
	{"listen.path", "heard=port-3-link-down", "heard=port-3-link-up", "@path:p1 ; keep=310", "a poll of paths"},
	{"nagios.critical", "@check:san plugin_status=2 ;", "@canister:A plugin_status=2 ;", "plugin_status=0 ; keep=70",
	 "a plugin that speaks for a canister sets its state instead"},
	{"nagios.warning", "@check:san plugin_status=1 ;", "@check:san plugin_status=2 ;", "plugin_status=0 ; keep=70", "exit status 1"},
	{"nagios.unknown", "@check:san plugin_status=3 ;", "@canister:A plugin_status=3 ;", "plugin_status=0 ; keep=70", "not to know is not ok"},
	{"enclosure.code-waits", "@enclosure:1 microcode_pending=1 ;", "@enclosure:1 microcode_pending=0 ;",
	 "microcode_pending=0 ; keep=70", "loaded, not running"},
	{"drive.code-waits", "@hdd microcode_pending=1 ;", "@hdd microcode_pending=0 ;", "microcode_pending=0 ; keep=70", "it is staged"},
	{"inventory.in-turns", "@check:inventory read_in_turns=1 ;", "@check:inventory read_in_turns=0 ;", "read_in_turns=0 ; keep=310", "told once more when it fits"},
	{"enclosure.code-refused", "@enclosure:1 microcode_failed=1 ;", "@enclosure:1 microcode_failed=0 ;",
	 "microcode_failed=0 ; keep=70", "not loaded"},
	{"component.replaced", "@canister:A serial=A ; serial=B ;", "@canister:A ; serial=A ;", "keep=90000", "another serial"},
	{"component.firmware-changed", "@canister:A fw=7.8 ; fw=7.9 ;", "@canister:A ; fw=7.8 ;", "keep=90000", "an update"},
	{"array.same-code", "@canister:A fw=7.8 ; @canister:B fw=7.8 ;", "@canister:A fw=7.8 ; @canister:B ;", "fw=7.9 ; keep=310", "both known, both equal"},
	{"array.same-code/exposed", "@canister:A fw=7.8 ; @canister:B fw=7.8 ; state=service ;", "@canister:A fw=7.8 ; @canister:B fw=7.8 ;",
	 "state=ok ; keep=310", "one is not ok"},
	{"array.different-code", "@canister:A fw=7.8 ; @canister:B fw=7.9 ;", "@canister:A fw=7.8 ; @canister:B fw=7.8 ;", "fw=7.8 ; keep=310", "after a replacement"},
	{"array.recurring-warnings",
	 "@psu:1 ; keep=3700 state=failed ; state=ok ; keep=3700 state=failed ; state=ok ; keep=3700 state=failed ; state=ok ; keep=3700 state=failed ; "
	 "state=ok ; keep=3700 state=failed ; state=ok ; keep=3700 state=failed ; state=ok ; keep=3700 state=failed ; state=ok ; keep=3700 state=failed ; "
	 "state=ok ; keep=3700 state=failed ; state=ok ; keep=3700 state=failed ; state=ok ; keep=3700 state=failed ; state=ok ; keep=3700 state=failed ;",
	 "@psu:1 ; state=failed ; state=ok ; state=failed ; state=ok ; state=failed ; state=ok ; state=failed ; state=ok ; state=failed ; state=ok ; "
	 "state=failed ; state=ok ; state=failed ; state=ok ; state=failed ; state=ok ; state=failed ; state=ok ; state=failed ; state=ok ; state=failed ; "
	 "state=ok ; state=failed ; state=ok ; state=failed ;", "state=ok keep=2700000", "one bad hour counts once"},
	{"firmware.cliff", "@sassd model=CLIFF1 fw=HPD7 power_on_hours=900 ;", "@sassd model=CLIFF1 fw=HPD10 power_on_hours=900 ;", "fw=HPD8 ;",
	 "HPD10 is later than HPD8"},
	{"firmware.uptime-cliff", "@canister:A model=UPTIME fw=6.3.0.1 booted=-16416000 ;", "@canister:A model=UPTIME fw=6.4.0.1 booted=-16416000 ;",
	 "fw=6.4.1 ;", "the firmware decides, not the uptime"},
	{"firmware.advisory", "@hdd model=BRICK fw=SD15 ;", "@hdd model=BRICK fw=SD2A ;", "fw=SD1AB ;", "no date, and true today"},
	{"firmware.unclear", "@sassd model=CLIFF1 fw=B57K power_on_hours=900 ;", "@sassd model=OTHER fw=B57K power_on_hours=900 ;", "fw=HPD8 ;",
	 "numbered in another way"},
	{"firmware.model-differs", "@hdd:1 model=M1 fw=B3F7 ; @hdd:2 model=M1 fw=B3F7 ; @hdd:3 model=M1 fw=B3F5 ;",
	 "@hdd:1 model=M1 fw=B3F7 ; @hdd:2 model=M2 fw=B3F5 ; @hdd:3 model=M1 ;", "fw=B3F7 ; keep=310", "another model may run another"},
	{"pool.rebuild-stalled", "@md:tank state=degraded rebuild_percent=42 ; keep=7900",
	 "@md:tank state=degraded rebuild_percent=42 ; keep=6000 rebuild_percent=43 ; keep=6000", "rebuild_percent=44 keep=700", "two hours"},
	{"pool.nearly-full", "@md:A pool_used_percent=95 ;", "@md:A pool_used_percent=94 ;", "pool_used_percent=90 ; keep=310", "full is too late"},
	{"pool.overcommitted", "@md:A overcommitted=1 ;", "@md:A overcommitted=0 ;", "overcommitted=0 ; keep=310", "a promise"},

	{"source.failing", "@canister:A ; end fails", "@canister:A ; end", "; end", "a good answer ends it"},
	{"source.stuck", "hang", "@canister:A ; stuck", "@canister:A ; end", "a good answer ends it"},
	{"source.unknown-word", "@canister:A state=unknown raw=purple ;", "@canister:A state=unknown raw=unknown ;", "state=ok raw= ; keep=70", "never ok"},
	{"self.config-refused", "refused", "reload", "reload", "a good file ends it"},
	{"self.journal-failing", "disk-full", "disk-ok", "disk-ok wait=70", "scribe says so"},
	{"self.not-locked", "unlocked", "locked", "locked", "mlockall failed"},
	{"self.marks-lost", "forgot locked", "locked", "knows reload locked", "a reload ends it"},
	{"self.slow", "lag=5000", "lag=4999", "lag=0 wait=70", "the engine decides late"},
	{"self.restarts", "dies dies dies", "dies dies wait=700 dies", "wait=1300", "3 in 10 minutes"},
	{"self.management-silent", "@canister:A/mgmt ; @canister:A/mgmt2 ; fails @canister:A/mgmt fails",
	 "@canister:A/mgmt ; @canister:A/mgmt2 ; fails wait=130 @canister:A/mgmt fails", "@canister:A/mgmt2 ; end",
	 "two within two minutes, not two of a day"},
	{"self.observer-suspect",
	 "@canister:A ; @canister:B ; @hdd:1 ; @hdd:2 ; @canister:A state=unreachable ; @canister:B state=unreachable ; @hdd:1 gone @hdd:2 gone",
	 "@canister:A ; @canister:B ; @hdd:1 ; @hdd:2 ; @canister:A state=unreachable ; @canister:B state=unreachable ;",
	 "@canister:A state=ok ; @canister:B state=ok ; @hdd:1 there ; @hdd:2 there ; keep=310", "all of several arrays at once, not one array"},
	{"sink.failing", "page retry wait=70", "page retry wait=20", "accept", "for a minute"},
	{"sink.refused", "page park", "page retry", "page accept", "it would not help to try again"},
};
/* clang-format on */

static void run_case(const struct rule_case *c, const struct rule *r)
{
	struct lab l;

	lab_start(&l, strstr(c->fires, "/mgmt") ? lab_two_planes() : NULL);
	lab_run(&l, c->not );
	if (lab_finding(&l, c->rule))
		fail_msg("%s fires and must not: %s", c->rule, c->why);
	lab_stop(&l);
	lab_start(&l, strstr(c->fires, "/mgmt") ? lab_two_planes() : NULL);
	lab_run(&l, c->fires);
	if (!lab_finding(&l, c->rule))
		fail_msg("%s does not fire: %s", c->rule, c->why);
	if (r->latched) {
		lab_run(&l, "keep=90000");
		if (!lab_finding(&l, c->rule))
			fail_msg("%s is latched and cleared by itself", c->rule);
	}
	lab_run(&l, c->clears);
	if (lab_finding(&l, c->rule))
		fail_msg("%s does not clear: %s", c->rule, c->why);
	lab_stop(&l);
}

static void test_each_rule_fires_holds_back_and_clears(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < rules_count; i++) {
		const struct rule_case *found = NULL;

		for (unsigned k = 0; k < ARRAY_SIZE(cases); k++)
			if (!strcmp(cases[k].rule, rules[i].id))
				found = &cases[k];
		if (!found)
			fail_msg("rule %s has no case", rules[i].id);
		else
			run_case(found, &rules[i]);
	}
	for (unsigned k = 0; k < ARRAY_SIZE(cases); k++)
		if (rule_index(cases[k].rule) < 0)
			fail_msg("case %s has no rule", cases[k].rule);
}

static void test_rules_are_whole(void **unused)
{
	(void)unused;
	for (unsigned i = 0; i < rules_count; i++) {
		const struct rule *r = &rules[i];

		if (!r->id || !r->title || !r->meaning || !r->action || !r->source || !r->severity)
			fail_msg("rule %s lacks a text, a source or a severity",
				r->id ? r->id : "?");
		if (strlen(r->id) >= sizeof(((struct finding_row *)0)->rule_id))
			fail_msg("rule %s has too long an id", r->id);
		assert_int_equal(rule_index(r->id), i);
		if (r->test == TEST_RATE && (!r->count || r->count > 16 || !r->window_ms))
			fail_msg("rule %s cannot count", r->id);
	}
}

struct tier_facts {
	const struct rule_input *known;
	unsigned fact;
};

static struct rule_input one_fact(void *ctx, unsigned fact)
{
	const struct tier_facts *t = ctx;

	return fact == t->fact ? *t->known : (struct rule_input){};
}

static void test_tier_never_falls_while_the_counter_does_not(void **unused)
{
	static const unsigned facts[] = {FACT_REPORTED_UNCORRECTABLE, FACT_PENDING,
		FACT_OFFLINE_UNCORRECTABLE, FACT_REALLOCATED};

	(void)unused;
	for (unsigned i = 0; i < ARRAY_SIZE(facts); i++)
		for (double first = 0; first < 600; first += 37) {
			enum severity tier = SEV_NONE;

			for (double value = first; value < 2000; value++) {
				struct rule_input in = {.known = true,
					.value = value,
					.first = first,
					.was = value};
				struct tier_facts t = {&in, facts[i]};
				enum severity now = drive_tier(CLASS_ATA_HDD, one_fact, &t);

				assert_true(now >= tier);
				tier = now;
			}
		}
}

static void test_tiers_of_the_issue(void **unused)
{
	static const struct {
		unsigned fact;
		double value;
		enum severity tier;
	} t[] = {{FACT_REPORTED_UNCORRECTABLE, 1, SEV_WARNING},
		{FACT_REPORTED_UNCORRECTABLE, 20, SEV_CRITICAL}, {FACT_PENDING, 1, SEV_WARNING},
		{FACT_PENDING, 50, SEV_CRITICAL}, {FACT_OFFLINE_UNCORRECTABLE, 1, SEV_WARNING},
		{FACT_OFFLINE_UNCORRECTABLE, 5000, SEV_WARNING}, {FACT_REALLOCATED, 49, SEV_NONE},
		{FACT_REALLOCATED, 50, SEV_WARNING}, {FACT_REALLOCATED, 500, SEV_CRITICAL},
		{FACT_COMMAND_TIMEOUT, 9999, SEV_NONE}, {FACT_CRC_ERRORS, 9999, SEV_NONE},
		{FACT_SPIN_RETRY, 99, SEV_NONE}};

	(void)unused;
	for (unsigned i = 0; i < ARRAY_SIZE(t); i++) {
		struct rule_input in = {.known = true, .value = t[i].value};
		struct tier_facts f = {&in, t[i].fact};

		assert_int_equal(drive_tier(CLASS_ATA_HDD, one_fact, &f), t[i].tier);
		assert_int_equal(drive_tier(CLASS_ATA_SSD, one_fact, &f), SEV_NONE);
	}
}

static void test_serd_counts_in_its_window(void **unused)
{
	struct serd_row s = {};

	(void)unused;
	for (uint64_t t = 1000; t <= 3000; t += 1000)
		serd_add(&s, t);
	assert_int_equal(serd_recent(&s, 3000, 1000), 1);
	assert_int_equal(serd_recent(&s, 3000, 2000), 2);
	assert_int_equal(serd_recent(&s, 3000, 2001), 3);
	for (unsigned i = 0; i < 40; i++)
		serd_add(&s, 4000);
	assert_int_equal(serd_recent(&s, 4000, 1), 16);
	assert_int_equal(serd_recent(&s, 5000, 1000), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules_are_whole),
		cmocka_unit_test(test_serd_counts_in_its_window),
		cmocka_unit_test(test_tiers_of_the_issue),
		cmocka_unit_test(test_tier_never_falls_while_the_counter_does_not),
		cmocka_unit_test(test_each_rule_fires_holds_back_and_clears),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
