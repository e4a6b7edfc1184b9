"""
How is a survey walked? The laptop in the bag listens, a person says where it is: in the terminal, or on a phone's page.

`route` knows which places are left, `walker` measures and seals, `site` is the page, `command` the verb.
"""
