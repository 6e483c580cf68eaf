/* Inside of yaml_schema.h, shared by its two files only. */
#pragma once
#include "agent/yaml_schema.h"
#include <yaml.h>

enum { MISTAKES_MAX = 4096 };

struct mistake {
	size_t line, column;
	unsigned order;
	char text[320];
};

struct ydoc {
	yaml_document_t yaml;
	int loaded;
	struct mistake *mistakes;
	unsigned nmistakes, capacity, untold;
};

const yaml_node_t *ydoc_node(const struct ydoc *d, int node);
