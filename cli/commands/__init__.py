"""The subcommands of `sms`, a module each: they ask, show and confirm."""
