"""
How fast is the way out, and what limited it?

`settings` says what may be ordered, `talk` and `session` speak with the server, `streams` move content, `echoes` and `load` watch
meanwhile, `run` measures one direction, `limits` names what held it back, `readings` and `record` tell it. docs/egress.md has the method.
"""
