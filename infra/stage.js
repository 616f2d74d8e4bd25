'use strict';
// What the framework has no key for: the API's deployment waits for the gateway responses (they take effect only with a new
// deployment), whatever needs the deployment waits for it, and the stage gets its throttles. `./sms doctor` compares the stage's
// with those of the stack's output, for nothing else would tell when somebody changed them.

module.exports = class StagePlugin {
  constructor(serverless) {
    this.serverless = serverless;
    this.hooks = {
      'after:aws:package:finalize:mergeCustomProviderResources': () => {
        this.orderDeployment();
        this.addThrottlesOutput();
      },
      'after:deploy:deploy': () => this.setThrottles(),
    };
  }

  // By method, as the stage names them: `*/*`, or a path with ~1 for each slash and the verb (API Gateway API, Stage,
  // methodSettings).
  get throttles() {
    return Object.entries(this.serverless.service.custom.throttles);
  }

  orderDeployment() {
    const resources = this.serverless.service.provider.compiledCloudFormationTemplate.Resources;
    const ofType = (type) => Object.keys(resources).filter((name) => resources[name].Type === `AWS::ApiGateway::${type}`);
    const [deployment] = ofType('Deployment');
    resources[deployment].DependsOn = [
      ...new Set([].concat(resources[deployment].DependsOn ?? [], ofType('GatewayResponse'), ofType('Account'))),
    ];
    for (const resource of Object.values(resources)) {
      if ([].concat(resource.DependsOn).includes('@deployment')) resource.DependsOn = deployment;
    }
  }

  addThrottlesOutput() {
    const limits = this.throttles.map(([method, { rateLimit, burstLimit }]) => [method, [Number(rateLimit), Number(burstLimit)]]);
    this.serverless.service.provider.compiledCloudFormationTemplate.Outputs.Throttles = {
      Description: "The throttles of the stage's methods: requests a second, and at once",
      Value: JSON.stringify(Object.fromEntries(limits)),
    };
  }

  async setThrottles() {
    const { APIGatewayClient, UpdateStageCommand } = require('@aws-sdk/client-api-gateway');
    const { CloudFormationClient, DescribeStackResourceCommand } = require('@aws-sdk/client-cloudformation');
    const provider = this.serverless.getProvider('aws');
    const config = await provider.getAwsSdkV3Config();
    const { StackResourceDetail: restApi } = await new CloudFormationClient(config).send(
      new DescribeStackResourceCommand({ StackName: provider.naming.getStackName(), LogicalResourceId: 'ApiGatewayRestApi' }),
    );
    await new APIGatewayClient(config).send(
      new UpdateStageCommand({
        restApiId: restApi.PhysicalResourceId,
        stageName: provider.getStage(),
        patchOperations: this.throttles.flatMap(([method, { rateLimit, burstLimit }]) => this.patches(method, rateLimit, burstLimit)),
      }),
    );
  }

  // A method with settings of its own takes none from `*/*`, so it gets the others here, as serverless.yml has them.
  patches(method, rateLimit, burstLimit) {
    const settings = [['throttling/rateLimit', rateLimit], ['throttling/burstLimit', burstLimit]];
    if (method !== '*/*') settings.push(['metrics/enabled', true], ['logging/dataTrace', false], ['logging/loglevel', 'OFF']);
    return settings.map(([setting, value]) => ({ op: 'replace', path: `/${method}/${setting}`, value: String(value) }));
  }
};
