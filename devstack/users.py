"""Users of the local AWS, each with one of the policies that docs/ offers, and nothing else."""

from devstack.aws import AccessKey, LocalAws
from devstack.state import ROOT

DEPLOYER, OPERATOR = "sms-receiver-deployer", "sms-receiver-operator"
POLICIES = {
    DEPLOYER: ROOT / "docs" / "deploy-policy.json",
    OPERATOR: ROOT / "docs" / "operate-policy.json",
}


def create_user(aws: LocalAws, name: str) -> AccessKey:
    """Creates one of the users in `POLICIES` with its policy. Returns its access key."""
    iam = aws.iam()
    document = POLICIES[name].read_text(encoding="utf-8")
    policy = iam.create_policy(PolicyName=name, PolicyDocument=document)["Policy"]
    iam.create_user(UserName=name)
    iam.attach_user_policy(UserName=name, PolicyArn=policy["Arn"])
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return AccessKey(key["AccessKeyId"], key["SecretAccessKey"])
