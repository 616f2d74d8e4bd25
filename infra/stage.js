'use strict';
// What the framework has no key for: the API's deployment waits for the gateway responses (they take effect only with a new
// deployment), whatever needs the deployment waits for it, and the stage gets its throttle.

module.exports = class StagePlugin {
  constructor(serverless) {
    this.serverless = serverless;
    this.hooks = {
      'after:aws:package:finalize:mergeCustomProviderResources': () => this.orderDeployment(),
      'after:deploy:deploy': () => this.setThrottle(),
    };
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

  async setThrottle() {
    const { APIGatewayClient, UpdateStageCommand } = require('@aws-sdk/client-api-gateway');
    const { CloudFormationClient, DescribeStackResourceCommand } = require('@aws-sdk/client-cloudformation');
    const { rateLimit, burstLimit } = this.serverless.service.custom.stageThrottle;
    const provider = this.serverless.getProvider('aws');
    const config = await provider.getAwsSdkV3Config();
    const { StackResourceDetail: restApi } = await new CloudFormationClient(config).send(
      new DescribeStackResourceCommand({ StackName: provider.naming.getStackName(), LogicalResourceId: 'ApiGatewayRestApi' }),
    );
    await new APIGatewayClient(config).send(
      new UpdateStageCommand({
        restApiId: restApi.PhysicalResourceId,
        stageName: provider.getStage(),
        patchOperations: [
          { op: 'replace', path: '/*/*/throttling/rateLimit', value: String(rateLimit) },
          { op: 'replace', path: '/*/*/throttling/burstLimit', value: String(burstLimit) },
        ],
      }),
    );
  }
};
