"""What only a real deployment can show, as checks: `sms doctor --first` runs them behind all others.

They ask AWS with whatever credentials run the command, which after a first deployment are an administrator's.
docs/first-deploy.md has what no command can see, or only by doing harm.
"""

from collections.abc import Mapping

from operations.health import first_rights, first_settings, first_traffic, probing
from operations.health.finding import Check

CHECKS: Mapping[str, Check] = {
    "gateway": first_settings.gateway,
    "mappings": first_settings.mappings,
    "directory protection": first_settings.directory_protection,
    "rights": first_rights.functions,
    "policies": first_rights.policies,
    "unknown path": first_traffic.unknown_path,
    "revoked key": probing.revocation,
    "saved queries": first_settings.saved_queries,
    "metrics": first_traffic.metrics,
    "access log": first_traffic.access_log,
    "log secrecy": first_traffic.log_secrecy,
}
