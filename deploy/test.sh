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
set -euo pipefail
cd "$(dirname "$0")/.."

cache=${ATTUNE_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/attune-test}
fuzztime=${ATTUNE_FUZZTIME:-2s}

say() { printf '\n== %s (%ss)\n' "$1" "$SECONDS"; }

install_packages() {
  local want=()
  command -v redis-server >/dev/null || want+=(redis-server)
  command -v chromium >/dev/null || want+=(chromium)
  command -v promtool >/dev/null || want+=(prometheus)
  command -v systemd-analyze >/dev/null || want+=(systemd)
  command -v node >/dev/null || want+=(nodejs)
  command -v npm >/dev/null || want+=(npm)
  command -v gcc >/dev/null || want+=(gcc libc6-dev) # for the race detector
  command -v puma >/dev/null || want+=(puma)
  ruby -e 'require "action_cable"' 2>/dev/null || want+=(ruby-actioncable)
  /usr/bin/python3 -c 'import socketio, aiohttp' 2>/dev/null || want+=(python3-socketio python3-aiohttp)
  [ ${#want[@]} -eq 0 ] && return
  local root=()
  [ "$(id -u)" -eq 0 ] || root=(sudo)
  "${root[@]}" apt-get update -qq
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends "${want[@]}" >/dev/null
}

install_npm() {
  local dir=$cache/npm
  mkdir -p "$dir"
  if ! cmp -s deploy/e2e/npm/package.json "$dir/package.json" || [ ! -d "$dir/node_modules" ]; then
    cp deploy/e2e/npm/package.json "$dir/package.json"
    # Botkit runs a build step after its installation that only works in its
    # own repository.
    (cd "$dir" && npm install --ignore-scripts --no-audit --no-fund --loglevel=error)
  fi
  export ATTUNE_TEST_NPM=$dir
}

say "setup"
install_packages
install_npm
[ "${1:-}" = setup ] && exit 0

export ATTUNE_TEST_FULL=1
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# run_tests ARGS…: go test, showing results by package and whatever failed.
run_tests() {
  local status=0
  go test -v "$@" >"$log" 2>&1 || status=$?
  if [ $status -ne 0 ]; then
    grep -vE '^(=== (RUN|PAUSE|CONT|NAME)|    --- PASS|--- PASS|PASS$)' "$log" || true
    exit $status
  fi
  grep -E '^(ok|FAIL|\?)[[:space:]]' "$log" || true
  if grep -E '^[[:space:]]*--- SKIP' "$log"; then
    echo "a test was skipped: see above"
    exit 1
  fi
}

say "formatting and vet"
unformatted=$(gofmt -l $(git ls-files '*.go'))
if [ -n "$unformatted" ]; then
  printf 'not formatted:\n%s\n' "$unformatted"
  exit 1
fi
go vet ./...

say "tests"
run_tests -timeout 20m ./...

say "race detector"
run_tests -race -timeout 20m ./metrics/... ./proxy/...

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
  echo "$2 in $1:"
  cat "$log"
  exit 1
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
