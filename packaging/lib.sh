# Shared by start, stop and test: packages, folders, words. Sourced, not run.
# shellcheck shell=sh
root=$(cd "$(dirname "$0")/.." && pwd)

say() {
	printf '%s\n' "$*" >&2
}

as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null 2>&1; then
		sudo "$@"
	else
		say "ballast: this step needs root: $*"
		return 1
	fi
}

# need FILE: install the Debian packages that FILE names, one a line, unless they are there; a command
# behind the name counts too, since some hosts have it from elsewhere
need() {
	missing=
	while read -r package command; do
		case $package in ''|'#'*) continue ;; esac
		[ -z "$command" ] || ! command -v "$command" >/dev/null 2>&1 || continue
		dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
	done < "$1"
	[ -n "$missing" ] || return 0
	say "ballast: installing$missing"
	as_root apt-get update -qq >/dev/null || say "ballast: apt-get update failed, trying what is known"
	# shellcheck disable=SC2086
	as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
}

# build DIR [meson options]: configure once, then build
build() {
	dir=$1
	shift
	if [ ! -e "$dir/build.ninja" ]; then
		meson setup "$dir" "$root" "$@" >"$dir.log" 2>&1 || { cat "$dir.log" >&2; return 1; }
	fi
	ninja -C "$dir" >"$dir.log" 2>&1 || { tail -n 40 "$dir.log" >&2; return 1; }
}
