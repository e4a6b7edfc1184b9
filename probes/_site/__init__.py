"""
What does the probe `site` stand on?

`public` says what may be connected to, `names` asks name servers, `pages` servers of pages; `body` and `links` read pages and `checks`
judges, without I/O; `crawl` follows links.
"""
