'use strict';
// What pip is told. The plugin that calls it keeps no more than two words of each argument, so each word is one.
// --no-deps: requirements.txt names all that ships. --no-compile: infra/finish.js sees to the bytecode.

module.exports.arguments = async ({ resolveVariable }) => [
  '--no-deps',
  '--no-compile',
  ...(await resolveVariable('param:wheels')).split(' '),
];
