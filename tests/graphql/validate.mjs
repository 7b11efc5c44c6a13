// Holds GraphQL documents with their variables against a schema, as graphql-js judges them:
// `node validate.mjs SCHEMA.graphql < [{ "query": …, "variables": … }, …]`. Prints every fault; exit code 1 if any.

import { readFileSync } from 'node:fs';
import { buildSchema, parse, validate } from 'graphql';
import { getVariableValues } from 'graphql/execution/values.js';

const schema = buildSchema(readFileSync(process.argv[2], 'utf8'));
const sent = JSON.parse(readFileSync(0, 'utf8'));
let faults = 0;
for (const { query, variables } of sent) {
  const document = parse(query);
  const errors = [...validate(schema, document)];
  const operation = document.definitions.find((definition) => definition.kind === 'OperationDefinition');
  errors.push(...(getVariableValues(schema, operation.variableDefinitions ?? [], variables ?? {}).errors ?? []));
  for (const error of errors) {
    faults += 1;
    console.log(`${error.message}\n  in ${query}`);
  }
}
console.log(`${sent.length} documents, ${faults} faults`);
process.exit(faults === 0 && sent.length > 0 ? 0 : 1);
