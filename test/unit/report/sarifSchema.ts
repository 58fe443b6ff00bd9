import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import Ajv from 'ajv';

/** RFC 3986's own characters; what is before the first colon of an absolute URI is a scheme. */
const REFERENCE = /^(?:[\w.~!$&'()*+,;=:@/?#-]|%[\dA-Fa-f]{2})*$/;

/** The schema of the standard, of draft 4: only the name of its id is another one today. */
const {
  $schema: _,
  id: __,
  ...schema
} = JSON.parse(readFileSync('test/fixtures/sarif/sarif-schema-2.1.0.json', 'utf8')) as Record<string, unknown>;

const validate = new Ajv({
  strict: false,
  // A pattern of the schema is none with the flag u.
  unicodeRegExp: false,
  formats: {
    uri: (text: string) => /^[a-z][a-z\d+.-]*:/i.test(text) && REFERENCE.test(text),
    'uri-reference': REFERENCE,
    'date-time': (text: string) => !Number.isNaN(Date.parse(text)),
  },
}).compile(schema);

/** Holds a log against the JSON Schema of SARIF 2.1.0. */
export function assertSarif(log: unknown): void {
  assert.ok(validate(log), JSON.stringify(validate.errors?.slice(0, 3)));
}
