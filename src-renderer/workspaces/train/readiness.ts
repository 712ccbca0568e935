import type { DataSummary } from '../../../shared/api/data';
import type { ErrorCode, ErrorDetails } from '../../../shared/errors';
import { checkNetwork, type NetworkIssue } from '../../../shared/network/check';
import type { ProjectDocument } from '../../../shared/project/document';
import type { LossName } from '../../../shared/training/settings';

/** Why a race can't start, with the page where it is mended. */
export interface Obstacle {
  page: 'data' | 'design';
  code: ErrorCode;
  details: ErrorDetails;
  /** What the checker said of the network; its layers are named by their ids in `details`. */
  issue?: NetworkIssue;
}

/** The loss a run will use; null while `auto` has no target to follow. */
export function lossOf(document: ProjectDocument, data: DataSummary | null): LossName | null {
  return document.training.loss === 'auto' ? (data?.target?.suggestedLoss ?? null) : document.training.loss;
}

/** Everything that stands between the document and a race, in the order to fix it: data first, since the network depends on them. */
export function obstaclesOf(document: ProjectDocument, data: DataSummary): Obstacle[] {
  const inData = data.issues.map((issue): Obstacle => ({ page: 'data', ...issue }));
  const check = checkNetwork(document.network, {
    inputShape: data.inputShape,
    target: data.target,
    loss: lossOf(document, data),
  });
  const inNetwork = check.issues
    .filter((issue) => issue.severity === 'error')
    .map((issue): Obstacle => ({ page: 'design', code: issue.code, details: issue.details, issue }))
    // The data page says it already.
    .filter((issue) => !inData.some((other) => other.code === issue.code));
  return [...inData, ...inNetwork];
}
