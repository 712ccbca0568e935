import { z } from 'zod';
import { LabError } from '../errors';
import { describeIssue } from '../errors/zod-issue';
import { projectSchema, type ProjectDocument } from './document';

/** One `--set path=value`: "training.epochs", "network.layers.linear-1.parameters.units", "training.lanes.0.learningRate". */
export interface Setting {
  field: string;
  value: string;
}

type Json = Record<string, unknown> | unknown[];

/**
 * The document with some of its values replaced. A value is read as the schema at its path wants it (a number, true, a list as
 * JSON, or plain text). Elements of a list go by number, layers also by their id. An unknown path names the nearest ones.
 */
export function applySettings(document: ProjectDocument, settings: readonly Setting[]): ProjectDocument {
  // Parsing copies, and needs nothing of a runtime.
  const copy = projectSchema.parse(document);
  for (const setting of settings) set(copy, setting);
  const parsed = projectSchema.safeParse(copy);
  if (parsed.success) return parsed.data;
  const issue = describeIssue(parsed.error);
  const given = settings.findLast((setting) => issue.field.startsWith(setting.field)) ?? settings.at(-1);
  throw new LabError('project.bad-value', { ...issue, value: given?.value ?? '' });
}

function set(document: ProjectDocument, { field, value }: Setting): void {
  const unknown = (): LabError =>
    new LabError('project.unknown-path', { field, nearest: nearestPaths(document, field) });
  const segments = field.split('.');
  let schema: z.ZodType | null = projectSchema;
  let parent: Json | null = null;
  let key: string | number = '';
  let current: unknown = document;
  for (const segment of segments) {
    if (typeof current !== 'object' || current === null) throw unknown();
    parent = current as Json;
    key = Array.isArray(parent) ? indexOf(parent, segment) : segment;
    schema = child(schema, parent, key);
    if (!schema) throw unknown();
    current = (parent as Record<string | number, unknown>)[key];
  }
  if (!parent || !schema) throw unknown();
  (parent as Record<string | number, unknown>)[key] = readValue(schema, field, value);
}

/** JSON where the schema takes it so, plain text otherwise: `--set name=12` is a name, `--set training.epochs=12` a number. */
function readValue(schema: z.ZodType, field: string, text: string): unknown {
  const candidates: unknown[] = [];
  try {
    candidates.push(JSON.parse(text));
  } catch {
    // Not JSON: then it can only be plain text.
  }
  candidates.push(text);
  let first: z.ZodError | null = null;
  for (const candidate of candidates) {
    const parsed = schema.safeParse(candidate);
    if (parsed.success) return candidate;
    first ??= parsed.error;
  }
  throw new LabError('project.bad-value', {
    ...(first ? describeIssue(first) : { reason: 'invalid' }),
    field,
    value: text,
  });
}

function indexOf(list: readonly unknown[], segment: string): number {
  if (/^\d+$/.test(segment)) return Number(segment);
  return list.findIndex((item) => typeof item === 'object' && item !== null && 'id' in item && item.id === segment);
}

/** Schema of a member, or null where there is none. */
function child(schema: z.ZodType | null, parent: Json, key: string | number): z.ZodType | null {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject && typeof key === 'string') return member(inner, key);
  if (inner instanceof z.ZodDiscriminatedUnion && typeof key === 'string') {
    const option = activeOption(inner, parent as Record<string, unknown>);
    return option ? member(option, key) : null;
  }
  if (inner instanceof z.ZodArray && typeof key === 'number')
    return key >= 0 && key < (parent as unknown[]).length ? (inner.element as z.ZodType) : null;
  if (inner instanceof z.ZodRecord) return inner.valueType as z.ZodType;
  return null;
}

function member(schema: z.ZodObject, key: string): z.ZodType | null {
  return Object.hasOwn(schema.shape, key) ? ((schema.shape as Record<string, z.ZodType>)[key] ?? null) : null;
}

/** The object of a union that the document is now, by its discriminator. */
function activeOption(union: z.ZodDiscriminatedUnion, value: Record<string, unknown>): z.ZodObject | null {
  const { discriminator } = union.def;
  for (const option of union.options) {
    if (!(option instanceof z.ZodObject)) continue;
    const mark = member(option, discriminator);
    if (mark?.safeParse(value[discriminator]).success) return option;
  }
  return null;
}

function unwrap(schema: z.ZodType | null): z.ZodType | null {
  let inner = schema;
  while (inner instanceof z.ZodDefault || inner instanceof z.ZodOptional || inner instanceof z.ZodNullable)
    inner = inner.unwrap() as z.ZodType;
  return inner;
}

function nearestPaths(document: ProjectDocument, field: string): string[] {
  const known: string[] = [];
  collect(projectSchema, document, '', known);
  const last = field.split('.').at(-1) ?? field;
  return known
    .map((path) => ({
      path,
      distance: Math.min(editDistance(path, field), 1 + editDistance(path.split('.').at(-1) ?? path, last)),
    }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ path }) => path);
}

/** Paths of all values, those of the first element standing for a whole list. */
function collect(schema: z.ZodType, value: unknown, prefix: string, known: string[]): void {
  const inner = unwrap(schema);
  const object =
    inner instanceof z.ZodDiscriminatedUnion ? activeOption(inner, value as Record<string, unknown>) : inner;
  if (object instanceof z.ZodObject && typeof value === 'object' && value !== null) {
    for (const [key, next] of Object.entries(object.shape as Record<string, z.ZodType>)) {
      const path = prefix === '' ? key : `${prefix}.${key}`;
      known.push(path);
      collect(next, (value as Record<string, unknown>)[key], path, known);
    }
  } else if (object instanceof z.ZodArray && Array.isArray(value) && value.length > 0) {
    collect(object.element as z.ZodType, value[0], `${prefix}.0`, known);
  }
}

/** Levenshtein. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
