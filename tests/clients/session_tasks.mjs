// The TypeScript client 1.x lets a call go on as a task of its session, is asked on the way, and lists and cancels tasks:
// `node session_tasks.mjs http URL` or `node session_tasks.mjs stdio COMMAND [ARGUMENT…]`.

import assert from 'node:assert/strict';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { CallToolResultSchema, ElicitRequestSchema, TaskStatusNotificationSchema } from '@modelcontextprotocol/sdk/types.js';

const [way, target, ...rest] = process.argv.slice(2);
const RELATED = 'io.modelcontextprotocol/related-task';
const client = new Client(
  { name: 'tasks', version: '1.0.0' },
  { capabilities: { elicitation: { form: {} } }, enforceStrictCapabilities: true },
);
const asked = [];
client.setRequestHandler(ElicitRequestSchema, async ({ params }) => {
  asked.push(params);
  return { action: 'accept', content: { confirm: true, name: 'Ada' } };
});
const stood = [];
client.setNotificationHandler(TaskStatusNotificationSchema, ({ params }) => void stood.push(params));
await client.connect(
  way === 'http'
    ? new StreamableHTTPClientTransport(new URL(target))
    : new StdioClientTransport({ command: target, args: rest, stderr: 'ignore' }),
);
await client.listTools();
const { tasks } = client.experimental;
const call = async (name, args) => {
  const all = await Array.fromAsync(tasks.callToolStream({ name, arguments: args }));
  const last = all.at(-1);
  assert.equal(all[0].type, 'taskCreated', JSON.stringify(all));
  return { id: all[0].task.taskId, last, statuses: all.filter(({ type }) => type === 'taskStatus').map(({ task }) => task.status) };
};

await assert.rejects(client.callTool({ name: 'multi_input', arguments: {} }), /requires task-based execution/);
const multi = await call('multi_input', {});
assert.equal(multi.last.result.content[0].text, 'Ada said true.', JSON.stringify(multi));
assert.equal(asked.length, 2);
for (const params of asked) assert.deepEqual(params._meta[RELATED], { taskId: multi.id });
assert.deepEqual(multi.last.result._meta[RELATED], { taskId: multi.id });

const slow = await call('slow_compute', { seconds: 0.7, label: 'it' });
assert.equal(slow.last.result.content[0].text, 'it took 0.7 seconds');
assert.equal(slow.statuses.at(-1), 'completed');

const failed = await call('protocol_error_job', {});
assert.equal(failed.last.type, 'error');
assert.equal((await tasks.getTask(failed.id)).status, 'failed');
assert.equal((await tasks.getTaskResult(failed.id, CallToolResultSchema)).isError, true);

const stream = tasks.callToolStream({ name: 'slow_compute', arguments: { seconds: 600, label: 'it' } });
const { task } = (await stream.next()).value;
const listed = (await tasks.listTasks()).tasks;
assert.deepEqual(listed.map(({ taskId }) => taskId), [task.taskId, failed.id, slow.id, multi.id]);
assert.equal((await tasks.cancelTask(task.taskId)).status, 'cancelled');
await assert.rejects(tasks.cancelTask(task.taskId), ({ code }) => code === -32602);
await assert.rejects(tasks.getTask('nobody'), ({ code }) => code === -32602);
const ended = await Array.fromAsync(stream);
assert.equal(ended.at(-1).type, 'error');

// A tool that forbids tasks is called as ever.
const greeted = await Array.fromAsync(tasks.callToolStream({ name: 'greet', arguments: { name: 'Ada' } }));
assert.deepEqual(greeted.map(({ type }) => type), ['result']);
while (!stood.some(({ taskId, status }) => taskId === task.taskId && status === 'cancelled')) {
  await new Promise((done) => setTimeout(done, 20));
}
await client.close();
console.log(`tasks ${way}: ok`);
process.exit(0);
