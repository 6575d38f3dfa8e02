#!/usr/bin/env bash
# Installs what the full tests need and runs all of them.
#
#   bash deploy/test.sh            everything
#   bash deploy/test.sh setup      only the installing part
#
# It needs Go and, where something is missing, a Debian system and the right to
# install packages on it. npm packages go into a cache outside the tree
# (ATTUNE_TEST_CACHE, default ~/.cache/attune-test). Under this script a test
# that skips is a failure.
#
# Many tests talk to real servers, clients and browsers, and a machine that stands
# still for long enough makes any of them fail. So tests that failed, three at
# most, are run once more, alone. If they pass then, the script goes on, but says
# FLAKY and what they printed, there and at its end: such a test is to be mended.
# A build that fails, a panic, a data race, a time-out, a fourth failed test and
# one that fails again end the script.
set -euo pipefail
cd "$(dirname "$0")/.."

cache=${ATTUNE_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/attune-test}
fuzztime=${ATTUNE_FUZZTIME:-2s}
limit=20m # for the tests of one package

say() { printf '\n== %s (%ss)\n' "$1" "$SECONDS"; }

die() {
  printf '\n%s\n' "$*"
  exit 1
}

# lacking lists the Debian packages of what the tests need and this machine lacks.
lacking() {
  command -v redis-server >/dev/null || echo redis-server
  command -v chromium >/dev/null || echo chromium
  command -v promtool >/dev/null || echo prometheus
  command -v systemd-analyze >/dev/null || echo systemd
  command -v node >/dev/null || echo nodejs
  command -v npm >/dev/null || echo npm
  command -v gcc >/dev/null || echo gcc libc6-dev # for the race detector
  command -v puma >/dev/null || echo puma
  ruby -e 'require "action_cable"' 2>/dev/null || echo ruby-actioncable
  /usr/bin/python3 -c 'import socketio, aiohttp' 2>/dev/null || echo python3-socketio python3-aiohttp
}

install_packages() {
  local want root=() one
  want=$(lacking)
  [ -n "$want" ] || return 0
  command -v apt-get >/dev/null || die "The full tests need these Debian packages, or their like:" $want
  [ "$(id -u)" -eq 0 ] || root=(sudo)
  "${root[@]}" apt-get update -qq || true # what is known already may do
  for one in $want; do # one by one, so that one that cannot be had is all that is missing
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends "$one" >/dev/null || true
  done
  want=$(lacking)
  [ -z "$want" ] || die "These packages could not be installed, see above; the full tests need them:" $want
}

install_npm() {
  local dir=$cache/npm
  mkdir -p "$dir"
  if ! cmp -s deploy/e2e/npm/package.json "$dir/package.json" || [ ! -d "$dir/node_modules" ]; then
    # Botkit runs a build step after its installation that only works in its
    # own repository.
    (cp deploy/e2e/npm/package.json "$dir/package.json" && cd "$dir" &&
      npm install --ignore-scripts --no-audit --no-fund --loglevel=error) || {
      rm -f "$dir/package.json" # so that the next time tries again
      die "The npm packages of deploy/e2e/npm/package.json could not be installed in $dir, see above."
    }
  fi
  export ATTUNE_TEST_NPM=$dir
}

say "setup"
install_packages
install_npm
[ "${1:-}" = setup ] && exit 0

export ATTUNE_TEST_FULL=1
log=$(mktemp) flakes=$(mktemp)
trap 'rm -f "$log" "$log.again" "$flakes"' EXIT

# run_tests FLAG PACKAGE…: go test with a flag, or "", showing results by package
# and whatever failed.
run_tests() {
  local flag=$1
  shift
  if ! go test -v $flag -timeout "$limit" "$@" >"$log" 2>&1; then
    complaints "$log"
    once_more "$flag"
  fi
  grep -E '^(ok|\?)[[:space:]]' "$log" || true
  if grep -E '^[[:space:]]*--- SKIP' "$log"; then
    die "a test was skipped: see above"
  fi
}

# complaints shows of a log what the packages printed that failed.
complaints() {
  awk '{part = part $0 "\n"} /^(ok|FAIL|\?) *\t/ {if (/^FAIL/) printf "%s", part; part = ""} END {printf "%s", part}' "$1" |
    grep -vE '^(=== (RUN|PAUSE|CONT|NAME)|[[:space:]]*--- PASS|PASS$)' || true
}

# failed lists the tests of the log that failed, a package and a name a line.
failed() {
  awk '/^--- FAIL: / {names[$3]} /^(ok|FAIL) *\t/ {for (n in names) print $2, n; delete names}' "$log" | sort -u
}

# once_more runs the tests of the log that failed alone, with a flag or "". It ends
# the script where that is no use, and when one fails again.
once_more() {
  local flag=$1 list package names
  list=$(failed)
  if grep -q '^panic: test timed out' "$log"; then
    die "TIMED OUT: a package took longer than $limit. What it was at stands behind 'running tests:' above."
  elif grep -qE '^(panic|fatal error): |WARNING: DATA RACE|\[(build|setup) failed\]' "$log"; then
    die "FAILED: a build, a panic or a data race, see above."
  elif [ "$(cut -d' ' -f1 <<<"$list" | uniq)" != "$(sed -nE 's/^FAIL\t([^ \t]+).*/\1/p' "$log" | sort -u)" ]; then
    die "FAILED: a package beside its tests, see above."
  elif [ "$(wc -l <<<"$list")" -gt 3 ]; then
    die "FAILED, too many to be tried again:"$'\n'"$list"
  fi
  for package in $(cut -d' ' -f1 <<<"$list" | uniq); do
    names=$(awk -v p="$package" '$1 == p {print $2}' <<<"$list" | paste -sd '|')
    printf '\n-- once more: %s in %s\n' "$names" "$package"
    if ! go test -v $flag -count=1 -timeout "$limit" -run "^($names)\$" "$package" >"$log.again" 2>&1; then
      complaints "$log.again"
      die "FAILED twice: $names in $package"
    fi
  done
  { complaints "$log" && awk '{print "FLAKY: " $2 " in " $1}' <<<"$list"; } >>"$flakes"
  awk '{print "FLAKY: " $2 " in " $1}' <<<"$list"
}

say "formatting and vet"
unformatted=$(gofmt -l $(git ls-files '*.go'))
if [ -n "$unformatted" ]; then
  die "not formatted:"$'\n'"$unformatted"
fi
go vet ./...

say "tests"
run_tests "" ./...

say "race detector"
run_tests -race ./metrics/... ./proxy/...

# fuzz PACKAGE TARGET: one target for a while. On a busy machine the engine may
# miss its own deadline when it stops; only that is tried
# again, and nothing that a target found.
fuzz() {
  local try
  for try in 1 2 3; do
    if go test -run '^$' -fuzz "^$2\$" -fuzztime "$fuzztime" "$1" >"$log" 2>&1; then
      tail -1 "$log"
      return
    fi
    grep -q 'context deadline exceeded' "$log" && ! grep -qE 'Failing input|panic:' "$log" || break
  done
  cat "$log"
  die "FAILED: $2 in $1"
}

say "fuzzing, $fuzztime each"
for pkg in $(go list ./...); do
  for target in $(go test -list '^Fuzz' "$pkg" | grep '^Fuzz' || true); do
    fuzz "$pkg" "$target"
  done
done

say "shipped packs"
go run ./cmd/attune rules check

say "module"
go mod tidy -diff
go mod verify

say "done"
if [ -s "$flakes" ]; then
  printf '\n%s\n\n' "These tests failed at first and passed alone. They are to be mended:"
  cat "$flakes"
fi
