'use strict';
// The queues and topics that agents may have their journals in: what the forwarder may reach, and what `./sms events on` accepts.
// Without any, nothing looks at the queue of journals, on which nothing is put.

const ARN = /^arn:aws[a-z-]*:(sqs|sns):[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+(\.fifo)?$/;
const ACTIONS = { sqs: 'sqs:SendMessage', sns: 'sns:Publish' };

const targets = async ({ resolveVariable }) => {
  const given = String(await resolveVariable('param:journalTargets'));
  const arns = given === 'none' ? [] : given.split(',').map((arn) => arn.trim());
  for (const arn of arns) {
    if (!ARN.test(arn)) throw new Error(`journalTargets: '${arn}' is not the ARN of a queue or a topic; give some with commas between them, or 'none'`);
  }
  return arns;
};

module.exports.enabled = async (context) => (await targets(context)).length > 0;

module.exports.template = async (context) => {
  const arns = await targets(context);
  const statements = Object.entries(ACTIONS)
    .map(([service, Action]) => ({ Effect: 'Allow', Action, Resource: arns.filter((arn) => arn.split(':')[2] === service) }))
    .filter(({ Resource }) => Resource.length);
  return {
    Resources: statements.length
      ? {
          JournalPolicy: {
            Type: 'AWS::IAM::Policy',
            Properties: {
              PolicyName: 'journal',
              Roles: [{ Ref: 'ForwarderRole' }],
              PolicyDocument: { Version: '2012-10-17', Statement: statements },
            },
          },
        }
      : {},
    Outputs: { JournalTargets: { Description: 'The queues and topics that agents may have their journals in', Value: arns.join(',') || 'none' } },
  };
};
