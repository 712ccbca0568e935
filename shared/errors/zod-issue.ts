import type { z } from 'zod';
import type { ErrorDetails } from './index';

/** The first problem zod found, as details of an error: where it lies ("training.lanes.0.learningRate") and what it is, a word of reasons.ts. */
export function describeIssue(error: z.ZodError): ErrorDetails & { field: string; reason: string } {
  const issue = error.issues[0];
  return issue ? { field: issue.path.map(String).join('.'), ...reasonOf(issue) } : { field: '', reason: 'invalid' };
}

/** The same for an error whose text has one place for the reason only. */
export function issueAsReason(error: z.ZodError): ErrorDetails & { reason: string } {
  const { reason: issue, ...details } = describeIssue(error);
  return { ...details, issue, reason: 'at-field' };
}

function reasonOf(issue: z.core.$ZodIssue): ErrorDetails & { reason: string } {
  switch (issue.code) {
    case 'invalid_type': {
      // zod keeps what it got out of the issue, but not out of its words.
      const missing = issue.message.endsWith('received undefined');
      return { reason: missing ? 'missing' : 'wrong-type', expected: issue.expected };
    }
    case 'too_small':
      if (!isNumber(issue.origin)) return { reason: 'too-short', minimum: Number(issue.minimum) };
      return { reason: issue.inclusive === false ? 'not-above' : 'too-small', minimum: Number(issue.minimum) };
    case 'too_big':
      if (!isNumber(issue.origin)) return { reason: 'too-long', maximum: Number(issue.maximum) };
      return { reason: issue.inclusive === false ? 'not-below' : 'too-large', maximum: Number(issue.maximum) };
    case 'not_multiple_of':
      return { reason: 'not-multiple', divisor: Number(issue.divisor) };
    case 'unrecognized_keys':
      return { reason: 'unknown-fields', keys: issue.keys };
    case 'invalid_value':
      return { reason: 'not-one-of', allowed: issue.values.map(String) };
    case 'invalid_format':
      // A schema that names its pattern does so in its message.
      return {
        reason: 'wrong-form',
        pattern: issue.message.startsWith('Invalid') ? (issue.pattern ?? '') : issue.message,
      };
    case 'invalid_union':
      return { reason: 'no-form' };
    case 'invalid_key':
    case 'invalid_element':
    case 'custom':
      return { reason: 'invalid' };
  }
}

function isNumber(origin: string): boolean {
  return origin === 'number' || origin === 'int' || origin === 'bigint';
}
