// Holds messages of the server against the schemas that the TypeScript client itself reads them by:
// `node messages.mjs FILE`; a line of the file is `{ "asked": METHOD, "message": MESSAGE }`.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as mcp from '@modelcontextprotocol/core';

const results = {
  initialize: mcp.InitializeResultSchema,
  ping: mcp.EmptyResultSchema,
  'logging/setLevel': mcp.EmptyResultSchema,
  'server/discover': mcp.DiscoverResultSchema,
  'tools/list': mcp.ListToolsResultSchema,
  'tools/call': mcp.CallToolResultSchema,
  'tasks/get': mcp.GetTaskResultSchema,
  'tasks/list': mcp.ListTasksResultSchema,
  'tasks/cancel': mcp.CancelTaskResultSchema,
  'subscriptions/listen': mcp.SubscriptionsListenResultSchema,
};
const notifications = {
  'notifications/message': mcp.LoggingMessageNotificationSchema,
  'notifications/progress': mcp.ProgressNotificationSchema,
  'notifications/tools/list_changed': mcp.ToolListChangedNotificationSchema,
  'notifications/tasks/status': mcp.TaskStatusNotificationSchema,
  'notifications/subscriptions/acknowledged': mcp.SubscriptionsAcknowledgedNotificationSchema,
};

const lines = readFileSync(process.argv[2], 'utf8').split('\n').filter(Boolean);
for (const line of lines) {
  const { asked, message } = JSON.parse(line);
  // Numbers here cannot hold every id; the rows themselves compare them.
  if (typeof message.id === 'number' && !Number.isSafeInteger(message.id)) message.id = 0;
  try {
    if (message.error) {
      mcp.JSONRPCErrorResponseSchema.parse(message);
      const data = { '-32022': ['supported', 'requested'], '-32021': ['requiredCapabilities'] }[message.error.code];
      for (const name of data ?? []) assert.ok(message.error.data?.[name], `data.${name}`);
    } else if (message.method) {
      assert.ok(notifications[message.method], 'a notification that clients know');
      notifications[message.method].parse(message);
    } else {
      mcp.JSONRPCResultResponseSchema.parse(message);
      assert.ok(results[asked], 'a result of a method that clients know');
      const schema = message.result.task ? mcp.CreateTaskResultSchema : results[asked];
      schema.parse(message.result);
    }
  } catch (fault) {
    console.error(line.slice(0, 2000));
    throw fault;
  }
}
console.log(`${lines.length} messages: ok`);
