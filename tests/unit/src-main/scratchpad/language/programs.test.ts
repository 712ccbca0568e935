import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run } from './run';

interface Golden {
  source: string;
  printed: string;
  result?: string;
  error?: { kind: string; message: string; line: number };
}

/** What CPython did with the same programs (tests/golden/scratchpad/generate.py). */
const folder = join(import.meta.dirname, '../../../../golden/scratchpad');
const topics = readdirSync(join(folder, 'programs')).map((name) => name.replace(/txt$/, 'json'));

test('there are programs to compare', () => expect(topics.length).toBeGreaterThan(5));

describe.each(topics)('%s', (topic) => {
  const programs = JSON.parse(readFileSync(join(folder, topic), 'utf8')) as Golden[];
  test.each(programs.map((program) => [program.source, program] as const))('%s', (source, golden) => {
    const { printed, result, error } = run(source);
    expect({
      printed,
      result: result ?? undefined,
      error: error && { kind: error.kind, message: error.message, line: error.position?.line },
    }).toEqual({ printed: golden.printed, result: golden.result, error: golden.error ?? null });
  });
});
