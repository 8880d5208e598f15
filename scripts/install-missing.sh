# Sourced by the scripts that need tools of other languages. Installs what is missing where that can be done (Debian, as
# root). Where it cannot, that is a failure, never a skip.

# install_missing program=package…
install_missing() {
  local each missing=()
  for each in "$@"; do
    command -v "${each%%=*}" >/dev/null || missing+=("${each#*=}")
  done
  if ((${#missing[@]} > 0)); then install_packages "${missing[@]}"; fi
}

install_packages() {
  if [[ $EUID -ne 0 ]] || ! command -v apt-get >/dev/null; then
    echo "missing: $*; install them (Debian's names), or run this as root on Debian" >&2
    exit 1
  fi
  echo "installing $*"
  local log
  log=$(mktemp)
  # The lists a machine came with may name versions that are no longer there.
  try_install "$log" "$@" ||
    { apt-get update -qq >>"$log" 2>&1 && try_install "$log" "$@"; } ||
    { cat "$log" >&2 && exit 1; }
  rm -f "$log"
}

try_install() {
  local log=$1
  shift
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >>"$log" 2>&1
}
