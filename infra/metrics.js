'use strict';
// The agents that have metrics of their own. Each costs as much as several metrics (docs/cost.md), so somebody names them.

const AGENT_ID = /^[0-9A-Za-z]{8}$/;
const MOST = 50;

module.exports.agents = async ({ resolveVariable }) => {
  const given = String(await resolveVariable('param:metricsAgents'));
  const ids = given === 'none' ? [] : [...new Set(given.split(',').map((id) => id.trim()))];
  for (const id of ids) {
    if (!AGENT_ID.test(id)) throw new Error(`metricsAgents: '${id}' is no agent's id; give some that ./sms agent show prints, with commas between them, or 'none'`);
  }
  if (ids.length > MOST) throw new Error(`metricsAgents: name no more than ${MOST} agents`);
  return ids;
};

module.exports.setting = async (context) => (await module.exports.agents(context)).join(',') || 'none';
