#!/bin/sh
# What does this machine lack to run campusproof's demo or tests, and how does it get it?
#
# Usage: deploy/setup.sh demo|test|bench. Installs system packages by apt where it runs as root and only those that are missing,
# and Python packages, pinned by hash, into .venv. Says what it installs and why. Running it again costs a second.
set -eu

purpose=${1:?usage: deploy/setup.sh demo|test|bench}
cd "$(dirname "$0")/.."
venv=.venv
pins=deploy/pins/dev.txt

say() { printf 'setup: %s\n' "$*"; }

# package:why
python_packages='python3:the-language python3-venv:a-place-of-its-own-for-Python-packages'
lab_packages='dnsmasq-base:names ethtool:link-speeds iperf3:bandwidth iproute2:network-namespaces lldpd:LLDP
mount:private-mounts nftables:NAT-and-filters nginx-light:web-servers openssl:TLS-in-the-way procps:process-lists radvd:router-advertisements
rsyslog:log-server snmp:SNMP-questions snmpd:switches unbound:resolver util-linux:namespaces'
guest_packages='busybox-static:what-the-guest-starts-from hostapd:access-points iw:radios qemu-system-x86:a-guest-with-simulated-radios
wpasupplicant:a-station'
browser_packages='chromium:the-survey-page-as-a-phone-shows-it'

bench_packages='prometheus-snmp-exporter:a-peer-to-measure-against'

missing_of() {
    for entry in $1; do
        dpkg-query -W -f='${Status}\n' "${entry%%:*}" 2>/dev/null | grep -q '^install ok installed' || printf '%s ' "$entry"
    done
}

install() {
    missing=$(missing_of "$1")
    [ -z "$missing" ] && return 0
    if [ "$(id -u)" -ne 0 ]; then
        say "not root, so these system packages stay missing: $(names_of "$missing")"
        say "  $2"
        return 0
    fi
    say "installing system packages ($3):"
    for entry in $missing; do say "  ${entry%%:*} ($(printf '%s' "${entry#*:}" | tr '-' ' '))"; done
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    # No daemon may start by being installed: the virtual school starts its own, inside its namespaces.
    policy=/usr/sbin/policy-rc.d
    ours=no
    if [ ! -e $policy ]; then printf '#!/bin/sh\nexit 101\n' >$policy; chmod 755 $policy; ours=yes; fi
    # shellcheck disable=SC2046 # a list of names is meant
    apt-get install -y -qq --no-install-recommends $(names_of "$missing") >/dev/null || failed=$?
    [ $ours = yes ] && rm -f $policy
    return "${failed:-0}"
}

names_of() { for entry in $1; do printf '%s ' "${entry%%:*}"; done; }

# Where `chromium` is no package, or one that only leads to a snap, there is none to be had by apt.
apt_has_chromium() {
    candidate=$(apt-cache policy chromium 2>/dev/null | sed -n 's/^ *Candidate: //p')
    case $candidate in '' | '(none)' | *snap*) return 1 ;; esac
}

find_python() {
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v $name >/dev/null 2>&1 &&
            $name -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v $name
            return
        fi
    done
}

if command -v dpkg-query >/dev/null 2>&1; then
    [ -n "$(find_python)" ] || install "$python_packages" "ask the admin: apt-get install python3-venv" "to make $venv"
    install "$lab_packages" "without them the virtual school does not run; what does not need it still does" "for the virtual school"
    if [ "$purpose" = test ]; then
        install "$guest_packages" "without them the tests with simulated radios do not run" "for simulated radios"
        if apt_has_chromium; then
            install "$browser_packages" "without it the survey page is not tested in a browser" "for the survey page"
        else
            say "apt has no chromium of its own here: the survey page is not tested in a browser"
        fi
    fi
    [ "$purpose" != bench ] || install "$bench_packages" "without it the SNMP benches have one peer less" "for the benches"
else
    say "no dpkg here: this is not Debian or Ubuntu; system packages are left to you ($(names_of "$lab_packages"))"
fi

python=$(find_python)
if [ -z "$python" ]; then
    say "no Python 3.11 or later with venv; on Debian or Ubuntu, as root: apt-get install python3-venv" >&2
    exit 1
fi

wanted="$(cat $pins pyproject.toml | cksum) $($python --version)"
if [ "$(cat $venv/.installed 2>/dev/null || true)" != "$wanted" ]; then
    say "installing Python packages into $venv, pinned by hash in $pins (the product, its tests and their tools)"
    rm -rf $venv
    "$python" -m venv $venv
    $venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $pins
    $venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
    printf '%s' "$wanted" >$venv/.installed
fi
if [ "$purpose" = test ]; then
    $venv/bin/python -m tests.lab.guest || say "the tests with simulated radios do not run"
fi
say "ready for $purpose with $($venv/bin/python --version)"
