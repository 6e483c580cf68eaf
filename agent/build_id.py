#!/usr/bin/env python3
"""build_id.py OUT HEADER... - a number over the headers that define messages and tables.

Two processes may talk only when it is equal; a change of layout changes it.
"""
import hashlib
import sys

digest = hashlib.sha256()
for name in sys.argv[2:]:
    with open(name, "rb") as f:
        digest.update(f.read())
with open(sys.argv[1], "w") as out:
    out.write("#pragma once\n#define BALLAST_BUILD_ID UINT64_C(0x%s)\n" % digest.hexdigest()[:16])
