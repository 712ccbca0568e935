import { LabError } from '../errors';
import { describeIssue } from '../errors/zod-issue';
import { projectFormat, projectSchema, type ProjectDocument } from './document';

/** Turns a document of the format it stands under into the next one. */
export type Migrations = Record<number, (document: Record<string, unknown>) => Record<string, unknown>>;

/** Empty as long as the format is 1; the first change of the format adds `1: …` here. */
const migrations: Migrations = {};

export interface ParsedProject {
  document: ProjectDocument;
  /** The format the text was in, when it was older than today's. */
  migratedFrom: number | null;
}

/** Reads the text of project.json; `path` is for the words of an error. */
export function parseProject(text: string, path: string, steps: Migrations = migrations): ParsedProject {
  const raw = parseJson(text, path);
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw))
    throw new LabError('project.invalid', { path, field: '', reason: 'wrong-type', expected: 'object' });
  let document = raw as Record<string, unknown>;
  const written = document.format;
  if (typeof written !== 'number' || !Number.isInteger(written))
    throw new LabError('project.invalid', { path, field: 'format', reason: 'wrong-type', expected: 'int' });
  if (written > projectFormat)
    throw new LabError('project.newer-format', { path, format: written, supported: projectFormat });
  for (let format = written; format < projectFormat; format++) {
    const step = steps[format];
    if (!step) throw new LabError('project.invalid', { path, field: 'format', reason: 'format-unknown', format });
    document = { ...step(document), format: format + 1 };
  }
  const parsed = projectSchema.safeParse(document);
  if (!parsed.success) throw new LabError('project.invalid', { path, ...describeIssue(parsed.error) });
  return { document: parsed.data, migratedFrom: written < projectFormat ? written : null };
}

/** The text of project.json: keys in the order of the schema, two spaces, a newline at the end, so that diffs stay small. */
export function stringifyProject(document: ProjectDocument): string {
  const ordered = projectSchema.parse(document);
  for (const layer of ordered.network.layers)
    layer.parameters = Object.fromEntries(Object.entries(layer.parameters).sort(([a], [b]) => (a < b ? -1 : 1)));
  return `${JSON.stringify(ordered, null, 2)}\n`;
}

function parseJson(text: string, path: string): unknown {
  const json = text.replace(/^\uFEFF/, '');
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new LabError('project.not-json', { path, ...jsonReason(error, json) });
  }
}

/** Where JSON breaks off or goes wrong; the parser says so in English only. */
function jsonReason(error: unknown, json: string): { reason: string; line?: number; text?: string } {
  const message = error instanceof Error ? error.message : '';
  const position = Number(/position (\d+)/.exec(message)?.[1] ?? NaN);
  if (/unexpected end|unterminated/i.test(message) || position >= json.length) return { reason: 'json-ends-early' };
  if (!Number.isNaN(position)) return { reason: 'json-wrong-at', line: json.slice(0, position).split('\n').length };
  const text = /"([^]*)"(?:\.\.\.)? is not valid JSON$/.exec(message)?.[1];
  return text === undefined ? { reason: 'json-unreadable' } : { reason: 'json-wrong-near', text: text.trim() };
}
