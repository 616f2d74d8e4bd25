"""AWS behind our ports: the only place that knows botocore."""
