import { fill, type Language, type Text } from '../text';
import { appErrors } from './app';
import { dataErrors } from './data';
import { deviceErrors } from './device';
import { engineErrors } from './engine';
import { experimentErrors } from './experiment';
import { inspectErrors } from './inspect';
import { modelErrors } from './model';
import { networkErrors } from './network';
import { projectErrors } from './project';
import { failedFile, reasonTexts, systemReason } from './reasons';
import { scratchpadErrors } from './scratchpad';
import { scratchpadNetworkErrors } from './scratchpad-network';
import { serveErrors } from './serve';

export { systemReason };

/** Every error code of the product with its text: what happened, where, what to do next. */
export const errorTexts = {
  ...appErrors,
  ...dataErrors,
  ...deviceErrors,
  ...engineErrors,
  ...experimentErrors,
  ...inspectErrors,
  ...modelErrors,
  ...networkErrors,
  ...projectErrors,
  ...scratchpadErrors,
  ...scratchpadNetworkErrors,
  ...serveErrors,
} satisfies Record<string, Text>;

export type ErrorCode = keyof typeof errorTexts;
export type ErrorDetails = Record<string, string | number | boolean | null | readonly (string | number)[]>;

/** What crosses a boundary. */
export interface ErrorRecord {
  code: ErrorCode;
  message: string;
  details: ErrorDetails;
}

/** The only error class that crosses a boundary; anything else is a defect and is reported as `app.unexpected`. */
export class LabError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, details: ErrorDetails = {}, options?: ErrorOptions) {
    super(errorMessage({ code, details }, 'en'), options);
    this.name = 'LabError';
    this.code = code;
    this.details = details;
  }

  toRecord(): ErrorRecord {
    return { code: this.code, message: this.message, details: this.details };
  }

  static fromRecord(record: { code: string; message: string; details: ErrorDetails }): LabError {
    return isErrorCode(record.code)
      ? new LabError(record.code, record.details)
      : new LabError('app.unexpected', { reason: record.message });
  }
}

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorTexts, code);
}

/** The message of an error in the user's language, values filled in. */
export function errorMessage(error: { code: ErrorCode; details: ErrorDetails }, language: Language): string {
  return fill(errorTexts[error.code][language], inWords(error.details, language));
}

/** The reason alone, in the user's language. */
export function reasonMessage({ details }: { details: ErrorDetails }, language: Language): string {
  return String(inWords(details, language).reason ?? '');
}

/** Details with the words of `reasonTexts` for the values that have any: a reason, the issue inside it, what that issue expects. */
function inWords(details: ErrorDetails, language: Language): ErrorDetails {
  const worded = (values: ErrorDetails): ErrorDetails =>
    Object.fromEntries(
      Object.entries(details).map(([name, value]) => {
        const text =
          typeof value === 'string' ? reasonTexts[`${name === 'issue' ? 'reason' : name}.${value}`] : undefined;
        return [name, text ? fill(text[language], values) : value];
      }),
    );
  return worded(worded(worded(details)));
}

/** Anything thrown, as an error that can be shown. */
export function toLabError(error: unknown): LabError {
  return error instanceof LabError ? error : LabError.fromRecord(toErrorRecord(error));
}

/** Anything thrown, as a record that can be sent. */
export function toErrorRecord(error: unknown): ErrorRecord {
  if (error instanceof LabError) return error.toRecord();
  const file = failedFile(error);
  if (file !== null) return new LabError('app.file-failed', { path: file, reason: systemReason(error) }).toRecord();
  const reason = error instanceof Error ? error.message : String(error);
  return new LabError('app.unexpected', { reason }).toRecord();
}
