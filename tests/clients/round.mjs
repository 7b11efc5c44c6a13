// What every TypeScript client does with a running server: a new contact is created and found again, twenty calls run
// at once, and errors come back as results. `call(name, arguments)` returns a CallToolResult.

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
}
