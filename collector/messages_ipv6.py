"""
Which sentences can be said of a rung of the IPv6 ladder and of a check of a school's site, and which next step belongs to each?

A part of the one table in `collector.messages`: by the code that the probe gives. Blanks are filled from the facts of the reading, where it has them.
"""

from __future__ import annotations

from collector.messages import N_

RUNGS = {
    "NO_RA": (
        N_("no router advertisement arrives"),
        N_("Switch on router advertisements for this VLAN on the gateway or layer-3 switch."),
    ),
    "RA_LIFETIME_0": (
        N_("the router says that it is no default router (lifetime 0)"),
        N_("Set the router lifetime above 0 on the gateway; check that it has an IPv6 route upstream."),
    ),
    "RA_MALFORMED": (
        N_("a router advertisement cannot be read"),
        N_("Find the device that sends it (the raw bytes are in the evidence) and mend its settings."),
    ),
    "ROGUE_RA": (
        N_("more than one router announces itself"),
        N_("Find the second router and switch it off, or turn on RA guard."),
    ),
    "PARSERS_DISAGREE": (
        N_("two readers disagree about a router advertisement"),
        N_("Send the evidence to the operator: the advertisement is unusual."),
    ),
    "STACK_OFF": (N_("IPv6 is switched off on this box"), N_("Switch IPv6 on for the box's network port.")),
    "DAD_FAIL": (
        N_("the box's own address is in use elsewhere"),
        N_("Find the device with the same address on this VLAN."),
    ),
    "ULA_ONLY": (
        N_("only local addresses (ULA), none for the internet"),
        N_("Announce the provider's global prefix in this VLAN."),
    ),
    "NO_LINK_LOCAL": (
        N_("the network port has no link-local address to ask from"),
        N_("Switch IPv6 on for the box's network port."),
    ),
    "NOT_SENT": (
        N_("the question to the routers could not be sent"),
        N_("Check that the box's network port is up, then measure again."),
    ),
    "NOT_NATIVE": (
        N_("only addresses that are not native global ones"),
        N_("Announce the provider's global prefix in this VLAN."),
    ),
    "NO_ADDRESS": (
        N_("no global address was formed"),
        N_("Announce a /64 prefix with the autonomous flag, or switch on DHCPv6."),
    ),
    "TUNNEL_6TO4": (N_("only a tunnel address (6to4)"), N_("Ask the provider for native IPv6.")),
    "TUNNEL_TEREDO": (N_("only a tunnel address (Teredo)"), N_("Ask the provider for native IPv6.")),
    "ISATAP": (N_("only a tunnel address (ISATAP)"), N_("Ask the provider for native IPv6.")),
    "DOC_PREFIX": (
        N_("only an address of the documentation range"),
        N_("Use the prefix that the provider assigned."),
    ),
    "DEPRECATED_ONLY": (
        N_("only addresses that are being withdrawn"),
        N_("Set the preferred lifetime of the prefix above 0."),
    ),
    "MANUAL_ONLY": (
        N_("only an address set by hand"),
        N_("Let the gateway announce the prefix, so that every device gets an address."),
    ),
    "NO_ROUTE": (
        N_("there is no IPv6 default route"),
        N_("Set the router lifetime above 0 on the gateway."),
    ),
    "GW_UNREACHABLE": (
        N_("the gateway does not answer over IPv6"),
        N_("Check the gateway's IPv6 address on this VLAN and its filter rules."),
    ),
    "NOT_IN_THIS_RELEASE": (
        N_("not tested by this release"),
        N_("Nothing to do at the school: a later release measures it."),
    ),
    "NOT_PERMITTED": (
        N_("the agent lacks the right to send raw packets"),
        N_("Run the agent as its service does (CAP_NET_RAW)."),
    ),
    "DHCPV6_SILENT": (
        N_("the address looks like one of DHCPv6, but no DHCPv6 server answered"),
        N_("Check that the DHCPv6 server of this VLAN runs and has free addresses, and that the relay reaches it."),
    ),
    "TENTATIVE": (
        N_("the address is still being checked for duplicates"),
        N_("Measure again; if it stays, look for a loop on this VLAN."),
    ),
    "NO_TARGETS": (
        N_("the order names nothing to measure against"),
        N_("The operator enters names and targets (campusproof-collector names, target); nothing to do at the school."),
    ),
    "NOT_REACHED": (
        N_("not tested, because the operator's server is not reached over IPv6"),
        N_("Mend the rung below first."),
    ),
    "AAAA_FILTERED": (
        N_("the resolver {resolver} gives the IPv4 address of a name and hides its IPv6 address"),
        N_(
            "Switch off the filtering of AAAA records on this resolver (dnsmasq: filter-AAAA; also on the gateway or the behaviour-management device)."
        ),
    ),
    "AAAA_SERVFAIL": (
        N_("the resolver {resolver} fails on questions for IPv6 addresses"),
        N_("Update or replace this resolver; check that it may answer AAAA questions."),
    ),
    "AAAA_SLOW": (
        N_("the resolver {resolver} answers questions for IPv6 addresses too slowly"),
        N_("Check the resolver's own way to its upstream servers over IPv4 and IPv6."),
    ),
    "AAAA_OTHER": (
        N_("the resolver {resolver} gives another IPv6 address than the name has"),
        N_(
            "Find what rewrites DNS answers (resolver, gateway, behaviour management) and take the measurement's names out of it."
        ),
    ),
    "AAAA_SYNTHESISED": (
        N_("the resolver {resolver} makes up an IPv6 address by DNS64 although the name has one"),
        N_("Let DNS64 make up addresses for names without AAAA records only (RFC 6147)."),
    ),
    "NAME_MISSING": (
        N_("the operator's measurement name is not known to the resolver"),
        N_("The operator checks its zone (deploy/echo); nothing to do at the school unless other names fail too."),
    ),
    "RESOLVER_SILENT": (
        N_("no resolver of this network answered"),
        N_("Check the DNS servers that the network hands out and that they are reachable."),
    ),
    "NO_RESOLVER": (
        N_("the network hands out no resolver"),
        N_("Announce DNS servers by router advertisement (RDNSS) or DHCP."),
    ),
    "NO_V6_RESOLVER": (
        N_("no resolver answers over IPv6"),
        N_("Give the resolver an IPv6 address and announce it by RDNSS or DHCPv6; the rung passes all the same."),
    ),
    "DNS64": (N_("the network reaches IPv4 by NAT64"), N_("Nothing to do.")),
    "NO_TRANSIT": (
        N_("no host on the IPv6 internet is reached"),
        N_(
            "Check the IPv6 default route on the egress router and that the provider carries the prefix; then the firewall's rules for IPv6."
        ),
    ),
    "PARTIAL_TRANSIT": (
        N_("only a part of the IPv6 internet is reached"),
        N_(
            "Ask the provider why other operators' IPv6 networks are not reached; check the route of the prefix beyond the provider."
        ),
    ),
    "SERVER_UNREACHABLE": (
        N_("other hosts are reached over IPv6, the operator's server is not"),
        N_("The operator checks its server; nothing to do at the school."),
    ),
    "FEW_TARGETS": (
        N_("the operator's list names too few hosts to tell the IPv6 internet from one operator's network"),
        N_(
            "The operator enters at least five targets in three networks (campusproof-collector target add); nothing to do at the school."
        ),
    ),
    "NO_ANSWER": (
        N_("the operator's server gives no page over IPv6"),
        N_("Check the firewall and anything that looks into web traffic for IPv6."),
    ),
    "CAPTIVE": (
        N_("a portal or another device answers in the server's place"),
        N_("Take the box out of the sign-on portal, or sign it on; check that the portal works for IPv6 at all."),
    ),
    "NO_TLS": (N_("pages are reached over IPv6 only without TLS"), N_("Open port 443 for IPv6 in the firewall.")),
    "TLS_INTERCEPT": (
        N_("TLS is opened on the way by a device with a certificate of its own"),
        N_("Take the measurement's names out of TLS inspection, or switch the inspection off for IPv6."),
    ),
    "PROXY": (
        N_("a proxy carries the request on; the server was not asked over IPv6 by this box"),
        N_("Let the box go out without the proxy."),
    ),
    "ECHO_WRONG": (
        N_("the answer is sealed by another key than the operator's"),
        N_("The operator compares the key of its echo server with the list (campusproof-collector server list)."),
    ),
    "NAT66": (
        N_("addresses are translated on the way (NAT66)"),
        N_(
            "Remove NAT66 and announce the provider's prefix to the hosts: with it the place counts as reachable, not as supporting IPv6."
        ),
    ),
    "NPT": (
        N_("the prefix is translated on the way (NPTv6)"),
        N_("Remove the prefix translation and announce the provider's prefix to the hosts."),
    ),
    "PMTU_BLACKHOLE_UP": (
        N_("large packets to the outside are lost without a word (path MTU)"),
        N_("Let ICMPv6 Packet Too Big in to the hosts on every firewall; as a stopgap lower the MSS on the gateway."),
    ),
    "PMTU_BLACKHOLE_DOWN": (
        N_("large packets from the outside are lost without a word (path MTU)"),
        N_("Let ICMPv6 Packet Too Big out to the internet; as a stopgap lower the MSS on the gateway."),
    ),
    "PMTU_BLACKHOLE_BOTH": (
        N_("large packets are lost both ways without a word (path MTU)"),
        N_("Let ICMPv6 Packet Too Big through in both directions; as a stopgap lower the MSS on the gateway."),
    ),
    "LARGE_FAILS_OTHER": (
        N_("large transfers stick, also with small packets"),
        N_("Look for devices that cut connections: behaviour management, session limits, a faulty link."),
    ),
    "SMALL_FAILS": (N_("not even small transfers end"), N_("Mend the rung below first, then measure again.")),
    "NO_MTU1280": (
        N_("the operator has no narrow path to measure against"),
        N_("The operator sets up the name mtu1280 (deploy/echo); nothing to do at the school."),
    ),
    "V6_UNSTABLE": (
        N_("connections over IPv6 fail or need a second try, so that browsers go over to IPv4"),
        N_(
            "Look for losses on the IPv6 path: link errors, a router that is busy, two default routers of which one is dead."
        ),
    ),
    "V6_SLOW": (
        N_("IPv6 is so much slower than IPv4 that browsers do not use it"),
        N_("Compare both paths (traceroute -6): a tunnel or a detour of the provider's is the usual cause."),
    ),
    "V4_PREFERRED": (
        N_("in a race IPv4 mostly wins"),
        N_("Compare both paths; remove what delays the first packets of IPv6 connections."),
    ),
    "NO_IPV4": (N_("there is no IPv4 here to compare with"), N_("Nothing to do.")),
    "NO_V4_NAME": (
        N_("the operator's list has no IPv4 address to compare with"),
        N_("The operator adds one (campusproof-collector names set --v4)."),
    ),
    "V4_SILENT": (
        N_("the operator's server is not reached over IPv4, so nothing can be compared"),
        N_("Check IPv4, then measure again."),
    ),
    "DEGRADED_LOSS": (N_("more connections fail over IPv6 than over IPv4"), N_("Look for losses on the IPv6 path.")),
    "DEGRADED_RTT": (
        N_("round trips over IPv6 take notably longer than over IPv4"),
        N_("Ask the provider for a native path as direct as that of IPv4."),
    ),
    "DEGRADED_RATE": (
        N_("IPv6 carries notably less than IPv4"),
        N_("Check whether a router or firewall handles IPv6 in software, and rate limits for IPv6."),
    ),
    "TOO_SLOW": (N_("the comparison did not end in its time"), N_("Measure again in a quieter hour.")),
    "TOO_SHORT": (
        N_("the downloads ended too soon to tell a rate from round trips"),
        N_("Order larger downloads (rate_octets), then measure again."),
    ),
    "BROKEN_OFF": (
        N_("downloads from the operator's server broke off or had other content"),
        N_("Check what cuts or rewrites web traffic on the way, then measure again."),
    ),
    "NOT_ORDERED": (N_("not ordered in this run"), N_("Nothing to do.")),
    "OPEN_INBOUND": (
        N_("ports of this box are reached from the internet over IPv6"),
        N_("Set a stateful filter for IPv6 at the egress that refuses connections from outside."),
    ),
    "NOT_THERE": (
        N_("a router says that there is no such address"),
        N_("Check that the box is on and still has this address, then measure again."),
    ),
    "NO_WAY": (
        N_("the outside vantage itself has no working IPv6"),
        N_("The operator mends the vantage; nothing to do at the school."),
    ),
}
OTHER_RUNG = (N_("did not pass ({code})"), N_("See the rung's details in the evidence, mend it and measure again."))
# By the probe `site`: the same codes may mean another thing than on the ladder.
SITE = {
    "NO_AAAA": (
        N_("the name has no IPv6 address (AAAA)"),
        N_("Add an AAAA record with the site's native address at your DNS provider."),
    ),
    "AAAA_UNEVEN": (
        N_("some name servers give the AAAA record and others do not"),
        N_("Bring all servers of the zone to the same content."),
    ),
    "AAAA_NOT_NATIVE": (
        N_("the AAAA record is a tunnel, private or reserved address"),
        N_("Replace it by one from your provider's IPv6 prefix."),
    ),
    "V4_MAPPED": (N_("the AAAA record is an IPv4 address written as IPv6"), N_("Replace it by a native IPv6 address.")),
    "NAME_NOT_FOUND": (N_("the name does not exist"), N_("Check its spelling in the school's list, and its record.")),
    "ALIAS_LOOP": (N_("the aliases (CNAME) of the name do not end"), N_("Correct them.")),
    "NAME_SERVERS_SILENT": (
        N_("name servers of the zone did not answer"),
        N_("Check that they run and are reachable at port 53; measure again."),
    ),
    "RESOLVER_SILENT": (
        N_("the vantage's resolver did not answer"),
        N_("The operator checks the vantage's resolver; measure again."),
    ),
    "CHAIN_BROKEN": (
        N_("the zones above could not be followed to the root"),
        N_("Measure again; if it stays, check the vantage's resolver."),
    ),
    "OWN_ADDRESS": (
        N_("the name leads to the vantage itself"),
        N_("Measure from another vantage, or correct the record."),
    ),
    "NO_ADDRESS": (N_("there is no IPv6 address that may be connected to; see S1"), N_("Mend check S1 first.")),
    "CONNECT_FAILED": (
        N_("an IPv6 address of the site does not accept connections"),
        N_("Let the web server listen on IPv6 and open the port in the firewall."),
    ),
    "PORT_ONLY_V4": (
        N_("port 80 is open over IPv4 but not over IPv6"),
        N_("Let the server listen there over IPv6 too."),
    ),
    "SITE_DOWN": (N_("the site answered over neither family"), N_("Check the site; measure again.")),
    "MANY_ADDRESSES": (N_("the name has more addresses than are tried (8)"), N_("The operator looks at the evidence.")),
    "NOT_REACHED": (
        N_("not tested, because the address did not accept a connection; see S2"),
        N_("Mend check S2 first."),
    ),
    "NO_ANSWER": (
        N_("the server accepts over IPv6 but gives no page"),
        N_("Check the web server's IPv6 configuration and the path MTU."),
    ),
    "STATUS_DIFFERS": (N_("IPv6 and IPv4 answer with different status codes"), N_("Serve the same site over both.")),
    "STATUS_BAD": (N_("the site answers over IPv6 with an error"), N_("Correct the site's IPv6 configuration.")),
    "V4_SILENT": (N_("IPv4 gave no answer to compare with"), N_("Check the site over IPv4; measure again.")),
    "V4_NOT_PUBLIC": (
        N_("the A record is no public address, so there is nothing to compare with"),
        N_("Correct the A record or remove it."),
    ),
    "NO_IPV4": (N_("the site has IPv6 only, so there was nothing to compare with"), N_("Nothing to do.")),
    "NO_TLS": (
        N_("the site is registered at port 80, without TLS"),
        N_("Register its TLS port to have the certificate checked."),
    ),
    "CERTIFICATE_WRONG": (
        N_("the certificate shown over IPv6 is not valid for the name"),
        N_("Install the full chain of a valid certificate on the IPv6 listener."),
    ),
    "TLS_FAILED": (N_("TLS could not be set up over IPv6"), N_("Check the TLS configuration of the IPv6 listener.")),
    "BODY_DIFFERS": (
        N_("the page over IPv6 differs from the one over IPv4 by more than a tenth"),
        N_("Serve the same content over both."),
    ),
    "BODY_UNSTEADY": (
        N_("the page differs from itself at each request, so families cannot be compared"),
        N_("Register a steadier site name, or show a person."),
    ),
    "REDIRECTED_AWAY": (N_("the site leads on to a name that is not registered"), N_("Register that name too.")),
    "EMPTY": (N_("both families give an empty page"), N_("Register the name under which pages stand.")),
    "UNREADABLE": (N_("the page is packed in a way that was not asked for"), N_("Honour Accept-Encoding: identity.")),
    "NS_WITHOUT_IPV6": (
        N_("fewer than two name servers of the zone answer over IPv6"),
        N_("Choose a DNS provider with IPv6, or give two servers AAAA records and open port 53."),
    ),
    "GLUE_WITHOUT_IPV6": (
        N_("the zone above gives no IPv6 address (glue) for the name servers"),
        N_("Enter it at the registrar."),
    ),
    "PARENT_WITHOUT_IPV6": (
        N_("a zone above is not served over IPv6"),
        N_("Ask whoever runs it, or use a domain below one that is."),
    ),
    "ALIAS_NS_WITHOUT_IPV6": (
        N_("the name is an alias into a zone that is not served over IPv6"),
        N_("Ask the CDN or host for IPv6 name servers."),
    ),
    "LINKS_WITHOUT_IPV6": (
        N_("less than 85 % of the internal links work over IPv6"),
        N_("See the list, and give the hosts behind them AAAA records and the same content."),
    ),
    "CUT": (N_("the time of the run did not suffice"), N_("Order fewer sites or links at once.")),
    "ROBOTS": (N_("the file robots.txt forbids the links"), N_("Allow the agent `campusproof`.")),
    "LINKS_DEAD": (N_("none of the links answers even over IPv4"), N_("Mend the links.")),
    "NO_LINKS": (N_("there are no internal links"), N_("Nothing to do.")),
    "NOT_ORDERED": (N_("not ordered in this run"), N_("Nothing to do.")),
    "THIRD_PARTY_WITHOUT_IPV6": (
        N_("the page loads from hosts without IPv6"),
        N_("Replace them, or host the files yourself."),
    ),
    "ONE_FAMILY": (N_("only one family could be timed"), N_("Nothing to do.")),
    "NO_WAY": (
        N_("the vantage itself has no working IPv6"),
        N_("The operator mends the vantage; nothing is held against the school."),
    ),
}
