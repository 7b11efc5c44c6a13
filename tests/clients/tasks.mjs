// Holds messages of the server against the schemas of the official package for tasks:
// `node tasks.mjs FILE`; a line of the file is `{ "asked": METHOD, "message": MESSAGE }`.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as tasks from '@modelcontextprotocol/ext-tasks/core/v2';

const results = {
  'tools/call': tasks.CreateTaskResultV2Schema,
  'tasks/get': tasks.GetTaskResultV2Schema,
  'tasks/update': tasks.UpdateTaskResultV2Schema,
  'tasks/cancel': tasks.CancelTaskResultV2Schema,
};

const lines = readFileSync(process.argv[2], 'utf8').split('\n').filter(Boolean);
for (const line of lines) {
  const { asked, message } = JSON.parse(line);
  try {
    if (message.method) {
      tasks.TaskStatusNotificationV2Schema.parse(message);
    } else {
      assert.ok(results[asked], 'a result of a method of tasks');
      results[asked].parse(message.result);
      // What a task ends with is what the call would have been answered with.
      if (message.result.status === 'completed') tasks.CallToolResultV2Schema.parse(message.result.result);
    }
  } catch (fault) {
    console.error(line.slice(0, 2000));
    throw fault;
  }
}
console.log(`${lines.length} messages: ok`);
