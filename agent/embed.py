#!/usr/bin/env python3
"""embed.py OUT SYMBOL:STEM FILE... [SYMBOL:STEM FILE...] - files as C text, found by name at run time.

STEM is "stem" to drop the suffix from the name, or "name" to keep it.
"""
import os
import sys

out = ['#include "agent/scenario.h"']
groups = []
for arg in sys.argv[2:]:
    if ":" in arg and not os.path.exists(arg):
        groups.append((*arg.split(":"), []))
    else:
        groups[-1][2].append(arg)
for symbol, style, files in groups:
    out.append("\nconst struct embedded %s[] = {" % symbol)
    for path in files:
        with open(path, "rb") as f:
            data = f.read()
        name = os.path.basename(path)
        name = os.path.splitext(name)[0] if style == "stem" else name
        text = "".join(
            '\n\t\t"' + "".join(
                chr(b) if 32 <= b < 127 and b not in b'"\\?' else "\\%03o" % b for b in line) + '"'
            for line in data.splitlines(keepends=True))
        out.append('\t{"%s",%s, %d},' % (name, text or '""', len(data)))
    out.append("\t{NULL, NULL, 0},\n};")
with open(sys.argv[1], "w") as f:
    f.write("\n".join(out) + "\n")
