#!/usr/bin/env bash
# Measures Attune beside nginx, HAProxy and a plain proxy on this machine.
#
#   bash deploy/bench/run.sh                 the table, in ten minutes at most; BENCH_* shorten it
#   bash deploy/bench/run.sh --quick         see that everything works, in less than a minute
#   bash deploy/bench/run.sh --readme        the table, then put it into README.md and the capacity page
#   bash deploy/bench/run.sh --growth        what a message costs over sessions and rules; draws the charts
#   bash deploy/bench/run.sh --soak MINUTES  half load for so long; fails when anything grows; draws a chart
#
# Figures go to stdout as Markdown and into a file as JSON (BENCH_OUT); what is
# going on goes to stderr. README.md beside this file says how to read them and
# lists the variables. It needs Go and, where something is missing, a Debian
# system and the right to install packages on it.
set -euo pipefail
cd "$(dirname "$0")/../.."

install_packages() {
  local want=()
  command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || want+=(nginx)
  command -v haproxy >/dev/null || [ -x /usr/sbin/haproxy ] || want+=(haproxy)
  command -v redis-server >/dev/null || want+=(redis-server)
  [ ${#want[@]} -eq 0 ] && return
  local root=()
  [ "$(id -u)" -eq 0 ] || root=(sudo)
  "${root[@]}" apt-get update -qq >&2
  # The run level keeps their services from starting.
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends "${want[@]}" >&2
}

usage() {
  sed -n '4,8s/^#   //p' deploy/bench/run.sh >&2
  exit 2
}

command=compare flags=() keep=
case "${1:-}" in
'') ;;
--quick) flags=(-quick) ;;
--readme) keep=table ;;
--growth) command=growth keep=growth ;;
--soak)
  [ $# -eq 2 ] || usage
  command=soak keep=soak flags=(-minutes "$2")
  ;;
*) usage ;;
esac

export PATH=$PATH:/usr/sbin
install_packages
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
go build -o "$work/attune" ./cmd/attune
go build -o "$work/bench" ./deploy/bench
out=${BENCH_OUT:-$work/figures.json}
"$work/bench" $command -attune "$work/attune" -dir "$work" -out "$out" "${flags[@]}"

if [ -n "$keep" ]; then
  "$work/bench" publish "-$keep" "$out"
  # Built anew, as what was measured is built in.
  go run ./cmd/attune config --capacity --format markdown >"$work/capacity.md"
  mv "$work/capacity.md" deploy/capacity.md
fi
