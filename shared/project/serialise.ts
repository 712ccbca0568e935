import { LabError } from '../errors';
import { projectFormat, projectSchema, type ProjectDocument } from './document';
import type { z } from 'zod';

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
    throw new LabError('project.invalid', { path, field: '(whole file)', reason: 'expected an object' });
  let document = raw as Record<string, unknown>;
  const written = document.format;
  if (typeof written !== 'number' || !Number.isInteger(written))
    throw new LabError('project.invalid', { path, field: 'format', reason: 'expected a whole number' });
  if (written > projectFormat)
    throw new LabError('project.newer-format', { path, format: written, supported: projectFormat });
  for (let format = written; format < projectFormat; format++) {
    const step = steps[format];
    if (!step)
      throw new LabError('project.invalid', { path, field: 'format', reason: `format ${format} was never released` });
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

/** The first problem zod found: where it lies ("training.lanes.0.learningRate") and what it is. */
export function describeIssue(error: z.ZodError): { field: string; reason: string } {
  const issue = error.issues[0];
  if (!issue) return { field: '(whole file)', reason: error.message };
  return { field: issue.path.map(String).join('.') || '(whole file)', reason: lowerFirst(issue.message) };
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new LabError('project.not-json', { path, reason: error instanceof Error ? error.message : String(error) });
  }
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
