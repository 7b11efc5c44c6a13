// What every TypeScript client does with a running server: a new contact is created and found again, twenty calls run
// at once, a deal is made, told of, planned, changed and taken back, and errors come back as results.
// `call(name, arguments)` returns a CallToolResult.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';

export async function round(tools, call) {
  assert.ok(tools.some((tool) => tool.name === 'create_contact'), 'create_contact is listed');
  for (const tool of tools) {
    assert.ok(tool.description, `${tool.name} has a description`);
    assert.equal(tool.inputSchema.type, 'object');
  }

  const lastName = `Client${randomUUID().replaceAll('-', '')}`;
  const email = `${lastName.toLowerCase()}@example.com`;
  const created = await call('create_contact', { firstName: 'Grace', lastName, email });
  assert.ok(!created.isError, JSON.stringify(created.content));
  const id = created.structuredContent?.id ?? created.structuredContent?.contact?.id;
  assert.ok(id, `an id in ${JSON.stringify(created.structuredContent)}`);

  const found = await call('search_contacts', { query: lastName });
  assert.ok(!found.isError, JSON.stringify(found.content));
  assert.ok(JSON.stringify(found.structuredContent).includes(id), 'the new contact is found');
  assert.ok(found.content[0].text.includes(id), 'its id is in the text');

  const many = await Promise.all(Array.from({ length: 20 }, () => call('search_contacts', { query: lastName })));
  for (const one of many) {
    assert.ok(!one.isError && JSON.stringify(one.structuredContent).includes(id), 'every call at once finds it');
  }

  const missing = await call('get_contact', { id: randomUUID() });
  assert.equal(missing.isError, true, 'a missing record is an error');
  const wrong = await call('create_contact', { fristName: 'Grace', lastName });
  assert.equal(wrong.isError, true, 'a wrong argument is an error');
  assert.match(wrong.content[0].text, /firstName/, 'that names the right one');

  await deal(call, lastName, id);
}

async function deal(call, name, contact) {
  const done = async (tool, given) => {
    const result = await call(tool, given);
    assert.ok(!result.isError, `${tool}: ${JSON.stringify(result.content)}`);
    assert.ok(result.content[0].text, `${tool} has a text`);
    return result.structuredContent;
  };
  const refused = async (kind, tool, given) => {
    const result = await call(tool, given);
    assert.equal(result.isError, true, `${tool}: ${JSON.stringify(result.structuredContent)}`);
    assert.equal(result._meta?.['twenty-mcp/error'], kind, result.content[0].text);
  };
  const nobody = randomUUID();

  const company = await done('create_company', { name, domainName: `${name.toLowerCase()}.example` });
  assert.equal((await done('get_company', { id: `${name.toLowerCase()}.example` })).id, company.id);
  assert.equal((await done('search_companies', { query: name })).companies[0].id, company.id);
  await done('transfer_contact_to_company', { contactId: contact, toCompanyId: company.id });
  const opportunity = await done('create_opportunity', {
    name, amount: { value: 1500.5, currency: 'EUR' }, stage: 'PROPOSAL', companyId: name, pointOfContactId: contact,
  });
  assert.deepEqual(opportunity.amount, { amount: 1500.5, currency: 'EUR' });
  const stages = (await done('list_opportunities_by_stage', {})).stages;
  const proposal = stages.find(({ stage }) => stage === 'PROPOSAL');
  assert.ok(proposal.opportunities.some(({ id }) => id === opportunity.id), 'the new deal is listed first');
  const summary = await done('get_relationship_summary', { entityId: company.id, entityType: 'company' });
  assert.deepEqual([summary.contacts, summary.opportunities], [1, 1]);

  await done('create_note', { title: 'Lunch', body: 'They *want* it' });
  await done('create_comment', { body: 'Good talk', targetObjectId: company.id, targetObjectType: 'company' });
  const around = await done('get_entity_activities', { entityId: company.id, entityType: 'company' });
  assert.ok(JSON.stringify(around).includes('Good talk'), JSON.stringify(around));

  const found = await done('find_records', { object: 'opportunity', filter: { company: company.id }, fields: ['amount'] });
  assert.deepEqual([found.total, found.records[0].id], [1, opportunity.id]);
  const groups = await done('aggregate_records', {
    object: 'opportunities', filter: { company: company.id }, groupBy: ['stage'], measures: ['sum:amount'],
  });
  assert.deepEqual(groups.groups, [
    { stage: 'PROPOSAL', count: 1, 'sum:amount': [{ amount: 1500.5, currency: 'EUR' }] },
  ]);
  const brief = await done('brief', { record: company.id, object: 'company' });
  assert.ok(JSON.stringify(brief).includes(opportunity.id), 'the brief tells of the deal');

  const change = { id: company.id, address: '1 Road' };
  const { plan } = await done('update_company', { ...change, plan: true });
  assert.equal(plan.changes[0].id, company.id);
  await done('update_company', { ...change, planToken: plan.planToken });
  await refused('conflict', 'update_company', { ...change, planToken: plan.planToken });
  assert.equal((await done('undo', {})).reverted, 1);
  assert.ok(!JSON.stringify(await done('get_company', { id: company.id })).includes('1 Road'), 'it is taken back');

  await refused('not_found', 'get_company', { id: nobody });
  await refused('input', 'update_company', { id: company.id, adress: 'x' });
  await refused('not_found', 'create_opportunity', { name, companyId: `${name} & Sons` });
  await refused('input', 'create_opportunity', { name, stage: 'WON' });
  await refused('not_found', 'get_entity_activities', { entityId: nobody, entityType: 'company' });
  await refused('input', 'find_records', { object: 'person', filter: { jobTitel: 'x' } });
  await refused('input', 'aggregate_records', { object: 'person', measures: ['sum:name'] });
  await refused('not_found', 'brief', { record: nobody });
}
