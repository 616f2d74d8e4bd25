'use strict';
// What a person looks at first: are texts flowing, are they answered, what is failing, how old is the oldest.
// And the questions to the logs that operators ask most, kept in CloudWatch.

const alarms = require('./alarms.js');
const metrics = require('./metrics.js');

const OURS = 'SmsReceiver';
const FUNCTIONS = ['authorizer', 'receiver', 'statuses', 'api', 'forwarder', 'sender'];
const MINUTES = 5;

const count = (stage, name, label = name) => [OURS, name, 'stage', stage, { label, stat: 'Sum' }];
const queue = (name, label) => ['AWS/SQS', 'ApproximateAgeOfOldestMessage', 'QueueName', `\${${name}.QueueName}`, { label, stat: 'Maximum' }];
const times = (stage, name, label) => ['p50', 'p95'].map((stat) => [OURS, name, 'stage', stage, { label: `${label}, ${stat}`, stat }]);
const each = (stage, name, by) => [
  { expression: `SEARCH('{${OURS},stage,${by}} MetricName="${name}" stage="${stage}"', 'Sum', ${60 * MINUTES})`, label: `\${!PROP('Dim.${by}')}` },
];

// Of the agents that have metrics of their own.
const agentRow = (stage, agents) => ({
  height: 6,
  widgets: [
    ['Answered, by agent', 'Answered', 'Sum'],
    ['Parked, by agent', 'Parked', 'Sum'],
    ['Backends failing, by agent (1 is all)', 'BackendFailed', 'Average'],
    ['Sent, by agent', 'Sent', 'Sum'],
    ['Delivered, by agent', 'Delivered', 'Sum'],
    ['Replies failing, by agent', 'ReplyFailed', 'Sum'],
  ].map(([title, name, stat]) => chart(title, 4, agents.map((id) => [OURS, name, 'stage', stage, 'agent', id, { label: id, stat }]))),
});

// Rows of widgets; their widths add up to 24.
const rows = (stage, service, names, agents) => [
  {
    height: 3,
    widgets: [{ type: 'alarm', width: 24, properties: { title: 'Alarms', alarms: names.map((name) => `\${${name}.Arn}`) } }],
  },
  {
    height: 4,
    widgets: [
      ['texts accepted', 'Accepted'],
      ['answered', 'Answered'],
      ['replies delivered', 'Delivered'],
      ['replies failed', 'ReplyFailed'],
      ['parked', 'Parked'],
      ['requests refused', 'Refused'],
    ].map(([title, name]) => ({
      type: 'metric',
      width: 4,
      properties: { title, view: 'singleValue', sparkline: true, setPeriodToTimeRange: true, metrics: [count(stage, name, ' ')] },
    })),
  },
  {
    height: 6,
    widgets: [
      chart('Are texts flowing?', 8, [count(stage, 'Accepted'), count(stage, 'Duplicate'), count(stage, 'Submitted'), count(stage, 'WouldBeRefused')]),
      chart('Are they answered?', 8, [count(stage, 'Answered'), count(stage, 'Unanswered'), count(stage, 'Overdue'), count(stage, 'Sent'), count(stage, 'Delivered')]),
      chart('How old is the oldest? (seconds)', 8, [queue('InboundQueue', 'text'), queue('OutboundQueue', 'reply')]),
    ],
  },
  {
    height: 6,
    widgets: [
      chart('What is parked, and why?', 8, [each(stage, 'Parked', 'reason')]),
      chart('What is refused, or no text, and why?', 8, [each(stage, 'Refused', 'reason'), each(stage, 'Misdirected', 'reason'), count(stage, 'Forged', 'for its signature')]),
      chart("What does not reach people? (Twilio's error)", 8, [each(stage, 'ReplyFailed', 'error_code'), each(stage, 'ReplyUnreachable', 'error_code')]),
    ],
  },
  {
    height: 6,
    widgets: [
      chart('How long does it take? (milliseconds)', 8, [...times(stage, 'EndToEndMs', 'text to reply'), ...times(stage, 'BackendMs', 'backend')]),
      chart('How long does what is queued wait? (milliseconds)', 8, [
        ...times(stage, 'QueueMs', 'a text, at first'),
        ...['inbound', 'outbound'].map((name) => [OURS, 'WaitedMs', 'stage', stage, 'queue', name, { label: `tried before, ${name}`, stat: 'Maximum' }]),
      ]),
      chart('What is tried again, and what fails?', 8, [
        count(stage, 'Postponed'),
        count(stage, 'Failed'),
        count(stage, 'LastTry', 'tried for the last time'),
        [OURS, 'BackendFailed', 'stage', stage, { label: 'backends failing (1 is all)', stat: 'Average', yAxis: 'right' }],
      ]),
    ],
  },
  ...(agents.length ? [agentRow(stage, agents)] : []),
  {
    height: 6,
    widgets: [
      chart('Lambda: not run, ended with an error', 8, ['Throttles', 'Errors'].flatMap((name) =>
        FUNCTIONS.map((lambda) => ['AWS/Lambda', name, 'FunctionName', `${service}-${stage}-${lambda}`, { label: `${lambda} ${name}`, stat: 'Sum' }]))),
      chart('Lambda: at once, and cold starts', 8, [
        ...FUNCTIONS.map((lambda) => ['AWS/Lambda', 'ConcurrentExecutions', 'FunctionName', `${service}-${stage}-${lambda}`, { label: lambda, stat: 'Maximum' }]),
        count(stage, 'ColdStart', 'cold starts'),
      ]),
      chart('Gateway', 8, ['Count', '4XXError', '5XXError'].map((name) =>
        ['AWS/ApiGateway', name, 'ApiName', `${service}-${stage}`, 'Stage', stage, { label: name, stat: 'Sum' }])),
    ],
  },
];

function chart(title, width, metrics) {
  return { type: 'metric', width, properties: { title, view: 'timeSeries', period: 60 * MINUTES, yAxis: { left: { min: 0 } }, metrics } };
}

const body = (stage, service, names, agents) => {
  const widgets = [];
  let y = 0;
  for (const { height, widgets: row } of rows(stage, service, names, agents)) {
    let x = 0;
    for (const { type, width, properties } of row) {
      const region = type === 'metric' ? { region: '${AWS::Region}' } : {};
      widgets.push({ type, x, y, width, height, properties: { ...properties, ...region } });
      x += width;
    }
    y += height;
  }
  return JSON.stringify({ widgets });
};

// CloudWatch Logs Insights; `message` is the event, as docs/operations.md lists them. What Lambda itself writes has other fields
// (tests/samples/lambda_log_lines.json), and of a list each item is a field of its own: `stackTrace.0` (AWS docs, "Supported logs
// and discovered fields").
const QUERIES = {
  'what became of a text': 'filter correlation_id = "SM…"\n| sort @timestamp\n| display @timestamp, @log, message, reason, reply, error_code',
  'what was parked, and why': 'filter message = "Parked"\n| stats count() by reason, tenant',
  'what was refused, and why': 'filter message = "Refused"\n| stats count() by reason, bin(5m)',
  'what failed': 'filter message = "Failed"\n| sort @timestamp desc\n| display @timestamp, @log, reason, detail, correlation_id',
  'how long backends take': 'filter ispresent(BackendMs)\n| stats count(), avg(BackendMs), pct(BackendMs, 95), max(BackendMs) by tenant',
  'replies that Twilio did not deliver': 'filter ispresent(error_code)\n| stats count() by error_code',
  'who texts most': 'filter message = "Accepted"\n| stats count() as texts by tenant, conversation\n| sort texts desc\n| limit 20',
  'figures by agent': 'filter ispresent(agent)\n| stats sum(Answered) as answered, sum(Unanswered) as unanswered, sum(Parked) as parked, sum(Sent) as sent, sum(Delivered) as delivered, sum(ReplyFailed) as failed, avg(BackendMs) as backend_ms by tenant, agent\n| sort answered desc',
  'what crashed a function': 'filter ispresent(errorType) or record.status in ["error", "failure", "timeout"]\n| sort @timestamp desc\n| display @timestamp, @log, type, record.status, errorType, record.errorType, errorMessage, stackTrace.0',
};

module.exports.template = async ({ resolveVariable }) => {
  const stage = await resolveVariable('sls:stage');
  const service = await resolveVariable('self:service');
  const names = await alarms.names({ resolveVariable });
  const agents = await metrics.agents({ resolveVariable });
  const saved = (await resolveVariable('param:monitoring')) === 'whole';
  const Resources = {
    Dashboard: {
      Type: 'AWS::CloudWatch::Dashboard',
      Properties: { DashboardName: `${service}-${stage}`, DashboardBody: { 'Fn::Sub': body(stage, service, names, agents) } },
    },
  };
  if (saved) {
    Object.entries(QUERIES).forEach(([name, QueryString], index) => {
      Resources[`Query${index + 1}`] = {
        Type: 'AWS::Logs::QueryDefinition',
        Properties: {
          Name: `${service}-${stage}/${name}`,
          QueryString,
          LogGroupNames: FUNCTIONS.map((lambda) => ({ Ref: `${lambda[0].toUpperCase()}${lambda.slice(1)}LogGroup` })),
        },
      };
    });
  }
  return {
    Resources,
    Outputs: {
      DashboardUrl: {
        Description: 'The dashboard',
        Value: { 'Fn::Sub': `https://\${AWS::Region}.console.aws.amazon.com/cloudwatch/home?region=\${AWS::Region}#dashboards/dashboard/${service}-${stage}` },
      },
    },
  };
};
