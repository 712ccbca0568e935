import { vi } from 'vitest';
import type { CallInput, CallName, CallOutput, OpenProject } from '../../../shared/api/contract';
import type { DataSummary } from '../../../shared/api/data';
import { projectSchema } from '../../../shared/project/document';
import { lab } from '../../../src-renderer/client';

export type Answers = { [Name in CallName]?: (input: CallInput<Name>) => CallOutput<Name> | Promise<CallOutput<Name>> };

/** The host as a table of answers; a call without one fails the test. */
export function answerCalls(answers: Answers) {
  return vi.spyOn(lab, 'call').mockImplementation((name: CallName, input: unknown) => {
    const answer = answers[name] as ((input: unknown) => unknown) | undefined;
    if (!answer) throw new Error(`unexpected call ${name}`);
    return Promise.resolve().then(() => answer(input)) as Promise<never>;
  });
}

export function openProject(change: Partial<OpenProject> = {}): OpenProject {
  const document = projectSchema.parse({
    format: 1,
    name: 'test',
    data: { kind: 'none' },
    network: { layers: [], edges: [] },
    training: {},
  });
  return { id: 'p1', path: '/projects/test', document, revision: 1, readOnly: null, ...change };
}

export function dataSummary(change: Partial<DataSummary> = {}): DataSummary {
  return {
    kind: 'table',
    rows: 10,
    columns: [],
    report: {
      file: 'a.csv',
      bytes: 10,
      separator: ',',
      decimal: '.',
      encoding: 'utf-8',
      quote: '"',
      header: true,
      rejectedCount: 0,
      rejected: [],
      notes: [],
    },
    splits: { training: 8, validation: 2, test: 0 },
    inputShape: [1],
    inputNames: ['x'],
    target: { kind: 'numbers', names: ['y'], suggestedLoss: 'mse' },
    issues: [],
    ...change,
  };
}
