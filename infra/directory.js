'use strict';
// The directory: the tenants, agents and numbers of all stages, in one global table. Also what a function may read of it and of
// the tenants' secrets, in its own region and in the home region.

const STAGES = ['east', 'south'];
const TABLE = 'sms-receiver-directory'; // no stage in its name: all stages have this one

const resolved = async ({ resolveVariable }) => {
  const [stage, region, home, directory] = await Promise.all(
    ['sls:stage', 'param:region', 'param:home', 'param:directory'].map(resolveVariable),
  );
  if (!STAGES.includes(home)) throw new Error(`the home stage must be one of ${STAGES.join(', ')}: set SMS_RECEIVER_HOME`);
  if (!['ours', 'theirs'].includes(directory)) throw new Error("SMS_RECEIVER_DIRECTORY must be 'ours' or 'theirs'");
  const regionOf = async (name) => (name === stage ? region : resolveVariable(`self:params.${name}.region`));
  const [homeRegion, ...regions] = await Promise.all([home, ...STAGES].map(regionOf));
  return { region, homeRegion, regions: [...new Set(regions)], isOwner: stage === home && directory === 'ours' };
};

module.exports.homeRegion = async (context) => (await resolved(context)).homeRegion;

// The stack's own region must be among the replicas, and several need a stream (AWS docs, "AWS::DynamoDB::GlobalTable").
// Only the home stage's stack has the table, because a replica belongs to the stack that made it. It stays when that goes.
module.exports.template = async (context) => {
  const { regions, isOwner } = await resolved(context);
  if (!isOwner) return { Resources: {} };
  return {
    Resources: {
      Directory: {
        Type: 'AWS::DynamoDB::GlobalTable',
        DeletionPolicy: 'Retain', // also after a first deployment that failed, from which its protection would keep it anyway
        UpdateReplacePolicy: 'Retain',
        Properties: {
          TableName: TABLE,
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: ['pk', 'sk'].map((name) => ({ AttributeName: name, AttributeType: 'S' })),
          KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }, { AttributeName: 'sk', KeyType: 'RANGE' }],
          StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
          Replicas: regions.map((region) => ({
            Region: region,
            DeletionProtectionEnabled: true,
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          })),
        },
      },
    },
  };
};

// What is read first is the own region's copy; what that lacks, the home region's.
const ownRegion = async () => ['${AWS::Region}'];
const ownAndHomeRegion = async (context) => {
  const { region, homeRegion } = await resolved(context);
  return ['${AWS::Region}', ...(homeRegion === region ? [] : [homeRegion])];
};

const arns = (regions, service, names) =>
  regions.flatMap((from) =>
    names.map((name) => ({ 'Fn::Sub': `arn:\${AWS::Partition}:${service}:${from}:\${AWS::AccountId}:${name}` })),
  );

// A secret's ARN ends with a hyphen and six random characters (AWS docs, "Secrets Manager ARNs"). There is nothing random to
// add for a secret that does not exist: without the right to its bare name, AWS would answer AccessDenied instead of NotFound.
const secret = (part) => async (context) => ({
  Effect: 'Allow',
  Action: 'secretsmanager:GetSecretValue',
  Resource: arns(await ownAndHomeRegion(context), 'secretsmanager', ['', '-??????'].map((end) => `secret:sms-receiver/*/${part}${end}`)),
});

// The items of other partitions are for operators (AWS docs, "Using IAM policy conditions for fine-grained access control").
const items = (regions, ...keys) => async (context) => ({
  Effect: 'Allow',
  Action: 'dynamodb:GetItem',
  Resource: arns(await regions(context), 'dynamodb', [`table/${TABLE}`]),
  Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': keys } },
});

module.exports.readAccess = secret('access');
module.exports.readAccounts = secret('accounts');
module.exports.readSigning = secret('signing');
// Of these alone only the versions of secrets are asked, of the own copy (shared/wiring/tenants.py).
module.exports.readTenants = items(ownRegion, 'tenant#*');
module.exports.readTenantsAndNumbers = items(ownAndHomeRegion, 'tenant#*', 'number#*');
