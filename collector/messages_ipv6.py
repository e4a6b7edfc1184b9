"""
Which sentences can be said of a check of a school's site, and which next step belongs to each?

A part of the one table in `collector.messages`, by the code that the probe `site` gives. Those of the ladder's rungs stand in
`evidence.rung_words`, because the box says them too.
"""

from __future__ import annotations

from collector.messages import N_

OTHER_CHECK = (N_("did not pass ({code})"), N_("See the rung's details in the evidence, mend it and measure again."))
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
        N_("too few of the internal links work over IPv6"),
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
