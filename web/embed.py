#!/usr/bin/env python3
"""embed.py OUT NAME=FILE... - files as C arrays asset_NAME with asset_NAME_len."""
import sys

lines = ['#include "web/assets.h"', ""]
for arg in sys.argv[2:]:
    name, path = arg.split("=", 1)
    with open(path, "rb") as f:
        data = f.read()
    lines.append("const unsigned char asset_%s[] = {" % name)
    for i in range(0, len(data), 24):
        lines.append("\t" + ",".join(str(b) for b in data[i:i + 24]) + ",")
    lines.append("};")
    lines.append("const size_t asset_%s_len = %d;" % (name, len(data)))
with open(sys.argv[1], "w") as f:
    f.write("\n".join(lines) + "\n")
