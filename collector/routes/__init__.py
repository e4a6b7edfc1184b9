"""What can be asked of the collector over HTTP? One module a kind of caller."""
