'use strict';
// What pip is told, and where what it installed is kept.

const { createHash } = require('crypto');

// The plugin that calls pip keeps no more than two words of each argument, so each word is one. --no-deps:
// requirements.txt names all that ships, --require-hashes: and what each file holds. --no-user: a PIP_USER of the operator's
// would contradict the folder that pip is given. --no-compile: infra/finish.js sees to the bytecode.
module.exports.arguments = async ({ resolveVariable }) => [
  '--require-hashes',
  '--no-user',
  '--no-deps',
  '--no-compile',
  ...(await resolveVariable('param:wheels')).split(' '),
];

// The plugin looks at requirements.txt only; what is left out, and what pip is told, may change as well.
module.exports.cache = async ({ resolveVariable }) => {
  const [whose, runtime, ...rest] = await Promise.all(
    ['param:requirementsFor', 'param:runtime', 'param:wheels', 'self:custom.pythonRequirements.slimPatterns'].map(resolveVariable),
  );
  return `.requirements/${whose}/${runtime}-${createHash('sha256').update(JSON.stringify(rest)).digest('hex').slice(0, 8)}`;
};
