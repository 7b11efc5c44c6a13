// Holds GraphQL documents with their variables against schemas, as graphql-js judges them. `node validate.mjs
// NODE_MODULES` reads lines `{ "schema": FILE, "documents": [{ "query": …, "variables": … }, …] }` and answers each
// with a line: the list of faults.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const require = createRequire(join(process.argv[2], 'here.js'));
const { buildSchema, getVariableValues, parse, validate } = require('graphql');

const schemas = new Map();
const schemaOf = (file) => {
  if (!schemas.has(file)) schemas.set(file, buildSchema(readFileSync(file, 'utf8')));
  return schemas.get(file);
};

const faultsOf = (schema, { query, variables }) => {
  try {
    const document = parse(query);
    const operation = document.definitions.find((definition) => definition.kind === 'OperationDefinition');
    const { errors } = getVariableValues(schema, operation.variableDefinitions ?? [], variables ?? {});
    return [...validate(schema, document), ...(errors ?? [])].map((error) => error.message);
  } catch (error) {
    return [String(error)];
  }
};

for await (const line of createInterface({ input: process.stdin })) {
  const { schema: file, documents } = JSON.parse(line);
  const schema = schemaOf(file);
  const faults = documents.flatMap((sent) =>
    faultsOf(schema, sent).map((fault) => `${fault}\n  in ${sent?.query}\n  with ${JSON.stringify(sent?.variables)}`),
  );
  console.log(JSON.stringify(faults));
}
