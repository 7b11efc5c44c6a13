// Shows the description of this server, and lets people try what it describes. Everything that is shown is text: the page
// makes no markup of what the server says.

const at = (id) => document.getElementById(id);

/** An element with attributes and children; texts among them stay texts. */
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children.filter((child) => child !== undefined && child !== null));
  return element;
}

let description;

/** What a part of the description says, wherever it stands. */
function resolve(part) {
  let found = part;
  for (let step = 0; found?.$ref && step < 8; step += 1) {
    const way = found.$ref.slice(2).split('/').map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
    found = way.reduce((place, name) => place?.[name], description);
  }
  return found ?? {};
}

/** The type of a schema in a few words. */
function kind(schema, depth = 0) {
  const { type, enum: options, const: only, items, anyOf, oneOf, format } = resolve(schema);
  if (only !== undefined) return JSON.stringify(only);
  if (options) return options.map((option) => JSON.stringify(option)).join(' | ');
  const forms = anyOf ?? oneOf;
  if (forms && !type && depth < 3) return forms.map((form) => kind(form, depth + 1)).join(' | ');
  const types = [type ?? 'anything'].flat();
  const told = types.map((one) => (one === 'array' && items && depth < 3 ? `list of ${kind(items, depth + 1)}` : one));
  return told.join(' | ') + (format ? ` (${format})` : '');
}

function table(heads, rows) {
  const head = make('tr', {}, ...heads.map((text) => make('th', { scope: 'col' }, text)));
  const body = rows.map((cells) => make('tr', {}, ...cells.map((cell) => make('td', {}, cell))));
  return make('div', { class: 'scroll' }, make('table', {}, make('thead', {}, head), make('tbody', {}, ...body)));
}

/** The members of an object's schema. */
function members(schema) {
  const { properties = {}, required = [] } = resolve(schema);
  const rows = Object.entries(properties).map(([name, property]) => [
    make('code', {}, required.includes(name) ? `${name} *` : name),
    kind(property),
    make('span', { class: 'text' }, property.description ?? resolve(property).description ?? ''),
  ]);
  return rows.length ? table(['Name', 'Type', 'What it is'], rows) : make('p', { class: 'dim' }, 'Nothing.');
}

function outcomes(responses) {
  return table(['Status', 'When'], Object.entries(responses).map(([status, response]) => {
    const { description: when = '', headers = {} } = resolve(response);
    const names = Object.keys(headers);
    return [make('code', {}, status), when + (names.length ? ` Headers: ${names.join(', ')}.` : '')];
  }));
}

const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

/** The same request for a shell; what is secret in it is a variable. */
function curl(method, url, headers, body, secret) {
  const told = headers.map(([name, value]) => {
    if (secret(name)) return name === 'Authorization' ? '-H "Authorization: Bearer $TOKEN"' : `-H "${name}: $KEY"`;
    return `-H ${quoted(`${name}: ${value}`)}`;
  });
  const parts = [`curl -i -X ${method} ${quoted(url)}`, ...told, ...(body === undefined ? [] : [`-d ${quoted(body)}`])];
  return parts.join(' \\\n  ');
}

async function send(method, url, headers, body, signal) {
  const began = performance.now();
  const answer = await fetch(url, { method, headers, body, signal, credentials: 'omit', redirect: 'error' });
  let text = await answer.text();
  if ((answer.headers.get('content-type') ?? '').includes('json')) {
    try { text = JSON.stringify(JSON.parse(text), null, 2); } catch { /* It is shown as it came. */ }
  }
  const took = Math.round(performance.now() - began);
  const shown = ['content-type', 'www-authenticate', 'retry-after', 'allow', 'mcp-session-id', 'etag'];
  const said = shown.filter((name) => answer.headers.has(name)).map((name) => `${name}: ${answer.headers.get(name)}`);
  return { status: answer.status, good: answer.ok, line: `${answer.status} ${answer.statusText} in ${took} ms`, said, text };
}

/** The part of an operation that sends it. */
function trial(id, method, path, operation) {
  const body = resolve(operation.requestBody).content?.['application/json'];
  const inputs = (operation.parameters ?? []).map(resolve).map((parameter) => {
    const type = parameter.schema?.format === 'password' ? 'password' : 'text';
    const input = make('input', { id: `${id}-${parameter.name}`, type, autocomplete: 'off', spellcheck: 'false' });
    return { parameter, input, label: make('label', { for: input.id }, parameter.name) };
  });
  const area = body && make('textarea', { id: `${id}-body`, spellcheck: 'false', rows: '8' });
  if (area) area.value = JSON.stringify(body.example ?? {}, null, 2);
  const button = make('button', { type: 'submit' }, 'Send');
  const answer = make('div', { role: 'status', class: 'answer' });
  const form = make('form', {},
    ...inputs.flatMap(({ label, input }) => [label, input]),
    area && make('label', { for: area.id }, body && path.startsWith('/api/tools/') ? 'Arguments' : 'Body'), area,
    make('p', {}, button), answer);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const headers = inputs.filter(({ input }) => input.value).map(({ parameter, input }) => [parameter.name, input.value]);
    if (area) headers.unshift(['Content-Type', 'application/json']);
    if (path === '/mcp') headers.push(['Accept', 'application/json, text/event-stream']);
    const token = at('token').value.trim();
    if (token && operation.security?.length !== 0) headers.push(['Authorization', `Bearer ${token}`]);
    const url = new URL(path, location.origin).href;
    const stop = new AbortController();
    const stopping = make('button', { type: 'button' }, 'Stop');
    stopping.addEventListener('click', () => stop.abort());
    button.disabled = true;
    answer.replaceChildren(make('p', {}, 'Waiting… ', stopping));
    const keys = inputs.filter(({ input }) => input.type === 'password').map(({ parameter }) => parameter.name);
    const secret = (name) => name === 'Authorization' || keys.includes(name);
    const asked = make('pre', { tabindex: '0' }, curl(method, url, headers, area?.value, secret));
    try {
      const { good, line, said, text } = await send(method, url, headers, area?.value, stop.signal);
      answer.replaceChildren(make('h3', { class: good ? 'good' : 'bad' }, line), make('pre', {}, said.join('\n')),
        make('pre', { tabindex: '0', class: 'body' }, text), make('h3', {}, 'The same in a shell'), asked);
    } catch (error) {
      const told = stop.signal.aborted ? 'Stopped.' : `Not sent: ${error.message}`;
      answer.replaceChildren(make('p', { class: 'bad' }, told), asked);
    }
    button.disabled = false;
  });
  return form;
}

/** One operation, which is filled when it is opened first. */
function show(method, path, operation) {
  const id = operation.operationId;
  const inside = make('div');
  const details = make('details', { id },
    make('summary', {}, make('b', {}, method), make('code', {}, path), ` ${operation.summary ?? ''}`), inside);
  details.addEventListener('toggle', () => {
    if (!details.open || inside.childElementCount) return;
    const tags = [['Effect', operation['x-effect']], ['Scope', operation['x-scope']]].filter(([, value]) => value);
    const body = resolve(operation.requestBody).content?.['application/json'];
    const result = resolve(operation.responses?.['200']).content?.['application/json'];
    inside.append(
      make('p', { class: 'text' }, operation.description ?? ''),
      make('ul', { class: 'tags' }, ...tags.map(([name, value]) => make('li', {}, `${name}: ${value}`))),
      ...(body ? [make('h3', {}, 'Takes'), members(body.schema)] : []),
      make('h3', {}, 'Try it'), trial(id, method, path, operation),
      ...(result ? [make('h3', {}, 'Answers'), members(result.schema)] : []),
      make('h3', {}, 'Statuses'), outcomes(operation.responses));
  });
  const words = `${path} ${operation.summary} ${operation.description ?? ''}`.toLowerCase();
  return { details, words };
}

function filter(groups) {
  const asked = at('filter').value.toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  for (const { section, shown } of groups) {
    let here = 0;
    for (const { details, words } of shown) {
      details.hidden = !asked.every((word) => words.includes(word));
      here += details.hidden ? 0 : 1;
    }
    section.hidden = here === 0;
    found += here;
  }
  at('state').textContent = found === 1 ? '1 operation' : `${found} operations`;
}

async function begin() {
  const answer = await fetch('/openapi.json', { credentials: 'omit' });
  if (!answer.ok) throw new Error(`the description cannot be had: ${answer.status}`);
  description = await answer.json();
  at('version').textContent = description.info.version;
  at('summary').textContent = description.info.summary;
  at('signed-in').hidden = !description.components.securitySchemes;
  const groups = new Map(description.tags.map((tag) => [tag.name, []]));
  for (const [path, item] of Object.entries(description.paths)) {
    for (const method of ['get', 'post', 'put', 'patch', 'delete'].filter((verb) => item[verb])) {
      const operation = item[method];
      groups.get(operation.tags?.[0])?.push(show(method.toUpperCase(), path, operation));
    }
  }
  const sections = [...groups].filter(([, shown]) => shown.length).map(([name, shown]) => {
    const told = description.tags.find((tag) => tag.name === name)?.description ?? '';
    const heading = make('h2', {}, `${name} `, make('small', {}, told));
    return { shown, section: make('section', {}, heading, ...shown.map(({ details }) => details)) };
  });
  // Tools first: that is what people come for.
  sections.reverse();
  at('operations').replaceChildren(...sections.map(({ section }) => section));
  at('filter').addEventListener('input', () => filter(sections));
  at('bar').addEventListener('submit', (event) => event.preventDefault());
  filter(sections);
  const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (named instanceof HTMLDetailsElement) {
    named.open = true;
    named.scrollIntoView();
  }
}

begin().catch((error) => {
  at('state').textContent = error.message;
  at('state').className = 'bad';
});
