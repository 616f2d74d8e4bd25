'use strict';
// The alarms of a stage, and the topic that tells somebody. docs/operations.md has a row for each, under its name.

const PAGE = 'docs/operations.md';
const OURS = 'SmsReceiver';
const MINUTE = 60;

const fn = (get) => (name) => ({ 'Fn::GetAtt': [name, get] });
const queueName = fn('QueueName');

// What is counted, over how long, and from when on it is too much; with `of`, in so many of the last periods.
const alarms = (stage, service) => ({
  Parked: {
    says: 'A text, a reply or a status was set aside. ./sms parked list says which and why.',
    metric: [OURS, 'Parked', { stage }], statistic: 'Sum', seconds: MINUTE, above: 0,
  },
  Crashed: {
    says: 'A text or a status could not even be parked, a hundred times, and waits in the dead-letter queue. Find the cause in the log; when it is mended, ./sms parked redrive.',
    metric: ['AWS/SQS', 'ApproximateNumberOfMessagesVisible', { QueueName: queueName('InboundCrashedQueue') }], statistic: 'Maximum', seconds: MINUTE, above: 0,
  },
  ReplyCrashed: {
    says: 'A reply could not even be parked, a hundred times, and waits in the dead-letter queue. Find the cause in the log; when it is mended, ./sms parked redrive.',
    metric: ['AWS/SQS', 'ApproximateNumberOfMessagesVisible', { QueueName: queueName('OutboundCrashedQueue') }], statistic: 'Maximum', seconds: MINUTE, above: 0,
  },
  LastTry: {
    says: 'A text, a reply or a status could not even be parked, a hundred times, and moves to the dead-letter queue. Find the cause in the log; when it is mended, ./sms parked redrive.',
    metric: [OURS, 'LastTry', { stage }], statistic: 'Sum', seconds: MINUTE, above: 0,
  },
  Late: {
    says: 'The oldest text or status waits for more than ten minutes: the forwarder does not keep up, or cannot work. ./sms doctor says more.',
    metric: ['AWS/SQS', 'ApproximateAgeOfOldestMessage', { QueueName: queueName('InboundQueue') }], statistic: 'Maximum', seconds: MINUTE, above: 600,
  },
  ReplyLate: {
    says: 'The oldest reply waits for more than ten minutes: the sender does not keep up, or cannot work. ./sms doctor says more.',
    metric: ['AWS/SQS', 'ApproximateAgeOfOldestMessage', { QueueName: queueName('OutboundQueue') }], statistic: 'Maximum', seconds: MINUTE, above: 600,
  },
  // The queues' own age leaves out what was received three times or more (Amazon SQS guide, ApproximateAgeOfOldestMessage). The
  // longest delay between two receives is ten minutes, so within fifteen there is one.
  Stuck: {
    says: 'A text or status that was tried before waits for more than ten minutes. ./sms tail --outcome Failed --outcome Postponed --since 30m shows why.',
    metric: [OURS, 'WaitedMs', { stage, queue: 'inbound' }], statistic: 'Maximum', seconds: 15 * MINUTE, above: 600_000,
  },
  ReplyStuck: {
    says: 'A reply that was tried before waits for more than ten minutes. ./sms tail --outcome Failed --outcome Postponed --since 30m shows why.',
    metric: [OURS, 'WaitedMs', { stage, queue: 'outbound' }], statistic: 'Maximum', seconds: 15 * MINUTE, above: 600_000,
  },
  Forged: {
    says: 'Requests are refused for their signature: a token that was rotated or pasted wrongly, or an attack. ./sms doctor signature names the cause.',
    metric: [OURS, 'Forged', { stage }], statistic: 'Sum', seconds: 5 * MINUTE, above: 4,
  },
  Overdue: {
    says: 'A backend said that it would answer a text later, and did not in the time of its agent. ./sms waiting lists the texts; the backend needs somebody.',
    metric: [OURS, 'Overdue', { stage }], statistic: 'Sum', seconds: MINUTE, above: 0,
  },
  BackendFailing: {
    says: 'More than a fifth of the questions to backends failed for ten minutes. ./sms why of one text shows how; the backend of its agent needs somebody.',
    metric: [OURS, 'BackendFailed', { stage }], statistic: 'Average', seconds: 5 * MINUTE, above: 0.2, of: [2, 2],
  },
  RepliesFailing: {
    says: 'Replies do not reach people, for reasons other than their phones: Twilio refuses or cannot deliver them. ./sms why of one of the texts shows the error and what to do.',
    metric: [OURS, 'ReplyFailed', { stage }], statistic: 'Sum', seconds: 5 * MINUTE, above: 4,
  },
  Failing: {
    says: 'A function could not do its part: AWS did not answer it, a setting or what is stored of a tenant is wrong, or it has a defect. ./sms tail --since 15m shows which.',
    metric: [OURS, 'Failed', { stage }], statistic: 'Sum', seconds: 5 * MINUTE, above: 2,
  },
  Gateway5xx: {
    says: 'The gateway answered requests with a 5xx; texts come late, by the fallback or not at all. ./sms doctor says more.',
    metric: ['AWS/ApiGateway', '5XXError', { ApiName: `${service}-${stage}`, Stage: stage }], statistic: 'Sum', seconds: 5 * MINUTE, above: 2,
  },
  Throttled: {
    says: 'Functions were not run because too many ran at once. Raise the quota of concurrent executions, or lower forwarderConcurrency and senderConcurrency.',
    sum: ['AWS/Lambda', 'Throttles', ['authorizer', 'receiver', 'statuses', 'api', 'forwarder', 'sender']], seconds: 5 * MINUTE, above: 4,
  },
  Crashing: {
    says: 'A function ended with an error of its own: a defect, or a time-out. Its log has a stack trace.',
    // Not the authorizer: each refused key is an error of that one (AWS docs, "Use API Gateway Lambda authorizers").
    sum: ['AWS/Lambda', 'Errors', ['receiver', 'statuses', 'api', 'forwarder', 'sender']], seconds: 5 * MINUTE, above: 0,
  },
});

const kebab = (name) => name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '-').toLowerCase();

const measured = (alarm, { service, stage }) => {
  if (alarm.sum) {
    const [Namespace, MetricName, functions] = alarm.sum;
    const parts = functions.map((name) => ({
      Id: name,
      ReturnData: false,
      MetricStat: {
        Metric: { Namespace, MetricName, Dimensions: [{ Name: 'FunctionName', Value: `${service}-${stage}-${name}` }] },
        Period: alarm.seconds,
        Stat: 'Sum',
      },
    }));
    return { Metrics: [{ Id: 'all', Label: MetricName, Expression: 'SUM(METRICS())' }, ...parts] };
  }
  const [Namespace, MetricName, dimensions] = alarm.metric;
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  return { Namespace, MetricName, Dimensions, Statistic: alarm.statistic, Period: alarm.seconds };
};

// A new alarm goes from INSUFFICIENT_DATA to OK and says so. Nobody needs that by mail (AWS docs, "Amazon SNS subscription
// filter policy scope" and "Notifying users on alarm changes", which has the message).
const NEWS = { $or: [{ NewStateValue: ['ALARM'] }, { OldStateValue: ['ALARM'] }] };

// All of them, but on a local AWS those that add up several functions: it knows no sums.
const chosen = async ({ resolveVariable }) => {
  const known = alarms(await resolveVariable('sls:stage'), await resolveVariable('self:service'));
  const whole = (await resolveVariable('param:monitoring')) === 'whole';
  return Object.entries(known).filter(([, alarm]) => whole || !alarm.sum);
};

module.exports.names = async (variables) => (await chosen(variables)).map(([name]) => `${name}Alarm`);

module.exports.template = async ({ resolveVariable }) => {
  const stage = await resolveVariable('sls:stage');
  const service = await resolveVariable('self:service');
  const email = String(await resolveVariable('param:alarmEmail'));
  const Resources = {
    AlarmTopic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: `${service}-${stage}-alarms` } },
    AlarmTopicPolicy: {
      Type: 'AWS::SNS::TopicPolicy',
      Properties: {
        Topics: [{ Ref: 'AlarmTopic' }],
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Service: 'cloudwatch.amazonaws.com' },
              Action: 'sns:Publish',
              Resource: { Ref: 'AlarmTopic' },
              Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
            },
          ],
        },
      },
    },
  };
  if (email !== 'none') {
    Resources.AlarmEmail = {
      Type: 'AWS::SNS::Subscription',
      Properties: { TopicArn: { Ref: 'AlarmTopic' }, Protocol: 'email', Endpoint: email, FilterPolicyScope: 'MessageBody', FilterPolicy: NEWS },
    };
  }
  for (const [name, alarm] of await chosen({ resolveVariable })) {
    const [datapoints, periods] = alarm.of ?? [1, 1];
    Resources[`${name}Alarm`] = {
      Type: 'AWS::CloudWatch::Alarm',
      Properties: {
        AlarmName: `${service}-${stage}-${kebab(name)}`,
        AlarmDescription: `${alarm.says} See ${PAGE}, "${kebab(name)}".`,
        ...measured(alarm, { service, stage }),
        EvaluationPeriods: periods,
        DatapointsToAlarm: datapoints,
        Threshold: alarm.above,
        ComparisonOperator: 'GreaterThanThreshold',
        TreatMissingData: 'notBreaching',
        AlarmActions: [{ Ref: 'AlarmTopic' }],
        OKActions: [{ Ref: 'AlarmTopic' }],
      },
    };
  }
  return {
    Resources,
    Outputs: { AlarmTopicArn: { Description: 'Who subscribes to this topic hears the alarms', Value: { Ref: 'AlarmTopic' } } },
  };
};
