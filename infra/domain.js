'use strict';
// The address of a stage: sms-<stage>.<domain> when a domain is given, else the gateway's own; and what depends on it.

const resolved = async ({ resolveVariable }) => {
  const [stage, domain, certificateArn, gatewayHost, gatewayAccount] = await Promise.all(
    ['sls:stage', 'param:domain', 'param:certificateArn', 'param:gatewayHost', 'param:gatewayAccount'].map(resolveVariable),
  );
  if (domain && !certificateArn) {
    throw new Error(`a domain needs a certificate in the stage's region: set SMS_RECEIVER_${stage.toUpperCase()}_CERTIFICATE_ARN`);
  }
  return { stage, domain, certificateArn, gatewayHost, gatewayAccount };
};

module.exports.baseUrl = async (context) => {
  const { stage, domain, gatewayHost } = await resolved(context);
  return domain ? `https://sms-${stage}.${domain}` : { 'Fn::Sub': `https://\${ApiGatewayRestApi}.${gatewayHost}/${stage}` };
};

const customDomain = ({ stage, domain, certificateArn }) => ({
  Resources: {
    Domain: {
      Type: 'AWS::ApiGateway::DomainName',
      Properties: {
        DomainName: `sms-${stage}.${domain}`,
        RegionalCertificateArn: certificateArn,
        EndpointConfiguration: { Types: ['REGIONAL'] },
        SecurityPolicy: 'TLS_1_2',
      },
    },
    DomainMapping: {
      Type: 'AWS::ApiGateway::BasePathMapping',
      DependsOn: '@deployment', // infra/stage.js knows its name, which changes with each deployment
      Properties: { DomainName: { Ref: 'Domain' }, RestApiId: { Ref: 'ApiGatewayRestApi' }, Stage: stage },
    },
  },
  Outputs: {
    DomainTarget: {
      Description: `Make sms-${stage}.${domain} a CNAME of this`,
      Value: { 'Fn::GetAtt': ['Domain', 'RegionalDomainName'] },
    },
  },
});

// API Gateway writes access logs only when the account has a role for it in the region (AWS docs, "Set up CloudWatch
// logging for REST APIs in API Gateway"). One setting for each region: it stays when this stack goes.
const logAccount = () => ({
  Resources: {
    GatewayLogRole: {
      Type: 'AWS::IAM::Role',
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: { Service: 'apigateway.amazonaws.com' }, Action: 'sts:AssumeRole' }],
        },
        ManagedPolicyArns: [
          { 'Fn::Sub': 'arn:${AWS::Partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs' },
        ],
      },
    },
    GatewayAccount: {
      Type: 'AWS::ApiGateway::Account',
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: { CloudWatchRoleArn: { 'Fn::GetAtt': ['GatewayLogRole', 'Arn'] } },
    },
  },
});

module.exports.template = async (context) => {
  const settings = await resolved(context);
  const parts = [
    settings.domain ? customDomain(settings) : {},
    settings.gatewayAccount === 'ours' ? logAccount() : {},
  ];
  return {
    Resources: Object.assign({}, ...parts.map((part) => part.Resources)),
    Outputs: Object.assign({}, ...parts.map((part) => part.Outputs)),
  };
};
