/* What the tests of Spectrum Virtualize answers share: an answer of the command line, and two nodes in one. */
#pragma once
#include "manage_lab.h"
#include "probes/spectrum.h"

static char text[8192];

static inline char *cli(const char *s)
{
	assert_true(copy_text(text, sizeof(text), s));
	return text;
}

#define NODES "id|name|UPS_serial_number|status|IO_group_id|config_node|iscsi_name|panel_name|enclosure_id|canister_id\n"
#define NODE1 "1|node1||online|0|yes|iqn.1986-03.com.ibm:2145.san1.node1|01-1|1|1\n"
#define NODE2(word) "2|node2||" word "|0|no|iqn.1986-03.com.ibm:2145.san1.node2|01-2|1|2\n"
