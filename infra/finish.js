'use strict';
// The last step of packaging: tools/finishing gives every module in the zip the bytecode of the functions' own Python,
// and trims botocore's data. Without the bytecode they start some three times slower (docs/decisions/0023), so nothing is
// deployed that lacks it.

const { execFileSync } = require('child_process');
const { readFileSync } = require('fs');

module.exports = class FinishPlugin {
  constructor(serverless, options, { log }) {
    this.serverless = serverless;
    this.log = log;
    this.hooks = {
      'after:package:createDeploymentArtifacts': () => this.finish(serverless.service.package.artifact),
      'after:deploy:function:packageFunction': () => this.finish(options.functionObj.package.artifact),
      'before:deploy:deploy': () => this.refuseUnfinished(serverless.service.package.artifact), // of --package too
    };
  }

  get version() {
    return this.serverless.service.provider.runtime.replace('python', '');
  }

  get lack() {
    return (
      `there is no Python ${this.version} here, which is what the Lambdas run: without its bytecode they would start some ` +
      `three times slower. Install it, or give its place: SMS_RECEIVER_PYTHON=/path/to/python${this.version}`
    );
  }

  finish(zip) {
    const found = this.interpreter();
    if (!found && this.serverless.processedInput.commands[0] === 'deploy') {
      throw new this.serverless.classes.Error(`Nothing was deployed: ${this.lack}`, 'NO_BYTECODE');
    }
    if (!found) this.log.warning(`The zip can not be deployed: ${this.lack}`);
    const python = found ?? this.serverless.service.custom.pythonRequirements.pythonBin;
    execFileSync(python, ['-E', '-m', 'tools.finishing', zip, this.version], { cwd: this.serverless.serviceDir });
  }

  interpreter() {
    try {
      return execFileSync('tools/find_python', [this.version], { cwd: this.serverless.serviceDir, stdio: 'pipe' })
        .toString()
        .trim();
    } catch (failed) {
      if (failed.status === 1) return undefined;
      throw failed;
    }
  }

  refuseUnfinished(zip) {
    if (!readFileSync(zip).includes(`.cpython-${this.version.replace('.', '')}.pyc`)) {
      throw new this.serverless.classes.Error(
        `Nothing was deployed: ${zip} has no bytecode of Python ${this.version}; package it again where that is`,
        'NO_BYTECODE',
      );
    }
  }
};
