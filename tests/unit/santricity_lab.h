/* What the tests of NetApp E-Series arrays share: one array that is known, its answers, and a sink. */
#pragma once
#include "manage_lab.h"
#include "probes/santricity.h"

static struct santricity s;
static struct santricity_faults listed;
static struct kept k;
static const struct manage_sink sink = {keep, &k};

static inline void know(const char *status)
{
	char text[256];

	snprintf(text, sizeof(text),
		"[{\"id\":\"1\",\"name\":\"ef\",\"status\":\"%s\",\"passwordStatus\":\"valid\",\"model\":\"2806\","
		"\"fwVersion\":\"08.42.30.05\",\"chassisSerialNumber\":\"021633035190\"}]", status);
	assert_int_equal(santricity_systems(text, strlen(text), &s), 0);
	k = (struct kept){};
}

static inline int canisters(const char *text)
{
	int r = santricity_canisters(text, strlen(text), &s, "10.0.0.1");

	k = (struct kept){};
	if (r == 0)
		santricity_tell_canisters(&s, &listed, &sink);
	return r;
}

#define NET(ip) "\"netInterfaces\":[{\"interfaceType\":\"ethernet\",\"ethernet\":{\"ipv4Address\":\"" ip "\"}}]"
#define CONTROLLER(label, status, ip)                                                                  \
	"{\"active\":true,\"controllerRef\":\"07000000000000000000000" label "\",\"quiesced\":false,\"status\":\"" status "\",\"controllerErrorMode\":\"notInErrorMode\"," \
	"\"physicalLocation\":{\"trayRef\":\"0E00\",\"slot\":1,\"label\":\"" label "\"},\"manufacturer\":\"NETAPP  \"," \
	"\"appVersion\":\"08.42.30.05\",\"productID\":\"INF-01-00       \",\"serialNumber\":\"021619039162    \","  \
	"\"bootTime\":\"1559250000\"," NET(ip) "}"

static inline void hardware(const char *lists)
{
	char text[4096];

	/* the lists that every answer has, then what the test is about: of two the last counts */
	snprintf(text, sizeof(text),
		"{\"trays\":[{\"trayRef\":\"0E00\",\"trayId\":99,\"esmMiswire\":false,\"serialNumber\":\"T1\"}],\"drives\":[],"
		"\"powerSupplies\":[],\"fans\":[]%s%s}", *lists ? "," : "", lists);
	k = (struct kept){};
	assert_int_equal(santricity_hardware(text, strlen(text), &s, &sink), 0);
}

static inline void pools(const char *more)
{
	char text[512];

	snprintf(text, sizeof(text), "[{\"label\":\"pool1\",\"volumeGroupRef\":\"0400AA\"%s}]", more);
	k = (struct kept){};
	assert_int_equal(santricity_pools(text, strlen(text), &s, &sink), 0);
}
