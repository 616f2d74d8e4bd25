'use strict';
// The queues and bots that agents may name as backends: what the forwarder may reach, and what `./sms agent create` accepts.

const ARNS = {
  backendQueues: /^arn:aws[a-z-]*:sqs:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+(\.fifo)?$/,
  backendBots: /^arn:aws[a-z-]*:lex:[a-z0-9-]+:[0-9]{12}:bot-alias\/[0-9A-Z]+\/[0-9A-Z]+$/,
};

const listed = async (name, resolveVariable) => {
  const given = String(await resolveVariable(`param:${name}`));
  const arns = given === 'none' ? [] : given.split(',').map((arn) => arn.trim());
  for (const arn of arns) {
    if (!ARNS[name].test(arn)) throw new Error(`${name}: '${arn}' is not an ARN of that kind; give some with commas between them, or 'none'`);
  }
  return arns;
};

module.exports.template = async ({ resolveVariable }) => {
  const queues = await listed('backendQueues', resolveVariable);
  const bots = await listed('backendBots', resolveVariable);
  const statements = [
    queues.length && { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: queues },
    bots.length && { Effect: 'Allow', Action: 'lex:RecognizeText', Resource: bots },
  ].filter(Boolean);
  return {
    Resources: statements.length
      ? {
          BackendsPolicy: {
            Type: 'AWS::IAM::Policy',
            Properties: {
              PolicyName: 'backends',
              Roles: [{ Ref: 'ForwarderRole' }],
              PolicyDocument: { Version: '2012-10-17', Statement: statements },
            },
          },
        }
      : {},
    Outputs: {
      BackendQueues: { Description: 'The queues that agents may have as backends', Value: queues.join(',') || 'none' },
      BackendBots: { Description: 'The bots that agents may have as backends', Value: bots.join(',') || 'none' },
    },
  };
};
