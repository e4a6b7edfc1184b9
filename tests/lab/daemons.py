"""
Which real daemons run in the virtual school, and with which configuration?

Each function here gives `Daemon`s: a machine, a command, and the files that it reads. Nothing is started here.
Everything runs in the foreground, logs to its output, and keeps its state inside its machine's folder.
"""

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.lab.needs import program
from tests.lab.settings import Settings
from tests.lab.topology import (
    CORE_V6,
    GROUPS,
    IDENTITIES,
    PUBLIC_DNS,
    PUBLIC_NAMES,
    SCHOOL_DNS,
    SCHOOL_DNS_V6,
    SCHOOL_DOMAIN,
    SCHOOL_LAN_V6,
    SCHOOL_V4,
    SCHOOL_V6,
    SNMP_USERS,
    SWITCH_ADDRESS,
    Group,
)

AGENTX = "/run/agentx/master"
"""Where snmpd lets lldpd add its tables; each machine has its own /run."""
MIB = 1 << 20
GIB = 1 << 30
LAG_TABLES = ".1.2.840.10006.300.43"


@dataclass(frozen=True)
class Daemon:
    """One daemon: where it runs, how it is started, and what it reads."""

    node: str
    tag: str
    argv: tuple[str, ...]
    files: dict[str, str] = field(default_factory=dict)
    sparse: dict[str, int] = field(default_factory=dict)
    """Files of so many zero bytes, which take no room on the disk."""
    env: dict[str, str] = field(default_factory=dict)


def daemons(directory: Path, settings: Settings) -> list[Daemon]:
    """List all daemons of a school, in the order in which they may be started."""

    def folder(node: str) -> Path:
        return directory / node

    web = [_nginx(folder, "inet"), *([_nginx(folder, "metro")] if settings.metro else [])]
    routing = [_unbound(folder), *([_radvd(folder)] if settings.ra else [])]
    switches = [_snmpd(folder, switch, settings) for switch in SWITCH_ADDRESS]
    neighbours = [_lldpd(folder, switch) for switch in SWITCH_ADDRESS]
    return [*switches, _dnsmasq(), *routing, *web, _iperf3(), _rsyslogd(folder), *neighbours]


Folder = Callable[[str], Path]


def _dnsmasq() -> Daemon:
    """Build the internet's DNS: it knows the lab's names and says NXDOMAIN to all others."""
    names = [f"--host-record={name},{','.join(addresses)}" for name, addresses in PUBLIC_NAMES.items()]
    fixed = ["--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--user=root", "--pid-file=/run/dnsmasq.pid"]
    return Daemon("inet", "dnsmasq", ("dnsmasq", "--no-daemon", "--local=/#/", *fixed, *names))


def _unbound(folder: Folder) -> Daemon:
    """Build the school's resolver: a forwarder that also knows the school's own names."""
    own = {"gw": SCHOOL_DNS, **SWITCH_ADDRESS}
    local = "\n".join(f'  local-data: "{name}.{SCHOOL_DOMAIN}. A {address}"' for name, address in own.items())
    config = f"""server:
  directory: "{folder("gw")}"
  chroot: ""
  username: ""
  pidfile: ""
  do-daemonize: no
  use-syslog: no
  logfile: ""
  num-threads: 1
  module-config: "iterator"
  interface: {SCHOOL_DNS}
  interface: {SCHOOL_DNS_V6}
  access-control: {SCHOOL_V4} allow
  access-control: {SCHOOL_V6} allow
  local-zone: "test." nodefault
  local-zone: "{SCHOOL_DOMAIN}." static
{local}
forward-zone:
  name: "."
  forward-addr: {PUBLIC_DNS}
"""
    return Daemon("gw", "unbound", ("unbound", "-d", "-c", f"{folder('gw')}/unbound.conf"), {"unbound.conf": config})


def _radvd(folder: Folder) -> Daemon:
    """Build the router advertisements; a change is told within seconds, so that tests need not wait for minutes."""
    config = f"""interface lan0 {{
  AdvSendAdvert on;
  MinRtrAdvInterval 3;
  MaxRtrAdvInterval 4;
  AdvOtherConfigFlag on;
  prefix {SCHOOL_LAN_V6} {{ AdvOnLink on; AdvAutonomous on; }};
  RDNSS {SCHOOL_DNS_V6} {{ }};
  DNSSL {SCHOOL_DOMAIN} {{ }};
}};
"""
    argv = ("radvd", "-n", "-m", "stderr", "-C", f"{folder('gw')}/radvd.conf", "-p", "/run/radvd.pid")
    return Daemon("gw", "radvd", argv, {"radvd.conf": config})


def _snmpd(folder: Folder, switch: str, settings: Settings) -> Daemon:
    """Build a switch's SNMP agent: live kernel counters behind a vendor's name, v2c and v3."""
    identity, community = IDENTITIES[switch], settings.community
    users = "\n".join(
        f'createUser {user.name} {user.auth} "{user.auth_key}" AES "{user.priv_key}"\nrouser {user.name} priv'
        for user in SNMP_USERS
    )
    config = f"""agentAddress udp:161,udp6:161
rocommunity {community}
rocommunity6 {community}
{users}
sysDescr {identity.description}
sysObjectID {identity.object_id}
sysName {switch}
sysLocation the cabinet of {switch}
master agentx
agentXSocket {AGENTX}
agentXPerms 0777 0777
dontLogTCPWrappersConnects yes
{_group(GROUPS[switch]) if settings.second_links and switch in GROUPS else ""}"""
    argv = ("snmpd", "-f", "-Lo", "-C", "-c", f"{folder(switch)}/snmpd.conf", "-p", "/run/snmpd.pid", "-I", "-smux")
    env = {"SNMP_PERSISTENT_DIR": f"{folder(switch)}/snmp", "MIBS": ""}
    return Daemon(switch, "snmpd", argv, {"snmpd.conf": config}, env=env)


def _group(group: Group) -> str:
    """
    Build the rows of an aggregate (LAG), which is not there: the kernel here has no bonding.

    Its interface is written from IF-MIB (RFC 2863), who belongs to it from IEEE8023-LAG-MIB by `aggregate.py`. They stay as they are,
    whatever becomes of the members.
    """
    entry, x_entry = ".1.3.6.1.2.1.2.2.1", ".1.3.6.1.2.1.31.1.1.1"
    rows = {
        f"{entry}.1.{group.index}": f"integer {group.index}",  # ifIndex
        f"{entry}.2.{group.index}": f'octet_str "{group.name}"',  # ifDescr
        f"{entry}.3.{group.index}": "integer 161",  # ifType ieee8023adLag
        f"{entry}.5.{group.index}": "uinteger 4294967295",  # ifSpeed, too small for it
        f"{entry}.7.{group.index}": "integer 1",  # ifAdminStatus
        f"{entry}.8.{group.index}": "integer 1",  # ifOperStatus
        f"{x_entry}.1.{group.index}": f'octet_str "{group.name}"',  # ifName
        f"{x_entry}.15.{group.index}": f"uinteger {group.mbit_s}",  # ifHighSpeed
    }
    words = [
        sys.executable,
        "-I",
        "-S",
        str(Path(__file__).with_name("aggregate.py")),
        str(group.index),
        *group.members,
    ]
    lines = [f"override {oid} {value}" for oid, value in rows.items()]
    return "\n".join([*lines, f"pass_persist {LAG_TABLES} {' '.join(words)}", ""])


def _lldpd(folder: Folder, switch: str) -> Daemon:
    """Build a switch's LLDP speaker, which also fills the LLDP-MIB of its snmpd."""
    management = ",".join([SWITCH_ADDRESS[switch], *([CORE_V6] if switch == "core" else [])])
    config = f"""configure system description "{IDENTITIES[switch].description}"
configure system hostname {switch}
configure system ip management pattern {management}
configure system interface pattern ge*
configure lldp tx-interval 1
configure lldp portidsubtype ifname
"""
    lldpcli = str(folder(switch).parent / "lldpcli")
    argv = ("lldpd", "-d", "-x", "-X", AGENTX, "-u", "/run/lldpd.socket", "-O", f"{folder(switch)}/lldpd.conf")
    return Daemon(switch, "lldpd", (*argv, "-L", lldpcli), {"lldpd.conf": config})


def _nginx(folder: Folder, node: str) -> Daemon:
    """Build a web server: `/` and `/small` (1 KiB), `/1M`, `/100M`, `/1G`, `/empty` (takes any POST), `/myip`."""
    here = folder(node)
    scratch = "\n".join(f"  {kind}_temp_path {here}/scratch-{kind};" for kind in ("fastcgi", "uwsgi", "scgi", "proxy"))
    config = f"""daemon off; worker_processes 1; user root; pid {here}/nginx.pid; error_log stderr;
events {{ worker_connections 512; }}
http {{
  access_log off; sendfile on; tcp_nopush on; client_max_body_size 0;
  client_body_temp_path {here}/scratch-body;
{scratch}
  server {{
    listen 80; listen [::]:80; root {here};
    location = / {{ return 200 "{node}\\n"; }}
    location = /empty {{ return 200 ""; }}
    location = /myip {{ return 200 "$remote_addr\\n"; }}
    location / {{ root {here}/www; }}
  }}
}}
"""
    sizes = {"www/small": 1024, "www/1M": MIB, "www/100M": 100 * MIB, "www/1G": GIB}
    argv = ("nginx", "-c", f"{here}/nginx.conf", "-e", "stderr")
    return Daemon(node, "nginx", argv, {"nginx.conf": config}, sizes)


def _iperf3() -> Daemon:
    """Build the measurement server on the internet side."""
    return Daemon("inet", "iperf3", ("iperf3", "--server", "--forceflush"))


def _rsyslogd(folder: Folder) -> Daemon:
    """Build the log server: one folder per sender, one file per day."""
    here = folder("log")
    config = f"""module(load="imudp")
module(load="imtcp")
global(workDirectory="{here}" umask="0022")
template(name="daily" type="string" string="{here}/logs/%FROMHOST-IP%/%$YEAR%-%$MONTH%-%$DAY%.log")
ruleset(name="remote") {{ action(type="omfile" dynaFile="daily" template="RSYSLOG_FileFormat") }}
input(type="imudp" port="514" ruleset="remote")
input(type="imtcp" port="514" ruleset="remote")
"""
    argv = ("rsyslogd", "-n", "-f", f"{here}/rsyslog.conf", "-i", "/run/rsyslog.pid")
    return Daemon("log", "rsyslogd", argv, {"rsyslog.conf": config})


def copy_lldpcli(directory: Path) -> None:
    """Copy lldpcli without its set-user-id bit: as user _lldpd it could not read the configuration in our folder."""
    original = program("lldpcli")
    if original is None:
        raise FileNotFoundError("lldpcli (apt package lldpd)")
    shutil.copyfile(original, directory / "lldpcli")
    (directory / "lldpcli").chmod(0o755)


FIREWALL = """
table ip nat {
  chain leaving {
    type nat hook postrouting priority srcnat
    oifname "wan0" masquerade
  }
}
table inet filter {
  chain passing {
    type filter hook forward priority filter
    policy accept
    iifname "wan0" ct state new drop
  }
  chain arriving {
    type filter hook input priority filter
    policy accept
    iifname "wan0" ct state new drop
  }
}
"""
"""The gateway's rules, IPv4 and IPv6: nothing outside opens a connection to anything inside, nor to the gateway."""
