#!/bin/sh
# Starts a command for a client that speaks with it over pipes, and keeps what goes over them:
# `stdio.sh FOLDER COMMAND ARGUMENT…`; the files are named after the process, `.end` is there when the command has ended.
kept="$1/$$"
shift
tee "$kept.asked" | "$@" | {
  tee "$kept.told"
  : >"$kept.end"
}
