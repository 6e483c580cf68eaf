#!/bin/sh
# A sample receiver for the demo: keeps each alert, one JSON object a line, in the file it is given.
set -eu
{ cat; echo; } >>"$1"
