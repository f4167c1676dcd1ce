#!/bin/sh
# usage: run_with_worker.sh SERVER [ARGUMENT ...]
# Runs the worker beside the server and ends both when either is told to end, or the server ends by itself.
.venv/bin/flask --app app worker &
worker=$!
"$@" &
server=$!
trap 'kill -TERM $server $worker 2>/dev/null' INT TERM
wait $server
status=$?
kill -TERM $server $worker 2>/dev/null
wait $server $worker
exit $status
