import type { ErrorCode, ErrorDetails } from '../../../../shared/errors';

/** Why something of a notebook cannot become a network. Not an error of the program: its `except` never sees it. */
export class NetworkRefusal extends Error {
  constructor(
    readonly code: ErrorCode,
    readonly details: ErrorDetails = {},
  ) {
    super(code);
    this.name = 'NetworkRefusal';
  }
}
